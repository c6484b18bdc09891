"""Describe one message, summary, node or session."""

from __future__ import annotations

from typing import Any

import apsw

from codememory import records, remedy
from codememory.errors import CodeMemoryError
from codememory.explore import shapes
from codememory.explore.verdict import verdict
from codememory.store import attempts, calls, failures, identity, ledger, memories, messages, scope, sessions, summaries


def describe(connection: apsw.Connection, wanted: str) -> dict[str, Any]:
    """Return everything about the thing with this id.

    Raises:
        UnknownIdError: Nothing has this id.
        AmbiguousIdError: It is the beginning of several ids.

    """
    kind, row_id = identity.resolve(connection, wanted)
    if kind == records.MESSAGE:
        return _message(connection, row_id)
    if kind == records.NODE:
        return node_of(connection, row_id)
    if kind == records.SUMMARY:
        return _summary(connection, row_id)
    return _session(connection, row_id)


def _message(connection: apsw.Connection, message_id: int) -> dict[str, Any]:
    found = messages.load(connection, message_id)
    return {
        "type": "message",
        **shapes.message(found, messages.place_of(connection, found.session_id, message_id)),
        "sessions": messages.sessions_holding(connection, message_id),
        "transcript": {"path": found.path, "offset": found.line_offset, "bytes": found.line_bytes},
        "nodes": [records.id_of(records.NODE, uid) for uid in scope.nodes_resting_on(connection, found.id)],
        "parents": [],
        "expand_tokens": found.tokens,
    }


def node_of(connection: apsw.Connection, node_id: int) -> dict[str, Any]:
    """Return a node with its life, and where and when it was said."""
    found = memories.load(connection, node_id)
    shape = {
        "type": "node",
        **shapes.node(connection, found),
        "lifecycle": shapes.events(connection, node_id),
        "said": [
            {"session": one.session, "event": one.event, "at": shapes.moment(one.at)}
            for one in ledger.said_of(connection, node_id)
        ],
        "expand_tokens": len(found.content) // 4,
    }
    shape.update(_repair(connection, found))
    if found.kind == "failure":
        seen = failures.seen(connection, node_id)
        shape["failure"] = {
            "signature": seen.signature,
            "type": seen.type,
            "symbol": seen.symbol,
            "occurrences": seen.occurrences,
            "first_at": shapes.moment(seen.first_at),
            "last_at": shapes.moment(seen.last_at),
        }
        shape["verdict"] = verdict(shape)
    return shape


def _repair(connection: apsw.Connection, found: memories.Node) -> dict[str, Any]:
    """Return the chain of a failure: its attempts and its fix; of an attempt: what it was against."""
    if found.kind == "failure":
        known = remedy.of_failure(connection, found)
        chain = [
            {
                "id": records.id_of(records.NODE, memories.load(connection, one.node_id).uid),
                "outcome": one.outcome,
                "summary": remedy.summary_of(memories.load(connection, one.node_id).details),
                "check": memories.load(connection, one.node_id).details.get("check"),
                "at": shapes.moment(one.ended_at),
            }
            for one in attempts.against(connection, found.node_id)
        ]
        return {"fix": {"state": known.state, "summary": known.summary, "id": known.id}, "attempts": chain}
    attempt = attempts.of_node(connection, found.node_id)
    if attempt is None:
        return {}
    against = memories.load(connection, attempt.failure_id)
    return {"attempt": {"failure": against.id, "outcome": attempt.outcome, "at": shapes.moment(attempt.ended_at)}}


def _summary(connection: apsw.Connection, summary_id: int) -> dict[str, Any]:
    found = summaries.load(connection, summary_id)
    under = summaries.covered(connection, summary_id)
    children = [summaries.load(connection, child).id for child in summaries.children(connection, summary_id)]
    if found.kind == summaries.LEAF:
        children = [messages.load(connection, message_id).id for _, message_id in under]
    return {
        "type": "summary",
        "id": found.id,
        "session": found.session,
        "kind": found.kind,
        "method": found.method,
        "depth": found.depth,
        "tokens": found.tokens,
        "source_tokens": found.source_tokens,
        "created_at": shapes.moment(found.created_at),
        "text": found.text,
        "messages": len(under),
        "places": [found.first_place, found.last_place],
        "parents": [summaries.load(connection, found.parent_id).id] if found.parent_id else [],
        "children": children,
        "expand_tokens": sum(messages.load(connection, message_id).tokens for _, message_id in under),
    }


