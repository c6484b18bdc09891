"""Take the rows that can still be read out of a damaged database into a fresh one."""

from __future__ import annotations

import os

import apsw

from codememory import db, records
from codememory.store import memories, projects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Row = tuple[Any, ...]

ROWID_MAX = 1 << 40
"""Beyond any key of ours; a range that cannot be read is halved until what is lost in it is one row."""

RANGES_MAX = 100_000
"""Ranges looked at in one table: what is broken into more pieces is not worth more time."""


def copy(damaged: apsw.Connection, fresh: apsw.Connection) -> int:
    """Copy every readable row of the tables both have, inside the caller's transaction; return how many."""
    copied = 0
    for table, columns, key in _tables(fresh):
        kept = [column for column in columns if column in _columns(damaged, table)]
        if not kept:
            continue
        marks = ", ".join("?" * len(kept))
        insert = f"INSERT OR IGNORE INTO {table} ({', '.join(kept)}) VALUES ({marks})"
        for row in _rows(damaged, table, kept, key):
            try:
                fresh.execute(insert, row)
            except apsw.ConstraintError:  # a value that the damage made one of another type
                continue
            copied += fresh.changes()
    return copied


STEP_TO = {memories.RESOLVED: "resolved", memories.STALE: "staled", memories.SUPERSEDED: "superseded"}


def put_back(connection: apsw.Connection, now: int) -> None:
    """Put back what follows from what is left: projects from their names, and memories' lives from how they stand."""
    for project_id, kind, value in db.rows(
        connection,
        "SELECT project_id, min(kind), value FROM project_alias WHERE kind IN (?, ?)"
        " AND project_id NOT IN (SELECT project_id FROM project) GROUP BY project_id",
        (projects.FOLDER, projects.REPOSITORY),
    ):
        root = value.removesuffix("/.git")
        connection.execute(
            "INSERT OR IGNORE INTO project (project_id, uid, name, root, created_at) VALUES (?, ?, ?, ?, ?)",
            (project_id, records.key_of("project", kind, value), os.path.basename(root) or root, root, now),
        )
    for node_id, uid, status, created_at, updated_at, origin in db.rows(
        connection,
        "SELECT node_id, uid, status, created_at, updated_at, origin FROM node n WHERE NOT EXISTS"
        " (SELECT 1 FROM node_event e WHERE e.node_id = n.node_id AND e.verb = 'created')",
    ):
        memories.note(connection, node_id, uid, "created", created_at, origin)
        if status in STEP_TO:
            memories.note(connection, node_id, uid, STEP_TO[status], max(updated_at, created_at), origin)


def drop_dangling(connection: apsw.Connection) -> int:
    """Delete rows that point at a row that was lost, or let go of it where they may; return how many there were."""
    found = 0
    while changed := sum(_let_go(connection, table) for table, _, _ in _tables(connection)):
        found += changed
    return found


def _let_go(connection: apsw.Connection, table: str) -> int:
    """Do so for one table."""
    changed = 0
    about = db.rows(connection, f"SELECT name, [notnull] OR pk FROM pragma_table_info('{table}')")
    needed = {name for name, is_needed in about if is_needed}
    links = db.rows(connection, f"SELECT [table], [from] FROM pragma_foreign_key_list('{table}')")
    for parent, column in links:
        key = _key(connection, parent)
        lost = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {parent})"
        connection.execute(
            f"DELETE FROM {table} WHERE {lost}"
            if column in needed
            else f"UPDATE {table} SET {column} = NULL WHERE {lost}"
        )
        changed += connection.changes()
    return changed


def rewind(connection: apsw.Connection) -> None:
    """Have every transcript read again from its beginning: what was lost comes back, and nothing comes twice."""
    connection.execute(
        "UPDATE transcript SET rereading = max(rereading, byte_offset), byte_offset = 0, fingerprint = x''"
    )


def _tables(connection: apsw.Connection) -> list[tuple[str, list[str], list[str]]]:
    """Return (name, columns, key) of our own tables; the key is empty where rows are numbered."""
    found = []
    for name, statement in db.rows(
        connection, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%' ORDER BY rowid"
    ):
        numbered = "WITHOUT ROWID" not in statement
        key = [] if numbered else [row[0] for row in db.rows(
            connection, f"SELECT name FROM pragma_table_info('{name}') WHERE pk ORDER BY pk"
        )]  # fmt: skip
        found.append((name, _columns(connection, name), key))
    return found


def _columns(connection: apsw.Connection, table: str) -> list[str]:
    return [row[0] for row in db.rows(connection, f"SELECT name FROM pragma_table_info('{table}')")]


def _key(connection: apsw.Connection, table: str) -> str:
    return str(db.first(connection, f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1")[0])


def _rows(damaged: apsw.Connection, table: str, columns: list[str], key: list[str]) -> Iterator[Row]:
    wanted = f"SELECT {', '.join(columns)} FROM {table}"
    if not key:
        yield from _numbered(damaged, wanted)
        return
    for direction in ("", " DESC"):  # from both ends up to the damage
        order = ", ".join(f"{column}{direction}" for column in key)
        try:
            yield from damaged.execute(f"{wanted} ORDER BY {order}")
            return
        except (apsw.CorruptError, apsw.IOError):
            continue


def _numbered(damaged: apsw.Connection, wanted: str) -> Iterator[Row]:
    """Yield rows by ranges of their number; of one that cannot be read its halves."""
    ranges = [(0, ROWID_MAX)]
    for _ in range(RANGES_MAX):
        if not ranges:
            return
        low, high = ranges.pop()
        try:
            yield from damaged.execute(f"{wanted} WHERE rowid >= ? AND rowid < ?", (low, high))
        except (apsw.CorruptError, apsw.IOError):
            middle = (low + high) // 2
            if middle > low:
                ranges += [(middle, high), (low, middle)]
