"""Changes of a node's status that wait for a decision."""

from __future__ import annotations

from codememory import db, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

OPEN, APPLIED, DISMISSED = "open", "applied", "dismissed"


class Pending:
    """A proposed change of status."""

    __slots__ = ("created_at", "evidence", "node_id", "pending_id", "reason", "state", "status", "uid")

    def __init__(self, row: tuple[int, bytes, int, str, str, str, int, str]) -> None:
        (
            self.pending_id, self.uid, self.node_id, self.status, self.reason, self.evidence, self.created_at,
            self.state,
        ) = row  # fmt: skip

    @property
    def id(self) -> str:
        """Return the id by which it is applied or dismissed."""
        return records.id_of("pen", self.uid)


def propose(
    connection: apsw.Connection, node_id: int, node_uid: bytes, status: str, reason: str, evidence: str, at: int
) -> None:
    """Write down a change to be decided on, once for the same evidence."""
    connection.execute(
        "INSERT OR IGNORE INTO pending_update (uid, node_id, status, reason, evidence, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (records.key_of("pending", node_uid.hex(), status, evidence), node_id, status, reason, evidence, at),
    )


def waits(connection: apsw.Connection, node_id: int, status: str, reason: str) -> bool:
    """Tell whether the same change is proposed already, for the same reason."""
    row = db.first(
        connection,
        "SELECT 1 FROM pending_update WHERE node_id = ? AND status = ? AND reason = ? AND state = 'open'",
        (node_id, status, reason),
    )
    return row is not None


def listed(connection: apsw.Connection, project_id: int | None, state: str | None, limit: int) -> list[Pending]:
    """Return proposed changes, the newest first; None leaves a filter out."""
    found = db.rows(
        connection,
        "SELECT pending_id, p.uid, p.node_id, p.status, reason, evidence, p.created_at, state FROM pending_update p"
        " JOIN node n ON n.node_id = p.node_id WHERE (:project IS NULL OR n.project_id = :project)"
        " AND (:state IS NULL OR state = :state) ORDER BY p.created_at DESC, pending_id DESC LIMIT :limit",
        {"project": project_id, "state": state, "limit": limit},
    )
    return [Pending(row) for row in found]


def by_key(connection: apsw.Connection, low: bytes, high: bytes) -> list[Pending]:
    """Return the proposed changes whose keys lie between two."""
    found = db.rows(
        connection,
        "SELECT pending_id, uid, node_id, status, reason, evidence, created_at, state FROM pending_update"
        " WHERE uid BETWEEN ? AND ? LIMIT 10",
        (low, high),
    )
    return [Pending(row) for row in found]


def decide(connection: apsw.Connection, pending_id: int, state: str, at: int) -> None:
    """Record what was decided."""
    connection.execute(
        "UPDATE pending_update SET state = ?, decided_at = ? WHERE pending_id = ?", (state, at, pending_id)
    )
