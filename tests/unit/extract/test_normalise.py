"""What a normalised line forgets, and what it keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.command import COMMAND_CHARS_MAX, normalised_command
from codememory.extract.normalise import essence, short_path, strip_ansi

SAME = [
    ("object at 0x7f1a41", "object at 0x55ffee00"),
    ("took 3.2s in all", "took 14.71s in all"),
    ("main.c:12:5: bad", "main.c:9: bad"),
    ("app.rb:5:in `total'", "app.rb:77:in `total'"),
    ("open '/home/ann/x y/app.ini'", "open '/srv/app.ini'"),
    ("at line 4 of it", "at line 99 of it"),
    ("pid=4711 died", "pid=12 died"),
    ("‘a’ undeclared; did you mean ‘b’?", "'a' undeclared"),
    ("id 5f1c2b3a4d5e", "id 0a1b2c3d4e5f"),
    ("at 2024-01-02T10:11:12Z", "at 2025-03-04T01:02:03Z"),
    ("listening on :::39167", "listening on :::35885"),
    ("in Thread-1 (run)", "in Thread-12 (run)"),
    ("file /tmp/ccAbCdEf.o", "file /tmp/ccZy9Xw1.o"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_forgets(one: str, other: str) -> None:
    assert essence(one) == essence(other)


DIFFERENT = [
    ("assert 20.0 == 120.0", "assert 0.0 == 120.0"),
    ("returned 503", "returned 404"),
    ("react@17.0.2", "react@18.1.0"),
    ("error TS2322: x", "error TS2531: x"),
    ("cat: build/a.txt", "cat: dist/a.txt"),
    ("name 'a'", "name 'b'"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_keeps(one: str, other: str) -> None:
    assert essence(one) != essence(other)


@given(st.text(max_size=300))
def test_any_line_has_an_essence(line: str) -> None:
    assert "\n" not in essence(line)


@given(st.text(alphabet="ab \x1b[31m]0;\x07", max_size=60))
def test_no_escape_is_left(text: str) -> None:
    assert "\x1b" not in strip_ansi(text)


def test_ansi_of_gcc_and_cargo() -> None:
    assert strip_ansi("\x1b[01m\x1b[Kmain.c:\x1b[m\x1b[K In \x1b]8;;http://x\x07f\x1b]8;;\x07") == "main.c: In f"


PATHS = [
    ("/srv/depot/a/b.py", "a/b.py"),
    ("./a/b.py", "a/b.py"),
    ("/usr/lib/python3/json.py", "python3/json.py"),
    ("file:///srv/depot/a.js", "a.js"),
    ("a\\b.cs", "a/b.cs"),
]


@pytest.mark.parametrize(("path", "short"), PATHS)
def test_short_path(path: str, short: str) -> None:
    assert short_path(path, "/srv/depot") == short


COMMANDS = [
    ("pytest   -q", "pytest -q"),
    ("cd /srv/depot && pytest -q", "pytest -q"),
    ("cd /srv/depot && cd api && make", "make"),
    ("pytest -q 2>&1 | tail -20", "pytest -q"),
    ("pytest -q | head -5 | cat", "pytest -q"),
    ("CI=1 DEBUG=x pytest -q", "pytest -q"),
    ("python /srv/depot/run.py", "python run.py"),
    ("make \\\n  all", "make all"),
    ("a || b", "a || b"),
    ("cat x | grep y", "cat x | grep y"),
]


@pytest.mark.parametrize(("command", "stable"), COMMANDS)
def test_normalised_command(command: str, stable: str) -> None:
    assert normalised_command(command, "/srv/depot") == stable


@given(st.text(alphabet="abc =|&;>/.$\n", max_size=80))
def test_a_normalised_command_is_bounded(command: str) -> None:
    assert len(normalised_command(command)) <= COMMAND_CHARS_MAX
