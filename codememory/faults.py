"""What a machine refuses, in words for a person: a lock held for long, a full disk, a place that cannot be written."""

from __future__ import annotations

import os

PATH_BYTES_MAX = 504
"""Of a database: SQLite opens 512, and puts eight more to it for a journal's name."""

FULL = "its disk is full: free some space and try again"
READ_ONLY = "it cannot be written there: its file system is read-only, or its rights forbid it"
HELD = "another program has held it for too long: try again when that is done"

DATABASE = {
    "BusyError": HELD,
    "LockedError": HELD,
    "FullError": FULL,
    "ReadOnlyError": READ_ONLY,
    "PermissionsError": READ_ONLY,
    "IOError": "its disk failed to read or write it",
    "CantOpenError": "it cannot be opened or created there: look at the rights of its folder",
}
"""By the name of the driver's error, because the driver itself is not imported for a look."""

VAGUE = (DATABASE["IOError"], DATABASE["CantOpenError"])

SYSTEM = {
    "ENOSPC": FULL,
    "EDQUOT": FULL,
    "EROFS": READ_ONLY,
    "EACCES": "its rights forbid it",
    "EPERM": "its rights forbid it",
    "EIO": "its disk failed to read or write it",
    "ENOENT": "it is not there, or its folder is not and cannot be made",
    "ENOTDIR": "a part of its path is no folder",
    "EISDIR": "it is a folder",
    "ELOOP": "its path leads in a circle",
    "EMFILE": "too many files are open: close some programs and try again",
    "ENFILE": "too many files are open: close some programs and try again",
    "ENAMETOOLONG": "its path is longer than the system allows",
}


def reason(error: BaseException, path: str = "") -> str:
    """Return why a file cannot be used, as the end of a sentence; '' for what is no fault of the machine."""
    if isinstance(error, OSError):
        from errno import errorcode

        return SYSTEM.get(errorcode.get(error.errno or 0, ""), "")
    if type(error).__module__.partition(".")[0] != "apsw":
        return ""
    size = len(path.encode("utf-8", "surrogateescape"))
    if type(error).__name__ == "CantOpenError" and size > PATH_BYTES_MAX:
        return (
            f"its path has {size} bytes, more than the {PATH_BYTES_MAX} that SQLite can open:"
            " set CODEMEMORY_DATABASE_PATH to a shorter one"
        )
    told = DATABASE.get(type(error).__name__, "")
    return (path and told in VAGUE and _disk(path)) or told


def _disk(path: str) -> str:
    """Return what the disk itself refuses, where SQLite tells only of what came of it."""
    try:
        found = os.statvfs(os.path.dirname(path) or ".")
    except (OSError, AttributeError):
        return ""
    if found.f_flag & os.ST_RDONLY:
        return READ_ONLY
    return "" if found.f_bavail else FULL


def sentence(error: BaseException, database: str) -> str:
    """Return one sentence about a fault of the machine, '' for any other error; `database` is where ours lies."""
    why = reason(error, database)
    if not why:
        return ""
    if not isinstance(error, OSError):
        return f"The database {database} cannot be used: {why}."
    file = str(error.filename or "A file")
    if database.startswith(f"{file}/"):  # one of the folders it lies in: the setting that is meant names the database
        return f"The database {database} cannot be used because of its folder {file}: {why}."
    return f"{file} cannot be used: {why}."
