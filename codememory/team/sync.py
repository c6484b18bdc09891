"""Exchange events with the server: pull, say what is new here, push; each step is whole or was not."""

from __future__ import annotations

import os
from time import time
from typing import TYPE_CHECKING, Any

import apsw

from codememory import db
from codememory.budget import Deadline
from codememory.errors import TeamError
from codememory.store import team as store
from codememory.team import clock, repairing, sharing, taking
from codememory.team.events import NUMBER_MAX, Event
from codememory.team.server import connecting, log

if TYPE_CHECKING:
    from codememory.team.server.connecting import Connection

PULLED_MAX = 200_000
"""Events of one run; the next one goes on."""

EVENTS_MAX = 5_000_000
"""Events of one project in a store; whoever says more than that to everyone means no good."""

COPIES_MAX = 3
"""Times in one run that somebody else turns out to write under this store's name."""


class Done:
    """What a run did in one project; nothing in one that the server does not show."""

    def __init__(self, shared: store.Shared, shown: bool) -> None:
        self.name, self.team, self.shown = shared.name, shared.team, shown
        self.pulled = self.pushed = self.written = self.removed = self.waiting = self.lacking = 0
        self.whole = True

    def shape(self) -> dict[str, Any]:
        """Return it as JSON."""
        return vars(self)


def run(connection: apsw.Connection, deadline: Deadline, *, pull: bool = True, push: bool = True) -> list[Done]:
    """Exchange events for every project that is shared, and record how that went.

    Raises:
        TeamError: The server cannot be used; what was exchanged before stays.

    """
    done: list[Done] = []
    try:
        with connecting.connected() as server:
            author = _author(server)
            listed = store.joined(connection)
            shown = log.shown(server, [one.shared for one in listed])
            for shared in listed:
                done.append(Done(shared, shared.shared in shown))
                if not done[-1].shown:
                    continue  # its team may be on another server
                if shared.author != author:
                    _write_as(connection, shared, author)
                if pull:
                    _pull(connection, server, shared, done[-1], deadline)
                if push:
                    _collect(connection, shared)
                    _push(connection, server, shared, done[-1], deadline)
                if done[-1].pushed:
                    log.ring(server, shared.shared)
            if done and not shown:
                names = ", ".join(one.name for one in done)
                raise TeamError(f"The server shows no project {names} to {author}: was the role taken out of the team?")
    except TeamError as error:
        store.note_server(connection, int(time() * 1000), str(error))
        raise
    store.note_server(connection, int(time() * 1000), "")
    db.shorten_wal(connection, db.WAL_BYTES_MAX)
    return done


def _author(server: Connection) -> str:
    """Return the role that is written as, if time is the same here as there.

    Raises:
        TeamError: What was said now would be in the future for ever, or what is said there.

    """
    author, server_ms = log.who_and_when(server)
    ahead = int(time() * 1000) - server_ms
    if abs(ahead) > clock.DRIFT_MS_MAX:
        hours = f"{abs(ahead) // 3_600_000:,} hours {'ahead of' if ahead > 0 else 'behind'}"
        raise TeamError(f"This machine's clock is {hours} the server's: set the one that is wrong.")
    return author


