"""Never in the way: whatever is wrong, a hook exits 0 at once with JSON or nothing, and loses no more than it must."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures import strategies
from fixtures.homes import START, Home, assert_harmless, stored
from fixtures.transcripts import read_again
from hypothesis import given, settings
from hypothesis import strategies as st

from codememory import budget, hook
from codememory.hook import EVENTS

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
SECONDS_MAX = 3.0
"""What a hook may take when everything is wrong: the issue says 1 s, shared machines are slower."""

PARTS = ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUseFailure", "Stop")


@pytest.fixture
def session(home: Home) -> str:
    """Return a session whose transcript is on disk."""
    return home.conversation().session


def given_payload(home: Home, event: str, session: str) -> bytes:
    """Return an ordinary payload with everything any event has."""
    return home.payload(
        event,
        session,
        source="startup",
        prompt="why does total() in invoice_1.py fail",
        tool_name="Bash",
        tool_use_id="toolu_1",
        tool_input={"command": "python -m pytest tests/test_1.py"},
        error="Exit code 1\nKeyError: 'row1'",
        reason="other",
        agent_id="",
        agent_type="Explore",
        compact_summary="so far",
        stop_hook_active=False,
    )


def run(home: Home, event: str, data: bytes, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a hook that must be harmless, and quick."""
    started = time.monotonic()
    done = home.hook(event, data, **more)
    assert time.monotonic() - started < SECONDS_MAX
    assert_harmless(done)
    return done


def run_all(home: Home, session: str, **more: Any) -> None:
    """Run one hook of each part of the program."""
    for event in PARTS:
        run(home, event, given_payload(home, event, session), **more)


def whole(home: Home) -> None:
    """Assert that a last hook brings the store to what the transcripts hold."""
    for path in home.folder.glob("*.jsonl"):
        assert_harmless(home.hook("Stop", home.payload("Stop", path.stem), CODEMEMORY_REDACT="false"))
    expected = {key: blocks for path in home.folder.glob("*.jsonl") for key, blocks in read_again(path).items()}
    connection = home.connect()
    assert stored(connection) == expected
    assert connection.execute("PRAGMA integrity_check").get == "ok"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not json", id="not JSON"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="no field"),
        pytest.param(b'{"session_id": 7}', id="a number as session"),
        pytest.param(b'{"session_id": ""}', id="no session"),
        pytest.param(b'{"session_id":"a"}{"session_id":"b"}', id="two"),
        pytest.param(b"\xff\xfe\x00", id="bytes"),
        pytest.param(
            b'{"session_id": "\\ud800", "cwd": "/\\udfff", "prompt": "\\ud800", "transcript_path": "/\\ud800"}',
            id="surrogates",
        ),
        pytest.param(b'{"session_id": "a\\u0000b", "cwd": "/\\u0000", "transcript_path": "/a\\u0000b"}', id="NUL"),
        pytest.param(b"[" * 200_000, id="nested too deep"),
        pytest.param(b'{"session_id":"s","tool_input":' + b"[" * 900 + b"]" * 900 + b"}", id="nested"),
    ],
)
@pytest.mark.parametrize("event", ["PreToolUse", "UserPromptSubmit"])
def test_whatever_is_on_standard_input(home: Home, event: str, data: bytes) -> None:
    run(home, event, data)


@pytest.mark.parametrize("words", [[], [""], ["Nonsense"], ["Stop", "--what"], ["Stop", "--background"]], ids=str)
def test_whatever_the_arguments(home: Home, session: str, words: list[str]) -> None:
    command = [sys.executable, "-I", "-c", START, "hook", *words]
    done = subprocess.run(
        command,
        input=home.payload("Stop", session),
        capture_output=True,
        env=home.environment,
        cwd=home.project,
        check=False,
    )
    assert_harmless(done)
    assert done.stdout == b""


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_closed_standard_streams(home: Home, session: str, closed: tuple[int, ...]) -> None:
    """What is opened first must not be taken for a standard stream, least of all the database."""
    script = f"import os\nfor one in {closed!r}: os.close(one)\n"
    done = home.hook("SessionStart", given_payload(home, "SessionStart", session), prelude=script)
    assert done.returncode == 0
    connection = home.connect()
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    if 0 not in closed:
        assert connection.execute("SELECT count(*) FROM message").get > 0


