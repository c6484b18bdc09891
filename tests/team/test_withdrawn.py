"""What is withdrawn is gone on every machine after its next exchange: from its lists, its indexes, what is told of it
and what is exported; and it stays gone, in whatever order it arrives again.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from fixtures.homes import Home

from codememory.store import team as store
from codememory.team import events, taking

from .machines import Machine
from .server import Server

SESSIONS = (f"5e551011-0000-4000-8000-{number:012}" for number in itertools.count())
WORD = "zebra"


@pytest.fixture
def ann(server: Server, database: str, tmp_path: Path) -> Machine:
    """Return the machine of who says it."""
    return Machine(tmp_path / "ann", "ann", server.dsn("ann", database)).join(new=True)


@pytest.fixture
def bob(ann: Machine, home: Home, server: Server, database: str) -> Home:
    """Return the home of a colleague."""
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("bob", database))
    home.json("team", "join", "--project", "shop")
    return home


def synced(ann: Machine, bob: Home, server: Server, database: str) -> None:
    """Let ann push, then bob exchange."""
    ann.sync()
    bob.set(CODEMEMORY_TEAM_DSN=server.dsn("bob", database))
    bob.json("team", "sync")


def told(bob: Home) -> dict[str, str]:
    """Return everything that a person, a model or another store is shown."""
    export = bob.root / "export.jsonl"
    bob.run("export", "--output", str(export), "--force")
    return {
        "list": bob.run("memory", "list", "--json").out.decode(),
        "grep": bob.run("grep", WORD, "--scope", "all", "--json").out.decode().replace(f'"query": "{WORD}"', ""),
        "check": bob.run("check", "--command", "make check", "--json").out.decode(),
        "start": bob.told("SessionStart", next(SESSIONS), source="startup"),
        "packet": bob.told("SessionStart", next(SESSIONS), source="compact"),
        "prompt": bob.told("UserPromptSubmit", next(SESSIONS), prompt=f"Do we buy the {WORD} company?"),
        "export": export.read_text("utf-8"),
    }


@pytest.mark.parametrize("how", ["forget", "keep_private"])
def test_it_is_gone_from_all_that_is_shown(ann: Machine, bob: Home, server: Server, database: str, how: str) -> None:
    said = [ann.state("decision", f"We buy the {WORD} company"), ann.fail(f"{WORD} boom", fixed_by=f"-a\n+{WORD}")]
    synced(ann, bob, server, database)
    before = told(bob)
    assert [name for name, text in before.items() if WORD in text] == list(before), "shown everywhere before"
    copy = bob.root / "before.jsonl"
    bob.run("export", "--output", str(copy))
    for node_id in said:
        if how == "forget":
            ann.forget(node_id)
        else:
            ann.keep_private(node_id)
    synced(ann, bob, server, database)
    assert [name for name, text in told(bob).items() if WORD in text] == []
    for path in bob.database.parent.glob("codememory.db*"):
        assert WORD.encode() not in path.read_bytes().lower(), path.name
    assert bob.run("import", str(copy)).code == 0
    assert WORD not in bob.run("memory", "list", "--json").out.decode(), "an older export brings nothing back"
    assert server.execute(database, f"SELECT count(*) FROM codememory.event WHERE payload LIKE '%{WORD}%'") == [(0,)]


ROWS = ("statement", "withdrawal", "late")


@pytest.mark.parametrize("order", list(itertools.permutations(ROWS)), ids="-".join)
def test_it_stays_gone_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    """Also where what was said before the withdrawal arrives only after it, or a second time."""
    one = Machine(tmp_path, "bob", "")
    project = one.place.project_id
    store.join(one.connection, store.Shared((project, b"s" * 16, "shop", "shop", "bob", b"b" * 16, 0, 0, "")))
    said = (
        '{"kind":"decision","content":"We buy the zebra company","details":{},"origin":"user","confidence":1.0,'
        '"created_at":1,"tags":[["file","zebra.py",1.0]]}'
    )
    rows = {
        "statement": (b"a" * 16, 1, 1 << 30, "ann", events.STATEMENT, b"n" * 16, b"", said),
        "withdrawal": (b"a" * 16, 2, 3 << 30, "ann", events.GONE, b"n" * 16, b"", "{}"),
        "late": (b"c" * 16, 1, 2 << 30, "ann", events.STATEMENT, b"n" * 16, b"", said),
    }
    for name in (*order, *order):
        store.append(one.connection, project, [rows[name]])
        taking.take(one.connection, one.shared, {b"n" * 16}, 4 << 14)
    assert one.find("We buy the zebra company") is None
    assert not any(WORD in row[7] for row in one.log())
    assert one.connection.execute("SELECT count(*) FROM node_tag").fetchone() == (0,)
    assert one.connection.execute("SELECT count(*) FROM node_index WHERE node_index MATCH 'zebra'").fetchone() == (0,)
