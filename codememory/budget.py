"""Deadlines: long work takes one and stops consistent."""

from __future__ import annotations

import os
from time import monotonic, time

HOOK_SECONDS_MAX = 5
"""No hook takes longer, whatever holds it up: a client that never closes its end, a disk that does not answer."""

PAYLOAD_BYTES_MAX = 11_000_000
"""A prompt of 10 MB fits. Of a longer payload only the fields at its beginning are used: whose and where it is."""

LOG_BYTES_MAX = 1_000_000


TIRED_SECONDS = 600
"""For so long after one that ran out of time, hooks leave to `backfill` what may have been why."""


def tire() -> None:
    """Note that a hook ran out of time."""
    try:
        path = _tired_path()
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            os.utime(file)
        finally:
            os.close(file)
    except Exception:  # no place for it: the next hook tries all again
        return


def is_tired() -> bool:
    """Tell whether a hook ran out of time in the last minutes."""
    try:
        return 0 <= time() - os.stat(_tired_path()).st_mtime < TIRED_SECONDS
    except Exception:  # there is no such note, or no place for one
        return False


def _tired_path() -> str:
    from codememory import config

    return os.path.join(config.config_folder(), "codememory", "tired")


class Deadline:
    """A moment after which no new step is begun; without a limit it never comes."""

    __slots__ = ("_end",)

    def __init__(self, limit_ms: float | None = None) -> None:
        self._end = None if limit_ms is None else monotonic() + limit_ms / 1000

    def passed(self) -> bool:
        """Tell whether the time is used up."""
        return self._end is not None and monotonic() >= self._end

    def remaining_ms(self) -> float:
        """Return the milliseconds left, infinity without a limit."""
        return float("inf") if self._end is None else max(0.0, (self._end - monotonic()) * 1000)
