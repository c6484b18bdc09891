"""When the guard spoke up, and whether it was right."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


def act(
    connection: apsw.Connection, session_id: int, tool_use_id: str, command_key: str, node_id: int, mode: str, at: int
) -> None:
    """Record that the guard spoke up against a call."""
    connection.execute(
        "INSERT OR IGNORE INTO guard_act (session_id, tool_use_id, command_key, node_id, mode, at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (session_id, tool_use_id, command_key, node_id, mode, at),
    )


def acted_since(connection: apsw.Connection, session_id: int, command_key: str, since: int) -> bool:
    """Tell whether the guard spoke up against a command in a session from a time on."""
    row = db.first(
        connection,
        "SELECT 1 FROM guard_act WHERE session_id = ? AND command_key = ? AND at >= ? LIMIT 1",
        (session_id, command_key, since),
    )
    return row is not None


def record(connection: apsw.Connection) -> tuple[int, int, int]:
    """Return (times the guard spoke up, times the command was run all the same, times it then failed again).

    The call itself is looked at or, where it was denied, the command's next run in the session.
    """
    return db.first(
        connection,
        "SELECT count(*), count(outcome), coalesce(sum(outcome = 'failed'), 0) FROM (SELECT (SELECT c.outcome"
        " FROM tool_call c WHERE c.session_id = g.session_id AND c.command_key = g.command_key AND c.called_at >= g.at"
        " AND c.outcome IN ('ok', 'failed') ORDER BY c.called_at LIMIT 1) AS outcome FROM guard_act g)",
    )
