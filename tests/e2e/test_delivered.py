"""What one session learned is found in the requests that the model is sent in the next one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import codememory

from .client import REPOSITORY, Client
from .conftest import MakeClient
from .scripted_api import Block, text, told, tool

CONSTRAINT = "Never edit ledger.py without running the reconciliation check"
DECISION = "Amounts are stored as integer cents"
REASON = "floats drifted by a cent per thousand rows"
BROKEN = "python3 reconcile.py --strict"
ERROR = "KeyError: 'opening_balance'"
PROGRAM = "rows = {'closing_balance': 4200}\nprint(rows['opening_balance'])\n"
AGENT = "ZEBRA: run python3 reconcile.py --strict and explain what ledger.py does wrong"


def bash(command: str) -> Block:
    """Return a call of the Bash tool."""
    return tool("Bash", command=command, description="run a command")


def delivered(client: Client, event: str, session: str, requests: list[dict[str, Any]]) -> str:
    """Return what an event told the model of a session: texts the client recorded, each found in a request."""
    sent = [told(request) for request in requests]
    texts: list[str] = []
    for line in client.lines():
        attachment = line.get("attachment") or {}
        recorded = attachment.get("type") == "hook_additional_context" and attachment.get("hookEvent") == event
        if recorded and line.get("sessionId") == session:
            texts.extend(attachment["content"])
    for words in texts:
        assert any(words in request for request in sent), f"{event} was recorded but never sent: {words}"
    return "\n".join(texts)


def first_session(client: Client) -> None:
    """Let the model mark a constraint and a decision through the skills' commands, and fail at a command."""
    (client.project / "reconcile.py").write_text(PROGRAM)
    (client.project / "ledger.py").write_text("balance = 1\n")
    requests = client.session(
        "Please set up the ledger.",
        [
            [tool("Skill", skill="codememory-mark-constraint")],
            [bash(f"codememory mark constraint '{CONSTRAINT}' --why 'the books must agree' --file ledger.py")],
            [bash(f"codememory mark decision --stdin <<'JSON'\n{decision_payload()}\nJSON")],
            [bash(BROKEN)],
            [text("The reconciliation fails, to be continued.")],
        ],
    )
    last = told(requests[-1])
    assert "codememory mark constraint" in told(requests[1]), "the skill's text reached the model"
    assert "command not found" not in last
    assert ERROR in last


def decision_payload() -> str:
    """Return the JSON that a skill pipes for a long text."""
    return json.dumps({"decision": DECISION, "rationale": REASON, "alternatives_rejected": ["floats"]})


@pytest.fixture(params=["home", "hö me with spaces"], ids=["plain home", "home with spaces and non-ASCII"])
def client(request: pytest.FixtureRequest, make_client: MakeClient) -> Client:
    """Return a client whose first session is over."""
    made = make_client(request.param)
    first_session(made)
    return made


SECOND = "5ec04d00-0000-4000-8000-000000000002"


def test_the_next_session_is_told(client: Client) -> None:
    requests = client.session(
        "Continue with integer cents in the ledger, please.",
        [
            [bash(BROKEN)],
            [tool("Read", file_path=str(client.project / "ledger.py"))],
            [
                tool(
                    "Edit",
                    file_path=str(client.project / "ledger.py"),
                    old_string="balance = 1",
                    new_string="balance = 2",
                )
            ],
            [tool("Agent", description="look into it", prompt=AGENT, subagent_type="general-purpose")],
            [text("All done.")],
        ],
        "--session-id",
        SECOND,
        agents={"ZEBRA": [[text("It lacks the opening balance.")]]},
    )
    agent = [request for request in requests if request["_agent"] == "ZEBRA"]
    brief = delivered(client, "SessionStart", SECOND, requests[:1])
    assert CONSTRAINT in brief
    assert DECISION in brief
    assert "opening_balance" in brief, "the unresolved failure"
    task = delivered(client, "SubagentStart", SECOND, agent[:1])
    assert CONSTRAINT in task or "opening_balance" in task


