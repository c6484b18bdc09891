"""Follow transcripts as they grow, by looking again and again: no daemon, and nothing to install.

Hooks take in a session while it runs; this is for sessions of clients that have no hooks, and for an impatient reader.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from time import sleep

import apsw

from codememory import backfill, ingest
from codememory.store import transcripts

INTERVAL_SECONDS = 1.0
IDLE_INTERVAL_SECONDS = 5.0
"""Between two looks where nothing has happened for `IDLE_ROUNDS`; a look at 1,000 files takes about 10 ms."""
IDLE_ROUNDS = 60

BUSY = "The database is busy: what is new is taken in at the next look."


class Followed:
    """What was done so far, over all looks; `files` is how many transcripts the latest look saw."""

    __slots__ = ("files", "problems", "total")

    def __init__(self) -> None:
        self.total = ingest.Progress()
        self.files = 0
        self.problems: dict[str, None] = {}
        """Each sentence once, however often it came up."""


def behind(connection: apsw.Connection, paths: list[str]) -> tuple[int, list[tuple[str, int]]]:
    """Return (number of transcripts, path and bytes not yet taken in of those that are behind).

    Raises:
        TranscriptError: A path does not exist or is no transcript.

    """
    files = backfill.files_of(paths)
    found = []
    for path in backfill.behind(connection, files):
        position = transcripts.position_of(connection, path)
        size = os.stat(path).st_size
        taken = position[0] if position and position[0] <= size else 0  # one that became shorter is read anew
        found.append((path, size - taken))
    return len(files), found


def look(
    connection: apsw.Connection,
    paths: list[str],
    followed: Followed,
    advance: Callable[[str, int], None] = lambda path, size: None,
) -> ingest.Progress:
    """Take in what is new, once, and return what that was.

    Raises:
        TranscriptError: A path does not exist or is no transcript.

    """
    added = ingest.Progress()
    try:
        files = backfill.files_of(paths)
        followed.files = len(files)
        if pending := backfill.behind(connection, files):
            added, problems = backfill.backfill(connection, pending, advance)
            followed.problems.update(dict.fromkeys(problems))
            _add(followed.total, added)
    except FileNotFoundError:  # listed, and gone before it was looked at
        pass
    except apsw.BusyError:
        followed.problems[BUSY] = None
    return added


def follow(
    connection: apsw.Connection,
    paths: list[str],
    followed: Followed,
    tell: Callable[[ingest.Progress], None],
    wait: Callable[[float], None] = sleep,
) -> None:
    """Look until interrupted, and tell of each look that brought something.

    Raises:
        KeyboardInterrupt: The user ended it; every look before is whole in the store.

    """
    idle = 0
    while True:
        wait(INTERVAL_SECONDS if idle < IDLE_ROUNDS else IDLE_INTERVAL_SECONDS)
        added = look(connection, paths, followed)
        idle = 0 if added.bytes else idle + 1
        if added.bytes:
            tell(added)


def _add(sum_: ingest.Progress, done: ingest.Progress) -> None:
    sum_.lines += done.lines
    sum_.messages_added += done.messages_added
    sum_.failures_added += done.failures_added
    sum_.bytes += done.bytes
