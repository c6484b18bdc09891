"""Many sessions at once, with a backfill and a compaction beside them: nothing lost or doubled, nobody shut out."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fixtures import totals
from fixtures.homes import SOURCE, START, Home, assert_harmless, stored
from fixtures.transcripts import Names, Transcript, read_again

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
SESSIONS, TURNS = (16, 25) if TORTURE else (8, 3)
SECONDS_P99_MAX = 1.0
"""The contract's bound, measured in the long form only: the short one shares its machine with other tests."""

SHUT_OUT_SHARE_MAX = 0.02
"""In the short form, on a machine that is busy with other tests; in the long one nobody is, nor twice in a row ever."""

STOPS = 40 if TORTURE else 2
SECONDS_STOPPED_MAX = 3.0
WAL_BYTES_MAX = 8_000_000


class Client:
    """One session of the client as it fires its hooks, each waited for."""

    def __init__(self, home: Home, number: int, folder: Path, cwd: Path) -> None:
        self.home, self.number = home, number
        cwd.mkdir(exist_ok=True)
        self.made = Transcript(folder, cwd, Names(1000 + number))
        self.log = home.root / f"log{number}"
        self.took: list[tuple[str, float]] = []
        self.refused: list[bool] = []
        self.wrong: list[str] = []

    def fire(self, event: str, **fields: Any) -> None:
        """Run a hook as the launcher does."""
        whole = {
            "session_id": self.made.session, "transcript_path": str(self.made.path), "cwd": self.made.cwd,
            "hook_event_name": event, **fields,
        }  # fmt: skip
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {PATHS!r}; {START}", "hook", event],
            input=json.dumps(whole).encode(), capture_output=True, cwd=self.made.cwd, check=False,
            env={**self.home.environment, "CODEMEMORY_LOG_PATH": str(self.log)},
        )  # fmt: skip
        self.took.append((event, time.monotonic() - started))
        if done.returncode or done.stderr:
            self.wrong.append(f"{event}: {done.returncode} {done.stderr!r}")
        said = self.log.read_text() if self.log.exists() else ""
        self.log.unlink(missing_ok=True)
        self.refused.append(bool(said))
        if said and "BusyError" not in said:
            self.wrong.append(said)

    def live(self) -> None:
        """Go through a session: prompts, calls that fail and are mended, replies."""
        self.fire("SessionStart", source="startup")
        for turn in range(TURNS):
            self.made.say("user", f"client {self.number} turn {turn}: mend row{turn}")
            self.made.write()
            self.fire("UserPromptSubmit", prompt=f"why does row{turn} fail in test_{turn % 5}.py")
            command = f"python -m pytest tests/test_{turn % 5}.py"
            error = f"FAILED tests/test_{turn % 5}.py::test - KeyError: 'row{turn % 5}'"
            call = self.made.failing(command, error)
            given = {"tool_name": "Bash", "tool_use_id": call, "tool_input": {"command": command}}
            self.fire("PreToolUse", **given)
            self.made.write()
            self.fire("PostToolUseFailure", error=f"Exit code 1\n{error}", **given)
            call = self.made.tool("Bash", {"command": f"cat log{turn}"}, "a line of output\n" * 200)
            given = {"tool_name": "Bash", "tool_use_id": call, "tool_input": {"command": f"cat log{turn}"}}
            self.fire("PreToolUse", **given)
            self.made.write()
            self.fire("PostToolUse", tool_response={"stdout": "a line of output"}, **given)
            self.made.say("assistant", [{"type": "text", "text": f"Row {turn} is mended. " * 30}])
            self.made.write()
            self.fire("Stop")
        self.fire("SessionEnd", reason="other")


PATHS = [one for one in sys.path if "site-packages" in one]


def history(home: Home, files: int) -> Path:
    """Write transcripts of the past, for a backfill."""
    folder = home.folder.parent / "-past"
    folder.mkdir()
    for number in range(files):
        made = Transcript(folder, home.project, Names(2000 + number))
        for turn in range(60):
            made.say("user", f"long ago {turn}")
            made.failing(f"make part{turn % 7}", f"part{turn % 7}.c:3: error: unknown type name 'x{turn % 7}'")
            made.say("assistant", [{"type": "text", "text": f"Part {turn} is mended. " * 50}])
        made.write()
    return folder