def test_a_reader_that_has_gone(home: Home, session: str) -> None:
    home.mark("constraint", "Never change the signature of total()")
    process = home.start("SessionStart")
    assert process.stdin is not None and process.stdout is not None
    process.stdout.close()
    process.stdin.write(given_payload(home, "SessionStart", session))
    process.stdin.close()
    assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "loop", "binary", "unreadable"])
def test_whatever_stands_in_the_transcripts_place(home: Home, session: str, kind: str) -> None:
    path = home.folder / f"{session}.jsonl"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "binary":
        path.write_bytes(bytes(range(256)) * 1000)
    elif kind == "unreadable":
        path.write_bytes(b"{}\n")
        path.chmod(0)
    home.mark("constraint", "Never change the signature of total()")
    done = run(home, "SessionStart", given_payload(home, "SessionStart", session))
    assert b"signature of total()" in done.stdout, "what is remembered is said all the same"
    run_all(home, session)


@pytest.mark.parametrize(
    "value",
    [None, 7, "", "relative.jsonl", "/", "~/x", "a" * 5000, "/proc/self/mem", ["/x"]],
    ids=lambda value: str(value)[:12],
)
def test_whatever_the_path_says(home: Home, session: str, value: object) -> None:
    payload = {
        **json.loads(given_payload(home, "Stop", session)),
        "transcript_path": value,
        "agent_transcript_path": value,
    }
    for event in ("SubagentStop", "SessionStart"):
        run(home, event, json.dumps(payload).encode())


