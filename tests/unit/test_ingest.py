"""Exactly once and lossless: whatever happens to a file, the store holds what the file holds."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures import strategies
from fixtures.homes import Home, rows, stored
from fixtures.transcripts import Names, Transcript, conversation, read_again
from hypothesis import given, settings
from hypothesis import strategies as st

from codememory import db, ingest, redact
from codememory.errors import TranscriptError
from codememory.store import messages, sessions, transcripts

NOW = 1_772_400_000_000
TINY = 300
"""Bytes a step takes in, for many steps over small files."""


@pytest.fixture(autouse=True)
def verbatim(home: Home) -> None:
    """Leave redaction out: here the store must hold exactly what the file holds."""
    home.set(CODEMEMORY_REDACT="false")


def take(connection: apsw.Connection, *paths: Path) -> ingest.Progress:
    """Ingest files to their ends."""
    total = ingest.Progress()
    for path in paths:
        one = ingest.ingest(connection, str(path), NOW)
        total.messages_added += one.messages_added
        total.failures_added += one.failures_added
        total.behind_bytes += one.behind_bytes
    return total


def cursor(connection: apsw.Connection, path: Path) -> transcripts.Cursor:
    """Return a file's cursor."""
    return transcripts.cursor_of(connection, str(path), "")


def test_a_conversation_is_stored_once_and_verbatim(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    added = take(connection, made.path)
    expected = read_again(made.path)
    assert stored(connection) == expected
    assert added.messages_added == len(expected) > 20
    assert added.failures_added == 3
    assert cursor(connection, made.path).byte_offset == len(made.data)
    assert [thread for _, _, thread in sessions.messages_of(connection, 1)] == [""] * len(expected)


def test_twice_is_once(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    take(connection, made.path)
    before = rows(connection)
    again = take(connection, made.path)
    assert again.messages_added == again.failures_added == 0
    assert rows(connection) == before


def test_a_copy_elsewhere_adds_nothing(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    take(connection, made.path)
    before = rows(connection)
    copy = home.folder / "backup" / made.path.name
    copy.parent.mkdir()
    copy.write_bytes(made.data)
    assert take(connection, copy).messages_added == 0
    after = rows(connection)
    assert after == before


@pytest.mark.parametrize("seed", range(8))
def test_chunks_do_not_matter(home: Home, connection: apsw.Connection, tmp_path: Path, seed: int) -> None:
    """Deliver a file in pieces cut anywhere, ingesting after each in small steps, and compare with one delivery."""
    made = home.conversation(turns=2)
    made.raw(b'{"type":"user","broken')
    made.raw(b"")
    made.say("user", "the end, 最后")
    data = made.data
    made.path.unlink()
    whole = db.connect(str(tmp_path / "whole.db"))
    chance = random.Random(seed)
    cuts = [*sorted(chance.sample(range(1, len(data)), 40)), len(data)]
    made.path.touch()
    for start, end in zip([0, *cuts], cuts, strict=False):
        with made.path.open("ab") as file:
            file.write(data[start:end])
        connection.execute("BEGIN IMMEDIATE")
        while not ingest.step(
            connection, str(made.path), NOW, ingest.Progress(), bytes_max=chance.choice([TINY, 5000])
        ):
            pass
        connection.execute("COMMIT")
    take(whole, made.path)
    assert stored(connection) == read_again(made.path)
    assert rows(connection) == rows(whole)
    assert cursor(connection, made.path).lines == cursor(whole, made.path).lines
    assert cursor(connection, made.path).broken_lines == cursor(whole, made.path).broken_lines == 1


def test_a_half_written_last_line_waits(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "first")
    made.write()
    take(connection, made.path)
    made.say("user", "second, ünd")
    for size in range(len(made.data) - len(made.lines[-1]) - 1, len(made.data) - 2, 7):
        made.path.write_bytes(made.data[:size])
        assert take(connection, made.path).messages_added == 0
    made.write()
    assert take(connection, made.path).messages_added == 1
    assert cursor(connection, made.path).broken_lines == 0
    assert stored(connection) == read_again(made.path)


def test_a_whole_last_line_without_its_newline_is_taken(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "first")
    made.path.write_bytes(made.data[:-1])
    assert take(connection, made.path).messages_added == 1
    made.say("user", "second")
    made.write()
    assert take(connection, made.path).messages_added == 1
    assert stored(connection) == read_again(made.path)


def test_two_objects_on_one_line_are_two(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "one")
    made.say("assistant", "two")
    made.say("assistant", "three")
    made.lines = [made.lines[0] + made.lines[1], made.lines[2]]
    made.write()
    assert take(connection, made.path).messages_added == 3
    assert stored(connection) == read_again(made.path)


def test_an_object_glued_to_the_line_before_arrives_in_two_deliveries(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "one")
    made.say("assistant", "two")
    first, second = made.lines
    made.path.write_bytes(first)
    take(connection, made.path)
    made.path.write_bytes(first + second[:40])
    take(connection, made.path)
    made.path.write_bytes(first + second + b"\n")
    take(connection, made.path)
    assert len(stored(connection)) == 2
    assert stored(connection) == read_again(made.path)


def test_a_line_longer_than_a_step_is_taken_whole(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "before")
    made.tool("Bash", {"command": "cat big"}, "line of output\n" * 4000)
    made.say("user", "after")
    path = str(made.write())
    connection.execute("BEGIN IMMEDIATE")
    while not ingest.step(connection, path, NOW, ingest.Progress(), bytes_max=TINY):
        pass
    connection.execute("COMMIT")
    assert stored(connection) == read_again(made.path)


@pytest.mark.parametrize(
    ("raw", "broken", "others"),
    [
        pytest.param(b'{"type":"user","uuid":"x"', 1, 0, id="cut off"),
        pytest.param(b"plain text", 1, 0, id="no JSON"),
        pytest.param(b"[1,2]", 1, 0, id="a list"),
        pytest.param(b"7", 1, 0, id="a number"),
        pytest.param(b"\x00\x00\x00", 1, 0, id="NUL bytes"),
        pytest.param(b"\xff\xfe\xfa", 1, 0, id="no UTF-8"),
        pytest.param(b"[" * 50_000, 1, 0, id="nested too deep"),
        pytest.param(b"", 0, 0, id="blank"),
        pytest.param(b'{"type":"progress","data":{}}', 0, 1, id="unknown type"),
        pytest.param(b"{}", 0, 1, id="no field"),
        pytest.param(b'{"type":"user","uuid":"x"}', 0, 1, id="no message"),
        pytest.param(b'{"type":"user","message":{"content":"x"}}', 0, 1, id="no uuid"),
    ],
)
def test_odd_lines_are_counted_and_survived(
    home: Home, connection: apsw.Connection, raw: bytes, broken: int, others: int
) -> None:
    made = home.transcript()
    made.say("user", "before")
    made.raw(raw)
    made.say("user", "after")
    made.write()
    take(connection, made.path)
    found = cursor(connection, made.path)
    assert (found.lines, found.broken_lines, found.other_lines) == (2 + bool(raw), broken, others)
    assert len(stored(connection)) == 2
    assert found.byte_offset == len(made.data)


def nested(depth: int) -> Any:
    """Return lists in lists."""
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


POISON: list[tuple[str, dict[str, Any]]] = [
    ("surrogate in the text", {"message": {"content": "a \ud800 b"}}),
    ("NUL in the text", {"message": {"content": "a \0 b"}}),
    ("surrogate as session", {"sessionId": "s\udfff"}),
    ("surrogate as folder", {"cwd": "/a/\ud800"}),
    ("surrogate as branch", {"gitBranch": "\ud800"}),
    ("surrogate as uuid", {"uuid": "\ud800"}),
    ("NUL as uuid", {"uuid": "\0"}),
    ("number as uuid", {"uuid": 7}),
    ("list as uuid", {"uuid": [1]}),
    ("not a UUID", {"uuid": "agent-1"}),
    ("surrogate as subagent", {"isSidechain": True, "agentId": "\ud800"}),
    ("number as message", {"message": 7}),
    ("number as content", {"message": {"content": 7}}),
    ("blocks of anything", {"message": {"content": [None, 7, "x", [], {"type": []}, {"type": {}}, {"type": None}]}}),
    (
        "text that is none",
        {"message": {"content": [{"type": "text", "text": {"a": 1}}, {"type": "thinking", "thinking": 7}]}},
    ),
    ("endless seconds", {"timestamp": "2026-03-01T10:00:inf"}),
    ("huge seconds", {"timestamp": "2026-03-01T10:00:1e300"}),
    ("huge number as time", {"timestamp": 10**400}),
    ("huge numbers", {"message": {"content": [10**30, 1e308]}}),
    ("deeply nested", {"message": {"content": nested(300)}}),
    ("more deeply nested", {"message": {"content": nested(900)}}),
    ("more deeply nested, no uuid", {"uuid": "odd", "message": {"content": nested(935)}}),
    ("nested in a result", {"toolUseResult": {"structuredPatch": nested(900)}}),
    (
        "nested in an input",
        {
            "type": "assistant",
            "message": {
                "content": [{"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": nested(700)}}]
            },
        },
    ),
    (
        "surrogate in a command",
        {
            "type": "assistant",
            "message": {
                "content": [{"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "echo \ud800 \0"}}]
            },
        },
    ),
    (
        "surrogate in a path",
        {
            "type": "assistant",
            "message": {
                "content": [
                    {
                        "type": "tool_use",
                        "id": "t",
                        "name": "Edit",
                        "input": {"file_path": "/a\ud800", "old_string": "\udfff"},
                    }
                ]
            },
        },
    ),
    (
        "surrogate in a pattern",
        {
            "type": "assistant",
            "message": {
                "content": [
                    {"type": "tool_use", "id": "t", "name": "Grep", "input": {"pattern": "\ud800", "path": "\udfff"}}
                ]
            },
        },
    ),
    (
        "surrogate as call",
        {
            "type": "assistant",
            "message": {"content": [{"type": "tool_use", "id": "\ud800", "name": "\ud800", "input": {}}]},
        },
    ),
    (
        "surrogate as result's call",
        {
            "message": {
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "\ud800",
                        "content": "Exit code 1\nValueError: \ud800",
                        "is_error": True,
                    }
                ]
            }
        },
    ),
    (
        "surrogate in an error",
        {
            "message": {
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": "Exit code 1\nValueError: \ud800 \0 bad",
                        "is_error": True,
                    }
                ]
            }
        },
    ),
    (
        "odd fields of a call",
        {
            "type": "assistant",
            "message": {
                "content": [
                    {"type": "tool_use", "id": 7, "name": [], "input": "x"},
                    {"type": "tool_use"},
                    {
                        "type": "tool_use",
                        "id": "t",
                        "name": "Edit",
                        "input": {"file_path": [], "edits": [7, {"old_string": 7}]},
                    },
                    {"type": "tool_use", "id": "u", "name": "Grep", "input": {"pattern": {}, "path": 7}},
                ]
            },
        },
    ),
    (
        "odd fields of a result",
        {
            "message": {
                "content": [
                    {"type": "tool_result", "tool_use_id": [], "content": {}},
                    {"type": "tool_result"},
                    {"type": "tool_result", "tool_use_id": "t", "content": [7, {"text": 7}], "is_error": "yes"},
                ]
            }
        },
    ),
]


