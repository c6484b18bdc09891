"""Check that what is stored is whole, and that hooks really fire."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from time import time
from typing import Any

import apsw

from codememory import db, overview
from codememory.explore import shapes
from codememory.store import counters, laws, scope, summaries

WAL_BYTES_MAX = 8_000_000
BACKUP_PAGES = 4_096
EXPECTED_EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop")

Result = tuple[bool, str]


def examine(connection: apsw.Connection) -> dict[str, Any]:
    """Return `{ok, checks[{name, ok, detail, repairable}]}`."""
    found = []
    for name, check in CHECKS:
        try:
            passed, detail = check(connection)
        except apsw.Error as error:
            passed, detail = False, f"could not be checked: {error}"
        found.append({"name": name, "ok": passed, "detail": detail, "repairable": name in REPAIRS})
    return {"ok": all(one["ok"] for one in found), "checks": found}


def repair(connection: apsw.Connection) -> tuple[str, list[str]]:
    """Repair what can be, behind a backup beside the database; return its path ('' if nothing was to do) and what for.

    Raises:
        apsw.Error: The backup could not be written; then nothing was touched.

    """
    broken = [one["name"] for one in examine(connection)["checks"] if one["repairable"] and not one["ok"]]
    if not broken:
        return "", []
    path = _backed_up(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for name in broken:
            REPAIRS[name](connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return path, broken


def _backed_up(connection: apsw.Connection) -> str:
    """Copy the database through SQLite to a name of its own beside it, readable by its owner only."""
    stem, extension = os.path.splitext(connection.filename)
    path = f"{stem}-before-repair-{int(time() * 1000)}{extension}"
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    copy = apsw.Connection(path)
    try:
        with copy.backup("main", connection, "main") as running:
            while not running.done:
                running.step(BACKUP_PAGES)
    finally:
        copy.close()
    return path


def _repair_summaries(connection: apsw.Connection) -> None:
    """Take away the summaries of each session that breaks a law: they are made anew, and no message is lost."""
    for session_id in laws.unsound_sessions(connection):
        laws.drop(connection, session_id)


def _structure(connection: apsw.Connection) -> Result:
    wrong = scope.quick_check(connection)
    return not wrong, "; ".join(wrong[:3]) or "SQLite finds the file sound"


def _links(connection: apsw.Connection) -> Result:
    broken = scope.foreign_key_errors(connection)
    homeless, dangling = scope.count_orphans(connection)
    passed = not (broken or homeless or dangling)
    return passed, (
        "every row's links lead somewhere"
        if passed
        else f"{broken} rows point nowhere, {homeless} messages are in no session, {dangling} places are empty"
    )


def _index(connection: apsw.Connection) -> Result:
    wanted, held = scope.count_indexed(connection)
    return held <= wanted, f"{held} of {wanted} searchable messages hold text"


def _ingest(connection: apsw.Connection) -> Result:
    behind = overview.behind_bytes(connection)
    files, lines, broken, _ = scope.line_counts(connection)
    detail = f"{lines} lines of {files} transcripts, {broken} of them broken, {behind} bytes not yet taken in"
    return True, detail


def _permissions(connection: apsw.Connection) -> Result:
    open_to_others = [
        path
        for path in (connection.filename + suffix for suffix in ("", "-wal", "-shm"))
        if os.path.exists(path) and os.name == "posix" and stat.S_IMODE(os.stat(path).st_mode) & 0o077
    ]
    return not open_to_others, (
        "only you can read the database" if not open_to_others else f"others can read {', '.join(open_to_others)}"
    )


def _wal(connection: apsw.Connection) -> Result:
    size = db.wal_bytes(connection.filename)
    return size <= WAL_BYTES_MAX, f"the write-ahead log holds {size} bytes"


def _hooks(connection: apsw.Connection) -> Result:
    known = counters.hooks(connection)
    if not known:
        return True, "no hook has run yet: start a session of the client with the plugin installed"
    silent = [event for event in EXPECTED_EVENTS if event not in known]
    return True, f"never fired: {', '.join(silent)}" if silent else "every expected event has fired"


def _problems(connection: apsw.Connection) -> Result:
    latest = counters.problems(connection, 1)
    if not latest:
        return True, "nothing went wrong"
    at, place, sentence = latest[0]
    return True, f"last at {shapes.moment(at)} in {place}: {sentence}"


def _summaries(connection: apsw.Connection) -> Result:
    broken = {law: count for law, count in laws.unsound(connection).items() if count}
    total = summaries.count(connection)
    return not broken, "; ".join(f"{count} {law}" for law, count in broken.items()) or f"{total} summaries, all sound"


REPAIRS: dict[str, Callable[[apsw.Connection], None]] = {"summaries": _repair_summaries}
"""Check → what puts it right."""

CHECKS: tuple[tuple[str, Callable[[apsw.Connection], Result]], ...] = (
    ("structure", _structure),
    ("links", _links),
    ("index", _index),
    ("summaries", _summaries),
    ("ingest", _ingest),
    ("permissions", _permissions),
    ("wal", _wal),
    ("hooks", _hooks),
    ("problems", _problems),
)
