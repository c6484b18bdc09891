"""A regular expression's sure text spares reading what cannot match, and never hides what does."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.explore.literal import sure_literal

CASES = {
    "a set at the end": ("make_invoice[rx]", "make_invoice"),
    "one or more": ("abc+d", "abc"),
    "none or more": ("abc*d", "ab"),
    "perhaps": ("ab?c", "a"),
    "a number of times": ("x{2}yy", "yy"),
    "an escaped point": (r"ab\.c", "ab.c"),
    "the longest": ("a.b.ccc", "ccc"),
    "anchors": ("^foo$", "foo"),
    "a set with a bracket in it": ("[^]a]bcd", "bcd"),
    "behind a class nothing is sure": (r"foo\d+bars", "foo"),
    "either or": ("foo|bar", ""),
    "a group": ("(foo)", ""),
    "without case": ("(?i)foo", ""),
    "written otherwise in JSON": ('a b"c', "a b"),
}

PIECES = ["a", "b", "1", ".", "*", "+", "?", "{1}", "{,2}", "[ab]", "[^a]", "[", "]", "{", "}", r"\d", r"\.", "^", "$"]


@pytest.mark.parametrize(("expression", "literal"), CASES.values(), ids=CASES.keys())
def test_sure_literal(expression: str, literal: str) -> None:
    assert sure_literal(expression) == literal


@given(st.lists(st.sampled_from(PIECES), max_size=7).map("".join), st.text(alphabet="ab1. -$^{}[]", max_size=12))
def test_what_matches_holds_it(expression: str, text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pattern = re.compile(expression)
        except re.error:
            return
    found = pattern.search(text)
    if found:
        assert sure_literal(expression) in found.group()