def damage(path: Path, how: str) -> None:
    """Do something to a database that nobody has open."""
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    size = path.stat().st_size
    with path.open("r+b") as file:
        if how == "garbage":
            file.truncate(0)
            file.write(b"not a database " * 400)
        elif how == "empty":
            file.truncate(0)
        elif how == "half":
            file.truncate(size // 2)
        elif how == "cut inside a page":
            file.truncate(size - 100)
        elif how == "header only":
            file.truncate(100)
        elif how == "corrupt page":
            for page in range(1, size // 4096, 2):
                file.seek(page * 4096)
                file.write(b"\xa5" * 4096)
        elif how == "corrupt schema":
            file.seek(100)
            file.write(b"\xa5" * 3996)


@pytest.mark.parametrize(
    "how", ["garbage", "empty", "half", "cut inside a page", "header only", "corrupt page", "corrupt schema"]
)
def test_a_damaged_database(home: Home, session: str, how: str) -> None:
    home.mark("constraint", "Never change the signature of total()")
    connection = home.connect()
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    connection.close()
    damage(home.database, how)
    run_all(home, session)
    if how in ("garbage", "empty"):
        whole(home)
    if how == "garbage":
        aside = list(home.database.parent.glob("codememory.db.not-a-database-*"))
        assert [path.read_bytes() for path in aside] == [b"not a database " * 400], "nothing is overwritten"


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop"])
def test_no_file_in_the_databases_place(home: Home, session: str, kind: str) -> None:
    if kind == "folder":
        home.database.mkdir()
    elif kind == "pipe":
        os.mkfifo(home.database)
    else:
        home.database.symlink_to(home.database)
    run_all(home, session)


@pytest.mark.parametrize("place", ["DATABASE_PATH", "LOG_PATH"])
@pytest.mark.parametrize("value", ["/proc/nowhere/x", "/dev/full", "", "relative", "a" * 300])
def test_a_place_that_cannot_be_written(home: Home, session: str, place: str, value: str) -> None:
    run_all(home, session, **{f"CODEMEMORY_{place}": value})


@pytest.mark.parametrize(
    "mode", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE", "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE"]
)
def test_a_locked_database(home: Home, session: str, mode: str) -> None:
    home.connect().close()
    holder = apsw.Connection(str(home.database))
    for statement in mode.split("; "):
        holder.execute(statement)
    holder.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'x', 'y')")
    run_all(home, session)
    holder.execute("ROLLBACK")
    holder.close()
    whole(home)


def test_a_database_locked_before_it_has_tables(home: Home, session: str) -> None:
    home.database.touch()
    holder = sqlite3.connect(home.database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    run(home, "Stop", given_payload(home, "Stop", session))
    holder.execute("ROLLBACK")
    holder.close()
    whole(home)


@pytest.fixture
def mounted(home: Home) -> Iterator[Path]:
    """Return a small file system of its own, at the place of the client's config folder."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount")
    config = home.root / "small"
    config.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", config], capture_output=True, check=False
    ).returncode:
        pytest.skip("this machine lets nobody mount")
    home.set(CLAUDE_CONFIG_DIR=str(config))
    yield config
    subprocess.run(["umount", "-l", config], check=True)


def test_a_full_disk(home: Home, session: str, mounted: Path) -> None:
    run(home, "Stop", given_payload(home, "Stop", session))
    filler = mounted / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 1024)
    more = home.conversation(turns=20)
    run_all(home, more.session)
    filler.unlink()
    run(home, "Stop", given_payload(home, "Stop", more.session), CODEMEMORY_REDACT="false")
    connection = apsw.Connection(str(mounted / "codememory.db"))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert stored(connection).keys() >= read_again(more.path).keys()


def test_a_disk_that_is_full_from_the_start(home: Home, session: str, mounted: Path) -> None:
    (mounted / "filler").write_bytes(b"x" * 4000 * 1024)
    run_all(home, session)


def test_a_read_only_disk(home: Home, session: str, mounted: Path) -> None:
    run(home, "Stop", given_payload(home, "Stop", session))
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    run_all(home, session)
    (home.root / "other").mkdir()
    run_all(home, session, CODEMEMORY_DATABASE_PATH=str(mounted / "never.db"))


def word(home: Home) -> str:
    """Return what the start of a session tells the user."""
    done = run(home, "SessionStart", home.payload("SessionStart", "s0", source="startup", transcript_path=""))
    return str(json.loads(done.stdout).get("systemMessage", "")) if done.stdout else ""


def healthy(home: Home) -> list[str]:
    """Return what `doctor` and `status` say of storing, which must agree."""
    found = next(one for one in home.run("doctor", "--json").json["checks"] if one["name"] == "storing")
    warnings = home.json("status")["warnings"]
    assert (found["detail"] in warnings) is not found["ok"]
    return [] if found["ok"] else [found["detail"]]


def test_a_full_disk_is_said_once_and_no_more_when_there_is_room(home: Home, session: str, mounted: Path) -> None:
    run(home, "Stop", given_payload(home, "Stop", session))
    assert healthy(home) == []
    filler = mounted / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 1024)
    more = home.conversation(turns=40)
    for _ in range(3):
        run(home, "Stop", given_payload(home, "Stop", more.session))
    first = word(home)
    assert "stored nothing in the last" in first
    assert "disk" in first
    assert word(home) == "", "once"
    assert "No space left" in healthy(home)[0]
    filler.unlink()
    run(home, "Stop", given_payload(home, "Stop", more.session))
    assert (word(home), healthy(home)) == ("", [])


def test_a_read_only_disk_is_said(home: Home, session: str, mounted: Path) -> None:
    run(home, "Stop", given_payload(home, "Stop", session))
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    home.conversation(turns=2)
    assert "cannot store anything (The database" in word(home)
    assert "Read-only" in healthy(home)[0]
    subprocess.run(["mount", "-o", "remount,rw", mounted], check=True)
    assert (word(home), healthy(home)) == ("", [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_read_only_place(home: Home, session: str, what: str) -> None:
    run(home, "Stop", given_payload(home, "Stop", session))
    place = home.database if what == "file" else home.database.parent
    mode = place.stat().st_mode
    place.chmod(0o500 if what == "folder" else 0o400)
    run_all(home, session)
    place.chmod(mode)
    whole(home)


@pytest.mark.parametrize("kilobytes", [1, 40, 200])
def test_a_limit_on_file_sizes(home: Home, session: str, kilobytes: int) -> None:
    """What a full disk looks like to a process, without one."""
    home.connect().close()
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024}, {kilobytes * 1024}))\n"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    run_all(home, session, prelude=limit)
    whole(home)


NO_HOME = "import pwd\ndef nobody(*_): raise KeyError\npwd.getpwuid = nobody\n"


def test_no_home(home: Home, session: str) -> None:
    """Without HOME, and without an entry in the system's list of users, there is no place for anything."""
    del home.environment["HOME"]
    before = sorted(home.project.rglob("*"))
    run_all(home, session, prelude=NO_HOME)
    assert sorted(home.project.rglob("*")) == before, "nothing lands in the project"


def test_no_home_but_a_place_for_the_database(home: Home, session: str) -> None:
    del home.environment["HOME"]
    path = home.root / "chosen.db"
    run_all(home, session, prelude=NO_HOME, CODEMEMORY_DATABASE_PATH=str(path))
    assert stored(apsw.Connection(str(path)))
    home.set(CODEMEMORY_DATABASE_PATH=str(path))
    home.mark("constraint", "Never change the signature of total()")
    done = run(home, "SessionStart", given_payload(home, "SessionStart", "another"), prelude=NO_HOME)
    assert b"signature of total()" in done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOOK_BUDGET_MS", "soon"),
        ("HOOK_BUDGET_MS", "--5"),
        ("HOOK_BUDGET_MS", "0"),
        ("REDACT", "perhaps"),
        ("ENABLED", "perhaps"),
        ("EXPLORED_TARGET_WINDOW_MS", "-1"),
        ("EXPLORED_TARGET_WINDOW_MS", "9" * 5000),
        ("MAX_ASSEMBLY_TOKEN_BUDGET", "٣"),
    ],
)
def test_a_bad_setting_counts_as_unset(home: Home, session: str, name: str, value: str) -> None:
    run_all(home, session, **{f"CODEMEMORY_{name}": value})
    assert home.connect().execute("SELECT count(*) FROM message").get > 0