@pytest.mark.parametrize("apart", [False, True], ids=["one project", "a project each"])
def test_many_sessions_at_full_rate(home: Home, apart: bool) -> None:
    home.set(CODEMEMORY_REDACT="false", CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="5", CODEMEMORY_LEAF_CHUNK_TOKENS="1000")
    past = history(home, 60 if TORTURE else 4)
    clients = []
    for number in range(SESSIONS):
        name = f"p{number}" if apart else "p"
        folder = home.folder.parent / f"-{name}"
        folder.mkdir(exist_ok=True)
        clients.append(Client(home, number, folder, home.root / name))
    over = threading.Event()
    wrong: list[str] = []
    longest = [0]
    running = [threading.Thread(target=client.live) for client in clients]
    beside = [
        threading.Thread(target=again, args=(home, over, wrong, words))
        for words in (["backfill", str(past), "--quiet"], ["compact", "--all", "--all-projects", "--no-llm", "--quiet"])
    ]
    beside.append(threading.Thread(target=watch_log, args=(home, over, longest)))
    for thread in [*running, *beside]:
        thread.start()
    for thread in running:
        thread.join()
    over.set()
    for thread in beside:
        thread.join()
    home.json("backfill", "--quiet")
    assert wrong == []
    assert [one for client in clients for one in client.wrong] == []
    fired = [event for client in clients for event, _ in client.took]
    refused = sum(sum(client.refused) for client in clients)
    totals.add("hooks of many sessions at once", len(fired))
    totals.add("of them shut out of the database", refused)
    report(clients, refused, longest[0])
    assert refused <= (0 if TORTURE else len(fired) * SHUT_OUT_SHARE_MAX), "nobody was shut out"
    assert [one.number for one in clients if (True, True) in pairwise(one.refused)] == [], "whoever was, was not again"
    assert not home.log.exists()
    assert home.problems() == []
    expected = {}
    for path in [*(client.made.path for client in clients), *past.glob("*.jsonl")]:
        expected.update(read_again(path))
    connection = home.connect()
    assert stored(connection) == expected
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    doubled = connection.execute(
        "SELECT signature FROM failure f WHERE occurrences <>"
        " (SELECT count(*) FROM occurrence o WHERE o.node_id = f.node_id)"
    ).fetchall()
    assert doubled == []
    runs = {event: found["count"] for event, found in home.json("status")["hooks"].items()}
    assert sum(runs.values()) == len(fired) - refused, "every hook is counted once"
    assert longest[0] < WAL_BYTES_MAX
    assert [one for one in home.run("doctor", "--json").json["checks"] if not one["ok"]] == []
    if TORTURE:
        slow = {event: p99 for event in set(fired) if (p99 := percentile(clients, event, 0.99)) >= SECONDS_P99_MAX}
        assert slow == {}
        by_client = [sorted(seconds for _, seconds in client.took) for client in clients]
        middle = sorted(one[len(one) // 2] for one in by_client)
        assert middle[-1] < 3 * middle[0] + 0.2, "no session waits much longer than another"


def percentile(clients: list[Client], event: str, share: float) -> float:
    """Return how many seconds a share of an event's hooks stayed within; of all hooks for ''."""
    told = sorted(seconds for client in clients for name, seconds in client.took if event in ("", name))
    return told[min(int(len(told) * share), len(told) - 1)]


def report(clients: list[Client], refused: int, longest: int) -> None:
    """Print what the hooks took."""
    counts = Counter(event for client in clients for event, _ in client.took)
    print(
        f"\n{counts.total()} hooks, {refused} shut out, write-ahead log at most {longest / 1e6:.1f} MB; milliseconds:"
    )
    for event in ("", *sorted(counts)):
        p50, p99, most = (percentile(clients, event, share) * 1000 for share in (0.5, 0.99, 1))
        print(
            f"  {event or 'all':20} {counts[event] or counts.total():6} p50 {p50:5.0f} p99 {p99:5.0f} max {most:5.0f}"
        )


def again(home: Home, over: threading.Event, wrong: list[str], words: list[str]) -> None:
    """Run a command over and over."""
    while not over.is_set():
        done = subprocess.run(
            [sys.executable, "-I", "-c", START, *words], capture_output=True, cwd=home.project, env=home.environment,
            check=False,
        )  # fmt: skip
        if done.returncode or b"lock" in done.stderr:
            wrong.append(f"{words[0]}: {done.returncode} {done.stderr!r}")


def watch_log(home: Home, over: threading.Event, longest: list[int]) -> None:
    """Note how long the write-ahead log gets."""
    while not over.is_set():
        with contextlib.suppress(OSError):
            longest[0] = max(longest[0], os.stat(f"{home.database}-wal").st_size)
        time.sleep(0.02)


def test_a_waiting_hook_gets_in_between_the_steps_of_long_work(home: Home) -> None:
    """One process writes as fast as it may; a hook beside it waits for a few of its steps, not for its end."""
    past = history(home, 12)
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", START, "backfill", str(past), "--quiet"],
        cwd=home.project, env=home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    made = home.conversation()
    served = 0
    while process.poll() is None:
        done = home.hook("Stop", home.payload("Stop", made.session))
        assert (done.returncode, done.stderr) == (0, b"")
        served += 1
    _, err = process.communicate()
    assert err == b""
    assert served
    assert not home.log.exists()


HOLD = (
    f"import sys; sys.path[:0] = [{str(SOURCE)!r}]\n"
    "import apsw, time\n"
    "c = apsw.Connection(sys.argv[1])\n"
    "c.execute('BEGIN EXCLUSIVE')\n"
    "c.execute(\"INSERT INTO problem (at, place, sentence) VALUES (1, 'x', 'y')\")\n"
    "print('held', flush=True)\n"
    "time.sleep(float(sys.argv[2]))\n"
    "c.execute('COMMIT')\n"
)


@pytest.mark.parametrize(
    "words", [["backfill", "--quiet"], ["compact", "--all", "--no-llm"]], ids=lambda words: words[0]
)
def test_a_process_that_is_stopped_holds_up_nobody_for_long(home: Home, words: list[str]) -> None:
    """As by Ctrl-Z, wherever it is: at worst hooks leave their lines to those after it goes on."""
    home.set(CODEMEMORY_REDACT="false", CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0", CODEMEMORY_LEAF_CHUNK_TOKENS="200")
    past = history(home, 8)
    if words[0] == "compact":
        home.json("backfill", str(past), "--quiet")
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", START, *words, *([str(past)] if words[0] == "backfill" else ["--all-projects"])],
        cwd=home.project, env=home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    made = home.conversation()
    stops = 0
    chance = random.Random(9)
    while process.poll() is None and stops < STOPS:
        time.sleep(0.2 * chance.random())
        process.send_signal(signal.SIGSTOP)
        stops += 1
        for event in ("Stop", "PostToolUse"):
            started = time.monotonic()
            assert_harmless(home.hook(event, home.payload(event, made.session)))
            assert time.monotonic() - started < SECONDS_STOPPED_MAX
        process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert stops
    assert_harmless(home.hook("Stop", home.payload("Stop", made.session)))
    expected = {key: blocks for path in (made.path, *past.glob("*.jsonl")) for key, blocks in read_again(path).items()}
    assert stored(home.connect()) == expected


def test_wired_twice_each_line_is_told_once(home: Home) -> None:
    """The plugin and `install` both active: every event runs two hooks at the same moment."""
    home.set(CODEMEMORY_REDACT="false")
    before = home.conversation()
    assert_harmless(home.hook("Stop", home.payload("Stop", before.session)))
    home.mark("constraint", "Never change the signature of total()", "--file", "invoice_1.py")
    made = home.transcript()
    told: list[str] = []
    for turn in range(6):
        made.say("user", f"turn {turn}: what of total() in invoice_1.py")
        error = "FAILED tests/test_1.py::test_it - KeyError: 'row1'"
        call = made.failing("python -m pytest tests/test_1.py", error)
        made.write()
        for event in ("SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUseFailure", "Stop"):
            data = home.payload(
                event, made.session, source="startup", prompt="what of total() in invoice_1.py", tool_name="Bash",
                tool_use_id=call, tool_input={"command": "python -m pytest tests/test_1.py"},
                error=f"Exit code 1\n{error}",
            )  # fmt: skip
            running = [home.start(event) for _ in range(2)]
            for process in running:
                assert process.stdin is not None
                process.stdin.write(data)
                process.stdin.close()
                process.stdin = None
            for process in running:
                out, err = process.communicate(timeout=60)
                assert (process.returncode, err) == (0, b"")
                if out:
                    told += re.findall(r"mem_[0-9a-f]+", json.loads(out)["hookSpecificOutput"]["additionalContext"])
    assert told
    assert [one for one, count in Counter(told).items() if count > 1] == []
    connection = home.connect()
    assert stored(connection) == {**read_again(before.path), **read_again(made.path)}
    doubled = connection.execute("SELECT tool_use_id FROM occurrence GROUP BY tool_use_id, ordinal HAVING count(*) > 1")
    assert doubled.fetchall() == []
    assert (
        connection.execute("SELECT count(*) FROM tool_call").get
        == connection.execute("SELECT count(DISTINCT tool_use_id) FROM tool_call").get
    )


def test_a_database_locked_for_long(home: Home) -> None:
    """Every hook comes back by itself, the user hears of it once, and afterwards nothing is missing."""
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation()
    home.connect().close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home.database), "60" if TORTURE else "5"], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    words = []
    while holder.poll() is None:
        for event in ("PostToolUse", "Stop", "UserPromptSubmit", "SessionStart"):
            started = time.monotonic()
            done = home.hook(event, home.payload(event, made.session, source="startup", prompt="total()"))
            assert (done.returncode, done.stderr) == (0, b"")
            assert time.monotonic() - started < 3
            if done.stdout:
                words.append(json.loads(done.stdout))
    assert len([one for one in words if "stored nothing" in one.get("systemMessage", "")]) == 1
    for _ in range(3):
        done = home.hook("SessionStart", home.payload("SessionStart", made.session, source="startup"))
        assert b"systemMessage" not in done.stdout, "it works again"
    assert stored(home.connect()) == read_again(made.path)
