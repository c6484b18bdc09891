"""Ctrl-C at any point of long work: exit code 130 without a traceback, a sound store, and the next run goes on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fixtures.homes import START, Home
from fixtures.scenes import bulky

from codememory import db, doctor

STOPS = 40 if os.environ.get("CODEMEMORY_TORTURE") else 4
"""How many places of a command it is stopped at: all 40 with CODEMEMORY_TORTURE=1."""

SESSIONS, TURNS = 4, 5
SLOWED = (
    "from codememory.transfer import importing; importing.BATCH_LINES = 20;"
    " from codememory import backup, prune; prune.BATCH = 5; backup.STEP_PAGES = 8; "
)
COUNTING = """
import atexit, os, signal, sys
limit, calls = int(sys.argv.pop()), 0
def counted(frame, event, _):
    global calls
    if event == "call":
        calls += 1
        swallows = frame.f_code.co_filename.startswith("<") or frame.f_code.co_flags & 32
        if 0 < limit <= calls and not swallows:
            sys.setprofile(None)
            os.killpg(0, signal.SIGINT)
atexit.register(lambda: limit or os.write(2, b"CALLS %d" % calls))
os.register_at_fork(after_in_child=lambda: sys.setprofile(None))
sys.setprofile(counted)
"""
"""Press Ctrl-C at the call of a function with this number, at the same place in each run; 0 only counts them.

Not in the importer and not in a generator: Python itself drops what is raised while it lets go of one.
"""

PROGRAM = START.replace("from codememory.__main__", f"{SLOWED}exec({COUNTING!r}); from codememory.__main__")

COMMANDS: dict[str, list[str]] = {
    "backfill": ["backfill"],
    "compact": ["compact", "--all", "--no-llm"],
    "doctor": ["doctor"],
    "repair": ["doctor", "--repair", "--scan"],
    "export": ["export", "--output", "out.jsonl", "--force"],
    "import": ["import", "all.jsonl"],
    "backup": ["backup", "--output", "copy.db", "--force"],
    "prune": ["prune", "--older-than", "30d", "--yes"],
    "prune sessions": ["prune", "--sessions", "--older-than", "30d", "--yes"],
    "view": ["view", "--output", "page.html"],
}


@pytest.fixture
def filled(home: Home) -> Home:
    """Return a home with a store of several sessions, an export of it, and transcripts not yet taken in."""
    home.set(CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0", CODEMEMORY_LEAF_CHUNK_TOKENS="500")
    home.set(CODEMEMORY_COMPACTION_DISABLE_LLM="true")
    for number in range(SESSIONS):
        bulky(home, number, TURNS)
    home.json("backfill")
    home.mark("decision", "Round once")
    home.json("export", "--output", str(home.project / "all.jsonl"))
    home.json("backup", "--output", str(home.root / "whole.db"))
    return home


def run(home: Home, words: list[str], call: int) -> subprocess.CompletedProcess[str]:
    """Run a command as a process that is stopped at a call; at 0 it is not, and tells how many there were."""
    return subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, *words, str(call)], start_new_session=True,
        capture_output=True, text=True, cwd=home.project, env=home.environment, timeout=120, check=False,
    )  # fmt: skip


def assert_sound(path: str) -> None:
    """Assert that every row, link, index entry and summary is whole."""
    connection = db.connect(path)
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    names = ("structure", "links", "index", "summaries")
    assert [one for one in doctor.examine(connection)["checks"] if one["name"] in names and not one["ok"]] == []


def held(home: Home) -> list[bytes]:
    """Return everything in the store but when it was written down, in an order of its own."""
    lines = home.run("export", "--quiet").out.splitlines()
    return sorted(re.sub(rb'"(created_at|updated_at|at)":\d+', b"", line) for line in lines)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_ctrl_c_at_any_point(filled: Home, name: str) -> None:
    words, path = [*COMMANDS[name], "--quiet"], str(filled.root / "work.db")
    whole = str(filled.root / "whole.db")

    def prepare() -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(path + suffix).unlink(missing_ok=True)
        if name not in ("backfill", "import"):
            filled.set(CODEMEMORY_DATABASE_PATH=whole)
            filled.json("backup", "--output", path)
        filled.set(CODEMEMORY_DATABASE_PATH=path)

    prepare()
    done = run(filled, words, 0)
    assert done.returncode == 0, done.stderr
    calls, expected = int(done.stderr.rpartition("CALLS ")[2]), held(filled)
    for place in range(STOPS):
        prepare()
        done = run(filled, words, calls * (2 * place + 1) // (2 * STOPS))
        assert done.returncode == 130, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith("Stopped"), done.stderr
        assert not list(filled.project.glob("*.partial*"))
        if os.path.exists(path):
            assert_sound(path)
        done = run(filled, words, 0)
        assert done.returncode == 0, done.stderr
        assert held(filled) == expected, "stopped or not, it comes to the same"
