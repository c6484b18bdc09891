"""What prompts brought in several sessions without any use stands back; what was of use stands forward."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fixtures.homes import Home

from codememory.retrieve import search
from codememory.store import ledger

STATEMENT = "Discounts are rounded half even in the settlement"
RIVAL = "The settlement subtracts rounded discounts before tax"
PROMPT = "round the settlement discounts"


def tell(home: Home, session: str, prompt: str = PROMPT) -> str:
    """Put a prompt to a session."""
    return home.told("UserPromptSubmit", session, prompt=prompt)


def edit(home: Home, session: str) -> None:
    """Let a session change the file the statement is bound to."""
    given = {"file_path": str(home.project / "settle.py"), "old_string": "a", "new_string": "b"}
    home.told("PreToolUse", session, tool_name="Edit", tool_input=given, tool_use_id=f"edit-{session}")


def describe(home: Home, session: str) -> None:
    """Let a session's model look the statement up by its id."""
    shell = {"command": f"codememory describe mem_{uid_of(home)[:10]}"}
    home.told("PreToolUse", session, tool_name="Bash", tool_input=shell, tool_use_id=f"look-{session}")


def look_elsewhere(home: Home, session: str) -> None:
    """Let a session do something else."""
    shell = {"command": "make docs"}
    home.told("PreToolUse", session, tool_name="Bash", tool_input=shell, tool_use_id=f"other-{session}")


def node_of(home: Home) -> tuple[int, bytes]:
    """Return the statement's node."""
    found = home.connect().execute("SELECT node_id, uid FROM node WHERE content = ?", (STATEMENT,)).fetchall()
    return (int(found[0][0]), bytes(found[0][1]))


def uid_of(home: Home) -> str:
    """Return the statement's id in hexadecimal."""
    return node_of(home)[1].hex()


@pytest.fixture
def told(home: Home) -> Home:
    """Return a home whose statement was told to prompts of three sessions."""
    home.mark("decision", STATEMENT, "--file", "settle.py")
    for number in range(search.BACK_SESSIONS):
        assert STATEMENT in tell(home, f"s{number}")
    return home


@pytest.mark.parametrize(
    ("does", "used"),
    [
        pytest.param(edit, 1, id="its file was edited"),
        pytest.param(describe, 1, id="it was described"),
        pytest.param(look_elsewhere, 0, id="something else was done"),
    ],
)
def test_what_follows_tells_whether_it_was_of_use(told: Home, does: Callable[[Home, str], None], used: int) -> None:
    does(told, "s1")
    node_id, _ = node_of(told)
    use = ledger.use_of(told.connect(), [node_id], 0)[node_id]
    assert (use.sessions, use.used) == (search.BACK_SESSIONS, used)


def test_only_the_last_times_since_then_count(told: Home) -> None:
    node_id, _ = node_of(told)
    for number in range(2 * ledger.TOLD_LAST_MAX):
        tell(told, f"more-{number}")
    assert ledger.use_of(told.connect(), [node_id], 0)[node_id].sessions == ledger.TOLD_LAST_MAX
    assert ledger.use_of(told.connect(), [node_id], 1 << 60) == {}


def test_what_was_never_of_use_stands_behind_what_is_new(told: Home) -> None:
    told.mark("decision", RIVAL, "--file", "other.py")
    lines = tell(told, "next")
    assert lines.index(RIVAL) < lines.index(STATEMENT)


def test_what_was_of_use_stays_in_front(told: Home) -> None:
    edit(told, "s1")
    told.mark("decision", RIVAL, "--file", "other.py")
    lines = tell(told, "next")
    assert lines.index(STATEMENT) < lines.index(RIVAL)


def test_it_rests_where_it_barely_fits(told: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(search.RESTING_SESSIONS):
        assert STATEMENT in tell(told, f"more-{number}")
    monkeypatch.setattr(search, "RESTING_FIT_MIN", 1_000.0)
    assert tell(told, "another") == ""
    edit(told, f"more-{number}")
    assert STATEMENT in tell(told, "one more")


def test_a_brief_tells_constraints_all_the_same(home: Home) -> None:
    rule = "Never round discounts in the settlement"
    home.mark("constraint", rule)
    for number in range(2 * search.RESTING_SESSIONS):
        tell(home, f"s{number}")
    assert rule in home.told("SessionStart", "next", source="startup")
