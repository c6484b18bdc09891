"""What old history weighs, and taking it away: what tools returned, or whole sessions. Memories stay."""

from __future__ import annotations

from codememory import codec, db
from codememory.store import tombstones

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

RESULT_BYTES_MIN = 160
"""A smaller result is left as it is: the line that told of its pruning would weigh as much."""

OLD_RESULTS = (
    " FROM message WHERE kind = 'result' AND created_at < :before AND length(blocks) + coalesce(length(extra), 0)"
    " >= :least AND NOT instr(' ' || tags || ' ', ' pruned ') AND tags <> 'forgotten' AND message_id > :after"
)


def old_results(connection: apsw.Connection, before: int) -> tuple[int, int]:
    """Return (how many results of tools are older than a time, their bytes)."""
    return db.first(
        connection,
        "SELECT count(*), coalesce(sum(length(blocks) + coalesce(length(extra), 0)), 0)" + OLD_RESULTS,
        {"before": before, "least": RESULT_BYTES_MIN, "after": 0},
    )


def next_results(connection: apsw.Connection, before: int, after: int, limit: int) -> list[tuple[int, Any, int]]:
    """Return (message, its blocks as JSON, stored bytes) of some results older than a time, behind a message's id."""
    found = db.rows(
        connection,
        "SELECT message_id, blocks_codec, blocks, length(blocks) + coalesce(length(extra), 0)"
        + OLD_RESULTS
        + " ORDER BY message_id LIMIT :limit",
        {"before": before, "least": RESULT_BYTES_MIN, "after": after, "limit": limit},
    )
    return [(message_id, codec.unpacked(packing, blocks), size) for message_id, packing, blocks, size in found]


def prune_result(connection: apsw.Connection, message_id: int, blocks: str) -> int:
    """Give a result the blocks that are left of it; return the bytes it has now."""
    packing, packed = codec.packed(blocks)
    connection.execute(
        "UPDATE message SET blocks_codec = ?, blocks = ?, extra_codec = 0, extra = NULL,"
        " tags = trim(tags || ' pruned') WHERE message_id = ?",
        (packing, packed, message_id),
    )
    return len(packed)


def old_sessions(connection: apsw.Connection, before: int) -> list[tuple[int, str, int]]:
    """Return (session, client id, end) of the sessions that ended before a time and hold messages, the oldest first."""
    return db.rows(
        connection,
        "SELECT session_id, client_id, last_at FROM session s WHERE last_at < ?"
        " AND EXISTS (SELECT 1 FROM membership b WHERE b.session_id = s.session_id) ORDER BY last_at",
        (before,),
    )


def weight(connection: apsw.Connection, session_id: int) -> tuple[int, int]:
    """Return (messages that only this session holds, their bytes)."""
    return db.first(
        connection,
        "SELECT count(*), coalesce(sum(length(blocks) + coalesce(length(extra), 0)), 0)"
        " FROM membership b JOIN message m ON m.message_id = b.message_id WHERE b.session_id = :session"
        " AND NOT EXISTS (SELECT 1 FROM membership o WHERE o.message_id = b.message_id AND o.session_id <> :session)",
        {"session": session_id},
    )


SESSION_ROWS = (
    "DELETE FROM message_index WHERE rowid IN (SELECT message_id FROM alone)",
    "UPDATE tool_call SET message_id = NULL, result_message_id = NULL WHERE session_id = :session",
    "DELETE FROM tool_call WHERE session_id = :session AND NOT EXISTS (SELECT 1 FROM occurrence o"
    " WHERE o.session_id = tool_call.session_id AND o.tool_use_id = tool_call.tool_use_id)",
    "DELETE FROM delegation WHERE session_id = :session",
    "DELETE FROM membership WHERE session_id = :session",
    "DELETE FROM summary WHERE session_id = :session",
    "DELETE FROM message WHERE message_id IN (SELECT message_id FROM alone)",
    "UPDATE session SET open_tokens = 0 WHERE session_id = :session",
    "DROP TABLE alone",
)
"""What a session's history is, in an order that never leaves a row pointing nowhere. Failures keep their calls."""


def drop_session(connection: apsw.Connection, session_id: int, client_id: str, until: int) -> None:
    """Take a session's messages, calls and summaries away; what others hold too stays, and so do memories."""
    tombstones.bury(connection, tombstones.PRUNED, tombstones.session_key(client_id), until)
    connection.execute(
        "CREATE TEMP TABLE alone AS SELECT message_id FROM membership b WHERE b.session_id = :session"
        " AND NOT EXISTS (SELECT 1 FROM membership o WHERE o.message_id = b.message_id AND o.session_id <> :session)",
        {"session": session_id},
    )
    for statement in SESSION_ROWS:
        connection.execute(statement, {"session": session_id} if ":session" in statement else ())


def upkeep(connection: apsw.Connection, name: str) -> tuple[int, int]:
    """Return (when a regular upkeep last came to its end, where one that was stopped goes on)."""
    return db.first(connection, "SELECT ended_at, position FROM upkeep WHERE name = ?", (name,)) or (0, 0)


def note_upkeep(connection: apsw.Connection, name: str, ended_at: int, position: int) -> None:
    """Record how far a regular upkeep has come."""
    connection.execute(
        "INSERT INTO upkeep (name, ended_at, position) VALUES (:name, :ended, :position)"
        " ON CONFLICT DO UPDATE SET ended_at = :ended, position = :position",
        {"name": name, "ended": ended_at, "position": position},
    )


def give_back(connection: apsw.Connection) -> None:
    """Give pages that nothing uses any more back to the file system."""
    connection.execute("PRAGMA incremental_vacuum").fetchall()
