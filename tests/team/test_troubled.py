"""A server that is dead, slow, full, read-only or means ill costs one line in `status`, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fixtures.homes import Home

from codememory.errors import TeamError
from codememory.store import team as store
from codememory.team import child_sync
from codememory.team.server import connecting

from . import hostile
from .conftest import make_teams
from .machines import Machine, settled
from .server import Server, free_port

LIMIT_MS = 3_000


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


def joined(home: Home) -> Any:
    """Return the store of a home whose project is shared, on a server that has it as ann's."""
    home.mark("decision", "Totals are rounded once")
    connection = home.connect()
    (project_id,) = connection.execute("SELECT project_id FROM project").fetchone()
    store.join(connection, store.Shared((project_id, b"s" * 16, "shop", "shop", "ann", b"m" * 16, 0, 0, "")))
    return connection


def assert_one_line(home: Home, connection: Any) -> str:
    """Exchange in the background as after an answer of the model; assert that one line tells what went wrong."""
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
    return str(sentence)


@pytest.mark.parametrize("kind", ILL)
def test_a_server_that_is_none_costs_one_line(kind: str, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_sync, "LIMIT_MS", LIMIT_MS)
    connection = joined(home)
    home.set(CODEMEMORY_TEAM_DSN=f"host=127.0.0.1 port={ILL[kind]()} user=ann dbname=x")
    assert_one_line(home, connection)


@pytest.mark.parametrize("kind", hostile.ANSWERS)
def test_a_server_that_turns_hostile_costs_one_line(
    kind: str, home: Home, server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lets one in, and answers otherwise than it should when it is asked for events."""
    monkeypatch.setattr(child_sync, "LIMIT_MS", LIMIT_MS)
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    bob = Machine(tmp_path, "bob", server.dsn("bob", database)).join(new=True)
    bob.state("decision", "Theirs")
    bob.sync()
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    home.mark("decision", "Totals are rounded once")
    home.json("team", "join", "--project", "shop")
    connection = home.connect()
    with hostile.between(server.port, b"FROM codememory.event", hostile.ANSWERS[kind]) as port:
        home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database, port))
        assert_one_line(home, connection)
        if kind in ("other columns", "other types", "rubbish", "hanging up"):
            done = home.run("team", "sync")
            assert (done.code, done.err.count("\n")) == (1, 1), done.err
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    done = home.json("team", "sync")["projects"][0]
    assert (done["pulled"], done["pushed"]) == (1, 1)


@pytest.mark.parametrize("kind", ["silence", "byte by byte", "endless notices"])
def test_a_command_does_not_wait_for_ever(
    kind: str, team: list[Machine], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = team
    bob.state("decision", "Theirs")
    bob.sync()
    monkeypatch.setattr(connecting, "LIMIT_SECONDS", 1.0)
    with hostile.between(server.port, b"FROM codememory.event", hostile.ANSWERS[kind]) as port:
        ann.dsn = ann.dsn.replace(f"port={server.port}", f"port={port}")
        with pytest.raises(TeamError, match="does not come to an end"):
            ann.sync()


def test_a_read_only_server_costs_one_line(team: list[Machine], server: Server, database: str) -> None:
    ann, bob = team
    bob.state("decision", "Theirs")
    bob.sync()
    server.execute(database, f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    ann.state("decision", "Totals are rounded once")
    with pytest.raises(TeamError, match="read-only"):
        ann.sync()
    assert ann.find("Theirs"), "what can be read is read"
    server.execute("postgres", f"ALTER DATABASE {database} RESET default_transaction_read_only")
    ann.sync()
    assert ann.shared.pushed == 1


SLOW = """
CREATE FUNCTION codememory.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON codememory.event FOR EACH ROW EXECUTE FUNCTION codememory.slow();
"""


def test_a_slow_server_costs_one_line(
    home: Home, server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_sync, "LIMIT_MS", LIMIT_MS)
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    home.mark("decision", "Totals are rounded once")
    home.json("team", "join", "--new")
    connection = home.connect()
    server.execute(database, SLOW)
    assert_one_line(home, connection)
    server.execute(database, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'ann'")
    server.execute(database, "DROP TRIGGER slow ON codememory.event")
    assert home.json("team", "sync")["projects"][0]["pushed"] == 1


def test_a_statement_has_a_limit_on_the_server(
    team: list[Machine], server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _ = team
    ann.state("decision", "Totals are rounded once")
    server.execute(database, SLOW)
    monkeypatch.setattr(connecting, "STATEMENT_MS", 200)
    with pytest.raises(TeamError, match="statement timeout"):
        ann.sync()
    with psycopg.connect(server.dsn("bob", database)) as holding:
        holding.execute("SELECT 1 FROM codememory.project FOR UPDATE")
        server.execute(database, "DROP TRIGGER slow ON codememory.event")
        with pytest.raises(TeamError, match="timeout"):
            ann.sync()
    ann.sync()
    assert ann.shared.pushed == 1


def test_a_connection_that_is_ended_in_the_middle_of_a_copy(
    team: list[Machine], server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _ = team
    for number in range(200):
        ann.state("decision", f"Decision {number}")
    written = psycopg.Copy.write_row
    rows = iter(range(200))

    def ending(self: Any, row: Any) -> None:
        if next(rows) == 100:
            pid = self.connection.info.backend_pid
            server.execute(database, f"SELECT pg_terminate_backend({pid}, 5000)")
        written(self, row)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Copy, "write_row", ending)
        with pytest.raises(TeamError) as caught:
            ann.sync()
    assert "\n" not in str(caught.value)
    count = "SELECT count(*) FROM codememory.event"
    assert server.execute(database, count) == [(0,)], "all of it, or nothing"
    settled(team)
    assert server.execute(database, count) == [(200,)]


@pytest.fixture
def small(server: Server) -> Iterator[Path]:
    """Return a folder of the server's that holds 16 MB."""
    folder = Path(tempfile.mkdtemp(prefix="codememory-small-"))
    words = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=777", "none", str(folder)]
    if os.getuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("a small disk can be mounted by root only")
    place = folder / "space"
    place.mkdir()
    os.chown(place, server.owner.pw_uid, server.owner.pw_gid)
    yield place
    server.execute("postgres", "DROP DATABASE IF EXISTS team WITH (FORCE)")
    server.execute("postgres", "DROP TABLESPACE small")
    subprocess.run(["umount", str(folder)], check=True)
    shutil.rmtree(folder)


def test_a_full_disk_costs_one_line(
    small: Path, server: Server, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    server.execute("postgres", f"CREATE TABLESPACE small LOCATION '{small}'")
    server.execute("postgres", "CREATE DATABASE team TABLESPACE small")
    make_teams(server, "team")
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", "team"))
    home.mark("decision", "Totals are rounded once")
    home.json("team", "join", "--new")
    filler = small.parent / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 65_536)
    connection = home.connect()
    assert "No space left" in assert_one_line(home, connection)
    filler.unlink()
    assert home.json("team", "sync")["projects"][0]["pushed"] == 1
    (count,) = server.execute("team", "SELECT count(*) FROM codememory.event")[0]
    assert count == 1
