"""The events that a team shares, and where a memory stands after them: pure, and the same in any order and number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeGuard

from codememory import records, wire
from codememory.team import clock
from codememory.transfer import merge

STATEMENT, STEP, RELATION, GONE = "statement", "step", "relation", "gone"
KINDS = (STATEMENT, STEP, RELATION, GONE)

PAYLOAD_BYTES_MAX = 16_384
NUMBER_MAX = 1_000_000
"""Events of one machine in one project."""

NODE_KINDS = ("task", "constraint", "decision", "failure", "fix_attempt")
ORIGINS = ("user", "model", "extracted", "client")
OUTCOMES = ("succeeded", "failed", "partial")
VERBS = ("resolved", "reopened", "superseded", "changed", "staled")
RELATIONS = ("supersedes", "resolves", "attemptedFixFor", "causedBy", "conflictsWith", "relatedTo")
TEXT_CHARS_MAX, ITEMS_MAX, NESTING_MAX = 4_000, 64, 4

STEPS_MAX, RELATIONS_MAX = 256, 64
"""Of one memory: the latest steps, and the first links."""


class Event(NamedTuple):
    """One event: `machine` and `number` are its id, `other` is the second memory or the step that it names."""

    machine: bytes
    number: int
    stamp: int
    author: str
    kind: str
    node: bytes
    other: bytes
    payload: str


class Told(NamedTuple):
    """What a team says of one memory: one statement with its author, and where the memory stands.

    `other` is what the statement names, `believed` whether it is trusted here, `authors` everybody who states the
    memory. `steps` are those in force as (id, verb, stamp, author, detail); `relations` (kind, other memory, time).
    """

    statement: dict[str, Any]
    author: str
    other: bytes
    believed: bool
    authors: tuple[str, ...]
    stamp: int
    status: str
    changed_at: int
    steps: tuple[tuple[bytes, str, int, str, dict[str, Any]], ...]
    relations: tuple[tuple[str, bytes, int], ...]


def failure_id(project: bytes, signature: str) -> bytes:
    """Return the id that every machine of a team has for a failure of a project."""
    return records.key_of("team failure", project.hex(), signature)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events once each, in the order they have everywhere."""
    return sorted(set(events), key=lambda one: (one.stamp, one.machine, one.number, one.payload))


def nobody(_: Event) -> bool:
    """Trust no statement."""
    return False


def told(events: Iterable[Event], believed: Callable[[Event], bool] = nobody) -> Told | None:
    """Return where one memory stands after its events; None if nobody states it, or nobody any more.

    The latest statement counts, one that is believed before any other, and it is its own author's whoever else states
    the memory. An author's withdrawal takes back what the same author said of it before, and nothing of anybody else.
    """
    ordered = in_order(events)
    gone: dict[str, int] = {}
    for one in ordered:
        if one.kind == GONE:
            gone[one.author] = max(gone.get(one.author, 0), one.stamp)
    alive = [(one, _read(one)) for one in ordered if one.kind != GONE and one.stamp > gone.get(one.author, 0)]
    statements = [(one, value) for one, value in alive if one.kind == STATEMENT and value is not None]
    if not statements:
        return None
    latest, statement = next((pair for pair in reversed(statements) if believed(pair[0])), statements[-1])
    if statement["kind"] == "failure":
        happened = [value["failure"] for _, value in statements if value["kind"] == "failure"]
        first_at, last_at = min(one["first_at"] for one in happened), max(one["last_at"] for one in happened)
        statement = {**statement, "failure": {**statement["failure"], "first_at": first_at, "last_at": last_at}}
    steps = {
        (one.other, one.author): (one.other, value["verb"], one.stamp, one.author, value["detail"])
        for one, value in reversed(alive)
        if one.kind == STEP and value is not None
    }
    kept = sorted(steps.values(), key=lambda step: (step[2], step[0], step[3]))[-STEPS_MAX:]
    state = state_of(kept)
    relations: dict[tuple[str, bytes], int] = {}
    for one, value in alive:
        if one.kind == RELATION and value is not None:
            key = value["kind"], one.other
            relations[key] = min(value["at"], relations.get(key, value["at"]))
    authors = tuple(dict.fromkeys(one.author for one, _ in statements))
    return Told(
        statement, latest.author, latest.other, believed(latest), authors, latest.stamp, state.status, state.changed_at,
        tuple(kept), tuple(sorted((kind, other, at) for (kind, other), at in relations.items())[:RELATIONS_MAX]),
    )  # fmt: skip


def state_of(steps: Iterable[tuple[bytes, str, int, str, dict[str, Any]]]) -> merge.State:
    """Return where steps lead, ordered by their stamps, which no wrong clock can turn round."""
    return merge.state_of([merge.Step(*step) for step in steps], "")


