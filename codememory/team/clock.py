"""The hybrid logical clock: later than all that was seen, and as near to the time of day as that allows.

A stamp is milliseconds since 1970 shifted by `COUNTER_BITS`, with a counter below. Kulkarni et al., "Logical Physical
Clocks", 2014.
"""

from __future__ import annotations

COUNTER_BITS = 16
DRIFT_MS_MAX = 86_400_000
"""A stamp further ahead than this moves no clock here; the server refuses it."""


def after(newest: int, now_ms: int) -> int:
    """Return a stamp later than the newest one known."""
    return max(newest + 1, now_ms << COUNTER_BITS)


def milliseconds(stamp: int) -> int:
    """Return the time of day in a stamp."""
    return stamp >> COUNTER_BITS
