"""Calls of a model: counted before they begin, against limits per hour and session and a breaker that failures open."""

from __future__ import annotations

from codememory import db, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

OK, REJECTED, FAILED = "ok", "rejected", "failed"
BY_HOUR, BY_SESSION, BY_BREAKER = "hour", "session", "breaker"

CALLS_MAX = 5_000
HOUR_MS = 3_600_000
BREAKER_FAILURES = 3
"""After this many failures in a row no call is made until BREAKER_MS have passed; the next failure opens it again."""

BREAKER_MS = HOUR_MS
LOST_MS = 900_000
"""A call that did not end within this time was killed with its process: it failed."""

REJECTIONS_MAX, TRIES_MAX = 2, 4
"""A summary is given up after so many answers of no use, or calls of any end."""

REASON_CHARS = 300


def refusal(
    connection: apsw.Connection, session_id: int | None, per_hour: int, per_session: int, now: int
) -> str | None:
    """Return which limit forbids one more call, None if none does."""
    if breaker_until(connection, now) > now:
        return BY_BREAKER
    if _count(connection, "begun_at > ?", now - HOUR_MS) >= per_hour:
        return BY_HOUR
    if session_id is not None and _count(connection, "session_id = ?", session_id) >= per_session:
        return BY_SESSION
    return None


def breaker_until(connection: apsw.Connection, now: int) -> int:
    """Return the time until which failures forbid calls, 0 if they do not."""
    found = db.rows(
        connection,
        "SELECT begun_at, coalesce(ended_at, begun_at) FROM (SELECT * FROM model_call WHERE outcome <> 'running'"
        " OR begun_at < :lost ORDER BY begun_at DESC, call_id DESC LIMIT :failures)"
        " WHERE outcome IN ('failed', 'running')",
        {"lost": now - LOST_MS, "failures": BREAKER_FAILURES},
    )
    return max(ended for _, ended in found) + BREAKER_MS if len(found) == BREAKER_FAILURES else 0


def _count(connection: apsw.Connection, condition: str, value: int) -> int:
    return db.first(connection, f"SELECT count(*) FROM model_call WHERE {condition}", (value,))[0]


def refuse(connection: apsw.Connection, reason: str, now: int) -> None:
    """Count a call that a limit forbade."""
    connection.execute(
        "INSERT INTO model_refusal VALUES (?, 1, ?) ON CONFLICT DO UPDATE SET count = count + 1, last_at = ?",
        (reason, now, now),
    )


def begin(
    connection: apsw.Connection, session_id: int | None, purpose: str, target: bytes | None, model: str, tokens: int,
    now: int,
) -> int:  # fmt: skip
    """Count a call that is about to be made and return its row; the oldest beyond CALLS_MAX go."""
    connection.execute(
        "INSERT INTO model_call (session_id, purpose, target, model, begun_at, input_tokens) VALUES (?, ?, ?, ?, ?, ?)",
        (session_id, purpose, target, model, now, tokens),
    )
    call_id = connection.last_insert_rowid()
    connection.execute("DELETE FROM model_call WHERE call_id <= ?", (call_id - CALLS_MAX,))
    return call_id


def end(
    connection: apsw.Connection, call_id: int, outcome: str, tokens: tuple[int, int] | None, reason: str, now: int
) -> None:
    """Record how a call ended; without tokens the estimate stays."""
    told = wire.storable(reason[:REASON_CHARS])
    connection.execute(
        "UPDATE model_call SET outcome = ?, ended_at = ?, reason = ? WHERE call_id = ?", (outcome, now, told, call_id)
    )
    if tokens is not None:
        connection.execute(
            "UPDATE model_call SET input_tokens = ?, output_tokens = ? WHERE call_id = ?", (*tokens, call_id)
        )


def reject(connection: apsw.Connection, call_id: int, reason: str) -> None:
    """Record that what a call brought is of no use."""
    connection.execute(
        "UPDATE model_call SET outcome = 'rejected', reason = ? WHERE call_id = ?",
        (wire.storable(reason[:REASON_CHARS]), call_id),
    )


def given_up(connection: apsw.Connection, target: bytes) -> bool:
    """Tell whether improving a summary was tried often enough."""
    rejected, tried = db.first(
        connection,
        "SELECT count(*) FILTER (WHERE outcome = 'rejected'), count(*) FROM model_call WHERE target = ?",
        (target,),
    )
    return rejected >= REJECTIONS_MAX or tried >= TRIES_MAX


def totals(connection: apsw.Connection) -> dict[str, Any]:
    """Return calls, tokens and refusals so far, and why the latest call or refusal brought nothing."""
    calls, tokens = db.first(
        connection, "SELECT count(*), coalesce(sum(input_tokens + output_tokens), 0) FROM model_call"
    )
    (refused,) = db.first(connection, "SELECT coalesce(sum(count), 0) FROM model_refusal")
    latest = db.first(
        connection,
        "SELECT reason FROM (SELECT reason, begun_at AS at FROM model_call WHERE reason <> ''"
        " UNION ALL SELECT reason, last_at FROM model_refusal) ORDER BY at DESC LIMIT 1",
    )
    return {"calls": calls, "tokens": tokens, "refused": refused, "last_reason": latest[0] if latest else None}
