"""Clear the way for a fresh start: what stands in the database's place and cannot be used is set aside, never written.

What is whole in it, `codememory doctor --repair` takes over.
"""

from __future__ import annotations

import os
from time import monotonic, time

import apsw

from codememory.db import sibling
from codememory.schema import APPLICATION_ID

SUFFIXES = ("-wal", "-shm", "-journal", "")
"""The database itself comes last: a log without one is harmless, a database with another's log is not."""

GARBAGE, DAMAGED = "not-a-database", "damaged"

PROBE_SECONDS = 0.3
"""A file that takes longer to be looked through is not the fresh one that another process has just begun."""


def clear_the_way(path: str, error: BaseException) -> str:
    """Make room for a fresh start after damage and return the sentence that tells of it.

    Raises:
        OSError: The file cannot be renamed.
        apsw.Error: The index cannot be emptied.

    """
    if getattr(error, "extendedresult", 0) == apsw.SQLITE_CORRUPT_VTAB:
        from codememory import db
        from codememory.store import indexes

        connection = db.connect(path, busy_ms=db.HOOK_BUSY_MS)
        indexes.empty(connection)
        return "CodeMemory's search index was damaged and is empty now; `codememory doctor --repair` fills it again."
    asides = [aside for one in places(path) if (aside := set_aside(one))]
    if not asides:  # another process was first
        return ""
    return (
        f"CodeMemory's database was damaged. It was set aside as {asides[0]} and a new one begun;"
        " `codememory doctor --repair` takes over what is whole in it."
    )


def places(path: str) -> list[str]:
    """Return the files that may be ours for the database at `path`."""
    from codememory import disk

    if disk.is_shared(os.path.dirname(path)):
        path = disk.own_path(path)
    return [path, sibling(path)]


def asides(path: str) -> list[str]:
    """Return the damaged databases that were set aside from `path`, the newest first."""
    folder, name = os.path.split(path)
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return []
    start = f"{name}.{DAMAGED}-"
    found = [one for one in names if one.startswith(start) and one.removeprefix(start).isdecimal()]
    return [os.path.join(folder, one) for one in sorted(found, reverse=True)]


def set_aside(path: str, patient: bool = False) -> str:
    """Rename a file that is of no use, and what belongs to it, and return its new name; one process of several does.

    '' means that there was nothing to do: none is there, it is sound, or it is somebody else's. `patient` looks
    through the whole file, however long that takes.

    Raises:
        OSError: It cannot be renamed.

    """
    lock = _locked(path + ".lock")
    try:
        wrong = _wrong_with(path, patient)
        if not wrong:
            return ""
        aside = f"{path}.{wrong}-{int(time() * 1000)}"
        for suffix in SUFFIXES:
            if os.path.lexists(path + suffix):
                os.rename(path + suffix, aside + suffix)
        return aside
    finally:
        if os.path.exists(path + ".lock"):
            os.unlink(path + ".lock")  # while it is held: see `_locked`
        os.close(lock)


def _wrong_with(path: str, patient: bool) -> str:
    """Return what is wrong with a file of ours, '' if nothing is."""
    if not os.path.isfile(path) or os.path.islink(path):
        return ""
    from codememory.store import recovery

    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
    deadline = monotonic() + PROBE_SECONDS
    try:
        if not patient:
            connection.set_progress_handler(lambda: monotonic() > deadline, 10_000)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        if connection.pragma("application_id") != APPLICATION_ID:
            return ""
        if os.stat(path).st_size % connection.pragma("page_size") or not recovery.lists_our_tables(connection):
            return DAMAGED
        if not patient:
            return "" if connection.pragma("quick_check", 1) == "ok" else DAMAGED
        is_whole = connection.pragma("integrity_check", 1) == "ok"
        return "" if is_whole and not recovery.garbled(connection) else DAMAGED
    except apsw.NotADBError:
        return DAMAGED if _was_ours(path) else GARBAGE
    except (apsw.CorruptError, apsw.InterruptError, apsw.SQLError):
        return DAMAGED
    finally:
        connection.close()


def _was_ours(path: str) -> bool:
    """Tell whether a file that SQLite takes for no database has only lost its header: the map of its pages is there."""
    from codememory.pages import Pages

    looked = Pages(path)
    looked.close()
    return looked.is_mapped


def _locked(path: str) -> int:
    """Open and lock a file; one that its last holder has removed in the meantime locks nobody out, so try again."""
    while True:
        file = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            import fcntl
        except ImportError:  # Windows: the rename itself fails while another process has the file open
            return file
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(file), os.stat(path)):
                return file
        except OSError:
            pass
        os.close(file)
