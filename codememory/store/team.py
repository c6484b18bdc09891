"""What is shared with a team: which projects, the log of events, who is trusted, and how the server answered."""

from __future__ import annotations

from codememory import db, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    Row = tuple[Any, ...]

ORIGIN = "team"
"""The origin of a memory that only others state."""

AUTHOR, MEMORY = "author", "memory"
PROJECT_FIELDS = "project_id, shared, name, team, author, machine, pushed, collected, token"
EVENT_FIELDS = "machine, number, stamp, author, kind, node, other, payload"


class Shared:
    """A project that is shared."""

    __slots__ = ("author", "collected", "machine", "name", "project_id", "pushed", "shared", "team", "token")

    def __init__(self, row: Row) -> None:
        (
            self.project_id, self.shared, self.name, self.team, self.author, self.machine, self.pushed, self.collected,
            self.token,
        ) = row  # fmt: skip


def joined(connection: apsw.Connection) -> list[Shared]:
    """Return the projects that are shared."""
    return [Shared(row) for row in db.rows(connection, f"SELECT {PROJECT_FIELDS} FROM team_project ORDER BY name")]


def find(connection: apsw.Connection, project_id: int) -> Shared | None:
    """Return how a project is shared, None if it is not."""
    row = db.first(connection, f"SELECT {PROJECT_FIELDS} FROM team_project WHERE project_id = ?", (project_id,))
    return Shared(row) if row else None


def join(connection: apsw.Connection, one: Shared) -> None:
    """Share a project, or share it as another than before."""
    connection.execute(
        "INSERT OR REPLACE INTO team_project (project_id, shared, name, team, author, machine)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (one.project_id, one.shared, one.name, one.team, one.author, one.machine),
    )


def leave(connection: apsw.Connection, project_id: int) -> None:
    """Share a project no longer; what it knows stays, the log goes."""
    connection.execute("DELETE FROM team_project WHERE project_id = ?", (project_id,))
    connection.execute("DELETE FROM team_event WHERE project_id = ?", (project_id,))
    connection.execute("DELETE FROM team_machine WHERE project_id = ?", (project_id,))


def note_progress(connection: apsw.Connection, one: Shared) -> None:
    """Record how far a project is collected, pushed and read, and what it writes as."""
    connection.execute(
        "UPDATE team_project SET pushed = ?, collected = ?, token = ?, machine = ?, author = ? WHERE project_id = ?",
        (one.pushed, one.collected, one.token, one.machine, one.author, one.project_id),
    )


def vector(connection: apsw.Connection, project_id: int) -> dict[bytes, int]:
    """Return machine → the number of its last event known here."""
    return dict(db.rows(connection, "SELECT machine, last FROM team_machine WHERE project_id = ?", (project_id,)))


def authors(connection: apsw.Connection) -> set[str]:
    """Return everybody who has said something."""
    return {author for (author,) in db.rows(connection, "SELECT DISTINCT author FROM team_machine")}


def newest_stamp(connection: apsw.Connection, project_id: int, until: int) -> int:
    """Return the latest stamp up to one, 0 for none."""
    row = db.first(
        connection, "SELECT max(stamp) FROM team_event WHERE project_id = ? AND stamp <= ?", (project_id, until)
    )
    return row[0] or 0


def append(connection: apsw.Connection, project_id: int, events: list[Row]) -> int:
    """Add events to the log, those of one machine in order, and return how many were new."""
    before = connection.total_changes()
    connection.executemany(
        "INSERT OR IGNORE INTO team_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(project_id, *one) for one in events]
    )
    added = connection.total_changes() - before
    last = {(one[0], one[3]): one[1] for one in events}
    connection.executemany(
        "INSERT INTO team_machine VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last = excluded.last WHERE excluded.last > last",
        [(project_id, machine, author, number) for (machine, author), number in last.items()],
    )
    return added