def test_a_foreign_database_at_the_path(home: Home, session: str) -> None:
    with sqlite3.connect(home.database) as other:
        other.execute("CREATE TABLE memory (id)")
        other.execute("INSERT INTO memory VALUES ('theirs')")
    other.close()
    before = home.database.read_bytes()
    run_all(home, session)
    assert home.database.read_bytes() == before
    ours = home.database.with_name("codememory-memory.db")
    found = home.json("status")
    assert found["database"]["path"] == str(ours)
    assert found["database"]["foreign"] == str(home.database)
    assert found["counts"]["messages"] > 0
    assert str(home.database) in home.run("status").out.decode()
    assert home.database.read_bytes() == before


def test_a_database_of_a_later_version(home: Home, session: str) -> None:
    connection = home.connect()
    connection.pragma("user_version", 999_000)
    connection.close()
    for event in PARTS:
        assert run(home, event, given_payload(home, event, session)).stdout == b""
    assert home.connect is not None
    with sqlite3.connect(home.database) as other:
        assert other.execute("SELECT count(*) FROM message").fetchone() == (0,)
    done = home.run("status")
    assert done.code == 1
    assert "later CodeMemory" in done.err


def test_what_went_wrong_is_told(home: Home, session: str) -> None:
    """One part that fails takes no other with it; a line is in the log and a sentence in the store."""
    path = home.folder / f"{session}.jsonl"
    path.unlink()
    path.mkdir()
    home.mark("constraint", "Never change the signature of total()")
    done = run(home, "SessionStart", given_payload(home, "SessionStart", session))
    assert b"signature of total()" in done.stdout
    assert "TranscriptError" in home.log.read_text()
    assert "TranscriptError" in home.problems()[0]
    found = home.json("status")
    assert found["hooks"]["SessionStart"]["errors"] == 1
    assert found["problems"][0]["place"] == "ingest"
    detail = {one["name"]: one["detail"] for one in home.run("doctor", "--json").json["checks"]}
    assert "TranscriptError" in detail["problems"]


