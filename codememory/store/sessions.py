"""Sessions of the client, their epochs, and which messages belong to which."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


class Session:
    """A session's row: its integer id, project, epoch (compactions of the client so far) and the last one's time."""

    __slots__ = ("compacted_at", "epoch", "project_id", "session_id")

    def __init__(self, session_id: int, project_id: int, epoch: int, compacted_at: int = 0) -> None:
        self.session_id, self.project_id, self.epoch, self.compacted_at = session_id, project_id, epoch, compacted_at


def find(connection: apsw.Connection, client_id: str) -> Session | None:
    """Return the session the client knows by this id."""
    row = db.first(connection, "SELECT session_id, project_id, max(boundaries, compactions), compacted_at FROM session WHERE client_id = ?", (client_id,)
    )
    return Session(*row) if row else None


def create(connection: apsw.Connection, client_id: str, project_id: int, at: int) -> Session:
    """Make a session known."""
    connection.execute(
        "INSERT INTO session (client_id, project_id, started_at, last_at) VALUES (?, ?, ?, ?)",
        (client_id, project_id, at, at),
    )
    return Session(connection.last_insert_rowid(), project_id, 0)


def next_place(connection: apsw.Connection, session_id: int) -> int:
    """Return the place the session's next message gets."""
    return db.first(connection, "SELECT place_next FROM session WHERE session_id = ?", (session_id,))[0]


def advance(connection: apsw.Connection, session_id: int, place_next: int, started_at: int, last_at: int) -> None:
    """Record how far a session has come; its span only widens."""
    connection.execute(
        "UPDATE session SET place_next = ?, started_at = min(started_at, ?), last_at = max(last_at, ?)"
        " WHERE session_id = ?",
        (place_next, started_at, last_at, session_id),
    )


def enroll(connection: apsw.Connection, session_id: int, place: int, thread: str, message_id: int) -> bool:
    """Put a message into a session at a place; False if the session has it already."""
    connection.execute(
        "INSERT OR IGNORE INTO membership (session_id, place, thread, message_id) VALUES (?, ?, ?, ?)",
        (session_id, place, thread, message_id),
    )
    return connection.changes() > 0


def count_boundary(connection: apsw.Connection, session_id: int, at: int) -> None:
    """Count a compaction that the transcript tells of."""
    connection.execute(
        "UPDATE session SET boundaries = boundaries + 1, compacted_at = max(compacted_at, ?) WHERE session_id = ?",
        (at, session_id),
    )


def count_compaction(connection: apsw.Connection, session_id: int, at: int) -> None:
    """Count a compaction that a hook was told of; its boundary follows in the transcript, or came already."""
    connection.execute(
        "UPDATE session SET compactions = max(compactions + 1, boundaries), compacted_at = max(compacted_at, ?)"
        " WHERE session_id = ?",
        (at, session_id),
    )


def client_id_of(connection: apsw.Connection, session_id: int) -> str:
    """Return the client's own id of a session."""
    return db.first(connection, "SELECT client_id FROM session WHERE session_id = ?", (session_id,))[0]


def messages_of(connection: apsw.Connection, session_id: int) -> list[tuple[int, int, str]]:
    """Return (place, message_id, thread) of a session, in order."""
    return db.rows(connection, "SELECT place, message_id, thread FROM membership WHERE session_id = ? ORDER BY place", (session_id,)
    )
