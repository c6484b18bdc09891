"""Let statements follow the files they are bound to: a `mv` in the session at once, other renames as git tells them.

A node keeps its old path beside the new one, because another branch may still have it; only where both paths are
there now, the old name belongs to another file, and the node leaves it. Git is started when the work tree's commit or
its index is another than last time and something is bound to a path: behind the turn, at most once for short at a
session's start, and by `backfill` and `memory maintain`.
"""

from __future__ import annotations

import os

from codememory import db, repository
from codememory.budget import Deadline
from codememory.store import memories, projects, renames
from codememory.store.renames import Rename

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.extract.calls import Call
    from codememory.store.projects import Place

WAITED_MS = 250
"""For git, while somebody waits for a session to start."""
BEHIND_MS = 10_000
COMMITS_MAX = 2_000
RENAMES_MAX = 5_000
LOOKED_AT_AGAIN_MAX = 500
"""Renames known from before whose old name may have come into use again."""
FOLDERS_UP_MAX = 16


def hear(connection: apsw.Connection, call: Call, at: int, root: str, cwd: str, project_id: int) -> None:
    """Follow the plain moves of a command that ended well."""
    from codememory.extract.moves import moves_in

    for old, new in moves_in(call.command or "", root, cwd):
        follow(connection, project_id, Rename(old, new, at, call.tool_use_id), root="")


def catch_up(connection: apsw.Connection, project_id: int, node_id: int, at: int) -> None:
    """Let a statement of an earlier time, which is only stored now, follow the renames since."""
    for rename in renames.since(connection, project_id, at, LOOKED_AT_AGAIN_MAX):
        for bound, file in renames.bound_below(connection, project_id, rename.old):
            if bound == node_id:
                _bind(connection, bound, "file", _moved(file, rename), rename)


def due(connection: apsw.Connection, place: Place) -> bool:
    """Tell whether git may know of renames that were not looked for yet, and any statement could follow them."""
    if place.repository is None:
        return False
    state = _state(place.repository)
    if not state[0] or renames.scanned(connection, place.project_id, place.root) == state:
        return False
    return renames.oldest_bound(connection, place.project_id) is not None


class Told:
    """What git said about a work tree in a certain state."""

    __slots__ = ("head", "index_at", "renames")

    def __init__(self, head: str, index_at: int, renames: list[tuple[int, str, str, str]]) -> None:
        self.head, self.index_at, self.renames = head, index_at, renames


def asked(connection: apsw.Connection, place: Place, limit_ms: float) -> Told | None:
    """Ask git for the renames since the last time; None without git, or if it takes too long: to be asked again."""
    oldest = renames.oldest_bound(connection, place.project_id)
    if place.repository is None or oldest is None:
        return None
    from codememory import git

    head, index_at = _state(place.repository)
    before = renames.scanned(connection, place.project_id, place.root)
    found = git.renames(place.repository, before[0] if before else "", oldest, limit_ms, COMMITS_MAX)
    return None if found is None else Told(head, index_at, found)


def learn(connection: apsw.Connection, place: Place, told: Told, now: int) -> int:
    """Follow what git told, in the caller's transaction; return how many renames there were."""
    found = [
        Rename(old, new, at or now, source)
        for at, source, one, other in told.renames[-RENAMES_MAX:]
        if (old := _below(one, place)) and (new := _below(other, place))
    ]
    found += _folders(found, place.root)
    for rename in found:
        follow(connection, place.project_id, rename, place.root)
    for rename in renames.since(connection, place.project_id, 0, LOOKED_AT_AGAIN_MAX):
        _leave(connection, place.project_id, rename, place.root)
    renames.forget_oldest(connection, place.project_id)
    renames.note_scan(connection, place.project_id, place.root, told.head, told.index_at)
    return len(found)


def look_at(connection: apsw.Connection, place: Place, now: int) -> int:
    """Ask git if that is due, and follow what it tells in a transaction of its own; return how many there were."""
    if not due(connection, place) or repository.switched_off(place.root):
        return 0
    told = asked(connection, place, BEHIND_MS)
    if told is None:
        return 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        count = learn(connection, place, told, now)
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise
    return count


