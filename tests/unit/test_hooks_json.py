"""The hooks the plugin registers: every event of the contract, through the launcher, without a shell."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EVENTS: dict[str, list[dict[str, Any]]] = json.loads((REPOSITORY / "hooks" / "hooks.json").read_text("utf-8"))["hooks"]
EXPECTED = {
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "SubagentStart",
    "SubagentStop",
    "Stop",
    "PreCompact",
    "PostCompact",
    "SessionEnd",
}


def entries() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each event with each of its hooks."""
    for event, groups in EVENTS.items():
        for group in groups:
            for hook in group["hooks"]:
                yield event, hook


def test_every_event_is_there() -> None:
    assert set(EVENTS) == EXPECTED


@pytest.mark.parametrize(("event", "hook"), list(entries()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_hook_starts_the_launcher_with_its_event(event: str, hook: dict[str, Any]) -> None:
    launcher = hook["command"].replace("${CLAUDE_PLUGIN_ROOT}", str(REPOSITORY))
    assert os.access(launcher, os.X_OK)
    assert hook["type"] == "command"
    assert hook["args"][:2] == ["hook", event]
    assert 0 < hook["timeout"] <= (300 if hook.get("async") else 10)


def test_only_the_second_entry_of_stop_is_not_waited_for() -> None:
    assert [(event, hook["args"][2:]) for event, hook in entries() if hook.get("async")] == [("Stop", ["--background"])]
    assert [hook.get("async", False) for event, hook in entries() if event == "Stop"] == [False, True]


@pytest.mark.parametrize(
    ("event", "tool", "fires"),
    [
        *[
            ("PreToolUse", tool, True)
            for tool in ("Edit", "Write", "MultiEdit", "NotebookEdit", "Bash", "Agent", "Task")
        ],
        *[("PostToolUse", tool, True) for tool in ("Edit", "Write", "MultiEdit", "NotebookEdit", "Bash")],
        *[
            ("PreToolUse", f"mcp__{server}__codememory_compact", True)
            for server in ("plugin_codememory_codememory", "codememory")
        ],
        ("PreToolUse", "mcp__other__codememory_compact", False),
        *[("PreToolUse", tool, False) for tool in ("Read", "Grep", "Glob", "TaskCreate", "BashOutput", "Skill")],
        *[("PostToolUse", tool, False) for tool in ("Read", "Agent", "TaskOutput")],
        *[("PostToolUseFailure", tool, True) for tool in ("Bash", "Edit", "Read", "mcp__other__tool")],
    ],
)
def test_the_matchers_are_narrow(event: str, tool: str, fires: bool) -> None:
    matchers = [group.get("matcher", ".*") for group in EVENTS[event]]
    assert any(re.fullmatch(matcher, tool) for matcher in matchers) is fires
