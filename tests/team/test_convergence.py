"""Many machines come to the same state, whatever is cut, killed, delayed, restored or delivered twice on the way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codememory.errors import TeamError
from codememory.store import memories
from codememory.store import team as store

from .conftest import MEMBERS
from .machines import Machine, assert_equal, repaired, settled
from .proxy import proxied
from .server import Server

MACHINES = 50
SOURCE = Path(__file__).resolve().parents[2]
SIGNATURES = [f"failure {number}" for number in range(8)]


def live(one: Machine, chance: random.Random, step: int) -> None:
    """Let something happen on a machine."""
    act = chance.randrange(8)
    if act == 0:
        one.state(chance.choice(("task", "constraint", "decision")), f"{one.name} says {step}", rationale="because")
    elif act in (1, 2):
        outcome = chance.choice(("succeeded", "failed"))
        one.fail(chance.choice(SIGNATURES), fixed_by=f"-{step}\n+{one.name}", outcome=outcome)
    elif act == 3:
        one.fail(chance.choice(SIGNATURES))
    elif act == 4 and (known := one.own("task", "decision")):
        status, verb = chance.choice((("resolved", "resolved"), ("active", "reopened"), ("superseded", "superseded")))
        one.move(chance.choice(known), status, verb)
    elif act == 5 and (
        known := [row[0] for row in one.connection.execute("SELECT node_id FROM node WHERE kind = 'task'")]
    ):
        one.move(chance.choice(known), "resolved", "resolved")
    elif act == 6 and (known := one.own("decision", "task")) and chance.random() < 0.3:
        one.forget(chance.choice(known))
    elif act == 7 and (known := one.own("decision", "task")) and chance.random() < 0.3:
        one.keep_private(chance.choice(known))


@pytest.fixture
def many(server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Machine]:
    """Return many machines of four members."""
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    made = []
    for number in range(MACHINES):
        member = MEMBERS[number % len(MEMBERS)]
        one = Machine(tmp_path, f"m{number}", server.dsn(member, database))
        one.join(new=True) if number == 0 else one.join(project="shop")
        for author in MEMBERS:
            one.trust(author)
        made.append(one)
    return made


def test_fifty_machines_converge(many: list[Machine], server: Server, database: str) -> None:
    """And one of them, which pushed after the backup that is restored, is never seen again."""
    chance = random.Random(10)
    backup = b""
    *rest, gone = many
    for step in range(400):
        if step == 290:
            gone.state("decision", "The last word of who is gone")
            withdrawn = gone.state("decision", "Withdrawn before it was gone")
            gone.sync()
            gone.forget(withdrawn)
            gone.sync()
            rest[7].sync()
        one = chance.choice(many if step < 290 else rest)
        live(one, chance, step)
        if chance.random() < 0.4:  # the others are offline
            one.sync(pull=chance.random() < 0.8, push=chance.random() < 0.8)
        if step == 150:
            backup = server.dump(database)
        if step == 200:
            server.stop(kill=True)
            server.start()
        if step == 300:
            server.restore(database, backup)
    settled(rest)
    assert rest[7].sync().lacking > 1
    assert rest[0].find("The last word of who is gone") is None
    for one in rest:  # what one of them has forgotten another one gives back
        repaired(one, server.dsn("admin", database))
    settled(rest)
    assert_equal(rest)
    assert not any(one.sync().lacking for one in rest)
    assert all(one.find("The last word of who is gone") for one in rest)
    events = rest[0].log()
    assert len(events) == len({row[:2] for row in events}), "nothing double"
    assert len(events) > 200
    held = server.execute(database, "SELECT machine, number, payload FROM codememory.event")
    assert {(machine.bytes, number, payload) for machine, number, payload in held} == {
        (row[0], row[1], row[7]) for row in events
    }
    for one in rest:  # nothing lost: what was stated here and is still shared is known everywhere
        sent = one.shared.pushed
        assert sent == store.vector(one.connection, one.place.project_id).get(one.shared.machine, 0)


def test_a_push_that_is_cut_anywhere_is_whole_in_the_end(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxied(server.port) as proxy:
        monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
        ann = Machine(tmp_path, "ann", server.dsn("ann", database, proxy.port)).join(new=True)
        for number in range(20):
            ann.fail(f"failure {number}", fixed_by=f"-{number}\n+{number}")
        chance, cut = random.Random(3), 0
        for _ in range(25):
            proxy.cut_after = chance.randrange(200, 30_000)
            ann.fail(f"failure {chance.randrange(20)}", fixed_by=f"-{chance.random()}\n+x")
            try:
                ann.sync()
            except TeamError:
                cut += 1
        proxy.cut_after = None
        bob = Machine(tmp_path, "bob", server.dsn("bob", database)).join(project="shop")
        settled([ann, bob])
        assert cut > 5
        assert_equal([ann, bob])


def test_a_process_killed_at_any_moment_loses_and_doubles_nothing(team: list[Machine], tmp_path: Path) -> None:
    ann, bob = team
    chance = random.Random(5)
    environment = {
        **os.environ, "CODEMEMORY_TEAM_DSN": ann.dsn, "CODEMEMORY_DATABASE_PATH": ann.connection.filename,
        "HOME": str(tmp_path), "PYTHONPATH": str(SOURCE),
    }  # fmt: skip
    ended = []
    for number in range(12):
        for each in range(60):
            ann.state("decision", f"Decision {number} {each}")
        started = subprocess.Popen(
            [sys.executable, "-c", "from codememory.__main__ import main; main()", "team", "sync"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            started.wait(0.15 + chance.random() * 0.4)
        except subprocess.TimeoutExpired:
            started.kill()
        ended.append(started.wait())
    assert -signal.SIGKILL in ended
    settled(team)
    assert_equal(team)
    said = [told.statement["content"] for told in bob.told().values()]
    assert sorted(said) == sorted(f"Decision {number} {each}" for number in range(12) for each in range(60))


def test_an_answer_that_was_lost_sends_nothing_twice(team: list[Machine], monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has it, this machine does not know: it was killed between."""
    ann = team[0]
    ann.state("decision", "Totals are rounded once")
    with monkeypatch.context() as patch:
        kept = store.note_progress

        def killed(connection: object, shared: store.Shared) -> None:
            if shared.pushed:
                raise KeyboardInterrupt
            kept(connection, shared)  # type: ignore[arg-type]

        patch.setattr(store, "note_progress", killed)
        with pytest.raises(KeyboardInterrupt):
            ann.sync()
    assert ann.shared.pushed == 0
    settled(team)
    assert_equal(team)
    assert len(ann.log()) == 1
    assert ann.shared.pushed == 1


