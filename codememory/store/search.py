"""The full-text index over messages: what goes in, and queries over it."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import apsw

PROSE_CHARS_MAX = 20_000
THINKING_CHARS_MAX = 4_000
RESULT_HEAD_CHARS, RESULT_TAIL_CHARS = 2_000, 1_000
"""Errors stand at an output's end, what it is about at its beginning."""

INPUT_FIELDS = (
    "command", "description", "file_path", "notebook_path", "path", "pattern", "query", "url", "prompt", "subject",
    "old_string", "new_string", "content",
)  # fmt: skip
INPUT_CHARS_MAX = 1_000

EXACT_MESSAGES_MAX = 20_000
"""Of what sessions hold this many messages, where these lie is found out exactly."""

SESSIONS_MAX = 2_000
"""Of what more sessions hold, the whole store's newest messages are read."""

ASKED_MAX = 30_000
"""Matches that are looked at to tell whether a project has one."""

SAMPLED_MAX = 2_000
"""Messages by which it is judged how long one usually is."""


def prose_and_detail(blocks: list[Any], *, whole: bool = False) -> tuple[str, str]:
    """Return (what was said, what was thought, called and returned) of a message's blocks; long parts cut or whole."""
    prose: list[str] = []
    detail: list[str] = []
    for block in blocks:
        if not isinstance(block, dict):
            continue
        kind = block.get("type")
        if kind == "text" and isinstance(text := block.get("text"), str):
            prose.append(text if whole else text[:PROSE_CHARS_MAX])
        elif kind == "thinking" and isinstance(text := block.get("thinking"), str):
            detail.append(text if whole else text[:THINKING_CHARS_MAX])
        elif kind == "tool_use" and isinstance(given := block.get("input"), dict):
            texts = [value for name in INPUT_FIELDS if isinstance(value := given.get(name), str)]
            detail.extend(texts if whole else [text[:INPUT_CHARS_MAX] for text in texts])
        elif kind == "tool_result":
            from codememory.transcript import result_text

            text = result_text(block)
            if not whole and len(text) > RESULT_HEAD_CHARS + RESULT_TAIL_CHARS:
                text = text[:RESULT_HEAD_CHARS] + " " + text[-RESULT_TAIL_CHARS:]
            detail.append(text)
    return "\n".join(prose), "\n".join(detail)


def whole_text(blocks: list[Any]) -> str:
    """Return all that is searched of a message's blocks, nothing cut."""
    prose, detail = prose_and_detail(blocks, whole=True)
    return f"{prose}\n{detail}" if prose and detail else prose or detail


def index(connection: apsw.Connection, messages: list[tuple[int, str, str]]) -> None:
    """Make messages searchable: of each its id and its texts, cut into words before (`words.indexable`)."""
    connection.executemany(
        "INSERT INTO message_index (rowid, prose, detail) VALUES (?, ?, ?)",
        [one for one in messages if one[1] or one[2]],
    )


def indexed(connection: apsw.Connection, message_id: int) -> bool:
    """Tell whether a message can be found by its words."""
    return db.first(connection, "SELECT 1 FROM message_index_docsize WHERE id = ?", (message_id,)) is not None


def unindex(connection: apsw.Connection, message_id: int) -> None:
    """Take a message out of the index."""
    connection.execute("DELETE FROM message_index WHERE rowid = ?", (message_id,))


