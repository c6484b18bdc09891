"""Take memories in: what they say, the steps of their lives, and what is to be forgotten."""

from __future__ import annotations

import apsw

from codememory import forget, records, wire
from codememory.store import erasure, failures, incoming, memories, merging, outgoing, sessions, tombstones
from codememory.store.merging import ADDED, CHANGED, KNOWN
from codememory.transfer import lines, merge
from codememory.transfer.taking import KEPT_OUT, Taking, row_of


def take_tombstone(store: Taking, line: lines.Tombstone) -> str:
    """Forget what another store was told to forget."""
    connection, key = store.connection, bytes.fromhex(line.key)
    if line.kind not in (tombstones.NODE, tombstones.SESSION):
        raise ValueError(f"{line.kind!r} is nothing that can be forgotten")
    if not tombstones.bury(connection, line.kind, key, line.at):
        return KNOWN
    reach = forget.Reach(line.at)
    if line.kind == tombstones.SESSION:
        for session_id, client_id in incoming.session_ids_and_names(connection):
            if tombstones.session_key(client_id) == key:
                reach.sessions.add(session_id)
                reach.nodes.update(erasure.nodes_of(connection, session_id, line.at))
                forget.widen(connection, reach, erasure.messages_of(connection, session_id, line.at))
    else:
        node_id = incoming.node_with(connection, wire.encoded([line.key]))
        if node_id is not None:
            if any(verb == "created" and at > line.at for verb, at, _, _ in memories.events_of(connection, node_id)):
                incoming.drop_events(connection, node_id, line.at)
            else:
                reach.nodes.add(node_id)
                forget.widen(connection, reach, [])
    if not reach.is_empty():
        reach.until = 0 if line.kind == tombstones.NODE else line.at
        forget.forget(connection, reach)
    return ADDED


def take_node(store: Taking, line: lines.Node) -> str:
    """Take a memory in: as a new one, or merged with the one that has any of its uids, or is the same failure."""
    connection = store.connection
    if line.kind not in records.NODE_KINDS:
        raise ValueError(f"{line.kind!r} is no kind of memory")
    uids = [line.id, *line.also]
    project_id = store.project(line.project)
    known = incoming.node_with(connection, wire.encoded(uids))
    if known is None and line.failure is not None:
        known = _same_failure(connection, project_id, line.failure)
    until = max(tombstones.node_until(connection, bytes.fromhex(uid)) for uid in uids)
    if known is not None:
        until = max(until, store.forgotten_until(known))
    steps = merge.surviving(_event_rows(store, line), until)
    if not steps:
        return KEPT_OUT
    attempted = store.node(line.attempt.failure) if line.attempt else None
    if line.attempt and attempted is None:
        return KEPT_OUT
    before = connection.total_changes()
    uid = bytes.fromhex(line.id) if known is None else memories.load(connection, known).uid
    done = _merge_node(store, line, uid, project_id)
    node = memories.load(connection, incoming.node_with(connection, wire.encoded([uid.hex()])) or 0)
    for other in uids:
        if bytes.fromhex(other) != node.uid:
            incoming.name_also(connection, node.node_id, bytes.fromhex(other))
    _merge_parts(store, line, node, steps, attempted)
    if connection.total_changes() > before:
        _settle(connection, node.node_id)
        memories.index_again(connection, memories.load(connection, node.node_id))
        return done if done == ADDED else CHANGED
    return KNOWN


def _event_rows(store: Taking, line: lines.Node) -> list[merge.Step]:
    return [
        merge.Step(
            bytes.fromhex(one.id), wire.storable(one.verb), one.at, wire.storable(one.actor),
            store.clean_value(one.detail),
        )
        for one in line.events
    ]  # fmt: skip


def _same_failure(connection: apsw.Connection, project_id: int, failure: lines.Failure) -> int | None:
    seen = failures.by_signature(connection, project_id, wire.storable(failure.signature))
    return seen.node_id if seen else None


def _merge_node(store: Taking, line: lines.Node, uid: bytes, project_id: int) -> str:
    connection = store.connection
    session_id = store.session(line.session) if line.session is not None else None
    known = merging.held(connection, "node", {"uid": uid, "node_id": 0})
    if known is not None and _origin(line.created_at, line.session) < _held_origin(connection, known["node_id"]):
        incoming.set_session(connection, known["node_id"], session_id)
    row = row_of(
        uid=uid, kind=line.kind, status=memories.ACTIVE, project_id=project_id, session_id=session_id,
        content=store.clean(line.content), details=wire.encoded(store.clean_value(line.details)),
        confidence=float(line.confidence), origin=line.origin, trust=line.trust, branch=line.branch, head=line.head,
        created_at=line.created_at, updated_at=line.updated_at,
    )  # fmt: skip
    return merging.merged(connection, "node", row)


