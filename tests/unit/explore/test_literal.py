"""What a regular expression is sure to need spares reading what cannot match, and never hides what does."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory import wire
from codememory.explore.literal import as_written, index_expression

CASES = {
    "a set at the end": ("make_invoice[rx]", "make_invoicex", "make_invoce"),
    "none or more": ("abc*d", "abd", "acd"),
    "a number of times": ("(?:xyz){2}", "xyzxyz", "xy"),
    "an escaped point": (r"ab\.c", "ab.c", "abc"),
    "across a boundary": (r"foo\b bar", "foo bar", "foo  bar"),
    "either or": ("foo|bar", "bar", "baz"),
    "a group": ("(foo|bar)x+(baz)", "fooxbaz", "foo bay"),
    "without case": ("(?i)foo", "FOO", "fo"),
    "written otherwise in JSON": ('a b"c', 'a b"c', "ac"),
}

WORDS = {
    "a whole word": (r"\bparser\b", '("parser" *)'),
    "words side by side": (r"connection refused \d+", '("connection refused")'),
    "the beginning of a word": (r"err\w+ file", '("err" *) AND ("file" *)'),
    "either or": ("(KeyError|TypeError): ", '("keyerror key error" OR "typeerror type error")'),
    "what follows either": (
        "(?:error|warning) in [ab]c",
        '("error in ac" * OR "error in bc" * OR "warning in ac" * OR "warning in bc" *)',
    ),
    "without case": ("(?i)SKIP", '("skip" *)'),
    "too short": (r"ab\d", ""),
    "one too short of either": ("foo|ab", ""),
    "no word": (r"\d{4}", ""),
    "perhaps": ("(?:parser)?x*", ""),
    "not followed by": ("(?!parser)", ""),
}

PIECES = ["a", "b", "i", "K", "1", ".", "*", "+", "?", "{1}", "{,2}", "[ab]", "[^a]", "[", "]", "(", "(?i:", "(?=", "|",
          ")", r"\d", r"\.", "^", "$", r"\b", '"', "\n", "ſ"]  # fmt: skip


@pytest.mark.parametrize(("expression", "text", "other"), CASES.values(), ids=CASES.keys())
def test_what_cannot_match_is_told(expression: str, text: str, other: str) -> None:
    can_match = as_written(re.compile(expression))
    assert can_match(wire.encoded([text]).encode())
    assert not can_match(wire.encoded([other]).encode())


@given(
    st.lists(st.sampled_from(PIECES), max_size=9).map("".join),
    st.text(alphabet='abiIkKK1. -$^"\nſıİ', max_size=12),
    st.sampled_from(["", "(?i)", "(?x)", "(?m)"]),
)
def test_what_matches_can_match(expression: str, text: str, flags: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pattern = re.compile(flags + expression)
        except re.error:
            return
    if pattern.search(text):
        assert as_written(pattern)(wire.encoded([text]).encode())


@pytest.mark.parametrize(("expression", "wanted"), WORDS.values(), ids=WORDS.keys())
def test_the_words_an_expression_is_looked_up_by(expression: str, wanted: str) -> None:
    assert index_expression(re.compile(expression)) == wanted


def test_many_choices_tell_nothing() -> None:
    assert index_expression(re.compile("|".join(f"{one}word" for one in "abcdefghijklmnopqrstuvwxyz"))) == ""
