"""Fix attempts: what was tried against a failure and what came of it."""

from __future__ import annotations

from codememory import db, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

SUCCEEDED, FAILED, PARTIAL = "succeeded", "failed", "partial"


class Attempt:
    """One attempt as stored."""

    __slots__ = ("check_tool_use_id", "ended_at", "failure_id", "node_id", "outcome", "session_id")

    def __init__(self, row: tuple[int, int, int, str, str, int]) -> None:
        self.node_id, self.failure_id, self.session_id, self.outcome, self.check_tool_use_id, self.ended_at = row


def add(
    connection: apsw.Connection, node_id: int, failure_id: int, session_id: int, outcome: str, check: str, at: int
) -> None:
    """Store what came of an attempt, once."""
    connection.execute(
        "INSERT OR IGNORE INTO attempt (node_id, failure_id, session_id, outcome, check_tool_use_id, ended_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (node_id, failure_id, session_id, outcome, check, at),
    )


def against(connection: apsw.Connection, failure_id: int, limit: int = 20) -> list[Attempt]:
    """Return the attempts against a failure, those made here before others', the newest first."""
    found = db.rows(
        connection,
        "SELECT a.node_id, failure_id, a.session_id, outcome, check_tool_use_id, ended_at FROM attempt a"
        " JOIN node n ON n.node_id = a.node_id WHERE failure_id = ?"
        " ORDER BY origin = 'team', ended_at DESC, a.node_id DESC LIMIT ?",
        (failure_id, limit),
    )
    return [Attempt(row) for row in found]


def of_nodes(connection: apsw.Connection, node_ids: list[int]) -> dict[int, Attempt]:
    """Return those of the nodes that are attempts."""
    found = db.rows(
        connection,
        "SELECT node_id, failure_id, session_id, outcome, check_tool_use_id, ended_at FROM attempt"
        " WHERE node_id IN (SELECT value FROM json_each(?))",
        (wire.encoded(node_ids),),
    )
    return {row[0]: Attempt(row) for row in found}


def of_node(connection: apsw.Connection, node_id: int) -> Attempt | None:
    """Return the attempt a node stands for."""
    row = db.first(
        connection,
        "SELECT node_id, failure_id, session_id, outcome, check_tool_use_id, ended_at FROM attempt WHERE node_id = ?",
        (node_id,),
    )
    return Attempt(row) if row else None