def events_of(connection: apsw.Connection, project_id: int, node: bytes) -> list[Row]:
    """Return everything said of a memory."""
    return db.rows(
        connection, f"SELECT {EVENT_FIELDS} FROM team_event WHERE node = ? AND project_id = ?", (node, project_id)
    )


def own_events(connection: apsw.Connection, one: Shared, after: int, limit: int) -> list[Row]:
    """Return this store's own events after a number, in order."""
    return db.rows(
        connection,
        f"SELECT {EVENT_FIELDS} FROM team_event WHERE project_id = ? AND machine = ? AND number > ?"
        " ORDER BY number LIMIT ?",
        (one.project_id, one.machine, after, limit),
    )


def rename_machine(connection: apsw.Connection, one: Shared, machine: bytes, after: int) -> None:
    """Give the own events after a number to a machine of another name, numbered from 1 on."""
    connection.execute(
        "UPDATE team_event SET machine = :new, author = :author, number = number - :after WHERE project_id = :project"
        " AND machine = :old AND number > :after",
        {"new": machine, "author": one.author, "after": after, "project": one.project_id, "old": one.machine},
    )
    connection.execute(
        "INSERT INTO team_machine SELECT :project, :new, :author, max(number) FROM team_event"
        " WHERE project_id = :project AND machine = :new HAVING max(number) > 0",
        {"new": machine, "author": one.author, "project": one.project_id},
    )
    connection.execute(
        "UPDATE team_machine SET last = min(last, ?) WHERE project_id = ? AND machine = ?",
        (after, one.project_id, one.machine),
    )


def waiting_for(connection: apsw.Connection, project_id: int, node: bytes) -> list[bytes]:
    """Return the memories that name another."""
    found = db.rows(
        connection,
        "SELECT DISTINCT node FROM team_event WHERE other = ? AND other <> x'' AND project_id = ?"
        " AND kind IN ('statement', 'relation')",
        (node, project_id),
    )
    return [one for (one,) in found]


def empty_withdrawn(connection: apsw.Connection, project_id: int, node: bytes, author: str, until: int) -> None:
    """Empty what an author said of a memory before a stamp."""
    connection.execute(
        "UPDATE team_event SET payload = '' WHERE node = ? AND project_id = ? AND author = ? AND stamp < ?"
        " AND kind <> 'gone'",
        (node, project_id, author, until),
    )


def knows_step(connection: apsw.Connection, project_id: int, step: bytes) -> bool:
    """Tell whether the log has a step."""
    return bool(
        db.first(connection, "SELECT 1 FROM team_event WHERE other = ? AND other <> x'' AND project_id = ?"
                 " AND kind = 'step'", (step, project_id))
    )  # fmt: skip


def changed_nodes(connection: apsw.Connection, project_id: int, after: int) -> list[tuple[int, int]]:
    """Return (memory, its last step) of a project's memories with a step after one, failures first."""
    return db.rows(
        connection,
        "SELECT e.node_id, max(e.event_id) FROM node_event e JOIN node n ON n.node_id = e.node_id"
        " WHERE e.event_id > ? AND n.project_id = ? GROUP BY e.node_id ORDER BY n.kind <> 'failure', e.node_id",
        (after, project_id),
    )


def steps_of(connection: apsw.Connection, node_id: int) -> list[Row]:
    """Return (uid, verb, time, actor, detail) of a memory's life, in order."""
    found = db.rows(
        connection,
        "SELECT uid, verb, at, actor, detail FROM node_event WHERE node_id = ? ORDER BY at, event_id",
        (node_id,),
    )
    return [(uid, verb, at, actor, wire.decoded(detail)) for uid, verb, at, actor, detail in found]


def links_of(connection: apsw.Connection, node_id: int) -> list[tuple[str, int, int]]:
    """Return (kind, other memory, time) of the links that a memory has to others."""
    return db.rows(
        connection, "SELECT kind, other_id, created_at FROM relation WHERE node_id = ? ORDER BY 1, 2", (node_id,)
    )


