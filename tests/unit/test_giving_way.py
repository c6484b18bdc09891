"""Long work that ends its transaction at every line, because others wait all the time, leaves the same store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home, rows
from fixtures.transcripts import read_again

from codememory import db, ingest
from codememory.delta import Delta
from codememory.transcript import Line

OUTPUT = "".join(f"row {number} is {number * number} of {number * 7919 % 1000}\n" for number in range(120))


class Begun:
    """Counts the transactions that long work begins."""

    def __init__(self) -> None:
        self.count = 0

    def since(self) -> int:
        """Return the count and begin anew."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Begun:
    """Return a counter of transactions; pauses take no time."""
    found = Begun()
    begin = db.begin

    def counted(connection: apsw.Connection, *limits: Any, **named: Any) -> None:
        found.count += 1
        begin(connection, *limits, **named)

    monkeypatch.setattr(db, "begin", counted)
    monkeypatch.setattr(db, "AWAITED_SECONDS_MAX", -1)
    monkeypatch.setattr(db, "AWAITED_PAUSE_SECONDS", 0)
    return found


def awaited(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    """Have others wait all the time, or never."""
    monkeypatch.setattr(db, "is_awaited", lambda _: answer)


def lived(home: Home, files: int) -> int:
    """Write transcripts and return how many messages they hold."""
    count = 0
    for number in range(files):
        made = home.transcript()
        for turn in range(8):
            made.say("user", f"session {number}, turn {turn}: never rename row{number} because reports read it")
            made.failing(f"python run{turn}.py", f"KeyError: 'row{number}'")
            made.tool("Bash", {"command": f"cat log{turn}"}, OUTPUT)
            made.say("assistant", [{"type": "text", "text": f"Row {turn} is mended. " * 20}])
        made.write()
        count += len(read_again(made.path))
    return count


def test_an_import_of_history(home: Home, monkeypatch: pytest.MonkeyPatch, begun: Begun) -> None:
    messages = lived(home, 3)
    found = []
    for busy in (False, True):
        awaited(monkeypatch, busy)
        home.set(CODEMEMORY_DATABASE_PATH=str(home.root / f"{busy}.db"))
        begun.since()
        assert home.json("backfill")["messages_added"] == messages
        assert (begun.since() >= messages) == busy
        found.append(rows(db.connect(str(home.root / f"{busy}.db"))))
    assert found[0] == found[1]


def test_an_import_of_a_store_and_a_pruning(home: Home, monkeypatch: pytest.MonkeyPatch, begun: Begun) -> None:
    messages = lived(home, 3)
    home.json("backfill")
    home.json("export", "--output", str(home.root / "all.jsonl"))
    whole = sorted(home.run("export").out.splitlines())
    pruned = []
    for busy in (False, True):
        awaited(monkeypatch, busy)
        home.set(CODEMEMORY_DATABASE_PATH=str(home.root / f"{busy}.db"))
        begun.since()
        home.json("import", str(home.root / "all.jsonl"))
        assert (begun.since() >= messages) == busy
        assert sorted(home.run("export").out.splitlines()) == whole
        begun.since()
        pruned.append(home.json("prune", "--payloads", "--older-than", "1d", "--yes"))
        assert (begun.since() >= pruned[-1]["messages"]) == busy
    assert pruned[0]["messages"] > 0
    assert pruned[0]["bytes"] == pruned[1]["bytes"]
    assert pruned[0]["messages"] == pruned[1]["messages"]


def test_a_hook_leaves_to_others_what_they_can_do_as_well(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own lines it takes in; another session's, and a compaction, wait for a quieter moment."""
    home.set(CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0", CODEMEMORY_COMPACTION_TOKEN_THRESHOLD="10")
    other, made = home.conversation(), home.conversation()
    for busy in (True, False):
        awaited(monkeypatch, busy)
        home.told("SessionStart", made.session, source="startup")
        home.told("PreCompact", made.session)
        connection = home.connect()
        assert connection.execute("SELECT count(*) FROM message").get == len(read_again(made.path)) + len(
            read_again(other.path)
        ) * (not busy)
        assert bool(connection.execute("SELECT count(*) FROM summary").get) == (not busy)


def a_delta(home: Home, connection: apsw.Connection) -> Delta:
    """Return what is to be read next of a session."""
    found = ingest.read_ahead(connection, str(home.conversation().path))
    assert found is not None
    return found


def test_a_delta_that_is_cut_holds_the_same(home: Home, connection: apsw.Connection) -> None:
    whole = a_delta(home, connection)
    items, end, lines = list(whole.items), whole.start + whole.size, whole.lines
    offsets = [item.offset for item in items if isinstance(item, Line)]
    whole.cut(5, offsets[5])
    rest = whole.rest
    assert rest is not None
    assert [*whole.items, *rest.items] == items
    assert (whole.start + whole.size, rest.start, rest.start + rest.size) == (offsets[5], offsets[5], end)
    assert whole.lines + rest.lines == lines


@pytest.mark.parametrize("path", ["none.jsonl", "a\0b", "/", "/dev/null", ""])
def test_nothing_is_read_ahead_where_nothing_is(connection: apsw.Connection, path: str) -> None:
    assert ingest.read_ahead(connection, path) is None


def test_what_was_read_ahead_is_ready_for_the_store(home: Home, connection: apsw.Connection) -> None:
    found = a_delta(home, connection)
    assert found.items
    assert all(item.prepared is not None for item in found.items if isinstance(item, Line))


def test_a_line_that_cannot_be_made_ready_is_left_to_the_step(
    home: Home, connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.conversation()

    def fail(line: Line, *_: object) -> None:
        raise RecursionError

    with monkeypatch.context() as patch:
        patch.setattr(ingest, "make_ready", fail)
        found = ingest.read_ahead(connection, str(made.path))
    assert found is not None
    assert not any(item.prepared for item in found.items if isinstance(item, Line))
    db.begin(connection)
    assert ingest.step(connection, str(made.path), 1, ingest.Progress(), ahead=found)
    connection.execute("COMMIT")
    assert connection.execute("SELECT count(*) FROM message").get == len(read_again(made.path))


def test_another_process_was_faster(home: Home, connection: apsw.Connection) -> None:
    """What was read ahead is of no use then, and nothing is taken twice."""
    made = home.conversation()
    early = ingest.read_ahead(connection, str(made.path))
    ingest.ingest(db.connect(str(home.database)), str(Path(made.path)), 1)
    db.begin(connection)
    assert ingest.step(connection, str(made.path), 2, ingest.Progress(), ahead=early)
    connection.execute("COMMIT")
    assert connection.execute("SELECT count(*) FROM message").get == len(read_again(made.path))
