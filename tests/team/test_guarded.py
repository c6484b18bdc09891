"""What must not get out, in or through: another team's rows, secrets, private text, a server that means ill."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from codememory.errors import TeamError
from codememory.team.server import connecting, schema

from .machines import Machine, settled
from .proxy import proxied
from .server import Server

SECRET = "ghp_" + "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"

LIMITS = {
    "a long text": ("statement", "repeat('x', 20000)", 2, 1),
    "a number too high": ("statement", "''", 2_000_000, 1),
    "an unknown kind": ("other", "''", 2, 1),
    "a stamp far ahead": ("statement", "''", 2, 9_000_000_000_000_000_000),
}


@pytest.mark.parametrize("limit", [*LIMITS, ""])
def test_the_server_refuses_what_is_too_much(team: list[Machine], server: Server, database: str, limit: str) -> None:
    ann = team[0]
    ann.state("decision", "First")
    settled(team)
    kind, payload, number, stamp = LIMITS.get(limit, ("statement", "''", 2, 1))
    statement = (
        "INSERT INTO codememory.event (project, machine, number, team_id, stamp, kind, node, other, payload) SELECT"
        f" project, machine, {number}, team_id, {stamp}, '{kind}', decode(repeat('00', 16), 'hex'), '', {payload}"
        " FROM codememory.machine WHERE author = 'ann'"
    )
    if not limit:  # what is within all limits is let in, so that each refusal is for its own reason
        server.execute(database, statement, "ann")
        return
    with pytest.raises(psycopg.Error):
        server.execute(database, statement, "ann")


MANY = {
    "names": (
        "INSERT INTO codememory.project_alias SELECT team_id, 'remote', 'host/' || n, project FROM codememory.project,"
        " generate_series(1, {}) n",
        schema.ALIASES_MAX,
    ),
    "machines": (
        "INSERT INTO codememory.machine (project, machine, team_id) SELECT project, gen_random_uuid(), team_id"
        " FROM codememory.project, generate_series(1, {}) n",
        schema.MACHINES_MAX,
    ),
}


@pytest.mark.parametrize("what", MANY)
def test_not_even_one_statement_brings_in_too_many(
    team: list[Machine], server: Server, database: str, what: str
) -> None:
    statement, most = MANY[what]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.execute(database, statement.format(most + 1), "ann")
    server.execute(database, statement.format(most), "ann")


def test_nothing_private_is_sent_or_stored(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes on the wire and in every table are searched for what was planted."""
    with proxied(server.port) as proxy:
        ann = Machine(tmp_path, "ann", server.dsn("ann", database, proxy.port)).join(new=True)
        monkeypatch.setenv("CODEMEMORY_REDACT", "false")
        other = Machine(tmp_path, "ann-elsewhere", server.dsn("ann", database, proxy.port), "unshared")
        other.state("decision", "Planted: of a project that is not shared")
        ann.state("constraint", f"Deploy with the token {SECRET}")
        ann.state("decision", "Use it <private>planted salary</private> for all")
        ann.state("decision", "Planted [private] beside")
        hidden = ann.state("decision", "Planted: kept private")
        ann.keep_private(hidden)
        ann.fail(
            "boom", fixed_by=f"-password = '{SECRET}'\n+password = ask()",
            lines=["File /home/planted/notes.txt, line 3", f"File {ann.folder}/total.py, line 4"],
            file="/home/planted/notes.txt", other_output="Planted: whole output",
        )  # fmt: skip
        node_id = ann.fail("bang", fixed_by="-a\n+b")
        ann.connection.execute(
            "UPDATE node SET details = json_set(details, '$.hunks', json(?))"
            " WHERE kind = 'fix_attempt' AND node_id >= ?",
            ('[{"file": "/etc/planted.conf", "edit": "-planted"}]', node_id),
        )
        ann.sync()
        seen = bytes(proxy.seen)
    tables = b"".join(
        str(row).encode()
        for table in ("event", "project", "project_alias", "machine")
        for row in server.execute(database, f"SELECT * FROM codememory.{table}")
    )
    for place in (seen, tables):
        lowered = place.lower()
        assert b"planted" not in lowered
        assert SECRET.encode() not in place
        assert str(tmp_path).encode() not in place
        assert b"redacted:" in place, "the rest was sent"
        assert b"total.py" in place


def test_what_another_sends_unredacted_is_redacted_here(team: list[Machine], monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = team
    from codememory.team import wording

    with monkeypatch.context() as patch:
        patch.setattr(wording.Wording, "text", lambda _, text: text)
        ann.state("decision", f"The token is {SECRET}")
        ann.sync()
    bob.sync()
    rows = bob.connection.execute("SELECT content FROM node").fetchall()
    assert rows
    assert not any(SECRET in content for (content,) in rows)


WEAK = {
    "in clear": ("host=db.example.com sslmode=disable", "sslmode=disable"),
    "if it likes": ("postgresql://db.example.com/x?sslmode=prefer", "sslmode=prefer"),
    "one of two": ("host=127.0.0.1,db.example.com sslmode=allow", "sslmode=allow"),
    "an address": ("hostaddr=192.0.2.1 sslmode=disable", "sslmode=disable"),
}


@pytest.mark.parametrize("case", WEAK)
def test_nothing_goes_over_a_network_in_clear(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dsn, told = WEAK[case]
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", dsn)
    with pytest.raises(TeamError, match=told), connecting.connected():
        pass


def test_encryption_is_the_default_off_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "services"
    file.write_text(
        "[strong]\nhost=db.example.com\nsslmode=verify-full\n[weak]\nhost=db.example.com\nsslmode=disable\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    assert connecting._given("host=db.example.com")["sslmode"] == "require"
    assert connecting._given("service=strong")["sslmode"] == "verify-full"
    assert "sslmode" not in connecting._given("host=127.0.0.1 dbname=x")
    with pytest.raises(TeamError, match="in clear"):
        connecting._given("service=weak")
