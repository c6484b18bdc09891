"""What a search found, in the shape docs/JSON.md names."""

from __future__ import annotations

from typing import Any

import apsw

from codememory.explore import shapes, snippet
from codememory.store import memories, projects, scope, summaries
from codememory.store.messages import Message


def message_hit(
    connection: apsw.Connection, message: Message, score: float, shown: str, session_id: int | None = None
) -> dict[str, Any]:
    """Return the hit for a message, in the session it was found in."""
    session, _, _, root, *_ = scope.session_details(connection, session_id or message.session_id)
    return {
        "id": message.id,
        "type": "message",
        "session": session,
        "project": root,
        "role": message.role,
        "kind": message.kind,
        "created_at": shapes.moment(message.created_at),
        "score": round(score, 4),
        "snippet": shown,
    }


def node_hit(connection: apsw.Connection, node_id: int, score: float, terms: list[str]) -> dict[str, Any]:
    """Return the hit for a memory node."""
    node = memories.load(connection, node_id)
    text = memories.spoken_text(node)
    session = scope.session_details(connection, node.session_id)[0] if node.session_id else None
    return {
        "id": node.id,
        "type": "node",
        "session": session,
        "project": projects.name_and_root(connection, node.project_id)[1],
        "role": None,
        "kind": node.kind,
        "status": node.status,
        "created_at": shapes.moment(node.created_at),
        "score": round(score, 4),
        "snippet": snippet.window(text, snippet.best_place(text, terms)),
    }


def summary_hit(connection: apsw.Connection, summary: summaries.Summary, score: float, shown: str) -> dict[str, Any]:
    """Return the hit for a summary."""
    return {
        "id": summary.id,
        "type": "summary",
        "session": summary.session,
        "project": summary.project,
        "role": None,
        "kind": summary.kind,
        "created_at": shapes.moment(summary.created_at),
        "score": round(score, 4),
        "snippet": shown,
    }


def whose(hit: dict[str, Any]) -> str:
    """Return whose words a hit is: what a tool returned comes in the user's name, and is none of theirs."""
    if hit["role"] != "user" or hit["kind"] == "prompt":
        return str(hit["role"] or hit["kind"] or hit["type"])
    return "tool" if hit["kind"] == "result" else str(hit["kind"])
