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


def payloads(connection: apsw.Connection, limit: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield (message, transcript, codec, payload) of the newest messages."""
    yield from connection.execute(
        "SELECT message_id, transcript_id, blocks_codec, blocks FROM message ORDER BY message_id DESC LIMIT ?", (limit,)
    )


def read_again(connection: apsw.Connection, transcript_ids: list[int]) -> None:
    """Have transcripts read again from their beginning; what they hold wins over what is stored."""
    connection.executemany(
        "UPDATE transcript SET rereading = max(rereading, byte_offset), byte_offset = 0 WHERE transcript_id = ?",
        [(transcript_id,) for transcript_id in transcript_ids],
    )


def began_at(connection: apsw.Connection) -> int:
    """Return since when there is something in this database, 0 if there is nothing."""
    return db.first(connection, "SELECT coalesce(min(created_at), 0) FROM project")[0]


def newest_read(connection: apsw.Connection) -> int:
    """Return when the newest transcript that is taken in was last written, 0 if none is."""
    return db.first(connection, "SELECT coalesce(max(modified_at), 0) / 1000000 FROM transcript")[0]


def count_future(connection: apsw.Connection, at: int) -> int:
    """Count the messages that say they were written after a time."""
    return db.first(connection, "SELECT count(*) FROM message WHERE created_at > ?", (at,))[0]
