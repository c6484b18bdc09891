"""Past one server: transactions that commit late, replicas that lag, and a replica that takes over."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codememory.errors import TeamError
from codememory.store import team as store
from codememory.team.server import connecting, log

from .conftest import MEMBERS, make_roles, make_teams
from .machines import Machine, assert_equal, settled
from .server import Server, binaries

SETTINGS = {"max_connections": "40", "shared_buffers": "32MB", "track_commit_timestamp": "on", "wal_level": "replica"}
WRITERS, PUSHES = 4, 6

LATE = """
CREATE FUNCTION codememory.late() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(random() * 0.2); RETURN NEW; END $$;
CREATE TRIGGER late BEFORE UPDATE ON codememory.machine FOR EACH ROW EXECUTE FUNCTION codememory.late();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON codememory.machine DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION codememory.late();
"""
"""Holds a push back between its events and its end."""


class Pair:
    """A primary, and a replica that streams from it."""

    def __init__(self, programs: Path) -> None:
        self.primary = Server(programs, SETTINGS)
        make_roles(self.primary)
        self.primary.execute("postgres", "CREATE DATABASE team")
        make_teams(self.primary, "team")
        self.replica = Server(programs, SETTINGS, behind=self.primary)

    def dsn(self, role: str) -> str:
        """Return how a role reaches whichever of the two is the primary."""
        ports = f"{self.primary.port},{self.replica.port}"
        return f"host=127.0.0.1,127.0.0.1 port={ports} user={role} dbname=team target_session_attrs=read-write"

    def remove(self) -> None:
        """End both."""
        self.replica.remove()
        self.primary.remove()

    def caught_up(self) -> None:
        """Wait until the replica shows all that the primary has now."""
        (now,) = self.primary.execute("postgres", "SELECT pg_current_wal_lsn()")[0]
        for _ in range(400):
            if self.replica.execute("postgres", f"SELECT pg_last_wal_replay_lsn() >= '{now}'") == [(True,)]:
                return
            time.sleep(0.05)
        raise AssertionError("the replica does not follow")

    def pause(self, paused: bool) -> None:
        """Let the replica stand still, or go on."""
        self.replica.execute("postgres", f"SELECT pg_wal_replay_{'pause' if paused else 'resume'}()")


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """Return a primary and its replica, with the teams."""
    programs = binaries()
    if programs is None or not (programs / "pg_basebackup").exists():
        pytest.skip("no PostgreSQL server with pg_basebackup is installed")
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    made = Pair(programs)
    yield made
    made.remove()


@pytest.fixture
def own_dsn(monkeypatch: pytest.MonkeyPatch) -> threading.local:
    """Return where each thread's connection is set."""
    held = threading.local()
    monkeypatch.setattr(connecting.config, "setting", lambda _: held.dsn)
    return held


def pushed_late(one: Machine, own_dsn: threading.local) -> None:
    """Say something and push it, several times."""
    own_dsn.dsn = one.dsn
    for number in range(PUSHES):
        one.state("decision", f"{one.name} says {number}")
        one.sync(pull=False)


def test_no_pull_passes_over_what_commits_late(pair: Pair, tmp_path: Path, own_dsn: threading.local) -> None:
    """Pushes overlap and commit in another order than they began in, while two others pull all the time.

    One of them pulls from the primary, one from a replica that stands still now and then.
    """
    own_dsn.dsn = pair.primary.dsn("ann", "team")
    writers = [Machine(tmp_path, f"w{n}", pair.primary.dsn(MEMBERS[n], "team")) for n in range(WRITERS)]
    for place, one in enumerate(writers):
        own_dsn.dsn = one.dsn
        one.join(new=True) if place == 0 else one.join(project="shop")
    near, far = (Machine(tmp_path, name, "") for name in ("near", "far"))
    for one in (near, far):
        own_dsn.dsn = pair.primary.dsn("dan", "team")
        one.join(project="shop")
    pair.primary.execute("team", LATE)
    pair.caught_up()
    threads = [threading.Thread(target=pushed_late, args=(one, own_dsn)) for one in writers]
    for thread in threads:
        thread.start()
    chance, partly = random.Random(4), set()
    while any(thread.is_alive() for thread in threads):
        pair.pause(chance.random() < 0.5)
        for one, server in ((near, pair.primary), (far, pair.replica)):
            own_dsn.dsn = server.dsn("dan", "team")
            one.sync(push=False)
            partly.add((one.name, len(one.log())))
    for thread in threads:
        thread.join()
    pair.pause(False)
    pair.caught_up()
    for one, server in ((near, pair.primary), (far, pair.replica)):
        own_dsn.dsn = server.dsn("dan", "team")
        one.sync(push=False)
    order = pair.primary.execute(
        "team", "SELECT xmin::text::bigint FROM codememory.event GROUP BY xmin ORDER BY pg_xact_commit_timestamp(xmin)"
    )
    assert order != sorted(order), "some committed before others that had begun earlier"
    assert len(partly) > 6, "pulls fell between the pushes"
    assert len(near.log()) == len(far.log()) == WRITERS * PUSHES
    assert_equal([near, far])