def test_the_log_is_bounded_and_never_a_trap(home: Home, session: str) -> None:
    (home.folder / f"{session}.jsonl").unlink()
    (home.folder / f"{session}.jsonl").mkdir()
    home.log.parent.mkdir(parents=True)
    home.log.write_bytes(b"x" * (budget.LOG_BYTES_MAX + 10))
    run(home, "Stop", given_payload(home, "Stop", session))
    assert home.log.stat().st_size < 2000
    home.log.unlink()
    os.mkfifo(home.log)
    run(home, "Stop", given_payload(home, "Stop", session))
    home.log.unlink()
    target = home.root / "precious"
    target.write_text("precious")
    home.log.symlink_to(target)
    run(home, "Stop", given_payload(home, "Stop", session))
    assert target.read_text() == "precious"


def test_the_log_says_nothing_to_a_terminal(home: Home, session: str) -> None:
    path = home.folder / "x\x1b[2J\u009b8m\u202e.jsonl"
    path.mkdir()
    payload = json.loads(given_payload(home, "Stop", session)) | {"transcript_path": str(path)}
    run(home, "Stop\x1b[2J\n", json.dumps(payload).encode())
    run(home, "Stop", json.dumps(payload).encode())
    said = home.log.read_text()
    assert said.count("\n") == len(said.splitlines()) >= 1
    assert said.replace("\n", "").isprintable()


def test_a_hook_that_is_told_to_end_leaves_no_half_transaction(home: Home, session: str) -> None:
    process = home.start("Stop")
    assert process.stdin is not None
    process.stdin.write(given_payload(home, "Stop", session))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    whole(home)


def test_texts_that_no_column_holds_are_no_problem(home: Home, session: str) -> None:
    """A lone surrogate or a NUL in any field of a payload: the event is handled all the same."""
    odd = "a \ud800 \0 b"
    given = {"command": odd, "file_path": odd, "prompt": odd, "old_string": odd, "subagent_type": odd}
    for event in sorted(EVENTS):
        for tool in ("Bash", "Edit", "Task", odd):
            home.told(
                event,
                session,
                prompt=f"why does total() in {odd} fail",
                tool_name=tool,
                tool_use_id=odd,
                tool_input=given,
                error=f"Exit code 1\nValueError: {odd}",
                tool_response={"stdout": f"FAILED {odd}"},
                agent_id=odd,
                agent_type=odd,
                compact_summary=odd,
                source="startup",
            )
    assert home.problems() == []


@settings(max_examples=2_000 if TORTURE else 60)
@given(data=st.data())
def test_any_payload_is_survived_inside_one_process(home: Home, data: st.DataObject) -> None:
    """Any event with anything in any field: no error leaves `answer`, and what is printed has the one right shape."""
    event = data.draw(st.sampled_from(sorted(EVENTS)))
    payload = data.draw(strategies.payloads(event))
    printed: list[str] = []
    home.monkeypatch.setattr(hook, "_print", printed.append)
    hook.answer(event, [], json.dumps(payload).encode(), 0.0)
    for text in printed:
        if event != "PreCompact":
            value = json.loads(text)
            assert value.get("hookSpecificOutput", {"hookEventName": event})["hookEventName"] == event
            assert set(value) <= (
                {"hookSpecificOutput", "systemMessage"} if event == "SessionStart" else {"hookSpecificOutput"}
            )
        text.encode("utf-8", "replace")
    problems = [one for one in home.problems() if "TranscriptError" not in one] if home.database.exists() else []
    assert problems == []
