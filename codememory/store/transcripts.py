"""Transcript files and their cursors."""

from __future__ import annotations

from codememory import db, wire

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


def positions_of(connection: apsw.Connection, paths: list[str]) -> dict[str, tuple[int, int, int]]:
    """Return path → (byte offset, inode, modification time) of those files that are known."""
    rows = connection.execute(
        "SELECT path, byte_offset, inode, modified_at FROM transcript WHERE path IN (SELECT value FROM json_each(?))",
        (wire.encoded(paths),),
    )
    return {path: (offset, inode, modified_at) for path, offset, inode, modified_at in rows}


def latest_paths(connection: apsw.Connection, project_id: int, sessions_max: int) -> list[str]:
    """Return the known transcripts of a project's latest sessions."""
    rows = connection.execute(
        "SELECT path FROM transcript WHERE session_id IN"
        " (SELECT session_id FROM session WHERE project_id = ? ORDER BY last_at DESC LIMIT ?)",
        (project_id, sessions_max),
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


def long_lines(connection: apsw.Connection, transcript_id: int) -> list[tuple[int, int, int]]:
    """Return (offset, bytes so far, whether its end was found) of a file's lines that were passed over, in order."""
    return db.rows(
        connection,
        "SELECT line_offset, line_bytes, ended FROM long_line WHERE transcript_id = ? ORDER BY line_offset",
        (transcript_id,),
    )


def keep_long_line(connection: apsw.Connection, transcript_id: int, offset: int, size: int, ended: bool) -> None:
    """Remember a line that was passed over, or how much further it goes."""
    connection.execute(
        "INSERT OR REPLACE INTO long_line VALUES (?, ?, ?, ?)", (transcript_id, offset, size, int(ended))
    )


def forget_long_lines(connection: apsw.Connection, transcript_id: int, offset: int | None = None) -> None:
    """Forget one line of a file that was passed over, or all of them."""
    connection.execute(
        "DELETE FROM long_line WHERE transcript_id = ? AND (? IS NULL OR line_offset = ?)",
        (transcript_id, offset, offset),
    )


def all_long_lines(connection: apsw.Connection) -> list[tuple[str, int]]:
    """Return (path, bytes) of every line that was passed over."""
    return db.rows(connection, "SELECT path, line_bytes FROM long_line JOIN transcript USING (transcript_id)")
