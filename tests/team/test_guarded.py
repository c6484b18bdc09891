"""What must not get out, in or through: another team's rows, secrets, private text, a server that means ill."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from pathlib import Path

import psycopg
import pytest
from fixtures.homes import Home

from codememory.errors import TeamError
from codememory.store import team as store
from codememory.team import child_sync
from codememory.team.server import connecting

from .machines import Machine, settled
from .proxy import proxied
from .server import Server, free_port

SECRET = "ghp_" + "Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"

ATTACKS = {
    "read another team's events": "SELECT count(*) FROM codememory.event",
    "read another team's projects": "SELECT count(*) FROM codememory.project",
    "read another team's names": "SELECT count(*) FROM codememory.project_alias",
    "read another team's machines": "SELECT count(*) FROM codememory.machine",
    "count through a join": "SELECT count(*) FROM codememory.event e JOIN codememory.machine m USING (project)",
    "read beside the policy": "SELECT count(*) FROM (SELECT codememory.my_teams()) t, codememory.event"
    " WHERE 1 / (length(payload) + 1) >= 0",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_another_team_sees_nothing(team: list[Machine], server: Server, database: str, attack: str) -> None:
    team[0].fail("boom", fixed_by="-a\n+b")
    settled(team)
    server.execute(
        database,
        "INSERT INTO codememory.project_alias SELECT team_id, 'remote', 'host/x', project FROM codememory.project",
    )
    assert server.execute(database, ATTACKS[attack], "ann") != [(0,)]
    assert server.execute(database, ATTACKS[attack], "eve") == [(0,)]


WRITES = {
    "into another team's project": "INSERT INTO codememory.project (project, team_id, name)"
    " VALUES (gen_random_uuid(), 1, 'x')",
    "another team's machine": "INSERT INTO codememory.machine (project, machine, team_id)"
    " VALUES ('{project}', gen_random_uuid(), 1)",
    "with one's own team's number": "INSERT INTO codememory.machine (project, machine, team_id)"
    " VALUES ('{project}', gen_random_uuid(), 2)",
    "events as another's machine": "INSERT INTO codememory.event (project, machine, number, team_id, stamp, kind, node,"
    " other, payload) VALUES ('{project}', '{machine}', 900, {team}, 1, 'step', decode('{node}', 'hex'), '', '')",
    "as somebody else": "INSERT INTO codememory.event (project, machine, number, team_id, author, stamp, kind, node,"
    " other, payload) VALUES ('{project}', '{machine}', 900, {team}, 'ann', 1, 'step', decode('{node}', 'hex'), '',"
    " '')",
    "a machine as somebody else": "INSERT INTO codememory.machine (project, machine, team_id, author)"
    " VALUES ('{project}', gen_random_uuid(), {team}, 'ann')",
    "change an event": "UPDATE codememory.event SET payload = 'x'",
    "change whose it is": "UPDATE codememory.event SET author = 'bob'",
    "delete": "DELETE FROM codememory.event",
    "truncate": "TRUNCATE codememory.event",
    "join a team": "INSERT INTO codememory.team (name, role) VALUES ('mine', 'eve')",
    "grant oneself": "GRANT codememory_shop TO eve",
    "become somebody": "SET ROLE ann",
    "switch the rules off": "ALTER TABLE codememory.event DISABLE ROW LEVEL SECURITY",
    "make a table there": "CREATE TABLE codememory.mine (a int)",
    "replace a function": "CREATE OR REPLACE FUNCTION codememory.my_teams() RETURNS integer[] LANGUAGE sql"
    " AS 'SELECT ARRAY[1]'",
}


@pytest.mark.parametrize("role", ["eve", "bob"])
@pytest.mark.parametrize("attack", WRITES)
def test_nobody_writes_what_is_not_theirs(
    team: list[Machine], server: Server, database: str, attack: str, role: str
) -> None:
    ann = team[0]
    ann.fail("boom", fixed_by="-a\n+b")
    settled(team)
    if role == "bob" and attack in ("into another team's project", "another team's machine"):
        pytest.skip("it is bob's own team")
    before = server.execute(database, "SELECT * FROM codememory.event ORDER BY machine, number")
    teams = dict(server.execute(database, "SELECT name, team_id FROM codememory.team"))
    statement = WRITES[attack].format(
        project=ann.shared.shared.hex(), machine=ann.shared.machine.hex(), node="00" * 16, team=teams["shop"]
    )
    with contextlib.suppress(psycopg.Error):
        server.execute(database, statement, role)
    assert server.execute(database, "SELECT * FROM codememory.event ORDER BY machine, number") == before
    assert server.execute(database, "SELECT count(*) FROM codememory.machine WHERE author = 'eve'") == [(0,)]
    assert server.execute(database, "SELECT count(*) FROM codememory.project") == [(1,)]
    assert server.execute(database, "SELECT count(*) FROM codememory.event", "eve") == [(0,)]


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


def answering(answer: bytes, *, endless: bool = False, silent: bool = False) -> int:
    """Return the port of a server that answers every connection so."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            near, _ = listening.accept()
            if silent:
                kept.append(near)
                continue
            try:
                near.recv(4_096)
                near.sendall(answer)
                while endless:
                    near.sendall(answer)
            except OSError:
                pass
            near.close()

    kept: list[socket.socket] = []
    threading.Thread(target=serve, daemon=True).start()
    return int(listening.getsockname()[1])


ILL = {
    "dead": lambda: free_port(),
    "silent": lambda: answering(b"", silent=True),
    "no PostgreSQL": lambda: answering(b"HTTP/1.1 200 OK\r\n\r\n"),
    "closing": lambda: answering(b""),
    "endless": lambda: answering(
        b"R\x00\x00\x00\x08\x00\x00\x00\x00N\x00\x00\x00\x0eSERROR\x00Mx\x00\x00", endless=True
    ),
}


@pytest.mark.parametrize("kind", ILL)
def test_a_server_that_means_ill_costs_one_line(kind: str, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_sync, "LIMIT_MS", 3_000)
    home.mark("decision", "Totals are rounded once")
    connection = home.connect()
    home.set(CODEMEMORY_TEAM_DSN=f"host=127.0.0.1 port={ILL[kind]()} user=ann dbname=x")
    (project_id,) = connection.execute("SELECT project_id FROM project").fetchone()
    store.join(connection, store.Shared((project_id, b"s" * 16, "shop", "shop", "ann", b"m" * 16, 0, 0, "")))
    began = time.monotonic()
    assert child_sync.start_if_due(connection, str(home.project))
    assert time.monotonic() - began < 60, "it hangs"
    _, done_at, failed, sentence = store.server(connection)
    assert (done_at, failed) == (0, 1)
    assert sentence
    assert "\n" not in sentence
    assert not child_sync.start_if_due(connection, str(home.project)), "a pause follows"
    assert home.problems() == []
    line = home.run("team", "status").out.decode()
    assert "1 times in a row" in line
    assert " ".join(sentence.split()[:3]) in " ".join(home.run("status").out.decode().split())


def test_a_read_only_server_costs_one_line(team: list[Machine], server: Server, database: str) -> None:
    ann, _ = team
    server.execute(database, f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    ann.state("decision", "Totals are rounded once")
    with pytest.raises(TeamError, match="read-only"):
        ann.sync()
    server.execute("postgres", f"ALTER DATABASE {database} RESET default_transaction_read_only")
    ann.sync()
    assert ann.shared.pushed == 1
