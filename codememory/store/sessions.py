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
    row = db.first(
        connection,
        "SELECT session_id, project_id, max(boundaries, compactions), compacted_at FROM session WHERE client_id = ?",
        (client_id,),
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


def advance(
    connection: apsw.Connection, session_id: int, place_next: int, started_at: int, last_at: int, open_tokens: int
) -> None:
    """Record how far a session has come; its span only widens, and its open tokens are added to."""
    connection.execute(
        "UPDATE session SET place_next = ?, started_at = min(started_at, ?), last_at = max(last_at, ?),"
        " open_tokens = open_tokens + ? WHERE session_id = ?",
        (place_next, started_at, last_at, open_tokens, session_id),
    )


def enroll(connection: apsw.Connection, session_id: int, place: int, thread: str, message_id: int) -> bool:
    """Put a message into a session at a place; False if the session has it already."""
    connection.execute(
        "INSERT OR IGNORE INTO membership (session_id, place, thread, message_id) VALUES (?, ?, ?, ?)",
        (session_id, place, thread, message_id),
    )
    return connection.changes() > 0


def take_place(connection: apsw.Connection, session_id: int, place: int) -> None:
    """Record that a place is taken."""
    connection.execute("UPDATE session SET place_next = ? WHERE session_id = ?", (place + 1, session_id))


def open_tokens(connection: apsw.Connection, session_id: int) -> int:
    """Return the tokens of a session's M and L messages that are under no leaf."""
    return db.first(connection, "SELECT open_tokens FROM session WHERE session_id = ?", (session_id,))[0]


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


def client_id_of_call(connection: apsw.Connection, tool_use_id: str) -> str:
    """Return the client's own id of the session that made a tool call, '' if that call is not known."""
    row = db.first(
        connection,
        "SELECT client_id FROM session s JOIN tool_call c ON c.session_id = s.session_id AND c.tool_use_id = ?"
        " ORDER BY last_at DESC LIMIT 1",
        (tool_use_id,),
    )
    return row[0] if row else ""


def note_packet(connection: apsw.Connection, session_id: int, at: int) -> None:
    """Record when a packet was printed after a compaction, 0 once its delivery is settled."""
    connection.execute("UPDATE session SET packet_at = ? WHERE session_id = ?", (at, session_id))


def note_seen(connection: apsw.Connection, session_id: int, at: int) -> None:
    """Record that the client wrote down a SessionStart injection as delivered."""
    connection.execute(
        "UPDATE session SET packet_seen_at = max(packet_seen_at, ?) WHERE session_id = ?", (at, session_id)
    )


def packet_lost(connection: apsw.Connection, session_id: int) -> bool:
    """Tell whether a printed packet never reached the model.

    An assistant's line later than the packet is there, and no record of the client that it was injected.
    """
    row = db.first(
        connection,
        "SELECT packet_at > 0 AND packet_seen_at < packet_at - 5000 AND EXISTS (SELECT 1 FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = s.session_id"
        " AND b.place >= s.place_next - 20"
        " AND m.role = 'assistant' AND m.created_at > s.packet_at) FROM session s WHERE session_id = ?",
        (session_id,),
    )
    return bool(row[0])


def messages_of(connection: apsw.Connection, session_id: int) -> list[tuple[int, int, str]]:
    """Return (place, message_id, thread) of a session, in order."""
    return db.rows(
        connection,
        "SELECT place, message_id, thread FROM membership WHERE session_id = ? ORDER BY place",
        (session_id,),
    )