EVENTS: dict[str, tuple[str, list[Block], str]] = {
    "UserPromptSubmit": ("Why are amounts stored as integer cents and not as floats?", [], REASON),
    "PreToolUse by command": ("Go on.", [bash(BROKEN)], "opening_balance"),
    "PreToolUse by file": ("Go on.", [], CONSTRAINT),
    "PostToolUseFailure": ("Go on.", [bash("python3 ./reconcile.py")], "opening_balance"),
}


@pytest.mark.parametrize("case", EVENTS, ids=str)
def test_each_event_delivers_by_itself(make_client: MakeClient, case: str) -> None:
    """Without the brief of SessionStart nothing was said yet, so each event must bring the memory on its own."""
    client = make_client()
    first_session(client)
    prompt, calls, words = EVENTS[case]
    if case == "PreToolUse by file":
        path = str(client.project / "ledger.py")
        calls = [tool("Read", file_path=path), tool("Edit", file_path=path, old_string="= 1", new_string="= 2")]
    event = case.split()[0]
    plugin = only(client, event)
    turns = [[call] for call in calls]
    requests = client.session(prompt, [*turns, [text("Done.")]], "--session-id", SECOND, plugin=plugin)
    assert words in delivered(client, event, SECOND, requests)


def only(client: Client, event: str) -> Path:
    """Return a copy of the plugin whose only hook is one event, beside the scratch project."""
    root = client.home / "plugin with one hook"
    for folder in ("bin", ".claude-plugin", "plugin"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    hooks = json.loads((REPOSITORY / "hooks" / "hooks.json").read_text("utf-8"))
    hooks["hooks"] = {event: hooks["hooks"][event]}
    (root / "hooks").mkdir()
    (root / "hooks" / "hooks.json").write_text(json.dumps(hooks))
    return root


def test_no_hook_was_refused_and_every_one_exited_0(client: Client) -> None:
    client.session(
        "Again.",
        [
            [bash(BROKEN)],
            [bash("exit 3")],
            [tool("Edit", file_path=str(client.project / "missing.py"), old_string="a", new_string="b")],
            [tool("Write", file_path=str(client.project / "new.py"), content="x = 1\n")],
            [tool("Agent", description="look", prompt=AGENT, subagent_type="general-purpose")],
            [text("Done.")],
        ],
        agents={"ZEBRA": [[bash("ls")], [bash("false")], [text("Seen.")]]},
    )
    records = client.hook_records()
    assert {record["exitCode"] for record in records if "exitCode" in record} == {0}
    assert {record["type"] for record in records} <= {"hook_success", "hook_additional_context"}
    assert re.search(r"SessionEnd:\w+ \[.*hook SessionEnd\] completed with status 0", client.debug_text())


def test_a_compaction_keeps_what_matters(client: Client) -> None:
    words = ("--session-id", SECOND)
    client.session("One.", [[bash("echo one")], [text("One.")]], *words)
    for prompt in ("Two.", "Three.", "Four."):
        client.session(prompt, [[bash(f"echo {prompt}")], [text(prompt)]], "--resume", SECOND)
    client.session("/compact", [[text("<summary>They counted to four.</summary>")]], "--resume", SECOND)
    asked = "\n".join(map(told, client.api.requests))
    assert CONSTRAINT in asked, "PreCompact tells the client's own summary what to keep"
    client.session("Five.", [[text("Five.")]], "--resume", SECOND)
    assert CONSTRAINT in told(client.api.requests[-1]), "the packet follows the compaction"


def test_the_status_command_shows_the_store(client: Client) -> None:
    requests = client.session("/codememory:codememory-status", [[text("Fine.")]])
    assert codememory.__version__ in told(requests[0])


def test_a_switched_off_plugin_says_nothing(client: Client) -> None:
    client.environment["CODEMEMORY_ENABLED"] = "false"
    requests = client.session("Go on.", [[bash(BROKEN)], [text("Done.")]])
    assert not any(CONSTRAINT in told(request) for request in requests)