def match_messages(
    connection: apsw.Connection,
    expression: str,
    *,
    project_id: int | None = None,
    session_id: int | None = None,
    role: str | None = None,
    since: int | None = None,
    before: int | None = None,
    newer_than: int = 0,
    kinds: str = "",
    not_session_id: int | None = None,
    limit: int = 50,
) -> list[tuple[int, float]]:
    """Return (message_id, score) of the best matches of an FTS5 expression; a higher score is better.

    `newer_than` is a message id: with it the index is only read from there on, whatever it holds. `kinds` are the
    kinds wanted, joined by blanks; with them subagents are left out.
    """
    return db.rows(
        connection,
        "SELECT message_index.rowid, -bm25(message_index, 2.0, 1.0) AS score FROM message_index"
        " JOIN message m ON m.message_id = message_index.rowid JOIN session s ON s.session_id = m.session_id"
        " WHERE message_index MATCH :expression AND message_index.rowid > :newer"
        " AND (:project IS NULL OR s.project_id = :project) AND (:session IS NULL OR m.session_id = :session)"
        " AND (:role IS NULL OR m.role = :role) AND (:since IS NULL OR m.created_at >= :since)"
        " AND (:before IS NULL OR m.created_at < :before) AND (:kinds = '' OR (instr(:kinds, m.kind) > 0"
        " AND m.agent = '')) AND m.session_id IS NOT :other ORDER BY score DESC LIMIT :limit",
        {
            "expression": expression, "newer": newer_than, "project": project_id, "session": session_id, "role": role,
            "since": since, "before": before, "kinds": kinds, "other": not_session_id, "limit": limit,
        },
    )  # fmt: skip


def any_holds(connection: apsw.Connection, expression: str, project_id: int | None) -> bool:
    """Tell whether any message, of all or of a project, matches an FTS5 expression; of many the newest are asked."""
    row = db.first(
        connection,
        "SELECT 1 FROM (SELECT rowid FROM message_index WHERE message_index MATCH :expression ORDER BY rowid DESC"
        " LIMIT :looked_at) f WHERE :project IS NULL OR EXISTS (SELECT 1 FROM membership b"
        " JOIN session s ON s.session_id = b.session_id WHERE b.message_id = f.rowid AND s.project_id = :project)"
        " LIMIT 1",
        {"expression": expression, "project": project_id, "looked_at": ASKED_MAX},
    )
    return row is not None


class Narrowing:
    """Which messages are searched; None leaves a filter out."""

    __slots__ = ("before", "file", "project_id", "role", "session_id", "since")

    def __init__(
        self,
        *,
        project_id: int | None = None,
        session_id: int | None = None,
        role: str | None = None,
        since: int | None = None,
        before: int | None = None,
        file: str | None = None,
    ) -> None:
        self.project_id, self.session_id, self.role = project_id, session_id, role
        self.since, self.before, self.file = since, before, file

    @property
    def of_sessions(self) -> dict[str, int | None]:
        """Return what a session as a whole can be told by, as the names in a statement."""
        return {"session": self.session_id, "project": self.project_id, "since": self.since, "before": self.before}

    @property
    def is_narrow(self) -> bool:
        """Tell whether a message may not fit, whatever it holds and touches."""
        return self.role is not None or any(one is not None for one in self.of_sessions.values())


def id_range(connection: apsw.Connection, narrowing: Narrowing) -> tuple[int, int]:
    """Return the ids between which the messages lie; exact for a session or a small project, else nearly, or all.

    A project worked on a year ago, or what was said then, is so read where it lies, not behind everything that came
    later.
    """
    if all(one is None for one in narrowing.of_sessions.values()):
        return 1, newest_message(connection)
    inside = _fitting_sessions(connection, narrowing)
    found: tuple[int | None, int | None] = (None, None)
    if 0 < sum(inside.values()) <= EXACT_MESSAGES_MAX:
        found = db.first(
            connection,
            "SELECT min(message_id), max(message_id) FROM membership"
            " WHERE session_id IN (SELECT value FROM json_each(?))",
            (_listed(list(inside)),),
        )
    elif len(inside) <= SESSIONS_MAX:
        found = db.first(
            connection,
            "SELECT min(low), max(high) FROM (SELECT (SELECT message_id FROM membership WHERE session_id = e.value"
            " ORDER BY place LIMIT 1) AS low, (SELECT message_id FROM membership WHERE session_id = e.value"
            " ORDER BY place DESC LIMIT 1) AS high FROM json_each(?) e)",
            (_listed(list(inside)),),
        )
    low, high = found
    return (1, newest_message(connection)) if low is None or high is None else (low, high)


