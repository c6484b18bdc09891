"""Check that what is stored is whole and that the hooks really fire; put right what can be."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import time
from typing import Any

import apsw

from codememory import config, db, faults, salvage
from codememory.errors import CodeMemoryError, DamagedError, GarbageError
from codememory.health import capture, file, index, lines
from codememory.health.finding import Check, Finding

BACKUP_PAGES = 4_096
Advance = Callable[[int, int], None]

CHECKS = (
    Check("structure", file.structure),
    Check("set aside", file.damaged_files, file.recover),
    Check("links", file.links, file.mend_links),
    Check("contents", file.contents, file.read_contents_again),
    Check("index", index.look, index.fill),
    Check("summaries", file.dag, file.drop_unsound),
    Check("ingest", capture.ingest, capture.backfill_all),
    Check("lines", lines.look, lines.read_again),
    Check("storing", capture.storing),
    Check("hooks", capture.hooks),
    Check("wiring", capture.wiring),
    Check("permissions", file.permissions, file.make_private),
    Check("place", file.place),
    Check("limits", file.limits, file.take_long_lines),
    Check("wal", file.wal, file.shorten_wal),
    Check("clock", file.clock),
    Check("problems", file.problems),
)


def checks(scan: Advance | None) -> tuple[Check, ...]:
    """Return what is checked; looking through every text for secrets takes time and is done only when asked for.

    `scan` asks for it, and is told of (rows done, all rows).
    """
    if scan is None:
        return CHECKS
    from codememory import secrets_scan

    return (*CHECKS, secrets_scan.check(scan))


def examine(connection: apsw.Connection, *, scan: Advance | None = None) -> dict[str, Any]:
    """Return `{ok, checks[{name, ok, detail, repairable}]}`."""
    found = []
    for check in checks(scan):
        looked = _looked(check, connection)
        repairable = check.repair is not None
        found.append({"name": check.name, "ok": looked.ok, "detail": looked.detail, "repairable": repairable})
    return {"ok": all(one["ok"] for one in found), "checks": found}


def _looked(check: Check, connection: apsw.Connection) -> Finding:
    try:
        return check.look(connection)
    except (apsw.Error, CodeMemoryError, OSError) as error:
        return Finding(False, f"could not be checked: {faults.reason(error, connection.filename) or error}")


def opened() -> tuple[apsw.Connection, list[str]]:
    """Open the database for a repair; one that cannot be used is set aside first. Return it and what was set aside.

    Raises:
        DatabaseError: It cannot be opened for another reason.

    """
    path = config.database_path()
    try:
        connection = db.connect(path)
        if not _is_structurally_broken(connection):
            return connection, []
        connection.close()
    except (DamagedError, GarbageError):
        pass
    aside = [name for one in salvage.places(path) if (name := salvage.set_aside(one, patient=True))]
    return db.connect(path), aside


def _is_structurally_broken(connection: apsw.Connection) -> bool:
    """Tell whether SQLite finds the file itself unsound; what is wrong with an index alone can be made anew."""
    found = _looked(Check("structure", file.structure), connection)
    return not found.ok and "inverted index" not in found.detail


def repair(connection: apsw.Connection, *, scan: Advance | None = None) -> tuple[str, list[str]]:
    """Repair what can be, behind a backup beside the database; return its path ('' if nothing was to do) and what for.

    Raises:
        apsw.Error: The backup could not be written; then nothing was touched.

    """
    broken = [check for check in checks(scan) if check.repair and not _looked(check, connection).ok]
    if not broken:
        return "", []
    path = _backed_up(connection)
    for check in broken:
        if check.repair:
            check.repair(connection)
    return path, [check.name for check in broken]


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
