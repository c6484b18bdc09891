"""Merge what two stores know of one thing; pure, and the same in any order, grouping and number of times.

A memory is its steps: which came to pass is a set, and where the memory stands is read from that set, never from the
order in which the steps arrived. Any other row is merged field by field, each by a rule that does not care for order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Rule = Callable[[Any, Any], Any]

STATUS_AFTER = {
    "created": "active",
    "reopened": "active",
    "changed": "active",
    "staled": "stale",
    "resolved": "resolved",
    "superseded": "superseded",
}
"""Verb → status; any other step leaves it. In this order steps of the same moment follow each other."""

RANKS = {verb: rank for rank, verb in enumerate(STATUS_AFTER)}
QUARANTINED = "quarantined"


class Step(NamedTuple):
    """A step in a memory's life."""

    uid: bytes
    verb: str
    at: int
    actor: str
    detail: dict[str, Any]


class State(NamedTuple):
    """Where a memory stands after its steps; `changed_at` is the time of the last one that moved it."""

    status: str
    trust: str
    changed_at: int


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Return steps in the one order they have everywhere: by time, then verb, then uid."""
    return sorted(steps, key=lambda step: (step.at, RANKS.get(step.verb, len(RANKS)), step.uid))


def state_of(steps: Iterable[Step], trust: str) -> State:
    """Return where a memory stands; `trust` is what it was given at its beginning."""
    status, kept_back, changed_at = "active", False, 0
    for step in in_order(steps):
        if step.verb in STATUS_AFTER:
            status, changed_at = STATUS_AFTER[step.verb], step.at
        elif step.verb in (QUARANTINED, "released"):
            kept_back = step.verb == QUARANTINED
    return State(status, QUARANTINED if kept_back else trust, changed_at)


def first_trust(trust: str, steps: Iterable[Step]) -> str:
    """Return the trust a memory was given at its beginning, from the one it has now."""
    before = [step.detail.get("trust") for step in in_order(steps) if step.verb == QUARANTINED]
    return next((str(one) for one in before if one), trust) if trust == QUARANTINED else trust


def surviving(steps: Iterable[Step], forgotten_until: int) -> list[Step]:
    """Return the steps later than a forgetting; a memory without its creation among them is gone."""
    left = [step for step in steps if step.at > forgotten_until]
    return left if any(step.verb == "created" for step in left) else []


def least(one: Any, other: Any) -> Any:
    """Return the smaller."""
    return min(one, other)


def most(one: Any, other: Any) -> Any:
    """Return the larger."""
    return max(one, other)


def filled(one: Any, other: Any) -> Any:
    """Return the one that says something; of two the smaller."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other) if one and other else max(one, other)


def cleaner(one: Any, other: Any) -> Any:
    """Return the text out of which a secret was taken; of two alike the smaller."""
    if one is None or other is None:
        return filled(one, other)
    return min(one, other, key=lambda text: ("[redacted:" not in text and "[private]" not in text, text))


def ended(one: str, other: str) -> str:
    """Return how a call ended rather than that it runs."""
    return min(one, other, key=lambda outcome: (outcome == "running", outcome))


def decided(one: str, other: str) -> str:
    """Return what was decided rather than that it is open."""
    return min(one, other, key=("applied", "dismissed", "open").index)


RULES: dict[str, dict[str, Rule]] = {
    "session": dict.fromkeys(("started_at",), least)
    | dict.fromkeys(("last_at", "boundaries", "compactions", "compacted_at"), most),
    "transcript": {"agent": filled, "session_id": filled, "byte_offset": most},
    "tool_call": dict.fromkeys(("agent", "tool", "command_key", "file", "target", "exit_code", "ended_at"), filled)
    | {"command": cleaner, "edit": cleaner, "outcome": ended, "called_at": least}
    | dict.fromkeys(("message_id", "result_message_id"), filled),
    "delegation": {"agent_type": filled, "prompt": cleaner, "asked_at": least, "agent": filled},
    "node": {"content": cleaner, "details": cleaner, "confidence": most, "created_at": least, "updated_at": most}
    | dict.fromkeys(("origin", "branch", "head"), filled),
    "node_tag": {"weight": most},
    "relation": {"created_at": least},
    "failure": {"type": filled, "symbol": filled, "first_at": least, "last_at": most, "passed_at": most}
    | {"contents": most},
    "occurrence": {"at": least, "branch": filled, "head": filled},
    "attempt": {"outcome": filled, "check_tool_use_id": filled, "ended_at": least},
    "pending_update": {"reason": cleaner, "evidence": filled, "created_at": least, "state": decided}
    | {"decided_at": filled},
    "summary": {"source_tokens": most, "tokens": least, "created_at": least},
}
"""Table → column → how two stores' values become one; what is in none of these is the row's key, or stays."""


def joined(table: str, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return one row for two of the same key."""
    rules = RULES[table]
    return {name: rules[name](value, other[name]) if name in rules else value for name, value in one.items()}


class Copy(NamedTuple):
    """One store's copy of a message, in the order in which one copy is preferred to another."""

    pruned: bool
    unredacted: bool
    blocks: str
    extra: str
    kind: str
    tier: str
    tags: str
    tokens: int
    created_at: int


def better(one: Copy, other: Copy) -> Copy:
    """Return the copy to keep: forgotten before all, then a whole one before a pruned one."""
    return min(one, other, key=lambda each: ("forgotten" not in each.tags.split(), each))
