"""What a machine refuses, to every command and every hook: one sentence and exit 1, or silence, in bounded time."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home, assert_harmless

from codememory import db, faults
from codememory.cli.commands import ROOT, Branch
from codememory.hook import EVENTS

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))

WAIT_MS = 20
"""For a database that is held, in place of what a person waits."""

DRIVER = re.compile(
    r"apsw|sqlite3|SQLError|Errno|errno|Traceback|internal error|rollback|database is locked|disk I/O|not an error"
    r"|(?:Busy|Full|IO|CantOpen|ReadOnly|OS|Unicode\w+)Error",
)

ASKS: dict[str, list[str]] = {
    "status": [], "grep": ["invoice"], "ask": ["what of total()"], "check": ["--file", "invoice_1.py"],
    "describe": ["{message}"], "expand": ["{session}"], "why": ["{rule}"], "view": ["--output", "{out}"],
    "mark": ["decision", "{long}"],
    "memory list": [], "memory show": ["{rule}"], "memory events": ["{rule}"], "memory relations": ["{rule}"],
    "memory resolve": ["{task}"], "memory reopen": ["{done}"], "memory supersede": ["{rule}", "--by", "{other}"],
    "memory stale": ["{rule}"], "memory maintain": [], "memory pending list": [],
    "memory pending apply": ["pnd_00"], "memory pending dismiss": ["pnd_00"],
    "memory quarantine": ["{rule}"], "memory release": ["{rule}"], "memory private": ["{rule}"],
    "memory forget": ["{rule}", "--yes"], "project list": [], "project link": ["{project}", "{project}"],
    "backfill": ["--quiet"], "watch": ["--once"], "compact": ["--all", "--no-llm"],
    "prune": ["--older-than", "0d", "--yes"], "doctor": [], "export": ["--output", "{out}"],
    "import": ["{export}"], "backup": ["--output", "{out}"],
    "team join": [], "team leave": [], "team status": [], "team members": [], "team sync": [],
    "team push": [], "team pull": [], "team trust": ["a@b"], "team withdraw": ["{rule}"], "team init": ["ours"],
    "team repair": [], "install": ["--dry-run"], "uninstall": ["--dry-run"], "signature": [],
    "expand-query": ["total()"],
}  # fmt: skip
NOT_ASKED = {"mcp", "hook"}
"""A server, and what is asked as a process of its own."""

TELLS_FIRST = {"memory forget", "prune"}
"""Show what they are about to do."""

NEEDS_NO_STORE = {"signature", "install", "uninstall"}
NEEDS_A_TEAM = {one for one in ASKS if one.startswith("team ")} - {"team status"}
WRITES = {
    "mark", "memory resolve", "memory reopen", "memory supersede", "memory stale", "memory maintain",
    "memory quarantine", "memory private", "memory forget", "backfill", "watch",
}  # fmt: skip
"""What has something to store in every case below; `watch` goes on where the database is held, and says so."""


def commands(branch: Branch = ROOT, before: str = "") -> Iterator[str]:
    """Yield every command by its words."""
    for names in branch.panels.values():
        for name, target in names.items():
            words = f"{before} {name}".strip()
            if isinstance(target, Branch):
                yield from commands(target, words)
            else:
                yield words


def test_every_command_is_asked() -> None:
    assert set(commands()) == ASKS.keys() | NOT_ASKED


class Lived:
    """A home with everything that commands are asked about."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.made = home.conversation(turns=8)
        home.json("backfill")
        self.ids = {
            "session": self.made.session, "message": home.json("grep", "invoice")["hits"][0]["id"],
            "rule": home.mark("constraint", "Keep the port"), "other": home.mark("constraint", "Keep the name"),
            "task": home.mark("task", "Move the export"), "done": home.mark("task", "Move the import"),
            "project": str(home.project), "out": str(home.root / "out"), "export": str(home.root / "export.jsonl"),
            "long": "Keep it whole. " + "".join(f" Part {number} stays." for number in range(200)),
        }  # fmt: skip
        home.json("memory", "resolve", self.ids["done"])
        home.json("export", "--output", self.ids["export"])
        self.made.say("user", "And now " + os.urandom(100_000).hex())
        self.made.write()
        self.keep = home.root / "keep.db"
        self.note()

    def note(self) -> None:
        """Keep the database as it is, in one file."""
        with closing(self.home.connect()) as connection:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        shutil.copyfile(self.home.database, self.keep)

    def as_it_was(self) -> None:
        """Take back what a command did."""
        for path in self.home.database.parent.glob("codememory.db*"):
            path.unlink()
        shutil.copyfile(self.keep, self.home.database)
        self.home.database.chmod(0o600)
        Path(self.ids["out"]).unlink(missing_ok=True)


