"""Transcripts that change under a reader's hands, and clocks that jump: every line once, and no hook disturbed."""

from __future__ import annotations

import os
import random
import re
import threading
from pathlib import Path

import pytest
from fixtures.homes import Home, assert_harmless, stored
from fixtures.transcripts import Transcript, read_again

from codememory.store import sessions

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
ROUNDS = 400 if TORTURE else 25


@pytest.fixture
def made(home: Home) -> Transcript:
    """Return a stored session."""
    home.set(CODEMEMORY_REDACT="false")
    found = home.conversation(turns=6)
    stop(home, found)
    return found


def stop(home: Home, made: Transcript, **environment: str) -> None:
    """Run a Stop hook, which must be harmless."""
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session), **environment))


def test_another_file_in_its_place(home: Home, made: Transcript) -> None:
    before = stored(home.connect())
    other = home.conversation(turns=3)
    os.replace(other.path, made.path)
    stop(home, made)
    assert stored(home.connect()) == {**before, **read_again(made.path)}


def test_cut_off_and_grown_again(home: Home, made: Transcript) -> None:
    before = stored(home.connect())
    whole = made.path.read_bytes()
    for size in (0, 10, len(whole) // 2, len(whole) - 5, len(whole)):
        made.path.write_bytes(whole[:size])
        stop(home, made)
    made.say("user", "and on")
    made.write()
    stop(home, made)
    assert stored(home.connect()) == read_again(made.path)
    assert before.items() <= stored(home.connect()).items()


def test_deleted_and_written_anew(home: Home, made: Transcript) -> None:
    before = stored(home.connect())
    made.path.unlink()
    for event in ("Stop", "SessionStart", "PreCompact", "SessionEnd"):
        assert_harmless(home.hook(event, home.payload(event, made.session, source="startup")))
    assert stored(home.connect()) == before
    made.say("user", "and on")
    made.write()
    stop(home, made)
    assert stored(home.connect()) == read_again(made.path)


def test_moved_to_another_folder(home: Home, made: Transcript) -> None:
    """As when a project is renamed: the same lines under another path add nothing."""
    before = stored(home.connect())
    folder = home.folder.parent / "-moved"
    folder.mkdir()
    moved = folder / made.path.name
    made.path.rename(moved)
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session, transcript_path=str(moved))))
    assert stored(home.connect()) == before


def test_a_hole_in_the_middle(home: Home) -> None:
    """What a crash of the machine leaves: zeros where lines were, and whole lines after them."""
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation(turns=4)
    lines = made.path.read_bytes().splitlines(keepends=True)
    lines[5] = bytes(len(lines[5]) - 1) + b"\n"
    made.path.write_bytes(b"".join(lines))
    stop(home, made)
    assert len(stored(home.connect())) == len(read_again(made.path)) > 5


