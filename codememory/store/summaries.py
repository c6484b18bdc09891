"""Summaries and the spans under them: leaves over messages, condensed ones over summaries, the client's beside them."""

from __future__ import annotations

from codememory import codec, db, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

LEAF, CONDENSED = "leaf", "condensed"
EXTRACTIVE, MODEL, CLIENT = "extractive", "model", "client"

FIELDS = (
    "summary_id, y.uid, client_id, root, kind, method, depth, parent_id, first_place, last_place, source_tokens,"
    " tokens, text_codec, text, y.created_at"
)


class Summary:
    """A summary as stored."""

    __slots__ = (
        "created_at", "depth", "first_place", "kind", "last_place", "method", "parent_id", "project", "session",
        "source_tokens", "summary_id", "text", "tokens", "uid",
    )  # fmt: skip

    def __init__(
        self, row: tuple[int, bytes, str, str, str, str, int, int | None, int, int, int, int, int, bytes, int]
    ) -> None:
        self.summary_id, self.uid, self.session, self.project, self.kind, self.method, self.depth = row[:7]
        self.parent_id, self.first_place, self.last_place, self.source_tokens, self.tokens = row[7:12]
        self.text = codec.unpacked(row[12], row[13])
        self.created_at = row[14]

    @property
    def id(self) -> str:
        """Return the summary's whole id."""
        return records.id_of(records.SUMMARY, self.uid)


class Member:
    """A message that is to be compacted: its place, row, key and tokens."""

    __slots__ = ("key", "message_id", "place", "tier", "tokens")

    def __init__(self, row: tuple[int, int, bytes, int, str]) -> None:
        self.place, self.message_id, self.key, self.tokens, self.tier = row


def add(
    connection: apsw.Connection, uid: bytes, session_id: int, thread: str, kind: str, method: str, depth: int,
    places: tuple[int, int], source_tokens: int, tokens: int, text: str, at: int,
) -> int | None:  # fmt: skip
    """Store a summary once and return its row, None if it is there already."""
    text_codec, payload = codec.packed(text)
    connection.execute(
        "INSERT OR IGNORE INTO summary (uid, session_id, thread, kind, method, depth, first_place, last_place,"
        " source_tokens, tokens, text_codec, text, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            uid, session_id, thread, kind, method, depth, *places, source_tokens, tokens, text_codec, payload, at,
        ),
    )  # fmt: skip
    return connection.last_insert_rowid() if connection.changes() else None


def find(connection: apsw.Connection, uid: bytes) -> int | None:
    """Return the summary with this key."""
    row = db.first(connection, "SELECT summary_id FROM summary WHERE uid = ?", (uid,))
    return row[0] if row else None


def open_threads(connection: apsw.Connection, session_id: int) -> list[str]:
    """Return the threads of a session that have messages under no leaf."""
    found = db.rows(
        connection, "SELECT DISTINCT thread FROM membership WHERE session_id = ? AND leaf_id IS NULL", (session_id,)
    )
    return [thread for (thread,) in found]


def threads(connection: apsw.Connection, session_id: int) -> list[str]:
    """Return the threads of a session that have summaries."""
    found = db.rows(connection, "SELECT DISTINCT thread FROM summary WHERE session_id = ?", (session_id,))
    return [thread for (thread,) in found]


def count_open(connection: apsw.Connection, session_id: int, thread: str) -> int:
    """Count the messages of a thread that are under no leaf."""
    return db.first(
        connection,
        "SELECT count(*) FROM membership WHERE session_id = ? AND thread = ? AND leaf_id IS NULL",
        (session_id, thread),
    )[0]


def count_messages(connection: apsw.Connection, session_id: int) -> int:
    """Count the messages of a session."""
    return db.first(connection, "SELECT count(*) FROM membership WHERE session_id = ?", (session_id,))[0]


