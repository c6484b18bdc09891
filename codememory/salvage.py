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
    lock = os.open(path + ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _lock(lock)
        aside = f"{path}.not-a-database-{int(time() * 1000)}"
        if not _is_garbage(path):  # another process was first
            return aside
        for suffix in SUFFIXES:
            if os.path.exists(path + suffix):
                os.rename(path + suffix, aside + suffix)
        return aside
    finally:
        os.close(lock)
        try:
            os.unlink(path + ".lock")
        except OSError:
            pass


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


def _lock(file: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: the rename itself fails while another process has the file open
        return
    fcntl.flock(file, fcntl.LOCK_EX)
