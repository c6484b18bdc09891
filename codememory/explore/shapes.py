"""The JSON shapes of stored things, as docs/JSON.md names them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import apsw

from codememory import records
from codememory.store import memories, projects, scope
from codememory.store.memories import Node
from codememory.store.messages import Message


def moment(at: int) -> str | None:
    """Return an ISO 8601 time in UTC, None for an unknown one."""
    if not at:
        return None
    try:
        return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None


def message(found: Message, place: int) -> dict[str, Any]:
    """Return a message, verbatim."""
    return {
        "id": found.id,
        "uuid": found.uuid,
        "seq": place,
        "session": found.session,
        "thread": found.agent,
        "role": found.role,
        "kind": found.kind,
        "tier": found.tier,
        "tags": found.tags.split(),
        "tokens": found.tokens,
        "created_at": moment(found.created_at),
        "text": found.text,
        "blocks": found.blocks,
        **({"extra": found.extra} if found.extra else {}),
    }


def node(connection: apsw.Connection, found: Node) -> dict[str, Any]:
    """Return a memory node with its tags, relations and evidence."""
    session = scope.session_details(connection, found.session_id)[0] if found.session_id else None
    return {
        "id": found.id,
        "kind": found.kind,
        "status": found.status,
        "content": found.content,
        "details": found.details,
        "confidence": found.confidence,
        "origin": found.origin,
        "trust": found.trust,
        "project": projects.name_and_root(connection, found.project_id)[1],
        "session": session,
        "branch": found.branch,
        "head": found.head,
        "created_at": moment(found.created_at),
        "updated_at": moment(found.updated_at),
        "tags": [
            {"kind": kind, "value": value, "weight": weight}
            for kind, value, weight in memories.tags_of(connection, found.node_id)
        ],
        "relations": [
            {"kind": kind, "direction": direction, "id": records.id_of(records.NODE, uid), "created_at": moment(at)}
            for kind, direction, uid, at in memories.relations_of(connection, found.node_id)
        ],
        "evidence": memories.evidence_of(connection, found.node_id),
    }


def events(connection: apsw.Connection, node_id: int) -> list[dict[str, Any]]:
    """Return the steps of a node's life."""
    return [
        {"verb": verb, "at": moment(at), "actor": actor, "detail": detail}
        for verb, at, actor, detail in memories.events_of(connection, node_id)
    ]
