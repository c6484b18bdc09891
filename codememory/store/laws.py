"""The laws of the summary DAG, what breaks them, and the way back: a summary is a view, so it can be made anew."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


def unsound(connection: apsw.Connection) -> dict[str, int]:
    """Count what breaks the laws of the summary DAG, by law."""
    return {law: db.first(connection, f"SELECT count(*) FROM ({broken})")[0] for law, broken in LAWS.items()}


def unsound_sessions(connection: apsw.Connection) -> list[int]:
    """Return the sessions whose summaries break a law."""
    found = db.rows(connection, " UNION ".join(f"SELECT session_id FROM ({broken})" for broken in LAWS.values()))
    return [session_id for (session_id,) in found]


LAWS = {
    "messages whose leaf is no leaf of their thread": "SELECT b.session_id FROM membership b JOIN summary y"
    " ON y.summary_id = b.leaf_id WHERE y.kind <> 'leaf' OR y.method = 'client' OR y.session_id <> b.session_id"
    " OR y.thread <> b.thread",
    "messages outside what their leaf covers": "SELECT b.session_id FROM membership b JOIN summary y"
    " ON y.summary_id = b.leaf_id WHERE b.place NOT BETWEEN y.first_place AND y.last_place",
    "messages under a summary that is not there": "SELECT session_id FROM membership b WHERE leaf_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM summary y WHERE y.summary_id = b.leaf_id)",
    "messages left out by the leaf around them": "SELECT y.session_id FROM summary y JOIN membership b"
    " ON b.session_id = y.session_id AND b.thread = y.thread AND b.place BETWEEN y.first_place AND y.last_place"
    " WHERE y.kind = 'leaf' AND y.method <> 'client' AND b.leaf_id IS NOT y.summary_id",
    "leaves over nothing": "SELECT session_id FROM summary y WHERE kind = 'leaf' AND method <> 'client'"
    " AND NOT EXISTS (SELECT 1 FROM membership b WHERE b.leaf_id = y.summary_id)",
    "condensed summaries over nothing": "SELECT session_id FROM summary y WHERE kind = 'condensed'"
    " AND NOT EXISTS (SELECT 1 FROM summary c WHERE c.parent_id = y.summary_id)",
    "summaries under one that is not there": "SELECT session_id FROM summary c WHERE parent_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM summary y WHERE y.summary_id = c.parent_id)",
    # A circle has a step down in depth somewhere, so this finds it.
    "summaries under one that is not the next level of their thread": "SELECT c.session_id FROM summary c"
    " JOIN summary y ON y.summary_id = c.parent_id WHERE y.depth <> c.depth + 1 OR y.kind <> 'condensed'"
    " OR y.thread <> c.thread OR y.session_id <> c.session_id OR c.method = 'client'",
    "condensed summaries that cover other places than theirs": "SELECT y.session_id FROM summary y JOIN summary c"
    " ON c.parent_id = y.summary_id GROUP BY y.summary_id HAVING min(c.first_place) <> y.first_place"
    " OR max(c.last_place) <> y.last_place",
    "summaries not smaller than their source": "SELECT session_id FROM summary WHERE method <> 'client'"
    " AND tokens >= source_tokens",
    "compacted messages behind ones that are not": "SELECT b.session_id FROM membership b WHERE leaf_id IS NOT NULL"
    " AND place > (SELECT min(place) FROM membership o WHERE o.session_id = b.session_id AND o.thread = b.thread"
    " AND o.leaf_id IS NULL)",
}
"""Law → the sessions that break it, one row each time."""


def drop(connection: apsw.Connection, session_id: int) -> None:
    """Take a session's summaries away, the client's own apart: every message stays, and can be compacted again."""
    connection.execute(
        "UPDATE membership SET leaf_id = NULL WHERE session_id = ? AND leaf_id IS NOT NULL", (session_id,)
    )
    connection.execute("UPDATE summary SET parent_id = NULL WHERE session_id = ?", (session_id,))
    connection.execute(
        "UPDATE summary SET parent_id = NULL WHERE parent_id IN (SELECT summary_id FROM summary WHERE session_id = ?)",
        (session_id,),
    )
    connection.execute(
        "UPDATE membership SET leaf_id = NULL WHERE leaf_id IN (SELECT summary_id FROM summary WHERE session_id = ?)",
        (session_id,),
    )
    connection.execute("DELETE FROM summary WHERE session_id = ? AND method <> 'client'", (session_id,))
    recount_open(connection, session_id)


def recount_open(connection: apsw.Connection, session_id: int) -> None:
    """Count anew the tokens of a session's M and L messages under no leaf: a rewritten line may weigh more or less."""
    connection.execute(
        "UPDATE session SET open_tokens = (SELECT coalesce(sum(m.tokens), 0) FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = :session AND b.leaf_id IS NULL"
        " AND m.tier IN ('M', 'L')) WHERE session_id = :session",
        {"session": session_id},
    )
