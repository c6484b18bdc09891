"""A disk that fails, and a kill, at each single call to the system in turn: nothing half done, and the next hook works.

The calls are made to fail by `strace`, from outside: it is the real program, the real SQLite, and the kernel's answer.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import apsw
import pytest
from fixtures import totals
from fixtures.homes import START, Home, assert_harmless, stored
from fixtures.transcripts import Transcript, read_again

from codememory import db

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
MOMENTS_MAX = 25 if TORTURE else 3
"""Of the calls of one kind, how many are made to fail, spread over all."""

LOOKED_AT_EACH = 5 if TORTURE else 1

EVENTS = ("Stop", "UserPromptSubmit", "PostToolUseFailure", "SessionStart", "PreToolUse", "PreCompact")

DISK_CALLS = ("pwrite64", "pread64", "fdatasync", "ftruncate", "openat", "fcntl", "mmap")
"""Of these only what touches the database's files and the transcript: not what the interpreter does for itself."""

ERRORS = [
    ("pwrite64", "ENOSPC"),
    ("pwrite64", "EIO"),
    ("pread64", "EIO"),
    ("fcntl", "ENOLCK"),
    ("fcntl", "EINTR"),
    ("openat", "EMFILE"),
    ("openat", "ENOSPC"),
]


def _can_trace() -> bool:
    if not shutil.which("strace"):
        return False
    done = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False)
    return done.returncode == 0


pytestmark = pytest.mark.skipif(not _can_trace(), reason="needs strace, and to be allowed to trace")


class Lived:
    """A session that grows by a turn before each hook."""

    def __init__(self, home: Home) -> None:
        home.set(CODEMEMORY_REDACT="false", CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="2")
        self.home, self.made, self.turns = home, home.transcript(), 0

    def grow(self) -> bytes:
        """Add a turn and return the payload of the next event."""
        turn, made = self.turns, self.made
        self.turns += 1
        error = f"FAILED tests/test_{turn % 5}.py::test - KeyError: 'row{turn % 5}'"
        made.say("user", f"turn {turn}: mend row{turn}")
        made.failing(f"python -m pytest tests/test_{turn % 5}.py", error)
        made.say("assistant", [{"type": "text", "text": f"Row {turn} is mended. " * 200}])
        made.write()
        return self.home.payload(
            self.event, made.session, source="startup", prompt=f"why does row{turn % 5} fail", tool_name="Bash",
            tool_use_id=f"toolu_live_{turn}", tool_input={"command": f"python -m pytest tests/test_{turn % 5}.py"},
            error=f"Exit code 1\n{error}",
        )  # fmt: skip

    @property
    def event(self) -> str:
        """Return the event whose turn it is."""
        return EVENTS[self.turns % len(EVENTS)]

    def traced(self, *options: str) -> subprocess.CompletedProcess[bytes]:
        """Run the next hook under `strace`."""
        event = self.event
        data = self.grow()
        ours = [f"{self.home.database}{suffix}" for suffix in ("", "-wal", "-shm", "-journal", "-queue")]
        only = [word for path in (*ours, self.made.path) for word in ("-P", path)]
        totals.add("hooks with an error or a kill at a chosen call to the disk", bool(options))
        return subprocess.run(
            ["strace", "-f", "-qq", "-o", self.home.root / "trace", *only, "-e", f"trace={','.join(DISK_CALLS)}",
             *options, sys.executable, "-I", "-c", START, "hook", event],
            input=data, capture_output=True, cwd=self.home.project, env=self.home.environment, timeout=60, check=False,
        )  # fmt: skip

    def calls(self) -> Counter[str]:
        """Return how many calls of each kind the last traced hook made."""
        return Counter(line.split("(")[0].split()[-1] for line in self.trace().splitlines() if "(" in line)

    def trace(self) -> str:
        """Return what the last traced hook called."""
        return (self.home.root / "trace").read_text()

    def goes_on(self) -> None:
        """Assert that the next hook works, and that nothing was set aside."""
        event = self.event
        assert_harmless(self.home.hook(event, self.grow()))
        asides = [path.name for path in self.home.database.parent.glob("codememory.db.*")]
        assert asides == [], "a disk's error is no damage"
        if self.turns % LOOKED_AT_EACH == 0:
            self.whole()

    def whole(self) -> None:
        """Assert that the store is sound and holds exactly what the transcript does."""
        assert_harmless(self.home.hook("Stop", self.home.payload("Stop", self.made.session)))
        connection = self.home.connect()
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert stored(connection) == read_again(self.made.path)
        doubled = connection.execute(
            "SELECT signature FROM failure f WHERE occurrences <>"
            " (SELECT count(*) FROM occurrence o WHERE o.node_id = f.node_id)"
        ).fetchall()
        assert doubled == []
        connection.close()


