"""Whole tables at once, for a picture of the store: what a few wide statements read faster than one for each row."""

from __future__ import annotations

from codememory import db, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import apsw

    Row = tuple[Any, ...]


def projects(connection: apsw.Connection) -> list[Row]:
    """Return (project, name, root), in order of arrival."""
    return db.rows(connection, "SELECT project_id, name, root FROM project ORDER BY project_id")


def sessions(
    connection: apsw.Connection, project_id: int | None = None, session_id: int | None = None, since: int | None = None
) -> list[Row]:
    """Return (session, client id, project, start, end, compactions), newest first; None leaves a filter out."""
    return db.rows(
        connection,
        "SELECT session_id, client_id, project_id, started_at, last_at, max(boundaries, compactions) FROM session"
        " WHERE (:project IS NULL OR project_id = :project) AND (:session IS NULL OR session_id = :session)"
        " AND (:since IS NULL OR last_at >= :since) ORDER BY last_at DESC, session_id DESC",
        {"project": project_id, "session": session_id, "since": since},
    )


def session_sizes(connection: apsw.Connection, session_ids: list[int]) -> list[Row]:
    """Return (session, messages, prompts, tokens, compacted messages, threads, place of the first prompt)."""
    return db.rows(
        connection,
        "SELECT b.session_id, count(*), sum(kind = 'prompt' AND tier = 'S'), sum(tokens), count(leaf_id),"
        " count(DISTINCT thread), coalesce(min(CASE WHEN kind = 'prompt' AND tier = 'S' THEN place END),"
        " min(CASE WHEN kind IN ('prompt', 'task') THEN place END))"
        " FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id IN (SELECT value FROM json_each(?)) GROUP BY b.session_id",
        (wire.encoded(session_ids),),
    )


def session_calls(connection: apsw.Connection, session_ids: list[int]) -> list[Row]:
    """Return (session, commands, edits, calls that failed)."""
    return db.rows(
        connection,
        "SELECT session_id, count(command), count(edit), sum(outcome = 'failed') FROM tool_call"
        " WHERE session_id IN (SELECT value FROM json_each(?)) GROUP BY session_id",
        (wire.encoded(session_ids),),
    )


def session_summaries(connection: apsw.Connection, session_ids: list[int]) -> list[Row]:
    """Return (session, summaries, deepest level)."""
    return db.rows(
        connection,
        "SELECT session_id, count(*), max(depth) FROM summary WHERE session_id IN (SELECT value FROM json_each(?))"
        " GROUP BY session_id",
        (wire.encoded(session_ids),),
    )


def messages_at(connection: apsw.Connection, places: list[tuple[int, int]]) -> list[Row]:
    """Return (session, codec, blocks) of the messages at (session, place)."""
    return db.rows(
        connection,
        "SELECT b.session_id, blocks_codec, blocks FROM json_each(?) w CROSS JOIN membership b"
        " ON b.session_id = w.value ->> 0 AND b.place = w.value ->> 1 CROSS JOIN message m"
        " ON m.message_id = b.message_id",
        (wire.encoded(places),),
    )


def stored_bytes(connection: apsw.Connection, session_ids: list[int]) -> int:
    """Return how much room the messages of these sessions take as stored."""
    return db.first(
        connection,
        "SELECT coalesce(sum(length(blocks)), 0) FROM message WHERE session_id IN (SELECT value FROM json_each(?))",
        (wire.encoded(session_ids),),
    )[0]


def node_ids(
    connection: apsw.Connection, project_id: int | None = None, session_id: int | None = None, since: int | None = None
) -> list[int]:
    """Return nodes, the latest first, as `memory list` orders them; None leaves a filter out.

    Those of a session are the ones it wrote, met or was told; those since a time come with what they are linked to.
    """
    found = db.rows(
        connection,
        "WITH chosen AS (SELECT node_id FROM node WHERE (:project IS NULL OR project_id = :project)"
        " AND (:since IS NULL OR updated_at >= :since) AND (:session IS NULL OR session_id = :session"
        " OR node_id IN (SELECT node_id FROM occurrence WHERE session_id = :session)"
        " OR node_id IN (SELECT node_id FROM injection WHERE session_id = :session)))"
        " SELECT node_id FROM node WHERE node_id IN (SELECT node_id FROM chosen) OR NOT (:session IS NULL"
        " AND :since IS NULL) AND node_id IN (SELECT other_id FROM relation WHERE node_id IN chosen UNION"
        " SELECT node_id FROM relation WHERE other_id IN chosen) ORDER BY updated_at DESC, node_id DESC",
        {"project": project_id, "session": session_id, "since": since},
    )
    return [node_id for (node_id,) in found]


def tags(connection: apsw.Connection, node_ids: list[int]) -> list[Row]:
    """Return (node, kind, value) of every tag of these nodes."""
    return db.rows(
        connection,
        "SELECT node_id, kind, value FROM node_tag WHERE node_id IN (SELECT value FROM json_each(?))"
        " ORDER BY node_id, kind, weight DESC, value",
        (wire.encoded(node_ids),),
    )


def relations(connection: apsw.Connection) -> list[Row]:
    """Return (node, kind, other node, time) of every link."""
    return db.rows(connection, "SELECT node_id, kind, other_id, created_at FROM relation ORDER BY created_at")


