"""Every text and payload of the store, whatever table it is in: for what has to look at, or change, all of them."""

from __future__ import annotations

from codememory import codec, db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import apsw

IDENTITIES = frozenset(
    "client_id tool_use_id check_tool_use_id uuid path source agent thread kind status role tier method origin trust"
    " event verb actor place tool outcome state mode purpose model name_kind".split()
)
"""Columns that say what or whose a row is: words of ours, or the client's own numbers and files."""


class Table:
    """A table with its key, its text columns, and its payload columns, each with a codec column beside it."""

    __slots__ = ("key", "name", "payloads", "texts")

    def __init__(self, name: str, key: list[str], texts: list[str], payloads: list[str]) -> None:
        self.name, self.key, self.texts, self.payloads = name, key, texts, payloads


def tables(connection: apsw.Connection) -> list[Table]:
    """Return the tables that hold texts or payloads, without the indexes made of them."""
    found = []
    names = db.rows(
        connection,
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY name",
    )
    for (name,) in names:
        columns = db.rows(connection, "SELECT name, type, pk FROM pragma_table_info(?)", (name,))
        held = {column for column, _, _ in columns}
        key = [column for column, _, place in sorted(columns, key=lambda one: one[2]) if place]
        texts = [column for column, kind, _ in columns if kind == "TEXT" and column not in IDENTITIES]
        payloads = [column for column, kind, _ in columns if kind == "BLOB" and f"{column}_codec" in held]
        if key and (texts or payloads):
            found.append(Table(name, key, texts, payloads))
    return found


def count(connection: apsw.Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return int(db.first(connection, f'SELECT count(*) FROM "{table.name}"')[0])


def read(connection: apsw.Connection, table: Table) -> Iterator[tuple[tuple[Any, ...], dict[str, str]]]:
    """Yield (key, column → text) of every row; a payload that is damaged is left out."""
    packed = [column for payload in table.payloads for column in (f"{payload}_codec", payload)]
    names = ", ".join(f'"{column}"' for column in [*table.key, *table.texts, *packed])
    for row in connection.execute(f'SELECT {names} FROM "{table.name}"'):
        key, rest = row[: len(table.key)], row[len(table.key) :]
        held = {column: text for column, text in zip(table.texts, rest, strict=False) if isinstance(text, str)}
        for number, payload in enumerate(table.payloads):
            codec_number, data = rest[len(table.texts) + 2 * number :][:2]
            if isinstance(data, bytes):
                try:
                    held[payload] = codec.unpacked(codec_number, data)
                except ValueError:
                    continue
        yield key, held


def write(connection: apsw.Connection, table: Table, key: tuple[Any, ...], column: str, text: str) -> None:
    """Put another text in the place of one; where the text is a part of the key and taken, the row goes."""
    where = " AND ".join(f'"{name}" = ?' for name in table.key)
    if column in table.payloads:
        codec_number, data = codec.packed(text)
        connection.execute(
            f'UPDATE "{table.name}" SET "{column}_codec" = ?, "{column}" = ? WHERE {where}', (codec_number, data, *key)
        )
        return
    connection.execute(f'UPDATE OR REPLACE "{table.name}" SET "{column}" = ? WHERE {where}', (text, *key))


def unindex(connection: apsw.Connection, table: str, row_id: int) -> None:
    """Take a message or memory whose text changed out of the index."""
    if table == "message":
        connection.execute("DELETE FROM message_index WHERE rowid = ?", (row_id,))
    elif table in ("node", "node_tag"):
        connection.execute("DELETE FROM node_index WHERE rowid = ?", (row_id,))


def public_key(connection: apsw.Connection, table: str, row_id: int) -> bytes:
    """Return the key by which a message, memory or summary is known everywhere; nothing for a row of another table."""
    statement = {
        "message": "SELECT key FROM message WHERE message_id = ?",
        "node": "SELECT uid FROM node WHERE node_id = ?",
        "failure": "SELECT uid FROM node WHERE node_id = ?",
        "summary": "SELECT uid FROM summary WHERE summary_id = ?",
    }.get(table)
    row = db.first(connection, statement, (row_id,)) if statement else None
    return bytes(row[0]) if row else b""
