"""Take what was said out of the store: rows, index and, at the end, the bytes they leave in the file."""

from __future__ import annotations

import apsw

from codememory import codec, db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ERASE = "erase"


def listed(values: list[Any]) -> str:
    """Return values as a JSON list, for `json_each`."""
    from codememory import wire

    return wire.encoded(values)


def messages_of(connection: apsw.Connection, session_id: int, until: int) -> list[int]:
    """Return a session's messages up to a time that still say something."""
    found = db.rows(
        connection,
        "SELECT message_id FROM membership JOIN message m USING (message_id) WHERE membership.session_id = ?"
        " AND created_at <= ? AND tags <> 'forgotten'",
        (session_id, until),
    )
    return [message_id for (message_id,) in found]


def retellings(connection: apsw.Connection, message_ids: list[int]) -> list[int]:
    """Return the client's own summaries that stand behind messages in a session, and may say again what they said."""
    found = db.rows(
        connection,
        "SELECT DISTINCT s.message_id FROM json_each(?) e CROSS JOIN membership b ON b.message_id = e.value"
        " CROSS JOIN membership s ON s.session_id = b.session_id AND s.place > b.place"
        " JOIN message m ON m.message_id = s.message_id WHERE m.kind = 'summary' AND m.tags <> 'forgotten'",
        (listed(message_ids),),
    )
    return [message_id for (message_id,) in found]


def holding(connection: apsw.Connection, message_ids: list[int]) -> list[int]:
    """Return the sessions that hold any of the messages."""
    found = db.rows(
        connection,
        "SELECT DISTINCT session_id FROM json_each(?) e CROSS JOIN membership b ON b.message_id = e.value",
        (listed(message_ids),),
    )
    return [session_id for (session_id,) in found]


def resting_on(connection: apsw.Connection, sources: list[str]) -> list[int]:
    """Return the memories that rest on any of the messages, calls or summaries."""
    found = db.rows(
        connection,
        "SELECT DISTINCT node_id FROM json_each(?) e CROSS JOIN evidence v ON v.source = e.value",
        (listed(sources),),
    )
    return [node_id for (node_id,) in found]


def failures_of(connection: apsw.Connection, session_ids: list[int], tool_use_ids: list[str]) -> list[int]:
    """Return the failures that any of these calls ended with."""
    found = db.rows(
        connection,
        "SELECT DISTINCT node_id FROM json_each(?) s CROSS JOIN json_each(?) c"
        " CROSS JOIN occurrence o ON o.session_id = s.value AND o.tool_use_id = c.value",
        (listed(session_ids), listed(tool_use_ids)),
    )
    return [node_id for (node_id,) in found]


def nodes_of(connection: apsw.Connection, session_id: int, until: int) -> list[int]:
    """Return the memories that came out of a session up to a time."""
    found = db.rows(
        connection, "SELECT node_id FROM node WHERE session_id = ? AND created_at <= ?", (session_id, until)
    )
    return [node_id for (node_id,) in found]


def attempts_against(connection: apsw.Connection, node_ids: list[int]) -> list[int]:
    """Return the attempts against any of the failures."""
    found = db.rows(
        connection,
        "SELECT a.node_id FROM json_each(?) e CROSS JOIN attempt a ON a.failure_id = e.value",
        (listed(node_ids),),
    )
    return [node_id for (node_id,) in found]


def sessions_of(connection: apsw.Connection, node_ids: list[int]) -> list[int]:
    """Return the sessions in whose summaries any of the memories can stand."""
    found = db.rows(
        connection,
        "WITH gone AS (SELECT value AS node_id FROM json_each(?)),"
        " failed AS (SELECT node_id FROM gone UNION SELECT failure_id FROM attempt JOIN gone USING (node_id))"
        " SELECT session_id FROM node JOIN gone USING (node_id) WHERE session_id IS NOT NULL"
        " UNION SELECT o.session_id FROM failed f CROSS JOIN occurrence o ON o.node_id = f.node_id",
        (listed(node_ids),),
    )
    return [session_id for (session_id,) in found]


