"""What others of a team state, as memories of this store."""

from __future__ import annotations

from codememory import db, wire
from codememory.store import memories
from codememory.store.team import ORIGIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.store.team import Shared


def put_node(connection: apsw.Connection, row: dict[str, Any], tags: list[tuple[str, str, float]]) -> int:
    """Write a memory that others state, in the place of what they stated before, and return it."""
    connection.execute(
        "INSERT INTO node (uid, kind, status, project_id, session_id, content, details, confidence, origin, trust,"
        " head, created_at, updated_at) VALUES (:uid, :kind, :status, :project_id, :session_id, :content, :details,"
        " :confidence, 'team', :trust, :head, :created_at, :updated_at) ON CONFLICT (uid) DO UPDATE SET"
        " content = :content, details = :details, confidence = :confidence, status = :status, created_at = :created_at,"
        " trust = CASE trust WHEN 'quarantined' THEN trust ELSE :trust END, updated_at = :updated_at",
        row,
    )
    node_id: int = db.first(connection, "SELECT node_id FROM node WHERE uid = ?", (row["uid"],))[0]
    connection.execute("DELETE FROM node_tag WHERE node_id = ?", (node_id,))
    for kind, value, weight in tags:
        memories.tag(connection, row["project_id"], node_id, kind, value, weight)
    memories.index_again(connection, memories.load(connection, node_id))
    return node_id


def put_failure(connection: apsw.Connection, row: dict[str, Any], *, own: bool) -> None:
    """Write what makes a failure recognisable, and that it happened to somebody else; `own` if it happened here too."""
    connection.execute(
        "INSERT INTO failure (node_id, project_id, signature, type, symbol, first_at, last_at) VALUES (:node, :project,"
        " :signature, :type, :symbol, :first_at, :last_at) ON CONFLICT DO UPDATE SET"
        " first_at = CASE WHEN :own THEN min(first_at, :first_at) ELSE :first_at END,"
        " last_at = CASE WHEN :own THEN max(last_at, :last_at) ELSE :last_at END",
        row | {"own": own},
    )
    connection.execute("DELETE FROM occurrence WHERE node_id = :node AND tool_use_id = :call", row)
    connection.execute(
        "INSERT INTO occurrence (session_id, tool_use_id, ordinal, node_id, at, head)"
        " VALUES (:session, :call, 0, :node, :last_at, :head)",
        row,
    )
    connection.execute(
        "UPDATE failure SET occurrences = (SELECT count(*) FROM occurrence o WHERE o.node_id = failure.node_id)"
        " WHERE node_id = :node",
        row,
    )


def put_attempt(connection: apsw.Connection, row: dict[str, Any]) -> None:
    """Write what came of somebody else's attempt."""
    connection.execute(
        "INSERT INTO attempt (node_id, failure_id, session_id, outcome, check_tool_use_id, ended_at) VALUES (:node,"
        " :failure, :session, :outcome, '', :ended_at) ON CONFLICT DO UPDATE SET failure_id = excluded.failure_id,"
        " outcome = excluded.outcome, ended_at = excluded.ended_at",
        row,
    )


def drop_other_links(connection: apsw.Connection, node_id: int, kept: list[tuple[str, int]]) -> None:
    """Take away the links of a foreign memory that nobody states any more."""
    connection.execute(
        "DELETE FROM relation WHERE node_id = ? AND (kind, other_id) NOT IN (SELECT value ->> 0, value ->> 1"
        " FROM json_each(?))",
        (node_id, wire.encoded([list(one) for one in kept])),
    )


def count_foreign(connection: apsw.Connection, project_id: int) -> list[tuple[str, int]]:
    """Return (kind, how many) of what others told of a project."""
    return db.rows(
        connection,
        "SELECT kind, count(*) FROM node WHERE project_id = ? AND origin = 'team' GROUP BY kind",
        (project_id,),
    )


def foreign_nodes(connection: apsw.Connection, project_id: int) -> list[int]:
    """Return a project's memories that only others state."""
    found = db.rows(connection, "SELECT node_id FROM node WHERE project_id = ? AND origin = 'team'", (project_id,))
    return [node_id for (node_id,) in found]


def session_of(connection: apsw.Connection, one: Shared, author: str) -> int:
    """Return the session, older than all, that stands for those of an author of a team."""
    client_id = f"{ORIGIN} {one.shared.hex()} {author}"
    connection.execute(
        "INSERT OR IGNORE INTO session (client_id, project_id, started_at, last_at) VALUES (?, ?, 0, 0)",
        (client_id, one.project_id),
    )
    return int(db.first(connection, "SELECT session_id FROM session WHERE client_id = ?", (client_id,))[0])


def adopt_failures(connection: apsw.Connection, project_id: int) -> list[int]:
    """Let the failures that others told of and that happened here too be this store's own; return them."""
    found = db.rows(
        connection,
        "UPDATE node SET origin = 'extracted', trust = CASE trust WHEN 'quarantined' THEN trust ELSE 'observed' END,"
        " details = json_remove(details, '$.team') WHERE project_id = ? AND origin = 'team' AND kind = 'failure'"
        " AND EXISTS (SELECT 1 FROM occurrence o JOIN session s USING (session_id) WHERE o.node_id = node.node_id"
        " AND s.client_id NOT LIKE 'team %') RETURNING node_id",
        (project_id,),
    )
    return [node_id for (node_id,) in found]


def latest_step(connection: apsw.Connection) -> int:
    """Return the last step of any memory's life, 0 for none."""
    return int(db.first(connection, "SELECT coalesce(max(event_id), 0) FROM node_event")[0])


def steps_after(connection: apsw.Connection, after: int, limit: int) -> list[tuple[str, str, str, str, bytes]]:
    """Return (verb, author, kind, content, uid) of what others did after a step, quarantined memories left out."""
    return db.rows(
        connection,
        "SELECT verb, coalesce(detail ->> '$.author', ''), kind, content, n.uid FROM node_event e"
        " JOIN node n ON n.node_id = e.node_id WHERE event_id > ? AND actor = 'team' AND trust <> 'quarantined'"
        " ORDER BY event_id LIMIT ?",
        (after, limit),
    )
