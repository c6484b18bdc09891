"""Memories with everything around them: tags, links, life, evidence, a failure's chain, and when they were said."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import apsw

from codememory import remedy, wire
from codememory.explore.verdict import verdict
from codememory.picture.calls import Calls, message_id
from codememory.picture.sessions import beginning
from codememory.store import memories, whole
from codememory.store.memories import Node

OCCURRENCES_MAX = 40
"""The latest are shown; how often it happened is counted whole."""

ATTEMPTS_MAX = 20
SAID_MAX = 100
WORDS_CHARS_MAX = 200


class Around:
    """What stands around nodes, read table by table and looked up node by node."""

    def __init__(self, connection: apsw.Connection, node_ids: list[int], clients: dict[int, str]) -> None:
        self.clients = clients
        self.nodes = memories.load_all(connection, node_ids)
        self.tags = _grouped(whole.tags(connection, node_ids))
        self.events = _grouped(whole.events(connection, node_ids))
        self.evidence = _grouped(whole.evidence(connection, node_ids))
        self.failures = {row[0]: row[1:] for row in whole.failures(connection)}
        self.occurrences = _grouped(whole.occurrences(connection))
        attempts = whole.attempts(connection)
        self.attempt_of = {row[0]: row for row in attempts}
        self.attempts_at: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row in attempts:
            if row[0] in self.nodes:
                self.attempts_at[row[1]].append(row)
        self.said: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for session_id, thread, node_id, *moment in whole.injections(connection):
            if session_id in clients:
                self.said[node_id].append((session_id, thread, *moment))
        self.relations: dict[int, list[list[Any]]] = defaultdict(list)
        for node_id, kind, other_id, at in whole.relations(connection):
            if node_id in self.nodes and other_id in self.nodes:
                self.relations[node_id].append([kind, "out", self.nodes[other_id].id, at])
                self.relations[other_id].append([kind, "in", self.nodes[node_id].id, at])
        keys = [source[4:] for sources in self.evidence.values() for (source,) in sources if source.startswith("msg_")]
        self.messages = whole.messages_by_key(connection, keys)
        payloads = whole.payloads(connection, [message for message, _ in self.messages.values()])
        self.words = {message: beginning(how, blocks, WORDS_CHARS_MAX) for message, how, blocks in payloads}


def _grouped(rows: list[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def shown(
    connection: apsw.Connection, around: Around, node: Node, calls: Calls, roots: dict[int, str]
) -> dict[str, Any]:
    """Return a memory with what stands around it; the fields of `memory show`, times in milliseconds."""
    found: dict[str, Any] = {
        "id": node.id,
        "kind": node.kind,
        "status": node.status,
        "content": node.content,
        "details": node.details,
        "confidence": node.confidence,
        "origin": node.origin,
        "trust": node.trust,
        "project": roots[node.project_id],
        "session": around.clients.get(node.session_id or 0),
        "branch": node.branch,
        "head": node.head,
        "created_at": node.created_at,
        "updated_at": node.updated_at,
        "tags": around.tags[node.node_id],
        "relations": around.relations[node.node_id],
        "evidence": [_source(around, calls, source) for (source,) in around.evidence[node.node_id]],
        "lifecycle": [
            {"verb": verb, "at": at, "actor": actor, "detail": wire.decoded(detail)}
            for verb, at, actor, detail in around.events[node.node_id]
        ],
        "said": [_said(around, calls, row) for row in around.said[node.node_id][-SAID_MAX:]],
    }
    if node.node_id in around.failures:
        found |= _failure(connection, around, node, calls)
        found["verdict"] = verdict(found)
        if found["verdict"]["call"]:
            calls.name(found["verdict"]["call"])
    if node.node_id in around.attempt_of:
        _, failure_id, _, outcome, check, at = around.attempt_of[node.node_id]
        calls.name(check)
        against = around.nodes.get(failure_id)
        found["attempt"] = {"failure": against.id if against else None, "outcome": outcome, "check": check, "at": at}
    return found


def _source(around: Around, calls: Calls, source: str) -> dict[str, Any]:
    """Return what a memory rests on: a message with its session, a call, or a name that leads nowhere."""
    if calls.name(source):
        return {"call": source}
    message = around.messages.get(source[4:])
    if message is None:
        return {"source": source}
    return {
        "message": message_id(bytes.fromhex(source[4:])),
        "session": around.clients.get(message[1]),
        "text": around.words[message[0]],
    }


def _said(around: Around, calls: Calls, row: tuple[Any, ...]) -> dict[str, Any]:
    session_id, thread, event, at, tokens, confirmed_at = row
    return {
        "session": around.clients[session_id],
        "thread": thread,
        "event": event,
        "at": at,
        "tokens": tokens,
        "confirmed": confirmed_at is not None,
        "next": calls.next_after(session_id, thread, at),
    }


def _failure(connection: apsw.Connection, around: Around, node: Node, calls: Calls) -> dict[str, Any]:
    """Return what is known of a failure: how often it happened, what was tried, and what is known to help."""
    signature, kind, symbol, occurrences, first_at, last_at, passed_at = around.failures[node.node_id]
    known = remedy.of_failure(connection, node)
    times = around.occurrences[node.node_id][:OCCURRENCES_MAX]
    attempts = []
    for attempt_id, _, session_id, outcome, check, at in around.attempts_at[node.node_id][:ATTEMPTS_MAX]:
        calls.name(check)
        held = around.nodes[attempt_id]
        attempts.append(
            {
                "id": held.id, "outcome": outcome, "at": at, "summary": remedy.summary_of(held.details),
                "check": held.details.get("check"), "call": check, "session": around.clients.get(session_id),
            }
        )  # fmt: skip
    return {
        "failure": {
            "signature": signature, "type": kind, "symbol": symbol, "occurrences": occurrences, "first_at": first_at,
            "last_at": last_at, "passed_at": passed_at,
        },
        "fix": {"state": known.state, "summary": known.summary, "id": known.id},
        "attempts": attempts,
        "occurrences": [
            {"session": around.clients.get(session_id), "call": call_id if calls.name(call_id) else None, "at": at}
            for session_id, call_id, at in times
        ],
    }  # fmt: skip


def quotations(around: Around, calls: Calls) -> dict[int, list[dict[str, Any]]]:
    """Return message → each time it was quoted to the model; the ledger names it by its negative."""
    return {
        -node_id: [_said(around, calls, row) for row in rows] for node_id, rows in around.said.items() if node_id < 0
    }


def told(around: Around) -> tuple[list[dict[str, Any]], int]:
    """Return (what was said at each moment and its tokens, how much of all that a session was told before)."""
    rows = [(node_id, row) for node_id, said in around.said.items() for row in said]
    totals: dict[str, dict[str, Any]] = {}
    for _, (_, _, event, _, tokens, _) in rows:
        one = totals.setdefault(event, {"event": event, "count": 0, "tokens": 0})
        one["count"] += 1
        one["tokens"] += tokens
    again = len(rows) - len({(row[0], node_id) for node_id, row in rows})
    return sorted(totals.values(), key=lambda one: -one["tokens"]), again
