"""A damaged database: a hook makes a fresh start, nothing is overwritten, and `doctor --repair` takes over the rest."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from fixtures.homes import Home, assert_harmless, stored
from fixtures.transcripts import read_again

from codememory import db, salvage
from codememory.store import indexes

CONSTRAINT = "Never change the signature of total()"
PAGES_SPOILED = 200 if os.environ.get("CODEMEMORY_TORTURE") else 6


@pytest.fixture
def session(home: Home) -> str:
    """Return a session that is stored, in a store with a constraint, whose log is written back."""
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation(turns=12)
    home.mark("constraint", CONSTRAINT)
    hook(home, "Stop", made.session)
    closed(home)
    return made.session


def closed(home: Home) -> None:
    """Bring everything into the one file."""
    connection = home.connect()
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    connection.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{home.database}{suffix}").unlink(missing_ok=True)


def hook(home: Home, event: str, session: str) -> subprocess.CompletedProcess[bytes]:
    """Run a hook, which must be harmless."""
    done = home.hook(event, home.payload(event, session, source="startup", prompt="what of total() in invoice_1.py"))
    assert_harmless(done)
    return done


def whole(home: Home, session: str) -> None:
    """Assert that the store is sound and holds what the transcript does."""
    for _ in range(20):
        hook(home, "Stop", session)
    assert stored(home.connect()) == read_again(home.folder / f"{session}.jsonl")
    assert home.connect().execute("PRAGMA integrity_check").get == "ok"


def spoil(path: Path, offset: int, data: bytes) -> None:
    """Write over a part of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def cut(path: Path, size: int) -> None:
    """Cut a file off."""
    os.truncate(path, size)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "garbage": lambda path: path.write_bytes(b"not a database " * 400) and None,
    "text at its start": lambda path: spoil(path, 0, b"oops"),
    "cut off to half": lambda path: cut(path, path.stat().st_size // 8192 * 4096),
    "cut off inside a page": lambda path: cut(path, path.stat().st_size - 100),
    "only its header": lambda path: cut(path, 100),
    "only its first page": lambda path: cut(path, 4096),
    "its schema": lambda path: spoil(path, 100, b"\xa5" * 3996),
    "every other page": lambda path: (
        [spoil(path, page * 4096, b"\xa5" * 4096) for page in range(1, path.stat().st_size // 4096, 2)] and None
    ),
    "its end zeroed": lambda path: spoil(path, path.stat().st_size // 8192 * 4096, bytes(path.stat().st_size // 2)),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_fresh_start_and_a_word(home: Home, session: str, how: str) -> None:
    DAMAGE[how](home.database)
    before = home.database.read_bytes()
    hook(home, "PostToolUse", session)
    told = hook(home, "SessionStart", session).stdout
    asides = [path for path in home.database.parent.glob("codememory.db.*-[0-9]*") if path.suffix != ".lock"]
    if not asides:  # SQLite did not meet what is damaged
        assert home.connect().execute("PRAGMA quick_check").get
        pytest.skip("nothing that hooks read was damaged")
    assert before in [path.read_bytes() for path in asides], "what was there is kept as it was"
    assert b"systemMessage" in told
    assert b"damaged" in told
    assert b"systemMessage" not in hook(home, "SessionStart", session).stdout, "said once"
    whole(home, session)
    assert not list(home.database.parent.glob("*.lock"))


def spoiled_page(home: Home, number: int) -> None:
    """Write over one page."""
    spoil(home.database, (number - 1) * 4096, b"\xa5" * 4096)


def test_a_corrupt_page_anywhere(home: Home, session: str) -> None:
    """Whatever page it is: hooks are harmless, and in the end everything is there, by themselves or by a repair."""
    keep = home.root / "keep.db"
    shutil.copyfile(home.database, keep)
    pages = keep.stat().st_size // 4096
    chance = random.Random(4)
    expected = read_again(home.folder / f"{session}.jsonl")
    chosen = (
        range(1, pages + 1) if pages <= PAGES_SPOILED else sorted(chance.sample(range(1, pages + 1), PAGES_SPOILED))
    )
    for page in chosen:
        for path in home.database.parent.glob("codememory.db*"):
            path.unlink()
        shutil.copyfile(keep, home.database)
        home.database.chmod(0o600)
        spoiled_page(home, page)
        for event in ("UserPromptSubmit", "Stop"):
            hook(home, event, session)
        repaired = home.run("doctor", "--repair", "--json")
        assert repaired.code in (0, 1), (page, repaired.err)
        hook(home, "Stop", session)
        connection = home.connect()
        assert connection.execute("PRAGMA integrity_check").get == "ok", page
        assert stored(connection) == expected, page
        broken = [one for one in home.run("doctor", "--json").json["checks"] if not one["ok"]]
        assert broken == [], page


def test_what_is_whole_is_taken_over(home: Home, session: str) -> None:
    """The transcript is gone, as after 30 days: what comes back comes out of the damaged file."""
    expected = read_again(home.folder / f"{session}.jsonl")
    root = home.connect().execute("SELECT rootpage FROM sqlite_schema WHERE name = 'tool_call'").get
    closed(home)
    (home.folder / f"{session}.jsonl").unlink()
    spoiled_page(home, root)
    other = home.conversation(turns=2)
    hook(home, "PostToolUse", other.session)
    hook(home, "Stop", other.session)
    assert len(salvage.asides(str(home.database))) == 1
    done = home.run("doctor", "--repair", "--json")
    assert "set aside" in done.json["repaired"]
    assert stored(home.connect()) == {**expected, **read_again(other.path)}
    assert [node["content"] for node in home.json("memory", "list", "--kind", "constraint")["nodes"]] == [CONSTRAINT]
    assert salvage.asides(str(home.database)) == []
    assert home.run("doctor", "--repair", "--json").json["repaired"] == [], "taken over once"
    assert not list(home.database.parent.glob("*.recovered.db*"))


@pytest.mark.parametrize("table", ["node_event", "project", "evidence", "node_tag", "node_index_data", "session"])
def test_what_a_user_stated_outlives_the_page_of_another_table(home: Home, session: str, table: str) -> None:
    resolved = home.mark("task", "Move the export")
    home.run("memory", "resolve", resolved)
    root = home.connect().execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).get
    closed(home)
    spoiled_page(home, root)
    hook(home, "UserPromptSubmit", session)
    home.run("doctor", "--repair", "--json")
    whole(home, session)
    stated = [one for one in home.json("memory", "list")["nodes"] if one["origin"] == "user"]
    assert {one["content"]: one["status"] for one in stated} == {"Move the export": "resolved", CONSTRAINT: "active"}
    checks = home.run("doctor", "--json").json["checks"]
    assert [one for one in checks if not one["ok"] and one["name"] != "hooks"] == []


@pytest.mark.parametrize("how", ["garbage", "its schema", "every other page"])
def test_a_repair_where_no_hook_has_been(home: Home, session: str, how: str) -> None:
    DAMAGE[how](home.database)
    assert home.run("status").code == 1
    done = home.run("doctor", "--repair", "--json")
    assert done.code in (0, 1)
    assert "set aside" in done.err
    whole(home, session)


def test_a_damaged_index_costs_nothing_but_a_search(home: Home, session: str) -> None:
    """The full-text index can be made anew, so the database stays in its place."""
    connection = home.connect()
    connection.execute("UPDATE message_index_data SET block = x'00ff00ff00ff' WHERE id > 10")
    closed(home)
    for _ in range(3):
        hook(home, "Stop", session)
    checks = {one["name"]: one for one in home.run("doctor", "--json").json["checks"]}
    assert checks["index"]["ok"] is False
    home.run("doctor", "--repair")
    connection = home.connect()
    assert indexes.damaged(connection) == []
    assert [one["ok"] for one in home.run("doctor", "--json").json["checks"] if one["name"] == "index"] == [True]
    assert home.json("grep", "invoice")["hits"]


def test_a_foreign_database_that_is_damaged_is_left_alone(home: Home) -> None:
    with sqlite3.connect(home.database) as other:
        other.execute("PRAGMA application_id=7")
        other.execute("CREATE TABLE theirs (id)")
        other.executemany("INSERT INTO theirs VALUES (?)", [("x" * 3000,)] * 50)
    other.close()
    spoil(home.database, 4096, b"\xa5" * 4096)
    spoil(home.database, 200, b"\xa5" * 3000)
    before = home.database.read_bytes()
    made = home.conversation()
    hook(home, "Stop", made.session)
    assert home.database.read_bytes() == before
    ours = home.database.with_name("codememory-memory.db")
    assert stored(apsw.Connection(str(ours)))


def test_a_log_without_its_database_is_no_database(home: Home, session: str) -> None:
    """A stray write-ahead log beside a fresh file must not be taken for its own."""
    connection = home.connect()
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', ?)", ("y" * 20_000,))
    shutil.copyfile(f"{home.database}-wal", home.root / "stray")
    connection.close()
    for path in home.database.parent.glob("codememory.db*"):
        path.unlink()
    shutil.copyfile(home.root / "stray", f"{home.database}-wal")
    whole(home, session)


@pytest.mark.parametrize(("how", "name"), [("every other page", "damaged"), ("garbage", "not-a-database")])
def test_sixteen_hooks_set_one_file_aside_once(home: Home, session: str, how: str, name: str) -> None:
    DAMAGE[how](home.database)
    before = home.database.read_bytes()
    started = [home.start("Stop") for _ in range(16)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(home.payload("Stop", session))
        process.stdin.flush()
    for process in started:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    asides = [path for path in home.database.parent.glob(f"codememory.db.{name}-*") if path.suffix[-1:].isdigit()]
    assert [path.read_bytes() for path in asides] == [before], "once, and as it was"
    whole(home, session)


def test_a_file_that_is_renamed_between_two_looks_is_not_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is found by name: one that opened the old file must not go on with the new one's log."""
    home.connect().close()
    real = db.header
    aside = home.database.with_name("aside.db")
    before: list[bytes] = []

    def header(connection: apsw.Connection) -> tuple[int, int]:
        monkeypatch.setattr(db, "header", real)
        home.database.rename(aside)
        before.append(aside.read_bytes())
        db.connect(str(home.database)).close()
        return real(connection)

    monkeypatch.setattr(db, "header", header)
    connection = db.connect(str(home.database))
    connection.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', 'here')")
    connection.close()
    assert home.problems() == ["x: here"]
    assert [aside.read_bytes()] == before
