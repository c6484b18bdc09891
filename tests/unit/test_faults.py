"""What the machine refuses is told in one sentence with exit 1: what it is, and what to do."""

from __future__ import annotations

import errno
import os
import pwd
from types import SimpleNamespace

import apsw
import pytest
from fixtures.homes import Home

from codememory import backup, config, db, doctor, faults
from codememory.errors import DatabaseError, SettingError, TransferError
from codememory.health.finding import Check

DRIVER = ("apsw", "SQLError", "rollback", "database is locked", "Errno", "internal error")
"""No user sees these."""

FAULTS = {
    "held": (apsw.BusyError("database is locked"), "another program"),
    "held within": (apsw.LockedError("database table is locked"), "another program"),
    "full": (apsw.FullError("database or disk is full"), "disk is full"),
    "read-only": (apsw.ReadOnlyError("attempt to write a readonly database"), "read-only"),
    "failing disk": (apsw.IOError("disk I/O error"), "failed to read or write"),
    "no file": (apsw.CantOpenError("unable to open database file"), "cannot be opened"),
    "system: full": (OSError(errno.ENOSPC, "No space left on device", "/some/file"), "disk is full"),
    "system: read-only": (OSError(errno.EROFS, "Read-only file system", "/some/file"), "/some/file cannot"),
    "system: rights": (PermissionError(errno.EACCES, "Permission denied", "/some/file"), "rights"),
}


@pytest.mark.parametrize(("error", "word"), FAULTS.values(), ids=FAULTS)
def test_the_command_line_tells_a_fault(
    home: Home, monkeypatch: pytest.MonkeyPatch, error: Exception, word: str
) -> None:
    home.json("status")

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("codememory.overview.overview", refuse)
    done = home.run("status")
    assert (done.code, done.out) == (1, b"")
    assert word in done.err
    assert done.err.count("\n") == 1
    assert [one for one in DRIVER if one in done.err] == []


@pytest.mark.parametrize(
    "error", [ValueError("x"), OSError(errno.EBADF, "x"), OSError("x"), apsw.SQLError("x"), apsw.ConstraintError("x")]
)
def test_what_is_our_own_mistake_is_no_fault(error: Exception) -> None:
    assert faults.sentence(error, "/a.db") == ""


COMMANDS = {
    "mark": ["mark", "decision", "Keep the port. " + "".join(f" Part {n} stays." for n in range(150))],
    "compact": ["compact", "--no-llm", "--session", "{session}"],
    "backfill": ["backfill"],
}


@pytest.mark.parametrize(
    ("fault", "word", "name"),
    [
        *[("held", "another program", name) for name in COMMANDS],
        *[("full", "disk is full", name) for name in ("mark", "backfill")],
    ],
)
def test_a_command_that_writes(home: Home, monkeypatch: pytest.MonkeyPatch, fault: str, word: str, name: str) -> None:
    made = home.conversation(turns=60)
    home.json("backfill", made.path)
    made.say("user", "And now " + os.urandom(100_000).hex())
    made.write()
    monkeypatch.setattr(db.begin, "__defaults__", (1, db.WAL_BYTES_MAX))
    connect, other = db.connect, home.connect()

    def limited(path: str) -> apsw.Connection:
        connection = connect(path, busy_ms=1)
        if fault == "full":
            connection.pragma("max_page_count", 1)
        return connection

    monkeypatch.setattr(db, "connect", limited)
    if fault == "held":
        other.execute("BEGIN IMMEDIATE")
    else:
        other.execute("VACUUM")  # no page of it is free
    done = home.run(*(one.format(session=made.session) for one in COMMANDS[name]))
    assert done.code == 1, done.err
    assert word in done.err
    assert [one for one in DRIVER if one in done.err] == []


def test_what_a_full_disk_has_ended_is_not_ended_again(home: Home) -> None:
    connection = home.connect()
    connection.execute("BEGIN IMMEDIATE")
    db.roll_back(connection)
    assert not connection.in_transaction
    db.roll_back(connection)


def test_doctor_and_backup_say_it_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = home.connect()

    def refuse(*_: object) -> None:
        raise apsw.FullError("not an error")

    monkeypatch.setattr(doctor, "CHECKS", (Check("index", refuse),))  # type: ignore[arg-type]
    assert "disk is full" in doctor.examine(connection)["checks"][0]["detail"]
    monkeypatch.setattr(backup, "_copy", refuse)
    with pytest.raises(TransferError, match="disk is full"):
        backup.backup(connection, str(home.root / "copy.db"))


def placed(root: str, size: int) -> str:
    """Return a path of so many bytes below a folder."""
    path = root
    while size - len(path) - len("/c.db") > 200:
        path += "/" + "d" * 99
    return path + "/" + "e" * (size - len(path) - len("/" + "/c.db")) + "/c.db"


def test_a_path_too_long_for_sqlite(home: Home) -> None:
    fits, long = (placed(str(home.root), faults.PATH_BYTES_MAX + more) for more in (0, 1))
    assert (len(fits), len(long)) == (faults.PATH_BYTES_MAX, faults.PATH_BYTES_MAX + 1)
    db.connect(fits).close()
    home.set(CODEMEMORY_DATABASE_PATH=long)
    for command in ("status", "doctor"):
        done = home.run(command)
        assert done.code == 1
        assert f"{len(long)} bytes" in done.err
        assert "CODEMEMORY_DATABASE_PATH" in done.err
    home.set(CODEMEMORY_DATABASE_PATH=str(home.root / "/".join(["deep" * 50] * 30)))
    assert "longer than the system allows" in home.run("status").err


def test_a_path_that_is_no_utf_8(home: Home) -> None:
    with pytest.raises(DatabaseError, match="CODEMEMORY_DATABASE_PATH"):
        db.connect(str(home.root / "\udcff.db"))


@pytest.mark.parametrize("given", [None, ""])
def test_without_home_nobody_looks_for_another(home: Home, monkeypatch: pytest.MonkeyPatch, given: str | None) -> None:
    entry = SimpleNamespace(pw_dir=str(home.root / "elsewhere"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: entry)
    monkeypatch.delenv("HOME")
    if given is not None:
        monkeypatch.setenv("HOME", given)
    with pytest.raises(SettingError, match="HOME"):
        config.config_folder()
    home.set(CLAUDE_CONFIG_DIR=str(home.root / "chosen"))
    assert config.config_folder() == str(home.root / "chosen")
