"""The rules by which two stores' rows become one: in any order, grouping and number of times the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.transfer import merge
from codememory.transfer.merge import Copy, Step

VERBS = [*merge.STATUS_AFTER, "quarantined", "released", "passed", "judged"]
steps = st.builds(
    lambda number, verb, at: Step(bytes([number]), verb, at, "user", {"trust": "stated"}),
    st.integers(0, 5), st.sampled_from(VERBS), st.integers(0, 4),
)  # fmt: skip
VALUES: dict[merge.Rule, st.SearchStrategy[object]] = {
    merge.least: st.integers(),
    merge.most: st.integers(),
    merge.filled: st.none() | st.sampled_from(["", "a", "b", "c"]),
    merge.cleaner: st.none() | st.sampled_from(["a", "b", "[redacted:x:1]", "b [private]"]),
    merge.ended: st.sampled_from(["running", "ok", "failed", "refused"]),
    merge.decided: st.sampled_from(["open", "applied", "dismissed"]),
}
copies = st.builds(
    Copy, st.booleans(), st.booleans(), st.sampled_from(["[]", "[1]", "[2]"]), st.sampled_from(["", "{}"]),
    st.just("prompt"), st.sampled_from(["S", "N"]), st.sampled_from(["", "pruned", "forgotten"]), st.integers(0, 2),
    st.integers(0, 2),
)  # fmt: skip


@pytest.mark.parametrize("rule", VALUES, ids=lambda rule: rule.__name__)
@given(data=st.data())
def test_a_rule_does_not_care_for_order_grouping_or_number(rule: merge.Rule, data: st.DataObject) -> None:
    one, other, third = (data.draw(VALUES[rule]) for _ in range(3))
    assert rule(one, other) == rule(other, one)
    assert rule(one, rule(other, third)) == rule(rule(one, other), third)
    assert rule(one, one) == one


def test_every_rule_in_use_is_tried_above() -> None:
    assert {rule for rules in merge.RULES.values() for rule in rules.values()} == set(VALUES)


@given(copies, copies, copies)
def test_the_copy_kept_does_not_depend_on_order(one: Copy, other: Copy, third: Copy) -> None:
    assert merge.better(one, other) == merge.better(other, one)
    assert merge.better(one, merge.better(other, third)) == merge.better(merge.better(one, other), third)


def test_the_forgotten_wins_and_the_pruned_loses() -> None:
    whole = Copy(False, False, "[1]", "", "result", "M", "", 3, 1)
    pruned = whole._replace(pruned=True, blocks="[0]", tags="pruned")
    forgotten = Copy(False, False, "[]", "", "result", "N", "forgotten", 0, 1)
    assert merge.better(whole, pruned) == whole
    assert merge.better(merge.better(whole, forgotten), pruned) == forgotten


@given(st.lists(steps, max_size=8), st.randoms())
def test_where_a_memory_stands_does_not_depend_on_arrival(found: list[Step], chance: object) -> None:
    shuffled = [*found, *found]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    distinct = list({(one.uid, one.verb, one.at): one for one in shuffled}.values())
    assert merge.state_of(distinct, "stated") == merge.state_of(found, "stated")


CASES = {
    "superseded last": ([("created", 1), ("resolved", 2), ("superseded", 3)], ("superseded", "stated")),
    "told late": ([("reopened", 9), ("created", 1), ("resolved", 5)], ("active", "stated")),
    "at one moment": ([("superseded", 1), ("created", 1)], ("superseded", "stated")),
    "kept back": ([("created", 1), ("quarantined", 2), ("resolved", 3)], ("resolved", "quarantined")),
    "released": ([("created", 1), ("quarantined", 2), ("released", 3)], ("active", "stated")),
    "other steps": ([("created", 1), ("staled", 2), ("judged", 3), ("passed", 4)], ("stale", "stated")),
}


@pytest.mark.parametrize("told", CASES)
def test_where_a_memory_stands(told: str) -> None:
    given_steps, expected = CASES[told]
    found = [Step(bytes([number]), verb, at, "user", {}) for number, (verb, at) in enumerate(given_steps)]
    assert merge.state_of(found, "stated")[:2] == expected


def test_a_memory_lives_on_where_it_was_stated_after_it_was_forgotten() -> None:
    old, new = Step(b"1", "created", 5, "user", {}), Step(b"2", "created", 9, "user", {})
    assert merge.surviving([old, Step(b"3", "resolved", 6, "user", {})], 7) == []
    assert merge.surviving([old, new], 7) == [new]
    assert merge.surviving([Step(b"3", "resolved", 8, "user", {})], 7) == []
