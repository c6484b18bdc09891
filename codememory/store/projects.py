"""Projects and the names they are known by."""

from __future__ import annotations

import os

from codememory import db, records, repository, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

REPOSITORY, FOLDER = "repository", "folder"
UID = "uid"
"""What another store, or a project that became a part of this one, is known by: a uid in hexadecimal digits."""


class Place:
    """Where something happened: the project, and the folder that file paths are relative to."""

    __slots__ = ("project_id", "repository", "root")

    def __init__(self, project_id: int, root: str, found: repository.Repository | None) -> None:
        self.project_id, self.root, self.repository = project_id, root, found

    def branch_and_head(self) -> tuple[str, str]:
        """Return (branch, commit) as they stand now; both empty without git."""
        return repository.branch_and_head(self.repository) if self.repository else ("", "")


def place_of(connection: apsw.Connection, folder: str, now: int) -> Place:
    """Return the place a working directory stands for, making its project known if it is new.

    A repository is known by its git common directory, so its worktrees are one project; without git, and where the
    folder has vanished, a project is the working directory itself.
    """
    folder = wire.storable(folder)
    found = repository.found_from(folder)
    alias, root = _alias_and_root(found, folder)
    project_id = _known(connection, found, alias)
    if project_id is None:
        project_id = _create(connection, alias, root, now)
    elif found:  # `git init` in a folder that was a project already adds a name
        add_alias(connection, project_id, *alias)
    return Place(project_id, _workspace_root() or root, found)


def find_place(connection: apsw.Connection, folder: str) -> Place | None:
    """Return the place a working directory stands for, None if its project is not known."""
    folder = wire.storable(folder)
    found = repository.found_from(folder)
    alias, root = _alias_and_root(found, folder)
    project_id = _known(connection, found, alias)
    return None if project_id is None else Place(project_id, _workspace_root() or root, found)


def _alias_and_root(found: repository.Repository | None, folder: str) -> tuple[tuple[str, str], str]:
    return ((REPOSITORY, found.common), found.root) if found else ((FOLDER, folder), folder)


def _known(connection: apsw.Connection, found: repository.Repository | None, alias: tuple[str, str]) -> int | None:
    project_id = by_alias(connection, *alias)
    return by_alias(connection, FOLDER, found.root) if project_id is None and found else project_id


def _workspace_root() -> str:
    chosen = os.environ.get("CODEMEMORY_WORKSPACE_ROOT")
    return os.path.abspath(chosen) if chosen else ""


def by_alias(connection: apsw.Connection, kind: str, value: str) -> int | None:
    """Return the project known by this name."""
    row = db.first(connection, "SELECT project_id FROM project_alias WHERE kind = ? AND value = ?", (kind, value))
    return row[0] if row else None


def add_alias(connection: apsw.Connection, project_id: int, kind: str, value: str) -> None:
    """Make a project known by one more name; a name that is taken stays where it is."""
    connection.execute("INSERT OR IGNORE INTO project_alias VALUES (?, ?, ?)", (kind, value, project_id))


def aliases_of(connection: apsw.Connection, project_id: int) -> list[tuple[str, str]]:
    """Return (kind, value) of the names a project is known by."""
    return db.rows(
        connection, "SELECT kind, value FROM project_alias WHERE project_id = ? ORDER BY kind, value", (project_id,)
    )


def name_and_root(connection: apsw.Connection, project_id: int) -> tuple[str, str]:
    """Return a project's name and root folder."""
    return db.first(connection, "SELECT name, root FROM project WHERE project_id = ?", (project_id,))


def uid_of(connection: apsw.Connection, project_id: int) -> bytes:
    """Return a project's globally unique key."""
    return db.first(connection, "SELECT uid FROM project WHERE project_id = ?", (project_id,))[0]


def _create(connection: apsw.Connection, alias: tuple[str, str], root: str, now: int) -> int:
    name, uid = os.path.basename(root.rstrip("/\\")) or root, records.key_of("project", *alias)
    connection.execute(
        "INSERT OR IGNORE INTO project (uid, name, root, created_at) VALUES (?, ?, ?, ?)", (uid, name, root, now)
    )  # one that lost its names in a damaged file is there
    project_id: int = db.first(connection, "SELECT project_id FROM project WHERE uid = ?", (uid,))[0]
    add_alias(connection, project_id, *alias)
    return project_id


class Known:
    """A project as listed: its row, the names it is known by as (kind, value), and what it holds."""

    __slots__ = ("aliases", "created_at", "last_at", "memories", "messages", "name", "project_id", "root", "sessions",
                 "uid")  # fmt: skip

    def __init__(self, row: tuple[int, bytes, str, str, int, int, int, int, int]) -> None:
        self.project_id, self.uid, self.name, self.root, self.created_at = row[:5]
        self.sessions, self.messages, self.memories, self.last_at = row[5:]
        self.aliases: list[tuple[str, str]] = []

    @property
    def id(self) -> str:
        """Return the id by which it is linked."""
        return records.id_of("prj", self.uid)


def listed(connection: apsw.Connection) -> list[Known]:
    """Return every project, the one with the latest session first."""
    rows = connection.execute(
        "SELECT p.project_id, p.uid, p.name, p.root, p.created_at, count(s.session_id),"
        " coalesce(sum(m.messages), 0), (SELECT count(*) FROM node n WHERE n.project_id = p.project_id),"
        " coalesce(max(s.last_at), 0) FROM project p LEFT JOIN session s ON s.project_id = p.project_id"
        " LEFT JOIN (SELECT session_id, count(*) AS messages FROM message GROUP BY session_id) m"
        " ON m.session_id = s.session_id GROUP BY p.project_id ORDER BY max(s.last_at) DESC, p.project_id DESC"
    )
    found = {row[0]: Known(row) for row in rows}
    for project_id, kind, value in connection.execute(
        "SELECT project_id, kind, value FROM project_alias ORDER BY kind, value"
    ):
        found[project_id].aliases.append((kind, value))
    return list(found.values())