def test_rotated_while_it_is_read(home: Home) -> None:
    """One thread writes, cuts, replaces and deletes; hooks read on. In the end every line it ever wrote is there."""
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation(turns=1)
    written = dict(read_again(made.path))
    over = threading.Event()
    chance = random.Random(3)

    def write() -> None:
        for turn in range(ROUNDS):
            made.say("user", f"turn {turn}")
            made.tool("Bash", {"command": f"cat log{turn}"}, "output\n" * 50)
            what = chance.randrange(5)
            if what == 0:
                beside = made.path.with_suffix(".new")
                beside.write_bytes(made.data)
                os.replace(beside, made.path)
            elif what == 1:
                made.path.unlink(missing_ok=True)
                made.write()
            elif what == 2:
                made.path.write_bytes(made.data[: len(made.data) // 2])
            else:
                made.write()
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not over.is_set():
        stop(home, made)
    writer.join()
    made.write()
    for _ in range(5):
        stop(home, made)
    written.update(read_again(made.path))
    assert stored(home.connect()) == written
    assert home.connect().execute("PRAGMA foreign_key_check").fetchall() == []


def shifted(seconds: int) -> str:
    """Return lines that move the clock of a process."""
    return f"import time; real = time.time; time.time = lambda: real() + {seconds}\n"


YEAR = 365 * 86_400
EVENTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUseFailure", "PostToolUse")
JUMPS = {"a year ahead": YEAR, "thirty years ahead": 30 * YEAR, "a year back": -YEAR, "before 1970": -60 * YEAR}


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps(home: Home, jump: str) -> None:
    """Marks, failures and messages made under a wrong clock: told all the same, and sane once it is right again."""
    home.set(CODEMEMORY_REDACT="false")
    home.mark("constraint", "Never change the signature of total()", "--file", "invoice_1.py")
    made = home.conversation(turns=6)
    wrong = shifted(JUMPS[jump])
    fields = {
        "source": "startup", "prompt": "may total() in invoice_1.py change", "tool_name": "Bash", "tool_use_id": "t1",
        "tool_input": {"command": "python -m pytest tests/test_1.py"}, "error": "Exit code 1\nKeyError: 'row1'",
    }  # fmt: skip
    for prelude in (wrong, "", wrong, ""):
        for event in (*EVENTS, "PreCompact", "Stop"):
            done = home.hook(event, home.payload(event, made.session, **fields), prelude=prelude)
            assert_harmless(done)
            assert not re.search(rb"last -\d|-\d+[mhdw] ago", done.stdout), "no negative age"
    assert home.problems() == []
    fresh = home.conversation(turns=1)
    told = home.hook("SessionStart", home.payload("SessionStart", fresh.session, source="startup")).stdout
    assert b"signature of total()" in told, "what was marked is still told"
    assert stored(home.connect()) == {**read_again(made.path), **read_again(fresh.path)}
    assert [one for one in home.run("doctor", "--json").json["checks"] if not one["ok"]] == []


def test_compactions_under_a_jumping_clock_end_an_epoch_each(home: Home) -> None:
    home.mark("constraint", "Never change the signature of total()")
    made = home.conversation()
    told = []
    for seconds in (0, YEAR, -YEAR, 0):
        data = home.payload("SessionStart", made.session, source="compact")
        done = home.hook("SessionStart", data, prelude=shifted(seconds))
        assert_harmless(done)
        told.append(b"signature of total()" in done.stdout)
    assert told == [True] * 4
    found = sessions.find(home.connect(), made.session)
    assert found is not None
    assert found.epoch == 4


@pytest.mark.parametrize("stamp", ["1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z"])
def test_lines_from_another_age(home: Home, stamp: str) -> None:
    made = home.transcript()
    for turn in range(3):
        made.say("user", f"turn {turn}: keep total() as it is", timestamp=stamp)
        made.failing("python -m pytest tests/test_1.py", "KeyError: 'row1'")
    made.write()
    for event in ("Stop", "SessionStart", "UserPromptSubmit", "PreCompact"):
        data = home.payload(event, made.session, source="startup", prompt="what of total() and row1")
        assert_harmless(home.hook(event, data))
    assert home.problems() == []
    assert home.json("grep", "total")["total"] >= 0


def test_sessions_whose_transcript_never_comes(home: Home) -> None:
    """`--no-session-persistence`: what the hooks saw is remembered, and what only waits for a transcript goes away."""
    path = str(home.folder / "never.jsonl")
    given = {"tool_name": "Bash", "tool_use_id": "t1", "tool_input": {"command": "python -m pytest"}}
    for event in ("SessionStart", "PreToolUse", "PostToolUseFailure", "Stop", "SessionEnd"):
        data = home.payload(
            event, "never", transcript_path=path, source="startup", error="Exit code 1\nKeyError: 'row1'", **given
        )
        assert_harmless(home.hook(event, data))
    assert home.connect().execute("SELECT count(*) FROM tool_call").get == 1
    assert home.json("check", "--command", "python -m pytest")["failures"]
    assert Path(path).exists() is False
    made = home.conversation()
    stop(home, made)
    late = shifted(30 * 86_400)
    assert_harmless(home.hook("SessionStart", home.payload("SessionStart", made.session), prelude=late))
    rows = home.connect().execute("SELECT count(*) FROM tool_call WHERE tool_use_id = 't1'").get
    assert rows == 0, "after a month nobody waits any more"
    assert home.json("check", "--command", "python -m pytest")["failures"], "the failure is remembered"
