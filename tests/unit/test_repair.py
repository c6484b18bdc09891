"""What a check shows to be repaired, and by what: told by hooks, by the transcript, by both, the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home
from fixtures.stories import Story, summary_of
from hypothesis import given, settings
from hypothesis import strategies as st

from codememory import remedy
from codememory.extract.command import normalised_command
from codememory.store import memories

TEST = "python -m pytest tests/test_total.py"
SUITE = "python -m pytest"
WAYS = ("hooks", "transcript", "both", "late")


def red(*tests: str, file: str = "tests/test_total.py", error: str = "AssertionError: assert 3 == 4") -> str:
    """Return what pytest prints when tests fail."""
    blocks = "".join(
        f"____ {test} ____\n\n    def {test}():\n>       assert total([1]) == 4\nE       {error}\n\n{file}:7:"
        f" AssertionError\n"
        for test in tests
    )
    names = "".join(f"FAILED {file}::{test} - {error}\n" for test in tests)
    return f"=== FAILURES ===\n{blocks}=== short test summary info ===\n{names}=== {len(tests)} failed in 0.10s ==="


def failures_of(connection: apsw.Connection) -> list[memories.Node]:
    rows = connection.execute("SELECT node_id FROM node WHERE kind = 'failure' ORDER BY node_id").fetchall()
    return [memories.load(connection, node_id) for (node_id,) in rows]


def the_failure(connection: apsw.Connection) -> memories.Node:
    (node,) = failures_of(connection)
    return node


def verbs(connection: apsw.Connection, node: memories.Node) -> list[str]:
    return [verb for verb, _, _, _ in memories.events_of(connection, node.node_id)]


def outcomes(connection: apsw.Connection) -> list[str]:
    return [one for (one,) in connection.execute("SELECT outcome FROM attempt ORDER BY node_id")]


@pytest.fixture(params=WAYS)
def story(request: pytest.FixtureRequest, home: Home) -> Story:
    return Story(home, by=request.param)


def test_an_edit_after_which_the_check_passes_is_the_confirmed_remedy(story: Story) -> None:
    story.fail(TEST, red("test_total"))
    story.edit("total.py", "    return sum(rows) - 1\n", "    return sum(rows)\n")
    story.run(TEST, "1 passed")
    story.catch_up()
    node = the_failure(story.connection)
    known = remedy.of_failure(story.connection, node)
    assert node.status == "resolved"
    assert known.state == remedy.CONFIRMED
    assert known.details["files"] == ["total.py"]
    assert known.summary == "edit total.py: - return sum(rows) - 1 / + return sum(rows)"
    assert verbs(story.connection, node) == ["created", "resolved"]


def test_a_command_after_which_the_check_passes_is_the_remedy(story: Story) -> None:
    story.fail("python app.py",
    "Traceback (most recent call last):\n  File \"app.py\", line 1, in <module>\n    import rich\n"
               "ModuleNotFoundError: No module named 'rich'")  # fmt: skip
    story.run("pip install rich", "Successfully installed rich-14.0")
    story.run("python app.py", "hello")
    story.catch_up()
    known = remedy.of_failure(story.connection, the_failure(story.connection))
    assert (known.state, known.summary) == (remedy.CONFIRMED, "run pip install rich")


def test_running_again_without_a_change_is_no_fix(story: Story) -> None:
    story.fail(TEST, red("test_total"))
    story.run("cat total.py", "def total(rows): ...")
    story.run(TEST, "1 passed")
    story.catch_up()
    node = the_failure(story.connection)
    assert outcomes(story.connection) == []
    assert remedy.of_failure(story.connection, node).state == remedy.NONE
    assert verbs(story.connection, node) == ["created", "passed"]


def test_an_edit_after_which_it_fails_again_is_told_as_tried_in_vain(story: Story) -> None:
    story.fail(TEST, red("test_total"))
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    story.fail(TEST, red("test_total"))
    story.catch_up()
    node = the_failure(story.connection)
    known = remedy.of_failure(story.connection, node)
    assert (node.status, known.state, outcomes(story.connection)) == ("active", remedy.NONE, ["failed"])
    assert known.tried == ["edit total.py: - return sum(rows) / + return sum(rows) + 1"]


def test_one_of_two_tests_repaired_is_partial(story: Story) -> None:
    story.fail(TEST, red("test_total", "test_mean"))
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    story.fail(TEST, red("test_mean"))
    story.catch_up()
    states = {
        str(node.details["lines"]): remedy.of_failure(story.connection, node).state
        for node in failures_of(story.connection)
    }
    assert sorted(outcomes(story.connection)) == ["failed", "partial"]
    assert sorted(states.values()) == [remedy.NONE, remedy.UNCONFIRMED]


def test_a_run_that_breaks_earlier_says_nothing_of_the_test(story: Story) -> None:
    story.fail(TEST, red("test_total"))
    story.edit("total.py", "return sum(rows)", "return sum(rows")
    story.fail(TEST, "E     File \"total.py\", line 2\nE   SyntaxError: '(' was never closed\n1 error in 0.02s")
    story.catch_up()
    assert "partial" not in outcomes(story.connection)


def test_a_test_repaired_is_seen_in_a_larger_run(story: Story) -> None:
    story.fail(f"{TEST}::test_total", red("test_total"))
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    story.run(SUITE, "12 passed")
    story.catch_up()
    assert the_failure(story.connection).status == "resolved"


def test_a_suite_failure_is_resolved_by_its_single_test(story: Story) -> None:
    story.fail(SUITE, red("test_total"))
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    story.run(f"{TEST}::test_total -q", "1 passed")
    story.catch_up()
    assert the_failure(story.connection).status == "resolved"


def test_another_test_passing_resolves_nothing(story: Story) -> None:
    story.fail(SUITE, red("test_total"))
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    story.run("python -m pytest tests/test_other.py", "1 passed")
    story.run("git commit -m 'make test_total pass'", "[main 1a2b3c4]")
    story.run("python -m pytest || true", "whatever")
    story.catch_up()
    assert the_failure(story.connection).status == "active"


def test_a_recurrence_reopens_what_was_fixed(home: Home, story: Story) -> None:
    story.fail(TEST, red("test_total"))
    story.edit("total.py", "return sum(rows) - 1", "return sum(rows)")
    story.run(TEST, "1 passed")
    story.catch_up()
    later = Story(home, by="late" if story.by == "late" else "hooks", day=2)
    said = later.fail(TEST, red("test_total"))
    node = the_failure(later.connection)
    assert verbs(later.connection, node) == ["created", "resolved", "reopened"]
    assert node.status == "active"
    assert "back now" in said
    assert "confirmed" in said
    assert "return sum(rows) - 1" in said


def test_a_refused_edit_is_no_attempt_and_never_a_line(home: Home, story: Story) -> None:
    story.refused_edit("total.py")
    story.fail(TEST, red("test_total"))
    story.refused_edit("total.py")
    story.run(TEST, "1 passed")
    story.catch_up()
    assert outcomes(story.connection) == []
    later = Story(home, by="hooks", day=1)
    assert later.edit("total.py", "a", "b") == ""
    assert "String to replace" not in later._fire("SessionStart", source="startup")


def test_prose_repairs_no_program(story: Story) -> None:
    story.fail(TEST, red("test_total"))
    story.edit("README.md", "old", "new")
    story.run(TEST, "1 passed")
    story.catch_up()
    assert outcomes(story.connection) == []


def test_a_missing_folder_is_not_repaired_by_an_unrelated_edit(story: Story) -> None:
    story.fail("cp a.txt out/a.txt", "cp: cannot create regular file 'out/a.txt': No such file or directory")
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    story.run("mkdir -p out", "")
    story.run("cp a.txt out/a.txt", "")
    story.catch_up()
    known = remedy.of_failure(story.connection, the_failure(story.connection))
    assert known.summary == "run mkdir -p out"


def test_a_lint_is_repaired_by_an_edit_of_its_own_file(story: Story) -> None:
    story.fail("ruff check .", "src/a.py:3:1: F401 `os` imported but unused\nFound 1 error.")
    story.edit("src/b.py", "x = 1", "x = 2")
    story.edit("src/a.py", "import os\n", "")
    story.run("ruff check .", "All checks passed!")
    story.catch_up()
    known = remedy.of_failure(story.connection, the_failure(story.connection))
    assert known.details["files"] == ["src/a.py"]


def test_a_lint_is_not_credited_to_other_files(story: Story) -> None:
    story.fail("ruff check .", "src/a.py:3:1: F401 `os` imported but unused\nFound 1 error.")
    story.edit("src/b.py", "x = 1", "x = 2")
    story.run("ruff check .", "All checks passed!")
    story.catch_up()
    assert outcomes(story.connection) == []


def test_the_telling_edit_comes_first(story: Story) -> None:
    story.fail(TEST, red("test_total", error="KeyError: 'net_amount'"))
    story.edit("invoice.py", "row['net']", "row['net_amount']")
    story.edit("colours.py", "RED = 1", "RED = 2")
    story.run(TEST, "1 passed")
    story.catch_up()
    known = remedy.of_failure(story.connection, the_failure(story.connection))
    assert known.details["files"][0] == "invoice.py"


def test_a_file_written_anew_is_marked_and_shows_its_telling_lines(story: Story) -> None:
    story.fail(TEST, red("test_total", error="KeyError: 'net_amount'"))
    filler = "".join(f"line_{number} = {number}\n" for number in range(60))
    story.write("invoice.py", filler + "def net_amount(row):\n    return row['net_amount']\n" + filler)
    story.run(TEST, "1 passed")
    story.catch_up()
    known = remedy.of_failure(story.connection, the_failure(story.connection))
    assert (known.summary or "").startswith("rewrite invoice.py: + def net_amount(row):")


@pytest.mark.parametrize("by", ["hooks", "both", "late"])
def test_an_edit_taken_back_is_said_once(home: Home, by: str) -> None:
    story = Story(home, by=by)
    story.fail(TEST, red("test_total"))
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    assert story.fail(TEST, red("test_total")) == ""
    story.edit("total.py", "return sum(rows) + 1", "return sum(rows)")
    said = story.fail(TEST, red("test_total"))
    assert "still fails alike after 2 attempts" in said
    story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
    third = story.fail(TEST, red("test_total"))
    assert "after 3 attempts" in third
    story.edit("total.py", "return sum(rows) + 1", "return sum(rows)")
    assert story.fail(TEST, red("test_total")) == ""


def test_a_third_attempt_in_vain_is_said_once(home: Home) -> None:
    story = Story(home)
    said = [story.fail(TEST, red("test_total"))]
    for number in range(5):
        story.edit("total.py", f"return sum(rows) + {number}", f"return sum(rows) * {number}")
        said.append(story.fail(TEST, red("test_total")))
    assert [bool(one) for one in said] == [False, False, False, True, False, False]
    assert "after 3 attempts" in said[3]


STEPS = st.lists(
    st.sampled_from(
        ["fail one", "fail both", "fail install", "pass", "pass suite", "edit a", "edit b", "undo a", "install", "look",
         "refuse", "hidden", "readme", "write"]
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def tell(story: Story, steps: list[str]) -> None:
    """Tell a story made of named steps."""
    for step in steps:
        if step == "fail one":
            story.fail(TEST, red("test_total"))
        elif step == "fail both":
            story.fail(SUITE, red("test_total", "test_mean"))
        elif step == "fail install":
            story.fail("pip install rich", "ERROR: No matching distribution found for rich")
        elif step == "pass":
            story.run(TEST, "1 passed")
        elif step == "pass suite":
            story.run(SUITE + " -q", "12 passed")
        elif step == "edit a":
            story.edit("total.py", "return sum(rows)", "return sum(rows) + 1")
        elif step == "undo a":
            story.edit("total.py", "return sum(rows) + 1", "return sum(rows)")
        elif step == "edit b":
            story.edit("tests/test_total.py", "== 4", "== 3")
        elif step == "install":
            story.run("pip install rich", "Successfully installed rich")
        elif step == "look":
            story.run("git diff", "+return")
        elif step == "refuse":
            story.refused_edit("total.py")
        elif step == "hidden":
            story.run(f"{TEST} | tail -5", red("test_mean"))
        elif step == "readme":
            story.edit("README.md", "a", "b")
        elif step == "write":
            story.write("total.py", "def total(rows):\n    return 4\n")


class Scratch:
    """Homes in one test's folder, one for each telling."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch, self.count = folder, monkeypatch, 0

    def home(self) -> Home:
        self.count += 1
        return Home(self.folder / str(self.count), self.monkeypatch)


