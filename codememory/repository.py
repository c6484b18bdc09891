"""Read what a project is and where its branch stands from the files git keeps, without starting git."""

from __future__ import annotations

import os

PARENTS_MAX = 64
REF_BYTES_MAX = 4096
IGNORE_FILE = ".codememory-ignore"
PACKED_REFS_BYTES_MAX = 8_000_000
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class Repository:
    """A work tree: its root, its own git folder and the one all its worktrees share."""

    __slots__ = ("common", "folder", "root")

    def __init__(self, root: str, folder: str, common: str) -> None:
        self.root, self.folder, self.common = root, folder, common


def found_from(path: str) -> Repository | None:
    """Return the repository a path lies in, None outside of any or where the path has vanished."""
    if not os.path.isabs(path) or not os.path.isdir(path):
        return None
    place = path
    for _ in range(PARENTS_MAX):
        git = os.path.join(place, ".git")
        if os.path.isdir(git):
            return Repository(place, git, _common(git))
        if os.path.isfile(git):
            line = _first_line(git)
            if line.startswith("gitdir:"):
                folder = os.path.normpath(os.path.join(place, line[7:].strip()))
                if os.path.isdir(folder) and not _is_anothers(folder, git):
                    return Repository(place, folder, _common(folder))
        parent = os.path.dirname(place)
        if parent == place:
            return None
        place = parent
    return None


def _is_anothers(folder: str, file: str) -> bool:
    """Tell whether a git folder belongs to another work tree than the one whose `.git` file names it.

    Such a file can come with anything that is unpacked, and would open the memory of the project that it names.
    """
    named = _first_line(os.path.join(folder, "gitdir"))  # a worktree's folder names the file that it belongs to
    if not named and os.path.basename(folder) != ".git":
        return False
    try:
        return not os.path.samefile(os.path.join(folder, named), file)
    except OSError:  # what it belonged to has moved
        return False


def switched_off(folder: str) -> bool:
    """Tell whether a project says, by a file in its root, that it is not to be remembered."""
    if os.path.exists(os.path.join(folder, IGNORE_FILE)):
        return True
    found = found_from(folder)
    return found is not None and os.path.exists(os.path.join(found.root, IGNORE_FILE))


def branch_and_head(repository: Repository) -> tuple[str, str]:
    """Return (branch, commit); a detached head has no branch, a branch without commits no commit."""
    line = _first_line(os.path.join(repository.folder, "HEAD"))
    if not line.startswith("ref:"):
        return "", line
    name = line[4:].strip()
    branch = name.removeprefix("refs/heads/")
    commit = _first_line(os.path.join(repository.folder, name)) or _first_line(os.path.join(repository.common, name))
    return branch, commit or _packed(repository.common, name)


def _common(folder: str) -> str:
    line = _first_line(os.path.join(folder, "commondir"))
    common = os.path.normpath(os.path.join(folder, line)) if line else folder
    return os.path.realpath(common)


def _packed(common: str, name: str) -> str:
    text = text_of(os.path.join(common, "packed-refs"), PACKED_REFS_BYTES_MAX)
    position = text.find(f" {name}\n")
    return text[text.rfind("\n", 0, position) + 1 : position] if position > 0 else ""


def _first_line(path: str) -> str:
    return text_of(path, REF_BYTES_MAX).partition("\n")[0].strip()


def text_of(path: str, bytes_max: int) -> str:
    """Return the beginning of a file of a project, '' for none."""
    return bytes_of(path, bytes_max).decode("utf-8", "replace")


def bytes_of(path: str, bytes_max: int) -> bytes:
    """Return the beginning of a file of a project; nothing of what is no file: a pipe would be waited on for ever."""
    try:
        file = os.open(path, FLAGS)
    except (OSError, ValueError):
        return b""
    try:
        found = os.fstat(file)
        return os.read(file, min(bytes_max, found.st_size)) if found.st_mode & 0o170000 == 0o100000 else b""
    except OSError:
        return b""
    finally:
        os.close(file)


CONTENT_BYTES_MAX = 2_000_000


def contents_of(root: str, files: list[str]) -> dict[str, str]:
    """Return file → git blob hash of what the files hold now; missing and very large ones are left out."""
    found = {}
    for file in files:
        digest = blob_hash(os.path.join(root, file))
        if digest:
            found[file] = digest
    return found


def blob_hash(path: str) -> str:
    """Return the hash git would store a file's content under, '' for none."""
    data = bytes_of(path, CONTENT_BYTES_MAX + 1)
    if len(data) > CONTENT_BYTES_MAX or (not data and not os.path.isfile(path)):
        return ""
    from hashlib import sha1

    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