def planned(connection: apsw.Connection, shared: store.Shared) -> sharing.Sharing:
    """Return what a push would send next, and what it would keep back; nothing is written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = sharing.collected(connection, shared, int(time() * 1000))
        waiting = store.own_events(connection, shared, shared.pushed, NUMBER_MAX)
        found.made[:0] = [Event(*row) for row in waiting]
        return found
    finally:
        db.roll_back(connection)


def _pull(
    connection: apsw.Connection, server: Connection, shared: store.Shared, done: Done, deadline: Deadline
) -> None:
    with server.transaction():
        server.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        token = log.token(server, shared.shared)
        if token == shared.token:
            return
        batch: list[log.Row] = []
        vector = store.vector(connection, shared.project_id)
        if sum(vector.values()) > EVENTS_MAX:
            raise TeamError(f"The log of {shared.name} holds more than {EVENTS_MAX} events: nothing more is taken in.")
        listed = log.machines(server, shared.shared)
        done.lacking = sum(lack.events for lack in repairing.lacking(listed, vector, shared.machine))
        until = (int(time() * 1000) + 2 * clock.DRIFT_MS_MAX) << clock.COUNTER_BITS
        for page in log.pulled(server, shared.shared, listed, vector, until):
            batch += page
            if len(batch) >= log.PAGE_EVENTS:
                _take(connection, shared, done, batch)
                batch = []
            if deadline.passed() or done.pulled >= PULLED_MAX:
                done.whole = False
                break
        _take(connection, shared, done, batch)
    if not done.whole:
        return
    shared.token = "" if done.lacking else token  # until it has them again, each exchange looks
    store.note_progress(connection, shared)


def _take(connection: apsw.Connection, shared: store.Shared, done: Done, batch: list[log.Row]) -> None:
    with db_transaction(connection):
        done.pulled += store.append(connection, shared.project_id, batch)
        names = taking.with_waiting(connection, shared, {row[5] for row in batch})
        _count(done, taking.take(connection, shared, names, int(time() * 1000)))


def _collect(connection: apsw.Connection, shared: store.Shared) -> None:
    """Write down as events what is new here; only then it can be sent."""
    now = int(time() * 1000)
    with db_transaction(connection):
        made = sharing.collected(connection, shared, now).made
        if made and made[-1].number > NUMBER_MAX:
            raise TeamError(f"This machine has told the team {NUMBER_MAX} things of {shared.name}, which is the most.")
        store.append(connection, shared.project_id, [tuple(one) for one in made])
        taking.take(connection, shared, {one.node for one in made}, now)
        store.note_progress(connection, shared)


def _push(
    connection: apsw.Connection, server: Connection, shared: store.Shared, done: Done, deadline: Deadline
) -> None:
    copies = 0
    while not deadline.passed():
        try:
            sent = _push_page(connection, server, shared)
        except log.AnotherError:
            copies += 1
            if copies > COPIES_MAX:
                raise TeamError("The server holds other events under this machine's name, again and again.") from None
            _write_as(connection, shared, shared.author)
            continue
        if not sent:
            return
        done.pushed += sent
    done.whole = False


def _push_page(connection: apsw.Connection, server: Connection, shared: store.Shared) -> int:
    """Send the next events in one transaction; return how many.

    The server may have more than is known to have arrived (this process was killed), or less (it was restored from a
    backup): what it says itself counts.
    """
    with server.transaction():
        last = log.last_of(server, shared.shared, shared.machine)
        known = min(shared.pushed, last)
        while known < last:
            held = log.stamps(server, shared.shared, shared.machine, known)
            own = [(row[1], row[2]) for row in store.own_events(connection, shared, known, len(held))]
            if not held or held != own:
                raise log.AnotherError
            known = held[-1][0]
        rows = store.own_events(connection, shared, last, log.PAGE_EVENTS)
        if rows:
            log.push(server, shared.shared, shared.machine, rows)
    pushed = rows[-1][1] if rows else last
    if pushed != shared.pushed:
        shared.pushed = pushed
        store.note_progress(connection, shared)
    return len(rows)


def _write_as(connection: apsw.Connection, shared: store.Shared, author: str) -> None:
    """Go on under another machine's name: this store is a copy of another one, or its role is another."""
    machine = os.urandom(16)
    with db_transaction(connection):
        shared.author = author
        store.rename_machine(connection, shared, machine, shared.pushed)
        shared.machine, shared.pushed, shared.token = machine, 0, ""
        store.note_progress(connection, shared)


def _count(done: Done, taken: taking.Taken) -> None:
    done.written += taken.written
    done.removed += taken.removed
    done.waiting += taken.waiting


class db_transaction:  # noqa: N801 - reads as a statement
    """Write as a whole or not at all, the lock taken at the beginning."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def __enter__(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind:
            db.roll_back(self.connection)
        else:
            self.connection.execute("COMMIT")
