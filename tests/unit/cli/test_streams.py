"""Standard streams as a shell may hand them over: closed, full, or with a reader that has seen enough."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.homes import START, Home

CALLS = {
    "help": ["--help"],
    "help of a command": ["grep", "--help"],
    "help of a branch": ["memory", "--help"],
    "version": ["--version"],
    "a result": ["status"],
    "a document": ["status", "--json"],
    "lines": ["export"],
    "a small result with its own code": ["doctor"],
}


def run(home: Home, words: list[str], redirection: str = "", stdout: int | None = None) -> tuple[int, str]:
    """Run a command through a shell and return its exit code and what it said on standard error, kept in a file."""
    said = home.root / "stderr"
    with said.open("wb") as file:
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" "$@" {redirection}', sys.executable, "-I", "-c", START, *words],
            stdin=subprocess.DEVNULL, stdout=stdout if stdout is not None else subprocess.DEVNULL, stderr=file,
            cwd=home.project, env=home.environment, timeout=60, check=False,
        )  # fmt: skip
    return done.returncode, said.read_text("utf-8")


@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS.keys())
def test_a_reader_that_has_seen_enough(home: Home, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run(home, words, stdout=writing) == (0, "")
    finally:
        os.close(writing)


def test_a_reader_that_left_hides_no_finding(home: Home) -> None:
    made = home.conversation()
    made.attachment("hook_non_blocking_error", hookEvent="Stop", exitCode=1, command="bin/codememory hook Stop")
    made.write()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run(home, ["doctor", "--quiet"], stdout=writing) == (1, "")
    finally:
        os.close(writing)


@pytest.mark.parametrize("redirection", [">&-", "<&-", "<&- >&-"])
@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS.keys())
def test_closed_streams(home: Home, words: list[str], redirection: str) -> None:
    assert run(home, words, redirection) == (0, "")


def test_no_file_takes_the_place_of_a_closed_stream(home: Home) -> None:
    home.mark("decision", "Round once")
    made = home.project / "all.jsonl"
    code, said = run(home, ["export", "--quiet", "--output", str(made)], "<&- >&- 2>&-")
    assert (code, said) == (0, "")
    assert b"written to" not in made.read_bytes()
    assert home.json("import", str(made))["skipped"] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
@pytest.mark.parametrize("words", CALLS.values(), ids=CALLS.keys())
def test_a_full_disk_is_one_sentence(home: Home, words: list[str]) -> None:
    assert run(home, words, ">/dev/full") == (1, "codememory: The output could not be written: its disk is full.\n")


def test_json_is_readable_in_every_script(home: Home) -> None:
    made = home.run("mark", "decision", "Beträge in 分", "--json")
    assert made.code == 0
    assert "Beträge in 分".encode() in home.run("memory", "list", "--json").out
