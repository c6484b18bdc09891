"""Failures by signature, and each time one happened."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


CALLS_LOOKED_AT = 400
NODES_LOOKED_AT = 164
OCCURRENCES_COUNTED_MAX = 1_000


class Seen:
    """What the store knows of one failure: how often and when it happened."""

    __slots__ = (
        "contents", "first_at", "last_at", "node_id", "occurrences", "passed_at", "signature", "symbol", "type",
    )  # fmt: skip

    def __init__(self, row: tuple[int, str, str, str | None, int, int, int, int, str]) -> None:
        self.node_id, self.signature, self.type, self.symbol, self.occurrences, self.first_at, self.last_at = row[:7]
        self.passed_at, self.contents = row[7:]


def describe(connection: apsw.Connection, node_id: int, project_id: int, signature: str, kind: str, symbol: str | None,
             at: int) -> None:  # fmt: skip
    """Store what makes a failure node recognisable, once."""
    connection.execute(
        "INSERT OR IGNORE INTO failure (node_id, project_id, signature, type, symbol, first_at, last_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (node_id, project_id, signature, kind, symbol, at, at),
    )


def occur(
    connection: apsw.Connection, node_id: int, session_id: int, tool_use_id: str, ordinal: int, at: int, branch: str,
    head: str,
) -> bool:  # fmt: skip
    """Record that a failure happened; False if this call's outcome is recorded already."""
    connection.execute(
        "INSERT OR IGNORE INTO occurrence (session_id, tool_use_id, ordinal, node_id, at, branch, head)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (session_id, tool_use_id, ordinal, node_id, at, branch, head),
    )
    if not connection.changes():
        return False
    connection.execute(
        "UPDATE failure SET occurrences = occurrences + 1, first_at = min(first_at, :at), last_at = max(last_at, :at)"
        " WHERE node_id = :node",
        {"at": at, "node": node_id},
    )
    connection.execute("UPDATE node SET updated_at = max(updated_at, ?) WHERE node_id = ?", (at, node_id))
    return True


def place_at(connection: apsw.Connection, session_id: int, tool_use_id: str, branch: str, head: str) -> None:
    """Add where a call's failures happened, if that is not known yet."""
    connection.execute(
        "UPDATE occurrence SET branch = :branch, head = :head WHERE session_id = :session AND tool_use_id = :call"
        " AND head = ''",
        {"branch": branch, "head": head, "session": session_id, "call": tool_use_id},
    )


def open_for(
    connection: apsw.Connection, session_id: int, project_id: int, command_key: str | None, limit: int = 20
) -> list[int]:
    """Return the unresolved failures that a check may speak for: this session's, and those of the same command.

    Looked for among the session's latest calls and the command's newest failures.
    """
    found = db.rows(
        connection,
        "SELECT node_id FROM (SELECT o.node_id FROM (SELECT tool_use_id FROM tool_call WHERE session_id = :session"
        " AND EXISTS (SELECT 1 FROM occurrence WHERE session_id = :session)"
        " ORDER BY called_at DESC LIMIT :calls) c CROSS JOIN occurrence o ON o.session_id = :session"
        " AND o.tool_use_id = c.tool_use_id UNION SELECT node_id FROM (SELECT node_id FROM node_tag"
        " WHERE project_id = :project AND kind = 'command' AND value = :command ORDER BY node_id DESC LIMIT :nodes))"
        " JOIN node USING (node_id) WHERE status = 'active' AND kind = 'failure' ORDER BY node_id DESC LIMIT :limit",
        {
            "session": session_id, "project": project_id, "command": command_key or "", "limit": limit,
            "calls": CALLS_LOOKED_AT, "nodes": NODES_LOOKED_AT,
        },
    )  # fmt: skip
    return [node_id for (node_id,) in found]


def of_session(connection: apsw.Connection, session_id: int, limit: int) -> list[int]:
    """Return the failures that the latest calls of a session ended with, the newest node first."""
    found = db.rows(
        connection,
        "SELECT DISTINCT o.node_id FROM (SELECT tool_use_id FROM tool_call WHERE session_id = :session"
        " ORDER BY called_at DESC LIMIT :calls) c CROSS JOIN occurrence o ON o.session_id = :session"
        " AND o.tool_use_id = c.tool_use_id ORDER BY o.node_id DESC LIMIT :limit",
        {"session": session_id, "calls": CALLS_LOOKED_AT, "limit": limit},
    )
    return [node_id for (node_id,) in found]


