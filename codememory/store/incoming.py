"""What an import asks of the store and writes to it, beyond rows that are simply merged."""

from __future__ import annotations

from codememory import codec, db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw


def project_with_uid(connection: apsw.Connection, uid: bytes) -> int | None:
    """Return the project of this uid."""
    row = db.first(connection, "SELECT project_id FROM project WHERE uid = ?", (uid,))
    return row[0] if row else None


def create_project(connection: apsw.Connection, uid: bytes, name: str, root: str, at: int) -> int:
    """Make a project known."""
    connection.execute("INSERT INTO project (uid, name, root, created_at) VALUES (?, ?, ?, ?)", (uid, name, root, at))
    return connection.last_insert_rowid()


def begin_project(connection: apsw.Connection, project_id: int, at: int) -> None:
    """Let a project be as old as the oldest store knows it."""
    connection.execute(
        "UPDATE project SET created_at = :at WHERE project_id = :project AND created_at > :at",
        {"at": at, "project": project_id},
    )


def session_ids_and_names(connection: apsw.Connection) -> list[tuple[int, str]]:
    """Return (session, client id) of all sessions."""
    return db.rows(connection, "SELECT session_id, client_id FROM session")


def transcript_of(connection: apsw.Connection, path: str, agent: str) -> int:
    """Return the transcript of this path, made known if it is new."""
    connection.execute("INSERT OR IGNORE INTO transcript (path, agent) VALUES (?, ?)", (path, agent))
    return db.first(connection, "SELECT transcript_id FROM transcript WHERE path = ?", (path,))[0]


def reread(connection: apsw.Connection, path: str) -> None:
    """Have a file looked at from its beginning: what another store took in of it may not be here."""
    connection.execute("UPDATE transcript SET inode = 0 WHERE path = ?", (path,))


def message(connection: apsw.Connection, key: bytes) -> tuple[Any, ...] | None:
    """Return (message, home's client id, path, offset, bytes, kind, tier, tags, tokens, time, payloads) of a key."""
    found: tuple[Any, ...] | None = db.first(
        connection,
        "SELECT message_id, client_id, path, line_offset, line_bytes, kind, tier, tags, tokens, m.created_at,"
        " blocks_codec, blocks, extra_codec, extra FROM message m JOIN session s ON s.session_id = m.session_id"
        " JOIN transcript t ON t.transcript_id = m.transcript_id WHERE key = ?",
        (key,),
    )
    return found


def add_message(connection: apsw.Connection, row: dict[str, Any], blocks: str, extra: str) -> int:
    """Store a message of a key that is new; an empty `extra` is none."""
    connection.execute(
        "INSERT INTO message (key, uuid, session_id, agent, role, kind, tier, tags, tokens, created_at, transcript_id,"
        " line_offset, line_bytes, blocks_codec, blocks, extra_codec, extra) VALUES (:key, :uuid, :session_id, :agent,"
        " :role, :kind, :tier, :tags, :tokens, :created_at, :transcript_id, :line_offset, :line_bytes, :blocks_codec,"
        " :blocks, :extra_codec, :extra)",
        row | _payloads(blocks, extra),
    )
    return connection.last_insert_rowid()


def set_content(
    connection: apsw.Connection, message_id: int, marks: tuple[str, str, str, int, int], blocks: str, extra: str
) -> None:
    """Give a message another content, with its kind, tier, tags, tokens and time."""
    names = ("kind", "tier", "tags", "tokens", "created_at")
    connection.execute(
        "UPDATE message SET kind = :kind, tier = :tier, tags = :tags, tokens = :tokens, created_at = :created_at,"
        " blocks_codec = :blocks_codec, blocks = :blocks, extra_codec = :extra_codec, extra = :extra"
        " WHERE message_id = :message",
        dict(zip(names, marks, strict=True)) | _payloads(blocks, extra) | {"message": message_id},
    )


def set_origin(
    connection: apsw.Connection, message_id: int, session_id: int, transcript_id: int, offset: int, size: int
) -> None:
    """Tell where a message came from: its first session, and its line."""
    connection.execute(
        "UPDATE message SET session_id = ?, transcript_id = ?, line_offset = ?, line_bytes = ? WHERE message_id = ?",
        (session_id, transcript_id, offset, size, message_id),
    )


def _payloads(blocks: str, extra: str) -> dict[str, Any]:
    blocks_codec, packed = codec.packed(blocks)
    extra_codec, more = codec.packed(extra) if extra else (0, None)
    return {"blocks_codec": blocks_codec, "blocks": packed, "extra_codec": extra_codec, "extra": more}


