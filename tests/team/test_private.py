"""Nothing private leaves: the wire, every table, the server's own files and log are searched for what was planted."""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from fixtures.homes import Home

from codememory import wire
from codememory.team import wording

from . import server as servers
from .conftest import make_roles, make_teams
from .proxy import proxied
from .server import Server, binaries

MARK = "quokka"
SECRET = "ghp_" + "Qu0kKa6hIj9kLm2nOp5qRs8tUv1wXy4zAb3d"
PLANTED = (MARK, SECRET, "numbat.smith", "numbat-laptop", "wombat")
"""What is nowhere to be found afterwards, in any case of letters."""

ERROR = f"""Exit code 1
Traceback (most recent call last):
  File "/home/numbat.smith/{MARK}/lib/total.py", line 3, in <module>
    assert found
AssertionError: the total is wrong for numbat.smith@mail.example.com on numbat-laptop.local"""


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Return a server that logs all it can, with the teams set up."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    told = {"logging_collector": "on", "log_min_messages": "info", "log_statement": "all", "log_connections": "on",
            "log_error_verbosity": "verbose", "log_parameter_max_length_on_error": "-1"}  # fmt: skip
    for name, value in told.items():
        monkeypatch.setitem(servers.SETTINGS, name, value)
    made = Server(programs)
    try:
        make_roles(made)
        made.execute("postgres", "CREATE DATABASE team")
        make_teams(made, "team")
        yield made
    finally:
        made.remove()


def worked(home: Home) -> None:
    """Let a developer work: a failure that is fixed, rules, and much that is nobody's business."""
    git = home.project / ".git"
    git.mkdir()
    (git / "config").write_text(f'[remote "origin"]\n\turl = https://wombat:{SECRET}@git.example.com/team/shop.git\n')
    (git / "HEAD").write_text(f"ref: refs/heads/{MARK}-branch\n")
    session = "5e551011-0000-4000-8000-000000000001"
    transcript = home.transcript(session)
    transcript.say("user", f"The {MARK} prompt: never push on Fridays")
    transcript.write()

    def failed(number: int) -> None:
        call = {"tool_name": "Bash", "tool_use_id": f"run{number}", "tool_input": {"command": "make check"}}
        home.told("PreToolUse", session, **call)
        home.told("PostToolUseFailure", session, **call, error=ERROR, is_interrupt=False)

    failed(1)
    edit = {"file_path": str(home.project / "total.py"), "old_string": f"key = '{SECRET}'", "new_string": "key = ask()"}
    call = {"tool_name": "Edit", "tool_use_id": "edit", "tool_input": edit}
    home.told("PreToolUse", session, **call)
    home.told("PostToolUse", session, **call, tool_response={"filePath": edit["file_path"]})
    call = {"tool_name": "Bash", "tool_use_id": "run2", "tool_input": {"command": "make check"}}
    home.told("PreToolUse", session, **call)
    home.told("PostToolUse", session, **call, tool_response={"stdout": f"1 passed {MARK}", "stderr": ""})
    home.mark("decision", "Totals are rounded once")
    home.mark("decision", f"Deploy with {SECRET} from numbat-laptop, ask numbat.smith@mail.example.com")
    home.mark("constraint", f"Keep <private>the {MARK} salary</private> in mind")
    home.json("memory", "private", home.mark("decision", f"The {MARK} plan"))
    home.json("memory", "forget", "--yes", home.mark("decision", f"The forgotten {MARK}"))
    home.mark("decision", f"See /home/numbat.smith/{MARK}/notes.txt and C:\\Users\\numbat.smith")
    other = home.root / f"{MARK}-elsewhere"
    other.mkdir()
    home.monkeypatch.chdir(other)
    home.mark("decision", f"Of another project: {MARK}")
    home.monkeypatch.chdir(home.project)


def found_in(data: bytes) -> list[str]:
    """Return what was planted and is there."""
    lowered = data.lower()
    return [word for word in PLANTED if word.lower().encode() in lowered]


