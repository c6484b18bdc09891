"""What is known against a failure, in one line."""

from __future__ import annotations

import pytest
from fixtures.homes import Home
from fixtures.stories import Story
from hypothesis import given
from hypothesis import strategies as st

from codememory import remedy
from codememory.store import memories

COMMAND = "python a.py"
OUTPUT = "Traceback (most recent call last):\n  File \"a.py\", line 1, in total\nKeyError: 'net'"


def known(story: Story) -> remedy.Remedy:
    node = memories.load(story.connection, story.connection.execute("SELECT node_id FROM failure").get)
    return remedy.of_failure(story.connection, node)


def repaired(home: Home, new: str = "good", day: int = 0) -> Story:
    story = Story(home, by="transcript", day=day)
    story.fail(COMMAND, OUTPUT)
    story.edit("a.py", "bad", new)
    story.run(COMMAND)
    return story


def test_nothing_is_known_at_first(home: Home) -> None:
    story = Story(home, by="transcript")
    story.fail(COMMAND, OUTPUT)
    found = known(story)
    assert (found.state, found.summary, found.id, found.tried) == (remedy.NONE, None, None, [])


def test_the_latest_confirmed_remedy_wins(home: Home) -> None:
    repaired(home, "good")
    assert known(repaired(home, "better", day=1)).summary == "edit a.py: - bad / + better"


def test_a_remedy_that_did_not_last_is_told_as_such(home: Home) -> None:
    repaired(home)
    later = Story(home, by="transcript", day=1)
    later.fail(COMMAND, OUTPUT)
    found = known(later)
    assert (found.state, found.reopened) == (remedy.CONFIRMED, True)


@pytest.mark.parametrize("change", ["status = 'stale'", "trust = 'quarantined'", "status = 'superseded'"])
def test_a_remedy_out_of_use_is_not_told(home: Home, change: str) -> None:
    story = repaired(home)
    story.connection.execute(f"UPDATE node SET {change} WHERE kind = 'fix_attempt'")
    assert known(story).state != remedy.CONFIRMED


def test_tried_in_vain_is_bounded(home: Home) -> None:
    story = Story(home, by="transcript")
    story.fail(COMMAND, OUTPUT)
    for number in range(8):
        story.edit("a.py", f"a{number}", f"b{number}")
        story.fail(COMMAND, OUTPUT)
    assert len(known(story).tried) == remedy.TRIED_MAX


def test_what_was_added_survives_the_cut() -> None:
    edit = "\n".join([*(f"- old line {number} " + "x" * 60 for number in range(30)), "+ the new line"])
    said = remedy.summary_of({"files": ["a.py"], "hunks": [{"file": "a.py", "edit": edit}], "commands": []})
    assert "+ the new line" in said
    assert said.endswith("…")


@given(
    st.lists(st.text(max_size=300), max_size=3),
    st.lists(st.text(max_size=900), max_size=3),
    st.lists(st.text(max_size=50), max_size=3),
)
def test_a_summary_is_one_line_of_bounded_size(files: list[str], edits: list[str], commands: list[str]) -> None:
    hunks = [{"file": "f.py", "edit": edit} for edit in edits]
    said = remedy.summary_of({"files": [], "hunks": hunks, "commands": []})
    assert len(said) <= remedy.HUNK_CHARS_MAX + 100
    assert len(said.splitlines()) <= 1


def test_the_same_remedy_found_again_is_no_news(home: Home) -> None:
    first = known(repaired(home))
    again = known(repaired(home, day=1))
    assert again.id != first.id
    assert again.said_under == first.said_under
    assert known(repaired(home, "better", day=2)).said_under != first.said_under