def told(scratch: Scratch, steps: list[str], by: str, *, twice: bool = False) -> dict[str, list[tuple[Any, ...]]]:
    home = scratch.home()
    story = Story(home, by=by, session="5f0c7a52-6b1d-4c1e-9a53-7f6f2f9d0001", cwd="/srv/project-of-the-law")
    tell(story, steps)
    story.catch_up()
    if twice:
        data = story.transcript.path.read_bytes()
        story.transcript.path.unlink()
        story.transcript.path.write_bytes(data)
        story.catch_up()
    return summary_of(story.connection)


@settings(max_examples=25)
@given(steps=STEPS)
def test_the_same_story_however_told_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str]
) -> None:
    scratch = Scratch(tmp_path / f"law-{len(list(tmp_path.iterdir()))}", monkeypatch)
    by_transcript = told(scratch, steps, "transcript")
    assert told(scratch, steps, "both") == by_transcript
    assert told(scratch, steps, "both", twice=True) == by_transcript
    assert told(scratch, steps, "late") == by_transcript
    if "refuse" not in steps:
        assert told(scratch, steps, "hooks") == by_transcript


@settings(max_examples=25)
@given(steps=STEPS)
def test_a_remedy_is_never_a_failing_command_nor_the_one_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[str]
) -> None:
    scratch = Scratch(tmp_path / f"remedy-{len(list(tmp_path.iterdir()))}", monkeypatch)
    story = Story(scratch.home(), by="transcript")
    tell(story, steps)
    connection = story.connection
    failed = {key for (key,) in connection.execute("SELECT command_key FROM tool_call WHERE outcome = 'failed'")}
    for node in failures_of(connection):
        known = remedy.of_failure(connection, node)
        for command in known.details.get("commands", []):
            key = normalised_command(command)
            assert key != normalised_command(str(node.details.get("command")))
            ended_well = connection.execute(
                "SELECT count(*) FROM tool_call WHERE command_key = ? AND outcome = 'ok'", (key,)
            ).get
            assert ended_well or key not in failed
