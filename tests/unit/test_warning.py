"""What is said before a tool runs, and after a failing one, in another session than the one that saw it."""

from __future__ import annotations

import pytest
from fixtures.homes import Home
from fixtures.stories import Story

from codememory import remedy

COMMAND = "python check_total.py"
OUTPUT = (
    'Traceback (most recent call last):\n  File "total.py", line 3, in total\n    return rows["net"]\nKeyError: \'net\''
)
DAY = 86_400_000


def before(story: Story, command: str = COMMAND) -> str:
    """Return what is said before a command runs."""
    said: list[str] = []
    fire = story._fire

    def record(event: str, **fields: object) -> str:
        text = fire(event, **fields)
        if event == "PreToolUse":
            said.append(text)
        return text

    story._fire = record  # type: ignore[method-assign]
    story.run(command)
    story._fire = fire  # type: ignore[method-assign]
    return said[0]


def before_edit(story: Story, file: str = "total.py") -> str:
    """Return what is said before a file is edited."""
    return story.edit(file, "a", "b")


def broken(home: Home) -> Story:
    story = Story(home)
    story.fail(COMMAND, OUTPUT)
    return story


def test_a_command_left_failing_is_warned_of_in_the_next_session(home: Home) -> None:
    broken(home)
    said = before(Story(home, day=1))
    assert "check_total.py" in said
    assert "'net'" in said


def test_not_in_its_own_session(home: Home) -> None:
    assert before(broken(home)) == ""


def test_not_after_it_passed(home: Home) -> None:
    broken(home).run(COMMAND)
    assert before(Story(home, day=1)) == ""


@pytest.mark.parametrize("where", ["there", "here", "in a third session"])
def test_not_after_a_change_anywhere(home: Home, where: str) -> None:
    first = broken(home)
    story = Story(home, day=2)
    third = Story(home, day=1)
    {"there": first, "here": story, "in a third session": third}[where].edit("x.py", "a", "b")
    assert before(story) == ""


def test_a_failing_command_of_unknown_effect_is_no_change(home: Home) -> None:
    first = broken(home)
    first.fail("python publish.py", "ValueError: no")
    first.run("codememory mark task 'Load the rates'", "Remembered")
    assert before(Story(home, day=1))


def test_not_of_another_command(home: Home) -> None:
    broken(home)
    assert before(Story(home, day=1), "python other.py") == ""


def test_not_of_changed_content(home: Home) -> None:
    (home.project / "total.py").write_text("a = 1\n")
    broken(home)
    (home.project / "total.py").write_text("a = 2\n")
    assert before(Story(home, day=1)) == ""


def test_not_of_waiting_commands_or_fleeting_failures(home: Home) -> None:
    story = Story(home)
    story.fail("docker compose up", "Error: no such service: web")
    story.fail("npm test", "Error: connect ECONNREFUSED 127.0.0.1:5432")
    later = Story(home, day=1)
    assert before(later, "docker compose up") == ""
    assert before(later, "npm test") == ""


def test_it_is_said_once_in_a_session(home: Home) -> None:
    broken(home)
    story = Story(home, day=1)
    assert before(story)
    assert before(story) == ""
    rows = story.connection.execute("SELECT count(*) FROM injection").get
    assert rows == 1, "the debounce is in the database"


def test_another_process_does_not_say_it_again(home: Home) -> None:
    broken(home)
    story = Story(home, day=1)
    assert before(story)
    again = Story(home, session=story.session, day=1)
    again.calls = 50
    assert before(again) == ""


def test_the_remedy_comes_with_the_failure(home: Home) -> None:
    first = broken(home)
    first.edit("total.py", 'rows["net"]', 'rows["net_amount"]')
    first.run(COMMAND)
    later = Story(home, day=3)
    said = later.fail(COMMAND, OUTPUT)
    assert 'rows["net_amount"]' in said.replace("\\", "")
    assert "Fixed 2d ago, confirmed by the same check passing; it is back now" in said
    assert later.fail(COMMAND, OUTPUT).count("confirmed") == 0, "once in a session"


