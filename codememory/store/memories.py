"""Memory nodes with their tags, relations, evidence and lifecycle events."""

from __future__ import annotations

from codememory import db, records, wire
from codememory.store import tombstones, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

ACTIVE, RESOLVED, SUPERSEDED, STALE = "active", "resolved", "superseded", "stale"
STATED, OBSERVED, QUARANTINED = "stated", "observed", "quarantined"
CONTENT_CHARS_MAX = 2_000
TAGS_MAX = 64

OTHERS_MAX = 64
"""Memories that only others of a team state and that one tag leads to; so many more are looked at for one's own."""

FIELDS = (
    "node_id, uid, kind, status, project_id, session_id, content, details, confidence, origin, trust, branch, head,"
    " created_at, updated_at"
)


class Node:
    """A memory node as stored."""

    __slots__ = (
        "branch", "confidence", "content", "created_at", "details", "head", "kind", "node_id", "origin", "project_id",
        "session_id", "status", "trust", "uid", "updated_at",
    )  # fmt: skip

    def __init__(self, row: tuple[Any, ...]) -> None:
        (
            self.node_id, self.uid, self.kind, self.status, self.project_id, self.session_id, self.content, details,
            self.confidence, self.origin, self.trust, self.branch, self.head, self.created_at, self.updated_at,
        ) = row  # fmt: skip
        self.details: dict[str, Any] = wire.decoded(details) if details != "{}" else {}

    @property
    def id(self) -> str:
        """Return the node's whole id."""
        return records.id_of(records.NODE, self.uid)

    @property
    def short_id(self) -> str:
        """Return the node's id as shown."""
        return records.short_id(records.NODE, self.uid)


class Draft:
    """A node to be written: what it says, where from, and the tags it is found by as (kind, value, weight)."""

    __slots__ = (
        "branch", "confidence", "content", "details", "evidence", "head", "kind", "origin", "project_id", "session_id",
        "tags", "trust", "uid",
    )  # fmt: skip

    def __init__(
        self, uid: bytes, kind: str, content: str, project_id: int, session_id: int | None, *, origin: str, trust: str,
        confidence: float, details: dict[str, Any] | None = None, tags: list[tuple[str, str, float]] | None = None,
        evidence: list[str] | None = None, branch: str = "", head: str = "",
    ) -> None:  # fmt: skip
        self.uid, self.kind, self.content = uid, kind, content[:CONTENT_CHARS_MAX]
        self.project_id, self.session_id, self.origin, self.trust = project_id, session_id, origin, trust
        self.confidence, self.details = confidence, details or {}
        self.tags, self.evidence, self.branch, self.head = (tags or [])[:TAGS_MAX], evidence or [], branch, head


def add(connection: apsw.Connection, draft: Draft, at: int) -> tuple[int, bool]:
    """Write a node once; return its id and whether it is new. One that was forgotten at a later time is (0, False)."""
    row = db.first(connection, "SELECT node_id FROM node WHERE uid = ?", (draft.uid,))
    if row:
        return row[0], False
    if at <= tombstones.node_until(connection, draft.uid):
        return 0, False
    connection.execute(
        "INSERT INTO node (uid, kind, status, project_id, session_id, content, details, confidence, origin, trust,"
        " branch, head, created_at, updated_at) VALUES (?, ?, 'active', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            draft.uid, draft.kind, draft.project_id, draft.session_id, wire.storable(draft.content),
            wire.storable(wire.encoded(draft.details)), draft.confidence, draft.origin, draft.trust, draft.branch,
            draft.head, at, at,
        ),
    )  # fmt: skip
    node_id = connection.last_insert_rowid()
    for kind, value, weight in draft.tags:
        tag(connection, draft.project_id, node_id, kind, value, weight)
    for source in draft.evidence:
        rest_on(connection, node_id, source)
    _index(connection, node_id, _spoken(draft.content, draft.details), [value for _, value, _ in draft.tags])
    note(connection, node_id, draft.uid, "created", at, draft.origin)
    return node_id, True


def _index(connection: apsw.Connection, node_id: int, spoken: str, tags: list[str]) -> None:
    connection.execute(
        "INSERT INTO node_index (rowid, content, tags) VALUES (?, ?, ?)",
        (node_id, words.indexable(spoken), words.indexable(" ".join(tags))),
    )


def index_again(connection: apsw.Connection, node: Node) -> None:
    """Index a node anew, because its tags are others now."""
    connection.execute("DELETE FROM node_index WHERE rowid = ?", (node.node_id,))
    _index(connection, node.node_id, spoken_text(node), [value for _, value, _ in tags_of(connection, node.node_id)])


def _spoken(content: str, details: dict[str, Any]) -> str:
    """Return a node's content with the texts among its details, which are searched with it."""
    found = [content]
    for value in details.values():
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            found.extend(one for one in value if isinstance(one, str))
    return " ".join(found)