def uids_of(connection: apsw.Connection, node_id: int) -> tuple[list[bytes], int]:
    """Return (every uid of a memory, the time of the last thing known of it)."""
    found = db.rows(
        connection,
        "SELECT uid FROM node WHERE node_id = :node UNION ALL SELECT uid FROM node_alias WHERE node_id = :node",
        {"node": node_id},
    )
    last_at = db.first(
        connection,
        "SELECT max(updated_at, (SELECT coalesce(max(at), 0) FROM node_event e WHERE e.node_id = n.node_id))"
        " FROM node n WHERE node_id = ?",
        (node_id,),
    )[0]
    return [uid for (uid,) in found], last_at


NODE_ROWS = (
    "DELETE FROM pending_update WHERE node_id = :node",
    "DELETE FROM guard_act WHERE node_id = :node",
    "DELETE FROM injection WHERE node_id = :node",
    "DELETE FROM delivery WHERE node_id = :node",
    "DELETE FROM occurrence WHERE node_id = :node",
    "DELETE FROM attempt WHERE node_id = :node",
    "DELETE FROM failure WHERE node_id = :node",
    "DELETE FROM evidence WHERE node_id = :node",
    "DELETE FROM relation WHERE node_id = :node OR other_id = :node",
    "DELETE FROM node_event WHERE node_id = :node",
    "UPDATE team_project SET collected = min(collected, (SELECT coalesce(max(event_id), 0) FROM node_event))",
    "DELETE FROM node_tag WHERE node_id = :node",
    "DELETE FROM node_alias WHERE node_id = :node",
    "DELETE FROM node_index WHERE rowid = :node",
    "DELETE FROM node WHERE node_id = :node",
)
"""Everything that hangs on a memory, the memory last; the next step may have the number of one that is gone."""


def empty_log(connection: apsw.Connection, node_id: int) -> None:
    """Empty what a team's log says of a memory; of a step its verb stays, by which others may go on."""
    connection.execute(
        "UPDATE team_event SET payload = CASE WHEN kind = 'step' AND json_valid(payload)"
        " THEN json_object('verb', payload ->> '$.verb') ELSE '' END WHERE kind <> 'gone' AND node IN"
        " (SELECT uid FROM node WHERE node_id = :node UNION ALL SELECT uid FROM node_alias WHERE node_id = :node)",
        {"node": node_id},
    )


def drop_node(connection: apsw.Connection, node_id: int) -> None:
    """Take a memory away with all that hangs on it."""
    for statement in NODE_ROWS:
        connection.execute(statement, {"node": node_id})


def drop_quotations(connection: apsw.Connection, content: str) -> None:
    """Take away the proposed changes whose reason quotes a memory's words."""
    connection.execute("DELETE FROM pending_update WHERE instr(reason, ?)", (content[:200],))


def empty_message(connection: apsw.Connection, message_id: int) -> None:
    """Leave of a message its key and place: nothing it said, and nothing found by it."""
    blocks_codec, blocks = codec.packed("[]")
    connection.execute(
        "UPDATE message SET tier = 'N', tags = 'forgotten', tokens = 0, blocks_codec = ?, blocks = ?, extra_codec = 0,"
        " extra = NULL WHERE message_id = ?",
        (blocks_codec, blocks, message_id),
    )
    connection.execute("DELETE FROM message_index WHERE rowid = ?", (message_id,))
    connection.execute("DELETE FROM injection WHERE node_id = -?", (message_id,))
    connection.execute("DELETE FROM delivery WHERE node_id = -?", (message_id,))


def drop_calls(connection: apsw.Connection, session_ids: list[int], tool_use_ids: list[str], sources: list[str]) -> int:
    """Take away what is recorded of calls, and what was proposed because of any of the sources; return how many."""
    calls = (listed(session_ids), listed(tool_use_ids))
    connection.execute(
        "DELETE FROM delegation WHERE session_id IN (SELECT value FROM json_each(?))"
        " AND tool_use_id IN (SELECT value FROM json_each(?))",
        calls,
    )
    connection.execute(
        "DELETE FROM pending_update WHERE evidence IN (SELECT value FROM json_each(?))", (listed(sources),)
    )
    connection.execute("DELETE FROM rename WHERE source IN (SELECT value FROM json_each(?))", (calls[1],))
    connection.execute(
        "DELETE FROM tool_call WHERE session_id IN (SELECT value FROM json_each(?))"
        " AND tool_use_id IN (SELECT value FROM json_each(?))",
        calls,
    )
    return connection.changes()


