"""Lists and counts over the whole store, for people."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import apsw

    from codememory.store.search import Narrowing


def count_sessions(connection: apsw.Connection) -> int:
    """Count the sessions."""
    return db.first(connection, "SELECT count(*) FROM session WHERE client_id NOT GLOB 'team *'")[0]


def count_messages(connection: apsw.Connection) -> int:
    """Count the messages."""
    return db.first(connection, "SELECT count(*) FROM message")[0]


def count_indexed(connection: apsw.Connection) -> tuple[int, int]:
    """Return (messages whose tier is indexed, rows in the index); messages without any text have no row."""
    wanted = db.first(connection, "SELECT count(*) FROM message WHERE tier <> 'N'")[0]
    held = db.first(connection, "SELECT count(*) FROM message_index_docsize")[0]
    return wanted, held


def count_orphans(connection: apsw.Connection) -> tuple[int, int]:
    """Return (messages in no session, memberships without a message)."""
    homeless = db.first(
        connection,
        "SELECT count(*) FROM message m"
        " WHERE NOT EXISTS (SELECT 1 FROM membership b WHERE b.message_id = m.message_id)",
    )[0]
    dangling = db.first(
        connection,
        "SELECT count(*) FROM membership b WHERE NOT EXISTS"
        " (SELECT 1 FROM message m WHERE m.message_id = b.message_id)",
    )[0]
    return homeless, dangling


def line_counts(connection: apsw.Connection) -> tuple[int, int, int, int]:
    """Return (transcripts, lines, broken lines, times a file was found rewritten)."""
    return db.first(
        connection,
        "SELECT count(*), coalesce(sum(lines), 0), coalesce(sum(broken_lines), 0), coalesce(sum(rewrites), 0)"
        " FROM transcript",
    )


def quick_check(connection: apsw.Connection) -> list[str]:
    """Return what SQLite finds wrong with the file, nothing for a sound one."""
    return _told(connection, "PRAGMA quick_check(20)")


def integrity_check(connection: apsw.Connection) -> list[str]:
    """Do so with every row looked up in its indexes, for twice the time: a damaged key is another there."""
    return _told(connection, "PRAGMA integrity_check(20)")


def _told(connection: apsw.Connection, question: str) -> list[str]:
    found = [row[0] for row in connection.execute(question)]
    return [] if found == ["ok"] else found


def latest_session(connection: apsw.Connection, project_id: int | None) -> str | None:
    """Return the client's id of the newest session, of a project or of all."""
    row = db.first(
        connection,
        "SELECT client_id FROM session WHERE :project IS NULL OR project_id = :project ORDER BY last_at DESC LIMIT 1",
        {"project": project_id},
    )
    return row[0] if row else None


def session_details(connection: apsw.Connection, session_id: int) -> tuple[str, int, str, str, int, int, int]:
    """Return (client id, project, project's name, its root, start, end, compactions) of a session."""
    return db.first(
        connection,
        "SELECT client_id, s.project_id, name, root, started_at, last_at, max(boundaries, compactions)"
        " FROM session s JOIN project p ON p.project_id = s.project_id WHERE session_id = ?",
        (session_id,),
    )


def contents_newest_first(
    connection: apsw.Connection, low: int, high: int, narrowing: Narrowing
) -> Iterator[tuple[int, int, bytes]]:
    """Yield (message, codec, its blocks) of the messages between two ids that fit, newest first; not by file."""
    return connection.execute(
        "SELECT message_id, blocks_codec, blocks FROM message m WHERE message_id BETWEEN :low AND :high"
        " AND (:session IS NULL OR session_id = :session) AND (:role IS NULL OR role = :role)"
        " AND (:since IS NULL OR created_at >= :since) AND (:before IS NULL OR created_at < :before)"
        " AND (:project IS NULL OR EXISTS (SELECT 1 FROM session s WHERE s.session_id = m.session_id"
        " AND s.project_id = :project)) ORDER BY message_id DESC",
        {"low": low, "high": high, "role": narrowing.role, **narrowing.of_sessions},
    )


def contents_of(
    connection: apsw.Connection, message_ids: list[int], narrowing: Narrowing
) -> Iterator[tuple[int, int, bytes]]:
    """Yield the same of those of some messages that fit, in their order."""
    return connection.execute(
        "SELECT message_id, blocks_codec, blocks FROM json_each(:messages) e"
        " CROSS JOIN message m ON m.message_id = e.value"
        " WHERE (:session IS NULL OR session_id = :session) AND (:role IS NULL OR role = :role)"
        " AND (:since IS NULL OR created_at >= :since) AND (:before IS NULL OR created_at < :before)"
        " AND (:project IS NULL OR EXISTS (SELECT 1 FROM session s WHERE s.session_id = m.session_id"
        " AND s.project_id = :project))",
        {"messages": f"[{','.join(map(str, message_ids))}]", "role": narrowing.role, **narrowing.of_sessions},
    )


def nodes_resting_on(connection: apsw.Connection, source: str) -> list[bytes]:
    """Return the uids of the nodes that rest on a message."""
    rows = connection.execute("SELECT uid FROM evidence JOIN node USING (node_id) WHERE source = ?", (source,))
    return [uid for (uid,) in rows]