@pytest.mark.parametrize("redact", ["true", "false"])
@pytest.mark.parametrize("fields", [pytest.param(fields, id=name) for name, fields in POISON])
def test_one_odd_line_never_holds_up_the_rest(
    home: Home, connection: apsw.Connection, fields: dict[str, Any], redact: str
) -> None:
    """Whatever a line holds, it is stored, and so is what stands behind it."""
    home.set(CODEMEMORY_REDACT=redact)
    made = home.transcript()
    made.say("user", "password=hunter2hunter2 before")
    first = {"type": "user", "message": {"role": "user", "content": "x"}, **fields}
    made.line(**first)
    after = made.say("user", "after")
    made.write()
    take(connection, made.path)
    assert cursor(connection, made.path).byte_offset == len(made.data)
    assert (after, "", "") in stored(connection)
    assert len(stored(connection)) == 3
    if redact == "false":
        assert json.dumps(sorted(map(str, stored(connection).values()))) == json.dumps(
            sorted(map(str, read_again(made.path).values()))
        )


def test_an_odd_boundary_is_survived(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.line(type="system", subtype="compact_boundary", sessionId="\ud800", cwd="\udfff", timestamp=[])
    made.line(type="system", subtype="compact_boundary", sessionId=7, cwd=7)
    made.say("user", "after")
    made.write()
    take(connection, made.path)
    assert len(stored(connection)) == 1


def test_times_that_go_backwards_or_miss_keep_the_order_of_the_file(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "noon", timestamp="2026-03-01T12:00:00Z")
    made.say("user", "morning", timestamp="2026-03-01T08:00:00Z")
    made.say("user", "unknown", timestamp=None)
    made.say("user", "odd", timestamp="noon")
    made.write()
    take(connection, made.path)
    order = [messages.load(connection, one).text for _, one, _ in sessions.messages_of(connection, 1)]
    assert order == ["noon", "morning", "unknown", "odd"]
    times = [messages.load(connection, one).created_at for _, one, _ in sessions.messages_of(connection, 1)]
    assert times[1] == times[2] == times[3] < times[0]
    started, ended = connection.execute("SELECT started_at, last_at FROM session").get
    assert (started, ended) == (times[1], times[0])


def test_a_fork_adds_members_and_no_messages(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    take(connection, made.path)
    fork = made.fork(10, cwd=home.root / "elsewhere")
    fork.say("user", "another way")
    fork.write()
    assert take(connection, fork.path).messages_added == 1
    assert stored(connection) == {**read_again(made.path), **read_again(fork.path)}
    held = {
        name: [message for _, message, _ in sessions.messages_of(connection, found.session_id)]
        for name in (made.session, fork.session)
        if (found := sessions.find(connection, name))
    }
    shared = len(read_again(fork.path)) - 1
    assert held[fork.session][:shared] == held[made.session][:shared]
    assert len(held[fork.session]) == shared + 1
    assert take(connection, made.path, fork.path).messages_added == 0


def test_a_fork_that_is_read_first_gives_the_same_set(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    fork = made.fork()
    fork.say("user", "another way")
    fork.write()
    take(connection, fork.path, made.path)
    assert stored(connection) == {**read_again(made.path), **read_again(fork.path)}
    assert connection.execute("SELECT sum(occurrences) FROM failure").get == 3


def test_without_a_rewrite_the_first_content_stays(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "first words")
    made.say("user", "changed words", uuid=made.uuids[0])
    made.write()
    take(connection, made.path)
    assert [blocks[0]["text"] for blocks in stored(connection).values()] == ["first words"]


def replaced(made: Transcript, old: str, new: str) -> bytes:
    """Return a transcript's bytes with a text replaced."""
    assert old.encode() in made.data
    return made.data.replace(old.encode(), new.encode())


@pytest.mark.parametrize("bytes_max", [TINY, ingest.STEP_BYTES])
@pytest.mark.parametrize(
    ("new", "in_place"),
    [
        pytest.param("make bargain", True, id="same size"),
        pytest.param("fix", True, id="smaller"),
        pytest.param("please make every last bargain", True, id="larger"),
        pytest.param("make bargain", False, id="same size, new inode"),
        pytest.param("please make every last bargain", False, id="larger, new inode"),
    ],
)
def test_a_rewritten_file_is_read_again_and_its_content_wins(
    home: Home, connection: apsw.Connection, new: str, in_place: bool, bytes_max: int
) -> None:
    made = home.conversation()
    take(connection, made.path)
    before = rows(connection)
    data = replaced(made, "make invoice", new)
    if in_place:
        made.path.write_bytes(data)
    else:
        other = made.path.with_suffix(".new")
        other.write_bytes(data)
        os.replace(other, made.path)
    status = os.stat(made.path)
    os.utime(made.path, ns=(status.st_atime_ns, status.st_mtime_ns + 5_000_000))
    connection.execute("BEGIN IMMEDIATE")
    total = ingest.Progress()
    while not ingest.step(connection, str(made.path), NOW, total, bytes_max=bytes_max):
        pass
    connection.execute("COMMIT")
    assert total.messages_added == 0
    assert stored(connection) == read_again(made.path)
    assert rows(connection)["membership"] == before["membership"]
    assert rows(connection)["indexed"] == before["indexed"]
    assert cursor(connection, made.path).rewrites == 1
    assert cursor(connection, made.path).rereading == 0 or len(data) < len(made.data)


def test_another_file_under_the_same_name_is_read_whatever_else_is_the_same(
    home: Home, connection: apsw.Connection
) -> None:
    """Size, time, beginning and end are those of the file before: only the inode tells."""
    made = home.conversation()
    take(connection, made.path)
    status = os.stat(made.path)
    other = made.path.with_suffix(".new")
    other.write_bytes(replaced(made, "make invoice 1", "mend invoice 1"))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, made.path)
    assert (os.stat(made.path).st_size, os.stat(made.path).st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    take(connection, made.path)
    assert stored(connection) == read_again(made.path)


def test_a_line_that_cannot_be_made_sense_of_is_kept_all_the_same(
    home: Home, connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in reading a line's meaning costs that meaning, no line: it is reported, and the rest goes on."""
    made = home.conversation()

    def explode(*_: object) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr("codememory.outcomes.settle", explode)
    monkeypatch.setattr("codememory.tool_lines.exploration_target", explode)
    take(connection, made.path)
    assert stored(connection) == read_again(made.path)
    assert take(connection, made.path).messages_added == 0
    assert "KeyError" in home.problems()[0]


@pytest.mark.parametrize("cut", [0, 1, 700, -400])
def test_a_file_caught_in_the_middle_of_its_rewriting(home: Home, connection: apsw.Connection, cut: int) -> None:
    """A tool empties the file and writes it again; an ingest sees it half done. The newest content wins even so."""
    made = home.conversation()
    take(connection, made.path)
    data = replaced(made, "make invoice", "REWRITTEN")
    made.path.write_bytes(data[:cut])
    take(connection, made.path)
    with made.path.open("ab") as file:
        file.write(data[len(data[:cut]) :])
    take(connection, made.path)
    assert stored(connection) == read_again(made.path)


def test_a_rewritten_file_that_also_grew(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    take(connection, made.path)
    made.lines = [line.replace(b"make invoice", b"please make the invoice") for line in made.lines]
    made.say("user", "one more")
    made.write()
    assert take(connection, made.path).messages_added == 1
    assert stored(connection) == read_again(made.path)


def test_rewriting_does_not_make_history_searchable(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "scaffolding of the client", isMeta=True)
    made.say("user", "please port the importer")
    made.write()
    take(connection, made.path)
    before = rows(connection)["indexed"]
    made.path.write_bytes(replaced(made, "scaffolding of", "other scaffolding of"))
    take(connection, made.path)
    assert stored(connection) == read_again(made.path)
    assert rows(connection)["indexed"] == before


def test_a_file_that_shrank_and_grows_again(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    take(connection, made.path)
    before = stored(connection)
    made.lines = made.lines[:6]
    made.write()
    take(connection, made.path)
    assert stored(connection) == before, "what was deleted in the file stays remembered"
    key = made.say("user", "a new way")
    made.write()
    assert take(connection, made.path).messages_added == 1
    assert stored(connection).keys() == before.keys() | {(key, "", "")}


def test_a_deleted_file_leaves_what_it_told(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    take(connection, made.path)
    before = rows(connection)
    made.path.unlink()
    with pytest.raises(TranscriptError):
        take(connection, made.path)
    assert rows(connection) == before
    made.write()
    assert take(connection, made.path).messages_added == 0
    assert rows(connection) == before


def test_several_sessions_in_one_file(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    other = home.names.uuid()
    made.say("user", "mine")
    made.say("user", "the other's", sessionId=other, cwd=str(home.root))
    made.say("user", "nobody's", sessionId=None)
    made.say("user", "odd", sessionId=7)
    made.write()
    take(connection, made.path)
    counts = dict(
        connection.execute(
            "SELECT client_id, count(*) FROM membership JOIN session USING (session_id) GROUP BY 1"
        ).fetchall()
    )
    assert counts == {made.session: 3, other: 1}
    assert stored(connection) == read_again(made.path)
    assert rows(connection)["session"] == sorted([(made.session, 0, 3), (other, 0, 1)])


def test_a_subagents_file_belongs_to_its_parents_session(home: Home, connection: apsw.Connection) -> None:
    main = home.conversation(turns=1)
    agent = home.transcript(main.session, agent="a17")
    agent.say("user", "look for callers of total()")
    agent.say("assistant", "There are two.")
    agent.write()
    take(connection, main.path, agent.path)
    found = connection.execute(
        "SELECT client_id, thread, kind, agent FROM membership"
        " JOIN session USING (session_id) JOIN message USING (message_id)"
        " WHERE thread <> '' ORDER BY place"
    ).fetchall()
    assert found == [(main.session, "a17", "task", "a17"), (main.session, "a17", "reply", "a17")]
    assert stored(connection) == {**read_again(main.path), **read_again(agent.path)}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/p/5e55.jsonl", ("5e55", "")),
        ("/p/5e55/subagents/agent-a1.jsonl", ("5e55", "a1")),
        ("/p/agent-a1.jsonl", ("agent-a1", "a1")),
        ("/p/subagents/5e55.jsonl", ("5e55", "")),
        ("/p/noextension", ("noextension", "")),
    ],
)
def test_names_in_a_path(path: str, names: tuple[str, str]) -> None:
    assert ingest.names_in(path) == names


def test_only_the_users_own_words_are_prompts(home: Home, connection: apsw.Connection) -> None:
    made = home.transcript()
    made.say("user", "the user's words")
    made.say("user", "<system-reminder>scaffolding</system-reminder>", isMeta=True)
    made.boundary()
    made.summary("This session is being continued: the user's words, again")
    made.attachment("hook_success", hookEvent="SessionStart", stdout="what we injected")
    made.attachment("hook_additional_context", content=["what we injected"])
    made.line(type="system", content="a message of the client")
    made.line(type="queue-operation", operation="enqueue", content="queued words", uuid=None)
    made.tool("Bash", {"command": "ls"}, "a.py")
    made.write()
    take(connection, made.path)
    prompts = [
        messages.load(connection, one).text
        for (one,) in connection.execute("SELECT message_id FROM message WHERE kind = 'prompt'")
    ]
    assert prompts == ["the user's words"]
    assert "injected" not in str(stored(connection))
    assert "queued" not in str(stored(connection))
    kinds = [kind for (kind,) in connection.execute("SELECT kind FROM message ORDER BY message_id")]
    assert kinds == ["prompt", "meta", "summary", "call", "result"]


def test_a_boundary_ends_an_epoch_once(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation(turns=1)
    made.boundary()
    made.summary("so far")
    made.write()
    take(connection, made.path)
    take(connection, made.path)
    found = sessions.find(connection, made.session)
    assert found is not None
    assert found.epoch == 1
    made.path.write_bytes(replaced(made, "so far", "as yet"))
    os.utime(made.path, ns=(1, 1))
    take(connection, made.path)
    found = sessions.find(connection, made.session)
    assert found is not None
    assert found.epoch == 1


def test_a_folder_is_no_transcript(home: Home, connection: apsw.Connection) -> None:
    for path in (home.folder, home.folder / "missing.jsonl", Path("/dev/null")):
        with pytest.raises(TranscriptError):
            ingest.ingest(connection, str(path), NOW)
    os.mkfifo(home.folder / "pipe.jsonl")
    with pytest.raises(TranscriptError):
        ingest.ingest(connection, str(home.folder / "pipe.jsonl"), NOW)


def test_an_empty_file_is_nothing(home: Home, connection: apsw.Connection) -> None:
    path = home.folder / "empty.jsonl"
    path.touch()
    assert take(connection, path).messages_added == 0
    assert stored(connection) == {}


def test_the_cursor_moves_with_its_rows_or_not_at_all(
    home: Home, connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.conversation()

    def explode(*_: object) -> None:
        raise apsw.FullError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(transcripts, "save", explode)
        with pytest.raises(apsw.FullError):
            take(connection, made.path)
    assert stored(connection) == {}
    assert take(connection, made.path).behind_bytes == 0
    assert stored(connection) == read_again(made.path)


def test_a_deadline_stops_between_steps_and_says_what_is_left(
    home: Home, connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codememory.budget import Deadline

    made = home.conversation()
    monkeypatch.setattr(ingest, "STEP_BYTES", TINY)
    left = ingest.ingest(connection, str(made.path), NOW, deadline=Deadline(0))
    assert left.behind_bytes == len(made.data) - cursor(connection, made.path).byte_offset > 0
    take(connection, made.path)
    assert stored(connection) == read_again(made.path)


MakeDatabase = Callable[[], apsw.Connection]


@pytest.fixture
def make_database(tmp_path: Path) -> MakeDatabase:
    """Return a maker of fresh databases."""
    count = iter(range(10_000))
    return lambda: db.connect(str(tmp_path / f"fresh-{next(count)}.db"))


@settings(max_examples=60)
@given(
    found=st.lists(strategies.raw_lines, max_size=8), cut=st.integers(0, 2000), again=st.booleans(), ended=st.booleans()
)
def test_any_file_in_two_deliveries_is_what_it_is_in_one(
    tmp_path: Path, make_database: MakeDatabase, found: list[bytes], cut: int, again: bool, ended: bool
) -> None:
    """Lines of anything: the stored set is the file's own set, however it was delivered."""
    path = tmp_path / "5e550000-0000-4000-8000-000000000000.jsonl"
    data = b"\n".join(found) + (b"\n" if ended else b"")
    one = make_database()
    path.write_bytes(data[:cut])
    take(one, path)
    path.write_bytes(data)
    take(one, path)
    if again:
        take(one, path)
    other = make_database()
    take(other, path)
    assert rows(one) == rows(other)
    assert set(stored(one)) == set(read_again(path))
    one.close()
    other.close()
    for file in tmp_path.glob("fresh-*"):
        file.unlink()


@settings(max_examples=25)
@given(data=st.data())
def test_any_history_of_edits_ends_in_the_files_own_set(
    tmp_path: Path, make_database: MakeDatabase, data: st.DataObject
) -> None:
    """Append, fork, rewrite, cut, deliver in pieces: what the last files hold is stored, with their content."""
    names = Names(data.draw(st.integers(0, 5)))
    folder = tmp_path / f"files-{names.uuid()}-{data.draw(st.integers(0, 10**9))}"
    folder.mkdir(exist_ok=True)
    connection = make_database()
    files = [conversation(names, folder, "/project", turns=1)]
    files[0].write()
    rewritten = 0
    for step in data.draw(st.lists(st.sampled_from(["append", "fork", "rewrite", "ingest", "piece"]), max_size=8)):
        made = files[data.draw(st.integers(0, len(files) - 1))]
        if step == "append":
            made.say("user", f"more {len(made.lines)}")
            made.write()
        elif step == "fork" and len(files) == 1:
            files.append(made.fork())
            files[-1].write()
        elif step == "rewrite" and len(files) == 1:
            take(connection, made.path)
            rewritten += 1
            made.lines = [line.replace(b"make invoice", b"make invoice again") for line in made.lines]
            made.write()
            take(connection, made.path)
        elif step == "piece":
            made.say("user", f"piece {len(made.lines)}")
            made.path.write_bytes(made.data[:-20])
            take(connection, made.path)
            made.write()
        take(connection, made.path)
    take(connection, *(made.path for made in files))
    expected: dict[tuple[str, str, str], Any] = {}
    for made in files:
        expected.update(read_again(made.path))
    assert stored(connection) == expected
    connection.close()


def test_lines_looked_for_at_once_are_those_found_one_by_one(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation()
    take(connection, made.path)
    keys = [key for (key,) in connection.execute("SELECT key FROM message")]
    strange = bytes(16)
    found = messages.ids_by_key(connection, [*keys, strange])
    assert found == {key: messages.id_by_key(connection, key) for key in keys}
    assert len(found) > 3


def test_a_rule_of_redaction_that_fails_costs_its_line_and_not_the_transcript(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home.transcript()
    made.say("user", "before")
    made.say("user", "the line that no rule can read")
    made.say("user", "behind")
    made.write()
    whole = redact.redacted_values

    def at_fault(values: Any) -> Any:
        if "no rule can read" in json.dumps(values):
            raise KeyError(4)
        return whole(values)

    home.set(CODEMEMORY_REDACT="true")
    monkeypatch.setattr(redact, "redacted_values", at_fault)
    home.told("Stop", made.session)
    connection = home.connect()
    texts = [block["text"] for blocks in stored(connection).values() for block in blocks]
    assert texts == ["before", "behind"]
    assert cursor(connection, made.path).broken_lines == 1
