"""A call is settled once, by a hook or by the transcript; what it held is a failure with its tags."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.stories import Story

from codememory.store import memories

COMMAND = "python check_total.py"
OUTPUT = "Traceback (most recent call last):\n  File \"src/total.py\", line 3, in total\nKeyError: 'net'"


def count(story: Story, table: str) -> int:
    return int(story.connection.execute(f"SELECT count(*) FROM {table}").get)


@pytest.mark.parametrize("by", ["hooks", "transcript", "both", "late"])
def test_told_twice_is_one_occurrence(home: Home, by: str) -> None:
    story = Story(home, by=by)
    story.fail(COMMAND, OUTPUT)
    story.catch_up()
    story.catch_up()
    assert (count(story, "failure"), count(story, "occurrence"), count(story, "tool_call")) == (1, 1, 1)
    assert story.connection.execute("SELECT occurrences FROM failure").get == 1


def test_a_hook_that_comes_late_still_learns_of_the_failure(home: Home) -> None:
    first = Story(home, by="late")
    first.fail(COMMAND, OUTPUT)
    first.edit("src/total.py", "bad", "good")
    first.run(COMMAND)
    assert "confirmed" in Story(home, by="late", day=1).fail(COMMAND, OUTPUT)


def test_what_only_a_hook_can_see_is_added_to_what_the_transcript_told(home: Home) -> None:
    (home.project / "src").mkdir()
    (home.project / "src" / "total.py").write_text("x = 1\n")
    contents = []
    for by in ("hooks", "late"):
        story = Story(home, by=by, day=1 if by == "late" else 0)
        story.fail(COMMAND, OUTPUT)
        contents.append(story.connection.execute("SELECT contents FROM failure").get)
        story.connection.execute("UPDATE failure SET contents = '{}'")
    assert contents[0] == contents[1] != "{}"


@pytest.mark.parametrize("kind", ["command", "file", "symbol", "signature"])
def test_a_failure_is_tagged(home: Home, kind: str) -> None:
    story = Story(home)
    story.fail(COMMAND, OUTPUT)
    node_id = story.connection.execute("SELECT node_id FROM failure").get
    tags = {name: value for name, value, _ in memories.tags_of(story.connection, node_id)}
    expected = {"command": COMMAND, "file": "src/total.py", "symbol": "total"}
    assert tags[kind] == expected.get(kind, tags[kind])


NO_FAILURES: dict[str, dict[str, Any]] = {
    "a rejection": {"output": "The user doesn't want to proceed with this tool use.", "failed": True},
    "a neighbour's failure": {"output": "<tool_use_error>Sibling tool call errored</tool_use_error>", "failed": True},
    "a permission": {
        "output": "Claude requested permissions to use Bash, but you haven't granted it yet.",
        "failed": True,
    },
    "no match": {"output": "", "returnCodeInterpretation": "No matches found"},
    "an interrupt": {"output": OUTPUT, "interrupted": True},
    "prose": {"output": "The error was that 0 failed and FAILED is a word."},
}


@pytest.mark.parametrize("by", ["hooks", "transcript"])
@pytest.mark.parametrize("case", NO_FAILURES.values(), ids=NO_FAILURES.keys())
def test_what_is_no_failure(home: Home, case: dict[str, Any], by: str) -> None:
    story = Story(home, by=by)
    story.call("Bash", {"command": "grep -rn x ."}, **case)
    assert count(story, "failure") == 0


def test_a_failure_hidden_behind_exit_code_0_is_found(home: Home) -> None:
    story = Story(home)
    story.run("pytest -q | tail -5", "FAILED tests/test_a.py::test_x - assert 1 == 2\n1 failed in 0.1s")
    assert count(story, "failure") == 1


def test_reading_a_report_of_failures_is_none(home: Home) -> None:
    story = Story(home)
    story.run("cat report.txt", "FAILED tests/test_a.py::test_x - assert 1 == 2\n1 failed in 0.1s")
    assert count(story, "failure") == 0


def test_without_a_transcript_everything_is_known_from_hooks(home: Home) -> None:
    story = Story(home, by="hooks")
    story.fail(COMMAND, OUTPUT)
    story.edit("src/total.py", "bad", "good")
    story.run(COMMAND)
    assert not story.transcript.path.exists()
    assert story.connection.execute("SELECT status FROM node WHERE kind = 'failure'").get == "resolved"