def _read(event: Event) -> dict[str, Any] | None:
    """Return what an event says, None for what cannot be: the same everywhere, so that nobody is misled alone."""
    if len(event.payload.encode("utf-8", "surrogatepass")) > PAYLOAD_BYTES_MAX:
        return None
    try:
        value = wire.decoded(event.payload)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    read = READ.get(event.kind)
    return read(value, clock.milliseconds(event.stamp)) if read else None


def _statement(value: dict[str, Any], said_at: int) -> dict[str, Any] | None:
    kind, content, details = value.get("kind"), value.get("content"), value.get("details", {})
    found: dict[str, Any] = {
        "kind": kind, "content": content, "details": details, "origin": value.get("origin"),
        "confidence": value.get("confidence"), "created_at": value.get("created_at"), "tags": _tags(value.get("tags")),
    }  # fmt: skip
    sure = found["confidence"]
    if (
        kind not in NODE_KINDS or not _text(content) or not isinstance(details, dict) or not _small(details, 0)
        or found["origin"] not in ORIGINS or not _time(found["created_at"]) or "team" in details
        or isinstance(sure, bool) or not isinstance(sure, (int, float)) or not 0 <= sure <= 1
    ):  # fmt: skip
        return None
    found["created_at"] = min(found["created_at"], said_at)
    if kind == "failure":
        found["failure"] = _failure(value.get("failure"), said_at)
        return found if found["failure"] else None
    if kind == "fix_attempt":
        found["attempt"] = _attempt(value.get("attempt"), said_at)
        return found if found["attempt"] else None
    return found


def _tags(value: Any) -> list[tuple[str, str, float]]:
    if not isinstance(value, list):
        return []
    return [
        (one[0], one[1], float(one[2]))
        for one in value[:ITEMS_MAX]
        if isinstance(one, list) and len(one) == 3 and _text(one[0]) and _text(one[1])
        and isinstance(one[2], (int, float)) and 0 <= one[2] <= 1
    ]  # fmt: skip


def _failure(value: Any, said_at: int) -> dict[str, Any] | None:
    """Return what a failure is; nothing happened after it was told of, whatever is claimed."""
    if not isinstance(value, dict):
        return None
    signature, kind, symbol, head = (value.get(name) for name in ("signature", "type", "symbol", "head"))
    first_at, last_at = value.get("first_at"), value.get("last_at")
    known = _text(signature) and _text(kind) and (symbol is None or _text(symbol))
    if not (known and _time(first_at) and _time(last_at)):
        return None
    return {
        "signature": signature, "type": kind, "symbol": symbol, "head": head if _text(head) else "",
        "first_at": min(first_at, said_at), "last_at": min(last_at, said_at),
    }  # fmt: skip


def _attempt(value: Any, said_at: int) -> dict[str, Any] | None:
    if not isinstance(value, dict) or value.get("outcome") not in OUTCOMES or not _time(value.get("ended_at")):
        return None
    return {"outcome": value["outcome"], "ended_at": min(value["ended_at"], said_at)}


def _step(value: dict[str, Any], _said_at: int) -> dict[str, Any] | None:
    detail = value.get("detail", {})
    if value.get("verb") not in VERBS or not isinstance(detail, dict) or not _small(detail, 0):
        return None
    return {"verb": value["verb"], "detail": detail}


def _relation(value: dict[str, Any], said_at: int) -> dict[str, Any] | None:
    if value.get("kind") not in RELATIONS or not _time(value.get("at")):
        return None
    return {"kind": value["kind"], "at": min(value["at"], said_at)}


READ: dict[str, Callable[[dict[str, Any], int], dict[str, Any] | None]] = {
    STATEMENT: _statement, STEP: _step, RELATION: _relation,
}  # fmt: skip
"""Kind of event → what reads it, given the time at which it was told."""


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= TEXT_CHARS_MAX and wire.storable(value) == value


def _time(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < records.MILLISECONDS_MAX


def _small(value: Any, depth: int) -> bool:
    """Tell whether a JSON value is flat and short enough to be kept."""
    if depth > NESTING_MAX:
        return False
    if isinstance(value, str):
        return not value or _text(value)
    if isinstance(value, dict):
        return len(value) <= ITEMS_MAX and all(_text(key) and _small(one, depth + 1) for key, one in value.items())
    if isinstance(value, list):
        return len(value) <= ITEMS_MAX and all(_small(one, depth + 1) for one in value)
    return value is None or isinstance(value, bool) or (isinstance(value, (int, float)) and abs(value) < 2**53)
