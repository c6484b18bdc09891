"""Let the store hold what a team says: others' memories as theirs, one's own where the team has moved them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw

from codememory import forget, records, redact, wire
from codememory.store import crowding, foreign, incoming, memories, pending, tombstones
from codememory.store import team as store
from codememory.team import clock, events
from codememory.team.events import Event, Told

FOREIGN_SHARE = 0.7
"""What is left of the confidence of a memory that nobody here has confirmed."""

ORDER = ("failure", "task", "constraint", "decision", "fix_attempt")
"""An attempt follows the failure it is against."""


class Taken:
    """What became of memories: written, taken away, or waiting for another one; and the tags that lead to them."""

    def __init__(self) -> None:
        self.written = self.removed = self.waiting = 0
        self.tags: set[tuple[str, str]] = set()


def take(connection: apsw.Connection, shared: store.Shared, names: set[bytes], now: int) -> Taken:
    """Let memories be as their events say, in the caller's transaction."""
    taken = Taken()
    trusted = store.trusted(connection, shared.project_id) | {(store.AUTHOR, shared.author)}
    believed = believing(trusted)
    told: dict[bytes, Told] = {}
    for name in sorted(names):
        found = [Event(*row) for row in store.events_of(connection, shared.project_id, name)]
        _empty(connection, shared, found)
        one = events.told(found, believed)
        if one is None:
            taken.removed += _remove(connection, name, found)
        else:
            told[name] = one
    for name in sorted(told, key=lambda one: (ORDER.index(told[one].statement["kind"]), one)):
        _write(connection, shared, name, told[name], trusted, taken, now)
    for name, one in told.items():
        _link(connection, name, one)
    _thin(connection, shared, {(one.author, one.other) for one in told.values() if one.author != shared.author})
    for kind, value in sorted(taken.tags):
        crowding.thin_tag(connection, shared.project_id, kind, value)
    if any(kind == "glob" for kind, _ in taken.tags):
        crowding.thin_globs(connection, shared.project_id)
    return taken


def _thin(connection: apsw.Connection, shared: store.Shared, stated: set[tuple[str, bytes]]) -> None:
    """Keep the latest memories of each author: whoever floods the log pushes out only what is the same author's."""
    many: list[int] = []
    for author, failure in sorted(stated):
        if failure and (node_id := _local(connection, failure)) is not None:
            many += crowding.attempts_beyond(connection, node_id, author)
    for author in sorted({author for author, _ in stated}):
        if crowding.told_by(connection, shared.project_id, author) > crowding.MEMORIES_MAX:
            many += crowding.beyond(connection, shared.project_id, author)
    crowding.drop(connection, list(dict.fromkeys(many)))


def believing(trusted: set[tuple[str, str]]) -> Callable[[Event], bool]:
    """Return what tells whether a statement counts as said here."""
    words = {value for kind, value in trusted if kind == store.MEMORY}
    return lambda one: (store.AUTHOR, one.author) in trusted or bool(words and words_of(one) in words)


def words_of(statement: Event) -> str:
    """Return what is trusted where one memory is: its words as its author put them, and no others in their place."""
    name = statement.node.hex()
    return f"{name} {records.key_of('team words', name, statement.author, statement.payload).hex()}"


def words_here(connection: apsw.Connection, shared: store.Shared, name: bytes) -> str:
    """Return the words that a memory has here, as `words_of` says; '' where nobody states it."""
    trusted = store.trusted(connection, shared.project_id) | {(store.AUTHOR, shared.author)}
    found = [Event(*row) for row in store.events_of(connection, shared.project_id, name)]
    one = events.told(found, believing(trusted))
    stated = (each for each in found if one and each.kind == events.STATEMENT and each.stamp == one.stamp)
    return next((words_of(each) for each in stated if one and each.author == one.author), "")


def with_waiting(connection: apsw.Connection, shared: store.Shared, names: set[bytes]) -> set[bytes]:
    """Return memories with those that name them, which may have waited for them."""
    found = set(names)
    for name in names:
        found.update(store.waiting_for(connection, shared.project_id, name))
    return found


def _empty(connection: apsw.Connection, shared: store.Shared, found: list[Event]) -> None:
    """Let nothing be left in the log of what was withdrawn."""
    for one in found:
        if one.kind == events.GONE:
            store.empty_withdrawn(connection, shared.project_id, one.node, one.author, one.stamp)


def _local(connection: apsw.Connection, name: bytes) -> int | None:
    return incoming.node_with(connection, wire.encoded([name.hex()]))


def _remove(connection: apsw.Connection, name: bytes, found: list[Event]) -> int:
    """Forget what was only others' and is withdrawn."""
    node_id = _local(connection, name)
    if node_id is None or memories.load(connection, node_id).origin != store.ORIGIN:
        return 0
    stamps = [clock.milliseconds(one.stamp) for one in found if one.kind == events.GONE]
    reach = forget.Reach(max(stamps, default=0))
    reach.nodes.add(node_id)
    forget.widen(connection, reach, [])
    forget.forget(connection, reach)
    return 1


