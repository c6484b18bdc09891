"""Following transcripts in the foreground: what grows and what is new is taken in, and stopping loses nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import START, Home, stored
from fixtures.transcripts import read_again

from codememory import watch


def script(*steps: Callable[[], Any]) -> Callable[[float], None]:
    """Return a `wait` that does one step at each look, then interrupts as Ctrl-C does."""
    left = list(steps)

    def wait(_seconds: float) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop(0)()

    return wait


def test_growth_and_new_files_are_taken_in_until_interrupted(home: Home, connection: apsw.Connection) -> None:
    first = home.conversation(turns=1)
    later = home.transcript()
    followed = watch.Followed()
    told: list[int] = []

    def grow() -> None:
        first.say("user", "more")
        first.write()

    def appear() -> None:
        later.say("user", "hello")
        later.write()

    watch.look(connection, [], followed)
    assert stored(connection) == read_again(first.path)
    with pytest.raises(KeyboardInterrupt):
        watch.follow(
            connection, [], followed, lambda added: told.append(added.messages_added),
            script(grow, lambda: None, appear, lambda: later.path.unlink()),
        )  # fmt: skip
    assert told == [1, 1]
    assert followed.files == 1
    assert len(stored(connection)) == followed.total.messages_added == len(read_again(first.path)) + 1


def test_a_quiet_folder_is_looked_at_less_often(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation(turns=1)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == watch.IDLE_ROUNDS + 3:
            made.say("user", "more")
            made.write()
        if len(waited) > watch.IDLE_ROUNDS + 5:
            raise KeyboardInterrupt

    followed = watch.Followed()
    watch.look(connection, [], followed)
    with pytest.raises(KeyboardInterrupt):
        watch.follow(connection, [], followed, lambda added: None, wait)
    busy, idle = watch.INTERVAL_SECONDS, watch.IDLE_INTERVAL_SECONDS
    assert waited == [busy] * watch.IDLE_ROUNDS + [idle] * 3 + [busy] * 3


def test_what_is_interrupted_in_the_middle_is_whole_and_goes_on(home: Home, connection: apsw.Connection) -> None:
    files = [home.conversation(turns=1) for _ in range(3)]
    followed = watch.Followed()

    def interrupt(path: str, _taken: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch.look(connection, [], followed, interrupt)
    whole = [read_again(one.path) for one in files]
    held = stored(connection)
    assert [one for one in whole if one.items() <= held.items()] == whole[: len(held) // len(whole[0])]
    left = watch.behind(connection, [])[1]
    assert len(left) == 3 - len(held) // len(whole[0])
    watch.look(connection, [], followed)
    assert len(stored(connection)) == sum(len(read_again(one.path)) for one in files)


def test_a_busy_database_is_waited_for(home: Home, connection: apsw.Connection) -> None:
    made = home.conversation(turns=1)
    other = home.connect()
    connection.set_busy_timeout(10)
    other.execute("BEGIN IMMEDIATE")
    followed = watch.Followed()
    watch.look(connection, [], followed)
    assert list(followed.problems) == [watch.BUSY]
    other.execute("ROLLBACK")
    watch.look(connection, [], followed)
    assert stored(connection) == read_again(made.path)


def test_status_says_what_is_behind_and_once_catches_up(home: Home) -> None:
    made = home.conversation(turns=1)
    size = made.path.stat().st_size
    found = home.json("watch", "--status")
    assert found == {"files": 1, "behind": [{"path": str(made.path), "bytes": size}], "behind_bytes": size}
    assert b"1 of 1 transcript behind" in home.run("watch", "--status").out
    once = home.json("watch", "--once")
    assert (once["files"], once["bytes"], once["problems"]) == (1, size, [])
    assert once["messages_added"] == len(read_again(made.path))
    assert home.json("watch", "--status")["behind"] == []
    assert b"Nothing is behind" in home.run("watch", "--status").out
    made.say("user", "more")
    made.write()
    assert home.json("watch", "--status")["behind_bytes"] == len(made.lines[-1]) + 1
    made.path.write_bytes(made.lines[0] + b"\n")
    assert home.json("watch", "--status", made.path)["behind_bytes"] == len(made.lines[0]) + 1, "shorter: read anew"


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["watch", "/nowhere"], 1, "/nowhere"),
        (["watch", "--status", "/nowhere.jsonl"], 1, "/nowhere.jsonl"),
        (["backfill", "--follow", "--dry-run"], 2, "watch --status"),
    ],
)
def test_wrong_use(home: Home, words: list[str], code: int, named: str) -> None:
    done = home.run(*words)
    assert done.code == code
    assert named in " ".join(done.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("--start", "2 messages"),
        ("start", "hooks"),
        ("--stop", "Nothing runs"),
        ("--status", "1 of 1 transcript "),
        ("", "1 of 1 transcript "),
    ],
)
def test_what_the_slash_command_asks_for_needs_no_daemon(home: Home, request_: str, said: str) -> None:
    made = home.transcript()
    made.say("user", "hello")
    made.say("assistant", "hello")
    made.write()
    done = home.run("watch", "--request", request_)
    assert done.code == 0
    assert said in done.out.decode()
    assert bool(stored(home.connect())) is ("start" in request_)


def test_any_other_request_is_told_what_there_is(home: Home) -> None:
    done = home.run("watch", "--request", "--start; touch owned")
    assert done.code == 1
    assert "--start, --stop or --status" in done.err


@pytest.mark.parametrize("words", [["watch"], ["backfill", "--follow"]], ids=["watch", "backfill --follow"])
def test_ctrl_c_ends_the_process_well_and_says_what_was_done(home: Home, words: list[str]) -> None:
    made = home.conversation(turns=1)
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", START, *words, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=home.project, env=home.environment, text=True,
    )  # fmt: skip
    assert process.stderr
    while "Following" not in (line := process.stderr.readline()):
        assert line, "it ended by itself"
    made.say("user", "while it follows")
    made.write()
    while "1 message " not in (line := process.stderr.readline()):
        assert line, "it ended by itself"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Stopped" in err
    assert f'"messages_added": {len(read_again(made.path))}' in out
    assert len(stored(home.connect())) == len(read_again(made.path))


def test_a_look_costs_no_more_than_its_files(home: Home, connection: apsw.Connection, tmp_path: Path) -> None:
    """Twice the files are about twice the work: a look that brings nothing reads no transcript."""
    costs = []
    for count in (150, 300):
        folder = tmp_path / str(count)
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.jsonl").write_bytes(b"{}\n")
        followed = watch.Followed()
        watch.look(connection, [str(folder)], followed)
        began = time.process_time()
        for _ in range(5):
            assert watch.look(connection, [str(folder)], followed).bytes == 0
        costs.append(time.process_time() - began)
    assert costs[1] < costs[0] * 5
