"""The stable form of a command, by which "the same command" is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.command import COMMAND_CHARS_MAX, normalised_command

SAME = [
    ("pytest -q", "pytest   -q"),
    ("pytest -q", "cd /srv/app && pytest -q"),
    ("pytest -q", "pytest -q 2>&1"),
    ("pytest -q", "pytest -q 2>&1 | tail -30"),
    ("pytest -q", "pytest -q | head -5 | cat"),
    ("pytest -q", "DEBUG=1 pytest -q"),
    ("pytest tests/test_a.py", "pytest ./tests/test_a.py"),
    ("pytest tests/test_a.py", "cd /srv/app && pytest /srv/app/tests/test_a.py"),
    ("npm run build", "npm run build;"),
    ("npm run build", "npm run \\\n build"),
]
DIFFERENT = [
    ("pytest -q", "pytest"),
    ("pytest tests/test_a.py", "pytest tests/test_b.py"),
    ("npm test", "npm run build"),
    ("pytest | grep x", "pytest"),
    ("echo 'a | tail'", "echo 'a"),
    ("./run.sh", "run.sh"),
    ("pytest || true", "pytest"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same(one: str, other: str) -> None:
    assert normalised_command(one) == normalised_command(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str) -> None:
    assert normalised_command(one) != normalised_command(other)


@given(st.text(max_size=700))
def test_normalising_is_bounded_and_settles(command: str) -> None:
    once = normalised_command(command)
    assert len(once) <= COMMAND_CHARS_MAX
    assert "\n" not in once


@pytest.mark.parametrize("command", [one for pair in SAME for one in pair])
def test_normalising_twice_is_once(command: str) -> None:
    assert normalised_command(normalised_command(command)) == normalised_command(command)
