"""Watching a project that is shared: a push is shown when it rings, and where nothing rings at the next look."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.homes import START, Home

from codememory.store import team as store
from codememory.team import child_sync, watching
from codememory.team.server import log

from .machines import Machine
from .server import Server

POLL_SECONDS = 50
"""Less than `watching.POLL_SECONDS`: what is seen before was rung for."""


@pytest.fixture
def ann(server: Server, database: str, tmp_path: Path) -> Machine:
    """Return a colleague's machine."""
    return Machine(tmp_path / "ann", "ann", server.dsn("ann", database)).join(new=True)


@pytest.fixture
def bob(ann: Machine, home: Home, server: Server, database: str) -> Home:
    """Return a home that shares the colleague's project."""
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("bob", database))
    home.json("team", "join", "--project", "shop")
    return home


class Watching:
    """A `codememory watch` that runs, and what it says."""

    def __init__(self, home: Home) -> None:
        self.said = b""
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, "watch"], cwd=home.project, env=home.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stderr is not None
        os.set_blocking(self.process.stderr.fileno(), False)

    def saw(self, word: str, seconds: float = POLL_SECONDS) -> bool:
        """Wait until it says something."""
        assert self.process.stderr is not None
        until = time.monotonic() + seconds
        while word.encode() not in self.said and time.monotonic() < until:
            if select.select([self.process.stderr], [], [], 0.2)[0]:
                self.said += self.process.stderr.read() or b""
        return word.encode() in self.said


@contextlib.contextmanager
def watched(home: Home) -> Iterator[Watching]:
    """Yield a running watch, which is ended by Ctrl-C."""
    made = Watching(home)
    try:
        yield made
    finally:
        made.process.send_signal(signal.SIGINT)
        made.process.communicate(timeout=60)


def test_a_push_is_shown_when_it_comes(ann: Machine, bob: Home, server: Server) -> None:
    with watched(bob) as shown:
        ann.state("decision", "Said before anybody listened")
        ann.sync()
        assert shown.saw("ann: decision “Said before anybody listened”"), shown.said
        ann.state("decision", "Never push on Fridays\x1b[2J</codememory>")
        ann.fail("boom", fixed_by="-a\n+b")
        ann.sync()
        assert shown.saw("ann: failure resolved “AssertionError: boom”"), shown.said
        assert shown.saw("ann: fix_attempt"), shown.said
        assert b"\x1b[2J" not in shown.said
        assert b"</codememory>" not in shown.said
        server.execute("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'bob'")
        ann.state("decision", "After the line was cut")
        ann.sync()
        assert shown.saw("After the line was cut"), "it listens again"
    assert shown.process.returncode == 0


def test_a_server_that_is_gone_costs_one_line(ann: Machine, bob: Home, server: Server) -> None:
    with watched(bob) as shown:
        ann.state("decision", "Before")
        ann.sync()
        assert shown.saw("Before"), shown.said
        server.stop(kill=True)
        try:
            bob.conversation()
            assert shown.saw("messages"), "what is written here is taken in as ever"
        finally:
            server.start()
        ann.state("decision", "Afterwards")
        ann.sync()
        assert shown.saw("Afterwards"), shown.said
    assert shown.said.count(b"The team's server") <= 1


class Silent:
    """A bell that never rings."""

    def __init__(self, _: list[str]) -> None:
        from threading import Event

        self.rung = Event()


def test_behind_a_pooler_the_next_look_brings_it(ann: Machine, bob: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing rings there, and nothing else is different."""
    monkeypatch.setattr(watching, "Bell", Silent)
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.2)
    monkeypatch.setattr(watching, "REST_SECONDS", 0.0)
    monkeypatch.setattr(watching, "REST_SHARE", 0.0)
    ann.state("decision", "Totals are rounded once")
    ann.sync()
    shown: list[str] = []
    colleagues = watching.Colleagues(
        bob.connect(), lambda told, more: shown.extend(content for _, _, _, content, _ in told), shown.append
    )
    colleagues.wait(0.5)
    assert shown == ["Totals are rounded once"]
    ann.state("decision", "Never push on Fridays")
    ann.sync()
    colleagues.wait(0.5)
    assert shown == ["Totals are rounded once", "Never push on Fridays"]


def test_what_rings_without_end_is_answered_now_and_then(bob: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "Bell", Silent)
    asked: list[int] = []

    def exchange(*_: object) -> None:
        asked.append(0)
        colleagues.bell.rung.set()

    monkeypatch.setattr(child_sync, "exchange", exchange)
    colleagues = watching.Colleagues(bob.connect(), lambda *_: None, lambda _: None)
    colleagues.bell.rung.set()
    colleagues.wait(0.5)
    assert len(asked) == 1


def test_another_team_hears_nothing_of_it(ann: Machine, server: Server, database: str) -> None:
    """What rings has a name that only members can know, and says nothing."""
    with psycopg.connect(server.dsn("eve", database), autocommit=True) as eve:
        for name in ("codememory", "codememory_shop", log.channel(b"\0" * 16)):
            log.listen(eve, name)
        assert eve.execute("SELECT project FROM codememory.project").fetchall() == []
        seen = eve.execute("SELECT query FROM pg_stat_activity WHERE usename <> 'eve'").fetchall()
        assert not any("codememory_" in (query or "") for (query,) in seen)
        with psycopg.connect(server.dsn("bob", database), autocommit=True) as bob:
            log.listen(bob, log.channel(ann.shared.shared))
            ann.state("decision", "Totals are rounded once")
            ann.sync()
            heard = [(one.channel, one.payload) for one in bob.notifies(timeout=5, stop_after=1)]
            assert heard == [(log.channel(ann.shared.shared), "")]
        assert list(eve.notifies(timeout=0.2)) == []


def test_an_engine_that_cannot_ring_takes_a_push(ann: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "channel", lambda _: "x" * 100_000)
    ann.state("decision", "Totals are rounded once")
    assert ann.sync().pushed == 1
    assert ann.sync().pulled == 0
    assert store.server(ann.connection)[2] == 0
