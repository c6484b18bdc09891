"""The full-text indexes as a whole: whether they hold what they should, emptied, and made anew."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

INDEXES = ("message_index", "node_index")


def empty(connection: apsw.Connection) -> None:
    """Empty the indexes without reading them: they may be damaged."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name in INDEXES:
            connection.execute(f"INSERT INTO {name} ({name}) VALUES ('delete-all')")
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise


def damaged(connection: apsw.Connection) -> list[str]:
    """Return the indexes whose own structure is broken."""
    import apsw

    found = []
    for name in INDEXES:
        try:
            connection.execute(f"INSERT INTO {name} ({name}) VALUES ('integrity-check')")
        except apsw.CorruptError:
            found.append(name)
    return found


def unindexed_messages(connection: apsw.Connection) -> list[int]:
    """Return the messages that may be searched for and are in no index, those without any text among them."""
    rows = connection.execute(
        "SELECT message_id FROM message m WHERE tier <> 'N'"
        " AND NOT EXISTS (SELECT 1 FROM message_index_docsize d WHERE d.id = m.message_id)"
    )
    return [message_id for (message_id,) in rows]


def unindexed_nodes(connection: apsw.Connection) -> list[int]:
    """Return the nodes that are in no index."""
    rows = connection.execute(
        "SELECT node_id FROM node n WHERE NOT EXISTS (SELECT 1 FROM node_index_docsize d WHERE d.id = n.node_id)"
    )
    return [node_id for (node_id,) in rows]


def strays(connection: apsw.Connection) -> tuple[int, int]:
    """Return (rows of the message index, rows of the node index) whose message or node is gone."""
    return (
        db.first(
            connection,
            "SELECT count(*) FROM message_index_docsize d"
            " WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = d.id AND m.tier <> 'N')",
        )[0],
        db.first(
            connection,
            "SELECT count(*) FROM node_index_docsize d WHERE NOT EXISTS (SELECT 1 FROM node n WHERE n.node_id = d.id)",
        )[0],
    )


def drop_strays(connection: apsw.Connection) -> None:
    """Take out of the indexes what is gone."""
    connection.execute(
        "DELETE FROM message_index WHERE rowid IN (SELECT d.id FROM message_index_docsize d"
        " WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = d.id AND m.tier <> 'N'))"
    )
    connection.execute(
        "DELETE FROM node_index WHERE rowid IN (SELECT d.id FROM node_index_docsize d"
        " WHERE NOT EXISTS (SELECT 1 FROM node n WHERE n.node_id = d.id))"
    )