@pytest.mark.parametrize("place", ["token", "machines"])
def test_what_is_pushed_in_the_middle_of_a_pull_comes_with_the_next(
    team: list[Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    ann, bob = team
    bob.state("decision", "First")
    settled(team)
    cat = Machine(tmp_path, "cat", bob.dsn.replace("user=bob", "user=cat")).join(project="shop")
    cat.state("decision", "Second")
    cat.sync(pull=False)
    asked = getattr(log, place)

    def interrupted(*given: Any) -> Any:
        found = asked(*given)
        monkeypatch.setattr(log, place, asked)
        bob.state("decision", "Third")
        bob.sync(pull=False)
        return found

    monkeypatch.setattr(log, place, interrupted)
    for _ in range(2):
        ann.sync(push=False)
    assert len(ann.log()) == 3


def test_pulls_from_a_replica_and_pushes_to_the_primary(pair: Pair, tmp_path: Path) -> None:
    ann = Machine(tmp_path, "ann", pair.primary.dsn("ann", "team")).join(new=True)
    bob = Machine(tmp_path, "bob", pair.primary.dsn("bob", "team")).join(project="shop")
    ann.state("decision", "First")
    ann.sync()
    pair.caught_up()
    pair.pause(True)
    ann.state("decision", "Second")
    ann.sync()
    for dsn, known in ((pair.replica, 1), (pair.primary, 2), (pair.replica, 2), (pair.primary, 2)):
        bob.dsn = dsn.dsn("bob", "team")
        bob.sync(push=False)
        assert len(bob.log()) == known, "a replica that is behind takes nothing away"
    bob.state("decision", "Third")
    bob.dsn = pair.replica.dsn("bob", "team")
    with pytest.raises(TeamError, match=r"read-only|recovery") as caught:
        bob.sync(pull=False)
    assert "\n" not in str(caught.value)
    bob.dsn = pair.primary.dsn("bob", "team")
    settled([ann, bob])
    assert len(ann.log()) == 3
    assert_equal([ann, bob])


def test_a_replica_takes_over_and_is_told_again_what_it_missed(pair: Pair, tmp_path: Path) -> None:
    """The primary is lost with what it had not passed on yet; whoever pushed that sends it again by itself."""
    machines = [Machine(tmp_path, name, pair.dsn(name)) for name in MEMBERS]
    for place, one in enumerate(machines):
        one.join(new=True) if place == 0 else one.join(project="shop")
        for number in range(5):
            one.state("decision", f"{one.name} says {number}")
            one.fail(f"failure {number}", fixed_by=f"-{number}\n+{one.name}")
    settled(machines)
    pair.caught_up()
    pair.replica.stop()
    for one in machines:
        one.state("decision", f"{one.name} says what gets lost")
        one.fail("late", fixed_by=f"-late\n+{one.name}")
    settled(machines)
    whole = {row[:2] for row in machines[0].log()}
    pair.primary.stop(kill=True)
    pair.replica.start()
    pair.replica.program("pg_ctl", "promote", "-D", pair.replica.data, "-w")
    held = "SELECT count(*) FROM codememory.event"
    before = pair.replica.execute("team", held)
    assert before < [(len(whole),)], "something is lost there"
    for one in machines:
        one.state("decision", f"{one.name} says after")
    settled(machines)
    assert_equal(machines)
    assert whole < {row[:2] for row in machines[0].log()}
    assert pair.replica.execute("team", held) == [(len(machines[0].log()),)], "nothing lost, nothing double"
    for one in machines:
        assert one.shared.pushed == store.vector(one.connection, one.place.project_id)[one.shared.machine]
