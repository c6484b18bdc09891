"""What a tool call is: its file, its command, its change, and how it ended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract import calls
from codememory.extract.calls import EDIT_CHARS_MAX, call_of, edit_text, outcome_of, relative, shortened, undoes

LINES = st.lists(st.sampled_from(["a", "b", "  c", "d = 1", "}", ""]), max_size=12)


@pytest.mark.parametrize(
    ("path", "root", "cwd", "expected"),
    [
        ("/p/src/a.py", "/p", "/p", "src/a.py"),
        ("src/a.py", "/p", "/p", "src/a.py"),
        ("./a.py", "/p", "/p/src", "src/a.py"),
        ("../a.py", "/p", "/p/src", "a.py"),
        ("/other/a.py", "/p", "/p", "/other/a.py"),
        ("/project/a.py", "/p", "/p", "/project/a.py"),
        ("/p", "/p", "/p", "/p"),
        ("a.py", "", "", "/a.py"),
    ],
)
def test_relative(path: str, root: str, cwd: str, expected: str) -> None:
    assert relative(path, root, cwd) == expected


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"old_string": "a\nb\nc", "new_string": "a\nx\nc"}, "- b\n+ x"),
        ({"old_string": "a\nb", "new_string": "a\nb\nc"}, "+ c"),
        ({"old_string": "a\nb", "new_string": "a"}, "- b"),
        ({"old_string": "one\ntwo\nthree", "new_string": "zero\none\ntwo\nfour"}, "- three\n+ zero\n+ four"),
        ({"old_string": "a\nb", "new_string": "b\na"}, "- a\n- b\n+ b\n+ a"),
        ({"old_string": "x\nx", "new_string": "x"}, "- x"),
        ({"content": "a\nb\n"}, "+ a\n+ b"),
        (
            {"edits": [{"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": "d"}, 7]},
            "- a\n+ b\n- c\n+ d",
        ),
        ({"new_source": "cell"}, "+ cell"),
        ({"old_string": 1, "new_string": None}, ""),
        ({}, ""),
    ],
)
def test_edit_text(given_: dict[str, object], expected: str) -> None:
    assert edit_text(given_) == expected


@given(LINES, LINES)
def test_an_edit_tells_what_only_one_side_has(old: list[str], new: list[str]) -> None:
    text = edit_text({"old_string": "\n".join(old), "new_string": "\n".join(new)})
    removed = [line[2:] for line in text.split("\n") if line.startswith("- ")]
    added = [line[2:] for line in text.split("\n") if line.startswith("+ ")]
    kept = "\n".join(old).splitlines()
    for line in removed:
        kept.remove(line)
    assert sorted(kept + added) == sorted("\n".join(new).splitlines())


@given(LINES, LINES)
def test_taking_back_is_recognised(old: list[str], new: list[str]) -> None:
    there = edit_text({"old_string": "\n".join(old), "new_string": "\n".join(new)})
    back = edit_text({"old_string": "\n".join(new), "new_string": "\n".join(old)})
    if "\n".join(old).split() and there and back and "+" in back:
        assert undoes(back, there)
    assert not undoes(there, "")


@given(st.text(max_size=5_000), st.text(max_size=5_000))
def test_an_edit_is_bounded(old: str, new: str) -> None:
    assert len(edit_text({"old_string": old, "new_string": new})) <= EDIT_CHARS_MAX


def test_what_was_added_is_kept_before_what_was_removed() -> None:
    text = edit_text({"old_string": "\n".join(f"old {n}" for n in range(900)), "new_string": "the new line"})
    assert text.endswith("+ the new line")
    assert len(shortened(text, 100)) <= 100
    assert shortened(text, 100).endswith("+ the new line")


def test_a_large_edit_takes_no_time() -> None:
    from time import process_time

    started = process_time()
    edit_text({"old_string": "x\n" * 500_000, "new_string": "y\n" * 500_000})
    assert process_time() - started < 3.0


@pytest.mark.parametrize(
    ("output", "is_error", "interrupted", "expected"),
    [
        ("fine", False, False, (calls.OK, 0)),
        ("Exit code 2\nboom", True, False, (calls.FAILED, 2)),
        ("Error: Exit code 1\nboom", True, False, (calls.FAILED, 1)),
        ("boom", True, False, (calls.FAILED, None)),
        ("partial", False, True, (calls.INTERRUPTED, None)),
        ("[Request interrupted by user for tool use]", True, False, (calls.INTERRUPTED, None)),
        ("The user doesn't want to proceed with this tool use.", True, False, (calls.REFUSED, None)),
        ("<tool_use_error>Sibling tool call errored</tool_use_error>", True, False, (calls.REFUSED, None)),
        ("<tool_use_error>String to replace not found in file.</tool_use_error>", True, False, (calls.FAILED, None)),
    ],
)
def test_outcome(output: str, is_error: bool, interrupted: bool, expected: tuple[str, int | None]) -> None:
    assert outcome_of(output, is_error, interrupted) == expected


def test_a_shell_call_has_a_command_and_its_key() -> None:
    call = call_of("t1", "Bash", {"command": "cd /p && pytest -q 2>&1 | tail -5"}, root="/p", cwd="/p", at=3)
    assert (call.command, call.command_key) == ("cd /p && pytest -q 2>&1 | tail -5", "pytest -q")
    assert (call.file, call.edit) == (None, None)


@given(
    st.dictionaries(
        st.sampled_from(["command", "file_path", "edits", "content", "old_string"]), st.text() | st.integers()
    )
)
def test_any_input_makes_a_call(given_: dict[str, object]) -> None:
    for tool in ("Bash", "Edit", "MultiEdit", "Read", "mcp__x__y"):
        assert call_of("t1", tool, given_, root="/p", cwd="/p").tool == tool