def test_a_store_restored_from_its_own_backup_goes_on(team: list[Machine], tmp_path: Path) -> None:
    """It has forgotten what it sent, and gives none of its numbers to something else."""
    ann, bob = team
    ann.state("decision", "First")
    settled(team)
    copy = tmp_path / "copy.db"
    ann.connection.execute("VACUUM INTO ?", (str(copy),))
    ann.state("decision", "Second")
    settled(team)
    older = Machine.__new__(Machine)
    older.__dict__.update(ann.__dict__)
    from codememory import db

    older.connection = db.connect(str(copy))
    older.state("decision", "Third")
    settled([older, bob])
    assert_equal([older, bob])
    assert {row.statement["content"] for row in bob.told().values()} == {"First", "Second", "Third"}


def test_two_copies_of_one_store_part_ways(team: list[Machine], tmp_path: Path) -> None:
    ann, bob = team
    ann.state("decision", "First")
    settled(team)
    copy = tmp_path / "copy.db"
    ann.connection.execute("VACUUM INTO ?", (str(copy),))
    other = Machine.__new__(Machine)
    other.__dict__.update(ann.__dict__)
    from codememory import db

    other.connection = db.connect(str(copy))
    ann.state("decision", "Of the first")
    other.state("decision", "Of the copy")
    ann.sync(pull=False)
    other.sync(pull=False)
    settled([ann, other, bob])
    assert_equal([ann, other, bob])
    assert {row.statement["content"] for row in bob.told().values()} == {"First", "Of the first", "Of the copy"}
    assert ann.shared.machine != other.shared.machine


def test_weeks_offline_then_everything_at_once(team: list[Machine]) -> None:
    _, bob = team
    for one in team:
        one.trust("ann")
        one.trust("bob")
    chance = random.Random(7)
    for step in range(60):
        live(chance.choice(team), chance, step)
    settled(team)
    assert_equal(team)
    assert memories.newest(bob.connection, bob.place.project_id, "failure", "active", 50) is not None
