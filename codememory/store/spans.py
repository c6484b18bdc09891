"""What happened in a span of a session: its prompts, calls, failures and marks, as rows to be summarised."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw


def said(connection: apsw.Connection, session_id: int, thread: str, first: int, last: int) -> list[tuple[Any, ...]]:
    """Return (key, kind, tags, codec, blocks) of prompts, tasks, replies and client summaries, in order."""
    return db.rows(
        connection,
        "SELECT m.key, m.kind, m.tags, m.blocks_codec, m.blocks FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ? AND b.thread = ?"
        " AND b.place BETWEEN ? AND ? AND m.kind IN ('prompt', 'task', 'reply', 'call') AND m.tier <> 'N'"
        " ORDER BY b.place",
        (session_id, thread, first, last),
    )


def calls(connection: apsw.Connection, session_id: int, thread: str, first: int, last: int) -> list[tuple[Any, ...]]:
    """Return (message key, tool, command, command key, file, has an edit, outcome, exit code) of calls, in order."""
    return db.rows(
        connection,
        "SELECT m.key, c.tool, c.command, c.command_key, c.file, c.edit IS NOT NULL, c.outcome, c.exit_code"
        " FROM membership b JOIN message m ON m.message_id = b.message_id"
        " JOIN tool_call c ON c.session_id = m.session_id AND c.message_id = m.message_id"
        " WHERE b.session_id = ? AND b.thread = ? AND b.place BETWEEN ? AND ? ORDER BY b.place, c.called_at",
        (session_id, thread, first, last),
    )


def failures(connection: apsw.Connection, session_id: int, thread: str, first: int, last: int) -> list[int]:
    """Return the failures that happened in a span, in order, each once."""
    found = db.rows(
        connection,
        "SELECT DISTINCT o.node_id FROM membership b JOIN message m ON m.message_id = b.message_id"
        " JOIN tool_call c ON c.session_id = m.session_id AND c.result_message_id = m.message_id"
        " JOIN occurrence o ON o.session_id = c.session_id AND o.tool_use_id = c.tool_use_id"
        " WHERE b.session_id = ? AND b.thread = ? AND b.place BETWEEN ? AND ? ORDER BY o.at",
        (session_id, thread, first, last),
    )
    return list(dict.fromkeys(node_id for (node_id,) in found))


def marks(connection: apsw.Connection, session_id: int, after: int, until: int) -> list[int]:
    """Return the decisions, constraints and tasks a session stated between two times."""
    found = db.rows(
        connection,
        "SELECT node_id FROM node WHERE session_id = ? AND kind IN ('decision', 'constraint', 'task')"
        " AND created_at > ? AND created_at <= ? ORDER BY created_at",
        (session_id, after, until),
    )
    return [node_id for (node_id,) in found]


def times(connection: apsw.Connection, session_id: int, first: int, last: int) -> tuple[int, int]:
    """Return (earliest, latest) time of the messages between two places."""
    return db.first(
        connection,
        "SELECT coalesce(min(m.created_at), 0), coalesce(max(m.created_at), 0) FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ? AND b.place BETWEEN ? AND ?",
        (session_id, first, last),
    )


def latest_calls(connection: apsw.Connection, session_id: int, limit: int) -> list[tuple[Any, ...]]:
    """Return (command, file, has an edit, outcome, exit code) of a session's last commands and edits, newest first."""
    return db.rows(
        connection,
        "SELECT command, file, edit IS NOT NULL, outcome, exit_code FROM tool_call WHERE session_id = ?"
        " AND (command IS NOT NULL OR edit IS NOT NULL) ORDER BY called_at DESC LIMIT ?",
        (session_id, limit),
    )


def latest_prompt(connection: apsw.Connection, session_id: int) -> tuple[int, bytes] | None:
    """Return (codec, blocks) of the user's latest prompt in a session."""
    return db.first(
        connection,
        "SELECT m.blocks_codec, m.blocks FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = ? AND b.thread = '' AND m.kind = 'prompt' AND m.tier = 'S' ORDER BY b.place DESC LIMIT 1",
        (session_id,),
    )
