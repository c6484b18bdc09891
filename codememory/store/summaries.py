"""Summaries of spans of a session."""

from __future__ import annotations

from codememory import codec, db, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


class Summary:
    """A summary as stored."""

    __slots__ = ("created_at", "depth", "kind", "method", "project", "session", "summary_id", "text", "tokens", "uid")

    def __init__(self, row: tuple[int, bytes, str, str, str, str, int, int, int, bytes, int]) -> None:
        self.summary_id, self.uid, self.session, self.project, self.kind, self.method, self.depth, self.tokens = row[:8]
        self.text = codec.unpacked(row[8], row[9])
        self.created_at = row[10]

    @property
    def id(self) -> str:
        """Return the summary's whole id."""
        return records.id_of(records.SUMMARY, self.uid)


def add_client(
    connection: apsw.Connection, session_id: int, client_id: str, thread: str, text: str, at: int
) -> None:
    """Keep a summary the client wrote, once."""
    text_codec, payload = codec.packed(text)
    connection.execute(
        "INSERT OR IGNORE INTO summary (uid, session_id, thread, kind, method, depth, tokens, text_codec, text,"
        " created_at) VALUES (?, ?, ?, 'leaf', 'client', 0, ?, ?, ?, ?)",
        (
            records.key_of("summary", "client", client_id, text), session_id, thread, len(text) // 4, text_codec,
            payload, at,
        ),
    )  # fmt: skip


def load(connection: apsw.Connection, summary_id: int) -> Summary:
    """Return one summary."""
    return Summary(
        db.first(connection, "SELECT summary_id, y.uid, client_id, root, kind, method, depth, tokens, text_codec, text, y.created_at"
            " FROM summary y JOIN session s ON s.session_id = y.session_id"
            " JOIN project p ON p.project_id = s.project_id WHERE summary_id = ?",
            (summary_id,),
        )
    )


def of_session(connection: apsw.Connection, session_id: int) -> list[int]:
    """Return the summaries of a session, in order."""
    rows = connection.execute(
        "SELECT summary_id FROM summary WHERE session_id = ? ORDER BY depth, created_at", (session_id,)
    )
    return [summary_id for (summary_id,) in rows]


def count(connection: apsw.Connection) -> int:
    """Count the summaries of the whole store."""
    return db.first(connection, "SELECT count(*) FROM summary")[0]


def all_ids(connection: apsw.Connection, project_id: int | None) -> list[int]:
    """Return the summaries of a project, or of all."""
    rows = connection.execute(
        "SELECT summary_id FROM summary JOIN session USING (session_id)"
        " WHERE :project IS NULL OR project_id = :project ORDER BY summary_id DESC",
        {"project": project_id},
    )
    return [summary_id for (summary_id,) in rows]
