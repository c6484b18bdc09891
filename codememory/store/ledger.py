"""What was said to the model: once per session, thread and epoch; and how much it was."""

from __future__ import annotations

from codememory import db, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


def unsaid(connection: apsw.Connection, session_id: int, thread: str, epoch: int, node_ids: list[int]) -> set[int]:
    """Return those of the nodes that this thread was not told since the last compaction."""
    said = connection.execute(
        "SELECT node_id FROM injection WHERE session_id = ? AND thread = ? AND epoch = ?"
        " AND node_id IN (SELECT value FROM json_each(?))",
        (session_id, thread, epoch, wire.encoded(node_ids)),
    )
    return set(node_ids) - {node_id for (node_id,) in said}


def own(connection: apsw.Connection, session_id: int, since: int, node_ids: list[int]) -> set[int]:
    """Return those of the nodes that come out of a session's own conversation from a time on: it still sees them."""
    found = db.rows(
        connection,
        "SELECT node_id FROM node WHERE session_id = ? AND created_at >= ? AND origin IN ('model', 'extracted')"
        " AND kind <> 'fix_attempt' AND node_id IN (SELECT value FROM json_each(?))",
        (session_id, since, wire.encoded(node_ids)),
    )
    return {node_id for (node_id,) in found}


def say(
    connection: apsw.Connection,
    session_id: int,
    thread: str,
    epoch: int,
    node_id: int,
    event: str,
    at: int,
    tokens: int,
) -> None:
    """Record that a node is about to be said."""
    connection.execute(
        "INSERT OR IGNORE INTO injection (session_id, thread, epoch, node_id, event, at, tokens)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (session_id, thread, epoch, node_id, event, at, tokens),
    )


def forget(connection: apsw.Connection, session_id: int, thread: str, epoch: int) -> None:
    """Take back what was recorded as said in an epoch, because the client did not deliver it."""
    connection.execute(
        "DELETE FROM injection WHERE session_id = ? AND thread = ? AND epoch = ? AND event = 'SessionStart'",
        (session_id, thread, epoch),
    )


def totals(connection: apsw.Connection) -> tuple[int, int, int]:
    """Return (memories said, tokens, how many of them a session had been told before: in a thread or an epoch)."""
    return db.first(
        connection,
        "SELECT count(*), coalesce(sum(tokens), 0), count(*) - count(DISTINCT session_id || ' ' || node_id)"
        " FROM injection",
    )


def said_of(connection: apsw.Connection, node_id: int) -> list[tuple[str, str, int]]:
    """Return (session, event, time) of each time a node was said."""
    return db.rows(
        connection,
        "SELECT client_id, event, at FROM injection JOIN session USING (session_id) WHERE node_id = ? ORDER BY at",
        (node_id,),
    )