@pytest.fixture
def lived(home: Home) -> Lived:
    """Return a home with a store."""
    return Lived(home)


def elsewhere(home: Home, path: Path | str) -> None:
    """Name another database."""
    home.set(CODEMEMORY_DATABASE_PATH=str(path))


def a_socket(home: Home) -> None:
    """Put a socket in the database's place."""
    home.monkeypatch.chdir(home.root)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.db")
    home.monkeypatch.chdir(home.project)
    elsewhere(home, home.root / "socket.db")


def a_folder(home: Home) -> None:
    """Put a folder in the database's place."""
    (home.root / "folder.db").mkdir()
    elsewhere(home, home.root / "folder.db")


def a_pipe(home: Home) -> None:
    """Put a pipe in the database's place, which nobody writes to."""
    os.mkfifo(home.root / "pipe.db")
    elsewhere(home, home.root / "pipe.db")


def set_home(home: Home, value: str | None) -> None:
    """Give the program another HOME, or none."""
    home.set(HOME=value or "")
    if value is None:
        home.monkeypatch.delenv("HOME")
        del home.environment["HOME"]


PLACES: dict[str, tuple[Callable[[Home], None], str]] = {
    "a path too long for SQLite": (
        lambda home: elsewhere(home, home.root / "/".join(["e" * 90] * 6) / "c.db"), "CODEMEMORY_DATABASE_PATH"
    ),
    "a path too long for the system": (lambda home: elsewhere(home, home.root / ("e" * 300) / "c.db"), "longer than"),
    "a folder": (a_folder, "is no file"),
    "a pipe": (a_pipe, "is no file"),
    "a socket": (a_socket, "is no file"),
    "below a file": (lambda home: elsewhere(home, home.root / "export.jsonl" / "c.db"), "no folder"),
    "a link to itself": (lambda home: a_circle(home), "is a symbolic link"),
    "a folder that cannot be made": (lambda home: elsewhere(home, "/proc/no-such/c.db"), "cannot be used"),
    "no UTF-8": (lambda home: elsewhere(home, f"{home.root}/\udcff.db"), "no UTF-8"),
    "no HOME": (lambda home: set_home(home, None), "HOME"),
    "an empty HOME": (lambda home: set_home(home, ""), "HOME"),
    "a relative HOME": (lambda home: set_home(home, "relative"), "HOME"),
    "a HOME that is no UTF-8": (lambda home: set_home(home, f"{home.root}/\udcff"), "no UTF-8"),
}  # fmt: skip
"""Where the database cannot be, and what is said of it."""


def a_circle(home: Home) -> None:
    """Put a symbolic link to itself in the database's place."""
    (home.root / "circle.db").symlink_to(home.root / "circle.db")
    elsewhere(home, home.root / "circle.db")


def asked(lived: Lived, name: str) -> Any:
    """Run a command, which must say what is wrong in one sentence, if anything is."""
    done = lived.home.run(*name.split(), *(one.format(**lived.ids) for one in ASKS[name]))
    said = done.err + done.out.decode("utf-8", "replace")
    assert done.code in (0, 1), (name, done.err)
    assert not (name not in NEEDS_A_TEAM and DRIVER.search(said)), (name, said)
    if done.code == 1 and name != "doctor":
        assert done.err.startswith("codememory: "), (name, done.err)
        assert done.err.count("\n") == 1, (name, done.err)
        assert done.out == b"" or name in TELLS_FIRST, name
    return done