def spoken_text(node: Node) -> str:
    """Return everything a node says."""
    return _spoken(node.content, node.details)


def tag(connection: apsw.Connection, project_id: int, node_id: int, kind: str, value: str, weight: float = 1.0) -> None:
    """Tag a node once."""
    connection.execute(
        "INSERT OR IGNORE INTO node_tag (project_id, kind, value, node_id, weight) VALUES (?, ?, ?, ?, ?)",
        (project_id, kind, wire.storable(value), node_id, weight),
    )


def rest_on(connection: apsw.Connection, node_id: int, source: str) -> None:
    """Add a message's id or a tool use id to what a node rests on."""
    connection.execute("INSERT OR IGNORE INTO evidence (node_id, source) VALUES (?, ?)", (node_id, source))


def relate(connection: apsw.Connection, node_id: int, kind: str, other_id: int, at: int) -> None:
    """Link two nodes once."""
    connection.execute("INSERT OR IGNORE INTO relation VALUES (?, ?, ?, ?)", (node_id, kind, other_id, at))


def note(
    connection: apsw.Connection, node_id: int, uid: bytes, verb: str, at: int, actor: str,
    detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Append a step to a node's life, once for the same step at the same time."""
    text = wire.storable(wire.encoded(detail or {}))
    connection.execute(
        "INSERT OR IGNORE INTO node_event (uid, node_id, verb, at, actor, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (records.key_of("event", uid.hex(), verb, str(at), text), node_id, verb, at, actor, text),
    )


def set_status(
    connection: apsw.Connection, node: Node, status: str, verb: str, at: int, actor: str,
    detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Move a node to another status and note the step."""
    connection.execute(
        "UPDATE node SET status = ?, updated_at = max(updated_at, ?) WHERE node_id = ?", (status, at, node.node_id)
    )
    note(connection, node.node_id, node.uid, verb, at, actor, detail)


def set_trust(
    connection: apsw.Connection, node: Node, trust: str, verb: str, at: int, actor: str, detail: dict[str, Any]
) -> None:
    """Trust a node differently and note the step."""
    connection.execute("UPDATE node SET trust = ? WHERE node_id = ?", (trust, node.node_id))
    note(connection, node.node_id, node.uid, verb, at, actor, detail)


def load(connection: apsw.Connection, node_id: int) -> Node:
    """Return one node."""
    return Node(db.first(connection, f"SELECT {FIELDS} FROM node WHERE node_id = ?", (node_id,)))


def load_all(connection: apsw.Connection, node_ids: list[int]) -> dict[int, Node]:
    """Return nodes by their ids."""
    rows = connection.execute(
        f"SELECT {FIELDS} FROM node WHERE node_id IN (SELECT value FROM json_each(?))", (wire.encoded(node_ids),)
    )
    return {row[0]: Node(row) for row in rows}


def newest(
    connection: apsw.Connection, project_id: int, kind: str, status: str, limit: int, *, own: bool = False
) -> list[Node]:
    """Return a project's nodes of one kind and status, newest first, quarantined ones left out.

    `own` leaves out those that only others of a team state.
    """
    rows = connection.execute(
        f"SELECT {FIELDS} FROM node WHERE project_id = ? AND kind = ? AND status = ? AND trust <> 'quarantined'"
        " AND (NOT ? OR origin <> 'team') ORDER BY updated_at DESC LIMIT ?",
        (project_id, kind, status, own, limit),
    )
    return [Node(row) for row in rows]


def newest_own_first(connection: apsw.Connection, project_id: int, kind: str, status: str, limit: int) -> list[Node]:
    """Return the same with one's own before what only others state, however much that is."""
    found = newest(connection, project_id, kind, status, limit)
    foreign = [node for node in found if node.origin == "team"]
    return [*newest(connection, project_id, kind, status, limit, own=True), *foreign] if foreign else found


def has_others(connection: apsw.Connection) -> bool:
    """Tell whether others of a team have stated anything here."""
    row = db.first(connection, "SELECT 1 FROM session WHERE client_id > 'team ' AND client_id < 'team!' LIMIT 1")
    return row is not None


def of_others(connection: apsw.Connection, node_ids: list[int]) -> set[int]:
    """Return those of the nodes that only others of a team state."""
    found = db.rows(
        connection,
        "SELECT node_id FROM json_each(?) e CROSS JOIN node n ON n.node_id = e.value WHERE origin = 'team'",
        (wire.encoded(node_ids),),
    )
    return {node_id for (node_id,) in found}


def unjudged(connection: apsw.Connection, session_id: int, limit: int) -> list[int]:
    """Return a session's decisions in force that no model has judged yet, the newest first."""
    found = db.rows(
        connection,
        "SELECT node_id FROM node n WHERE session_id = ? AND kind = 'decision' AND status = 'active'"
        " AND trust <> 'quarantined' AND NOT EXISTS (SELECT 1 FROM node_event e WHERE e.node_id = n.node_id"
        " AND e.verb = 'judged') ORDER BY node_id DESC LIMIT ?",
        (session_id, limit),
    )
    return [node_id for (node_id,) in found]


def tagged(connection: apsw.Connection, project_id: int, kind: str, value: str, limit: int) -> list[int]:
    """Return the newest nodes of a project that carry a tag, one's own before others'."""
    rows = connection.execute(
        "SELECT n.node_id FROM (SELECT node_id FROM node_tag WHERE project_id = ? AND kind = ? AND value = ?"
        " ORDER BY node_id DESC LIMIT ?) t CROSS JOIN node n ON n.node_id = t.node_id"
        " ORDER BY origin = 'team', n.node_id DESC LIMIT ?",
        (project_id, kind, value, limit + OTHERS_MAX, limit),
    )
    return [node_id for (node_id,) in rows]


def tagged_any(connection: apsw.Connection, project_id: int, kind: str, values: list[str], limit: int) -> list[int]:
    """Return the newest nodes of a project that carry a tag with one of these values, one's own before others'."""
    rows = connection.execute(
        "SELECT n.node_id FROM (SELECT DISTINCT node_id FROM node_tag WHERE project_id = ? AND kind = ?"
        " AND value IN (SELECT value FROM json_each(?)) ORDER BY node_id DESC LIMIT ?) t"
        " CROSS JOIN node n ON n.node_id = t.node_id ORDER BY origin = 'team', n.node_id DESC LIMIT ?",
        (project_id, kind, wire.encoded(values), limit + OTHERS_MAX * len(values), limit),
    )
    return [node_id for (node_id,) in rows]


def globs(connection: apsw.Connection, project_id: int, limit: int) -> list[tuple[str, int]]:
    """Return (pattern, node) of the glob tags of a project, one's own before others'."""
    return db.rows(
        connection,
        "SELECT value, t.node_id FROM node_tag t JOIN node n ON n.node_id = t.node_id"
        " WHERE t.project_id = ? AND t.kind = 'glob' ORDER BY origin = 'team' LIMIT ?",
        (project_id, limit),
    )


def tags_of(connection: apsw.Connection, node_id: int) -> list[tuple[str, str, float]]:
    """Return (kind, value, weight) of a node's tags."""
    return db.rows(
        connection, "SELECT kind, value, weight FROM node_tag WHERE node_id = ? ORDER BY kind, value", (node_id,)
    )


def relations_of(connection: apsw.Connection, node_id: int) -> list[tuple[str, str, bytes, int]]:
    """Return (kind, 'out' or 'in', other node's uid, time) of a node's links."""
    return db.rows(
        connection,
        "SELECT r.kind, 'out', n.uid, r.created_at FROM relation r JOIN node n ON n.node_id = r.other_id"
        " WHERE r.node_id = :node UNION ALL"
        " SELECT r.kind, 'in', n.uid, r.created_at FROM relation r JOIN node n ON n.node_id = r.node_id"
        " WHERE r.other_id = :node",
        {"node": node_id},
    )


def events_of(connection: apsw.Connection, node_id: int) -> list[tuple[str, int, str, dict[str, Any]]]:
    """Return (verb, time, actor, detail) of a node's life, in order."""
    rows = connection.execute(
        "SELECT verb, at, actor, detail FROM node_event WHERE node_id = ? ORDER BY at, event_id", (node_id,)
    )
    return [(verb, at, actor, wire.decoded(detail)) for verb, at, actor, detail in rows]


def evidence_of(connection: apsw.Connection, node_id: int) -> list[str]:
    """Return what a node rests on."""
    rows = connection.execute("SELECT source FROM evidence WHERE node_id = ? ORDER BY source", (node_id,))
    return [source for (source,) in rows]


def listed(
    connection: apsw.Connection, *, project_id: int | None, kind: str | None, status: str | None, file: str | None,
    session_id: int | None, limit: int,
) -> list[Node]:  # fmt: skip
    """Return nodes for a person's list, newest first; None leaves a filter out."""
    rows = connection.execute(
        f"SELECT {FIELDS} FROM node WHERE (:project IS NULL OR project_id = :project)"
        " AND (:kind IS NULL OR kind = :kind) AND (:status IS NULL OR status = :status)"
        " AND (:session IS NULL OR session_id = :session) AND (:file IS NULL OR EXISTS (SELECT 1 FROM node_tag t"
        " WHERE t.node_id = node.node_id AND t.kind = 'file' AND t.value = :file))"
        " ORDER BY updated_at DESC, node_id DESC LIMIT :limit",
        {"project": project_id, "kind": kind, "status": status, "session": session_id, "file": file, "limit": limit},
    )
    return [Node(row) for row in rows]


def counts(connection: apsw.Connection) -> list[tuple[str, str, int]]:
    """Return (kind, status, count) over the whole store."""
    return db.rows(connection, "SELECT kind, status, count(*) FROM node GROUP BY kind, status ORDER BY 1, 2")
