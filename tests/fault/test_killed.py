"""A hook killed at any moment: what is stored and what is marked as read agree, and nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import statistics
import time

import apsw
import pytest
from fixtures import totals
from fixtures.homes import Home, assert_harmless, rows, stored
from fixtures.transcripts import Transcript, read_again

from codememory import db
from codememory.store import transcripts

KILLS = 1000 if os.environ.get("CODEMEMORY_TORTURE") else 33
"""All 1,000 with CODEMEMORY_TORTURE=1."""

LOOKED_AT_EACH = 100
"""Of more kills only every tenth is looked at: one look reads the whole store."""

EVENTS = (
    "Stop", "PostToolUseFailure", "SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "SubagentStart",
    "SubagentStop", "PreCompact", "PostCompact", "SessionEnd",
)  # fmt: skip


def grow(made: Transcript, turn: int) -> None:
    """Add what a turn adds: a prompt, a failure, a large output, a reply; at times a line that is half written."""
    made.say("user", f"turn {turn}: mend row{turn} 修好")
    made.failing(
        f"python -m pytest tests/test_{turn % 5}.py",
        f"FAILED tests/test_{turn % 5}.py::test - KeyError: 'row{turn % 5}'",
    )
    made.tool("Bash", {"command": f"cat log{turn}"}, f"line of output {turn}\n" * 400)
    made.say("assistant", [{"type": "text", "text": f"Row {turn} is mended."}])
    made.write()
    if turn % 3 == 0:
        with made.path.open("ab") as file:
            file.write(b'{"type":"user","uuid":"half')


def payload(home: Home, event: str, made: Transcript, turn: int) -> bytes:
    """Return the payload of a turn's event."""
    error = f"FAILED tests/test_{turn % 5}.py::test - KeyError: 'row{turn % 5}'"
    return home.payload(
        event,
        made.session,
        source="startup",
        prompt=f"why does row{turn % 5} fail in test_1.py",
        tool_name="Bash",
        tool_use_id=f"toolu_live_{turn}",
        tool_input={"command": f"python -m pytest tests/test_{turn % 5}.py"},
        tool_response={"stdout": f"{error}\n1 failed in 0.1s"},
        error=f"Exit code 1\n{error}",
        agent_id="",
        agent_type="Explore",
        compact_summary=f"so far {turn}",
    )


def agreeing(home: Home, made: Transcript) -> None:
    """Assert that the database is sound and holds exactly the messages of the bytes its cursor has passed."""
    connection = home.connect()
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    position = transcripts.position_of(connection, str(made.path))
    consumed = position[0] if position else 0
    copy = home.root / "consumed" / made.path.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(made.path.read_bytes()[:consumed])
    assert stored(connection) == read_again(copy)
    doubled = connection.execute(
        "SELECT signature FROM failure f WHERE occurrences <>"
        " (SELECT count(*) FROM occurrence o WHERE o.node_id = f.node_id)"
    ).fetchall()
    assert doubled == []
    held = connection.execute("SELECT count(*) FROM message WHERE tier <> 'N'").get
    assert connection.execute("SELECT count(*) FROM message_index_docsize").get <= held
    connection.close()


def test_killed_at_random_moments(home: Home) -> None:
    """Kill hooks at moments spread over what a hook takes here, the beginning and the end among them."""
    home.set(CODEMEMORY_REDACT="false")
    chance = random.Random(2)
    made = home.transcript()
    durations = []
    for turn in range(len(EVENTS)):
        grow(made, turn)
        started = time.monotonic()
        assert_harmless(home.hook(EVENTS[turn], payload(home, EVENTS[turn], made, turn)))
        durations.append(time.monotonic() - started)
    longest = statistics.median(durations) * 1.2
    killed = 0
    for turn in range(len(EVENTS), len(EVENTS) + KILLS):
        grow(made, turn)
        event = EVENTS[turn % len(EVENTS)]
        process = home.start(event)
        assert process.stdin is not None
        process.stdin.write(payload(home, event, made, turn))
        process.stdin.close()
        process.stdin = None
        time.sleep(longest * chance.random())
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
        if turn < LOOKED_AT_EACH or turn % 10 == 0:
            agreeing(home, made)
    made.write()
    for _ in range(500):
        assert_harmless(home.hook("Stop", payload(home, "Stop", made, 0)))
        if transcripts.position_of(home.connect(), str(made.path))[0] == len(made.data):  # type: ignore[index]
            break
    agreeing(home, made)
    assert stored(home.connect()) == read_again(made.path)
    assert killed > KILLS // 4, "the moments fall inside a hook"
    totals.add("kills of hooks at random moments", KILLS)
    once = db.connect(str(home.root / "once.db"))
    from codememory import ingest

    ingest.ingest(once, str(made.path), 0)
    assert keys(once) == keys(home.connect())


def keys(connection: apsw.Connection) -> list[object]:
    """Return the messages in the order of their session."""
    return [row[2] for row in rows(connection)["membership"]]


STAGES = ("execute:INSERT INTO message", "execute:UPDATE transcript", "execute:COMMIT", "shorten", "print", "begin")

KILL_AT = """
import os, sys
def prepare(stage):
    import apsw
    from codememory import db, hook
    def die(*_, **__): os.kill(os.getpid(), 9)
    if stage == "shorten": db.shorten_wal = die
    elif stage == "print": hook._print = die
    elif stage == "begin": db.connect = die
    else:
        wanted = stage.partition(":")[2]
        def look(cursor, statement, values):
            if statement.startswith(wanted): die()
            return True
        apsw.connection_hooks.append(lambda connection: setattr(connection, "exec_trace", look))
"""


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_each_stage(home: Home, stage: str) -> None:
    """The same at the moments that matter, chosen: nothing of a transaction is there, or all of it."""
    home.set(CODEMEMORY_REDACT="false")
    home.mark("constraint", "Never change the signature of total()")
    made = home.conversation(turns=1)
    data = home.payload("SessionStart", made.session, source="startup")
    from fixtures.homes import START

    start = START.replace("from codememory.__main__", f"prepare({stage!r}); from codememory.__main__")
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-I", "-c", KILL_AT + start, "hook", "SessionStart"],
        input=data,
        capture_output=True,
        env=home.environment,
        cwd=home.project,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert (done.stdout == b"") == (stage != "shorten")
    agreeing(home, made)
    said = home.connect().execute("SELECT count(*) FROM injection").get
    committed = stage in ("shorten", "print")
    assert (said > 0) == committed, "what is said is recorded before it is printed"
    assert (len(stored(home.connect())) > 0) == committed
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session)))
    assert stored(home.connect()) == read_again(made.path)


def test_many_hooks_at_once(home: Home) -> None:
    """The hooks of parallel tool calls, on a database that does not exist yet: each line once."""
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation(turns=8)
    started = [home.start(EVENTS[number % len(EVENTS)]) for number in range(16)]
    for number, process in enumerate(started):
        assert process.stdin is not None
        process.stdin.write(payload(home, EVENTS[number % len(EVENTS)], made, number))
        process.stdin.flush()
    for process in started:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0
        assert err == b""
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session)))
    agreeing(home, made)
    assert stored(home.connect()) == read_again(made.path)
    assert sorted(path.name for path in home.database.parent.glob("*.db")) == ["codememory.db"]