def of_call(connection: apsw.Connection, session_id: int, tool_use_id: str) -> set[int]:
    """Return the failures a call's output held."""
    found = db.rows(
        connection, "SELECT node_id FROM occurrence WHERE session_id = ? AND tool_use_id = ?", (session_id, tool_use_id)
    )
    return {node_id for (node_id,) in found}


class Before:
    """A failure's last occurrence before a check: when, by which call and command, in which session."""

    __slots__ = ("at", "command", "command_key", "session_id", "tool_use_id")

    def __init__(self, row: tuple[int, int, str, str, str]) -> None:
        self.at, self.session_id, self.tool_use_id, self.command, self.command_key = row


def last_before(connection: apsw.Connection, node_id: int, session_id: int, tool_use_id: str, at: int) -> Before | None:
    """Return a failure's last occurrence apart from this call, if any; its command is '' where it was no shell's."""
    row = db.first(
        connection,
        "SELECT o.at, o.session_id, o.tool_use_id, coalesce(c.command, ''), coalesce(c.command_key, '')"
        " FROM occurrence o LEFT JOIN tool_call c ON c.session_id = o.session_id AND c.tool_use_id = o.tool_use_id"
        " WHERE o.node_id = :node AND o.at <= :at AND NOT (o.session_id = :session AND o.tool_use_id = :call)"
        " ORDER BY o.at DESC LIMIT 1",
        {"node": node_id, "session": session_id, "call": tool_use_id, "at": at},
    )
    return Before(row) if row else None


def last_place(connection: apsw.Connection, node_id: int) -> tuple[int, int, str]:
    """Return (session, time, commit) of a failure's last occurrence; (0, 0, '') for one that only was imported."""
    row = db.first(
        connection,
        "SELECT session_id, at, head FROM occurrence WHERE node_id = ? ORDER BY at DESC LIMIT 1",
        (node_id,),
    )
    return row or (0, 0, "")


def test_of(connection: apsw.Connection, node_id: int) -> str:
    """Return the test that a failure is of, '' for none."""
    row = db.first(connection, "SELECT value FROM node_tag WHERE node_id = ? AND kind = 'check' LIMIT 1", (node_id,))
    return str(row[0]) if row else ""


def has_room_for_tags(connection: apsw.Connection, node_id: int, limit: int) -> bool:
    """Tell whether a node has fewer tags than this."""
    row = db.first(
        connection, "SELECT count(*) FROM (SELECT 1 FROM node_tag WHERE node_id = ? LIMIT ?)", (node_id, limit)
    )
    return bool(row[0] < limit)


def pass_at(connection: apsw.Connection, node_id: int, at: int) -> None:
    """Record that a failure's check passed."""
    connection.execute("UPDATE failure SET passed_at = max(passed_at, ?) WHERE node_id = ?", (at, node_id))


def keep_contents(connection: apsw.Connection, node_id: int, contents: str) -> None:
    """Record the content, as file → blob hash in JSON, that a failure last happened with."""
    connection.execute("UPDATE failure SET contents = ? WHERE node_id = ?", (contents, node_id))


def seen(connection: apsw.Connection, node_id: int) -> Seen:
    """Return what is known of a failure node."""
    return Seen(
        db.first(
            connection,
            "SELECT node_id, signature, type, symbol, occurrences, first_at, last_at, passed_at, contents"
            " FROM failure WHERE node_id = ?",
            (node_id,),
        )
    )


def by_signature(connection: apsw.Connection, project_id: int, signature: str) -> Seen | None:
    """Return a project's failure of this signature."""
    row = db.first(
        connection,
        "SELECT node_id, signature, type, symbol, occurrences, first_at, last_at, passed_at, contents FROM failure"
        " WHERE project_id = ? AND signature = ?",
        (project_id, signature),
    )
    return Seen(row) if row else None


def happened_elsewhere(
    connection: apsw.Connection, node_id: int, session_id: int, compacted_at: int
) -> tuple[int, int] | None:
    """Return (last time, how often) a failure happened outside what a session still sees, None if it did not.

    A session still sees what happened in it since its last compaction.
    """
    last_at, count = db.first(
        connection,
        "SELECT max(at), count(*) FROM (SELECT at FROM occurrence WHERE node_id = ?"
        " AND NOT (session_id = ? AND at >= ?) ORDER BY at DESC LIMIT ?)",
        (node_id, session_id, compacted_at, OCCURRENCES_COUNTED_MAX),
    )
    return (last_at, count) if count else None
