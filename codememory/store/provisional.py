"""What hooks recorded of calls whose transcript never came: with `--no-session-persistence` the client writes none."""

from __future__ import annotations

from codememory import db

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

WAITED_MS = 7 * 86_400_000
LOOKED_BACK_MS = 60 * 86_400_000
"""Sessions older than this were looked at before, or are left as they are."""

SESSIONS_MAX = 100
"""How many sessions are let go of at once."""


def drop(connection: apsw.Connection, project_id: int, now: int) -> int:
    """Delete calls and tasks of a project's sessions that nothing was ever read of; failures stay known.

    Call it inside a transaction. Returns how many sessions there were.
    """
    found = db.rows(
        connection,
        "SELECT session_id FROM session s WHERE project_id = ? AND last_at BETWEEN ? AND ?"
        " AND NOT EXISTS (SELECT 1 FROM membership b WHERE b.session_id = s.session_id)"
        " AND (EXISTS (SELECT 1 FROM tool_call c WHERE c.session_id = s.session_id)"
        " OR EXISTS (SELECT 1 FROM delegation d WHERE d.session_id = s.session_id)) LIMIT ?",
        (project_id, now - LOOKED_BACK_MS, now - WAITED_MS, SESSIONS_MAX),
    )
    connection.executemany("DELETE FROM tool_call WHERE session_id = ?", found)
    connection.executemany("DELETE FROM delegation WHERE session_id = ?", found)
    return len(found)
