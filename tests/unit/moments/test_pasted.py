"""Output pasted into a prompt is looked up by its signature; a prompt in the middle of a task by the last calls."""

from __future__ import annotations

import pytest
from fixtures.homes import Home
from fixtures.stories import Story

COMMAND = "python -m pytest tests/test_total.py"
OUTPUT = (
    'Traceback (most recent call last):\n  File "/srv/a/src/total.py", line 3, in total\n    return order["net"]\n'
    "KeyError: 'net'"
)


@pytest.fixture
def mended(home: Home) -> Home:
    """Return a home in which this failure was repaired in an earlier session."""
    story = Story(home, day=1)
    story.fail(COMMAND, OUTPUT)
    story.edit("src/total.py", 'order["net"]', 'order.get("net", 0)')
    story.run(COMMAND)
    return home


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param(OUTPUT, id="bare"),
        pytest.param(f"I get this, what now?\n\n{OUTPUT}", id="after a question"),
        pytest.param(f"```\n{OUTPUT}\n```\nany idea?", id="in a fence"),
        pytest.param(OUTPUT.replace("/srv/a", "/home/me/b").replace("line 3", "line 91"), id="from another place"),
    ],
)
def test_pasted_output_brings_the_failure_with_its_remedy_first(mended: Home, prompt: str) -> None:
    mended.mark("decision", "A KeyError in total.py is answered by total order net rules")
    lines = [line for line in mended.told("UserPromptSubmit", "s1", prompt=prompt).splitlines() if line[:2] == "- "]
    assert "KeyError: 'net'" in lines[0]
    assert 'order.get("net", 0)' in lines[0]


def test_other_output_brings_nothing(mended: Home) -> None:
    other = OUTPUT
    swapped = {"KeyError: 'net'": "ZeroDivisionError: by 0", "total": "chess", "order": "move", "net": "at"}
    for word, instead in swapped.items():
        other = other.replace(word, instead)
    assert mended.told("UserPromptSubmit", "s1", prompt=other) == ""


@pytest.mark.parametrize("prompt", ["still failing", "try again", "it's still not fixed", "还是报错"])
def test_still_failing_is_about_the_command_that_failed_last(mended: Home, prompt: str) -> None:
    story = Story(mended, day=2)
    assert story.says(prompt) == "", "nothing failed here yet"
    assert "KeyError" in story.fail(COMMAND, OUTPUT)
    assert story.says(prompt) == "", "it was said when it failed"
    mended.connect().execute("DELETE FROM injection")
    assert 'order.get("net", 0)' in story.says(prompt)
    assert story.says(prompt) == ""


@pytest.mark.parametrize("prompt", ["go on with that file", "continue", "继续"])
def test_going_on_is_about_the_files_edited_last(home: Home, prompt: str) -> None:
    home.mark("constraint", "Amounts stay integers", "--file", "src/total.py")
    story = Story(home, day=2)
    assert story.says(prompt) == ""
    story.edit("src/other.py", "a", "b")
    assert story.says(prompt) == ""
    assert "integers" in story.edit("src/total.py", "a", "b")
    assert story.says(prompt) == ""
    home.connect().execute("DELETE FROM injection")
    assert "integers" in story.says(prompt)


def test_a_prompt_with_words_of_its_own_does_not_look_back(home: Home) -> None:
    home.mark("constraint", "Amounts stay integers", "--file", "src/total.py")
    story = Story(home, day=2)
    story.edit("src/total.py", "a", "b")
    home.connect().execute("DELETE FROM injection")
    assert story.says("draw a zebra, then a giraffe, and continue with penguins and walruses") == ""
