"""A database that an earlier release wrote opens, becomes what a fresh one is, and loses nothing."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.freeze import frozen
from fixtures.homes import Home

from codememory import db, migrations
from codememory.schema import ADDED_1_1, SCHEMA

RELEASES = sorted(Path(__file__).parents[1].joinpath("fixtures").glob("release_*.sql"))
SESSION = "5e550000-2222-4222-8222-000000000001"


def shape(connection: apsw.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return tables with their columns and indexes with theirs: what a statement can rely on."""
    found = {}
    for name, kind in connection.execute(
        "SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
    ).fetchall():
        pragma = "table_xinfo" if kind == "table" else "index_xinfo"
        rows = connection.execute(f"PRAGMA {pragma}({name})").fetchall()
        found[name] = sorted((row[1:] if kind == "table" else row[2:] for row in rows), key=repr)
    return found


def ordinary_rows(connection: apsw.Connection) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table of our own, by column."""
    found = {}
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'"
    ).fetchall():
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        found[name] = [dict(zip(columns, row, strict=True)) for row in connection.execute(f"SELECT * FROM {name}")]
    return found


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def released(request: pytest.FixtureRequest, home: Home) -> dict[str, list[dict[str, Any]]]:
    """Put a released database into the home's place and return its rows."""
    text = request.param.read_text().replace("/home/somebody", str(home.root))
    home.database.touch(0o600)
    connection = apsw.Connection(str(home.database))
    connection.execute(text)
    connection.execute("PRAGMA journal_mode=wal")
    for message_id, kind in connection.execute("SELECT message_id, kind FROM message WHERE tier <> 'N'").fetchall():
        connection.execute(
            "INSERT INTO message_index (rowid, prose, detail) VALUES (?, ?, 'released')", (message_id, kind)
        )
    for node_id, content in connection.execute("SELECT node_id, content FROM node").fetchall():
        connection.execute("INSERT INTO node_index (rowid, content, tags) VALUES (?, ?, '')", (node_id, content))
    rows = ordinary_rows(connection)
    connection.close()
    assert len(rows["message"]) == 9
    return rows


def test_there_is_a_release_to_come_from() -> None:
    assert RELEASES[0].stem == "release_1_0"


def test_it_becomes_what_a_fresh_database_is(released: object, home: Home, tmp_path: Path) -> None:
    migrated, fresh = home.connect(), db.connect(str(tmp_path / "fresh.db"))
    assert migrated.filename == str(home.database)
    for pragma in ("user_version", "application_id", "auto_vacuum"):
        assert migrated.pragma(pragma) == fresh.pragma(pragma), pragma
    assert shape(migrated) == shape(fresh)
    assert migrated.execute("PRAGMA integrity_check").get == "ok"
    assert migrated.execute("PRAGMA foreign_key_check").fetchall() == []


def test_it_keeps_every_row(released: dict[str, list[dict[str, Any]]], home: Home) -> None:
    after = ordinary_rows(home.connect())
    for table, rows in released.items():
        kept = [{name: row[name] for name in rows[0] if name in row} for row in after[table]] if rows else []
        assert kept == rows, table


def test_it_works_on(released: object, home: Home) -> None:
    """Everything a person and a hook do with it, on the old rows and with new ones."""
    found = home.json("expand", SESSION, "--token-budget", "0")["messages"]
    assert len(found) == 9
    assert "a line of output\n" * 100 in json.dumps(found).replace("\\n", "\n")
    nodes = home.json("memory", "list", "--all-projects")["nodes"]
    assert {node["kind"] for node in nodes} == {"decision", "constraint", "failure"}
    for node in nodes:
        assert home.json("memory", "show", node["id"])["lifecycle"]
    assert home.json("grep", "released", "--all-projects")["hits"]
    assert home.json("status")["counts"]["messages"] == 9
    assert home.json("check", "--command", "python -m pytest tests/test_total.py")["failures"][0]["occurrences"] == 1
    made = home.transcript(SESSION)
    made.say("user", "and now the discount")
    made.failing(
        "python -m pytest tests/test_total.py",
        "FAILED tests/test_total.py::test_total - AssertionError: assert 10.01 == 10.0",
    )
    made.write()
    for event in (
        "SessionStart",
        "PreToolUse",
        "PostToolUseFailure",
        "PostToolUse",
        "SubagentStart",
        "UserPromptSubmit",
        "Stop",
    ):
        home.told(
            event,
            SESSION,
            source="compact",
            prompt="may total() change its signature?",
            tool_name="Bash",
            tool_use_id="toolu_new",
            tool_input={"command": "python -m pytest tests/test_total.py"},
            error="Exit code 1\nKeyError: 'x'",
            tool_response={"stdout": "1 passed in 0.1s"},
            agent_id="",
            agent_type="Explore",
        )
    old = "TranscriptError"
    assert [one for one in home.problems() if old not in one] == []
    assert home.json("check", "--command", "python -m pytest tests/test_total.py")["failures"][0]["occurrences"] >= 1
    assert home.json("mark", "constraint", "Never change the signature of total()")["created"] is False


def test_freezing_and_thawing_is_the_same_database(home: Home) -> None:
    home.mark("constraint", "Never change the signature of total()", "--file", "total.py")
    made = home.conversation(turns=1)
    home.told("Stop", made.session)
    connection = home.connect()
    thawed = apsw.Connection(":memory:")
    thawed.execute(frozen(connection))
    assert shape(thawed) == shape(connection)
    assert ordinary_rows(thawed) == ordinary_rows(connection)


def test_every_table_says_what_it_holds_and_every_index_what_it_serves() -> None:
    """DESIGN section 12; and every table of ours is STRICT."""
    whole = SCHEMA + ADDED_1_1
    lines = whole.splitlines()
    for position, line in enumerate(lines):
        if line.startswith("CREATE"):
            start = position
            while lines[start - 1].startswith("-- "):
                start -= 1
            said = " ".join(lines[start:position])
            assert ("serves: " if "INDEX" in line else "full text" if "VIRTUAL" in line else "one row per") in said, (
                line
            )
    assert whole.count("CREATE TABLE") == whole.count(") STRICT")


def test_a_file_that_is_current_is_not_migrated(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.connect().close()
    monkeypatch.setattr(migrations, "bring_up_to_date", lambda connection: pytest.fail("nothing is to be done"))
    with contextlib.closing(home.connect()) as connection:
        assert connection.pragma("user_version") == db.SCHEMA_VERSION
