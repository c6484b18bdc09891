"""The queue of those who wait to write: the first come is the first, the dead and the stopped hold up nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

import apsw
import pytest
from fixtures.homes import SOURCE

from codememory import db, turn
from codememory.turn import Turn

PATHS = f"import sys; sys.path[:0] = [{str(SOURCE)!r}]\n"

STAND = (
    f"{PATHS}import os\n"
    "from codememory import turn\n"
    "turn.sleep = lambda _: (print('stands', flush=True), sys.stdin.read())\n"
    "turn.Turn(sys.argv[1], 60_000).wait(0)\n"
)
"""A process that comes to the queue and stands there for as long as it lives."""

LOOKS = 5
PROCESSES, TURNS = 6, 25

WRITE = (
    f"{PATHS}from time import sleep\n"
    "from codememory import db\n"
    "c = db.connect(sys.argv[1], busy_ms=60_000)\n"
    "print('ready', flush=True)\n"
    "sys.stdin.read(1)\n"
    f"for _ in range({TURNS}):\n"
    "    db.begin(c, 60_000)\n"
    "    c.execute(\"INSERT INTO problem (at, place, sentence) VALUES (1, 'turn', ?)\", (sys.argv[2],))\n"
    "    sleep(0.004)\n"
    "    c.execute('COMMIT')\n"
    "    db.give_way(c)\n"
)


@contextmanager
def standing(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Have another process stand in the queue."""
    process = subprocess.Popen([sys.executable, "-c", STAND, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"stands\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a database would be."""
    return tmp_path / "memory.db"


def test_who_comes_later_waits_until_the_first_is_gone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = threading.Semaphore(0)

    def look(seconds: float) -> None:
        looked.release()
        sleep(seconds)

    monkeypatch.setattr(turn, "sleep", look)
    monkeypatch.setattr(turn, "OVERTAKING_SECONDS", 60)
    answers: list[bool] = []
    with standing(path) as first:
        waiting = threading.Thread(target=lambda: answers.append(Turn(str(path), 60_000).wait(0)))
        waiting.start()
        for _ in range(LOOKS):
            looked.acquire()
        assert answers == []
        first.kill()
        waiting.join(60)
    assert answers == [True]


@pytest.mark.parametrize(
    ("waited", "answers"),
    [([0, 0.1, 0.399, 0.401], [True]), ([0, 0.1, 0.81], [False])],
    ids=["a stopped first is overtaken", "the time is up"],
)
def test_nobody_waits_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch, waited: list[float], answers: list[bool]
) -> None:
    times = iter(waited)
    with standing(path):
        later = monotonic() + 1
        monkeypatch.setattr(turn, "monotonic", lambda: later + next(times))
        monkeypatch.setattr(turn, "sleep", lambda _: None)
        assert [Turn(str(path), 800).wait(0)] == answers
    assert list(times) == []


def test_a_queue_is_seen_from_outside_while_somebody_stands_in_it(path: Path) -> None:
    assert not turn.is_awaited(str(path))
    assert list(path.parent.iterdir()) == [], "a look makes no file"
    with standing(path):
        assert turn.is_awaited(str(path))
    assert not turn.is_awaited(str(path))
    (queue,) = path.parent.iterdir()
    assert queue.name == "memory.db-queue"
    assert (queue.stat().st_size, queue.stat().st_mode & 0o777) == (0, 0o600)


def test_two_in_the_same_moment_have_two_places(path: Path) -> None:
    with standing(path):
        file = os.open(f"{path}-queue", os.O_RDWR)
        place = next(at for at in range(int(monotonic() * turn.TICKS) + 1, 0, -1) if not one_free(file, at))
        late = Turn(str(path), 0, came=(place - 1.5) / turn.TICKS)
        assert not late.wait(0)
        assert late._place == place + 1


def one_free(file: int, at: int) -> bool:
    """Tell whether one place is free."""
    return turn._is_free(file, at, 1, os.F_TEST)


@pytest.mark.parametrize("hindrance", ["link", "folder", "no folder", "no locks", "no lockf"])
def test_without_a_queue_everybody_is_first(path: Path, monkeypatch: pytest.MonkeyPatch, hindrance: str) -> None:
    """Waiting goes on as SQLite does it, and a link is not followed."""
    precious = path.parent / "precious"
    if hindrance == "link":
        Path(f"{path}-queue").symlink_to(precious)
    elif hindrance == "folder":
        Path(f"{path}-queue").mkdir()
    elif hindrance == "no folder":
        path = path.parent / "none" / "memory.db"
    elif hindrance == "no lockf":
        monkeypatch.delattr(os, "lockf")
    else:
        monkeypatch.setattr(os, "lockf", lambda *_: (_ for _ in ()).throw(OSError(37, "no locks available")))
    assert Turn(str(path), 800).wait(0)
    assert not turn.is_awaited(str(path))
    assert not precious.exists()


def test_what_is_done_for_all_comes_first_and_soon_or_never(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "FOR_ALL_TRIES_MAX", 3)
    with standing(path):
        for_all = Turn(str(path), 60_000, for_all=True)
        assert [for_all.wait(attempt) for attempt in range(3)] == [True, True, False]
        assert for_all.wait(0), "another wait begins"


def test_nobody_is_passed_over_in_turns(path: Path) -> None:
    """Several write as fast as they can: while one waits, no other gets many turns."""
    connection = db.connect(str(path))
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, path, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for number in range(PROCESSES)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"x")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    turns = [name for (name,) in connection.execute("SELECT sentence FROM problem ORDER BY problem_id")]
    assert Counter(turns) == {str(number): TURNS for number in range(PROCESSES)}
    passed_over = []
    for number in range(PROCESSES):
        own = [at for at, name in enumerate(turns) if name == str(number)]
        passed_over += [after - before - 1 for before, after in pairwise(own)]
    assert max(passed_over) <= 3 * PROCESSES


