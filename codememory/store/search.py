"""The full-text index over messages: what goes in, and queries over it."""

from __future__ import annotations

from codememory import db
from codememory.store import words

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def index(connection: apsw.Connection, message_id: int, blocks: list[Any]) -> None:
    """Make a message searchable."""
    prose, detail = prose_and_detail(blocks)
    if prose or detail:
        connection.execute(
            "INSERT INTO message_index (rowid, prose, detail) VALUES (?, ?, ?)",
            (message_id, words.indexable(prose), words.indexable(detail)),
        )


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
    kinds wanted, joined by blanks.
    """
    return db.rows(
        connection,
        "SELECT message_index.rowid, -bm25(message_index, 2.0, 1.0) AS score FROM message_index"
        " JOIN message m ON m.message_id = message_index.rowid JOIN session s ON s.session_id = m.session_id"
        " WHERE message_index MATCH :expression AND message_index.rowid > :newer"
        " AND (:project IS NULL OR s.project_id = :project) AND (:session IS NULL OR m.session_id = :session)"
        " AND (:role IS NULL OR m.role = :role) AND (:since IS NULL OR m.created_at >= :since)"
        " AND (:before IS NULL OR m.created_at < :before) AND (:kinds = '' OR instr(:kinds, m.kind) > 0)"
        " AND m.session_id IS NOT :other ORDER BY score DESC LIMIT :limit",
        {
            "expression": expression, "newer": newer_than, "project": project_id, "session": session_id, "role": role,
            "since": since, "before": before, "kinds": kinds, "other": not_session_id, "limit": limit,
        },
    )  # fmt: skip


def match_nodes(
    connection: apsw.Connection, expression: str, *, project_id: int | None = None, limit: int = 50
) -> list[tuple[int, float]]:
    """Return (node_id, score) of the best matches among nodes; a higher score is better."""
    return db.rows(connection, "SELECT node_index.rowid, -bm25(node_index, 1.0, 1.5) AS score FROM node_index"
        " JOIN node n ON n.node_id = node_index.rowid WHERE node_index MATCH :expression"
        " AND (:project IS NULL OR n.project_id = :project) ORDER BY score DESC LIMIT :limit",
        {"expression": expression, "project": project_id, "limit": limit},
    )


def newest_message(connection: apsw.Connection) -> int:
    """Return the largest message id."""
    return db.first(connection, "SELECT coalesce(max(message_id), 0) FROM message")[0]


def count_nodes(connection: apsw.Connection, expression: str, limit: int) -> int:
    """Count the nodes that match, up to a limit."""
    return db.first(connection, "SELECT count(*) FROM (SELECT 1 FROM node_index WHERE node_index MATCH ? LIMIT ?)", (expression, limit)
    )[0]


def count_messages(connection: apsw.Connection, expression: str, newer_than: int, limit: int) -> int:
    """Count the messages behind a message id that match, up to a limit."""
    return db.first(connection, "SELECT count(*) FROM (SELECT 1 FROM message_index WHERE message_index MATCH ? AND rowid > ? LIMIT ?)",
        (expression, newer_than, limit),
    )[0]
