"""The client's own summaries cover exactly their span, once; each law of the DAG finds what breaks it."""

from __future__ import annotations

import os
import stat
from typing import Any

import apsw
import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript

from codememory import compact, doctor, ingest
from codememory.explore.expand import expand
from codememory.store import client_summaries, laws, sessions, summaries

TOLD = "<analysis>They counted.</analysis>\n<summary>\n1. Rows were summed.\n2. Next: round once, 一次.\n</summary>"
LINE = (
    "This session is being continued from a previous conversation that ran out of context.\n\nSummary:\n"
    "1. Rows were summed.\n2. Next: round once, 一次.\n\nPlease continue the conversation from where we left off."
)


def turns(made: Transcript, count: int) -> list[str]:
    """Add some turns and return their uuids."""
    before = len(made.uuids)
    for number in range(count):
        made.say("user", f"sum row {number} of {before}")
        made.say("assistant", [{"type": "text", "text": f"Row {number} is summed."}])
    return made.uuids[before:]


def boundary(made: Transcript, text: str) -> str:
    """Add the lines of a compaction and return the summary line's uuid."""
    made.line(type="system", subtype="compact_boundary", compactMetadata={"trigger": "manual"}, uuid=made.names.uuid())
    return made.say("user", text, isCompactSummary=True)


def clients(home: Home, made: Transcript) -> list[tuple[list[str], str]]:
    """Return (uuids it expands to, its text) of each client summary of a session."""
    connection = home.connect()
    found = sessions.find(connection, made.session)
    assert found is not None
    return [
        ([one["uuid"] for one in expand(connection, summary.id, token_budget=0, cursor=None)["messages"]], summary.text)
        for summary in summaries.of_session(connection, found.session_id)
        if summary.method == summaries.CLIENT
    ]


def conversation_uuids(made: Transcript, uuids: list[str]) -> list[str]:
    """Return the uuids of conversation lines alone."""
    system = {uuid for line, uuid in zip(made.lines, made.uuids, strict=False) if b'"type": "system"' in line}
    return [uuid for uuid in uuids if uuid not in system]


@pytest.mark.parametrize("order", ["no hook", "hook before the line", "hook after the line", "lagging"])
def test_a_client_summary_covers_exactly_what_was_compacted(home: Home, order: str) -> None:
    made = home.transcript()
    first = turns(made, 3)
    behind = 2 if order == "lagging" else 0
    whole = made.lines
    made.lines = whole[: len(whole) - behind]
    made.write()
    ingest.ingest(home.connect(), str(made.path), 1)
    if order in ("hook before the line", "lagging"):
        home.told("SessionStart", made.session, source="compact")
        home.told("PostCompact", made.session, compact_summary=TOLD)
    made.lines = whole
    line = boundary(made, LINE)
    made.write()
    if order == "hook after the line":
        home.told("SessionStart", made.session, source="compact")
        home.told("PostCompact", made.session, compact_summary=TOLD)
    second = turns(made, 2)
    boundary(made, LINE.replace("summed", "rounded"))
    turns(made, 1)
    made.write()
    ingest.ingest(home.connect(), str(made.path), 1)
    found = clients(home, made)
    assert [uuids for uuids, _ in found] == [first, [line, *second]]
    assert "Rows were summed" in found[0][1]
    assert "Rows were rounded" in found[1][1]
    assert home.problems() == []


def test_reading_a_rewritten_transcript_again_adds_no_client_summary(home: Home) -> None:
    made = home.transcript()
    turns(made, 2)
    boundary(made, LINE)
    made.write()
    ingest.ingest(home.connect(), str(made.path), 1)
    before = clients(home, made)
    made.path.unlink()
    turns(made, 1)
    made.write()
    ingest.ingest(home.connect(), str(made.path), 1)
    assert clients(home, made) == before
    assert len(before) == 1


def test_a_fork_has_its_own(home: Home) -> None:
    made = home.transcript()
    first = turns(made, 2)
    boundary(made, LINE)
    made.write()
    fork = made.fork()
    fork.write()
    for one in (made, fork):
        ingest.ingest(home.connect(), str(one.path), 1)
    assert [uuids for uuids, _ in clients(home, made)] == [uuids for uuids, _ in clients(home, fork)] == [first]


def test_a_session_that_continues_another_covers_nothing(home: Home) -> None:
    made = home.transcript()
    boundary(made, LINE)
    turns(made, 1)
    made.write()
    ingest.ingest(home.connect(), str(made.path), 1)
    assert clients(home, made) == []


