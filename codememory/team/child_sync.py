"""Exchange events in a child process with a hard end: whatever the server does, it costs this much and no more."""

from __future__ import annotations

import os
import sys
from time import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

LIMIT_MS = 30_000
EVERY_MS = 60_000
"""Not after every answer of the model, where they come quickly."""

PAUSE_MINUTES_MAX = 360
MINUTE_MS = 60_000
OUTPUT_BYTES_MAX = 10_000
MEMORY_BYTES_MAX = 2_000_000_000
START = "from codememory.__main__ import main; main()"
WORDS = ("team", "sync", "--background")


def start_if_due(connection: apsw.Connection, folder: str) -> bool:
    """Exchange events unless that was just done, or the server did not answer well lately; False if it was not due."""
    from codememory.store import team as store

    now = int(time() * 1000)
    if now < paused_until(connection) or not store.claim(connection, now, now - EVERY_MS):
        return False
    exchange(connection, folder)
    return True


def exchange(connection: apsw.Connection, folder: str) -> None:
    """Exchange events now; whatever the server does, this ends."""
    from codememory import child
    from codememory.store import team as store

    before = store.server(connection)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "CODEMEMORY_ENABLED": "false"}
    ended = child.run([sys.executable, "-c", START, *WORDS], b"", environment, folder, LIMIT_MS, OUTPUT_BYTES_MAX)
    if store.server(connection) == before:  # it could not even say what went wrong
        reason = ended.stopped or f"it ended with {ended.exit_code}"
        store.note_server(connection, int(time() * 1000), f"The team's server: {reason}.")


def paused_until(connection: apsw.Connection) -> int:
    """Return the time before which nothing is tried unasked, 0 for none."""
    from codememory.store import team as store

    tried_at, _, failed, _ = store.server(connection)
    return tried_at + min(2 ** min(failed, 20), PAUSE_MINUTES_MAX) * MINUTE_MS if failed else 0


def limit_memory() -> None:
    """Let a server that answers without end run into a limit of this process."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    except (ImportError, ValueError, OSError):
        return
