"""Stop's second, asynchronous entry: what no hook had time for. It leaves at once when there is nothing to do."""

from __future__ import annotations

import os
from time import time

from codememory import compact, config, db, ingest
from codememory.budget import Deadline
from codememory.errors import CodeMemoryError
from codememory.moments import session_start
from codememory.store import sessions, summaries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LIMIT_MS = 60_000
PRINT_MODE = "sdk-cli"
"""In `-p` mode the client kills an asynchronous hook that still runs, and then skips SessionEnd (measured)."""


def work(payload: dict[str, Any], cwd: str) -> None:
    """Ingest what the project's transcripts are ahead of their cursors, in transactions of their own."""
    if os.environ.get("CLAUDE_CODE_ENTRYPOINT") == PRINT_MODE:
        return
    connection = db.connect(config.database_path())
    session = sessions.find(connection, payload["session_id"])
    path = payload.get("transcript_path")
    if session is None or not isinstance(path, str):
        return
    deadline = Deadline(LIMIT_MS)
    for one in session_start.behind(connection, session.project_id, os.path.dirname(path)):
        try:
            ingest.ingest(connection, one, int(time() * 1000), deadline=deadline, folder=cwd)
        except CodeMemoryError:
            continue
        if deadline.passed():
            break
    if config.setting("COMPACTION_ENABLED") and not deadline.passed():
        threshold = config.setting("COMPACTION_TOKEN_THRESHOLD")
        for session_id in summaries.sessions_over(connection, session.project_id, threshold):
            compact.compact(connection, session_id, compact.Plan(False), int(time() * 1000), deadline)
    db.shorten_wal(connection, 0)