def test_without_a_transcript_the_hook_alone_keeps_it(home: Home) -> None:
    for text in (TOLD, TOLD, "another one"):
        home.told("PostCompact", "5e550001-2222-4222-8222-000000000001", compact_summary=text)
    assert summaries.count(home.connect()) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(TOLD, LINE, True, id="told and written"),
        pytest.param(LINE, LINE, True, id="the same"),
        pytest.param(TOLD, LINE.replace("summed", "rounded"), False, id="another"),
        pytest.param("", LINE, False, id="nothing"),
        pytest.param("<summary></summary>", LINE, False, id="empty tags"),
    ],
)
def test_texts_of_one_summary(one: str, other: str, same: bool) -> None:
    assert client_summaries._same_text(one, other) is same


@pytest.fixture
def compacted(home: Home) -> apsw.Connection:
    """Return a database with two sessions, both compacted into two levels."""
    connection = home.connect()
    plan = compact.Plan(True, 0)
    plan.chunk_tokens, plan.fanout, plan.depth_max = 120, 2, 2
    for _ in range(2):
        made = home.conversation(turns=4)
        ingest.ingest(connection, str(made.path), 1)
        found = sessions.find(connection, made.session)
        assert found is not None
        compact.compact(connection, found.session_id, plan, 1)
    assert not any(laws.unsound(connection).values())
    assert summaries.depth(connection) == 2
    return connection


LEAF = "(SELECT min(summary_id) FROM summary WHERE kind = 'leaf')"
OTHERS_LEAF = "(SELECT max(summary_id) FROM summary WHERE kind = 'leaf')"

BREAKAGES = {
    "messages whose leaf is no leaf of their thread": "UPDATE membership SET leaf_id ="
    f" {OTHERS_LEAF} WHERE place = 0 AND session_id = 1",
    "messages outside what their leaf covers": f"UPDATE summary SET last_place = first_place WHERE summary_id = {LEAF}",
    "messages under a summary that is not there": "UPDATE membership SET leaf_id = 9999 WHERE place = 1",
    "messages left out by the leaf around them": "UPDATE membership SET leaf_id = NULL WHERE place = 1",
    "leaves over nothing": f"UPDATE membership SET leaf_id = NULL WHERE leaf_id = {OTHERS_LEAF}",
    "condensed summaries over nothing": "UPDATE summary SET parent_id = NULL WHERE depth = 0",
    "summaries under one that is not there": "UPDATE summary SET parent_id = 9999 WHERE depth = 1",
    "summaries under one that is not the next level of their thread":
        "UPDATE summary SET parent_id = summary_id WHERE depth = 2",
    "condensed summaries that cover other places than theirs": "UPDATE summary SET"
    " last_place = last_place + 1 WHERE depth = 1",
    "summaries not smaller than their source": "UPDATE summary SET source_tokens = tokens WHERE depth = 0",
    "compacted messages behind ones that are not": f"UPDATE membership SET leaf_id = NULL WHERE leaf_id = {LEAF}",
}  # fmt: skip


def test_every_law_is_broken_once() -> None:
    assert set(BREAKAGES) == set(laws.LAWS)


@pytest.mark.parametrize("law", BREAKAGES)
def test_a_law_finds_what_breaks_it_and_repair_puts_it_right(home: Home, compacted: apsw.Connection, law: str) -> None:
    before = compacted.execute("SELECT session_id, place, thread, message_id FROM membership").fetchall()
    compacted.execute("PRAGMA foreign_keys = OFF")
    compacted.execute(BREAKAGES[law])
    assert laws.unsound(compacted)[law] > 0
    assert laws.unsound_sessions(compacted)
    for (client_id,) in compacted.execute("SELECT client_id FROM session").fetchall():  # a circle does not hang it
        expand(compacted, client_id, token_budget=0, cursor=None, depth=100)
    done = home.run("doctor", "--json")
    assert done.code == 1
    assert [one["ok"] for one in done.json["checks"] if one["name"] == "summaries"] == [False]
    done = home.run("doctor", "--repair", "--json")
    assert done.code == 0, done.out
    assert "summaries" in done.json["repaired"]
    assert not any(laws.unsound(compacted).values())
    assert before == compacted.execute("SELECT session_id, place, thread, message_id FROM membership").fetchall()
    backup = done.json["backup"]
    assert stat.S_IMODE(os.stat(backup).st_mode) == 0o600
    copy = apsw.Connection(backup, flags=apsw.SQLITE_OPEN_READONLY)
    assert laws.unsound(copy)[law] > 0, "the backup is the database as it was"
    for (session_id,) in compacted.execute("SELECT session_id FROM session").fetchall():
        compact.compact(compacted, session_id, compact.Plan(True, 0), 1)
    assert not any(laws.unsound(compacted).values())
    assert compacted.execute("SELECT count(*) FROM membership WHERE leaf_id IS NULL").get == 0


def test_a_sound_store_is_not_touched(home: Home, compacted: apsw.Connection) -> None:
    before: Any = compacted.execute("SELECT * FROM summary").fetchall()
    assert doctor.repair(compacted) == ("", [])
    assert compacted.execute("SELECT * FROM summary").fetchall() == before
    assert list(home.database.parent.glob("*repair*")) == []
