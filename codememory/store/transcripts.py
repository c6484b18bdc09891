"""Transcript files and their cursors."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

FIELDS = (
    "transcript_id, session_id, byte_offset, inode, modified_at, fingerprint, rewrites, rereading,"
    " lines, broken_lines, other_lines, last_at"
)


class Cursor:
    """How far one transcript is ingested."""

    __slots__ = (
        "agent",
        "broken_lines",
        "byte_offset",
        "fingerprint",
        "inode",
        "last_at",
        "lines",
        "modified_at",
        "other_lines",
        "path",
        "rereading",
        "rewrites",
        "session_id",
        "transcript_id",
    )

    def __init__(
        self, path: str, agent: str, row: tuple[int, int | None, int, int, int, bytes, *tuple[int, ...]]
    ) -> None:
        self.path, self.agent = path, agent
        self.transcript_id, self.session_id, self.byte_offset, self.inode, self.modified_at, self.fingerprint = row[:6]
        self.rewrites, self.rereading, self.lines, self.broken_lines, self.other_lines, self.last_at = row[6:]


def cursor_of(connection: apsw.Connection, path: str, agent: str) -> Cursor:
    """Return a file's cursor, at its beginning for a new one. Call it inside the transaction that will move it."""
    row = db.first(connection, f"SELECT {FIELDS} FROM transcript WHERE path = ?", (path,))
    if row is None:
        connection.execute("INSERT INTO transcript (path, agent) VALUES (?, ?)", (path, agent))
        row = db.first(connection, f"SELECT {FIELDS} FROM transcript WHERE path = ?", (path,))
    return Cursor(path, agent, row)


def position_of(connection: apsw.Connection, path: str) -> tuple[int, int, int] | None:
    """Return (byte offset, inode, modification time) as last seen, None for an unknown file."""
    return db.first(connection, "SELECT byte_offset, inode, modified_at FROM transcript WHERE path = ?", (path,))


def positions_below(connection: apsw.Connection, folder: str) -> dict[str, tuple[int, int, int]]:
    """Return path → (byte offset, inode, modification time) of the known files in a folder and below."""
    rows = connection.execute(
        "SELECT path, byte_offset, inode, modified_at FROM transcript WHERE path > ? AND path < ?",
        (folder + "/", folder + "0"),  # "0" follows "/"
    )
    return {path: (offset, inode, modified_at) for path, offset, inode, modified_at in rows}


def paths_of(connection: apsw.Connection, project_id: int) -> list[str]:
    """Return the known transcripts of a project."""
    rows = connection.execute(
        "SELECT path FROM transcript JOIN session USING (session_id) WHERE project_id = ?", (project_id,)
    )
    return [path for (path,) in rows]


def all_positions(connection: apsw.Connection) -> list[tuple[str, int]]:
    """Return (path, byte offset) of every known file."""
    return db.rows(connection, "SELECT path, byte_offset FROM transcript")


def save(connection: apsw.Connection, cursor: Cursor) -> None:
    """Move a cursor."""
    connection.execute(
        "UPDATE transcript SET session_id = ?, agent = ?, byte_offset = ?, inode = ?, modified_at = ?,"
        " fingerprint = ?, rewrites = ?, rereading = ?, lines = ?, broken_lines = ?, other_lines = ?, last_at = ?"
        " WHERE transcript_id = ?",
        (
            cursor.session_id,
            cursor.agent,
            cursor.byte_offset,
            cursor.inode,
            cursor.modified_at,
            cursor.fingerprint,
            cursor.rewrites,
            cursor.rereading,
            cursor.lines,
            cursor.broken_lines,
            cursor.other_lines,
            cursor.last_at,
            cursor.transcript_id,
        ),
    )
