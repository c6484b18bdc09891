"""A server that is reached over a network is reached through TLS, or not at all.

Another machine is stood in for by a host name that is none of this machine's, whose address the connection names.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codememory.errors import TeamError
from codememory.team.server import connecting

from .certificates import NAME, Certificates
from .conftest import make_roles, make_teams
from .machines import Machine, settled
from .proxy import proxied
from .server import Server, binaries

SAID = "We buy the zebra company"


@pytest.fixture(scope="module")
def made() -> Iterator[Certificates]:
    """Return certificates."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed: no certificate can be made")
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    certificates = Certificates(Server.owner_of().pw_uid)
    yield certificates
    shutil.rmtree(certificates.folder)


@pytest.fixture(scope="module")
def encrypted(made: Certificates) -> Iterator[Server]:
    """Return a server with TLS and the teams."""
    programs = binaries()
    assert programs is not None
    server = Server(programs, made.settings("server"))
    make_roles(server)
    server.execute("postgres", "CREATE DATABASE team")
    make_teams(server, "team")
    yield server
    server.remove()


def reached(port: int, **parameters: object) -> str:
    """Return how ann reaches a server on another machine."""
    given = {"host": NAME, "hostaddr": "127.0.0.1", "port": port, "user": "ann", "dbname": "team", **parameters}
    return " ".join(f"{name}={value}" for name, value in given.items())


def test_a_verified_exchange_says_nothing_in_clear(
    made: Certificates, encrypted: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    with proxied(encrypted.port) as proxy:
        dsn = reached(proxy.port, sslmode="verify-full", sslrootcert=made.authority)
        ann = Machine(tmp_path, "ann", dsn).join(new=True)
        bob = Machine(tmp_path, "bob", dsn.replace("user=ann", "user=bob")).join(project="shop")
        ann.state("decision", SAID)
        settled([ann, bob])
        seen = bytes(proxy.seen)
    assert bob.find(SAID)
    assert len(seen) > 5_000
    for said in (SAID.encode(), b"codememory", b"ann\0", b"shop"):
        assert said not in seen


REFUSED = {
    "another authority": ({"sslmode": "verify-full", "sslrootcert": "{others}"}, "verify failed; sslrootcert"),
    "another host": (
        {"sslmode": "verify-full", "sslrootcert": "{ours}", "host": "evil.team.test"},
        "not match host name .*as its certificate does",
    ),
    "no authority": ({"sslmode": "verify-full", "sslrootcert": "/nowhere"}, "does not exist"),
    "in clear": ({"sslmode": "disable"}, "in clear"),
    "if it likes": ({"sslmode": "prefer"}, "in clear"),
    "in clear, under a loopback's name": ({"sslmode": "disable", "host": "127.0.0.1.team.test"}, "in clear"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_safe_is_refused(
    made: Certificates, encrypted: Server, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    given, told = REFUSED[case]
    with proxied(encrypted.port) as proxy:
        filled = {name: one.format(ours=made.authority, others=made.others) for name, one in given.items()}
        monkeypatch.setenv("CODEMEMORY_TEAM_DSN", reached(proxy.port, **filled))
        with pytest.raises(TeamError, match=told) as caught, connecting.connected():
            pass
        assert b"ann\0" not in proxy.seen, "nothing was said before"
    assert "\n" not in str(caught.value)


def test_encryption_without_a_word_about_it(encrypted: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", reached(encrypted.port))
    with connecting.connected() as connection:
        assert connection.pgconn.ssl_in_use


@pytest.mark.parametrize("name", ["PGSSLMODE", "a service"])
def test_no_setting_beside_the_connection_takes_encryption_away(
    encrypted: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    dsn = reached(encrypted.port)
    if name == "PGSSLMODE":
        monkeypatch.setenv(name, "disable")
    else:
        (tmp_path / "services").write_text("[clear]\nsslmode=disable\n")
        monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
        dsn += " service=clear"
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", dsn)
    with pytest.raises(TeamError, match="in clear"), connecting.connected():
        pass


def test_an_expired_certificate_is_refused(made: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = binaries()
    assert programs is not None
    server = Server(programs, made.settings("expired"))
    try:
        dsn = reached(server.port, sslmode="verify-full", sslrootcert=made.authority, dbname="postgres", user="admin")
        monkeypatch.setenv("CODEMEMORY_TEAM_DSN", dsn)
        with pytest.raises(TeamError, match="certificate"), connecting.connected():
            pass
    finally:
        server.remove()


def test_a_server_without_encryption_is_refused(server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", reached(server.port, dbname=database))
    with pytest.raises(TeamError, match="does not support SSL"), connecting.connected():
        pass


def test_whoever_says_that_there_is_no_encryption_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in between, who answers for the server that it has no TLS, and waits for what comes in clear."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def strip() -> None:
        near, _ = listening.accept()
        with near:
            heard.append(near.recv(8))
            near.sendall(b"N")
            heard.append(near.recv(4_096))

    listener = threading.Thread(target=strip, daemon=True)
    listener.start()
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", reached(listening.getsockname()[1]))
    with pytest.raises(TeamError, match="SSL"), connecting.connected():
        pass
    listener.join(10)
    listening.close()
    assert heard[1] == b"", "no role, no password, no word"


ELSEWHERE = "192.0.2.1"
INSIDE = "CODEMEMORY_TEST_NAMESPACE"


def test_an_address_that_is_not_loopback(made: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a network of its own, where the server has an address as another machine would have."""
    if INSIDE not in os.environ:
        name = test_an_address_that_is_not_loopback.__name__
        test = f"{sys.executable} -m pytest -q -p no:xdist {__file__} -k {name}"
        words = ["unshare", "-n", "sh", "-c", f"ip link set lo up && ip addr add {ELSEWHERE}/32 dev lo && exec {test}"]
        if subprocess.run(["unshare", "-n", "ip", "link"], capture_output=True, check=False).returncode:
            pytest.skip("no network namespace can be made")
        done = subprocess.run(words, env={**os.environ, INSIDE: "1"}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        return
    programs = binaries()
    assert programs is not None
    server = Server(programs, {**made.settings("server"), "listen_addresses": f"127.0.0.1,{ELSEWHERE}"})
    try:
        with (server.data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {ELSEWHERE}/32 trust\n")
        server.execute("postgres", "SELECT pg_reload_conf()")
        dsn = f"host={ELSEWHERE} port={server.port} user=admin dbname=postgres"
        monkeypatch.setenv("CODEMEMORY_TEAM_DSN", f"{dsn} sslmode=disable")
        with pytest.raises(TeamError, match="in clear"), connecting.connected():
            pass
        monkeypatch.setenv("CODEMEMORY_TEAM_DSN", f"{dsn} sslmode=verify-ca sslrootcert={made.authority}")
        with connecting.connected() as connection:
            assert connection.pgconn.ssl_in_use
            assert connection.execute("SELECT inet_server_addr()::text").fetchone() == (f"{ELSEWHERE}/32",)
    finally:
        server.remove()
