"""Paths that got another name, how far git was asked for them, and the memories bound to such paths."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

KEPT_MAX = 5_000
BOUND_MAX = 2_000


class Rename:
    """A file or folder and its new name, both relative to the project's root."""

    __slots__ = ("at", "new", "old", "source")

    def __init__(self, old: str, new: str, at: int, source: str) -> None:
        self.old, self.new, self.at, self.source = old, new, at, source


def keep(connection: apsw.Connection, project_id: int, rename: Rename) -> None:
    """Record a rename; the newest time counts where it is known already."""
    connection.execute(
        "INSERT INTO rename (project_id, old, new, at, source) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET at = excluded.at, source = excluded.source WHERE excluded.at > at",
        (project_id, rename.old, rename.new, rename.at, rename.source),
    )


def forget_oldest(connection: apsw.Connection, project_id: int) -> None:
    """Let the oldest renames go, beyond `KEPT_MAX` of a project."""
    connection.execute(
        "DELETE FROM rename WHERE project_id = :project AND at < (SELECT at FROM rename WHERE project_id = :project"
        " ORDER BY at DESC LIMIT 1 OFFSET :kept)",
        {"project": project_id, "kept": KEPT_MAX},
    )


def since(connection: apsw.Connection, project_id: int, at: int, limit: int) -> list[Rename]:
    """Return the latest renames from a time on, in order."""
    rows = db.rows(
        connection,
        "SELECT old, new, at, source FROM rename WHERE project_id = ? AND at >= ? ORDER BY at DESC LIMIT ?",
        (project_id, at, limit),
    )
    return [Rename(*row) for row in reversed(rows)]


def scanned(connection: apsw.Connection, project_id: int, root: str) -> tuple[str, int] | None:
    """Return (commit, time of the index) up to which git was asked in a work tree."""
    return db.first(
        connection, "SELECT head, index_at FROM rename_scan WHERE project_id = ? AND root = ?", (project_id, root)
    )


def note_scan(connection: apsw.Connection, project_id: int, root: str, head: str, index_at: int) -> None:
    """Record up to where git was asked."""
    connection.execute(
        "INSERT INTO rename_scan VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET head = excluded.head,"
        " index_at = excluded.index_at",
        (project_id, root, head, index_at),
    )


def oldest_bound(connection: apsw.Connection, project_id: int) -> int | None:
    """Return when the first statement was made that is bound to a path, None if none is."""
    row = db.first(
        connection,
        "SELECT min(created_at) FROM node n WHERE project_id = ? AND kind IN ('constraint', 'decision', 'task')"
        " AND EXISTS (SELECT 1 FROM node_tag t WHERE t.node_id = n.node_id AND t.kind IN ('file', 'glob'))",
        (project_id,),
    )
    return row[0]


def roots(connection: apsw.Connection, project_id: int | None) -> list[str]:
    """Return the root folder of a project, or of all (None), where a statement is bound to a path."""
    rows = connection.execute(
        "SELECT root FROM project p WHERE (:project IS NULL OR project_id = :project) AND EXISTS"
        " (SELECT 1 FROM node n JOIN node_tag t ON t.node_id = n.node_id AND t.kind IN ('file', 'glob')"
        " WHERE n.project_id = p.project_id AND n.kind IN ('constraint', 'decision', 'task'))",
        {"project": project_id},
    )
    return [root for (root,) in rows]


def bound_below(connection: apsw.Connection, project_id: int, path: str) -> list[tuple[int, str]]:
    """Return (node, its file) of the statements bound to a file, or to any file below a folder."""
    return db.rows(
        connection,
        "SELECT t.node_id, t.value FROM node_tag t JOIN node n ON n.node_id = t.node_id"
        " WHERE t.project_id = :project AND t.kind = 'file' AND t.value IN (:path, :path || '/')"
        " AND n.kind IN ('constraint', 'decision', 'task')"
        " UNION SELECT t.node_id, t.value FROM node_tag t JOIN node n ON n.node_id = t.node_id"
        " WHERE t.project_id = :project AND t.kind = 'file' AND t.value > :path || '/' AND t.value < :path || '0'"
        " AND n.kind IN ('constraint', 'decision', 'task') LIMIT :limit",
        {"project": project_id, "path": path, "limit": BOUND_MAX},
    )


def bound_by_glob(connection: apsw.Connection, project_id: int) -> list[tuple[int, str]]:
    """Return (node, its pattern) of the statements bound to patterns."""
    return db.rows(
        connection,
        "SELECT t.node_id, t.value FROM node_tag t JOIN node n ON n.node_id = t.node_id"
        " WHERE t.project_id = ? AND t.kind = 'glob' AND n.kind IN ('constraint', 'decision', 'task') LIMIT ?",
        (project_id, BOUND_MAX),
    )


def unbind(connection: apsw.Connection, project_id: int, node_id: int, file: str) -> None:
    """Take a file from a node, because another file has that name now."""
    connection.execute(
        "DELETE FROM node_tag WHERE project_id = ? AND kind = 'file' AND value = ? AND node_id = ?",
        (project_id, file, node_id),
    )
