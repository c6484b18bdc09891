"""Stores that give each other what they know come to the same state, in any order and any number of times."""

from __future__ import annotations

import json
import re
from pathlib import Path

import apsw
import pytest
from fixtures.homes import Home
from fixtures.transcripts import Names, Transcript, conversation
from hypothesis import given, settings
from hypothesis import strategies as st

from codememory import compact, db, doctor, forget, ingest, lifecycle, records
from codememory.store import memories, pending, projects
from codememory.transfer import export, importing, lines, merge

BASE_MS = 1_772_359_200_000
TEXTS = ["Never rename total()", "Round once, at the end", "Invoices are read-only 发票", "Use rows, not columns"]
SESSIONS = ["5e550000-2222-4222-8222-000000000001", "5e550000-2222-4222-8222-000000000002"]

numbers = st.integers(0, 3)
steps = st.one_of(
    st.tuples(st.just("read"), st.integers(0, 2), st.integers(0, 40)),
    st.tuples(st.just("compact"), numbers, numbers),
    st.tuples(st.sampled_from(["mark", "resolve", "reopen", "stale", "quarantine", "release"]), numbers, numbers),
    st.tuples(st.sampled_from(["supersede", "propose", "decide", "forget"]), numbers, numbers),
)
histories = st.lists(steps, max_size=10)


class Machine:
    """A store of its own, and the folder it finds transcripts in."""

    def __init__(self, home: Home, name: str, transcripts: list[Transcript]) -> None:
        self.home, self.transcripts = home, transcripts
        self.folder = home.root / name / ".claude" / "projects" / "-project"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.connection = apsw.Connection(":memory:")
        fresh = db.connect(str(home.root / f"{name}-{len(list(home.root.glob('*.db')))}.db"))
        clone(fresh, self.connection)
        fresh.close()
        self.place = projects.place_of(self.connection, str(home.project), BASE_MS)

    def live(self, history: list[tuple[str, int, int]]) -> apsw.Connection:
        """Do what a history says and return the store."""
        for name, one, other in history:
            if name == "read":
                self.read(self.transcripts[one], other)
            elif name == "compact":
                self.compact()
            else:
                self.connection.execute("BEGIN")
                self.touch(name, one, other)
                self.connection.execute("COMMIT")
        return self.connection

    def read(self, transcript: Transcript, count: int) -> None:
        """Take in the first lines of a transcript."""
        path = self.folder / transcript.path.name
        path.write_bytes(b"".join(line + b"\n" for line in transcript.lines[:count]))
        ingest.ingest(self.connection, str(path), BASE_MS, folder=str(self.home.project))

    def compact(self) -> None:
        """Compact every session in small pieces."""
        plan = compact.Plan(everything=True, tail=1)
        plan.chunk_tokens, plan.fanout = 120, 2
        for (session_id,) in self.connection.execute("SELECT session_id FROM session").fetchall():
            compact.compact(self.connection, session_id, plan, BASE_MS)

    def touch(self, name: str, one: int, other: int) -> None:
        """Do something with one of the statements, at a time that may be another's too."""
        at = BASE_MS + 1000 + other * 10
        uid = records.key_of("mark", "statement", str(one))
        if name == "mark":
            draft = memories.Draft(
                uid, "constraint", TEXTS[one], self.place.project_id, None, origin="user", trust="stated",
                confidence=1.0, tags=[("file", f"src/{other}.py", 1.0)],
            )  # fmt: skip
            memories.add(self.connection, draft, at)
            return
        found = self.connection.execute("SELECT node_id FROM node WHERE uid = ?", (uid,)).fetchone()
        if found is None:
            return
        node = memories.load(self.connection, found[0])
        moves = {"resolve": "resolved", "reopen": "active", "stale": "stale"}
        verbs = {"resolve": "resolved", "reopen": "reopened", "stale": "staled"}
        if name in moves:
            lifecycle.move(self.connection, node, moves[name], verbs[name], at, "")
        elif name == "quarantine":
            lifecycle.quarantine(self.connection, node, at, "")
        elif name == "release":
            lifecycle.release(self.connection, node, at, "")
        elif name == "propose":
            pending.propose(self.connection, node.node_id, node.uid, "stale", "old", f"msg_{other}", at)
        elif name == "decide":
            for proposed in pending.listed(self.connection, None, "open", 10):
                lifecycle.decide(self.connection, proposed, bool(other % 2), at)
        elif name == "forget":
            reach = forget.Reach(at)
            reach.nodes.add(node.node_id)
            forget.forget(self.connection, reach)
        elif name == "supersede" and other != one:
            uid = records.key_of("mark", "statement", str(other))
            newer = self.connection.execute("SELECT node_id FROM node WHERE uid = ?", (uid,)).fetchone()
            if newer:
                lifecycle.supersede(self.connection, node, memories.load(self.connection, newer[0]), at)


def clone(source: apsw.Connection, target: apsw.Connection) -> None:
    """Copy a whole store."""
    with target.backup("main", source, "main") as running:
        running.step()


def file_of(connection: apsw.Connection) -> list[bytes]:
    """Return a store's export."""
    return [lines.written(line) for line in export.exported(connection)]


def told(connection: apsw.Connection, *files: list[bytes]) -> apsw.Connection:
    """Return a copy of a store that has taken files in."""
    other = apsw.Connection(":memory:")
    clone(connection, other)
    for file in files:
        done = importing.imported(other, "file", file)
        assert done.problems == []
    return other


