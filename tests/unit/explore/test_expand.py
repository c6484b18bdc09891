"""Expanding gives back what is under a thing, page by page, and skips nothing."""

from __future__ import annotations

import pytest
from fixtures.homes import Home
from hypothesis import given, settings
from hypothesis import strategies as st

from codememory import compact, ingest
from codememory.errors import PatternError
from codememory.explore.describe import describe
from codememory.explore.expand import expand
from codememory.store import sessions


@pytest.fixture
def session(home: Home) -> str:
    """Return a session with two threads, two levels of summaries and a tail."""
    made = home.conversation(turns=5)
    agent = home.transcript(made.session, agent="a1")
    for number in range(6):
        agent.say("user" if number % 2 else "assistant", f"looking at row {number} " * 30)
    agent.write()
    connection = home.connect()
    for one in (made, agent):
        ingest.ingest(connection, str(one.path), 1)
    plan = compact.Plan(True, 3)
    plan.chunk_tokens, plan.fanout, plan.depth_max = 150, 2, 2
    found = sessions.find(connection, made.session)
    assert found is not None
    compact.compact(connection, found.session_id, plan, 1)
    return made.session


def pages(home: Home, wanted: str, token_budget: int) -> list[str]:
    """Return the messages' ids of all pages, one after the other."""
    connection = home.connect()
    found: list[str] = []
    cursor = None
    for _ in range(1_000):
        page = expand(connection, wanted, token_budget=token_budget, cursor=cursor)
        assert page["messages"]
        assert page["truncated"] == (page["next_cursor"] is not None)
        found += [one["id"] for one in page["messages"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("it does not end")


def test_a_session_is_its_roots_and_its_tail(home: Home, session: str) -> None:
    connection = home.connect()
    told = describe(connection, session)
    whole = [one["id"] for one in expand(connection, session, token_budget=0, cursor=None)["messages"]]
    under = [
        one["id"] for root in told["roots"] for one in expand(connection, root, token_budget=0, cursor=None)["messages"]
    ]
    assert sorted([*under, *told["tail"]]) == sorted(whole)
    assert len(whole) == len(set(whole)) == told["messages"]
    assert len(told["tail"]) == 6, "three of each thread"


def test_a_condensed_summary_is_its_children(home: Home, session: str) -> None:
    connection = home.connect()
    seen = 0
    for summary_id in describe(connection, session)["summaries"]:
        told = describe(connection, summary_id)
        found = expand(connection, summary_id, token_budget=0, cursor=None)
        whole = [one["id"] for one in found["messages"]]
        if told["kind"] == "leaf":
            assert told["children"] == whole
            continue
        seen += 1
        parts = [
            one["id"]
            for child in told["children"]
            for one in expand(connection, child, token_budget=0, cursor=None)["messages"]
        ]
        assert parts == whole
        assert told["expand_tokens"] == sum(describe(connection, child)["expand_tokens"] for child in told["children"])
    assert seen > 2


@settings(max_examples=15)
@given(token_budget=st.integers(1, 2_000))
def test_the_pages_together_are_the_whole(home: Home, session: str, token_budget: int) -> None:
    connection = home.connect()
    for wanted in (session, *describe(connection, session)["roots"]):
        whole = [one["id"] for one in expand(connection, wanted, token_budget=0, cursor=None)["messages"]]
        assert pages(home, wanted, token_budget) == whole


@pytest.mark.parametrize(("depth", "kinds"), [(0, set()), (1, {2}), (2, {2, 1}), (9, {2, 1, 0})])
def test_depth_is_the_levels_shown(home: Home, session: str, depth: int, kinds: set[int]) -> None:
    connection = home.connect()
    root = next(one for one in describe(connection, session)["roots"] if describe(connection, one)["depth"] == 2)
    found = expand(connection, root, token_budget=0, cursor=None, depth=depth, include_messages=False)
    assert {one["depth"] for one in found["summaries"]} == kinds
    assert found["messages"] == []


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "", " "])
def test_a_foreign_cursor_is_refused(home: Home, session: str, cursor: str) -> None:
    with pytest.raises(PatternError):
        expand(home.connect(), session, token_budget=0, cursor=cursor)
