"""However common its words, a question reads a bounded number of messages, and rare words all of theirs."""

from __future__ import annotations

import apsw
import pytest
from fixtures.homes import Home

from codememory.retrieve import matches
from codememory.retrieve.question import asked
from codememory.store.search import Narrowing

MESSAGES = 60


@pytest.fixture
def store(home: Home) -> apsw.Connection:
    made = home.transcript()
    for number in range(MESSAGES):
        rare = "zyzzyva" if number in (0, 30) else "plain"
        made.say("user", f"common{number % 2} shared {rare}")
    made.write()
    home.json("backfill", made.path)
    return home.connect()


@pytest.mark.parametrize(
    ("each", "all_", "shared", "rare"),
    [
        pytest.param(100, 1000, 60, 2, id="all"),
        pytest.param(5, 8, 6, 2, id="the common word cut"),
        pytest.param(5, 40, 38, 2, id="what the rare word leaves over"),
        pytest.param(1, 1, 1, 1, id="the smallest"),
    ],
)
def test_reading_is_bounded(
    store: apsw.Connection, monkeypatch: pytest.MonkeyPatch, each: int, all_: int, shared: int, rare: int
) -> None:
    monkeypatch.setattr(matches, "TERM_MESSAGES_MAX", each)
    monkeypatch.setattr(matches, "MESSAGES_MAX", all_)
    found = matches.read(store, asked("shared zyzzyva"), Narrowing())
    assert [len(term.whole) for term in found.terms.values()] == [shared, rare]
    for term in found.terms.values():
        assert term.whole == sorted(term.whole, reverse=True)
        assert term.said == term.whole
        assert term.reached <= min(term.whole)


def test_a_rare_word_weighs_more(store: apsw.Connection) -> None:
    terms = matches.read(store, asked("zyzzyva common1 shared nowhere"), Narrowing()).terms
    assert terms["zyzzyva"].weight > terms["common1"].weight >= terms["shared"].weight > 0
    assert terms["nowhere"].weight == 0


def test_neighbours_are_found_near_and_side_by_side(store: apsw.Connection) -> None:
    question = asked("shared zyzzyva common0")
    said, near = matches.together(store, question, matches.read(store, question, Narrowing()))
    assert [len(ids) for ids in said] == [2, 0]
    assert [len(ids) for ids in near] == [2, 2]


def test_of_what_must_be_there_nothing_else_is_read(store: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    found = matches.read(store, asked('"shared zyzzyva" common0 plain'), Narrowing())
    assert found.among == [31, 1]
    assert {text: term.whole for text, term in found.terms.items()} == {
        "shared zyzzyva": [31, 1], "common0": [31, 1], "plain": [],
    }  # fmt: skip
    monkeypatch.setattr(matches, "PHRASE_MESSAGES_MAX", 5)
    found = matches.read(store, asked('"shared plain" common0'), Narrowing())
    assert (found.among, found.low) == ([60, 59, 58, 57, 56], 56)
    assert found.terms["common0"].whole == [59, 57]
