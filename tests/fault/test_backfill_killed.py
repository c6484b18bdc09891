"""A backfill killed at any moment: run again it goes on, and in the end each line is there once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

from fixtures import totals
from fixtures.homes import START, Home, stored
from fixtures.transcripts import read_again

from codememory.store import transcripts

KILLS, FILES, TURNS = (60, 3, 60) if os.environ.get("CODEMEMORY_TORTURE") else (3, 2, 30)


def start(home: Home) -> subprocess.Popen[bytes]:
    """Start a backfill as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-I", "-c", START, "backfill", "--quiet", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home.project, env=home.environment,
    )  # fmt: skip


def taken(home: Home) -> float:
    """Return the seconds that a whole backfill takes."""
    forget(home)
    started = time.monotonic()
    assert start(home).wait(60) == 0
    return time.monotonic() - started


def forget(home: Home) -> None:
    """Take the database away."""
    for path in home.database.parent.glob("codememory.db*"):
        path.unlink()


def test_killed_at_random_moments(home: Home) -> None:
    home.set(CODEMEMORY_REDACT="false")
    chance = random.Random(5)
    made = [home.conversation(turns=TURNS) for _ in range(FILES)]
    shortest = min(taken(home) for _ in range(2))
    expected = {key: blocks for one in made for key, blocks in read_again(one.path).items()}
    assert stored(home.connect()) == expected
    killed = halves = 0
    latest = 0.95
    for _ in range(KILLS):
        forget(home)
        for _ in range(2):
            process = start(home)
            time.sleep(shortest * chance.uniform(0.2, latest))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            if process.returncode == -signal.SIGKILL:
                killed += 1
            else:  # the machine was busier when it was measured
                latest = max(0.3, latest * 0.8)
        connection = home.connect()
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        for one in made:
            position = transcripts.position_of(connection, str(one.path))
            halves += position is not None and 0 < position[0] < len(one.data)
        held = stored(connection)
        consumed = {}
        for one in made:
            position = transcripts.position_of(connection, str(one.path))
            copy = home.root / "consumed" / one.path.name
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(one.path.read_bytes()[: position[0] if position else 0])
            consumed.update(read_again(copy))
        assert held == consumed, "what is stored and what is marked as read agree"
        connection.close()
        out, err = start(home).communicate(timeout=60)
        assert out, err
        assert stored(home.connect()) == expected
    assert killed > KILLS // 2, "the moments fall inside a backfill"
    totals.add("kills of backfill", 2 * KILLS)