@pytest.mark.parametrize("where", PLACES)
def test_a_database_that_cannot_be_there(lived: Lived, where: str) -> None:
    make, word = PLACES[where]
    make(lived.home)
    needs_no_home = NEEDS_NO_STORE if "HOME" not in where or "UTF-8" in where else {"signature"}
    for name in ASKS:
        done = asked(lived, name)
        assert (done.code == 0) == (name in needs_no_home), (name, done.err)
        assert done.code == 0 or word in done.err, (name, done.err)
    for event in EVENTS:
        done = lived.home.hook(event, lived.home.payload(event, lived.made.session, source="startup", prompt="total()"))
        assert_harmless(done)
        assert not done.stdout or list(json.loads(done.stdout)) == ["systemMessage"], (event, done.stdout)
        assert not DRIVER.search(done.stdout.decode()), done.stdout
    assert list(lived.home.project.iterdir()) == [], "nothing is written where the user works"


@contextmanager
def held(home: Home, how: str) -> Iterator[None]:
    """Have another program write for long."""
    with closing(home.connect()) as other:
        if how == "EXCLUSIVE":
            other.pragma("locking_mode", "exclusive")
        other.execute(f"BEGIN {how}")
        other.execute("UPDATE session SET place_next = place_next")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands wait for a moment only."""
    monkeypatch.setattr(db, "PERSON_BUSY_MS", WAIT_MS)
    monkeypatch.setattr(db.connect, "__kwdefaults__", {"busy_ms": WAIT_MS})
    monkeypatch.setattr(db.begin, "__defaults__", (WAIT_MS, db.WAL_BYTES_MAX))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_database_that_another_program_holds(lived: Lived, how: str) -> None:
    for name in ASKS:
        lived.as_it_was()
        with held(lived.home, how):
            done = asked(lived, name)
        fails = name in WRITES - {"watch"} or (how == "EXCLUSIVE" and name not in NEEDS_NO_STORE)
        assert not fails or done.code == 1, name
        assert not fails or faults.HELD in done.err, (name, done.err)
    events = EVENTS if TORTURE else ("SessionStart", "PreToolUse", "Stop")
    with held(lived.home, how):
        for event in events:
            assert_harmless(lived.home.hook(event, lived.home.payload(event, lived.made.session, source="startup")))


@contextmanager
def full(place: Path) -> Iterator[None]:
    """Fill a small disk."""
    with (place / "filler").open("wb", 0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    yield
    (place / "filler").unlink()


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Let nobody write on a disk."""
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", place], check=True)


@pytest.fixture
def small_disk(home: Home) -> Iterator[Path]:
    """Mount a small disk of its own over the client's folder."""
    place, kept = home.root / ".claude", home.root / "kept"
    shutil.move(place / "projects", kept)
    command = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", place]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    shutil.move(kept, place / "projects")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


DISKS: dict[str, tuple[Callable[[Path], AbstractContextManager[None]], str]] = {
    "full": (full, faults.FULL),
    "read-only": (read_only, faults.READ_ONLY),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", DISKS)
def test_a_disk_that_takes_nothing(home: Home, small_disk: Path, how: str) -> None:
    lived, (make, why) = Lived(home), DISKS[how]
    for name in ASKS:
        lived.as_it_was()
        with make(small_disk):
            done = asked(lived, name)
        assert name not in WRITES or (done.code == 1 and why in done.err), (name, done.code, done.err)
    lived.as_it_was()
    with make(small_disk):
        for event in EVENTS:
            done_hook = home.hook(event, home.payload(event, lived.made.session, source="startup", prompt="total()"))
            assert_harmless(done_hook)
            assert not DRIVER.search(done_hook.stdout.decode()), done_hook.stdout
    home.json("backfill")
    assert home.connect().execute("PRAGMA integrity_check").get == "ok"
