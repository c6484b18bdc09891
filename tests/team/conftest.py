"""A real PostgreSQL server for these tests: without one they are skipped, or fail where it is required."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from codememory.team.server import schema

from .machines import Machine
from .server import Server, binaries

MEMBERS = ("ann", "bob", "cat", "dan")


def make_roles(server: Server) -> None:
    """Make the roles of the members of two teams."""
    for role in (*MEMBERS, "eve"):
        server.execute("postgres", f"CREATE ROLE {role} LOGIN")


def make_teams(server: Server, database: str) -> None:
    """Set the teams up in a database: `shop` of all members but eve, who is alone in `other`."""
    with psycopg.connect(server.dsn("admin", database)) as connection:
        schema.bring_up_to_date(connection)
        schema.add_team(connection, "shop", list(MEMBERS))
        schema.add_team(connection, "other", ["eve"])


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return the server, with roles for the members of two teams."""
    programs = binaries()
    if programs is None:
        reason = "no PostgreSQL server is installed: apt-get install postgresql"
        if os.environ.get("CODEMEMORY_E2E_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    made = Server(programs)
    try:
        make_roles(made)
        yield made
    finally:
        made.remove()


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """Return a fresh database with the team `shop` of all members but eve, who is alone in the team `other`."""
    server.execute("postgres", "CREATE DATABASE team")
    make_teams(server, "team")
    yield "team"
    server.execute("postgres", "DROP DATABASE team WITH (FORCE)")


@pytest.fixture
def team(server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Machine]:
    """Return two machines of two members that share a project."""
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    ann = Machine(tmp_path, "ann", server.dsn("ann", database)).join(new=True)
    bob = Machine(tmp_path, "bob", server.dsn("bob", database)).join(project="shop")
    return [ann, bob]