def open_members(connection: apsw.Connection, session_id: int, thread: str, limit: int) -> list[Member]:
    """Return the oldest messages of a thread that are under no leaf, in order."""
    found = db.rows(
        connection,
        "SELECT b.place, b.message_id, m.key, m.tokens, m.tier FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ? AND b.thread = ? AND b.leaf_id IS NULL"
        " ORDER BY b.place LIMIT ?",
        (session_id, thread, limit),
    )
    return [Member(row) for row in found]


def put_under(connection: apsw.Connection, session_id: int, thread: str, leaf_id: int, first: int, last: int) -> None:
    """Put the messages of a thread between two places under a leaf."""
    connection.execute(
        "UPDATE session SET open_tokens = open_tokens - (SELECT coalesce(sum(m.tokens), 0) FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = :session AND b.thread = :thread"
        " AND b.leaf_id IS NULL AND b.place BETWEEN :first AND :last AND m.tier IN ('M', 'L'))"
        " WHERE session_id = :session",
        {"session": session_id, "thread": thread, "first": first, "last": last},
    )
    connection.execute(
        "UPDATE membership SET leaf_id = ? WHERE session_id = ? AND thread = ? AND leaf_id IS NULL"
        " AND place BETWEEN ? AND ?",
        (leaf_id, session_id, thread, first, last),
    )


def orphans(connection: apsw.Connection, session_id: int, thread: str, depth: int) -> list[Summary]:
    """Return the summaries of a depth that no condensed summary is over, in order; the client's are left out."""
    found = db.rows(
        connection,
        f"SELECT {FIELDS} FROM summary y JOIN session s ON s.session_id = y.session_id"
        " JOIN project p ON p.project_id = s.project_id WHERE y.session_id = ? AND thread = ? AND depth = ?"
        " AND method <> 'client' AND parent_id IS NULL ORDER BY first_place",
        (session_id, thread, depth),
    )
    return [Summary(row) for row in found]


def adopt(connection: apsw.Connection, parent_id: int, children: list[Summary]) -> None:
    """Put summaries under a condensed one."""
    for child in children:
        connection.execute(
            "UPDATE summary SET parent_id = ? WHERE summary_id = ? AND parent_id IS NULL", (parent_id, child.summary_id)
        )


def refine(connection: apsw.Connection, summary_id: int, text: str, tokens: int) -> bool:
    """Give a summary a model's text in place of its extractive one; False where that is not what is there any more.

    The summary over it stays smaller than what it was made from, or nothing is changed.
    """
    text_codec, payload = codec.packed(text)
    connection.execute(
        "UPDATE summary SET source_tokens = source_tokens + (SELECT :tokens - tokens FROM summary c"
        " WHERE c.summary_id = :summary AND c.method = 'extractive') WHERE summary_id = (SELECT c.parent_id"
        " FROM summary c JOIN summary y ON y.summary_id = c.parent_id WHERE c.summary_id = :summary"
        " AND c.method = 'extractive' AND y.source_tokens - c.tokens + :tokens > y.tokens)",
        {"tokens": tokens, "summary": summary_id},
    )
    parent_fits = bool(connection.changes())
    connection.execute(
        "UPDATE summary SET method = 'model', text_codec = :codec, text = :text, tokens = :tokens"
        " WHERE summary_id = :summary AND method = 'extractive' AND source_tokens > :tokens"
        " AND (parent_id IS NULL OR :fits)",
        {"codec": text_codec, "text": payload, "tokens": tokens, "summary": summary_id, "fits": parent_fits},
    )
    return bool(connection.changes())


def unrefined(connection: apsw.Connection, session_id: int) -> list[int]:
    """Return a session's extractive leaves, the newest first."""
    found = db.rows(
        connection,
        "SELECT summary_id FROM summary WHERE session_id = ? AND kind = 'leaf' AND method = 'extractive'"
        " ORDER BY last_place DESC",
        (session_id,),
    )
    return [summary_id for (summary_id,) in found]


