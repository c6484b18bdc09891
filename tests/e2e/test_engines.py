"""The same code against other engines of the family: what holds on all of them, and what does not where."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from team import attacks
from team.conftest import MEMBERS, make_roles, make_teams
from team.machines import Machine, assert_equal, settled
from team.server import Server
from team.test_convergence import live

from codememory import remedy
from codememory.retrieve import render
from codememory.store import failures
from codememory.team.server import connecting, schema

from . import engines

MACHINES = 8
NOT_ON = {
    "wasm": {
        "somebody else's role": "its one session is the superuser's: SET SESSION AUTHORIZATION leads back to that",
        "files and programs of the server": "it has no processes and no files of its own",
    },
}


@pytest.fixture(scope="module", params=list(engines.ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[str, Server]]:
    """Return an engine's name and server, with the teams set up."""
    if reason := engines.reason():
        if os.environ.get("CODEMEMORY_E2E_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    made = engines.started(request.param)
    try:
        make_roles(made)
        if request.param != "wasm":
            made.execute("postgres", "CREATE DATABASE team")
        make_teams(made, "team")
        yield request.param, made
    finally:
        made.remove()


def test_the_engines_are_those_that_docs_name() -> None:
    document = (engines.REPOSITORY / "docs" / "TEAM.md").read_text("utf-8")
    for package in engines.ENGINES.values():
        assert package.rpartition("@")[2].partition("-")[0].removesuffix(".0") in document


def test_members_share_and_nobody_else_sees(
    engine: tuple[str, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    _, server = engine
    ann = Machine(tmp_path, "ann", server.dsn("ann", "team"), "first").join(new=True)
    bob = Machine(tmp_path, "bob", server.dsn("bob", "team"), "first").join(project="first")
    ann.fail("boom", fixed_by="-a\n+b")
    gone = ann.state("decision", "We buy the zebra company")
    settled([ann, bob])
    node = bob.find("AssertionError: boom")
    assert node is not None
    line = render.failure(node, failures.seen(bob.connection, node.node_id), remedy.of_failure(bob.connection, node), 0)
    assert "by ann of the team, confirmed" in line.line
    ann.forget(gone)
    settled([ann, bob])
    assert bob.find("We buy the zebra company") is None
    assert server.execute("team", "SELECT count(*) FROM codememory.event WHERE payload LIKE '%zebra%'") == [(0,)]
    assert_equal([ann, bob])
    eve = Machine(tmp_path, "eve", server.dsn("eve", "team"), "first").join(new=True)
    assert eve.sync().pulled == 0


def test_machines_converge(engine: tuple[str, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    name, server = engine
    many = []
    for number in range(MACHINES):
        one = Machine(tmp_path, f"m{number}", server.dsn(MEMBERS[number % len(MEMBERS)], "team"), "many")
        many.append(one.join(new=True) if number == 0 else one.join(project="many"))
        for author in MEMBERS:
            one.trust(author)
    chance = random.Random(11)
    for step in range(120):
        one = chance.choice(many)
        live(one, chance, step)
        if chance.random() < 0.4:
            one.sync(pull=chance.random() < 0.8, push=chance.random() < 0.8)
        if step == 60 and name != "wasm":
            server.stop(kill=True)
            server.start()
    settled(many)
    assert_equal(many)
    assert len(many[0].log()) > 60


def test_attacks_fail_there_too(engine: tuple[str, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    name, server = engine
    ann = attacks.planted(server, tmp_path)
    for attack, statements in attacks.each().items():
        if attack not in NOT_ON.get(name, {}):
            attacks.assert_in_vain(server, ann, "eve", statements)


def test_a_role_that_is_no_superuser_sets_a_team_up(
    engine: tuple[str, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosted servers give nobody more than this."""
    name, server = engine
    if name == "wasm":
        pytest.skip("it has one database, which has the teams already")
    server.execute("postgres", "CREATE ROLE boss LOGIN CREATEROLE CREATEDB")
    server.execute("postgres", "CREATE DATABASE hosted", "boss")
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", server.dsn("boss", "hosted"))
    with connecting.connected() as connection, connection.transaction():
        schema.bring_up_to_date(connection)
        schema.add_team(connection, "blue", ["ann", "bob"])
        schema.add_team(connection, "red", ["eve"])
    ann = Machine(tmp_path, "ann", server.dsn("ann", "hosted"), "first").join(new=True)
    bob = Machine(tmp_path, "bob", server.dsn("bob", "hosted"), "first").join(project="first")
    ann.fail("boom", fixed_by="-a\n+b")
    settled([ann, bob])
    assert_equal([ann, bob])
    assert bob.find("AssertionError: boom")
    assert server.execute("hosted", "SELECT count(*) FROM codememory.event", "eve") == [(0,)]
    assert server.execute("hosted", "SELECT count(*) FROM codememory.event", "boss") > [(0,)], "the owner sees all"


def test_a_server_of_an_older_version_is_brought_up_to_date(
    engine: tuple[str, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, server = engine
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", server.dsn("admin", "team"))
    steps = schema.STEPS
    with connecting.connected() as connection, connection.transaction(force_rollback=True):
        connection.execute("DROP SCHEMA codememory CASCADE")
        for version in range(1, len(steps) + 1):
            monkeypatch.setattr(schema, "STEPS", steps[:version])
            assert schema.bring_up_to_date(connection) == version
        schema.add_team(connection, "shop", ["ann"])
