"""Take the rows that can still be read out of a damaged database into a fresh one."""

from __future__ import annotations

import os

import apsw

from codememory import codec, db, migrations, records, wire
from codememory.store import memories, projects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Row = tuple[Any, ...]

ROWID_MAX = 1 << 40
"""Beyond any key of ours; a range that cannot be read is halved until what is lost in it is one row."""

UNREADABLE = (apsw.CorruptError, apsw.IOError, apsw.TooBigError, UnicodeDecodeError)

RANGES_MAX = 100_000
"""Ranges looked at in one table: what is broken into more pieces is not worth more time."""


def lists_our_tables(connection: apsw.Connection) -> bool:
    """Tell whether a file's list of tables is as we made it: a letter of it that is damaged names another column."""
    if connection.pragma("user_version") != db.SCHEMA_VERSION:
        return True
    listed = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE sql LIKE '%STRICT%' OR type = 'index' AND sql <> ''"
    model = apsw.Connection(":memory:")
    try:
        migrations.bring_up_to_date(model)
        return {*db.rows(model, listed)} <= {*db.rows(connection, listed)}
    except UnicodeDecodeError:
        return False
    finally:
        model.close()


def garbled(connection: apsw.Connection) -> list[str]:
    """Return the tables with a text that is no UTF-8: SQLite does not mind, and whoever reads it fails."""
    return [table for table, _, _ in tables(connection) if _is_garbled(connection, table)]


def _is_garbled(connection: apsw.Connection, table: str) -> bool:
    texts = [
        name for (name,) in db.rows(connection, "SELECT name FROM pragma_table_info(?) WHERE type = 'TEXT'", (table,))
    ]
    try:
        for _ in connection.execute(" ".join(("SELECT", ", ".join(texts) or "NULL", "FROM", table))):
            pass
    except UnicodeDecodeError:
        return True
    return False


def roots(damaged: apsw.Connection) -> dict[str, int]:
    """Return the first page of each table that the damaged list of tables still tells; its text may be damaged too."""
    try:
        damaged.pragma("writable_schema", True)  # SQLite passes over what it cannot understand
        found = list(_numbered(damaged, "SELECT type, name, rootpage FROM sqlite_schema"))
    except apsw.Error:
        return {}
    return {name: root for kind, name, root in found if kind == "table" and isinstance(root, int)}


def layouts(fresh: apsw.Connection) -> list[dict[str, int]]:
    """Return the first page of each table in an empty database as it is made, and as it is once written anew."""
    empty = apsw.Connection(":memory:")
    with empty.backup("main", fresh, "main") as running:
        running.step()
    found = [roots(empty)]
    empty.pragma("writable_schema", False)
    empty.execute("VACUUM")
    found.append(roots(empty))
    empty.close()
    return found


def first_page(size: int, count: int, *, has_log: bool = False) -> bytes:
    """Return the first page of a database of so many pages, with an empty list of tables."""
    empty = apsw.Connection(":memory:")
    empty.pragma("page_size", size)
    empty.pragma("user_version", 1)  # or nothing is written
    page = bytearray(empty.serialize("main"))
    empty.close()
    page[18:20] = (b"\x01\x01", b"\x02\x02")[has_log]
    page[28:32] = count.to_bytes(4, "big")
    page[44:48] = (4).to_bytes(4, "big")  # the schema format, which else the first table sets
    return bytes(page)


def list_tables(connection: apsw.Connection, fresh: apsw.Connection, roots: dict[str, int]) -> None:
    """Fill the empty list of tables: made as in `fresh`, at these pages."""
    statements = db.rows(fresh, "SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
    connection.pragma("writable_schema", True)
    connection.executemany(
        "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', ?1, ?1, ?2, ?3)",
        [(name, roots[name], sql) for name, sql in statements if name in roots],
    )
    connection.pragma("writable_schema", "reset")


def copy(damaged: apsw.Connection, fresh: apsw.Connection, stray: list[tuple[str, int]]) -> int:
    """Copy every readable row of the tables both have, inside the caller's transaction; return how many.

    `stray` are (table, page) of what the table's own first page does not lead to.
    """
    copied = 0
    pages: dict[str, list[int]] = {}
    for name, page in stray:
        pages.setdefault(name, []).append(page)
    for table, columns, key in tables(fresh):
        kept = [column for column in columns if column in _columns(damaged, table)]
        if not kept:
            continue
        marks = ", ".join("?" * len(kept))
        insert = f"INSERT OR IGNORE INTO {table} ({', '.join(kept)}) VALUES ({marks})"
        for page in (0, *pages.get(table, ())):
            if page:
                _begin_at(damaged, table, page)
            for row in _rows(damaged, table, kept, key):
                try:
                    fresh.execute(insert, _sound(kept, row))
                except (apsw.ConstraintError, ValueError):  # what the damage made of a value
                    continue
                copied += fresh.changes()
    return copied


def _begin_at(connection: apsw.Connection, table: str, page: int) -> None:
    """Take another page for a table's first."""
    connection.pragma("writable_schema", True)
    connection.execute("UPDATE sqlite_schema SET rootpage = ? WHERE name = ?", (page, table))
    connection.pragma("writable_schema", "reset")


DOCUMENTS = frozenset(("details", "detail", "contents"))
"""Columns of JSON: what is damaged in one is less than what stands beside it."""


def _sound(columns: list[str], row: Row) -> Row:
    """Return a row that can be read.

    Raises:
        ValueError: A payload of it is damaged.

    """
    values = dict(zip(columns, row, strict=True))
    for name, value in values.items():
        if f"{name}_codec" in values and isinstance(value, bytes):
            text = codec.unpacked(values[f"{name}_codec"], value)
            if name != "text":
                wire.decoded(text)
        elif name in DOCUMENTS and not _is_document(value):
            values[name] = "{}"
    return tuple(values.values())


def _is_document(value: object) -> bool:
    try:
        return isinstance(value, str) and isinstance(wire.decoded(value), dict)
    except ValueError:
        return False


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
    while changed := sum(_let_go(connection, table) for table, _, _ in tables(connection)):
        found += changed
    return found


def _let_go(connection: apsw.Connection, table: str) -> int:
    """Do so for one table."""
    changed = 0
    about = db.rows(connection, "SELECT name, [notnull] OR pk FROM pragma_table_info(?)", (table,))
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
        "UPDATE transcript SET rereading = max(rereading, byte_offset), byte_offset = 0, fingerprint = x'', lines = 0,"
        " broken_lines = 0, other_lines = 0"
    )


def tables(connection: apsw.Connection) -> list[tuple[str, list[str], list[str]]]:
    """Return (name, columns, key) of our own tables; the key is empty where rows are numbered."""
    found = []
    for name, statement in db.rows(
        connection, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%' ORDER BY rowid"
    ):
        numbered = "WITHOUT ROWID" not in statement
        keyed = db.rows(connection, "SELECT pk, name FROM pragma_table_info(?) WHERE pk", (name,))
        key = [] if numbered else [column for _, column in sorted(keyed)]
        found.append((name, _columns(connection, name), key))
    return found


def _columns(connection: apsw.Connection, table: str) -> list[str]:
    return [row[0] for row in db.rows(connection, "SELECT name FROM pragma_table_info(?)", (table,))]


def _key(connection: apsw.Connection, table: str) -> str:
    return str(db.first(connection, "SELECT name FROM pragma_table_info(?) WHERE pk = 1", (table,))[0])


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
        except UNREADABLE:
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
        except UNREADABLE:
            middle = (low + high) // 2
            if middle > low:
                ranges += [(middle, high), (low, middle)]