def test_nothing_planted_is_found_anywhere(talkative: Server, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", lambda: "numbat-laptop.local")
    monkeypatch.setenv("CODEMEMORY_REDACT", "false")  # one's own setting for one's own store
    with proxied(talkative.port) as proxy:
        home.set(CODEMEMORY_TEAM_DSN=talkative.dsn("ann", "team", proxy.port))
        worked(home)
        home.json("team", "join")
        talkative.execute("team", "REVOKE INSERT ON codememory.event FROM codememory_shop")
        assert home.run("team", "sync").code == 1, "a push that ends in an error is logged"
        make_teams(talkative, "team")
        assert home.json("team", "sync")["projects"][0]["pushed"] > 3
        passed = bytes(proxy.seen)
    rows = [row for table in ("event", "project", "project_alias", "machine", "team")
            for row in talkative.execute("team", f"SELECT * FROM codememory.{table}")]  # fmt: skip
    tables = "\n".join(map(repr, rows)).encode()
    talkative.stop()
    files = {path: path.read_bytes() for path in talkative.data.rglob("*") if path.is_file()}
    log = b"".join(data for path, data in files.items() if path.parent.name == "log")
    talkative.start()
    assert b"Totals are rounded once" in passed
    assert b"the total is wrong" in tables
    assert b"git.example.com/team/shop" in tables
    assert b"key = ask()" in tables
    assert b"permission denied" in log
    assert any(b'"confidence"' in data for path, data in files.items() if path.parent.name == "pg_wal")
    for place, data in {"wire": passed, "tables": tables, **files}.items():
        assert found_in(data) == [], place
        assert str(home.root).encode() not in data, place


def copied(sent: bytes) -> list[tuple[str, bytes, bytes, str]]:
    """Return (kind, memory, other, payload) of the rows that a client's bytes copy to the server."""
    place, data = 0, b""
    while True:  # before the session begins messages have no type; the last of them is the start of protocol 3
        size, code = struct.unpack_from("!II", sent, place)
        place += size
        if code == 3 << 16:
            break
    while place < len(sent):
        kind, size = sent[place : place + 1], struct.unpack_from("!I", sent, place + 1)[0]
        if kind == b"d":
            data += sent[place + 5 : place + 1 + size]
        place += 1 + size
    place, rows = len(b"PGCOPY\n\xff\r\n\0") + 8, []
    while (fields := struct.unpack_from("!h", data, place)[0]) >= 0:
        place, row = place + 2, []
        for _ in range(fields):
            size = struct.unpack_from("!i", data, place)[0]
            row.append(data[place + 4 : place + 4 + size])
            place += 4 + size
        rows.append((row[2].decode(), row[3], row[4], row[5].decode()))
    return rows


def shown(planned: dict[str, Any]) -> list[tuple[str, bytes, bytes, str]]:
    """Return the same of what was only shown."""
    return [
        (one["kind"], bytes.fromhex(one["memory"]), bytes.fromhex(one["other"]),
         wire.encoded(one["says"]) if one["says"] is not None else "")
        for one in planned["projects"][0]["events"]
    ]  # fmt: skip


def test_a_dry_run_shows_byte_for_byte_what_is_sent(server: Server, database: str, home: Home) -> None:
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    worked(home)
    home.json("team", "join")
    _compare(home, server, database)
    withdrawn = home.json("memory", "list", "--kind", "decision")["nodes"][0]["id"]
    home.json("memory", "private", withdrawn)
    assert "gone" in {kind for kind, *_ in _compare(home, server, database)}


def _compare(home: Home, server: Server, database: str) -> list[tuple[str, bytes, bytes, str]]:
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    planned = shown(home.json("team", "push", "--dry-run"))
    words = home.run("team", "push", "--dry-run").out.decode()
    assert all(payload in words for _, _, _, payload in planned)
    with proxied(server.port) as proxy:
        home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database, proxy.port) + " gssencmode=disable sslmode=disable")
        home.json("team", "push")
        sent = bytes(proxy.sent)
    assert copied(sent) == planned
    assert planned
    return planned


def test_a_text_that_cannot_be_put_is_not_sent(home: Home, server: Server, database: str) -> None:
    """What goes wrong on the way out keeps the memory back; nothing goes unlooked at."""
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    home.mark("decision", "Totals are rounded once")
    home.json("team", "join")

    def broken(self: object, text: str) -> str:
        raise wording.PrivateError

    home.monkeypatch.setattr(wording.Wording, "text", broken)
    planned = home.json("team", "push", "--dry-run")["projects"][0]
    assert planned["events"] == []
    assert [one["why"] for one in planned["withheld"]] == ["it stands beside something private"]
