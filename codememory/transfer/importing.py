"""Take in the lines of an export: what is here already stays or is merged, so the same lines twice change nothing.

Lines are taken in transactions of many, each leaving a sound store; a killed import goes on when it is run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from time import time
from typing import Any

import apsw

from codememory import config, db
from codememory.errors import TransferError
from codememory.store import laws
from codememory.transfer import history, lines, lives, naming, taking

BATCH_LINES, BATCH_BYTES = 500, 2_000_000
"""What one transaction takes in; other processes wait for its lock that long."""

LINE_BYTES_MAX = 256_000_000
PROBLEMS_MAX = 20

TAKERS: dict[type, Callable[[taking.Taking, Any], str]] = {
    lines.Tombstone: lives.take_tombstone,
    lines.Project: history.take_project,
    lines.Session: history.take_session,
    lines.Transcript: history.take_transcript,
    lines.Message: history.take_message,
    lines.Member: history.take_member,
    lines.Call: history.take_call,
    lines.Delegation: history.take_delegation,
    lines.Summaries: history.take_summaries,
    lines.Node: lives.take_node,
    lines.Occurrence: lives.take_occurrence,
    lines.Relation: lives.take_relation,
    lines.Pending: lives.take_pending,
}
"""Type of line → what takes it in and returns what became of it; it raises ValueError for one that cannot be."""


class Done:
    """What an import did, by type of line."""

    def __init__(self) -> None:
        self.lines = self.skipped = 0
        self.counts: dict[str, Counter[str]] = {kind: Counter() for kind in taking.OUTCOMES}
        self.problems: list[str] = []
        self.whole = False

    def add(self, other: Done) -> None:
        """Add what another import did."""
        self.lines += other.lines
        self.skipped += other.skipped
        self.problems += other.problems
        for kind, found in other.counts.items():
            self.counts[kind].update(found)

    def refuse(self, where: str, error: object) -> None:
        """Count a line that was skipped, and keep why."""
        self.skipped += 1
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(f"{where}: {error}")


def imported(
    connection: apsw.Connection, name: str, file: Iterable[bytes], advance: Callable[[int], None] = lambda size: None
) -> Done:
    """Take in the lines of an export; `advance` is told of the bytes done.

    Raises:
        TransferError: The file is no export, or was written by a later version.

    """
    done = Done()
    store = taking.Taking(connection, int(time() * 1000), bool(config.setting("REDACT")))
    numbered = enumerate(file, 1)
    _require_header(name, next(numbered, (0, b""))[1])
    naming.name_by_remotes(connection)
    lives.settle_all(connection)
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, data in numbered:
        batch.append((number, data))
        size += len(data)
        if len(batch) >= BATCH_LINES or size >= BATCH_BYTES:
            _take_batch(store, name, batch, done)
            advance(size)
            batch, size = [], 0
    _take_batch(store, name, batch, done)
    advance(size)
    if not done.whole:
        done.problems.append(f"{name} was cut off: it has no end line. Everything before was taken in.")
    return done


def _require_header(name: str, data: bytes) -> None:
    try:
        found = lines.read(data)
    except ValueError:
        found = None
    if not isinstance(found, lines.Header) or found.format != lines.FORMAT:
        raise TransferError(f"{name} is no export of CodeMemory: its first line does not say so.")
    if found.version > lines.VERSION:
        raise TransferError(
            f"{name} was written by a later CodeMemory ({found.program}, format {found.version}): update this one."
        )


def _take_batch(store: taking.Taking, name: str, batch: list[tuple[int, bytes]], done: Done) -> None:
    """Take in some lines, in as many transactions as those leave who wait for their turn."""
    while batch:
        batch = batch[_take_some(store, name, batch, done) :]
        db.give_way(store.connection)


def _take_some(store: taking.Taking, name: str, batch: list[tuple[int, bytes]], done: Done) -> int:
    """Take in lines in one transaction and return how many: all that can be, or on an error of the database none."""
    connection = store.connection
    before = done.lines, done.skipped, {kind: found.copy() for kind, found in done.counts.items()}
    db.begin(connection)
    is_due = db.due(connection)
    taken = 0
    try:
        for number, data in batch:
            if taken and is_due():
                break
            taken += 1
            _take(store, f"line {number} of {name}", data, done)
        for session_id in store.touched:
            laws.recount_open(connection, session_id)
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        done.lines, done.skipped, done.counts = before
        raise
    store.touched.clear()
    db.shorten_wal(connection, db.WAL_BYTES_MAX)
    return taken


def _take(store: taking.Taking, where: str, data: bytes, done: Done) -> None:
    if not data.strip():
        return
    done.lines += 1
    if len(data) > LINE_BYTES_MAX:
        done.refuse(where, f"it is longer than {LINE_BYTES_MAX} bytes")
        return
    store.connection.execute("SAVEPOINT line")
    try:
        line = lines.read(data)
        if isinstance(line, lines.End):
            done.whole = True
        elif not isinstance(line, lines.Header):
            done.counts[TAKERS[type(line)](store, line)][type(line).__name__.lower()] += 1
    except (ValueError, apsw.ConstraintError) as error:
        store.connection.execute("ROLLBACK TO line")
        done.refuse(where, error)
    store.connection.execute("RELEASE line")
