"""A log that is split by project, and teams that live on servers of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from codememory.budget import Deadline
from codememory.store import team as store
from codememory.team import sync
from codememory.team.server import connecting, schema

from . import attacks
from .conftest import MEMBERS, make_roles, make_teams
from .machines import Machine, assert_equal, settled
from .server import Server, binaries, partitioning

PROJECTS = 6


def test_a_log_that_is_split_by_project(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/TEAM says: the same rows, the same rights, and each statement in one part only."""
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    machines = [Machine(tmp_path, f"{name} 0", server.dsn(name, database), "p0") for name in MEMBERS[:2]]
    machines[0].join(new=True)
    machines[1].join(project="p0")
    machines[0].fail("before", fixed_by="-a\n+b")
    settled(machines)
    server.execute(database, partitioning())
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", server.dsn("admin", database))
    with connecting.connected() as connection, connection.transaction():
        assert schema.bring_up_to_date(connection) == len(schema.STEPS)
        schema.add_team(connection, "shop", [])
        schema.add_team(connection, "other", [])
    for number in range(1, PROJECTS):
        for name in MEMBERS[:2]:
            one = Machine(tmp_path, f"{name} {number}", server.dsn(name, database), f"p{number}")
            machines.append(one.join(new=True) if name == MEMBERS[0] else one.join(project=f"p{number}"))
    for one in machines:
        one.fail("after", fixed_by=f"-a\n+{one.name}")
        one.forget(one.state("decision", "We buy nothing"))
    settled(machines)
    for first, second in zip(machines[::2], machines[1::2], strict=True):
        assert_equal([first, second])
    parts = server.execute(database, "SELECT DISTINCT tableoid::regclass::text FROM codememory.event")
    assert 1 < len(parts) <= PROJECTS
    plan = server.execute(
        database, f"EXPLAIN SELECT 1 FROM codememory.event WHERE project = '{machines[0].shared.shared.hex()}'"
    )
    assert len(set(re.findall(r"on event_\d+ event", str(plan)))) == 1, "one part is looked at"
    ann = attacks.planted(server, tmp_path)
    for statements in attacks.each().values():
        attacks.assert_in_vain(server, ann, "eve", statements)
    for (part,) in parts:
        for role in ("ann", "eve"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.execute(database, f"SELECT * FROM {part}", role)


@pytest.fixture
def two_servers(server: Server, database: str) -> Iterator[list[Server]]:
    """Return the server and another one, each with the teams."""
    programs = binaries()
    assert programs is not None
    other = Server(programs, {"max_connections": "40", "shared_buffers": "32MB"})
    make_roles(other)
    other.execute("postgres", "CREATE DATABASE team")
    make_teams(other, "team")
    yield [server, other]
    other.remove()


def test_one_store_with_teams_on_two_servers(
    two_servers: list[Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each exchange does what its server has, and leaves alone what is elsewhere; the roles have other names there."""
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    first, second = two_servers
    ann = Machine(tmp_path, "ann", first.dsn("ann", "team"), "here").join(new=True)
    there = Machine(tmp_path, "ann", second.dsn("dan", "team"), "there").join(new=True)
    bob = Machine(tmp_path, "bob", first.dsn("bob", "team"), "here").join(project="here")
    cat = Machine(tmp_path, "cat", second.dsn("cat", "team"), "there").join(project="there")
    names = ann.shared.machine, there.shared.machine
    for one in (ann, there, bob, cat):
        one.state("decision", f"{one.name} of {one.folder.name}")
    for dsn, shown in ((ann.dsn, [True, False]), (there.dsn, [False, True])) * 2:
        os.environ["CODEMEMORY_TEAM_DSN"] = dsn
        done = sync.run(ann.connection, Deadline())
        assert [one.shown for one in done] == shown
        settled([bob, cat])
    assert bob.find("ann of here")
    assert not bob.find("ann of there")
    assert cat.find("ann of there")
    assert not cat.find("ann of here")
    assert ann.find("bob of here")
    assert ann.find("cat of there")
    assert (ann.shared.machine, there.shared.machine) == names, "nobody writes under another name"
    assert store.server(ann.connection)[2:] == (0, "")
