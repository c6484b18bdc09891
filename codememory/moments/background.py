"""Stop's second, asynchronous entry: what no hook had time for. It leaves at once when there is nothing to do."""

from __future__ import annotations

import os
from time import time

from codememory import compact, config, db, ingest, renames
from codememory.budget import Deadline
from codememory.errors import CodeMemoryError
from codememory.moments import session_start
from codememory.store import projects, sessions, summaries, team, transcripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

LIMIT_MS = 60_000
MODEL_LIMIT_MS = 180_000
"""For calls of a model, behind all else; together below the timeout that the entry has in hooks.json."""

PRUNE_LIMIT_MS = 10_000

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
    _take_left_lines(connection, deadline)
    place = projects.find_place(connection, cwd)
    if place is not None:
        renames.look_at(connection, place, int(time() * 1000))
    if config.setting("COMPACTION_ENABLED") and not deadline.passed():
        threshold = config.setting("COMPACTION_TOKEN_THRESHOLD")
        for session_id in summaries.sessions_over(connection, session.project_id, threshold):
            compact.compact(connection, session_id, compact.Plan(False), int(time() * 1000), deadline)
    if config.setting("RETENTION_DAYS"):
        from codememory import prune

        prune.regularly(connection, int(time() * 1000), Deadline(PRUNE_LIMIT_MS))
    if team.joined(connection):
        from codememory.team import child_sync

        child_sync.start_if_due(connection, cwd)
    _ask_models(connection, session)
    db.shorten_wal(connection, 0)


def _take_left_lines(connection: apsw.Connection, deadline: Deadline) -> None:
    """Take in the lines that hooks had no time for; those too long for a hook's memory stay `backfill`'s."""
    for path, size in transcripts.all_long_lines(connection):
        if size <= ingest.LINE_BYTES_MAX and os.path.isfile(path) and not deadline.passed():
            from codememory import long_lines

            long_lines.take(connection, path, int(time() * 1000), ingest.Progress(), ingest.LINE_BYTES_MAX)


def _ask_models(connection: apsw.Connection, session: sessions.Session) -> None:
    """Have this session's leaves refined and its decisions judged, where models are allowed."""
    if not (config.setting("COMPACTION_ENABLED") or config.setting("AUTO_SUPERSEDE_VIA_LLM")):
        return
    from codememory import llm

    if llm.switched_off():
        return
    from codememory import judge, refine

    deadline = Deadline(MODEL_LIMIT_MS)
    try:
        judge.supersede(connection, session.session_id, session.project_id, deadline)
    except llm.NoModelError:
        return
    if config.setting("COMPACTION_ENABLED"):
        refine.refine(connection, [session.session_id], deadline)
