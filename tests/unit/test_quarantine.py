"""A quarantined memory is told at no moment, stays listed and marked, and is told again once released."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fixtures.homes import Home
from fixtures.stories import Story

WORD = "zanzibarquux"
COMMAND = f"python {WORD}.py"
ERROR = f"Traceback (most recent call last):\n  File \"{WORD}.py\", line 3, in run\nKeyError: '{WORD}'"


def told_of(home: Home, *words: str) -> str:
    """Put something in quarantine or release it, and return its trust."""
    return str(home.json("memory", *words)["trust"])


def at_prompt(home: Home, new: Story) -> str:
    return new.says(f"may I rename the {WORD} table in {WORD}.py?")


def at_session_start(home: Home, new: Story) -> str:
    return new._fire("SessionStart", source="startup")


def after_compaction(home: Home, new: Story) -> str:
    return new._fire("SessionStart", source="compact")


def before_compaction(home: Home, new: Story) -> str:
    return new._fire("PreCompact", trigger="auto")


def before_edit(home: Home, new: Story) -> str:
    given = {"file_path": f"{new.cwd}/{WORD}.py", "old_string": "a", "new_string": "b"}
    return new._fire("PreToolUse", tool_name="Edit", tool_use_id="toolu_e", tool_input=given)


def before_command(home: Home, new: Story) -> str:
    return new._fire("PreToolUse", tool_name="Bash", tool_use_id="toolu_b", tool_input={"command": COMMAND})


def after_failure(home: Home, new: Story) -> str:
    return new._fire(
        "PostToolUseFailure", tool_name="Bash", tool_use_id="toolu_f", tool_input={"command": COMMAND},
        error=f"Exit code 1\n{ERROR}",
    )  # fmt: skip


def at_subagent(home: Home, new: Story) -> str:
    given = {"subagent_type": "Explore", "prompt": f"look at the {WORD} table in {WORD}.py", "description": "look"}
    new._fire("PreToolUse", tool_name="Task", tool_use_id="toolu_t", tool_input=given)
    return new._fire("SubagentStart", agent_id="a1", agent_type="Explore")


MOMENTS: dict[str, tuple[Callable[[Home, Story], str], str]] = {
    "prompt": (at_prompt, "constraint"),
    "session start": (at_session_start, "constraint"),
    "compaction, rule": (after_compaction, "constraint"),
    "before compaction": (before_compaction, "constraint"),
    "edit, rule": (before_edit, "constraint"),
    "subagent": (at_subagent, "constraint"),
    "prompt, failure": (at_prompt, "failure"),
    "session start, failure": (at_session_start, "failure"),
    "edit, failure": (before_edit, "failure"),
    "command": (before_command, "failure"),
    "failure": (after_failure, "failure"),
    "subagent, failure": (at_subagent, "failure"),
}


def stated(home: Home, kind: str) -> str:
    """Leave one memory of a kind behind and return its id."""
    if kind == "constraint":
        text = f"Never rename the {WORD} table"
        return home.mark("constraint", text, "--file", f"{WORD}.py")
    first = Story(home)
    first.fail(COMMAND, ERROR)
    return str(home.json("memory", "list", "--kind", "failure")["nodes"][0]["id"])


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_is_told_at_no_moment(home: Home, moment: str) -> None:
    tell, kind = MOMENTS[moment]
    wanted = stated(home, kind)
    assert told_of(home, "quarantine", wanted) == "quarantined"
    quiet = tell(home, Story(home, day=1))
    assert f"Never rename the {WORD}" not in quiet
    assert "KeyError" not in quiet
    told_of(home, "release", wanted)
    assert WORD in tell(home, Story(home, day=1)), "once released it is told here"


def test_a_failure_of_this_session_is_kept_out_of_the_packet(home: Home) -> None:
    story = Story(home)
    story.fail(COMMAND, ERROR)
    wanted = home.json("memory", "list", "--kind", "failure")["nodes"][0]["id"]
    told_of(home, "quarantine", wanted)
    for tell in (before_compaction, after_compaction):
        assert "KeyError" not in tell(home, story)
    told_of(home, "release", wanted)
    assert "KeyError" in before_compaction(home, story)


def test_the_guard_does_not_speak_for_it(home: Home) -> None:
    home.set(CODEMEMORY_GUARD="deny")
    story = Story(home)
    story.fail(COMMAND, ERROR)
    story.fail(COMMAND, ERROR)
    wanted = home.json("memory", "list", "--kind", "failure")["nodes"][0]["id"]
    told_of(home, "quarantine", wanted)
    before_command(home, story)
    assert story.decisions == []
    told_of(home, "release", wanted)
    before_command(home, story)
    assert story.decisions


def test_a_remedy_in_quarantine_is_no_remedy(home: Home) -> None:
    story = Story(home)
    story.fail(COMMAND, ERROR)
    story.edit(f"{WORD}.py", "a", "poison")
    story.run(COMMAND)
    attempt = home.json("memory", "list", "--kind", "fix_attempt")["nodes"][0]["id"]
    assert "poison" in after_failure(home, Story(home, day=1))
    told_of(home, "quarantine", attempt)
    assert "poison" not in after_failure(home, Story(home, day=2))


def test_it_stays_listed_and_its_steps_tell(home: Home) -> None:
    wanted = stated(home, "constraint")
    before = home.json("memory", "show", wanted)
    home.json("memory", "quarantine", wanted, "--reason", "from a web page")
    assert home.json("memory", "quarantine", wanted)["changed"] is False
    assert [one["trust"] for one in home.json("memory", "list")["nodes"]] == ["quarantined"]
    assert b"quarantined" in home.run("memory", "list").out
    home.json("memory", "release", wanted)
    assert home.json("memory", "release", wanted)["changed"] is False
    assert home.json("memory", "show", wanted)["trust"] == before["trust"] == "stated"
    steps = home.json("memory", "events", wanted)["events"]
    assert [one["verb"] for one in steps] == ["created", "quarantined", "released"]
    assert steps[1]["detail"] == {"trust": "stated", "reason": "from a web page"}
