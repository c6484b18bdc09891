"""Set a file aside that stands in the database's place and is none; nothing in it is overwritten."""

from __future__ import annotations

import os
from time import time

SUFFIXES = ("", "-wal", "-shm", "-journal")


def set_aside(path: str) -> str:
    """Rename the file, and what belongs to it, and return its new name; one of several processes does it.

    Raises:
        OSError: It cannot be renamed.

    """
    lock = _locked(path + ".lock")
    try:
        aside = f"{path}.not-a-database-{int(time() * 1000)}"
        if not _is_garbage(path):  # another process was first
            return aside
        for suffix in SUFFIXES:
            if os.path.exists(path + suffix):
                os.rename(path + suffix, aside + suffix)
        return aside
    finally:
        if os.path.exists(path + ".lock"):
            os.unlink(path + ".lock")  # while it is held: see `_locked`
        os.close(lock)


def _is_garbage(path: str) -> bool:
    import apsw

    if not os.path.exists(path):
        return False
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    try:
        connection.pragma("user_version")
        return False
    except apsw.NotADBError:
        return True
    finally:
        connection.close()


def _locked(path: str) -> int:
    """Open and lock a file; one that its last holder has removed in the meantime locks nobody out, so try again."""
    while True:
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
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
