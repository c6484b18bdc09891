"""An import or a pruning killed at any moment leaves a sound store, and goes on to the same end when run again."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import apsw
import pytest
from fixtures import totals
from fixtures.homes import START, Home
from fixtures.scenes import bulky

from codememory import db, doctor

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
KILLS = 60 if TORTURE else 8
"""All 60 of each with CODEMEMORY_TORTURE=1."""

SESSIONS = 40 if TORTURE else 12
SLOWED = (
    "from codememory.transfer import importing; importing.BATCH_LINES = 40;"
    " from codememory import prune; prune.BATCH = 10; "
)


def filled(home: Home) -> Path:
    """Return an export of many sessions with summaries, memories, and one forgotten message each."""
    for number in range(SESSIONS):
        bulky(home, number, turns=6)
    home.json("backfill")
    home.json("compact", "--all", "--no-llm")
    home.json("mark", "decision", "Round once")
    path = home.root / "all.jsonl"
    home.json("export", "--output", str(path))
    return path


def started(home: Home, *words: str) -> subprocess.Popen[bytes]:
    """Start a command as a process of its own, with small transactions."""
    program = START.replace("from codememory.__main__", SLOWED + "from codememory.__main__")
    return subprocess.Popen(
        [sys.executable, "-I", "-c", program, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home.project, env=home.environment,
    )  # fmt: skip


def sound(connection: apsw.Connection) -> None:
    """Assert that every row, link, index entry and summary is whole."""
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    names = ("structure", "links", "index", "summaries")
    wrong = [one for one in doctor.examine(connection)["checks"] if one["name"] in names and not one["ok"]]
    assert wrong == []


def kill_at_random(home: Home, path: str, words: list[str], prepare: object, seed: int) -> int:
    """Kill a command at moments spread over what it takes, each time going on with what is there; return the kills."""
    home.set(CODEMEMORY_DATABASE_PATH=path)
    chance = random.Random(seed)
    durations = []
    for _ in range(2):
        prepare()  # type: ignore[operator]
        began = time.monotonic()
        process = started(home, *words)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        durations.append(time.monotonic() - began)
    killed, latest = 0, 1.0
    prepare()  # type: ignore[operator]
    for _ in range(KILLS):
        process = started(home, *words)
        time.sleep(statistics.median(durations) * chance.uniform(0, latest))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        if process.returncode == -signal.SIGKILL:
            killed += 1
        else:  # the machine was busier when it was measured, or little was left to do
            latest = max(0.3, latest * 0.95)
        sound(db.connect(path))
    process = started(home, *words)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return killed


def dropped(path: str) -> None:
    """Take a database away."""
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).unlink(missing_ok=True)


def test_an_import_killed_at_random_moments(home: Home) -> None:
    file = filled(home)
    path = str(home.root / "other.db")
    killed = kill_at_random(home, path, ["import", str(file)], lambda: dropped(path), 3)
    totals.add("kills of import", KILLS)
    assert killed > KILLS // 3
    assert sorted(home.run("export").out.splitlines()) == sorted(file.read_bytes().splitlines())
    sound(db.connect(path))


@pytest.mark.parametrize("mode", ["--payloads", "--sessions"])
def test_a_pruning_killed_at_random_moments(home: Home, mode: str) -> None:
    file = filled(home)
    path = str(home.root / "other.db")
    home.set(CODEMEMORY_DATABASE_PATH=str(home.root / "whole.db"))
    home.json("import", str(file))
    nodes = home.json("memory", "list", "--limit", "1000")["nodes"]

    def prepare() -> None:
        dropped(path)
        home.set(CODEMEMORY_DATABASE_PATH=str(home.root / "whole.db"))
        home.json("backup", "--output", path)
        home.set(CODEMEMORY_DATABASE_PATH=path)

    words = ["prune", mode, "--older-than", "30d", "--yes"]
    killed = kill_at_random(home, path, words, prepare, 4)
    totals.add("kills of prune", KILLS)
    assert killed > KILLS // 3
    assert home.json("prune", mode, "--older-than", "30d")["messages"] == 0
    assert home.json("memory", "list", "--limit", "1000")["nodes"] == nodes
    sound(db.connect(path))


def test_a_forgetting_killed_before_the_file_is_rewritten(home: Home) -> None:
    """What is forgotten stays forgotten; its bytes are overwritten by the next call."""
    marked = home.mark("constraint", "Never rename the zanzibarquux table")
    die = "from codememory.store import erasure; import os; erasure.rewrite = lambda _: os.kill(os.getpid(), 9); "
    program = START.replace("from codememory.__main__", die + "from codememory.__main__")
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, "memory", "forget", marked, "--yes"],
        capture_output=True, cwd=home.project, env=home.environment, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert home.json("memory", "list")["nodes"] == []
    sound(home.connect())
    assert home.json("memory", "forget")["cleaned"]
    data = b"".join(path.read_bytes() for path in home.database.parent.glob("codememory.db*"))
    assert b"zanzibarquux" not in data
