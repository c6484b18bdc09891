"""Texts that leave the machine: paths of the project are relative, those outside are named no further."""

from __future__ import annotations

import pytest

from codememory.team import wording
from codememory.team.wording import PrivateError, Wording

WORDING = Wording(["/home/ann/shop", "/srv/shop"], "ann-laptop.example.com")
SECRET = "ghp_" + "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"

CASES = {
    "inside": ("see /home/ann/shop/src/total.py:3", "see src/total.py:3"),
    "the root itself": ("in /home/ann/shop", "in ."),
    "by another name": ("/srv/shop/a.py", "a.py"),
    "beside": ("/home/ann/shop2/x.py", "[elsewhere]/x.py"),
    "a library": ("File /usr/lib/python3.11/json/x.py, line 3", "File [elsewhere]/x.py, line 3"),
    "home": ("cat ~/notes/x.txt", "cat [elsewhere]/x.txt"),
    "a list": ("PATH=/opt/a/bin:/home/bob/bin", "PATH=[elsewhere]/bin:[elsewhere]/bin"),
    "quoted": ("from '/home/bob/y/z.js'", "from '[elsewhere]/z.js'"),
    "a URI": ("file:///home/bob/x.py", "[elsewhere]/x.py"),
    "Windows": ("C:\\Users\\ann\\x.py", "[elsewhere]/x.py"),
    "an address": ("https://example.com/a/b", "https://example.com/a/b"),
    "a home itself": ("HOME=/home/ann cd /Users/ann", "HOME=[elsewhere]/ cd [elsewhere]/"),
    "a home on Windows": ("in C:\\Users\\ann", "in [elsewhere]/"),
    "mail": ("ask ann.smith+x@mail.example.com first", "ask [address] first"),
    "who git takes somebody for": ("(got 'ann@ann-laptop.(none)')", "(got 'ann@[host].(none)')"),
    "a remote": ("git@github.com:team/shop.git", "git@github.com:team/shop.git"),
    "a version": ("npm i left-pad@1.2.3 @types/node", "npm i left-pad@1.2.3 @types/node"),
    "a product": ("y = x@w.reshape(2)", "y = x@w.reshape(2)"),
    "this machine": ("ssh ANN-LAPTOP.local, ann-laptops", "ssh [host], ann-laptops"),
    "relative": ("src/a/b.py and/or ./c/d", "src/a/b.py and/or ./c/d"),
}


@pytest.mark.parametrize("case", CASES)
def test_paths(case: str) -> None:
    given, expected = CASES[case]
    assert WORDING.text(given) == expected
    assert WORDING.text(expected) == expected


@pytest.mark.parametrize("given", ["a <private>b</private> c and more", "a [private] c"])
def test_what_stands_beside_something_private_stays(given: str) -> None:
    with pytest.raises(PrivateError):
        WORDING.text(given)


def test_secrets_are_taken_out_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEMEMORY_REDACT", "false")
    assert SECRET not in str(WORDING.value({"a": [SECRET], "password": SECRET, SECRET: "b"}))


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/x.py", "/home/bob/x.py"])
def test_a_file_elsewhere_is_none(path: str) -> None:
    assert WORDING.path(path) == ""


@pytest.mark.parametrize("piece", ["a@", "x.", "/a", "~", "a.b@c.", "\\\\x"])
def test_long_texts_cost_no_more_than_they_are_long(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the text, about ten times the time: a hundred times is a search that goes back and forth."""
    from time import process_time

    monkeypatch.setattr(wording.redact, "redacted", str)  # tested where it is

    def cost(count: int) -> float:
        began = process_time()
        for _ in range(3):
            WORDING.text(piece * count)
        return process_time() - began

    cost(1_000)
    assert cost(40_000) < 30 * max(cost(4_000), 1e-3)


def test_a_machine_of_a_short_name_takes_no_words() -> None:
    assert Wording([], "db").text("the db is down") == "the db is down"
    assert Wording([], "localhost").text("at localhost") == "at localhost"
