"""Projects and the names they are known by."""

from __future__ import annotations

import os

from codememory import db, records, repository, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

REPOSITORY, FOLDER = "repository", "folder"


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


def name_and_root(connection: apsw.Connection, project_id: int) -> tuple[str, str]:
    """Return a project's name and root folder."""
    return db.first(connection, "SELECT name, root FROM project WHERE project_id = ?", (project_id,))


def uid_of(connection: apsw.Connection, project_id: int) -> bytes:
    """Return a project's globally unique key."""
    return db.first(connection, "SELECT uid FROM project WHERE project_id = ?", (project_id,))[0]


def _create(connection: apsw.Connection, alias: tuple[str, str], root: str, now: int) -> int:
    name = os.path.basename(root.rstrip("/\\")) or root
    connection.execute(
        "INSERT INTO project (uid, name, root, created_at) VALUES (?, ?, ?, ?)",
        (records.key_of("project", *alias), name, root, now),
    )
    project_id = connection.last_insert_rowid()
    add_alias(connection, project_id, *alias)
    return project_id
