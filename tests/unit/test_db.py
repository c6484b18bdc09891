"""Opening the database: created once, by one of many; foreign ones left alone; later ones respected."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from fixtures.homes import SOURCE, Home

from codememory import db, migrations, salvage, schema
from codememory.errors import DatabaseError, GarbageError, NewerSchemaError

PROCESSES = 16
OPEN = (
    f"import sys; sys.path[:0] = [{str(SOURCE)!r}]\n"
    "from codememory import db\n"
    "sys.stdin.read(1)\n"
    "c = db.connect(sys.argv[1])\n"
    "c.execute('BEGIN IMMEDIATE')\n"
    "c.execute(\"INSERT INTO problem (at, place, sentence) VALUES (1, 'x', ?)\", (sys.argv[2],))\n"
    "c.execute('COMMIT')\n"
)


def pragma(path: Path, name: str) -> object:
    """Ask another SQLite about a file."""
    with sqlite3.connect(path) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_fresh_database(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "memory.db"
    connection = db.connect(str(path))
    assert pragma(path, "application_id") == schema.APPLICATION_ID
    assert pragma(path, "user_version") == db.SCHEMA_VERSION
    assert pragma(path, "journal_mode") == "wal"
    assert pragma(path, "auto_vacuum") == 2
    assert pragma(path, "integrity_check") == "ok"
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', 'y')")
    for suffix in ("", "-wal", "-shm"):
        assert stat.S_IMODE(os.stat(f"{path}{suffix}").st_mode) == 0o600, suffix


def test_sixteen_processes_open_a_fresh_database_together(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    started = [
        subprocess.Popen(
            [sys.executable, "-I", "-c", OPEN, path, str(number)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for number in range(PROCESSES)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"x")
        process.stdin.flush()
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    connection = db.connect(str(path))
    assert connection.execute("SELECT count(DISTINCT sentence) FROM problem").get == PROCESSES
    assert [file.name for file in tmp_path.glob("*.db")] == ["memory.db"]


def test_a_database_made_between_two_looks_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process creates the schema after this one read that there is none."""
    path = tmp_path / "memory.db"
    path.touch()
    real = db._is_empty

    def is_empty(connection: apsw.Connection) -> bool:
        monkeypatch.setattr(db, "_is_empty", real)
        db.connect(str(path)).close()
        return real(connection)

    monkeypatch.setattr(db, "_is_empty", is_empty)
    connection = db.connect(str(path))
    assert connection.filename == str(path)
    assert not os.path.exists(db.sibling(str(path)))


def foreign(path: Path, *statements: str) -> bytes:
    """Make somebody else's database and return its bytes."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["CREATE TABLE memory (id)", "INSERT INTO memory VALUES (1)"], id="unmarked"),
        pytest.param(["PRAGMA application_id=7", "CREATE TABLE memory (id)"], id="marked as another's"),
        pytest.param(["PRAGMA user_version=1000", "CREATE TABLE memory (id)"], id="with our version"),
        pytest.param(["PRAGMA journal_mode=wal", "CREATE TABLE memory (id)"], id="with a write-ahead log"),
        pytest.param(["PRAGMA application_id=7"], id="empty but marked"),
        pytest.param(["PRAGMA user_version=5"], id="empty but versioned"),
    ],
)
def test_a_foreign_database_is_left_alone(tmp_path: Path, statements: list[str]) -> None:
    path = tmp_path / "codememory.db"
    before = foreign(path, *statements)
    connection = db.connect(str(path))
    assert connection.filename == str(tmp_path / "codememory-memory.db")
    assert connection.execute("SELECT count(*) FROM message").get == 0
    connection.close()
    assert db.connect(str(path)).filename == str(tmp_path / "codememory-memory.db")
    assert path.read_bytes() == before


def test_two_foreign_databases_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "codememory.db"
    foreign(path, "CREATE TABLE a (b)")
    foreign(tmp_path / "codememory-memory.db", "CREATE TABLE a (b)")
    with pytest.raises(DatabaseError, match="CODEMEMORY_DATABASE_PATH"):
        db.connect(str(path))


def test_a_later_major_version_is_refused_and_a_later_minor_is_used(tmp_path: Path) -> None:
    path = str(tmp_path / "memory.db")
    connection = db.connect(path)
    connection.pragma("user_version", db.SCHEMA_VERSION + 1)
    connection.close()
    later = db.connect(path)
    assert later.pragma("user_version") == db.SCHEMA_VERSION + 1
    later.pragma("user_version", (schema.SCHEMA_MAJOR + 1) * schema.VERSION_STEP)
    later.close()
    with pytest.raises(NewerSchemaError, match="update"):
        db.connect(path)


def test_garbage_is_told_from_a_database_and_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    path.write_bytes(b"not a database " * 400)
    with pytest.raises(GarbageError):
        db.connect(str(path))
    aside = salvage.set_aside(str(path))
    assert Path(aside).read_bytes() == b"not a database " * 400
    assert not path.exists()
    db.connect(str(path)).close()
    salvage.set_aside(str(path))
    assert path.exists(), "a database is never set aside"
    assert sorted(file.name for file in tmp_path.iterdir() if "lock" in file.name) == []


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_an_error_for_the_user(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "memory.db"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(DatabaseError):
        db.connect(str(path), busy_ms=50)


def test_the_log_is_shortened_when_it_is_long_and_nobody_is_at_it(tmp_path: Path) -> None:
    path = str(tmp_path / "memory.db")
    connection = db.connect(path)
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', ?)", ("y" * 2_000_000,))
    assert db.wal_bytes(path) > 2_000_000
    db.shorten_wal(connection, 4_000_000)
    assert db.wal_bytes(path) > 2_000_000
    reader = db.connect(path)
    reader.execute("BEGIN; SELECT count(*) FROM problem")
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (2, 'x', 'y')")
    db.shorten_wal(connection, 1000)
    reader.execute("COMMIT")
    db.shorten_wal(connection, 1000)
    assert db.wal_bytes(path) == 0
    assert connection.execute("SELECT count(*) FROM problem").get == 2


def test_a_step_runs_once_and_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later minor version adds a column; the step that fails leaves the version where it was."""
    path = str(tmp_path / "memory.db")
    db.connect(path).close()
    later = db.SCHEMA_VERSION + 1

    def add(connection: apsw.Connection) -> None:
        connection.execute("ALTER TABLE problem ADD COLUMN more TEXT")

    def fail(connection: apsw.Connection) -> None:
        connection.execute("ALTER TABLE problem ADD COLUMN less TEXT")
        raise apsw.FullError("no room")

    monkeypatch.setattr(db, "SCHEMA_VERSION", later)
    monkeypatch.setitem(migrations.STEPS, db.SCHEMA_VERSION - 1, fail)
    with pytest.raises(DatabaseError):
        db.connect(path)
    assert pragma(Path(path), "user_version") == later - 1
    monkeypatch.setitem(migrations.STEPS, later - 1, add)
    for _ in range(2):
        connection = db.connect(path)
        names = [row[1] for row in connection.execute("PRAGMA table_info(problem)")]
        assert names[-1] == "more"
        assert "less" not in names
        assert connection.pragma("user_version") == later
        connection.close()


def test_the_guard_over_the_real_home_bites(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    import conftest

    home.connect().close()
    with monkeypatch.context() as patch:
        patch.setattr(conftest, "REAL_FOLDERS", [home.root / ".claude"])
        assert conftest._ours()
        with pytest.raises(AssertionError, match="a test opened"):
            home.connect()