def _fitting_sessions(connection: apsw.Connection, narrowing: Narrowing) -> dict[int, int]:
    """Return session → places in it, of those that fit and may hold a message that does; one more than are looked at.

    A session lasts from its first message to its last.
    """
    return dict(
        connection.execute(
            "SELECT session_id, place_next FROM session WHERE (:session IS NULL OR session_id = :session)"
            " AND (:project IS NULL OR project_id = :project) AND (:since IS NULL OR last_at >= :since)"
            " AND (:before IS NULL OR started_at < :before) LIMIT :most",
            {**narrowing.of_sessions, "most": SESSIONS_MAX + 1},
        )
    )


def touching(connection: apsw.Connection, file: str, limit: int) -> list[int]:
    """Return the newest messages that call a tool on a file, or hold such a call's result, newest first."""
    rows = connection.execute(
        "SELECT message_id FROM tool_call WHERE file = :file AND message_id IS NOT NULL UNION"
        " SELECT result_message_id FROM tool_call WHERE file = :file AND result_message_id IS NOT NULL"
        " ORDER BY 1 DESC LIMIT :most",
        {"file": file, "most": limit},
    )
    return [message_id for (message_id,) in rows]


def newest_holding(
    connection: apsw.Connection, expression: str, low: int, high: int, limit: int, among: list[int] | None = None
) -> list[int]:
    """Return the newest messages that match an FTS5 expression, newest first: between two ids, and of `among`.

    `among` are newest first too.
    """
    if among is None:
        rows = connection.execute(
            "SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid BETWEEN ? AND ?"
            " ORDER BY rowid DESC LIMIT ?",
            (expression, low, high, limit),
        )
    elif among:
        rows = connection.execute(  # the sign keeps SQLite from asking the index for one message after the other
            "SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid BETWEEN ? AND ?"
            " AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY rowid DESC LIMIT ?",
            (expression, max(low, among[-1]), min(high, among[0]), _listed(among), limit),
        )
    else:
        return []
    return [message_id for (message_id,) in rows]


def homes(connection: apsw.Connection, message_ids: list[int], narrowing: Narrowing) -> Iterator[tuple[int, int, int]]:
    """Yield (message, session, place) for every session that holds one of the messages, if both fit.

    Nothing narrows by file here. A session within the time needs no look at the times of its messages.
    """
    if not narrowing.is_narrow:
        return connection.execute(
            "SELECT b.message_id, b.session_id, b.place FROM json_each(?) e"
            " CROSS JOIN membership b ON b.message_id = e.value",
            (_listed(message_ids),),
        )
    return connection.execute(
        "SELECT b.message_id, b.session_id, b.place FROM json_each(:messages) e"
        " CROSS JOIN membership b ON b.message_id = e.value CROSS JOIN session s ON s.session_id = b.session_id"
        " WHERE (:session IS NULL OR b.session_id = :session) AND (:project IS NULL OR s.project_id = :project)"
        " AND (:since IS NULL OR s.last_at >= :since) AND (:before IS NULL OR s.started_at < :before)"
        " AND (:role IS NULL AND (:since IS NULL OR s.started_at >= :since)"
        " AND (:before IS NULL OR s.last_at < :before)"
        " OR EXISTS (SELECT 1 FROM message m WHERE m.message_id = b.message_id AND (:role IS NULL OR m.role = :role)"
        " AND (:since IS NULL OR m.created_at >= :since) AND (:before IS NULL OR m.created_at < :before)))",
        {"messages": _listed(message_ids), "role": narrowing.role, **narrowing.of_sessions},
    )


