"""A released store comes along: migrated under kill, by many at once, and with the old program still running."""

from __future__ import annotations

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures import totals
from fixtures.homes import SOURCE, START, Home, assert_harmless, stored
from fixtures.transcripts import read_again

from codememory import db
from codememory.schema import FIRST_VERSION, SCHEMA_MAJOR, SCHEMA_MINOR, VERSION_STEP

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
KILLS = 300 if TORTURE else 6
RELEASES = sorted(Path(__file__).parents[1].joinpath("fixtures").glob("release_*.sql"))
RELEASED_COMMITS = {"release_1_0": "dedd980", "release_1_1": "b0ba0a8"}
"""The last program that wrote each released schema."""

SESSION = "5e550000-2222-4222-8222-000000000001"


def placed(home: Home, release: Path) -> dict[str, list[Any]]:
    """Put a released database into the home's place and return its rows."""
    for path in home.database.parent.glob("codememory.db*"):
        path.unlink()
    home.database.touch(0o600)
    connection = apsw.Connection(str(home.database))
    connection.execute(release.read_text().replace("/home/somebody", str(home.root)))
    connection.execute("PRAGMA journal_mode=wal")
    found = rows(connection)
    connection.close()
    return found


def released_version(release: Path) -> int:
    """Return the `user_version` of `release_MAJOR_MINOR.sql`."""
    _, major, minor = release.stem.split("_")
    return int(major) * VERSION_STEP + int(minor)


def rows(connection: apsw.Connection) -> dict[str, list[Any]]:
    """Return the rows of the tables that no hook adds to by itself."""
    tables = ("project", "message", "membership", "node", "node_tag", "evidence", "occurrence", "relation")
    return {table: sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_a_migration_killed_at_any_moment(home: Home, release: Path) -> None:
    """It is there whole or not at all, and the next one makes it whole."""
    chance = random.Random(7)
    placed(home, release)
    started = time.monotonic()
    assert_harmless(home.hook("SessionEnd", home.payload("SessionEnd", SESSION)))
    longest = (time.monotonic() - started) * 1.2
    versions = set()
    for _ in range(KILLS):
        before = placed(home, release)
        process = home.start("SessionEnd")
        assert process.stdin is not None
        process.stdin.write(home.payload("SessionEnd", SESSION))
        process.stdin.close()
        process.stdin = None
        time.sleep(longest * chance.random())
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        connection = apsw.Connection(str(home.database))
        version = connection.pragma("user_version")
        versions.add(version)
        added = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'tombstone'").get
        assert added == (version > FIRST_VERSION), "the tables and the version come together"
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        assert rows(connection) == before
        connection.close()
        assert_harmless(home.hook("SessionEnd", home.payload("SessionEnd", SESSION)))
        assert rows(home.connect()) == before
        assert home.connect().pragma("user_version") == db.SCHEMA_VERSION
    totals.add(f"kills of a migration of {release.stem}", KILLS)
    steps = db.SCHEMA_VERSION - released_version(release)
    assert KILLS < 20 or len(versions) == min(steps, 1) + 1, "some were killed before, some after"


STAGES = ("CREATE", "PRAGMA user_version=", "COMMIT")
KILL_AT = """
import apsw, os, sys
wanted, number = sys.argv.pop(), [int(sys.argv.pop())]
def look(cursor, statement, values):
    if wanted in statement:
        number[0] -= 1
        if number[0] < 0: os.kill(os.getpid(), 9)
    return True
apsw.connection_hooks.append(lambda connection: setattr(connection, "exec_trace", look))
"""


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("stage", STAGES)
def test_a_migration_killed_at_each_statement(home: Home, release: Path, stage: str) -> None:
    for number in range(12 if TORTURE else 2):
        before = placed(home, release)
        prelude = f"import sys; sys.argv += [{str(number)!r}, {stage!r}]\n{KILL_AT}"
        home.hook("SessionEnd", home.payload("SessionEnd", SESSION), prelude=prelude)
        connection = apsw.Connection(str(home.database))
        assert rows(connection) == before
        connection.close()
        assert_harmless(home.hook("SessionEnd", home.payload("SessionEnd", SESSION)))
        assert home.connect().pragma("user_version") == db.SCHEMA_VERSION


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_sixteen_hooks_migrate_once(home: Home, release: Path) -> None:
    before = placed(home, release)
    made = home.conversation(session=SESSION, turns=1)
    started = [home.start("Stop") for _ in range(16)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write(home.payload("Stop", made.session))
        process.stdin.flush()
    for process in started:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    connection = home.connect()
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert {row[1] for row in rows(connection)["message"]} >= {row[1] for row in before["message"]}
    assert not home.log.exists()


def test_a_newer_minor_version_is_worked_with(home: Home) -> None:
    """What a later program added is left alone, and everything else goes on."""
    connection = home.connect()
    connection.execute("CREATE TABLE of_tomorrow (id INTEGER PRIMARY KEY, what TEXT) STRICT")
    connection.execute("INSERT INTO of_tomorrow VALUES (1, 'kept')")
    connection.pragma("user_version", SCHEMA_MAJOR * VERSION_STEP + SCHEMA_MINOR + 7)
    connection.close()
    made = home.conversation()
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session), CODEMEMORY_REDACT="false"))
    assert stored(home.connect()) == read_again(made.path)
    assert home.connect().pragma("user_version") == SCHEMA_MAJOR * VERSION_STEP + SCHEMA_MINOR + 7
    assert home.connect().execute("SELECT what FROM of_tomorrow").get == "kept"
    assert home.json("status")["database"]["schema_version"] == f"{SCHEMA_MAJOR}.{SCHEMA_MINOR + 7}"


