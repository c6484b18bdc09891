"""Keep what others of a team tell in bounds: however much one of them says, it stands behind and beside one's own."""

from __future__ import annotations

from codememory import db
from codememory.store import erasure
from codememory.store.memories import OTHERS_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

MEMORIES_MAX = 2_000
"""Memories of one author in a project that stand here, the latest; the log keeps the others."""

TAGGED_MAX = 8
"""Memories of one author that a tag leads to; `OTHERS_MAX` of all authors."""

GLOBS_MAX = 32
"""Patterns of one author in a project."""

LOOKED_AT = 2_048
"""A tag's newest memories, among which it is counted: more than are taken in at once."""

ATTEMPTS_MAX = 10
"""Attempts of one author against a failure."""


def thin_tag(connection: apsw.Connection, project_id: int, kind: str, value: str) -> None:
    """Let a tag lead to few memories of each other author, and to few of all: the latest."""
    connection.execute(
        "DELETE FROM node_tag WHERE project_id = :project AND kind = :kind AND value = :value AND node_id IN"
        " (SELECT node_id FROM (SELECT node_id, place, row_number() OVER (ORDER BY place, updated_at DESC) AS overall"
        "   FROM (SELECT n.node_id, updated_at, row_number() OVER (PARTITION BY details ->> '$.team.author'"
        "     ORDER BY updated_at DESC, uid) AS place FROM (SELECT node_id FROM node_tag WHERE project_id = :project"
        "       AND kind = :kind AND value = :value ORDER BY node_id DESC LIMIT :looked) t"
        "     CROSS JOIN node n ON n.node_id = t.node_id WHERE origin = 'team'))"
        "  WHERE place > :each OR overall > :all)",
        {
            "project": project_id, "kind": kind, "value": value, "looked": LOOKED_AT, "each": TAGGED_MAX,
            "all": OTHERS_MAX,
        },
    )  # fmt: skip


def thin_globs(connection: apsw.Connection, project_id: int) -> None:
    """Let few patterns of each other author bind: the latest."""
    connection.execute(
        "DELETE FROM node_tag WHERE project_id = :project AND kind = 'glob' AND (value, node_id) IN"
        " (SELECT value, node_id FROM (SELECT t.value, n.node_id, row_number() OVER (PARTITION BY"
        "   details ->> '$.team.author' ORDER BY updated_at DESC, uid, t.value) AS place FROM node_tag t"
        "   JOIN node n ON n.node_id = t.node_id WHERE t.project_id = :project AND t.kind = 'glob'"
        "   AND origin = 'team') WHERE place > :each)",
        {"project": project_id, "each": GLOBS_MAX},
    )


def drop(connection: apsw.Connection, node_ids: list[int]) -> None:
    """Take memories away that only others state; the same may come again."""
    for node_id in node_ids:
        erasure.drop_node(connection, node_id)


def erase(connection: apsw.Connection, node_ids: list[int]) -> None:
    """Do the same and leave no bytes of them, for which `forget.clean` has to follow."""
    erasure.overwrite_deleted(connection)
    drop(connection, node_ids)
    if node_ids:
        erasure.note_remains(connection, True, 0)


def told_by(connection: apsw.Connection, project_id: int, author: str) -> int:
    """Return how many events of an author are known of a project."""
    row = db.first(
        connection, "SELECT sum(last) FROM team_machine WHERE project_id = ? AND author = ?", (project_id, author)
    )
    return row[0] or 0


def beyond(connection: apsw.Connection, project_id: int, author: str) -> list[int]:
    """Return the memories of an author that are too many, failures with the attempts of anybody against them."""
    found = db.rows(
        connection,
        "WITH old AS (SELECT node_id FROM node WHERE project_id = ? AND origin = 'team'"
        " AND details ->> '$.team.author' = ? ORDER BY updated_at DESC, uid LIMIT -1 OFFSET ?)"
        " SELECT a.node_id FROM old CROSS JOIN attempt a ON a.failure_id = old.node_id"
        " UNION ALL SELECT node_id FROM old",
        (project_id, author, MEMORIES_MAX),
    )
    return list(dict.fromkeys(node_id for (node_id,) in found))


def attempts_beyond(connection: apsw.Connection, failure_id: int, author: str) -> list[int]:
    """Return the attempts of an author against a failure that are too many."""
    found = db.rows(
        connection,
        "SELECT a.node_id FROM attempt a JOIN node n ON n.node_id = a.node_id WHERE a.failure_id = ?"
        " AND origin = 'team' AND details ->> '$.team.author' = ? ORDER BY a.ended_at DESC, uid LIMIT -1 OFFSET ?",
        (failure_id, author, ATTEMPTS_MAX),
    )
    return [node_id for (node_id,) in found]