@pytest.fixture
def lived(home: Home) -> Lived:
    """Return a session that is stored."""
    found = Lived(home)
    for _ in EVENTS:
        assert_harmless(home.hook(found.event, found.grow()))
    return found


def moments(count: int) -> list[int]:
    """Return which of so many calls are tried, the first and the last among them."""
    tried = min(count, MOMENTS_MAX)
    return sorted({1 + number * (count - 1) // max(1, tried - 1) for number in range(tried)})


@pytest.mark.parametrize("lasting", [False, True] if TORTURE else [False], ids=["once", "from then on"][: 1 + TORTURE])
@pytest.mark.parametrize(("call", "error"), ERRORS, ids=[" ".join(one) for one in ERRORS])
def test_a_disk_that_fails_at_each_call(lived: Lived, call: str, error: str, lasting: bool) -> None:
    assert_harmless(lived.traced())
    failed = 0
    each = 5 if call == "fcntl" and lasting else 1  # without locks a hook waits for its whole time
    for number in moments(lived.calls()[call])[::each]:
        assert_harmless(lived.traced("-e", f"inject={call}:error={error}:when={number}{'+' if lasting else ''}"))
        failed += "(INJECTED)" in lived.trace()
        lived.goes_on()
    lived.whole()
    assert failed


@pytest.mark.parametrize("call", ["pwrite64", "pread64", "openat", "fcntl"])
def test_killed_at_each_call(lived: Lived, call: str) -> None:
    lived.traced()
    killed = 0
    for number in moments(lived.calls()[call]):
        killed += lived.traced("-e", f"inject={call}:signal=KILL:when={number}").returncode == -signal.SIGKILL
        lived.goes_on()
    lived.whole()
    assert killed


@pytest.mark.parametrize("how", ["error=ENOSPC", "error=EIO", "signal=KILL"])
def test_a_fresh_database_at_each_write(home: Home, how: str) -> None:
    """The file is created, its tables are made and the first lines come in, or nothing of it."""
    lived = Lived(home)
    lived.traced()
    killed = 0
    for number in moments(lived.calls()["pwrite64"]):
        for path in home.database.parent.glob("codememory.db*"):
            path.unlink()
        done = lived.traced("-e", f"inject=pwrite64:{how}:when={number}")
        assert done.returncode in (0, -signal.SIGKILL)
        killed += done.returncode != 0
        lived.goes_on()
    lived.whole()
    assert bool(killed) == ("KILL" in how)


@pytest.mark.parametrize("how", ["error=EIO", "error=ENOSPC", "signal=KILL"])
def test_a_checkpoint_at_each_call(lived: Lived, how: str) -> None:
    """Moving a long log into the database fails or dies at any of its calls: the log is still there."""
    home = lived.home
    hit = 0
    for call in ("pwrite64", "fdatasync", "ftruncate"):
        for number in moments(12):
            connection = home.connect()
            filler = "z" * (db.WAL_BYTES_MAX + 100_000)
            connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', ?)", (filler,))
            connection.execute("DELETE FROM problem")
            connection.close()
            done = lived.traced("-e", f"inject={call}:{how}:when={number}")
            assert done.returncode in (0, -signal.SIGKILL)
            hit += done.returncode != 0 or "(INJECTED)" in lived.trace()
            lived.goes_on()
    lived.whole()
    assert hit
    assert db.wal_bytes(str(home.database)) < 2 * db.WAL_BYTES_MAX


def test_a_disk_that_cannot_carry_a_log(home: Home) -> None:
    """Without shared memory SQLite keeps a journal instead: slower, and nothing is lost, with several at once."""
    plain = (
        "import codememory.hook as h; h._load_sqlite(); import apsw; real = apsw.Connection\n"
        "apsw.Connection = lambda *a, **k: real(*a, **{**k, 'vfs': 'unix-dotfile'})\n"
    )
    home.set(CODEMEMORY_REDACT="false")
    made: list[Transcript] = []
    for number in range(3):
        one = home.conversation()
        made.append(one)
        for event in ("SessionStart", "Stop"):
            prelude = f"import sys; sys.path[:0] = [{str(Path(db.__file__).parents[1])!r}]\n{plain}"
            assert_harmless(home.hook(event, home.payload(event, one.session, source="startup"), prelude=prelude))
        assert not Path(f"{home.database}-wal").exists(), number
    connection = apsw.Connection(str(home.database), vfs="unix-dotfile")
    assert connection.pragma("journal_mode") == "delete"
    assert stored(connection) == {key: blocks for one in made for key, blocks in read_again(one.path).items()}
    assert not home.log.exists()