def load(connection: apsw.Connection, summary_id: int) -> Summary:
    """Return one summary."""
    return Summary(
        db.first(
            connection,
            f"SELECT {FIELDS} FROM summary y JOIN session s ON s.session_id = y.session_id"
            " JOIN project p ON p.project_id = s.project_id WHERE summary_id = ?",
            (summary_id,),
        )
    )


def children(connection: apsw.Connection, summary_id: int) -> list[int]:
    """Return the summaries right under a condensed one, in order."""
    found = db.rows(
        connection, "SELECT summary_id FROM summary WHERE parent_id = ? ORDER BY first_place", (summary_id,)
    )
    return [child for (child,) in found]


def messages_under(connection: apsw.Connection, summary_id: int) -> list[tuple[int, int]]:
    """Return (place, message) of everything a summary covers, in order, each once."""
    return db.rows(
        connection,
        "WITH RECURSIVE under(summary_id) AS (SELECT ? UNION SELECT y.summary_id FROM summary y"
        " JOIN under u ON y.parent_id = u.summary_id) SELECT place, message_id FROM membership"
        " WHERE leaf_id IN (SELECT summary_id FROM under) ORDER BY place",
        (summary_id,),
    )


def covered(connection: apsw.Connection, summary_id: int) -> list[tuple[int, int]]:
    """Return (place, message) of what a summary covers, in order; the client's own stand beside the partition."""
    method = db.first(connection, "SELECT method FROM summary WHERE summary_id = ?", (summary_id,))[0]
    if method != CLIENT:
        return messages_under(connection, summary_id)
    return db.rows(
        connection,
        "SELECT b.place, b.message_id FROM summary y JOIN membership b ON b.session_id = y.session_id AND b.thread = ''"
        " AND b.place BETWEEN y.first_place AND y.last_place WHERE y.summary_id = ? ORDER BY b.place",
        (summary_id,),
    )


def of_session(connection: apsw.Connection, session_id: int) -> list[Summary]:
    """Return the summaries of a session, in order, the deepest level first."""
    found = db.rows(
        connection,
        f"SELECT {FIELDS} FROM summary y JOIN session s ON s.session_id = y.session_id"
        " JOIN project p ON p.project_id = s.project_id WHERE y.session_id = ? ORDER BY first_place, depth DESC",
        (session_id,),
    )
    return [Summary(row) for row in found]


def tail(connection: apsw.Connection, session_id: int) -> list[tuple[bytes, int]]:
    """Return (key, tokens) of a session's messages under no leaf, in order."""
    return db.rows(
        connection,
        "SELECT key, tokens FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = ? AND b.leaf_id IS NULL ORDER BY place",
        (session_id,),
    )


def all_ids(connection: apsw.Connection, project_id: int | None) -> list[int]:
    """Return the summaries of a project, or of all, the newest first."""
    found = db.rows(
        connection,
        "SELECT summary_id FROM summary JOIN session USING (session_id)"
        " WHERE :project IS NULL OR project_id = :project ORDER BY summary_id DESC",
        {"project": project_id},
    )
    return [summary_id for (summary_id,) in found]


def count(connection: apsw.Connection) -> int:
    """Count the summaries of the whole store."""
    return db.first(connection, "SELECT count(*) FROM summary")[0]


def depth(connection: apsw.Connection) -> int:
    """Return the depth of the deepest summary, -1 without any."""
    return db.first(connection, "SELECT coalesce(max(depth), -1) FROM summary")[0]


def sessions_over(connection: apsw.Connection, project_id: int | None, tokens: int) -> list[int]:
    """Return the sessions with more tokens not compacted than this, the newest first."""
    of_project = "project_id = :project AND " if project_id is not None else ""
    found = db.rows(
        connection,
        f"SELECT session_id FROM session WHERE {of_project}open_tokens > :tokens ORDER BY last_at DESC",
        {"tokens": tokens, "project": project_id},
    )
    return [session_id for (session_id,) in found]
