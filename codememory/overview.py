"""Health at a glance: what is stored, how far ingest has come, what hooks did, what was said."""

from __future__ import annotations

import os
from time import time
from typing import Any

import apsw

from codememory import __version__, config, db
from codememory.explore import shapes
from codememory.schema import VERSION_STEP
from codememory.store import counters, guards, health, ledger, memories, scope, spending, summaries, team, transcripts


def overview(connection: apsw.Connection, settings: dict[str, Any], project_id: int | None) -> dict[str, Any]:
    """Return the document of `status --json`."""
    path = connection.filename
    version = connection.pragma("user_version")
    files, lines, broken, rewrites = scope.line_counts(connection)
    said = ledger.totals(connection)
    return {
        "version": __version__,
        "database": {
            "path": path,
            "bytes": sum(size_of(path + suffix) for suffix in ("", "-wal", "-shm")),
            "bytes_by": _bytes_by(connection),
            "schema_version": f"{version // VERSION_STEP}.{version % VERSION_STEP}",
            "foreign": config.database_path() if path == db.sibling(config.database_path()) else None,
            "wal_bytes": db.wal_bytes(path),
        },
        "counts": {
            "sessions": scope.count_sessions(connection),
            "messages": scope.count_messages(connection),
            "summaries": summaries.count(connection),
            "nodes": _nodes(connection),
        },
        "ingest": {
            "transcripts": files,
            "lines": lines,
            "broken_lines": broken,
            "rewrites": rewrites,
            "behind_bytes": behind_bytes(connection),
        },
        "hooks": {
            event: {**found, "last_at": shapes.moment(int(found["last_at"]))}
            for event, found in counters.hooks(connection).items()
        },
        "dag": {"depth": summaries.depth(connection)},
        "guard": _guard(connection),
        "llm": _llm(connection),
        "team": _team(connection),
        "injected": {
            "count": said.count,
            "tokens": said.tokens,
            "repeats": said.repeats,
            "again": said.again,
            "confirmed": said.confirmed,
            "unconfirmed": said.unconfirmed,
        },
        "session": os.environ.get("CLAUDE_CODE_SESSION_ID") or scope.latest_session(connection, project_id),
        "warnings": _warnings(connection),
        "problems": [
            {"at": shapes.moment(at), "place": place, "sentence": sentence}
            for at, place, sentence in counters.problems(connection, 5)
        ],
        "configuration": {config.SETTINGS[name].variable: value for name, value in settings.items()},
    }


def _warnings(connection: apsw.Connection) -> list[str]:
    """Return what is wrong with the capture right now, as `doctor` finds it."""
    from codememory.health import capture, file

    looks = (capture.storing, capture.ingest, capture.wiring, file.damaged_files)
    return [found.detail for look in looks if not (found := look(connection)).ok]


def _bytes_by(connection: apsw.Connection) -> dict[str, int]:
    found = health.bytes_by(connection)
    found["other"] += size_of(connection.filename + "-wal") + size_of(connection.filename + "-shm")
    return found


def _guard(connection: apsw.Connection) -> dict[str, Any]:
    """Return how often the guard spoke up, and how often it was right where the command was run all the same."""
    acted, ended, failed = guards.record(connection)
    return {"acted": acted, "ended": ended, "precision": round(failed / ended, 3) if ended else None}


def _llm(connection: apsw.Connection) -> dict[str, Any]:
    """Return what calls of a model cost, whether the breaker forbids them, and why the latest one brought nothing."""
    until = spending.breaker_until(connection, now := int(time() * 1000))
    return {**spending.totals(connection), "breaker": "open" if until > now else "closed"}


def _team(connection: apsw.Connection) -> dict[str, Any]:
    """Return how many projects are shared, and how the server last answered."""
    _, done_at, failed, sentence = team.server(connection)
    answered = shapes.moment(done_at) if done_at else None
    return {"projects": len(team.joined(connection)), "done_at": answered, "failures": failed, "sentence": sentence}


def behind_bytes(connection: apsw.Connection) -> int:
    """Return how many bytes transcripts are ahead of their cursors; one that was never taken in, all of its own."""
    from codememory import backfill

    offsets = dict.fromkeys(backfill.files_of([]), 0) | dict(transcripts.all_positions(connection))
    return sum(max(0, size_of(path) - offset) for path, offset in offsets.items())


def size_of(path: str) -> int:
    """Return a file's size, 0 if there is none."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _nodes(connection: apsw.Connection) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for kind, status, count in memories.counts(connection):
        found.setdefault(kind, {})[status] = count
    return found