def test_whoever_begins_first_ends_a_long_log(path: Path) -> None:
    connection = db.connect(str(path))
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', ?)", ("y" * 2_000_000,))
    db.begin(connection, wal_bytes_max=4_000_000)
    connection.execute("COMMIT")
    assert db.wal_bytes(str(path)) > 2_000_000
    reader = db.connect(str(path))
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM problem").get == 1
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (2, 'x', 'y')")
    db.begin(connection)
    connection.execute("COMMIT")
    assert db.wal_bytes(str(path)) > 2_000_000, "somebody reads what it holds"
    reader.execute("COMMIT")
    db.begin(connection)
    connection.execute("COMMIT")
    assert db.wal_bytes(str(path)) == 0


def test_a_reader_holds_up_a_checkpoint_only_for_a_moment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    wait = Turn.wait

    def counted(self: Turn, attempts: int, *, is_writing: bool) -> bool:
        tries.append(attempts)
        return wait(self, attempts, is_writing=is_writing)

    monkeypatch.setattr(Turn, "wait", counted)
    connection = db.connect(str(path))
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', ?)", ("y" * 2_000_000,))
    reader = db.connect(str(path))
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM problem").get == 1  # all it may read can be moved, yet it reads the log
    db.begin(connection)
    connection.execute("COMMIT")
    assert len(tries) == turn.FOR_ALL_TRIES_MAX
    assert connection.execute("SELECT count(*) FROM problem").get == 1


def test_who_writes_already_waits_behind_nobody(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a log a writer has to wait for readers at its end, while others wait for it."""
    monkeypatch.setattr(turn, "OVERTAKING_SECONDS", 60)
    connection = db.connect(str(path))
    assert connection.pragma("journal_mode", "delete") == "delete"
    reader = db.connect(str(path))
    reader.execute("BEGIN; SELECT count(*) FROM problem")
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == LOOKS:
            reader.execute("COMMIT")

    monkeypatch.setattr(turn, "sleep", wait)
    with standing(path):
        db.begin(connection)
        connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', 'y')")
        connection.execute("COMMIT")
    assert waits == [turn.FIRST_SECONDS] * LOOKS


def test_a_locked_database_is_given_up_after_the_time_given(path: Path) -> None:
    connection, other = db.connect(str(path)), db.connect(str(path))
    db.begin(other)
    with pytest.raises(apsw.BusyError):
        db.begin(connection, 30)
    other.execute("COMMIT")
    db.begin(connection, 30)


def test_the_time_of_each_wait_is_its_own(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a checkpoint before the last transaction counted as a part of its waiting."""
    connection, other = db.connect(str(path)), db.connect(str(path))
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', ?)", ("y" * 2_000_000,))
    db.begin(connection)
    connection.execute("COMMIT")
    came: list[float] = []

    def give_up(self: Turn, attempts: int, *, is_writing: bool) -> bool:
        came.append(self._came)
        return False

    monkeypatch.setattr(Turn, "wait", give_up)
    db.begin(other)
    with pytest.raises(apsw.BusyError):
        connection.execute("BEGIN IMMEDIATE")
    assert came == [0.0]
