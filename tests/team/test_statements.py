"""Every statement that a server is sent, against the list of what docs/TEAM says is relied on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codememory.team import repairing
from codememory.team.server import connecting, log, schema

from .conftest import make_roles
from .machines import Machine, settled
from .server import Server, binaries

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "TEAM.md"
LOGGED = {"log_statement": "all", "log_min_messages": "log", "log_line_prefix": "%a|"}
STATEMENT = re.compile(r"^codememory\|LOG:  (?:statement|execute [^:]*): (.*(?:\n\t.*)*)", re.MULTILINE)
LEFT_OUT = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|\$\d+")
OWN = r"(?<!codememory\.)"
WORD = re.compile(
    rf"\b[A-Z]{{2,}}\b|\b{OWN}[a-z_]\w*(?=\()|\b(?:pg_\w+|session_user|uuid|bytea|bigint|text|integer|timestamptz|regclass)\b"
)


@pytest.fixture
def logging() -> Iterator[Server]:
    """Return a server that writes down every statement."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    made = Server(programs, LOGGED)
    yield made
    made.remove()


def words_of(statement: str) -> set[str]:
    """Return the key words, functions and types that a statement uses."""
    bare = LEFT_OUT.sub(" ", statement)
    return {found.lower() for found in WORD.findall(bare)} - {"pg_temp", "pg_catalog"}


def documented() -> set[str]:
    """Return the words of the table in docs/TEAM."""
    section = DOCUMENT.read_text("utf-8").partition("\n| what | words |")[2].partition("\n\n")[0]
    rows = [line.split("|")[2] for line in section.splitlines() if line.startswith("| ") and "`" in line.split("|")[2]]
    return {word.lower() for row in rows for quoted in re.findall(r"`([^`]+)`", row) for word in quoted.split()}


def test_nothing_is_relied_on_that_is_not_documented(
    logging: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_roles(logging)
    logging.execute("postgres", "CREATE DATABASE team")
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", logging.dsn("admin", "team"))
    with connecting.connected() as connection, connection.transaction():
        schema.bring_up_to_date(connection)
        schema.add_team(connection, "shop", ["ann", "bob"])
    ann = Machine(tmp_path, "ann", logging.dsn("ann", "team")).join(new=True)
    bob = Machine(tmp_path, "bob", logging.dsn("bob", "team")).join(project="shop")
    ann.fail("boom", fixed_by="-a\n+b")
    bob.state("decision", "We keep the shop")
    gone = ann.state("decision", "We buy the zebra company")
    settled([ann, bob])
    ann.forget(gone)
    settled([ann, bob])
    with connecting.connected() as connection:
        log.add_project(connection, "shop", log.Project(ann.shared.shared, "shop", "shop", [("remote", "host/x")]))
        log.listen(connection, log.channel(ann.shared.shared))
        log.stamps(connection, ann.shared.shared, ann.shared.machine, 0)
    logging.execute("team", "DELETE FROM codememory.event WHERE author = 'bob'")
    logging.execute("team", "DELETE FROM codememory.machine WHERE author = 'bob'")
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", logging.dsn("admin", "team"))
    assert repairing.repair(ann.connection, ann.shared, dry_run=True)
    said = STATEMENT.findall((logging.root / "log").read_text("utf-8"))
    assert len(said) > 60
    used = set().union(*map(words_of, said))
    assert used - documented() == set(), "not documented"
    assert documented() - used == set(), "documented, and not used any more"
