"""What a team's log says by machine and by author, beside by memory."""

from __future__ import annotations

from codememory import db, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw


def events_of_machine(
    connection: apsw.Connection, project_id: int, machine: bytes, after: int, limit: int
) -> list[tuple[Any, ...]]:
    """Return what is known of a machine's events after a number, in order."""
    return db.rows(
        connection,
        "SELECT machine, number, stamp, author, kind, node, other, payload FROM team_event WHERE project_id = ?"
        " AND machine = ? AND number > ? ORDER BY number LIMIT ?",
        (project_id, machine, after, limit),
    )


def withdrawn_at(connection: apsw.Connection, project_id: int, node: bytes, author: str) -> int:
    """Return the stamp of an author's latest withdrawal of a memory, 0 for none."""
    row = db.first(
        connection,
        "SELECT max(stamp) FROM team_event WHERE node = ? AND project_id = ? AND author = ? AND kind = 'gone'",
        (node, project_id, author),
    )
    return row[0] or 0


def author_of_machine(connection: apsw.Connection, project_id: int, machine: bytes) -> str:
    """Return who writes on a machine."""
    return str(
        db.first(
            connection, "SELECT author FROM team_machine WHERE project_id = ? AND machine = ?", (project_id, machine)
        )[0]
    )


def named_by(connection: apsw.Connection, project_id: int, author: str) -> list[bytes]:
    """Return every memory that an author tells of."""
    found = db.rows(
        connection,
        "SELECT DISTINCT node FROM team_event WHERE project_id = ? AND author = ? ORDER BY node",
        (project_id, author),
    )
    return [one for (one,) in found]


def stated_by(connection: apsw.Connection, project_id: int, uids: list[bytes], author: str) -> bool:
    """Tell whether an author has stated a memory of one of these ids."""
    row = db.first(
        connection,
        "SELECT 1 FROM json_each(?) e CROSS JOIN team_event t ON t.node = unhex(e.value) WHERE t.project_id = ?"
        " AND t.author = ? AND t.kind = 'statement'",
        (wire.encoded([uid.hex() for uid in uids]), project_id, author),
    )
    return row is not None
