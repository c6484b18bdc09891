"""Write what a server lost as who had written it: for the role alone that set the tables up."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from codememory.team.server import log

if TYPE_CHECKING:
    from codememory.team.server.connecting import Connection
    from codememory.team.server.log import Row


def may(connection: Connection) -> bool:
    """Tell whether the role may write as others."""
    row = connection.execute(
        "SELECT pg_has_role(session_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'codememory.event'::regclass"
    ).fetchone()
    return bool(row and row[0])


def put_project(connection: Connection, team: str, shared: bytes, name: str) -> None:
    """Make a project known again under its own id."""
    connection.execute(
        "INSERT INTO codememory.project (project, team_id, name) SELECT %s, team_id, %s FROM codememory.team"
        " WHERE name = %s ON CONFLICT (project) DO NOTHING",
        (UUID(bytes=shared), name, team),
    )


def last_of(connection: Connection, shared: bytes, machine: bytes, author: str) -> tuple[int, int]:
    """Return (number, stamp) of the last event of an author's machine, which is made known; locked until the end.

    (-1, 0) stands for a machine that is somebody else's there.
    """
    key = {"project": UUID(bytes=shared), "machine": UUID(bytes=machine), "author": author}
    connection.execute(
        "INSERT INTO codememory.machine (project, machine, team_id, author) SELECT project, %(machine)s, team_id,"
        " %(author)s FROM codememory.project WHERE project = %(project)s ON CONFLICT (project, machine) DO NOTHING",
        key,
    )
    row = connection.execute(
        "SELECT last FROM codememory.machine WHERE project = %(project)s AND machine = %(machine)s"
        " AND author = %(author)s FOR UPDATE",
        key,
    ).fetchone()
    if row is None:
        return -1, 0
    held = log.stamps(connection, shared, machine, int(row[0]) - 1)
    return int(row[0]), held[0][1] if held else 0


def append(connection: Connection, shared: bytes, machine: bytes, author: str, rows: list[Row]) -> None:
    """Append events as their author, behind those that the server has, and empty what they withdraw."""
    log.copy_in(connection, rows)
    key = {
        "project": UUID(bytes=shared), "machine": UUID(bytes=machine), "author": author, "last": rows[-1][1],
    }  # fmt: skip
    connection.execute(
        "INSERT INTO codememory.event (project, machine, number, team_id, author, stamp, kind, node, other, payload)"
        " SELECT p.project, %(machine)s, i.number, p.team_id, %(author)s, i.stamp, i.kind, i.node, i.other, i.payload"
        " FROM codememory.project p CROSS JOIN pg_temp.incoming i WHERE p.project = %(project)s"
        " ON CONFLICT (project, machine, number) DO NOTHING",
        key,
    )
    connection.execute(
        "UPDATE codememory.event e SET payload = '' FROM pg_temp.incoming i WHERE i.kind = 'gone'"
        " AND e.project = %(project)s AND e.node = i.node AND e.author = %(author)s AND e.stamp < i.stamp"
        " AND e.kind <> 'gone' AND e.payload <> ''",
        key,
    )
    connection.execute(
        "UPDATE codememory.machine SET last = greatest(last, %(last)s) WHERE project = %(project)s"
        " AND machine = %(machine)s",
        key,
    )
    connection.execute("UPDATE codememory.project SET token = gen_random_uuid() WHERE project = %(project)s", key)
