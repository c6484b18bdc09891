"""Machines of a team: each a store of its own, with what happens on it and what it exchanges."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import apsw

from codememory import db, forget, lifecycle, wire
from codememory.budget import Deadline
from codememory.records import key_of
from codememory.store import attempts, failures, incoming, memories, projects, sessions
from codememory.store import team as store
from codememory.team import events, joining, keeping, repairing, sync
from codememory.team.events import Event

NUMBERS = itertools.count()
FIXED_AT = 1_760_000_000_000


class Machine:
    """One machine: a store, a folder of the project, a role."""

    def __init__(self, root: Path, name: str, dsn: str, project: str = "shop") -> None:
        self.name, self.dsn, self.number = name, dsn, next(NUMBERS)
        self.folder = root / name / project
        self.folder.mkdir(parents=True, exist_ok=True)
        self.connection = db.connect(str(root / f"{name}.db"))
        self.place = projects.place_of(self.connection, str(self.folder), FIXED_AT)
        self.session = sessions.create(
            self.connection, f"session of {name} in {project}", self.place.project_id, FIXED_AT
        )
        self.clock = FIXED_AT

    def join(self, *, project: str = "", new: bool = False, team: str = "") -> Machine:
        """Share the project."""
        os.environ["CODEMEMORY_TEAM_DSN"] = self.dsn
        joining.join(self.connection, self.place, team, project, new)
        return self

    @property
    def shared(self) -> store.Shared:
        """Return how the project is shared."""
        found = store.find(self.connection, self.place.project_id)
        assert found is not None
        return found

    def sync(self, **directions: bool) -> sync.Done:
        """Exchange events."""
        os.environ["CODEMEMORY_TEAM_DSN"] = self.dsn
        return sync.run(self.connection, Deadline(), **directions)[0]

    def now(self) -> int:
        """Return a time later than the last."""
        self.clock += 1_000
        return self.clock

    def state(self, kind: str, text: str, *, origin: str = "user", **details: Any) -> int:
        """Remember something that was said here."""
        uid = key_of("test", self.name, kind, text)
        draft = memories.Draft(
            uid, kind, text, self.place.project_id, self.session.session_id, origin=origin, trust="stated",
            confidence=1.0, details=details, tags=[("file", "total.py", 1.0)],
        )  # fmt: skip
        return memories.add(self.connection, draft, self.now())[0]

    def fail(self, signature: str, *, fixed_by: str = "", outcome: str = "succeeded", **details: Any) -> int:
        """Remember a failure, and what was done against it."""
        place, at = self.place.project_id, self.now()
        seen = failures.by_signature(self.connection, place, signature)
        if seen is None:
            uid = key_of("failure", projects.uid_of(self.connection, place).hex(), signature)
            draft = memories.Draft(
                uid, "failure", f"AssertionError: {signature}", place, self.session.session_id, origin="extracted",
                trust="observed", confidence=0.9,
                details={"type": "AssertionError", "command": "make check", **details},
                tags=[("signature", signature, 1.0), ("command", "make check", 1.0)],
            )  # fmt: skip
            node_id, _ = memories.add(self.connection, draft, at)
            if not node_id:
                return 0
            failures.describe(self.connection, node_id, place, signature, "AssertionError", None, at)
        else:
            node_id = seen.node_id
        failures.occur(self.connection, node_id, self.session.session_id, f"call {at}", 0, at, "", "")
        if fixed_by:
            self.fix(node_id, fixed_by, outcome)
        return node_id

    def fix(self, failure_id: int, edit: str, outcome: str = "succeeded") -> None:
        """Remember an attempt against a failure."""
        at = self.now()
        details = {"files": ["total.py"], "hunks": [{"file": "total.py", "edit": edit}], "outcome": outcome}
        draft = memories.Draft(
            key_of("attempt", self.name, str(failure_id), edit), "fix_attempt", "edited total.py",
            self.place.project_id, self.session.session_id, origin="extracted", trust="observed", confidence=0.9,
            details=details,
        )  # fmt: skip
        node_id, new = memories.add(self.connection, draft, at)
        if new:
            attempts.add(self.connection, node_id, failure_id, self.session.session_id, outcome, "check", at)
            memories.relate(self.connection, node_id, "attemptedFixFor", failure_id, at)
            if outcome == "succeeded":
                failure = memories.load(self.connection, failure_id)
                memories.set_status(self.connection, failure, "resolved", "resolved", at, "extracted", {})

    def move(self, node_id: int, status: str, verb: str) -> None:
        """Move a memory by hand."""
        lifecycle.move(self.connection, memories.load(self.connection, node_id), status, verb, self.now(), "by hand")

    def forget(self, node_id: int) -> None:
        """Forget a memory."""
        self.connection.execute("BEGIN IMMEDIATE")
        reach = forget.Reach(self.now())
        reach.nodes.add(node_id)
        forget.widen(self.connection, reach, [])
        forget.forget(self.connection, reach)
        self.connection.execute("COMMIT")

    def keep_private(self, node_id: int) -> None:
        """Keep a memory from the team."""
        keeping.keep(self.connection, memories.load(self.connection, node_id), True)

    def trust(self, author: str) -> None:
        """Trust an author."""
        store.set_trusted(self.connection, self.place.project_id, store.AUTHOR, author, True)

    def own(self, *kinds: str) -> list[int]:
        """Return the memories that were stated here."""
        rows = self.connection.execute("SELECT node_id, kind FROM node WHERE origin <> 'team' ORDER BY node_id")
        return [node_id for node_id, kind in rows if not kinds or kind in kinds]

    def find(self, content: str) -> memories.Node | None:
        """Return the memory that says this."""
        row = self.connection.execute("SELECT node_id FROM node WHERE content = ?", (content,)).fetchone()
        return memories.load(self.connection, row[0]) if row else None

    def log(self) -> list[tuple[Any, ...]]:
        """Return every event known here."""
        return self.connection.execute(
            "SELECT machine, number, stamp, author, kind, node, other, payload FROM team_event ORDER BY 1, 2"
        ).fetchall()

    def told(self) -> dict[str, Any]:
        """Return where every memory of the team stands, as the log here says."""
        by_node: dict[bytes, list[Event]] = {}
        for row in self.log():
            by_node.setdefault(row[5], []).append(Event(*row))
        return {name.hex(): events.told(found) for name, found in by_node.items()}

    def view(self) -> dict[str, Any]:
        """Return what the store holds of each memory that the team states, as anybody should hold it."""
        found: dict[str, Any] = {}
        for name, told in self.told().items():
            if told is None:
                continue
            node_id = incoming.node_with(self.connection, wire.encoded([name]))
            if node_id is None:
                found[name] = None
                continue
            node = memories.load(self.connection, node_id)
            links = [kind for kind, _, _ in store.links_of(self.connection, node_id) if kind in events.RELATIONS]
            found[name] = node.kind, node.status, node.content, sorted(links)
            if node.kind == "fix_attempt":
                row = self.connection.execute("SELECT outcome FROM attempt WHERE node_id = ?", (node_id,)).fetchone()
                found[name] += row
        return found


def repaired(one: Machine, dsn: str, *, dry_run: bool = False) -> list[repairing.Given]:
    """Let an administrator give the server back what a machine knows."""
    os.environ["CODEMEMORY_TEAM_DSN"] = dsn
    return repairing.repair(one.connection, one.shared, dry_run=dry_run)


def settled(machines: list[Machine]) -> None:
    """Exchange until nobody has anything new."""
    for _ in range(3):
        for one in machines:
            one.sync()


def assert_equal(machines: list[Machine]) -> None:
    """Assert that all know the same, and hold the same of it; whoever forgot something lacks others' words on it."""
    first = machines[0]
    for one in machines[1:]:
        assert [row[:7] for row in one.log()] == [row[:7] for row in first.log()]
        assert one.told() == first.told()
        assert one.view() == first.view()


def named_in(one: Machine) -> set[bytes]:
    """Return every memory that the log of a machine's project tells of."""
    rows = one.connection.execute("SELECT node FROM team_event WHERE project_id = ?", (one.place.project_id,))
    return {node for (node,) in rows}


def rows_of(connection: apsw.Connection, table: str) -> int:
    """Count the rows of a table."""
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