def old_program(folder: Path, commit: str) -> str | None:
    """Unpack the released program and return how to start it; None where its history is not at hand."""
    try:
        packed = subprocess.run(
            ["git", "archive", commit, "codememory"], cwd=SOURCE, capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return START.replace(str(SOURCE), str(folder))


@pytest.mark.skipif(not shutil.which("git"), reason="the released program comes out of git")
@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_two_versions_of_the_program_at_once(home: Home, tmp_path: Path, release: Path) -> None:
    """A session that began before the update goes on with the old program, while another has the new one."""
    start_old = old_program(tmp_path / "old", RELEASED_COMMITS[release.stem])
    if start_old is None:
        pytest.skip("the released program is not in this clone's history")
    home.set(CODEMEMORY_REDACT="false")
    placed(home, release)
    known = stored(apsw.Connection(str(home.database)))
    sessions = [home.transcript() for _ in range(2)]
    rounds = 60 if TORTURE else 6
    chance = random.Random(11)
    for turn in range(rounds):
        running = []
        for made, start in zip(sessions, (start_old, START), strict=True):
            made.say("user", f"turn {turn}: mend row{turn}")
            made.failing(f"python -m pytest tests/test_{turn % 5}.py", f"KeyError: 'row{turn % 5}'")
            made.write()
            event = ("Stop", "UserPromptSubmit", "SessionStart")[turn % 3]
            process = subprocess.Popen(
                [sys.executable, "-I", "-c", start, "hook", event],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home.project,
                env=home.environment,
            )  # fmt: skip
            assert process.stdin is not None
            process.stdin.write(home.payload(event, made.session, source="startup", prompt=f"mend row{turn}"))
            process.stdin.close()
            process.stdin = None
            running.append(process)
        if turn % 3 == 2:
            time.sleep(0.1 * chance.random())
            running[turn % 2].kill()
        for process in running:
            _, err = process.communicate(timeout=60)
            assert process.returncode in (0, -signal.SIGKILL)
            assert err == b""
    for made in sessions:
        assert_harmless(home.hook("Stop", home.payload("Stop", made.session)))
    connection = home.connect()
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert connection.pragma("user_version") == db.SCHEMA_VERSION
    assert stored(connection) == {**known, **read_again(sessions[0].path), **read_again(sessions[1].path)}
