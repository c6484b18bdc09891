"""What one process has read reaches the other whole, without what nobody would look at."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.homes import Home

from codememory import delta, packing, stretch
from codememory.delta import Delta
from codememory.intake import make_ready
from codememory.transcript import Line

PLAIN, TRACEBACK = "all is well", "Traceback (most recent call last)\nValueError: no"


def state(item: Any) -> object:
    """Return all that is handed on of a line."""
    return item if isinstance(item, dict) else packing._row(item, {})


def test_a_delta_comes_through_as_it_went_in(home: Home) -> None:
    made = home.conversation()
    made.say("user", "From now on always use ruff, never flake8.")
    made.boundary()
    made.summary("so far")
    path = str(made.write())
    sent = stretch.read(stretch.Stretch(path, made.session, "", 0, len(made.data)), True)
    got = packing.unpacked(packing.packed(sent))
    assert sent is not None and got is not None
    assert (got.start, got.size, got.lines) == (0, len(made.data), sent.lines)
    assert [state(item) for item in got.items] == [state(item) for item in sent.items]
    assert any(not isinstance(item, dict) and item.prepared.statements for item in got.items)


def test_nothing_comes_through_as_nothing() -> None:
    assert packing.unpacked(packing.packed(None)) is None


def lines(tool: str, output: str, is_error: bool) -> Delta:
    """Return a call of a tool and its result, ready."""
    blocks = (
        ("assistant", {"type": "tool_use", "id": "t1", "name": tool, "input": {"command": "make"}}),
        ("user", {"type": "tool_result", "tool_use_id": "t1", "content": output, "is_error": is_error}),
    )
    found = Delta(0)
    for number, (role, block) in enumerate(blocks):
        line: Line | None = delta.transcript.conversation_line(
            {"type": role, "uuid": str(number), "message": {"content": [block]}}, "s", "", number, 1
        )
        assert line is not None
        make_ready(line, False)
        found.items.append(line)
    return found


def results_after(found: Delta) -> list[Any]:
    """Return the results that the last line tells of, in the other process."""
    got = packing.unpacked(packing.packed(found))
    assert got is not None
    line = got.items[-1]
    assert isinstance(line, Line) and line.prepared is not None
    return line.prepared.results


@pytest.mark.parametrize(
    ("tool", "output", "is_error", "is_told"),
    [
        ("Bash", PLAIN, False, False),
        ("Bash", TRACEBACK, False, True),
        ("Bash", PLAIN, True, True),
        ("Bash", "Error: Exit code 2", False, True),
        ("Read", TRACEBACK, False, False),
        ("Read", "[Request interrupted by user]", False, True),
        ("Read", TRACEBACK, True, True),
    ],
)
def test_an_output_is_handed_on_where_something_may_be_found_in_it(
    tool: str, output: str, is_error: bool, is_told: bool
) -> None:
    assert results_after(lines(tool, output, is_error)) == [("t1", is_error, output if is_told else "")]


def test_an_output_whose_call_is_elsewhere_is_handed_on() -> None:
    found = lines("Read", TRACEBACK, False)
    del found.items[0]
    assert results_after(found) == [("t1", False, TRACEBACK)]
