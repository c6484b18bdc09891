"""Texts that leave the machine: paths of the project are relative, those outside are named no further."""

from __future__ import annotations

import pytest

from codememory.team.wording import PrivateError, Wording

WORDING = Wording(["/home/ann/shop", "/srv/shop"])
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