def forgotten_statements(connection: apsw.Connection, one: Shared) -> list[bytes]:
    """Return the memories stated from here that were forgotten or kept private since."""
    found = db.rows(
        connection,
        "WITH gone AS (SELECT uid FROM team_private UNION SELECT key FROM tombstone t WHERE kind = 'node'"
        " AND NOT EXISTS (SELECT 1 FROM node n WHERE n.uid = t.key)"
        " AND NOT EXISTS (SELECT 1 FROM node_alias a WHERE a.uid = t.key))"
        " SELECT DISTINCT node FROM gone CROSS JOIN team_event e ON e.node = gone.uid"
        " WHERE project_id = :project AND author = :author AND kind = 'statement' ORDER BY node",
        {"project": one.project_id, "author": one.author},
    )
    return [node for (node,) in found]


def is_private(connection: apsw.Connection, uids: list[bytes]) -> bool:
    """Tell whether a memory is kept from teams under any of its ids."""
    listed = wire.encoded([uid.hex() for uid in uids])
    return bool(
        db.first(connection, "SELECT 1 FROM json_each(?) e JOIN team_private p ON p.uid = unhex(e.value)", (listed,))
    )


def set_private(connection: apsw.Connection, uids: list[bytes], private: bool) -> None:
    """Keep a memory from teams, or no longer."""
    statement = "INSERT OR IGNORE INTO team_private VALUES (?)" if private else "DELETE FROM team_private WHERE uid = ?"
    connection.executemany(statement, [(uid,) for uid in uids])


def trusted(connection: apsw.Connection, project_id: int) -> set[tuple[str, str]]:
    """Return (kind, value) of whom and what is trusted in a project."""
    return set(db.rows(connection, "SELECT kind, value FROM team_trust WHERE project_id = ?", (project_id,)))


def set_trusted(connection: apsw.Connection, project_id: int, kind: str, value: str, trusted_: bool) -> None:
    """Trust an author or a memory, or no longer."""
    statement = (
        "INSERT OR IGNORE INTO team_trust VALUES (?, ?, ?)"
        if trusted_
        else "DELETE FROM team_trust WHERE project_id = ? AND kind = ? AND value = ?"
    )
    connection.execute(statement, (project_id, kind, value))


def distrust(connection: apsw.Connection, project_id: int, uid: bytes) -> None:
    """Trust a memory no longer, whichever of its words were."""
    connection.execute(
        "DELETE FROM team_trust WHERE project_id = ? AND kind = 'memory' AND value GLOB ? || '*'",
        (project_id, uid.hex()),
    )


def server(connection: apsw.Connection) -> tuple[int, int, int, str]:
    """Return (tried at, done at, failures in a row, what went wrong) of the server."""
    row: tuple[int, int, int, str] | None = db.first(
        connection, "SELECT tried_at, done_at, failures, sentence FROM team_server"
    )
    return row or (0, 0, 0, "")


def claim(connection: apsw.Connection, now: int, before: int) -> bool:
    """Record that the server is tried now, unless somebody tried it after `before`: of two at once one does it."""
    connection.execute(
        "INSERT INTO team_server VALUES (1, :now, 0, 0, '') ON CONFLICT DO UPDATE SET tried_at = :now"
        " WHERE tried_at <= :before",
        {"now": now, "before": before},
    )
    return bool(connection.changes())


def note_server(connection: apsw.Connection, at: int, sentence: str) -> None:
    """Record how the server answered; '' is well."""
    connection.execute(
        "INSERT INTO team_server"
        " VALUES (1, :at, CASE :sentence WHEN '' THEN :at ELSE 0 END, :sentence <> '', :sentence)"
        " ON CONFLICT DO UPDATE SET tried_at = :at, sentence = :sentence,"
        " done_at = CASE :sentence WHEN '' THEN :at ELSE done_at END,"
        " failures = CASE :sentence WHEN '' THEN 0 ELSE failures + 1 END",
        {"at": at, "sentence": sentence},
    )
