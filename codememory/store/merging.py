"""Write a row that another store may have told of differently: the two become one by the rules of `transfer.merge`."""

from __future__ import annotations

from codememory import db
from codememory.transfer import merge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

KEYS = {
    "session": ("client_id",),
    "transcript": ("path",),
    "tool_call": ("session_id", "tool_use_id"),
    "delegation": ("session_id", "tool_use_id"),
    "node": ("uid",),
    "node_tag": ("project_id", "kind", "value", "node_id"),
    "relation": ("node_id", "kind", "other_id"),
    "failure": ("node_id",),
    "occurrence": ("session_id", "tool_use_id", "ordinal"),
    "attempt": ("node_id",),
    "pending_update": ("uid",),
    "summary": ("uid",),
}
"""Table → the columns by which a row is known."""

ADDED, CHANGED, KNOWN = "added", "changed", "known"


def held(connection: apsw.Connection, table: str, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is stored, in the columns of a row, under this row's key."""
    where = " AND ".join(f"{name} = :{name}" for name in KEYS[table])
    found = db.first(connection, f"SELECT {', '.join(row)} FROM {table} WHERE {where}", row)
    return dict(zip(row, found, strict=True)) if found else None


def merged(connection: apsw.Connection, table: str, row: dict[str, Any]) -> str:
    """Store a row, or make the stored one of its key say what both say; return which it was."""
    known = held(connection, table, row)
    if known is None:
        names = ", ".join(f":{name}" for name in row)
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({names})", row)
        return ADDED
    both = merge.joined(table, known, row)
    if both == known:
        return KNOWN
    changes = ", ".join(f"{name} = :{name}" for name in both if name not in KEYS[table])
    where = " AND ".join(f"{name} = :{name}" for name in KEYS[table])
    connection.execute(f"UPDATE {table} SET {changes} WHERE {where}", both)
    return CHANGED
