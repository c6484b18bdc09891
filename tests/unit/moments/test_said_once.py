"""No memory is said twice in a session between two compactions, whatever happens in whatever order."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import Home
from hypothesis import given, settings
from hypothesis import strategies as st

SHOWN_ID = re.compile(r"\[(mem_[0-9a-f]+)")
REMEDY = re.compile(r"(?:Fixed|Perhaps fixed|Tried in vain|No fix)(.*)\[mem_")
COMMANDS = ("python -m pytest tests/test_total.py", "make lint")
ERRORS = ("Exit code 1\nKeyError: 'net'", "Exit code 2\nmake: *** [lint] Error 2")
PROMPTS = (
    "rename the public signature of total() please", "should amounts be integers or floats in cents?", "continue",
    "still failing", "KeyError: 'net' again, error in total.py", "what holds for total.py?", "fix the tests",
)  # fmt: skip

EVENTS = st.one_of(
    st.tuples(st.just("UserPromptSubmit"), st.sampled_from(PROMPTS)),
    st.tuples(st.just("SessionStart"), st.sampled_from(["startup", "resume", "clear", "compact"])),
    st.tuples(st.just("PreToolUse"), st.sampled_from(["total.py", "rates.py"])),
    st.tuples(st.just("PostToolUse"), st.sampled_from(["total.py", "rates.py"])),
    st.tuples(st.just("PostToolUseFailure"), st.sampled_from(["0", "1"])),
    st.tuples(st.just("Bash"), st.sampled_from(["0", "1"])),
    st.tuples(st.just("mark"), st.sampled_from(["Amounts of refunds are integers", "total() is public for ever"])),
    st.tuples(st.just("Stop"), st.just("")),
)


def fire(home: Home, kind: str, what: str, number: int) -> str:
    """Let one thing happen and return what is told."""
    fields: dict[str, Any] = {"tool_use_id": f"toolu_{number}"}
    if kind == "mark":
        home.mark("decision", what, "--file", "total.py")
        return ""
    if kind == "UserPromptSubmit":
        fields["prompt"] = what
    elif kind == "SessionStart":
        fields["source"] = what
    elif kind == "PostToolUseFailure":
        fields |= {"tool_name": "Bash", "tool_input": {"command": COMMANDS[int(what)]}, "error": ERRORS[int(what)]}
    elif kind == "Bash":
        kind = "PostToolUse"
        fields |= {
            "tool_name": "Bash",
            "tool_input": {"command": COMMANDS[int(what)]},
            "tool_response": {"stdout": "ok"},
        }
    elif kind != "Stop":
        given = {"file_path": str(home.project / what), "old_string": "a", "new_string": f"b{number}"}
        fields |= {"tool_name": "Edit", "tool_input": given, "tool_response": {}}
    return home.told(kind, "the-session", **fields)


def memories_in(told: str) -> list[tuple[str, str]]:
    """Return what was told as (id, remedy): a remedy found meanwhile is news of a failure that was told before."""
    lines = [line for line in told.splitlines() if SHOWN_ID.search(line)]
    return [
        (SHOWN_ID.findall(line)[0], "".join(re.sub(r"\S+ ago", "", known) for known in REMEDY.findall(line)))
        for line in lines
    ]


@settings(max_examples=25)
@given(events=st.lists(EVENTS, min_size=3, max_size=14))
def test_nothing_is_said_twice(events: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        home = Home(Path(folder) / "home", patch)
        home.mark("constraint", "Never change the public signature of total()", "--file", "total.py")
        home.mark("decision", "Amounts are integers in cents", "--why", "floats drift", "--file", "rates.py")
        for number, error in enumerate(ERRORS):
            home.told("PostToolUseFailure", "earlier", tool_name="Bash", tool_use_id=f"old{number}", error=error,
                      tool_input={"command": COMMANDS[number]})  # fmt: skip
        said: list[tuple[str, str]] = []
        for number, (kind, what) in enumerate(events):
            if (kind, what) == ("SessionStart", "compact"):
                said.clear()
            told = memories_in(fire(home, kind, what, number))
            assert len(told) == len(set(told))
            assert not set(told) & set(said), (kind, what)
            said += told
        rows = home.connect().execute("SELECT count(*), count(DISTINCT session_id || thread || epoch || ' ' || node_id)"
                                      " FROM injection").fetchall()  # fmt: skip
        assert rows[0][0] == rows[0][1]
        assert home.problems() == []
