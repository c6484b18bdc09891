"""Text is cut into words the same way when it is stored and when it is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.store import words

CASES = {
    "plain": ("the lock is held", "the lock is held"),
    "camel case": ("parseRow()", "parseRow() parse Row()"),
    "capitals": ("HTTPServer", "HTTPServer HTTP Server"),
    "digits": ("row2Total", "row2Total row2 Total"),
    "all capitals": ("TODO", "TODO"),
    "a capital first": ("Lock", "Lock"),
    "Chinese": ("四舍五入", "四舍 舍五 五入"),
    "one character": ("大", "大"),
    "mixed": ("用SQLite存", "用 SQLite SQ Lite 存"),
    "Japanese": ("キャッシュ", "キャ ャッ ッシ シュ"),
    "a listing": (
        "12\u2192importRows \u2500 eineGröße",
        "12\u2192importRows 12\u2192import Rows \u2500 eineGröße eine Größe",
    ),
    "capitals of other scripts": ("ÄnderungÜber", "ÄnderungÜber Änderung Über"),
    "a digit behind capitals": ("RFC2Text", "RFC2Text RFC2 Text"),
    "nothing": ("", ""),
}


@given(st.text(alphabet="aB1.\u2192\u2014éÉ", max_size=30))
def test_what_is_no_part_of_a_word_parts_as_a_full_stop_does(text: str) -> None:
    """What stands in listings is taken for one, which is looked for faster."""
    for mark in words.MARKS:
        assert words.indexable(text).replace(mark, ".") == words.indexable(text.replace(mark, ".")).replace(mark, ".")


@pytest.mark.parametrize(("text", "indexed"), CASES.values(), ids=CASES.keys())
def test_indexable(text: str, indexed: str) -> None:
    assert " ".join(words.indexable(text).split()) == indexed


@given(st.text())
def test_no_character_is_lost(text: str) -> None:
    assert set("".join(text.split())) <= set(words.indexable(text))


@given(st.text(alphabet="aB四舍 _", max_size=40))
def test_what_is_indexed_grows_in_proportion(text: str) -> None:
    assert len(words.indexable(text)) <= 4 * len(text) + 4


def test_a_long_run_is_split_at_its_beginning_only() -> None:
    text = "aB" * 50_000
    assert len(words.indexable(text)) < len(text) + 4 * words.WORD_CHARS_MAX
