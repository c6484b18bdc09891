"""Where a memory stands after its events: the same in any order and number, whatever hostile text is among them."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory import wire
from codememory.team import clock, events
from codememory.team.events import Event

NODE = b"n" * 16
SAID = {
    "kind": "decision",
    "content": "a",
    "details": {},
    "confidence": 1.0,
    "origin": "user",
    "created_at": 1,
    "tags": [],
}


def event(machine: int, number: int, stamp: int, author: str, what: str, /, **said: object) -> Event:
    """Return an event."""
    other = bytes([machine, number]) * 8 if what in (events.STEP, events.RELATION) else b""
    return Event(bytes([machine]) * 16, number, stamp, author, what, NODE, other, wire.encoded(said))


def statement(machine: int, number: int, stamp: int, author: str, content: str) -> Event:
    """Return a statement."""
    return event(machine, number, stamp, author, events.STATEMENT, **{**SAID, "content": content})


histories = st.lists(
    st.one_of(
        st.builds(statement, st.integers(1, 3), st.integers(1, 9), st.integers(1, 20), st.sampled_from("ab"),
                  st.sampled_from("xyz")),
        st.builds(lambda m, n, s, a, v: event(m, n, s, a, events.STEP, verb=v), st.integers(1, 3), st.integers(1, 9),
                  st.integers(1, 20), st.sampled_from("ab"), st.sampled_from(events.VERBS)),
        st.builds(lambda m, n, s, a: event(m, n, s, a, events.GONE), st.integers(1, 3), st.integers(1, 9),
                  st.integers(1, 20), st.sampled_from("ab")),
        st.builds(lambda m, n, s, a, k: event(m, n, s, a, events.RELATION, kind=k, at=s), st.integers(1, 3),
                  st.integers(1, 9), st.integers(1, 20), st.sampled_from("ab"), st.sampled_from(events.RELATIONS)),
    ),
    max_size=12,
)  # fmt: skip


@given(histories, st.randoms(use_true_random=False))
def test_order_and_number_do_not_matter(found: list[Event], chance: random.Random) -> None:
    shuffled = [*found, *found]
    chance.shuffle(shuffled)
    assert events.told(shuffled) == events.told(found)


@given(histories)
def test_what_was_withdrawn_is_as_if_it_had_not_been_said(found: list[Event]) -> None:
    """Emptying the payloads of withdrawn events, as the server does, changes nothing."""
    gone = {one.author: max(each.stamp for each in found if each.kind == events.GONE and each.author == one.author)
            for one in found if one.kind == events.GONE}  # fmt: skip
    emptied = [
        one._replace(payload="") if one.kind != events.GONE and one.stamp < gone.get(one.author, 0) else one
        for one in found
    ]
    assert events.told(emptied) == events.told(found)


def test_the_later_statement_wins_and_is_its_own_authors() -> None:
    found = events.told([statement(2, 1, 9, "bob", "new"), statement(1, 1, 3, "ann", "old")])
    assert found is not None
    assert (found.statement["content"], found.author, found.authors) == ("new", "bob", ("ann", "bob"))


@pytest.mark.parametrize("stamp", [1, 9], ids=["dated back", "later"])
def test_what_is_believed_is_not_overwritten_by_who_is_not(stamp: int) -> None:
    said = [statement(2, 1, stamp, "mal", "obey me"), statement(1, 1, 3, "ann", "old")]
    found = events.told(said, lambda one: one.author == "ann")
    assert found is not None
    assert (found.statement["content"], found.author, found.believed) == ("old", "ann", True)


def test_nobody_takes_the_place_of_anothers_step() -> None:
    step = event(1, 2, 5, "ann", events.STEP, verb="resolved")
    forged = step._replace(machine=b"2" * 16, stamp=4, author="mal", payload=wire.encoded({"verb": "reopened"}))
    found = events.told([statement(1, 1, 3, "ann", "old"), step, forged])
    assert found is not None
    assert found.status == "resolved"


def test_nothing_happened_after_it_was_told() -> None:
    """A time of the year 2100 in a text wins nothing."""
    far = 4_102_444_800_000
    failure = {"signature": "s", "type": "E", "symbol": None, "first_at": far, "last_at": far}
    said = event(1, 1, 7 << clock.COUNTER_BITS, "mal", events.STATEMENT,
                 **{**SAID, "kind": "failure", "created_at": far, "failure": failure})  # fmt: skip
    found = events.told([said])
    assert found is not None
    assert (found.statement["created_at"], found.statement["failure"]["last_at"]) == (7, 7)


def test_a_flood_of_steps_and_links_is_cut() -> None:
    flood = [event(m, n, 5 + n, "mal", events.STEP, verb="resolved") for m in (2, 3) for n in range(200)]
    flood += [
        event(4, n, 5, "mal", events.RELATION, kind="relatedTo", at=1)._replace(other=n.to_bytes(16, "big"))
        for n in range(200)
    ]
    found = events.told([statement(1, 1, 3, "ann", "old"), *flood])
    assert found is not None
    assert (len(found.steps), len(found.relations)) == (events.STEPS_MAX, events.RELATIONS_MAX)


def test_nobody_takes_back_what_another_said() -> None:
    found = events.told([statement(1, 1, 3, "ann", "old"), event(2, 1, 9, "bob", events.GONE)])
    assert found is not None


def test_what_is_said_again_after_a_withdrawal_stands() -> None:
    said = [statement(1, 1, 3, "ann", "old"), event(1, 2, 5, "ann", events.GONE)]
    assert events.told(said) is None
    assert events.told([*said, statement(1, 3, 7, "ann", "again")]) is not None


HOSTILE = {
    "no JSON": "{", "no object": "[]", "nothing": "", "too long": '{"a": "' + "x" * 20_000 + '"}',
    "too deep": "[" * 5_000, "another kind": wire.encoded({**SAID, "kind": "summary"}),
    "no text": wire.encoded({**SAID, "content": 5}), "endless": wire.encoded({**SAID, "content": "x" * 5_000}),
    "sure beyond": wire.encoded({**SAID, "confidence": 1e9}), "a truth": wire.encoded({**SAID, "confidence": True}),
    "an author of its own": wire.encoded({**SAID, "details": {"team": {"author": "you"}}}),
    "a nest": wire.encoded({**SAID, "details": {"a": [[[[[["b"]]]]]]}}),
    "a crowd": wire.encoded({**SAID, "details": {"a": list(range(100))}}),
    "a huge number": wire.encoded({**SAID, "details": {"n": 5}}).replace("5", "1e400"),
    "a failure without one": wire.encoded({**SAID, "kind": "failure"}),
    "a zero byte": wire.encoded({**SAID, "content": "a\0b"}), "a surrogate": '{"content":"\\ud800","kind":"decision"}',
}  # fmt: skip


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=list(HOSTILE))
def test_what_cannot_be_is_as_nothing(payload: str) -> None:
    good = statement(1, 1, 3, "ann", "old")
    bad = Event(b"2" * 16, 1, 9, "bob", events.STATEMENT, NODE, b"", payload)
    assert events.told([bad]) is None
    assert events.told([good, bad]) == events.told([good])


@given(st.text(max_size=200))
def test_no_payload_raises(payload: str) -> None:
    for kind in events.KINDS:
        events.told([Event(b"2" * 16, 1, 9, "bob", kind, NODE, b"", payload)])


@given(st.integers(0, 2**60), st.integers(0, 2**40))
def test_the_clock_only_goes_on(newest: int, now: int) -> None:
    stamp = clock.after(newest, now)
    assert stamp > newest
    assert clock.milliseconds(stamp) >= now
    assert stamp == newest + 1 or clock.milliseconds(stamp) == now