def beside(connection: apsw.Connection, places: list[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield (session, place, message) for the places before and after each of these (session, place)."""
    return connection.execute(
        "SELECT b.session_id, b.place, b.message_id FROM json_each(?) e CROSS JOIN membership b"
        " ON b.session_id = e.value ->> 0 AND b.place IN ((e.value ->> 1) - 1, (e.value ->> 1) + 1)",
        (f"[{','.join(f'[{session_id},{place}]' for session_id, place in places)}]",),
    )


def session_sizes(connection: apsw.Connection, session_ids: list[int]) -> tuple[dict[int, int], int]:
    """Return how many messages each of the sessions holds, and how many sessions there are."""
    rows = db.rows(
        connection,
        "SELECT session_id, place_next FROM session WHERE session_id IN (SELECT value FROM json_each(?))",
        (_listed(session_ids),),
    )
    return dict(rows), db.first(connection, "SELECT count(*) FROM session")[0]


def token_counts(connection: apsw.Connection, message_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Return the words the index holds of each message: (said, in the rest)."""
    rows = connection.execute(
        "SELECT d.id, d.sz FROM json_each(?) e CROSS JOIN message_index_docsize d ON d.id = e.value",
        (_listed(message_ids),),
    )
    return {message_id: _two_numbers(packed) for message_id, packed in rows}


def usual_lengths(connection: apsw.Connection, low: int, high: int) -> tuple[float, float, float]:
    """Return (share of messages that say anything, words these say, words of the rest of a message), on average.

    Taken from the newest messages between two ids.
    """
    rows = connection.execute(
        "SELECT sz FROM message_index_docsize WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?",
        (low, high, SAMPLED_MAX),
    )
    lengths = [_two_numbers(packed) for (packed,) in rows]
    said = [prose for prose, _ in lengths if prose]
    if not said:
        return 1.0, 1.0, 1.0
    return len(said) / len(lengths), sum(said) / len(said), sum(detail for _, detail in lengths) / len(lengths)


def _two_numbers(packed: bytes) -> tuple[int, int]:
    """Read SQLite's variable-length integers: seven bits a byte, the highest bit tells that another follows."""
    found = [0]
    for one in packed:
        found[-1] = found[-1] << 7 | one & 0x7F
        if one < 0x80:
            found.append(0)
    return found[0], found[1]


def _listed(numbers: list[int]) -> str:
    """Return numbers as a JSON list, for `json_each`."""
    return f"[{','.join(map(str, numbers))}]"


def match_nodes(
    connection: apsw.Connection, expression: str, *, project_id: int | None = None, limit: int = 50
) -> list[tuple[int, float]]:
    """Return (node_id, score) of the best matches among nodes; a higher score is better."""
    return db.rows(
        connection,
        "SELECT node_index.rowid, -bm25(node_index, 1.0, 1.5) AS score FROM node_index"
        " JOIN node n ON n.node_id = node_index.rowid WHERE node_index MATCH :expression"
        " AND (:project IS NULL OR n.project_id = :project) ORDER BY score DESC LIMIT :limit",
        {"expression": expression, "project": project_id, "limit": limit},
    )


def newest_message(connection: apsw.Connection) -> int:
    """Return the largest message id."""
    return db.first(connection, "SELECT coalesce(max(message_id), 0) FROM message")[0]


def newest_node(connection: apsw.Connection) -> int:
    """Return the largest node id, about as many as there are."""
    return db.first(connection, "SELECT coalesce(max(node_id), 0) FROM node")[0]


def newest_own_nodes(connection: apsw.Connection, expression: str, limit: int, looked_at: int) -> list[int]:
    """Return the same among so many of the newest matches, without what only others of a team state."""
    rows = db.rows(
        connection,
        "SELECT n.node_id FROM (SELECT rowid FROM node_index WHERE node_index MATCH ? ORDER BY rowid DESC LIMIT ?) f"
        " CROSS JOIN node n ON n.node_id = f.rowid WHERE origin <> 'team' LIMIT ?",
        (expression, looked_at, limit),
    )
    return [node_id for (node_id,) in rows]


def newest_nodes(connection: apsw.Connection, expression: str, limit: int) -> list[int]:
    """Return the newest nodes, of any project, that match an FTS5 expression, newest first."""
    rows = db.rows(
        connection,
        "SELECT rowid FROM node_index WHERE node_index MATCH ? ORDER BY rowid DESC LIMIT ?",
        (expression, limit),
    )
    return [node_id for (node_id,) in rows]


def count_messages(connection: apsw.Connection, expression: str, newer_than: int, limit: int) -> int:
    """Count the messages behind a message id that match, up to a limit."""
    return db.first(
        connection,
        "SELECT count(*) FROM (SELECT 1 FROM message_index WHERE message_index MATCH ? AND rowid > ? LIMIT ?)",
        (expression, newer_than, limit),
    )[0]