def _session(connection: apsw.Connection, session_id: int) -> dict[str, Any]:
    client_id, _, name, root, started_at, last_at, compactions = scope.session_details(connection, session_id)
    members = sessions.messages_of(connection, session_id)
    keys = messages.keys_and_tokens(connection, session_id)
    made = summaries.of_session(connection, session_id)
    return {
        "type": "session",
        "id": client_id,
        "project": root,
        "project_name": name,
        "started_at": shapes.moment(started_at),
        "last_at": shapes.moment(last_at),
        "compactions": compactions,
        "messages": len(members),
        "threads": sorted({thread for _, _, thread in members}),
        "subagents": _subagents(connection, session_id, members),
        "roots": [one.id for one in made if one.parent_id is None and one.method != summaries.CLIENT],
        "summaries": [one.id for one in made],
        "tail": [records.id_of(records.MESSAGE, key) for key, _ in summaries.tail(connection, session_id)],
        "expand_tokens": sum(tokens for _, tokens in keys),
    }


TASK_CHARS_MAX = 200


def _subagents(
    connection: apsw.Connection, session_id: int, members: list[tuple[int, int, str]]
) -> list[dict[str, Any]]:
    """Return the subagents of a session: those that took a task, in its order, then those nobody knows the task of."""
    failed = calls.failures_by_thread(connection, session_id)
    counted: dict[str, int] = {}
    for _, _, thread in members:
        counted[thread] = counted.get(thread, 0) + 1
    tasks = calls.delegations(connection, session_id)
    known = {task.agent for task in tasks}
    others = sorted({*counted, *failed} - known - {""})
    tasks += [calls.Delegation("", "", "", thread) for thread in others]
    return [
        {
            "agent": task.agent or None,
            "type": task.agent_type or None,
            "tool_use_id": task.tool_use_id or None,
            "task": task.prompt[:TASK_CHARS_MAX],
            "messages": counted.get(task.agent, 0) if task.agent else 0,
            "failures": failed.get(task.agent, 0) if task.agent else 0,
        }
        for task in tasks
    ]


def origin_of(connection: apsw.Connection, node: memories.Node) -> dict[str, Any]:
    """Return where a memory came from, each time it was said, and the next thing that was done then."""
    return {
        "id": node.id,
        "kind": node.kind,
        "status": node.status,
        "content": node.content,
        "origin": node.origin,
        "trust": node.trust,
        "confidence": node.confidence,
        "created_at": shapes.moment(node.created_at),
        "evidence": [_source(connection, source) for source in memories.evidence_of(connection, node.node_id)],
        "lifecycle": shapes.events(connection, node.node_id),
        "said": [
            {
                "session": one.session,
                "thread": one.thread,
                "event": one.event,
                "at": shapes.moment(one.at),
                "confirmed_at": shapes.moment(one.confirmed_at) if one.confirmed_at else None,
                "next": calls.next_after(connection, one.session_id, one.thread, one.at),
                "reply": _reply_after(connection, one),
            }
            for one in ledger.said_of(connection, node.node_id)
        ],
    }


def _reply_after(connection: apsw.Connection, said: ledger.Said) -> str | None:
    message_id = messages.reply_after(connection, said.session_id, said.thread, said.at)
    return messages.load(connection, message_id).text[:200] if message_id else None


def _source(connection: apsw.Connection, source: str) -> dict[str, Any]:
    if not source.startswith(f"{records.MESSAGE}_"):
        return {"source": source, "text": ""}
    try:
        _, message_id = identity.resolve(connection, source)
    except CodeMemoryError:
        return {"source": source, "text": ""}
    return {"source": source, "text": messages.load(connection, message_id).text[:200]}
