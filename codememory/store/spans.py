"""What happened in a span of a session: its prompts, calls, failures and marks, as rows to be summarised."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

LINE_BYTES_MAX = 4_000_000
"""What is longer is left out of a summary: it would take a hook too much memory."""


def lines(connection: apsw.Connection, session_id: int, thread: str, first: int, last: int) -> list[tuple[Any, ...]]:
    """Return (key, kind, tags, session, codec, blocks) of prompts, tasks, replies and calls, in order.

    The session is the one that the line came from first, which its calls are recorded in. A slash command's prompt is
    history only, and all the same what was asked.
    """
    return db.rows(
        connection,
        "SELECT m.key, m.kind, m.tags, m.session_id, m.blocks_codec, m.blocks FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ? AND b.thread = ?"
        " AND b.place BETWEEN ? AND ? AND (m.kind IN ('prompt', 'call')"
        " OR m.kind IN ('task', 'reply') AND m.tier <> 'N') AND m.line_bytes <= ?"
        " ORDER BY b.place",
        (session_id, thread, first, last, LINE_BYTES_MAX),
    )


def call(connection: apsw.Connection, session_id: int, tool_use_id: str) -> tuple[Any, ...] | None:
    """Return (tool, command, command key, file, edit, target, outcome, exit code) of a call."""
    row: tuple[Any, ...] | None = db.first(
        connection,
        "SELECT tool, command, command_key, file, edit, target, outcome, exit_code FROM tool_call"
        " WHERE session_id = ? AND tool_use_id = ?",
        (session_id, tool_use_id),
    )
    return row


def failures(connection: apsw.Connection, session_id: int, tool_use_id: str) -> list[int]:
    """Return the failures that a call's output held."""
    found = db.rows(
        connection,
        "SELECT node_id FROM occurrence WHERE session_id = ? AND tool_use_id = ? ORDER BY ordinal",
        (session_id, tool_use_id),
    )
    return [node_id for (node_id,) in found]


def results(
    connection: apsw.Connection, session_id: int, thread: str, first: int, last: int, limit: int
) -> list[tuple[Any, ...]]:
    """Return (key, session, codec, blocks) of the first tool results of a span, in order."""
    return db.rows(
        connection,
        "SELECT m.key, m.session_id, m.blocks_codec, m.blocks FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ? AND b.thread = ?"
        " AND b.place BETWEEN ? AND ? AND m.kind = 'result' AND m.line_bytes <= ? ORDER BY b.place LIMIT ?",
        (session_id, thread, first, last, LINE_BYTES_MAX, limit),
    )


def marks(connection: apsw.Connection, session_id: int, after: int, until: int) -> list[int]:
    """Return the decisions, constraints and tasks a session stated between two times."""
    found = db.rows(
        connection,
        "SELECT node_id FROM node WHERE session_id = ? AND kind IN ('decision', 'constraint', 'task')"
        " AND trust <> 'quarantined' AND created_at > ? AND created_at <= ? ORDER BY created_at",
        (session_id, after, until),
    )
    return [node_id for (node_id,) in found]


def mark_times(connection: apsw.Connection, session_id: int, first: int, last: int) -> tuple[int, int]:
    """Return the times (after, until) between which a statement belongs to a span of the main thread.

    Spans that follow each other get times that follow each other, though a transcript's may go backwards.
    """
    until = _latest(connection, session_id, last)
    return (_latest(connection, session_id, first - 1) if first else -1), until


def _latest(connection: apsw.Connection, session_id: int, place: int) -> int:
    """Return the latest time of the messages shortly before a place, the place included."""
    return db.first(
        connection,
        "SELECT coalesce(max(created_at), -1) FROM (SELECT m.created_at FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ? AND b.thread = '' AND b.place <= ?"
        " ORDER BY b.place DESC LIMIT 200)",
        (session_id, place),
    )[0]


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
        " WHERE b.session_id = ? AND b.thread = '' AND m.kind = 'prompt' AND m.tier = 'S'"
        " ORDER BY b.place DESC LIMIT 1",
        (session_id,),
    )
