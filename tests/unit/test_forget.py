"""What is forgotten is gone: from tables, index, summaries and the file's bytes; and nothing brings it back."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import apsw
import pytest
from fixtures.homes import Home
from fixtures.stories import Story

from codememory import compact, doctor, forget, ingest
from codememory.store import erasure

WORD = "zanzibarquux"
"""Its stem, `zanzibarquux`, is also how the index holds it."""


def left(home: Home, word: str = WORD) -> list[str]:
    """Return where a word still stands: the bytes of the files, and every payload unpacked."""
    connection = home.connect()
    found = []
    for suffix in ("", "-wal", "-shm"):
        path = Path(str(home.database) + suffix)
        if path.exists() and word.encode() in path.read_bytes().lower():
            found.append(f"codememory.db{suffix}")
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in tables:
        if table in ("message_index", "node_index"):
            continue
        for row in connection.execute(f"SELECT * FROM {table}"):
            for value in row:
                data = value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else b""
                if data[:1] == b"\x78":
                    try:
                        data = zlib.decompress(data)
                    except zlib.error:
                        continue
                if word.encode() in data.lower():
                    found.append(table)
    return sorted(set(found))


def everywhere(home: Home) -> Story:
    """Tell a session that holds the word in every place there is, compacted with a summary of the client over it."""
    story = Story(home, by="both")
    story.says(f"Never rename the {WORD} table, because reports read it by name")
    for number in range(4):
        story.fail(f"python {WORD}.py", f"  File \"{WORD}.py\", line {number}, in run\nKeyError: '{WORD}'")
        story.edit(f"{WORD}.py", f"{WORD}_old", f"{WORD}_new " * 60)
        story.run(f"python {WORD}.py", f"{WORD} ok " * 100)
        story.transcript.say(
            "assistant", [{"type": "text", "text": f"I decided to keep {WORD} since it is read by name."}]
        )
        story.says(f"and now the other {number}")
    story.transcript.boundary()
    story.transcript.summary(f"<summary>They mended {WORD}.</summary>")
    story.says("go on with the invoices")
    story.catch_up()
    story._fire("PostCompact", compact_summary=f"They mended {WORD} for good.")
    compacted(story.connection, tail=2)
    return story


def compacted(connection: apsw.Connection, tail: int = 0) -> None:
    """Compact every session in small pieces."""
    plan = compact.Plan(everything=True, tail=tail)
    plan.chunk_tokens, plan.fanout, plan.depth_max = 250, 2, 3
    for (session_id,) in connection.execute("SELECT session_id FROM session").fetchall():
        compact.compact(connection, session_id, plan, 1)


def sound(connection: apsw.Connection) -> None:
    """Assert that doctor finds nothing wrong with rows, links and summaries."""
    wrong = [one for one in doctor.examine(connection)["checks"] if not one["ok"]]
    assert wrong == []
    assert connection.execute("PRAGMA integrity_check").get == "ok"


def ids(home: Home, *kinds: str) -> list[str]:
    """Return the messages of some kinds that hold the word."""
    connection = home.connect()
    found = []
    for key, kind, codec, blocks in connection.execute(
        "SELECT key, kind, blocks_codec, blocks FROM message"
    ).fetchall():
        text = zlib.decompress(blocks) if codec else blocks
        if WORD.encode() in text and (not kinds or kind in kinds):
            found.append(f"msg_{key.hex()}")
    return found


def test_the_story_holds_the_word_in_every_place(home: Home) -> None:
    """Else the tests below show nothing."""
    everywhere(home)
    tables = {
        "message", "node", "node_tag", "tool_call", "summary", "codememory.db-wal", "node_index_data",
        "message_index_data",
    }  # fmt: skip
    assert tables <= set(left(home))


def test_a_forgotten_session_leaves_no_byte(home: Home) -> None:
    story = everywhere(home)
    done = home.json("memory", "forget", story.session, "--yes")
    assert done["forgotten"]
    assert done["cleaned"]
    assert left(home) == []
    sound(home.connect())
    assert home.json("grep", WORD, "--all-projects", "--scope", "all")["hits"] == []


def test_forgetting_every_message_leaves_no_byte(home: Home) -> None:
    everywhere(home)
    assert home.json("memory", "forget", *ids(home), "--yes")["forgotten"]
    assert left(home) == []
    sound(home.connect())


@pytest.mark.parametrize("kind", ["prompt", "reply", "call", "result"])
def test_one_forgotten_message_takes_what_rests_on_it(home: Home, kind: str) -> None:
    """The word stands in one line only: what was said, called or returned."""
    story = Story(home, by="both")
    story.says("look at the invoices" if kind != "prompt" else f"Never rename {WORD}, because reports read it by name")
    story.fail(f"python {WORD if kind == 'call' else 'other'}.py", f"KeyError: '{WORD if kind == 'result' else 'x'}'")
    story.edit("other.py", "a", "b")
    story.run(f"python {WORD if kind == 'call' else 'other'}.py")
    text = f"I decided to keep {WORD} since it is read by name." if kind == "reply" else "Done."
    story.transcript.say("assistant", [{"type": "text", "text": text}])
    story.says("go on")
    story.says("and on")
    story.catch_up()
    compacted(story.connection)
    assert "summary" in left(home)
    assert home.json("memory", "forget", *ids(home), "--yes")["forgotten"]
    assert left(home) == []
    sound(home.connect())
    assert len(home.json("expand", story.session, "--token-budget", "0")["messages"]) == len(story.transcript.uuids)


def test_a_forgotten_memory_leaves_no_byte_and_its_messages_stay(home: Home) -> None:
    marked = home.mark("constraint", f"Never rename the {WORD} table", "--why", f"{WORD} is read by name")
    home.mark("constraint", "Another rule", "--supersedes", marked)
    assert home.json("memory", "forget", marked, "--yes")["forgotten"]
    assert left(home) == []
    sound(home.connect())
    assert [one["content"] for one in home.json("memory", "list")["nodes"]] == ["Another rule"]


def test_a_memory_of_a_message_says_which_message_stays(home: Home) -> None:
    story = Story(home, by="transcript")
    story.says("Never rename the reports table, because reports read it by name")
    node = home.json("memory", "list")["nodes"][0]
    shown = home.json("memory", "forget", node["id"], "--dry-run")
    assert shown["stays"] == node["evidence"]
    assert not shown["forgotten"]
    assert home.json("memory", "list")["nodes"][0]["id"] == node["id"]


@pytest.mark.parametrize("what", ["session", "messages"])
def test_reading_again_brings_nothing_back(home: Home, what: str) -> None:
    """A touched file, a rewritten one, a fork of it, and the same file in an empty cursor."""
    story = everywhere(home)
    wanted = [story.session] if what == "session" else ids(home)
    home.json("memory", "forget", *wanted, "--yes")
    path = story.transcript.path
    os.utime(path, ns=(1, 1))
    home.json("backfill")
    path.write_bytes(path.read_bytes() + b"\n")
    story.transcript.fork().write()
    home.connect().execute("UPDATE transcript SET byte_offset = 0, inode = 0")
    home.json("backfill")
    assert left(home) == []
    sound(home.connect())


def test_a_session_goes_on_after_it_was_forgotten(home: Home) -> None:
    story = everywhere(home)
    home.json("memory", "forget", story.session, "--yes")
    story.transcript.say("user", "a new beginning", timestamp="2099-01-01T00:00:00.000Z")
    story.catch_up()
    texts = [one["text"] for one in home.json("expand", story.session, "--token-budget", "0")["messages"]]
    assert [text for text in texts if text] == ["a new beginning"]


def test_a_forgotten_memory_is_not_extracted_again_but_can_be_stated_again(home: Home) -> None:
    story = Story(home, by="transcript")
    story.says("Never rename the reports table, because reports read it by name")
    node = home.json("memory", "list")["nodes"][0]
    home.json("memory", "forget", node["id"], "--yes")
    other = Story(home, by="transcript", session=story.session)
    other.connection.execute("DELETE FROM membership")
    other.connection.execute("DELETE FROM message")  # as in a store that never read it
    other.connection.execute("UPDATE transcript SET byte_offset = 0")
    ingest.ingest(other.connection, str(story.transcript.path), 0)
    assert home.json("memory", "list")["nodes"] == []
    home.mark("constraint", node["content"])
    home.mark("constraint", node["content"])
    assert len(home.json("memory", "list")["nodes"]) == 1


def test_nothing_is_forgotten_without_a_word(home: Home) -> None:
    marked = home.mark("constraint", "Never rename total()")
    done = home.run("memory", "forget", marked)
    assert "add --yes" in done.err
    assert done.code == 1, "nothing was done"
    assert not home.json("memory", "forget", marked)["forgotten"]
    assert len(home.json("memory", "list")["nodes"]) == 1


@pytest.mark.parametrize(
    ("wanted", "says"), [("mem_ffff", "No message"), ("sum", "a view of messages")], ids=["unknown", "summary"]
)
def test_what_cannot_be_forgotten_is_named(home: Home, wanted: str, says: str) -> None:
    story = everywhere(home)
    found = home.json("describe", story.session)["summaries"][0] if wanted == "sum" else wanted
    done = home.run("memory", "forget", found, "--yes")
    assert done.code == 1
    assert says in done.err


def test_bytes_that_had_to_be_left_are_overwritten_later(home: Home) -> None:
    """Another process reads while the file would be rewritten."""
    marked = home.mark("constraint", f"Never rename {WORD}")
    connection, reader = home.connect(), home.connect()
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM node").fetchall()
    connection.set_busy_timeout(1)
    connection.execute("BEGIN IMMEDIATE")
    forget.forget(connection, forget.reach_of(connection, [marked], 1))
    connection.execute("COMMIT")
    with pytest.raises(forget.DatabaseError, match="bytes of it are left"):
        forget.clean(connection)
    assert erasure.remain(connection)
    reader.execute("COMMIT")
    reader.close()
    assert home.json("memory", "forget")["cleaned"]
    assert left(home) == []


def test_forgetting_twice_is_forgetting_once(home: Home) -> None:
    story = everywhere(home)
    home.json("memory", "forget", story.session, "--yes")
    before = home.database.read_bytes()
    again = home.json("memory", "forget", story.session, "--yes")
    assert again["messages"] == again["memories"] == []
    assert len(home.database.read_bytes()) == len(before)
