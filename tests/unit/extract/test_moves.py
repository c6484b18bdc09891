"""Which files a shell command gives another name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.moves import moves_in

ROOT = "/srv/shop"

CASES = {
    "git mv": ("git mv src/a.py lib/b.py", [("src/a.py", "lib/b.py")]),
    "plain mv with flags": ("mv -f -v a.py b.py", [("a.py", "b.py")]),
    "after cd": ("cd src && mv a.py b.py", [("src/a.py", "src/b.py")]),
    "absolute paths": ("mv /srv/shop/a.py /srv/shop/b.py", [("a.py", "b.py")]),
    "quoted names": ("git mv 'old name.md' \"new name.md\"", [("old name.md", "new name.md")]),
    "into a folder by its slash": ("mkdir -p lib && mv src/a.py lib/", [("src/a.py", "lib/a.py")]),
    "several into one": ("mv a.py b.py lib", [("a.py", "lib/a.py"), ("b.py", "lib/b.py")]),
    "a folder": ("git mv src/api lib/api", [("src/api", "lib/api")]),
    "then something else": ("git mv a b && git commit -m x", [("a", "b")]),
    "a pattern only the shell knows": ("mv src/*.py lib/", []),
    "a variable": ('mv "$OLD" new.py', []),
    "behind a semicolon": ("false; mv a b", []),
    "behind or": ("test -e a || mv a b", []),
    "out of the project": ("mv a.py /var/tmp/a.py", []),
    "into the project": ("mv /var/tmp/a.py a.py", []),
    "with a flag that changes its meaning": ("mv -t lib a.py", []),
    "only shown": ("echo mv a b", []),
    "onto itself": ("mv ./a a", []),
    "one operand": ("mv a", []),
}


@pytest.mark.parametrize(("command", "wanted"), CASES.values(), ids=CASES.keys())
def test_moves(command: str, wanted: list[tuple[str, str]]) -> None:
    assert moves_in(command, ROOT, ROOT) == wanted


@given(st.text(alphabet="mv git&;|'\"\\$/ab.-\n", max_size=60))
def test_no_command_is_too_odd(command: str) -> None:
    for old, new in moves_in(command, ROOT, ROOT):
        assert old != new
        assert not old.startswith("/")
        assert not new.startswith("/")