def events(connection: apsw.Connection, node_ids: list[int]) -> list[Row]:
    """Return (node, verb, time, actor, detail) of the lives of these nodes, in order."""
    return db.rows(
        connection,
        "SELECT node_id, verb, at, actor, detail FROM node_event"
        " WHERE node_id IN (SELECT value FROM json_each(?)) ORDER BY node_id, at, event_id",
        (wire.encoded(node_ids),),
    )


def evidence(connection: apsw.Connection, node_ids: list[int]) -> list[Row]:
    """Return (node, source) of what these nodes rest on."""
    return db.rows(
        connection,
        "SELECT node_id, source FROM evidence WHERE node_id IN (SELECT value FROM json_each(?))"
        " ORDER BY node_id, source",
        (wire.encoded(node_ids),),
    )


def failures(connection: apsw.Connection) -> list[Row]:
    """Return (node, signature, type, symbol, occurrences, first time, last time, time its check last passed)."""
    return db.rows(
        connection,
        "SELECT node_id, signature, type, symbol, occurrences, first_at, last_at, passed_at FROM failure",
    )


def occurrences(connection: apsw.Connection) -> list[Row]:
    """Return (node, session, call, time) of each time a failure happened, newest first."""
    return db.rows(
        connection, "SELECT node_id, session_id, tool_use_id, at FROM occurrence ORDER BY at DESC, ordinal DESC"
    )


def attempts(connection: apsw.Connection) -> list[Row]:
    """Return (node, failure, session, outcome, checking call, time) of every fix attempt, newest first."""
    return db.rows(
        connection,
        "SELECT node_id, failure_id, session_id, outcome, check_tool_use_id, ended_at FROM attempt"
        " ORDER BY ended_at DESC, node_id DESC",
    )


def injections(connection: apsw.Connection) -> list[Row]:
    """Return (session, thread, node, event, time, tokens, time of the client's own record) of all said, in order."""
    return db.rows(
        connection,
        "SELECT i.session_id, i.thread, i.node_id, event, i.at, tokens, d.at FROM injection i LEFT JOIN delivery d"
        " ON d.session_id = i.session_id AND d.thread = i.thread AND d.epoch = i.epoch AND d.node_id = i.node_id"
        " ORDER BY i.at, i.node_id",
    )


def calls(connection: apsw.Connection, session_ids: list[int]) -> Iterator[Row]:
    """Yield (session, call, tool, command or file, outcome, exit code, start, end, message, result, edits, thread).

    In order of their starts within a session.
    """
    return connection.execute(
        "SELECT session_id, tool_use_id, tool, coalesce(command, file), outcome, exit_code, called_at, ended_at,"
        " message_id, result_message_id, edit IS NOT NULL, agent FROM tool_call"
        " WHERE session_id IN (SELECT value FROM json_each(?)) ORDER BY session_id, called_at",
        (wire.encoded(session_ids),),
    )


def delegations(connection: apsw.Connection) -> list[Row]:
    """Return (session, call, agent type, agent, time) of every task handed to a subagent."""
    return db.rows(connection, "SELECT session_id, tool_use_id, agent_type, agent, asked_at FROM delegation")


def message_keys(connection: apsw.Connection, message_ids: list[int]) -> dict[int, tuple[bytes, int]]:
    """Return message → (key, session)."""
    rows = connection.execute(
        "SELECT message_id, key, session_id FROM message WHERE message_id IN (SELECT value FROM json_each(?))",
        (wire.encoded(message_ids),),
    )
    return {message_id: (key, session_id) for message_id, key, session_id in rows}


def messages_by_key(connection: apsw.Connection, keys: list[str]) -> dict[str, tuple[int, int]]:
    """Return key in hexadecimal digits → (message, session)."""
    rows = connection.execute(
        "SELECT w.value, message_id, session_id FROM json_each(?) w CROSS JOIN message m ON m.key = unhex(w.value)",
        (wire.encoded(keys),),
    )
    return {key: (message_id, session_id) for key, message_id, session_id in rows}


def payloads(connection: apsw.Connection, message_ids: list[int]) -> Iterator[Row]:
    """Yield (message, codec, blocks)."""
    return connection.execute(
        "SELECT message_id, blocks_codec, blocks FROM message WHERE message_id IN (SELECT value FROM json_each(?))",
        (wire.encoded(message_ids),),
    )


def messages_of(connection: apsw.Connection, session_id: int) -> Iterator[Row]:
    """Yield a session's messages whole, in order.

    As (message, key, place, thread, role, kind, tier, tokens, time, leaf, blocks' codec, blocks, extra's codec, extra).
    """
    return connection.execute(
        "SELECT b.message_id, key, place, thread, role, kind, tier, tokens, created_at, leaf_id, blocks_codec, blocks,"
        " extra_codec, extra FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = ? ORDER BY place",
        (session_id,),
    )


def chosen_messages(connection: apsw.Connection, session_id: int, message_ids: list[int]) -> Iterator[Row]:
    """Yield those of a session's messages that are named, as `messages_of` does."""
    return connection.execute(
        "SELECT b.message_id, key, place, thread, role, kind, tier, tokens, created_at, leaf_id, blocks_codec, blocks,"
        " extra_codec, extra FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = :session AND b.message_id IN (SELECT value FROM json_each(:messages)) ORDER BY place",
        {"session": session_id, "messages": wire.encoded(message_ids)},
    )


def hook_durations(connection: apsw.Connection) -> list[Row]:
    """Return (event, duration class, runs), by event and class."""
    return db.rows(connection, "SELECT event, bucket, count FROM hook_counter ORDER BY event, bucket")
