"""What was forgotten, as keys without any text: what is as old as that does not come back, whoever brings it."""

from __future__ import annotations

from codememory import db, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import apsw

NODE, SESSION = "node", "session"
PRUNED = "pruned"
"""A session whose lines were taken away to save room. It holds in this file only: an import may bring them back."""

NEVER = -(1 << 62)


def session_key(client_id: str) -> bytes:
    """Return the key that a session is buried under."""
    return records.key_of("forgotten session", client_id)


def bury(connection: apsw.Connection, kind: str, key: bytes, at: int) -> bool:
    """Keep away what is of this time or before; False if that is known."""
    connection.execute(
        "INSERT INTO tombstone (kind, key, at) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > at",
        (kind, key, at),
    )
    return bool(connection.changes())


def node_until(connection: apsw.Connection, uid: bytes) -> int:
    """Return the time up to which a memory was forgotten, `NEVER` if it was not."""
    row = db.first(connection, "SELECT at FROM tombstone WHERE kind = 'node' AND key = ?", (uid,))
    return row[0] if row else NEVER


def session_until(connection: apsw.Connection, client_id: str, *, forgotten_only: bool = False) -> int:
    """Return the time up to which a session's lines were forgotten or pruned, `NEVER` if they were not."""
    return db.first(
        connection,
        "SELECT coalesce(max(at), ?) FROM tombstone WHERE kind IN (?, ?) AND key = ?",
        (NEVER, SESSION, SESSION if forgotten_only else PRUNED, session_key(client_id)),
    )[0]


def allow_again(connection: apsw.Connection, client_id: str) -> None:
    """Let a pruned session's lines come back."""
    connection.execute("DELETE FROM tombstone WHERE kind = 'pruned' AND key = ?", (session_key(client_id),))


def shared(connection: apsw.Connection) -> Iterator[tuple[str, bytes, int]]:
    """Yield (kind, key, time) of what every store is to forget."""
    return connection.execute("SELECT kind, key, at FROM tombstone WHERE kind <> 'pruned' ORDER BY kind, key")
