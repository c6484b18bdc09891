"""What the store says of its own state, for `doctor`."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import apsw

MEMORY_TABLES = "attempt evidence failure node node_alias node_event node_index node_tag occurrence relation summary"


def bytes_by(connection: apsw.Connection) -> dict[str, int]:
    """Return the bytes of the file by what they are for; what is neither index, memories nor free is messages.

    Only the smaller parts are counted page by page.
    """
    index = _bytes_of(connection, "message_index")
    memories = sum(_bytes_of(connection, table) for table in MEMORY_TABLES.split())
    page = connection.pragma("page_size")
    free = page * connection.pragma("freelist_count")
    messages = page * connection.pragma("page_count") - index - memories - free
    return {"messages": messages, "index": index, "memories": memories, "other": free}


def _bytes_of(connection: apsw.Connection, table: str) -> int:
    """Return the bytes of a table with its indexes, and of those in which a full-text index keeps what it knows."""
    return db.first(
        connection,
        "SELECT coalesce(sum(d.pgsize), 0) FROM sqlite_schema s CROSS JOIN dbstat d ON d.name = s.name"
        " WHERE d.aggregate = TRUE AND s.rootpage > 0 AND (s.tbl_name = :table"
        " OR s.tbl_name GLOB iif(:table GLOB '*_index', :table || '_*', ''))",
        {"table": table},
    )[0]


LINKED = (
    "SELECT t.name, f.[from], f.[table], p.[notnull] OR p.pk FROM sqlite_schema t"
    " JOIN pragma_foreign_key_list(t.name) f JOIN pragma_table_info(t.name) p ON p.name = f.[from]"
    " WHERE t.type = 'table' ORDER BY t.rowid"
)
"""(table, column, the table it points into, whether it must)."""

HELD_DEAR = ("project", "session", "transcript", "message", "node")
"""Tables whose rows nothing takes away for a link that is broken: what they hold is worth more."""


def broken_links(connection: apsw.Connection) -> dict[str, int]:
    """Return table → how many of its links point at a row that is not there."""
    found: dict[str, int] = {}
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        found[table] = found.get(table, 0) + 1
    return found


def mend_links(connection: apsw.Connection) -> list[int]:
    """Take away links that point nowhere, and rows that stand for nothing but one; return the sessions concerned.

    Messages of no session come to the end of their own. What is `HELD_DEAR` stays as it is.
    """
    concerned = db.rows(
        connection,
        "SELECT session_id FROM message m WHERE NOT EXISTS"
        " (SELECT 1 FROM membership b WHERE b.message_id = m.message_id) UNION SELECT session_id FROM membership b"
        " WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = b.message_id)",
    )
    for table, column, other, must in db.rows(connection, LINKED) * 2:  # what goes can have been pointed at
        broken = f"{column} IS NOT NULL AND {column} NOT IN (SELECT rowid FROM {other})"
        if not must:
            connection.execute(f"UPDATE {table} SET {column} = NULL WHERE {broken}")
        elif table not in HELD_DEAR:
            connection.execute(f"DELETE FROM {table} WHERE {broken}")
    connection.execute(
        "INSERT INTO membership (session_id, place, thread, message_id) SELECT session_id, s.place_next - 1"
        " + row_number() OVER (PARTITION BY session_id ORDER BY message_id), m.agent, message_id FROM message m"
        " JOIN session s USING (session_id)"
        " WHERE NOT EXISTS (SELECT 1 FROM membership b WHERE b.message_id = m.message_id)"
    )
    connection.execute(
        "UPDATE session SET place_next = (SELECT max(place) + 1 FROM membership b WHERE b.session_id ="
        " session.session_id) WHERE place_next <= (SELECT max(place) FROM membership b"
        " WHERE b.session_id = session.session_id)"
    )
    return [session_id for (session_id,) in concerned]


def payloads(connection: apsw.Connection, limit: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield (message, transcript, codec, payload) of the newest messages."""
    yield from connection.execute(
        "SELECT message_id, transcript_id, blocks_codec, blocks FROM message ORDER BY message_id DESC LIMIT ?", (limit,)
    )


def lines_met(connection: apsw.Connection) -> list[tuple[int, str, int, int, int, int]]:
    """Return (transcript, path, lines met, byte offset, inode, modification time) of each file, the newest first."""
    return db.rows(
        connection,
        "SELECT transcript_id, path, lines, byte_offset, inode, modified_at FROM transcript ORDER BY modified_at DESC",
    )


def read_again(connection: apsw.Connection, transcript_ids: list[int]) -> None:
    """Have transcripts read again from their beginning; what they hold wins over what is stored."""
    connection.executemany(
        "UPDATE transcript SET rereading = max(rereading, byte_offset), byte_offset = 0, lines = 0, broken_lines = 0,"
        " other_lines = 0 WHERE transcript_id = ?",
        [(transcript_id,) for transcript_id in transcript_ids],
    )


def began_at(connection: apsw.Connection) -> int:
    """Return since when there is something in this database, 0 if there is nothing."""
    return db.first(connection, "SELECT coalesce(min(created_at), 0) FROM project")[0]


def newest_read(connection: apsw.Connection) -> int:
    """Return when the newest transcript that is taken in was last written, 0 if none is."""
    return db.first(connection, "SELECT coalesce(max(modified_at), 0) / 1000000 FROM transcript")[0]


def count_prompts(connection: apsw.Connection, since: int, limit: int) -> int:
    """Count, up to a limit, the user's prompts in sessions that began since a time."""
    return db.first(
        connection,
        "SELECT count(*) FROM (SELECT 1 FROM session s CROSS JOIN membership b USING (session_id) JOIN message m"
        " USING (message_id) WHERE s.started_at >= ? AND m.kind = 'prompt' AND m.agent = '' LIMIT ?)",
        (since, limit),
    )[0]


def count_failed(connection: apsw.Connection, since: int, limit: int) -> int:
    """Count, up to a limit, the failing commands in sessions that began since a time."""
    return db.first(
        connection,
        "SELECT count(*) FROM (SELECT 1 FROM session s CROSS JOIN tool_call c USING (session_id)"
        " WHERE s.started_at >= ? AND c.tool = 'Bash' AND c.outcome = 'failed' LIMIT ?)",
        (since, limit),
    )[0]


def count_future(connection: apsw.Connection, at: int) -> int:
    """Count the messages that say they were written after a time."""
    return db.first(connection, "SELECT count(*) FROM message WHERE created_at > ?", (at,))[0]
