"""A query becomes terms, phrases that must be there, and words that must not."""

from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.retrieve.question import TERMS_MAX, asked

CASES: dict[str, tuple[str, list[str], list[str], list[str]]] = {
    "a question": ("Why did we drop the cache?", ["drop", "cache"], [], []),
    "twice": ("cache Cache CACHE", ["cache"], [], []),
    "grammar only": ("what is it", ["what", "is", "it"], [], []),
    "an identifier": ("parseRow", ["parserow", "parse", "row"], [], []),
    "a path": ("src/row_parser.py", ["src", "row", "parser", "py"], [], []),
    "a phrase": ('"in the lock" held', ["in the lock", "held"], ["in the lock"], []),
    "an empty phrase": ('"" held', ["held"], [], []),
    "an open quote": ('5" wide', ["wide"], [], []),
    "excluded": ("lock -cache-hit", ["lock"], [], ["cache", "hit"]),
    "options": ("lock --force -n", ["lock", "force"], [], []),
    "a dash": ("lock - cache", ["lock", "cache"], [], []),
    "Chinese": ("为什么要缓存", ["么要", "要缓", "缓存"], [], []),
    "nothing": ("?! ...", [], [], []),
}


@pytest.mark.parametrize(("query", "terms", "required", "excluded"), CASES.values(), ids=CASES.keys())
def test_asked(query: str, terms: list[str], required: list[str], excluded: list[str]) -> None:
    found = asked(query)
    assert (found.terms, found.required, found.excluded) == (terms, required, excluded)


def test_neighbours_are_words_side_by_side_without_grammar() -> None:
    assert asked("the lock of the exporter -cache hangs").neighbours == [("lock", "exporter"), ("exporter", "hangs")]


def test_a_long_query_is_cut() -> None:
    found = asked(" ".join(f"word{number}" for number in range(1000)))
    assert len(found.terms) == TERMS_MAX
    assert {word for pair in found.neighbours for word in pair} <= set(found.terms)


@given(st.text() | st.text(alphabet='ab -"*^():+{}NEAR四舍'))
def test_the_index_understands_every_expression(query: str) -> None:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE one USING fts5(prose, detail)")
    found = asked(query)
    if found.terms:
        assert found.expression
        for expression in (found.expression, found.necessary, found.without_excluded(f'prose : "{found.terms[0]}"')):
            assert connection.execute("SELECT count(*) FROM one WHERE one MATCH ?", (expression,)).get == 0
