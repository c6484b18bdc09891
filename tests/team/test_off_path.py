"""Hooks know no server: none of them loads the driver or opens a socket, and of the background entry only the child."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import SOURCE, START, Home

from codememory.store import team as store
from codememory.team import child_sync

from .proxy import Proxy, proxied
from .server import Server

SESSION = "5e551011-0000-4000-8000-000000000001"
EVENTS = sorted(json.loads((SOURCE / "hooks" / "hooks.json").read_text("utf-8"))["hooks"])
FIELDS: dict[str, dict[str, Any]] = {
    "SessionStart": {"source": "startup"},
    "UserPromptSubmit": {"prompt": "When are totals rounded?"},
    "PreToolUse": {"tool_name": "Bash", "tool_use_id": "t", "tool_input": {"command": "make check"}},
    "PostToolUse": {"tool_name": "Bash", "tool_use_id": "t", "tool_input": {"command": "make check"},
                    "tool_response": {"stdout": "ok", "stderr": ""}},
    "PostToolUseFailure": {"tool_name": "Bash", "tool_use_id": "t", "tool_input": {"command": "make check"},
                           "error": "Exit code 1\nAssertionError: the total is wrong"},
    "SubagentStart": {"agent_id": "a", "agent_type": "Explore"},
    "SubagentStop": {"agent_id": "a", "agent_type": "Explore"},
    "PreCompact": {"trigger": "auto"},
    "SessionEnd": {"reason": "other"},
}  # fmt: skip

TRACE = """
import atexit, sys
seen = []
def look(event, arguments):
    name = str(arguments[0]) if arguments else ""
    if event.startswith("socket.") or (event == "import" and name.partition(".")[0] in ("socket", "psycopg", "ssl")):
        seen.append(f"{event} {name}")
sys.addaudithook(look)
atexit.register(lambda: sys.stderr.write("".join(f"{one}\\n" for one in seen)))
"""


@pytest.fixture
def ann(home: Home, server: Server, database: str) -> Home:
    """Return a member's home, whose project is shared and holds something."""
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    home.mark("decision", "Totals are rounded once")
    home.json("team", "join")
    home.json("team", "sync")
    home.conversation(session=SESSION)
    home.hook("SessionStart", home.payload("SessionStart", SESSION, source="startup"))
    return home


def test_the_trace_sees_a_socket() -> None:
    script = TRACE + "\nimport socket\nsocket.socket().close()"
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert "socket.__new__" in done.stderr
    assert "import socket" in done.stderr


@pytest.mark.parametrize("event", EVENTS)
def test_no_hook_reaches_out(ann: Home, server: Server, database: str, event: str) -> None:
    with proxied(server.port) as proxy:
        ann.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database, proxy.port))
        done = ann.hook(event, ann.payload(event, SESSION, **FIELDS.get(event, {})), prelude=TRACE)
        assert (done.returncode, done.stderr.decode()) == (0, "")
        assert not proxy.seen
    assert ann.problems() == []


def due(home: Home) -> None:
    """Let the last exchange be long ago."""
    home.connect().execute("UPDATE team_server SET tried_at = 0")


def test_the_background_entry_leaves_it_to_a_child(ann: Home, server: Server, database: str) -> None:
    due(ann)
    ann.mark("decision", "Another one")
    with proxied(server.port) as proxy:
        ann.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database, proxy.port))
        done = ann.hook("Stop", ann.payload("Stop", SESSION), "--background", prelude=TRACE)
        assert b"psycopg" not in done.stderr
        assert b"socket.connect" not in done.stderr
        assert proxy.seen, "the child did"
    assert store.joined(ann.connect())[0].pushed == 2


class Counting(Proxy):
    """A proxy that counts who comes."""

    came = 0

    def _pass(self, one: Any, other: Any, counted: bool) -> None:
        self.came += counted
        super()._pass(one, other, counted)


def test_of_many_background_runs_at_once_one_exchanges(ann: Home, server: Server, database: str) -> None:
    due(ann)
    proxy = Counting(server.port)
    try:
        ann.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database, proxy.port))
        runs = [
            subprocess.Popen(
                [sys.executable, "-I", "-c", START, "hook", "Stop", "--background"], cwd=ann.project,
                env=ann.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            for _ in range(4)
        ]  # fmt: skip
        threads = [threading.Thread(target=one.communicate, args=(ann.payload("Stop", SESSION),)) for one in runs]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert [one.returncode for one in runs] == [0, 0, 0, 0]
        assert proxy.came == 1
    finally:
        proxy.listening.close()
    assert ann.problems() == []


def test_who_comes_second_leaves_it(home: Home) -> None:
    first, second = home.connect(), home.connect()
    assert store.claim(first, 100_000, 40_000)
    assert not store.claim(second, 100_001, 40_001)
    assert store.claim(second, 200_000, 140_000)


def test_by_hand_and_in_the_background_at_once(ann: Home, server: Server, database: str) -> None:
    """The server lets one after the other: nothing is lost, nothing double."""
    for number in range(30):
        ann.mark("decision", f"Decision {number}")
    words = [sys.executable, "-I", "-c", START, "team", "sync"]
    runs = [
        subprocess.Popen(words, cwd=ann.project, env=ann.environment, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
        for _ in range(3)
    ]  # fmt: skip
    assert [one.wait(60) for one in runs] == [0, 0, 0]
    held = server.execute(database, "SELECT count(*), count(DISTINCT node), max(number) FROM codememory.event")
    assert held == [(31, 31, 31)]


def test_what_goes_wrong_in_the_child_is_said_once(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Even a child that cannot say it itself."""
    monkeypatch.setattr(child_sync, "START", "import os; os.abort()")
    connection = home.connect()
    assert child_sync.start_if_due(connection, str(tmp_path))
    _, done_at, failed, sentence = store.server(connection)
    assert (done_at, failed) == (0, 1)
    assert "The team's server" in sentence
    assert not child_sync.start_if_due(connection, str(tmp_path)), "a pause follows"
