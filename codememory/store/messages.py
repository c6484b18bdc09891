"""Messages: every conversation line once, verbatim."""

from __future__ import annotations

from codememory import codec, db, records, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import apsw

    from codememory.transcript import Line

    Payload = tuple[int, bytes | None]
    """A codec and what it packed."""


FORGOTTEN, PRUNED = "forgotten", "pruned"
"""Tags of a message whose content was taken away: all of it, for good; or what its tools returned, to save room."""


class Message:
    """A stored conversation line with its content decoded."""

    __slots__ = (
        "agent", "blocks", "created_at", "extra", "key", "kind", "line_bytes", "line_offset", "message_id", "path",
        "role", "session", "session_id", "tags", "tier", "tokens", "uuid",
    )  # fmt: skip

    def __init__(self, row: tuple[Any, ...]) -> None:
        (
            self.message_id, self.key, uuid, self.session_id, self.session, self.agent, self.role, self.kind, self.tier,
            self.tags, self.tokens, self.created_at, self.path, self.line_offset, self.line_bytes,
            blocks_codec, blocks, extra_codec, extra,
        ) = row  # fmt: skip
        self.uuid: str = uuid or records.uuid_text(self.key)
        self.blocks: Any = wire.decoded(codec.unpacked(blocks_codec, blocks))
        self.extra: Any = wire.decoded(codec.unpacked(extra_codec, extra)) if extra is not None else None

    @property
    def id(self) -> str:
        """Return the message's whole id."""
        return records.id_of(records.MESSAGE, self.key)

    @property
    def text(self) -> str:
        """Return the text blocks joined by newlines."""
        return text_of(self.blocks)


def text_of(blocks: object) -> str:
    """Return the text blocks of a content joined by newlines."""
    if not isinstance(blocks, list):
        return ""
    found = [block.get("text") for block in blocks if isinstance(block, dict) and block.get("type") == "text"]
    return "\n".join(text for text in found if isinstance(text, str))


def id_by_key(connection: apsw.Connection, key: bytes) -> int | None:
    """Return the message stored under a key."""
    row = db.first(connection, "SELECT message_id FROM message WHERE key = ?", (key,))
    return row[0] if row else None


def ids_by_key(connection: apsw.Connection, keys: list[bytes]) -> dict[bytes, int]:
    """Return key → message of those keys under which one is stored."""
    rows = connection.execute(
        "SELECT key, message_id FROM message WHERE key IN (SELECT unhex(value) FROM json_each(?))",
        (wire.encoded([key.hex() for key in keys]),),
    )
    return dict(rows)


def add(
    connection: apsw.Connection, line: Line, session_id: int, transcript_id: int, tier: str, tags: str, tokens: int,
    blocks: Payload, extra: Payload,
) -> int:  # fmt: skip
    """Store a new message and return its id."""
    connection.execute(
        "INSERT INTO message (key, uuid, session_id, agent, role, kind, tier, tags, tokens, created_at, transcript_id,"
        " line_offset, line_bytes, blocks_codec, blocks, extra_codec, extra)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line.key, line.odd_uuid, session_id, line.thread, line.role, line.kind, tier, tags, tokens, line.created_at,
            transcript_id, line.offset, line.bytes, *blocks, *extra,
        ),
    )  # fmt: skip
    return connection.last_insert_rowid()


def replace(
    connection: apsw.Connection, message_id: int, line: Line, transcript_id: int, tokens: int, blocks: Payload,
    extra: Payload,
) -> bool:  # fmt: skip
    """Give a message the newer content of a rewritten file; False if it is the same."""
    held = db.first(
        connection, "SELECT blocks_codec, blocks, extra_codec, extra FROM message WHERE message_id = ?", (message_id,)
    )
    changed = held != (*blocks, *extra)
    connection.execute(
        "UPDATE message SET tokens = ?, transcript_id = ?, line_offset = ?, line_bytes = ?, blocks_codec = ?,"
        " blocks = ?, extra_codec = ?, extra = ? WHERE message_id = ?",
        (tokens, transcript_id, line.offset, line.bytes, *blocks, *extra, message_id),
    )
    return changed


def is_forgotten(connection: apsw.Connection, message_id: int) -> bool:
    """Tell whether a message was forgotten."""
    return bool(db.first(connection, "SELECT tags = 'forgotten' FROM message WHERE message_id = ?", (message_id,))[0])


def is_emptied(connection: apsw.Connection, message_id: int) -> bool:
    """Tell whether a message's content was forgotten or pruned."""
    tags = db.first(connection, "SELECT tags FROM message WHERE message_id = ?", (message_id,))[0].split()
    return FORGOTTEN in tags or PRUNED in tags


def tier_of(connection: apsw.Connection, message_id: int) -> str:
    """Return a message's tier."""
    return db.first(connection, "SELECT tier FROM message WHERE message_id = ?", (message_id,))[0]


def weight_of(connection: apsw.Connection, message_id: int) -> tuple[str, int]:
    """Return a message's tier and tokens."""
    return db.first(connection, "SELECT tier, tokens FROM message WHERE message_id = ?", (message_id,))


def load(connection: apsw.Connection, message_id: int) -> Message:
    """Return one message whole."""
    row = db.first(
        connection,
        "SELECT message_id, key, uuid, m.session_id, client_id, m.agent, role, kind, tier, tags, tokens, m.created_at,"
        " path, line_offset, line_bytes, blocks_codec, blocks, extra_codec, extra"
        " FROM message m JOIN session s ON s.session_id = m.session_id"
        " JOIN transcript t ON t.transcript_id = m.transcript_id WHERE message_id = ?",
        (message_id,),
    )
    return Message(row)


def sessions_holding(connection: apsw.Connection, message_id: int) -> list[str]:
    """Return the client's ids of the sessions a message is in."""
    rows = connection.execute(
        "SELECT client_id FROM membership JOIN session USING (session_id) WHERE message_id = ?", (message_id,)
    )
    return [client_id for (client_id,) in rows]


def reply_after(connection: apsw.Connection, session_id: int, thread: str, at: int) -> int | None:
    """Return the first reply in a thread of a session after a time."""
    row = db.first(
        connection,
        "SELECT message_id FROM membership b JOIN message m USING (message_id) WHERE b.session_id = ? AND b.thread = ?"
        " AND m.kind = 'reply' AND m.created_at > ? ORDER BY place LIMIT 1",
        (session_id, thread, at),
    )
    return row[0] if row else None


def newest_results(connection: apsw.Connection, session_id: int, places: int) -> Iterator[Any]:
    """Give the content of what tools returned among the last places of a session, newest first."""
    rows = connection.execute(
        "SELECT blocks_codec, blocks FROM membership b JOIN message m USING (message_id) WHERE b.session_id = ?"
        " AND place > (SELECT max(place) FROM membership WHERE session_id = b.session_id) - ? AND m.kind = 'result'"
        " ORDER BY place DESC",
        (session_id, places),
    )
    for how, packed in rows:
        yield wire.decoded(codec.unpacked(how, packed))


def place_of(connection: apsw.Connection, session_id: int, message_id: int) -> int:
    """Return a message's place in a session, 0 if it has none."""
    row = db.first(
        connection, "SELECT place FROM membership WHERE message_id = ? AND session_id = ?", (message_id, session_id)
    )
    return row[0] if row else 0


def keys_and_tokens(connection: apsw.Connection, session_id: int) -> list[tuple[bytes, int]]:
    """Return (key, tokens) of a session's messages, in order."""
    return db.rows(
        connection,
        "SELECT key, tokens FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = ? ORDER BY place",
        (session_id,),
    )
