"""The log on the server: push own events, pull what is not known here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from codememory.team.server.schema import PAYLOAD_BYTES_MAX

if TYPE_CHECKING:
    from codememory.team.server.connecting import Connection

PAGE_EVENTS = 1_000
"""Events of one statement and of one transaction here."""

Row = tuple[Any, ...]


class Project(NamedTuple):
    """A project as the server knows it."""

    shared: bytes
    name: str
    team: str
    aliases: list[tuple[str, str]]


class Machine(NamedTuple):
    """A machine of a project."""

    machine: bytes
    author: str
    last: int
    pushed_at: int


class AnotherError(Exception):
    """The server has other events of this number: a copy of this store pushed before."""


def who_and_when(connection: Connection) -> tuple[str, int]:
    """Return the role that is written as, and the server's time."""
    row = _one(connection.execute("SELECT session_user::text, (extract(epoch FROM now()) * 1000)::bigint"))
    return str(row[0]), int(row[1])


def teams(connection: Connection) -> dict[str, int]:
    """Return the teams that the role is a member of."""
    return {str(name): int(key) for name, key in connection.execute("SELECT name, team_id FROM codememory.team")}


def projects(connection: Connection, team: str) -> list[Project]:
    """Return the projects of a team."""
    found = connection.execute(
        "SELECT p.project, p.name, coalesce(array_agg(a.kind || ' ' || a.value ORDER BY a.kind, a.value)"
        " FILTER (WHERE a.kind IS NOT NULL), ARRAY[]::text[]) FROM codememory.project p"
        " JOIN codememory.team t ON t.team_id = p.team_id"
        " LEFT JOIN codememory.project_alias a ON a.project = p.project WHERE t.name = %s"
        " GROUP BY p.project, p.name ORDER BY p.name LIMIT 10000",
        (team,),
    )
    return [
        Project(shared.bytes, name, team, [(kind, value) for kind, _, value in (one.partition(" ") for one in aliases)])
        for shared, name, aliases in found
    ]


def add_project(connection: Connection, team: str, project: Project) -> None:
    """Make a project known to a team, or known by more names; a name that is taken stays where it is."""
    key = UUID(bytes=project.shared)
    connection.execute(
        "INSERT INTO codememory.project (project, team_id, name) SELECT %s, team_id, %s FROM codememory.team"
        " WHERE name = %s ON CONFLICT (project) DO NOTHING",
        (key, project.name, team),
    )
    for kind, value in project.aliases:
        connection.execute(
            "INSERT INTO codememory.project_alias (team_id, kind, value, project) SELECT team_id, %s, %s, %s"
            " FROM codememory.team WHERE name = %s ON CONFLICT (team_id, kind, value) DO NOTHING",
            (kind, value, key, team),
        )


def machines(connection: Connection, shared: bytes) -> list[Machine]:
    """Return the machines of a project."""
    found = connection.execute(
        "SELECT machine, author, last, (extract(epoch FROM pushed_at) * 1000)::bigint FROM codememory.machine"
        " WHERE project = %s ORDER BY author, machine",
        (UUID(bytes=shared),),
    )
    return [Machine(machine.bytes, author, last, pushed_at) for machine, author, last, pushed_at in found]


def shown(connection: Connection, listed: list[bytes]) -> set[bytes]:
    """Return those of some projects that the server has and shows."""
    keys = [UUID(bytes=one) for one in listed]
    found = connection.execute("SELECT project FROM codememory.project WHERE project = ANY (%s)", (keys,))
    return {project.bytes for (project,) in found}


def token(connection: Connection, shared: bytes) -> str:
    """Return what changes whenever something is pushed."""
    row = connection.execute(
        "SELECT token FROM codememory.project WHERE project = %s", (UUID(bytes=shared),)
    ).fetchone()
    return str(row[0]) if row else ""


def pulled(
    connection: Connection, shared: bytes, listed: list[Machine], vector: dict[bytes, int], until: int
) -> Iterator[list[Row]]:
    """Yield the events of machines that are not known here, machine by machine without a gap, in pages.

    A machine is read up to an event whose stamp is later than `until`, which no honest server takes in. Everything is
    read out of one snapshot, so that it is what the token stood for that was read before.
    """
    for one in listed:
        after = vector.get(one.machine, 0)
        while after < one.last:
            rows = connection.execute(
                "SELECT machine, number, stamp, author, kind, node, other, payload FROM codememory.event"
                " WHERE project = %s AND machine = %s AND number > %s ORDER BY number LIMIT %s",
                (UUID(bytes=shared), UUID(bytes=one.machine), after, PAGE_EVENTS),
                binary=True,
            ).fetchall()
            page = _whole(rows, one, after, until)
            if not page:
                break
            after += len(page)
            yield page


