"""Failures by signature, and each time one happened."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


class Seen:
    """What the store knows of one failure: how often and when it happened."""

    __slots__ = ("first_at", "last_at", "node_id", "occurrences", "signature", "symbol", "type")

    def __init__(self, row: tuple[int, str, str, str | None, int, int, int]) -> None:
        self.node_id, self.signature, self.type, self.symbol, self.occurrences, self.first_at, self.last_at = row


def describe(connection: apsw.Connection, node_id: int, project_id: int, signature: str, kind: str, symbol: str | None,
             at: int) -> None:  # fmt: skip
    """Store what makes a failure node recognisable, once."""
    connection.execute(
        "INSERT OR IGNORE INTO failure (node_id, project_id, signature, type, symbol, first_at, last_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (node_id, project_id, signature, kind, symbol, at, at),
    )


def occur(
    connection: apsw.Connection, node_id: int, session_id: int, tool_use_id: str, ordinal: int, at: int, branch: str,
    head: str,
) -> bool:  # fmt: skip
    """Record that a failure happened; False if this call's outcome is recorded already."""
    connection.execute(
        "INSERT OR IGNORE INTO occurrence (session_id, tool_use_id, ordinal, node_id, at, branch, head)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (session_id, tool_use_id, ordinal, node_id, at, branch, head),
    )
    if not connection.changes():
        return False
    connection.execute(
        "UPDATE failure SET occurrences = occurrences + 1, first_at = min(first_at, :at), last_at = max(last_at, :at)"
        " WHERE node_id = :node",
        {"at": at, "node": node_id},
    )
    connection.execute("UPDATE node SET updated_at = max(updated_at, ?) WHERE node_id = ?", (at, node_id))
    return True


def recorded(connection: apsw.Connection, session_id: int, tool_use_id: str) -> bool:
    """Tell whether a call's failures are stored already."""
    row = db.first(connection, "SELECT 1 FROM occurrence WHERE session_id = ? AND tool_use_id = ? LIMIT 1", (session_id, tool_use_id)
    )
    return row is not None


def seen(connection: apsw.Connection, node_id: int) -> Seen:
    """Return what is known of a failure node."""
    return Seen(
        db.first(connection, "SELECT node_id, signature, type, symbol, occurrences, first_at, last_at FROM failure WHERE node_id = ?",
            (node_id,),
        )
    )


def by_signature(connection: apsw.Connection, project_id: int, signature: str) -> Seen | None:
    """Return a project's failure of this signature."""
    row = db.first(connection, "SELECT node_id, signature, type, symbol, occurrences, first_at, last_at FROM failure"
        " WHERE project_id = ? AND signature = ?",
        (project_id, signature),
    )
    return Seen(row) if row else None


def happened_before(connection: apsw.Connection, node_id: int, session_id: int, tool_use_id: str) -> int | None:
    """Return when a failure last happened apart from this call, None if it never did."""
    return db.first(connection, "SELECT max(at) FROM occurrence WHERE node_id = ? AND NOT (session_id = ? AND tool_use_id = ?)",
        (node_id, session_id, tool_use_id),
    )[0]
