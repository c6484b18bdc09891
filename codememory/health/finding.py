"""What a check finds, and what a check is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import apsw


class Finding(NamedTuple):
    """Whether all is well, and one sentence with the numbers."""

    ok: bool
    detail: str


class Check(NamedTuple):
    """A named check, and what puts right what it finds; `repair` sees to its own transactions."""

    name: str
    look: Callable[[apsw.Connection], Finding]
    repair: Callable[[apsw.Connection], None] | None = None


def number(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def megabytes(count: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{count} bytes" if count < 100_000 else f"{count / 1e6:.1f} MB"