def _whole(rows: list[Row], one: Machine, after: int, until: int) -> list[Row]:
    """Return the events of a page that follow each other and are what was asked for."""
    page: list[Row] = []
    for key, number, stamp, author, kind, node, other, payload in rows[:PAGE_EVENTS]:
        known = key.bytes == one.machine and author == one.author and number == after + len(page) + 1
        if not known or len(payload) > PAYLOAD_BYTES_MAX or not all(map(isinstance, (stamp, kind), (int, str))):
            break
        if stamp > until:
            break
        page.append((key.bytes, number, stamp, author, kind, bytes(node), bytes(other), payload))
    return page


def last_of(connection: Connection, shared: bytes, machine: bytes) -> int:
    """Return the number of the last event that the server has of a machine; until the transaction's end it stays so."""
    key = UUID(bytes=shared), UUID(bytes=machine)
    connection.execute(
        "INSERT INTO codememory.machine (project, machine, team_id) SELECT project, %s, team_id FROM codememory.project"
        " WHERE project = %s ON CONFLICT (project, machine) DO NOTHING",
        key[::-1],
    )
    row = connection.execute(
        "SELECT last FROM codememory.machine WHERE project = %s AND machine = %s AND author = session_user FOR UPDATE",
        key,
    ).fetchone()
    if row is None:
        raise AnotherError
    return int(row[0])


def stamps(connection: Connection, shared: bytes, machine: bytes, after: int) -> list[tuple[int, int]]:
    """Return (number, stamp) of a machine's events after one."""
    return connection.execute(
        "SELECT number, stamp FROM codememory.event WHERE project = %s AND machine = %s AND number > %s ORDER BY number"
        " LIMIT %s",
        (UUID(bytes=shared), UUID(bytes=machine), after, PAGE_EVENTS),
    ).fetchall()


def channel(shared: bytes) -> str:
    """Return where a push is told of: nobody can guess it who is not shown the project."""
    return f"codememory_{shared.hex()}"


def listen(connection: Connection, name: str) -> None:
    """Have what is rung on a channel told to this connection."""
    from psycopg import sql

    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(name)))


def ring(connection: Connection, shared: bytes) -> None:
    """Wake whoever watches a project, with no word of what there is; an engine without it is polled."""
    from psycopg import Error

    with suppress(Error):
        connection.execute("SELECT pg_notify(%s, '')", (channel(shared),))


def push(connection: Connection, shared: bytes, machine: bytes, rows: list[Row]) -> None:
    """Append events, which follow those that the server has, and empty what they withdraw: all, or nothing."""
    copy_in(connection, rows)
    key = {"project": UUID(bytes=shared), "machine": UUID(bytes=machine), "last": rows[-1][1]}
    connection.execute(
        "INSERT INTO codememory.event (project, machine, number, team_id, stamp, kind, node, other, payload)"
        " SELECT p.project, %(machine)s, i.number, p.team_id, i.stamp, i.kind, i.node, i.other, i.payload"
        " FROM codememory.project p CROSS JOIN pg_temp.incoming i WHERE p.project = %(project)s"
        " ON CONFLICT (project, machine, number) DO NOTHING",
        key,
    )
    if any(row[4] == "gone" for row in rows):
        connection.execute(
            "UPDATE codememory.event e SET payload = '' FROM pg_temp.incoming i WHERE i.kind = 'gone'"
            " AND e.project = %(project)s AND e.node = i.node AND e.author = session_user AND e.stamp < i.stamp"
            " AND e.kind <> 'gone' AND e.payload <> ''",
            key,
        )
    connection.execute(
        "UPDATE codememory.machine SET last = greatest(last, %(last)s), pushed_at = now() WHERE project = %(project)s"
        " AND machine = %(machine)s",
        key,
    )
    connection.execute("UPDATE codememory.project SET token = gen_random_uuid() WHERE project = %(project)s", key)


def copy_in(connection: Connection, rows: list[Row]) -> None:
    """Bring events into a table of this transaction."""
    connection.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS incoming (number bigint, stamp bigint, kind text, node bytea,"
        " other bytea, payload text) ON COMMIT DELETE ROWS"
    )
    with connection.cursor().copy("COPY pg_temp.incoming FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int8", "int8", "text", "bytea", "bytea", "text"])
        for _, number, stamp, _, kind, node, other, payload in rows:
            copy.write_row((number, stamp, kind, node, other, payload))


def _one(cursor: Any) -> Row:
    row: Row = cursor.fetchone()
    return row
