"""What hooks did and cost, and what went wrong."""

from __future__ import annotations

from codememory import db, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

PROBLEMS_MAX = 500
STEPS_PER_DOUBLING = 4
"""A duration class is a quarter of a doubling: percentiles are known within 19%."""

SMALLEST_MS = 1.0


def bucket_of(milliseconds: float) -> int:
    """Return the class of a duration."""
    bucket, bound = 0, SMALLEST_MS
    step = 2 ** (1 / STEPS_PER_DOUBLING)
    while milliseconds > bound and bucket < 80:
        bucket += 1
        bound *= step
    return bucket


def upper_ms(bucket: int) -> float:
    """Return the longest duration of a class."""
    return float(SMALLEST_MS * 2 ** (bucket / STEPS_PER_DOUBLING))


def count_hook(connection: apsw.Connection, event: str, milliseconds: float, failed: bool, at: int) -> None:
    """Count one run of a hook."""
    connection.execute(
        "INSERT INTO hook_counter VALUES (?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET count = count + 1,"
        " errors = errors + excluded.errors, last_at = excluded.last_at",
        (event, bucket_of(milliseconds), int(failed), at),
    )


def hooks(connection: apsw.Connection) -> dict[str, dict[str, float | int]]:
    """Return event → count, p50_ms, p95_ms, last_at, errors."""
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    for event, bucket, count, errors, last_at in connection.execute(
        "SELECT event, bucket, count, errors, last_at FROM hook_counter ORDER BY event, bucket"
    ):
        found.setdefault(event, []).append((bucket, count, errors, last_at))
    return {
        event: {
            "count": sum(row[1] for row in rows),
            "p50_ms": round(_percentile(rows, 0.50), 1),
            "p95_ms": round(_percentile(rows, 0.95), 1),
            "last_at": max(row[3] for row in rows),
            "errors": sum(row[2] for row in rows),
        }
        for event, rows in found.items()
    }


def _percentile(rows: list[tuple[int, int, int, int]], share: float) -> float:
    wanted = share * sum(row[1] for row in rows)
    passed = 0
    for bucket, count, _, _ in rows:
        passed += count
        if passed >= wanted:
            return upper_ms(bucket)
    return 0.0


def report_problem(connection: apsw.Connection, place: str, sentence: str, at: int) -> None:
    """Keep one sentence on what went wrong; the oldest beyond PROBLEMS_MAX go."""
    from codememory import redact  # an error can quote what it stumbled over

    sentence = wire.storable(redact.kept(sentence)[:500])
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (?, ?, ?)", (at, place, sentence))
    connection.execute("DELETE FROM problem WHERE problem_id <= last_insert_rowid() - ?", (PROBLEMS_MAX,))


def problems(connection: apsw.Connection, limit: int) -> list[tuple[int, str, str]]:
    """Return (time, place, sentence), newest first."""
    return db.rows(connection, "SELECT at, place, sentence FROM problem ORDER BY problem_id DESC LIMIT ?", (limit,))
