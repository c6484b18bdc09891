"""Who leaves: what stays here, what stays there, and what is at an end."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from fixtures.homes import Home

from codememory.store import team as store

from .machines import Machine, rows_of
from .server import Server

RULE = "Never push on Fridays"


@pytest.fixture
def ann(server: Server, database: str, tmp_path: Path) -> Machine:
    """Return a machine whose rule is shared."""
    one = Machine(tmp_path / "ann", "ann", server.dsn("ann", database)).join(new=True)
    one.state("constraint", RULE)
    one.fail("boom", fixed_by="-a\n+b")
    one.sync()
    return one


@pytest.fixture
def bob(ann: Machine, home: Home, server: Server, database: str) -> Home:
    """Return the home of a colleague who has it, and has said something."""
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("bob", database))
    home.mark("decision", "Of bob")
    home.json("team", "join", "--project", "shop")
    home.json("team", "sync")
    return home


def contents(bob: Home) -> set[str]:
    """Return what is remembered."""
    return {one["content"] for one in bob.json("memory", "list")["nodes"]}


def test_what_others_told_stays_or_goes(ann: Machine, bob: Home, server: Server, database: str) -> None:
    everything = contents(bob)
    assert RULE in everything
    bob.json("team", "leave")
    assert contents(bob) == everything
    for table in ("team_project", "team_event", "team_machine"):
        assert rows_of(bob.connect(), table) == 0
    assert bob.run("team", "sync").code == 1, "nothing is exchanged any more"
    bob.json("team", "join", "--project", "shop")
    bob.json("team", "sync")
    assert bob.json("team", "leave", "--forget")["forgotten"] == 3
    assert contents(bob) == {"Of bob"}
    for path in bob.database.parent.glob("codememory.db*"):
        assert RULE.encode() not in path.read_bytes(), path.name
    bob.json("team", "join", "--project", "shop")
    bob.json("team", "sync")
    assert contents(bob) == everything, "who comes back has it again"
    said = server.execute(database, "SELECT count(*) FROM codememory.event WHERE author = 'bob' AND kind = 'statement'")
    assert said == [(1,)], "what bob said stayed there, and is not said again"


def test_who_is_taken_out_reads_and_writes_no_more(ann: Machine, bob: Home, server: Server, database: str) -> None:
    """The lines of the document on it, word for word; the store of who left is as it was."""
    document = (Path(__file__).resolve().parents[2] / "docs" / "TEAM.md").read_text("utf-8")
    section = document.partition("## When someone leaves")[2].partition("\n## ")[0]
    revoke = next(part for part in section.split("`") if part.startswith("REVOKE"))
    empty = " ".join(next(part for part in section.split("`") if part.startswith("UPDATE")).split())
    before = contents(bob)
    try:
        server.execute(database, revoke)
        with pytest.raises(psycopg.OperationalError):
            server.execute(database, "SELECT 1", "ann")
        bob.mark("decision", "Afterwards")
        assert bob.json("team", "sync")["projects"][0]["pushed"] == 1, "the others go on"
        assert contents(bob) == before | {"Afterwards"}, "what ann said stays, under her name"
        assert server.execute(database, "SELECT DISTINCT author FROM codememory.event WHERE author = 'ann'")
        server.execute(database, empty)
        assert server.execute(database, f"SELECT 1 FROM codememory.event WHERE payload LIKE '%{RULE}%'") == []
    finally:
        server.execute("postgres", "CREATE ROLE ann LOGIN")


def test_a_store_whose_role_is_gone_works_on(ann: Machine, bob: Home, server: Server, database: str) -> None:
    server.execute(database, "REVOKE codememory_shop FROM bob")
    try:
        done = bob.run("team", "sync")
        assert done.code == 1
        assert "Traceback" not in done.err
        assert store.server(bob.connect())[2] == 1
        assert RULE in bob.told("SessionStart", bob.names.uuid(), source="startup")
        assert "1 times in a row" in bob.run("team", "status").out.decode()
    finally:
        server.execute(database, "GRANT codememory_shop TO bob")
