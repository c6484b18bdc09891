"""Everything durable as rows that name each other by global ids, for an export; None as project means all."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import apsw

    Row = tuple[Any, ...]


def projects(connection: apsw.Connection, project_id: int | None) -> list[Row]:
    """Return (project, uid, name, root, created at)."""
    return db.rows(
        connection,
        "SELECT project_id, uid, name, root, created_at FROM project WHERE :project IS NULL OR project_id = :project"
        " ORDER BY project_id",
        {"project": project_id},
    )


def sessions(connection: apsw.Connection, project_id: int | None, of_memories: bool) -> Iterator[Row]:
    """Yield (session, client id, project, start, end, boundaries, compactions, compacted at), the oldest first.

    `of_memories` leaves out those that no memory names.
    """
    return connection.execute(
        "SELECT session_id, client_id, project_id, started_at, last_at, boundaries, compactions, compacted_at"
        " FROM session WHERE (:project IS NULL OR project_id = :project)"
        " AND (NOT :memories OR session_id IN (SELECT session_id FROM node UNION SELECT session_id FROM occurrence"
        " UNION SELECT session_id FROM attempt)) ORDER BY started_at, client_id",
        {"project": project_id, "memories": of_memories},
    )


def transcripts(connection: apsw.Connection, project_id: int | None) -> Iterator[Row]:
    """Yield (path, session's client id, agent, bytes consumed)."""
    return connection.execute(
        "SELECT path, client_id, t.agent, byte_offset FROM transcript t LEFT JOIN session s USING (session_id)"
        " WHERE :project IS NULL OR project_id = :project ORDER BY transcript_id",
        {"project": project_id},
    )


def members(connection: apsw.Connection, session_id: int, project_id: int | None) -> Iterator[Row]:
    """Yield (key, thread, is told before) of a session's messages, in order, with the message's own row behind.

    A message that an older session holds is told there.
    """
    return connection.execute(
        "SELECT m.key, b.thread, EXISTS (SELECT 1 FROM membership e JOIN session s ON s.session_id = e.session_id"
        " WHERE e.message_id = b.message_id AND (:project IS NULL OR s.project_id = :project)"
        " AND (s.started_at, s.client_id) < (SELECT started_at, client_id FROM session WHERE session_id = :session)),"
        " uuid, h.client_id, m.agent, role, kind, tier, tags, tokens, m.created_at, path, line_offset, line_bytes,"
        " blocks_codec, blocks, extra_codec, extra FROM membership b JOIN message m ON m.message_id = b.message_id"
        " JOIN session h ON h.session_id = m.session_id JOIN transcript t ON t.transcript_id = m.transcript_id"
        " WHERE b.session_id = :session ORDER BY b.place",
        {"session": session_id, "project": project_id},
    )


def calls(connection: apsw.Connection, session_id: int) -> Iterator[Row]:
    """Yield a session's tool calls, with the keys of the call's and the result's message."""
    return connection.execute(
        "SELECT tool_use_id, tool, called_at, outcome, c.agent, command, command_key, file, edit, target, exit_code,"
        " ended_at, m.key, r.key FROM tool_call c LEFT JOIN message m ON m.message_id = c.message_id"
        " LEFT JOIN message r ON r.message_id = c.result_message_id WHERE c.session_id = ? ORDER BY tool_use_id",
        (session_id,),
    )


def delegations(connection: apsw.Connection, session_id: int) -> Iterator[Row]:
    """Yield a session's tasks for subagents."""
    return connection.execute(
        "SELECT tool_use_id, agent_type, prompt, asked_at, agent FROM delegation WHERE session_id = ?"
        " ORDER BY tool_use_id",
        (session_id,),
    )


def summaries(connection: apsw.Connection, session_id: int) -> list[Row]:
    """Return a session's summaries, with the keys of the messages at the ends of what each covers."""
    return db.rows(
        connection,
        "SELECT y.uid, y.kind, method, depth, f.key, l.key, source_tokens, y.tokens, text_codec, text, y.created_at,"
        " y.thread, (SELECT p.uid FROM summary p WHERE p.summary_id = y.parent_id) FROM summary y"
        " JOIN membership bf ON bf.session_id = y.session_id AND bf.place = y.first_place"
        " JOIN message f ON f.message_id = bf.message_id"
        " JOIN membership bl ON bl.session_id = y.session_id AND bl.place = y.last_place"
        " JOIN message l ON l.message_id = bl.message_id WHERE y.session_id = ? ORDER BY depth, y.uid",
        (session_id,),
    )


def forgotten_keys(connection: apsw.Connection, session_id: int) -> list[bytes]:
    """Return the keys of a session's forgotten messages."""
    found = db.rows(
        connection,
        "SELECT key FROM membership b JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ?"
        " AND m.tags = 'forgotten' ORDER BY key",
        (session_id,),
    )
    return [key for (key,) in found]


def nodes(connection: apsw.Connection, project_id: int | None) -> Iterator[Row]:
    """Yield memories; an attempt follows the failure it is against."""
    return connection.execute(
        "SELECT node_id, uid, n.kind, n.project_id, content, details, confidence, origin, trust, branch, head,"
        " n.created_at, updated_at, client_id FROM node n LEFT JOIN session s USING (session_id)"
        " WHERE :project IS NULL OR n.project_id = :project ORDER BY n.kind = 'fix_attempt', node_id",
        {"project": project_id},
    )


def events(connection: apsw.Connection, node_id: int) -> list[Row]:
    """Return (uid, verb, time, actor, detail) of a memory's life."""
    return db.rows(
        connection, "SELECT uid, verb, at, actor, detail FROM node_event WHERE node_id = ? ORDER BY uid", (node_id,)
    )


def other_uids(connection: apsw.Connection, node_id: int) -> list[bytes]:
    """Return the further uids of a memory."""
    return [uid for (uid,) in db.rows(connection, "SELECT uid FROM node_alias WHERE node_id = ?", (node_id,))]


def failure(connection: apsw.Connection, node_id: int) -> Row | None:
    """Return (signature, type, first and last time, last pass, symbol, contents) of a failure."""
    found: Row | None = db.first(
        connection,
        "SELECT signature, type, first_at, last_at, passed_at, symbol, contents FROM failure WHERE node_id = ?",
        (node_id,),
    )
    return found


def attempt(connection: apsw.Connection, node_id: int) -> Row | None:
    """Return (failure, session's client id, outcome, check, end) of an attempt."""
    found: Row | None = db.first(
        connection,
        "SELECT failure_id, client_id, outcome, check_tool_use_id, ended_at FROM attempt"
        " JOIN session USING (session_id) WHERE node_id = ?",
        (node_id,),
    )
    return found


def occurrences(connection: apsw.Connection, project_id: int | None) -> Iterator[Row]:
    """Yield (failure, session's client id, call, ordinal, time, branch, head) of each time a failure happened."""
    return connection.execute(
        "SELECT o.node_id, client_id, tool_use_id, ordinal, at, o.branch, o.head FROM occurrence o"
        " JOIN session s ON s.session_id = o.session_id JOIN node n ON n.node_id = o.node_id"
        " WHERE :project IS NULL OR n.project_id = :project ORDER BY o.session_id, tool_use_id, ordinal",
        {"project": project_id},
    )


def relations(connection: apsw.Connection, project_id: int | None) -> Iterator[Row]:
    """Yield (memory, kind, other memory, time) of links inside what is exported."""
    return connection.execute(
        "SELECT r.node_id, r.kind, r.other_id, r.created_at FROM relation r JOIN node n ON n.node_id = r.node_id"
        " JOIN node o ON o.node_id = r.other_id WHERE :project IS NULL OR (n.project_id = :project"
        " AND o.project_id = :project) ORDER BY r.node_id, r.kind, r.other_id",
        {"project": project_id},
    )


def pending(connection: apsw.Connection, project_id: int | None) -> Iterator[Row]:
    """Yield (uid, memory, status, reason, evidence, time, state, decided at) of proposed changes."""
    return connection.execute(
        "SELECT p.uid, p.node_id, p.status, reason, evidence, p.created_at, state, decided_at FROM pending_update p"
        " JOIN node n ON n.node_id = p.node_id WHERE :project IS NULL OR n.project_id = :project ORDER BY p.uid",
        {"project": project_id},
    )


def uid_of(connection: apsw.Connection, node_id: int) -> bytes:
    """Return the smallest of a memory's uids: the one that every store names it by."""
    return db.first(
        connection,
        "SELECT min(uid) FROM (SELECT uid FROM node WHERE node_id = :node"
        " UNION ALL SELECT uid FROM node_alias WHERE node_id = :node)",
        {"node": node_id},
    )[0]
