"""Give a server back what it lost with a restore and its author never sends again: this store pulled it before.

It is written as who said it, which no member may do: the role that set the team up does, and believes this store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import apsw

from codememory.errors import TeamError
from codememory.store import team as store
from codememory.store import team_log
from codememory.team import events
from codememory.team.server import connecting, giving_back, log

if TYPE_CHECKING:
    from codememory.team.server.connecting import Connection
    from codememory.team.server.log import Machine, Row

DIFFERENT = "the server has other events of this machine"
FORGOTTEN = "what follows was forgotten here: give it back from another store"


class Lack(NamedTuple):
    """A machine of which the server has less than this store."""

    machine: bytes
    events: int


class Given(NamedTuple):
    """What was given back of a machine, and why not everything was, '' if it was."""

    author: str
    machine: bytes
    events: int
    why: str


def lacking(listed: list[Machine], vector: dict[bytes, int], own: bytes) -> list[Lack]:
    """Return the machines of which a server has less than is known here; one's own sends again by itself."""
    held = {one.machine: one.last for one in listed}
    behind = {machine: last - held.get(machine, 0) for machine, last in vector.items() if machine != own}
    return [Lack(machine, count) for machine, count in sorted(behind.items()) if count > 0]


def repair(connection: apsw.Connection, shared: store.Shared, *, dry_run: bool) -> list[Given]:
    """Give back what this store holds of a project and the server lacks; with `dry_run` only say what that is.

    Raises:
        TeamError: The server cannot be used, or the role may not write as team_log.

    """
    with connecting.connected() as server:
        if not giving_back.may(server):
            raise TeamError("Only the role that set the team up (`team init`) may write as team_log.")
        vector = store.vector(connection, shared.project_id)
        found = lacking(log.machines(server, shared.shared), vector, b"")
        with server.transaction(force_rollback=dry_run):
            giving_back.put_project(server, shared.team, shared.shared, shared.name)
            given = [_give_back(connection, server, shared, lack.machine) for lack in found]
        if not dry_run:
            log.ring(server, shared.shared)
    return given


def _give_back(connection: apsw.Connection, server: Connection, shared: store.Shared, machine: bytes) -> Given:
    project_id = shared.project_id
    author = team_log.author_of_machine(connection, project_id, machine)
    number, stamp = giving_back.last_of(server, shared.shared, machine, author)
    known = team_log.events_of_machine(connection, project_id, machine, number - 1, 1) if number > 0 else []
    if number < 0 or (known and known[0][2] != stamp):
        return Given(author, machine, 0, DIFFERENT)
    done = 0
    while rows := team_log.events_of_machine(connection, project_id, machine, number, log.PAGE_EVENTS):
        whole = _remembered(connection, project_id, rows)
        if whole:
            giving_back.append(server, shared.shared, machine, author, whole)
            done, number = done + len(whole), whole[-1][1]
        if len(whole) < len(rows):
            return Given(author, machine, done, FORGOTTEN)
    return Given(author, machine, done, "")


def _remembered(connection: apsw.Connection, project_id: int, rows: list[Row]) -> list[Row]:
    """Return the events before the first that is empty without its author having withdrawn it."""
    for place, (_, _, stamp, author, kind, node, _, payload) in enumerate(rows):
        if kind == events.GONE or payload:
            continue
        if team_log.withdrawn_at(connection, project_id, node, author) < stamp:
            return rows[:place]
    return rows
