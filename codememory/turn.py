"""Whose turn it is to write: of those who wait for a locked database, whoever came first is first.

SQLite keeps no queue: it has them look again and again, and of many who look some are never lucky. Here a place in the
queue is one byte of an empty file beside the database, the moment of coming, locked while its holder waits; the system
takes it back from a process that dies. Whoever finds the database free never comes here.
"""

from __future__ import annotations

import os
from time import monotonic, sleep

SUFFIX = "-queue"

FIRST_SECONDS = 0.001
BEHIND_SECONDS = 0.004
"""Between two looks: of the first at the database's lock, of the others at the queue."""

OVERTAKING_SECONDS = 0.4
"""Who has waited longer looks at the lock whoever is before it: a process can be stopped while it waits."""

FOR_ALL_TRIES_MAX = 100
"""About as many milliseconds that a checkpoint waits for who writes, and for who reads; then nobody can write."""

TICKS, PLACES = 10_000, 1 << 30
"""In a second, and in all: not every file system has a byte beyond. Each 30 hours they begin anew, out of turn."""


class Turn:
    """Waits for one connection: its busy handler."""

    __slots__ = ("_came", "_for_all", "_path", "_place", "_seconds_max", "_since", "_tries")

    def __init__(self, path: str, busy_ms: float, came: float = 0.0, *, for_all: bool = False) -> None:
        """Wait for at most `busy_ms`.

        `came` is when the waiting began, if it was not when the database was first found locked. What is done
        `for_all` comes before everybody, and not at all after so many tries.
        """
        self._path, self._seconds_max, self._came, self._for_all = path, busy_ms / 1000, came, for_all
        self._since, self._place, self._tries = came, 0, 0

    def wait(self, attempts: int, *, is_writing: bool = False) -> bool:
        """Return when it is time for another try, False when it is time to give up; `attempts` counts the waits so far.

        The place is given up for the try, so that nothing is left to do for those who succeed. Who is writing already
        and waits for readers, which a log makes needless, comes before all who wait to write.
        """
        if not attempts:
            self._since, self._tries = self._came or monotonic(), 0
            self._place = 1 if self._for_all or is_writing else 2 + int(self._since * TICKS) % PLACES
        file = _opened(self._path, os.O_CREAT)
        try:
            while file >= 0 and not _is_free(file, self._place, 1, os.F_TLOCK):
                self._place += 1  # somebody came in the same moment
            sleep(FIRST_SECONDS)
            while True:
                waited = monotonic() - self._since
                if waited >= self._seconds_max:
                    return False
                if file < 0 or waited >= OVERTAKING_SECONDS or _is_free(file, 0, self._place, os.F_TEST):
                    self._tries += 1
                    return not self._for_all or self._tries < FOR_ALL_TRIES_MAX
                sleep(BEHIND_SECONDS)
        finally:
            if file >= 0:
                os.close(file)


def is_awaited(path: str) -> bool:
    """Tell whether somebody waits for a turn at the database at `path`."""
    file = _opened(path, 0)
    if file < 0:
        return False
    try:
        return not _is_free(file, 0, 0, os.F_TEST)
    finally:
        os.close(file)


def _opened(path: str, flags: int) -> int:
    """Open the queue; -1 where there is none: then everybody is the first."""
    if not hasattr(os, "lockf"):  # Windows
        return -1
    try:
        return os.open(path + SUFFIX, os.O_RDWR | os.O_NOFOLLOW | flags, 0o600)
    except OSError:
        return -1


def _is_free(file: int, start: int, count: int, how: int) -> bool:
    """Lock or test bytes, all from `start` on for 0, and tell whether no other process has locked one of them."""
    try:
        os.lseek(file, start, os.SEEK_SET)
        os.lockf(file, how, count)
    except (PermissionError, BlockingIOError):
        return False
    except OSError:  # a file system without locks
        return True
    return True
