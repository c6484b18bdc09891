"""Deadlines: long work takes one and stops consistent."""

from __future__ import annotations

from time import monotonic

HOOK_SECONDS_MAX = 5
"""No hook takes longer, whatever holds it up: a client that never closes its end, a disk that does not answer."""

PAYLOAD_BYTES_MAX = 11_000_000
"""A prompt of 10 MB fits. Of a longer payload only the fields at its beginning are used: whose and where it is."""

LOG_BYTES_MAX = 1_000_000


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