def drop_session_calls(connection: apsw.Connection, session_id: int, until: int) -> None:
    """Take away a session's calls and tasks up to a time, those whose lines never came among them."""
    connection.execute("DELETE FROM tool_call WHERE session_id = ? AND called_at <= ?", (session_id, until))
    connection.execute("DELETE FROM delegation WHERE session_id = ? AND asked_at <= ?", (session_id, until))
    connection.execute(
        "DELETE FROM summary WHERE session_id = ? AND method = 'client' AND created_at <= ?", (session_id, until)
    )


def summaries_of(connection: apsw.Connection, session_id: int) -> list[tuple[int, bytes, str, str, int, int, int, int]]:
    """Return (summary, uid, thread, kind, first place, last, source tokens, tokens), the lowest level first."""
    return db.rows(
        connection,
        "SELECT summary_id, uid, thread, kind, first_place, last_place, source_tokens, tokens FROM summary"
        " WHERE session_id = ? AND method <> 'client' ORDER BY depth, first_place",
        (session_id,),
    )


def emptied_places(connection: apsw.Connection, session_id: int) -> list[tuple[str, int]]:
    """Return (thread, place) of a session's forgotten messages."""
    return db.rows(
        connection,
        "SELECT thread, place FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = ? AND tags = 'forgotten'",
        (session_id,),
    )


def source_tokens_of(connection: apsw.Connection, summary_id: int) -> int:
    """Return the tokens of the summaries under a condensed one."""
    return db.first(connection, "SELECT coalesce(sum(tokens), 0) FROM summary WHERE parent_id = ?", (summary_id,))[0]


def retell(connection: apsw.Connection, summary_id: int, source_tokens: int, tokens: int, text: str) -> bool:
    """Give a summary a new extractive text; False if it has that already."""
    text_codec, packed = codec.packed(text)
    connection.execute(
        "UPDATE summary SET method = 'extractive', source_tokens = ?, tokens = ?, text_codec = ?, text = ?"
        " WHERE summary_id = ? AND text IS NOT ?",
        (source_tokens, tokens, text_codec, packed, summary_id, packed),
    )
    return bool(connection.changes())


def drop_client_summaries(connection: apsw.Connection, session_id: int, places: list[int]) -> int:
    """Take away the client's summaries of a session that cover any of the places, or come after them."""
    connection.execute(
        "DELETE FROM summary WHERE session_id = ? AND method = 'client' AND last_place >= ?", (session_id, min(places))
    )
    return connection.changes()


def remain(connection: apsw.Connection) -> bool:
    """Tell whether bytes of what was taken out may still be in the file."""
    row = db.first(connection, "SELECT position FROM upkeep WHERE name = ?", (ERASE,))
    return bool(row and row[0])


def note_remains(connection: apsw.Connection, remain: bool, at: int) -> None:
    """Record whether bytes may still be there."""
    connection.execute(
        "INSERT INTO upkeep (name, ended_at, position) VALUES (:name, :at, :remain) ON CONFLICT DO UPDATE SET"
        " position = :remain, ended_at = CASE WHEN :remain THEN ended_at ELSE :at END",
        {"name": ERASE, "at": at, "remain": int(remain)},
    )


def overwrite_deleted(connection: apsw.Connection) -> None:
    """Have SQLite put zeros in the place of what is deleted from here on."""
    connection.execute("PRAGMA secure_delete = ON")


def rewrite(connection: apsw.Connection) -> None:
    """Write both indexes and the whole file anew, and end the write-ahead log: nothing deleted is left in their bytes.

    Raises:
        apsw.BusyError: Another process is at the file.

    """
    for index in ("message_index", "node_index"):  # deleted words stay in an index until its parts are merged
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
    connection.execute("VACUUM")
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