def test_what_was_tried_in_vain_is_said(home: Home) -> None:
    first = broken(home)
    first.edit("total.py", 'rows["net"]', 'rows["nett"]')
    first.fail(COMMAND, OUTPUT)
    said = Story(home, day=1).fail(COMMAND, OUTPUT)
    assert "Tried in vain" in said
    assert "nett" in said


def test_a_failure_of_this_session_is_not_told_back(home: Home) -> None:
    story = broken(home)
    assert story.fail(COMMAND, OUTPUT) == ""


def test_an_edit_is_warned_of_unresolved_failures_of_its_file(home: Home) -> None:
    broken(home)
    later = Story(home, day=1)
    assert "KeyError" in before_edit(later)
    assert before_edit(later) == "", "once"
    assert before_edit(later, "other.py") == ""


def test_an_edit_is_not_warned_of_what_is_resolved(home: Home) -> None:
    first = broken(home)
    first.edit("total.py", 'rows["net"]', 'rows["net_amount"]')
    first.run(COMMAND)
    assert before_edit(Story(home, day=1)) == ""


def test_a_failure_whose_file_moved_on_goes_stale(home: Home) -> None:
    (home.project / "total.py").write_text("a = 1\n")
    first = broken(home)
    (home.project / "total.py").write_text("a = 2\n")
    assert before_edit(Story(home, day=1)) == ""
    status, verb = first.connection.execute(
        "SELECT n.status, e.verb FROM node n JOIN node_event e USING (node_id) WHERE n.kind = 'failure'"
        " ORDER BY event_id DESC LIMIT 1"
    ).get  # fmt: skip
    assert (status, verb) == ("stale", "staled")


def test_touching_a_file_without_changing_it_is_no_change(home: Home) -> None:
    (home.project / "total.py").write_text("a = 1\n")
    broken(home)
    (home.project / "total.py").write_text("a = 1\n")
    assert "KeyError" in before_edit(Story(home, day=1))


def test_an_old_failure_without_a_remedy_is_silent(home: Home) -> None:
    broken(home)
    later = Story(home)
    later.day = 27
    assert before_edit(later) != ""
    old = Story(home)
    old.connection.execute("UPDATE occurrence SET at = at - ?", (31 * DAY,))
    assert before_edit(old) == ""


def test_a_quarantined_failure_is_never_said(home: Home) -> None:
    story = broken(home)
    story.connection.execute("UPDATE node SET trust = 'quarantined' WHERE kind = 'failure'")
    later = Story(home, day=1)
    assert before(later) == ""
    assert later.fail(COMMAND, OUTPUT) == ""
    assert before_edit(later) == ""


def test_other_projects_are_not_told(home: Home) -> None:
    broken(home)
    elsewhere = Story(home, day=1, cwd="/srv/elsewhere")
    assert before(elsewhere) == ""
    assert elsewhere.fail(COMMAND, OUTPUT) == ""


def test_a_remedy_nobody_checked_is_not_called_confirmed(home: Home) -> None:
    first = broken(home)
    first.edit("total.py", 'rows["net"]', 'rows["net_amount"]')
    node_id = first.connection.execute("SELECT node_id FROM failure").get
    from codememory.store import memories

    known = remedy.of_failure(first.connection, memories.load(first.connection, node_id))
    assert known.state == remedy.UNCONFIRMED
    assert "not confirmed" in before_edit(Story(home, day=1))
    assert "No fix known" in Story(home, day=2).fail(COMMAND, OUTPUT), "it did not help"


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("return round_half_even(x)", True),
        ("from money import round_half_even", True),
        ("return total", False),
        ("the round, half even, way", False),
    ],
    ids=["called", "imported", "plain word", "its words apart"],
)
def test_an_edit_brings_what_binds_a_symbol_it_names(home: Home, new: str, told: bool) -> None:
    home.mark("constraint", "Amounts only go through `round_half_even()`")
    given = {"file_path": str(home.project / "elsewhere.py"), "old_string": "x", "new_string": new}
    said = home.told("PreToolUse", "s1", tool_name="Edit", tool_use_id="toolu_1", tool_input=given)
    assert ("Amounts only go" in said) is told
