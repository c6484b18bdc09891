"""Where the database's file lies: what stands in its place, and which file a host uses where several share a folder.

Loaded only where something is unusual: there is no file yet, it is no regular one, or its disk is no ordinary one.
"""

from __future__ import annotations

import os
import stat

from codememory.errors import DatabaseError

SHARED_KINDS = frozenset(
    """nfs nfs3 nfs4 cifs smb2 smb3 smbfs 9p virtiofs afs ceph glusterfs lustre gpfs beegfs ncpfs vboxsf vmhgfs prl_fs
    drvfs fuse fuseblk""".split()
)
"""File systems that several kernels can have mounted at once: the memory that WAL shares reaches only one of them."""

CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
MOUNTS = "/proc/self/mountinfo"
MOUNTS_BYTES_MAX = 1_000_000
NAME_CHARS_MAX = 40


def place_of(path: str) -> str:
    """Return the file that this host uses for the database at `path`, and create it if it is missing.

    Raises:
        DatabaseError: Something else than a file stands there.
        OSError: The file cannot be created.
        UnicodeEncodeError: Its name is no UTF-8, as SQLite needs.

    """
    path.encode()
    if is_shared(os.path.dirname(path)):
        path = own_path(path)
    found = _looked_at(path)
    if found is None:
        _create(path)
    elif stat.S_ISLNK(found.st_mode):
        raise DatabaseError(
            f"{path} is a symbolic link, which is not followed: set CODEMEMORY_DATABASE_PATH to the file itself."
        )
    elif not stat.S_ISREG(found.st_mode):
        raise DatabaseError(f"{path} is no file: move it away, or set CODEMEMORY_DATABASE_PATH.")
    return path


def own_path(path: str) -> str:
    """Return the name that this host's database gets where several hosts share the folder."""
    stem, extension = os.path.splitext(path)
    return f"{stem}-{host()}{extension}"


def host() -> str:
    """Return a name for this host; all containers of a machine are one, because their names change at each start."""
    if any(os.path.exists(mark) for mark in CONTAINER_MARKS):
        return "container"
    name = os.uname().nodename if hasattr(os, "uname") else ""
    kept = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in name)
    return kept[:NAME_CHARS_MAX] or "host"


def is_shared(folder: str) -> bool:
    """Tell whether other machines can have this folder mounted too."""
    kind = kind_of(folder)
    return kind in SHARED_KINDS or kind.startswith("fuse.")


def kind_of(folder: str) -> str:
    """Return the kind of file system a folder lies on, '' where the system does not tell."""
    while not os.path.isdir(folder) and folder not in ("", "/"):
        folder = os.path.dirname(folder)
    try:
        device = os.stat(folder or ".").st_dev
        wanted = f"{os.major(device)}:{os.minor(device)}"
        file = os.open(MOUNTS, os.O_RDONLY)
        try:
            mounts = os.read(file, MOUNTS_BYTES_MAX).decode("utf-8", "replace")
        finally:
            os.close(file)
    except (OSError, AttributeError):
        return ""
    for line in mounts.splitlines():
        fields, _, kind = line.partition(" - ")
        if wanted in fields.split(" ", 3)[2:3]:
            return kind.partition(" ")[0]
    return ""


def _looked_at(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _create(path: str) -> None:
    """Create an empty file that only its owner can read; SQLite gives its -wal and -shm the same mode."""
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