def state(connection: apsw.Connection) -> list[bytes]:
    """Return what a store holds, without regard to order; where it stands follows from it too."""
    held = [line for line in file_of(connection) if json.loads(line)["type"] not in ("end",)]
    rows = connection.execute("SELECT hex(uid), status, trust, updated_at FROM node").fetchall()
    return sorted(held) + sorted(json.dumps(row).encode() for row in rows)


def sound(connection: apsw.Connection) -> None:
    """Assert that rows, links and summaries are whole."""
    names = ("structure", "links", "index", "summaries")
    wrong = [one for one in doctor.examine(connection)["checks"] if one["name"] in names and not one["ok"]]
    assert wrong == []
    off = connection.execute(
        "SELECT count(*) FROM failure f WHERE occurrences <> (SELECT count(*) FROM occurrence o"
        " WHERE o.node_id = f.node_id)"
    ).get
    assert off == 0


@pytest.fixture
def transcripts(home: Home) -> list[Transcript]:
    """Return two sessions and a fork of the first."""
    names = Names(3)
    made = [conversation(names, home.folder, home.project, turns=2, session=session) for session in SESSIONS]
    return [*made, made[0].fork()]


@settings(max_examples=60)
@given(data=st.data())
def test_two_stores_come_to_the_same(home: Home, transcripts: list[Transcript], data: st.DataObject) -> None:
    one = Machine(home, "one", transcripts).live(data.draw(histories))
    other = Machine(home, "other", transcripts).live(data.draw(histories))
    mine, yours = file_of(one), file_of(other)
    first, second = told(one, yours), told(other, mine)
    assert state(first) == state(second)
    for merged in (first, second):
        sound(merged)
        again = told(merged, mine, yours)
        assert state(again) == state(merged)


@settings(max_examples=30)
@given(data=st.data())
def test_three_stores_come_to_the_same_in_any_grouping(
    home: Home, transcripts: list[Transcript], data: st.DataObject
) -> None:
    stores = [Machine(home, name, transcripts).live(data.draw(histories)) for name in ("one", "other", "third")]
    files = [file_of(store) for store in stores]
    pair = told(stores[1], files[2])
    expected = state(told(stores[0], files[1], files[2]))
    assert state(told(stores[0], file_of(pair))) == expected
    assert state(told(stores[2], files[0], files[1])) == expected
    assert state(told(pair, files[0])) == expected


def test_twice_is_once(home: Home, transcripts: list[Transcript]) -> None:
    history = [("read", 0, 40), ("read", 2, 40), ("compact", 0, 0), ("mark", 1, 1), ("quarantine", 1, 2)]
    store = Machine(home, "one", transcripts).live(history)  # type: ignore[arg-type]
    fresh = Machine(home, "other", transcripts).connection
    assert importing.imported(fresh, "file", file_of(store)).counts["added"]["message"] > 10
    again = importing.imported(fresh, "file", file_of(store))
    assert again.counts["added"] == again.counts["changed"] == {}
    assert again.counts["known"].total() > 10


def test_an_import_is_a_whole_store(home: Home, tmp_path: Path) -> None:
    """What people and hooks ask is answered alike by the store and by the one it was moved to."""
    made = home.conversation(turns=2)
    home.mark("constraint", "Never change the signature of total()", "--file", "total.py")
    home.told("Stop", made.session)
    home.json("compact", "--all", "--no-llm")
    questions: list[list[str]] = [
        ["expand", made.session, "--token-budget", "0"], ["describe", made.session], ["memory", "list"],
        ["grep", "invoice total", "--scope", "all"], ["check", "--command", "python -m pytest tests/test_0.py"],
    ]  # fmt: skip
    before = [home.json(*words) for words in questions]
    new = "5e550000-2222-4222-8222-00000000000a"
    told_before = without_ages(home.told("SessionStart", new, source="startup"))
    home.run("export", "--output", str(tmp_path / "all.jsonl.gz"))
    for path in home.database.parent.glob("codememory.db*"):
        path.unlink()
    home.json("import", str(tmp_path / "all.jsonl.gz"))
    assert [home.json(*words) for words in questions] == before
    assert without_ages(home.told("SessionStart", new, source="startup")) == told_before
    assert home.json("backfill")["messages_added"] == 0
    sound(home.connect())


def without_ages(text: str) -> str:
    """Return what the model is told without how long ago things were."""
    return re.sub(r"\d+[smhdw] ago", "ago", text)


def test_where_a_memory_stands_follows_from_its_steps(home: Home) -> None:
    """What ordinary use leaves in a row is what the steps say, so that an import changes nothing of it."""
    made = home.conversation(turns=2)
    home.told("Stop", made.session)
    first = home.mark("decision", "Round once")
    second = home.mark("decision", "Round at the end", "--supersedes", first)
    home.json("memory", "stale", second)
    home.json("memory", "quarantine", second)
    connection = home.connect()
    for node_id, status, trust in connection.execute("SELECT node_id, status, trust FROM node").fetchall():
        found = [
            merge.Step(uid, verb, at, actor, json.loads(detail))
            for uid, verb, at, actor, detail in connection.execute(
                "SELECT uid, verb, at, actor, detail FROM node_event WHERE node_id = ?", (node_id,)
            )
        ]
        assert merge.state_of(found, merge.first_trust(trust, found))[:2] == (status, trust)