def look_everywhere(connection: apsw.Connection, project_id: int | None, now: int) -> int:
    """Do so for a project's own folder, or for every project's (None); return how many there were."""
    count = 0
    deadline = Deadline(BEHIND_MS * 2)
    for root in renames.roots(connection, project_id):
        place = projects.find_place(connection, root)
        if place is not None and not deadline.passed():
            count += look_at(connection, place, now)
    return count


def follow(connection: apsw.Connection, project_id: int, rename: Rename, root: str) -> None:
    """Bind what is bound to a path to its new name too.

    A statement later than the rename means the old path's new owner, unless there is none under `root`, as when the
    commit is older than the pull that brought it.
    """
    renames.keep(connection, project_id, rename)
    gone = bool(root) and not os.path.exists(os.path.join(root, rename.old))
    for node_id, file in renames.bound_below(connection, project_id, rename.old):
        if gone or memories.load(connection, node_id).created_at <= rename.at:
            _bind(connection, node_id, "file", _moved(file, rename), rename)
    for node_id, pattern in renames.bound_by_glob(connection, project_id):
        if pattern == f"**/{os.path.basename(rename.old)}":  # a file said by its bare name
            _bind(connection, node_id, "file", rename.new, rename)
            continue
        folder = _literal(pattern)
        if folder == rename.old or folder.startswith(rename.old + "/"):
            _bind(connection, node_id, "glob", _moved(pattern, rename), rename)


def _moved(path: str, rename: Rename) -> str:
    return rename.new + path[len(rename.old) :]


def _bind(connection: apsw.Connection, node_id: int, kind: str, value: str, rename: Rename) -> None:
    known = memories.tags_of(connection, node_id)
    if len(known) >= memories.TAGS_MAX or any((kind, value) == (one, other) for one, other, _ in known):
        return
    node = memories.load(connection, node_id)
    memories.tag(connection, node.project_id, node_id, kind, value)
    memories.index_again(connection, node)
    detail = {"from": rename.old, "to": rename.new, "by": rename.source or "git index"}
    memories.note(connection, node_id, node.uid, "moved", rename.at, "extracted", detail)


def _leave(connection: apsw.Connection, project_id: int, rename: Rename, root: str) -> None:
    """Take the old path from the nodes that moved away from it, where another file has its name now."""
    if not os.path.isfile(os.path.join(root, rename.old)) or not os.path.exists(os.path.join(root, rename.new)):
        return
    for node_id, file in renames.bound_below(connection, project_id, rename.old):
        node = memories.load(connection, node_id)
        if file != rename.old or node.created_at > rename.at:
            continue
        if any(kind == "file" and value == rename.new for kind, value, _ in memories.tags_of(connection, node_id)):
            renames.unbind(connection, project_id, node_id, file)
            memories.index_again(connection, node)


def _folders(found: list[Rename], root: str) -> list[Rename]:
    """Return the folders that went as a whole: files of theirs moved alike, and they are gone."""
    pairs: dict[tuple[str, str], Rename] = {}
    for rename in found:
        old, new = rename.old, rename.new
        for _ in range(FOLDERS_UP_MAX):
            if os.path.basename(old) != os.path.basename(new):
                break
            old, new = os.path.dirname(old), os.path.dirname(new)
            if not old or not new or old == new:
                break
            pairs[old, new] = rename
    return [
        Rename(old, new, last.at, last.source)
        for (old, new), last in pairs.items()
        if not os.path.isdir(os.path.join(root, old)) and os.path.isdir(os.path.join(root, new))
    ]


def _literal(pattern: str) -> str:
    """Return the folder a glob begins with, before its first wildcard."""
    kept = []
    for piece in pattern.split("/")[:-1]:
        if "*" in piece or "?" in piece:
            break
        kept.append(piece)
    return "/".join(kept)


def _below(path: str, place: Place) -> str:
    """Return a path of git, relative to the project's root; '' if it lies outside."""
    from codememory.extract.calls import relative

    assert place.repository is not None
    found = relative(os.path.join(place.repository.root, path), place.root, "")
    return "" if os.path.isabs(found) else found


def _state(found: repository.Repository) -> tuple[str, int]:
    """Return the commit and when what is staged last changed, without git."""
    try:
        index_at = os.stat(os.path.join(found.folder, "index")).st_mtime_ns
    except OSError:
        index_at = 0
    return repository.branch_and_head(found)[1], index_at