def _write(
    connection: apsw.Connection, shared: store.Shared, name: bytes, told: Told, trusted: set[tuple[str, str]],
    taken: Taken, now: int,
) -> None:  # fmt: skip
    node_id = _local(connection, name)
    kind = told.statement["kind"]
    if node_id is None and kind == "failure":
        node_id = _same_failure(connection, shared, told)
        if node_id is not None:
            incoming.name_also(connection, node_id, name)
    held = memories.load(connection, node_id) if node_id is not None else None
    if held is None or held.origin == store.ORIGIN:
        if clock.milliseconds(told.stamp) <= tombstones.node_until(connection, name):
            return
        failure = _local(connection, told.other) if kind == "fix_attempt" else 0
        if failure is None:
            taken.waiting += 1
            return
        node_id = _put(connection, shared, name, told, failure, taken)
        held = memories.load(connection, node_id)
    elif kind == "failure" and told.authors != (shared.author,):
        _put_parts(connection, shared, held.node_id, told, 0)
    _move(connection, held, told, trusted, now)
    taken.written += 1


def _same_failure(connection: apsw.Connection, shared: store.Shared, told: Told) -> int | None:
    from codememory.store import failures

    seen = failures.by_signature(connection, shared.project_id, told.statement["failure"]["signature"])
    return seen.node_id if seen else None


def _put(connection: apsw.Connection, shared: store.Shared, name: bytes, told: Told, failure: int, taken: Taken) -> int:
    """Write what others state: without secrets whatever they did, with whose it is."""
    one = told.statement
    details = redact.redacted_value(one["details"])
    tags = [(kind, redact.redacted(value), weight) for kind, value, weight in one["tags"]]
    row = {
        "uid": name, "kind": one["kind"], "status": memories.ACTIVE, "project_id": shared.project_id,
        "session_id": None, "content": redact.redacted(one["content"])[: memories.CONTENT_CHARS_MAX],
        "details": wire.encoded({**details, "team": {"author": told.author, "origin": one["origin"]}}),
        "confidence": one["confidence"] * (1 if told.believed else FOREIGN_SHARE),
        "trust": memories.STATED if told.believed else memories.OBSERVED,
        "head": one.get("failure", {}).get("head", ""),
        "created_at": one["created_at"], "updated_at": max(one["created_at"], clock.milliseconds(told.stamp)),
    }  # fmt: skip
    node_id = foreign.put_node(connection, row, tags)
    taken.tags.update((kind, value) for kind, value, _ in tags)
    memories.note(connection, node_id, name, "created", one["created_at"], store.ORIGIN, {"author": told.author})
    _put_parts(connection, shared, node_id, told, failure)
    return node_id


def _put_parts(connection: apsw.Connection, shared: store.Shared, node_id: int, told: Told, failure: int) -> None:
    one = told.statement
    authors = [author for author in (told.author, *told.authors) if author != shared.author]
    session = foreign.session_of(connection, shared, authors[0] if authors else shared.author)
    if one["kind"] == "failure":
        row = {"node": node_id, "project": shared.project_id, "session": session, "call": f"team {node_id}"}
        own = memories.load(connection, node_id).origin != store.ORIGIN
        foreign.put_failure(connection, row | one["failure"], own=own)
    if one["kind"] == "fix_attempt":
        foreign.put_attempt(connection, {"node": node_id, "failure": failure, "session": session} | one["attempt"])


def _move(
    connection: apsw.Connection, node: memories.Node, told: Told, trusted: set[tuple[str, str]], now: int
) -> None:
    """Let a memory stand where its steps lead.

    What is in force here is moved only by who is trusted here, or stated it; anybody else's word is a proposal.
    """
    own = node.origin != store.ORIGIN
    kept = (own or told.believed) and node.kind not in ("failure", "fix_attempt")
    shared_steps = {step[0] for step in told.steps}
    moves = [
        (uid, verb, at << clock.COUNTER_BITS, actor, detail)
        for uid, verb, at, actor, detail in store.steps_of(connection, node.node_id)
        if uid not in shared_steps and verb != "created" and actor != store.ORIGIN
    ]
    proposed: dict[str, tuple[bytes, str, int, str, dict[str, Any]]] = {}
    for step in told.steps:
        uid, verb, stamp, author, detail = step
        if kept and (store.AUTHOR, author) not in trusted and (own or author != told.author):
            proposed[author] = step
            continue
        at = clock.milliseconds(stamp)
        moves.append(step)
        incoming.add_event(
            connection, uid, node.node_id, verb, at, store.ORIGIN,
            wire.encoded({**redact.redacted_value(detail), "author": author}),
        )  # fmt: skip
    for author, step in proposed.items():
        status, reason = events.state_of([step]).status, f"{author} of the team says so"
        if not pending.waits(connection, node.node_id, status, reason):
            at = clock.milliseconds(step[2])
            pending.propose(connection, node.node_id, node.uid, status, reason, step[0].hex(), at)
    state = events.state_of(moves)
    incoming.set_state(
        connection, node.node_id, state.status, node.trust, min(state.changed_at >> clock.COUNTER_BITS, now)
    )


def _link(connection: apsw.Connection, name: bytes, told: Told) -> None:
    """Link a memory as others do, as far as both ends are known here."""
    node_id = _local(connection, name)
    if node_id is None:
        return
    kept = []
    for kind, other, at in told.relations:
        other_id = _local(connection, other)
        if other_id is not None:
            memories.relate(connection, node_id, kind, other_id, at)
            kept.append((kind, other_id))
    if memories.load(connection, node_id).origin == store.ORIGIN:
        foreign.drop_other_links(connection, node_id, kept)