def places(connection: apsw.Connection, session_id: int) -> list[tuple[int, bytes, str]]:
    """Return (place, key, thread) of a session's messages, in order."""
    return db.rows(
        connection,
        "SELECT place, key, thread FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = ? ORDER BY place",
        (session_id,),
    )


def count_compacted(connection: apsw.Connection, session_id: int) -> int:
    """Count a session's messages that are under a leaf."""
    return db.first(
        connection,
        "SELECT count(*) FROM membership WHERE session_id = ? AND leaf_id IS NOT NULL",
        (session_id,),
    )[0]


def put_leaf(connection: apsw.Connection, session_id: int, thread: str, leaf_id: int, first: int, last: int) -> None:
    """Put the messages of a thread between two places under a leaf."""
    connection.execute(
        "UPDATE membership SET leaf_id = ? WHERE session_id = ? AND thread = ? AND place BETWEEN ? AND ?",
        (leaf_id, session_id, thread, first, last),
    )


def put_under(connection: apsw.Connection, uid: bytes, parent_uid: bytes) -> None:
    """Put a summary under a condensed one."""
    connection.execute(
        "UPDATE summary SET parent_id = (SELECT p.summary_id FROM summary p WHERE p.uid = ?) WHERE uid = ?",
        (parent_uid, uid),
    )


def node_with(connection: apsw.Connection, uids: str) -> int | None:
    """Return the memory that has one of these uids, given as a JSON list of hexadecimal digits."""
    row = db.first(
        connection,
        "SELECT node_id FROM json_each(:uids) e CROSS JOIN node n ON n.uid = unhex(e.value)"
        " UNION ALL SELECT node_id FROM json_each(:uids) e CROSS JOIN node_alias a ON a.uid = unhex(e.value) LIMIT 1",
        {"uids": uids},
    )
    return row[0] if row else None


def name_also(connection: apsw.Connection, node_id: int, uid: bytes) -> None:
    """Make a memory known by one more uid."""
    connection.execute(
        "INSERT OR IGNORE INTO node_alias (uid, node_id) SELECT :uid, :node"
        " WHERE NOT EXISTS (SELECT 1 FROM node WHERE uid = :uid)",
        {"uid": uid, "node": node_id},
    )


def add_event(
    connection: apsw.Connection, uid: bytes, node_id: int, verb: str, at: int, actor: str, detail: str
) -> bool:
    """Add a step to a memory's life; False if it is there."""
    connection.execute(
        "INSERT OR IGNORE INTO node_event (uid, node_id, verb, at, actor, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (uid, node_id, verb, at, actor, detail),
    )
    return bool(connection.changes())


def out_of_order(connection: apsw.Connection) -> list[int]:
    """Return the memories with a step that was told of before one that came to pass earlier, or at the same time."""
    found = db.rows(
        connection,
        "SELECT DISTINCT e.node_id FROM node_event e JOIN node_event l ON l.node_id = e.node_id"
        " AND l.event_id > e.event_id AND l.at <= e.at",
    )
    return [node_id for (node_id,) in found]


def drop_events(connection: apsw.Connection, node_id: int, until: int) -> None:
    """Take away a memory's steps up to a time."""
    connection.execute("DELETE FROM node_event WHERE node_id = ? AND at <= ?", (node_id, until))
    connection.execute(
        "UPDATE team_project SET collected = min(collected, (SELECT coalesce(max(event_id), 0) FROM node_event))"
    )


def set_session(connection: apsw.Connection, node_id: int, session_id: int | None) -> None:
    """Tell which session a memory came out of first."""
    connection.execute("UPDATE node SET session_id = ? WHERE node_id = ?", (session_id, node_id))


def set_state(connection: apsw.Connection, node_id: int, status: str, trust: str, changed_at: int) -> None:
    """Let a memory stand where its steps lead."""
    connection.execute(
        "UPDATE node SET status = ?, trust = ?, updated_at = max(updated_at, ?) WHERE node_id = ?",
        (status, trust, changed_at, node_id),
    )


def recount(connection: apsw.Connection, node_id: int) -> None:
    """Count how often a failure happened."""
    connection.execute(
        "UPDATE failure SET occurrences = (SELECT count(*) FROM occurrence o WHERE o.node_id = failure.node_id)"
        " WHERE node_id = ?",
        (node_id,),
    )