def _held_origin(connection: apsw.Connection, node_id: int) -> tuple[int, bool, str]:
    node = memories.load(connection, node_id)
    client_id = sessions.client_id_of(connection, node.session_id) if node.session_id is not None else None
    return _origin(node.created_at, client_id)


def _origin(created_at: int, client_id: str | None) -> tuple[int, bool, str]:
    """Return that by which the session that a memory came out of first is told from another."""
    return created_at, client_id is None, wire.storable(client_id or "")


def _merge_parts(
    store: Taking, line: lines.Node, node: memories.Node, steps: list[merge.Step], attempted: int | None
) -> None:
    connection = store.connection
    for kind, value, weight in line.tags:
        row = row_of(
            project_id=node.project_id, kind=kind, value=store.clean(value), node_id=node.node_id, weight=weight
        )
        merging.merged(connection, "node_tag", row)
    for source in line.evidence:
        memories.rest_on(connection, node.node_id, wire.storable(source))
    for step in steps:
        detail = wire.storable(wire.encoded(step.detail))
        incoming.add_event(connection, step.uid, node.node_id, step.verb, step.at, step.actor, detail)
    if line.failure:
        one = line.failure
        row = row_of(
            node_id=node.node_id, project_id=node.project_id, signature=one.signature, type=one.kind,
            symbol=one.symbol, first_at=one.first_at, last_at=one.last_at, passed_at=one.passed_at,
            contents=one.contents,
        )  # fmt: skip
        wire.decoded(one.contents)
        merging.merged(connection, "failure", row)
    if line.attempt and attempted is not None:
        row = row_of(
            node_id=node.node_id, failure_id=attempted, session_id=store.session(line.attempt.session),
            outcome=line.attempt.outcome, check_tool_use_id=line.attempt.check, ended_at=line.attempt.ended_at,
        )  # fmt: skip
        merging.merged(connection, "attempt", row)


def _steps(connection: apsw.Connection, node_id: int) -> list[merge.Step]:
    return [
        merge.Step(uid, verb, at, actor, wire.decoded(detail))
        for uid, verb, at, actor, detail in outgoing.events(connection, node_id)
    ]


def settle_all(connection: apsw.Connection) -> None:
    """Let every memory stand where its steps lead, whatever order they arrived in: so another store will see it."""
    with connection:
        for node_id in incoming.out_of_order(connection):
            _settle(connection, node_id)


def _settle(connection: apsw.Connection, node_id: int) -> None:
    node = memories.load(connection, node_id)
    steps = _steps(connection, node_id)
    state = merge.state_of(steps, merge.first_trust(node.trust, steps))
    incoming.set_state(connection, node_id, state.status, state.trust, state.changed_at)


def take_occurrence(store: Taking, line: lines.Occurrence) -> str:
    """Take in one time a failure happened."""
    node_id = store.node(line.failure)
    if node_id is None or line.at <= store.forgotten_until(node_id):
        return KEPT_OUT
    row = row_of(
        session_id=store.session(line.session), tool_use_id=line.call, ordinal=line.ordinal, node_id=node_id,
        at=line.at, branch=line.branch, head=line.head,
    )  # fmt: skip
    done = merging.merged(store.connection, "occurrence", row)
    incoming.recount(store.connection, node_id)
    return done


def take_relation(store: Taking, line: lines.Relation) -> str:
    """Take a link between two memories in."""
    ends = [store.node(line.node), store.node(line.other)]
    for end in ends:
        if end is None or line.created_at <= store.forgotten_until(end):
            return KEPT_OUT
    row = row_of(node_id=ends[0], kind=line.kind, other_id=ends[1], created_at=line.created_at)
    return merging.merged(store.connection, "relation", row)


def take_pending(store: Taking, line: lines.Pending) -> str:
    """Take a proposed change in."""
    node_id = store.node(line.node)
    if node_id is None or line.created_at <= store.forgotten_until(node_id):
        return KEPT_OUT
    if line.state not in ("open", "applied", "dismissed"):
        raise ValueError(f"{line.state!r} is no state of a proposed change")
    row = row_of(
        uid=bytes.fromhex(line.id), node_id=node_id, status=line.status, reason=store.clean(line.reason),
        evidence=line.evidence, created_at=line.created_at, state=line.state, decided_at=line.decided_at,
    )  # fmt: skip
    return merging.merged(store.connection, "pending_update", row)
