"""The commands, from any member's own home, and the exchange in the background."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import Home

from codememory.store import team as store
from codememory.team.server import schema

from .server import Server

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "JSON.md"


@pytest.fixture
def ann(home: Home, server: Server, database: str) -> Home:
    """Return a member's home."""
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    return home


def documented() -> set[str]:
    """Return the last names of the fields that docs/JSON tells of."""
    found = DOCUMENT.read_text("utf-8").split("\n## ")
    named = [name for section in found if section.startswith(("team ", "memory private"))
             for name in re.findall(r"^\| `([\w.\[\]]+)`", section, re.MULTILINE)]  # fmt: skip
    return {part.removesuffix("[]") for name in named for part in name.split(".")}


def names_in(value: Any) -> set[str]:
    """Return every field's name, those of what would be sent left out."""
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    if isinstance(value, dict):
        return set(value).union(*(names_in(one) for name, one in value.items() if name != "says"))
    return set()


def test_a_team_from_end_to_end(ann: Home, server: Server, database: str) -> None:
    found = []
    kept, shared = ann.mark("decision", "Totals are rounded once"), ann.mark("constraint", "Never push on Fridays")
    found.append(ann.json("team", "join"))
    found.append(ann.json("memory", "private", kept))
    planned = ann.json("team", "push", "--dry-run")
    found.append(planned)
    assert [one["says"]["content"] for one in planned["projects"][0]["events"]] == ["Never push on Fridays"]
    assert [one["why"] for one in planned["projects"][0]["withheld"]] == ["it is kept private"]
    assert server.execute(database, "SELECT count(*) FROM codememory.event") == [(0,)], "it was only shown"
    found.append(ann.json("team", "sync"))
    found.append(ann.json("memory", "private", kept, "--undo"))
    assert ann.json("team", "push")["projects"][0]["pushed"] == 1
    found += [ann.json("team", "pull"), ann.json("team", "status"), ann.json("team", "members")]
    assert ann.json("status")["team"]["projects"] == 1
    found.append(ann.json("team", "trust", "bob"))
    assert ann.run("team", "trust", shared).code == 1, "it was said here"
    found.append(ann.json("team", "withdraw", shared))
    said = server.execute(database, "SELECT payload FROM codememory.event WHERE kind = 'statement' ORDER BY 1")
    assert [payload == "" for (payload,) in said] == [True, False], "the other one stays"
    ann.set(CODEMEMORY_TEAM_DSN=server.dsn("admin", database))
    found.append(ann.json("team", "repair"))
    ann.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    found.append(ann.json("team", "leave"))
    assert ann.run("team", "sync").code == 1
    for one in found:
        assert names_in(one) <= documented(), names_in(one) - documented()


def test_init_says_what_a_member_needs(home: Home, server: Server, database: str) -> None:
    home.set(CODEMEMORY_TEAM_DSN=server.dsn("admin", database))
    done = home.run("team", "init", "blue", "--member", "ann")
    assert done.code == 0, done.err
    assert "GRANT codememory_blue TO" in done.out.decode()
    assert home.json("team", "init", "blue")["version"] == len(schema.STEPS), "again changes nothing"
    teams = server.execute(database, "SELECT name FROM codememory.team ORDER BY name", "ann")
    assert teams == [("blue",), ("shop",)]
    server.execute(database, "REVOKE codememory_blue FROM ann")
    assert home.run("team", "init", "Not a name; DROP").code == 1


def test_withdrawing_says_what_it_cannot(ann: Home, server: Server, database: str) -> None:
    never = ann.mark("decision", "Never shared")
    assert "was not shared" in ann.run("team", "withdraw", never).err
    ann.json("team", "join")
    assert "was not shared" in ann.run("team", "withdraw", never).err
    ann.json("team", "sync")
    ann.set(CODEMEMORY_TEAM_DSN="host=127.0.0.1 port=1")
    done = ann.run("team", "withdraw", never)
    assert done.code == 1
    assert "with the next exchange" in done.err
    ann.set(CODEMEMORY_TEAM_DSN=server.dsn("ann", database))
    ann.json("team", "sync")
    assert server.execute(database, "SELECT payload FROM codememory.event WHERE kind = 'statement'") == [("",)]
    assert ann.json("memory", "show", never)["content"] == "Never shared", "it stays here"


ERRORS = {
    "no team": (["team", "join", "--team", "nobody"], "no member of a team 'nobody'"),
    "no project": (["team", "join", "--project", "nothing"], "no project 'nothing'"),
    "not shared": (["team", "members"], "not shared"),
    "nothing shared": (["team", "sync"], "No project is shared"),
    "nobody's memory": (["memory", "private", "mem_ffff"], "mem_ffff"),
    "nobody to trust": (["team", "trust", "bob"], "No project is shared"),
    "nothing to repair": (["team", "repair"], "not shared"),
    "nothing to withdraw": (["team", "withdraw", "mem_ffff"], "mem_ffff"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_expected_error_is_one_sentence(ann: Home, case: str) -> None:
    words, told = ERRORS[case]
    done = ann.run(*words)
    assert done.code == 1
    assert told in done.err
    assert "Traceback" not in done.err


def test_without_the_driver_it_says_what_to_install(ann: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    done = ann.run("team", "join")
    assert done.code == 1
    assert "codememory[team]" in done.err


def test_the_background_entry_exchanges(ann: Home) -> None:
    ann.mark("decision", "Totals are rounded once")
    ann.json("team", "join")
    session = "5e551011-0000-4000-8000-000000000001"
    ann.hook("SessionStart", ann.payload("SessionStart", session, source="startup"))
    done = ann.hook("Stop", ann.payload("Stop", session), "--background")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    connection = ann.connect()
    assert store.server(connection)[1] > 0
    assert store.joined(connection)[0].pushed == 1


def test_a_hook_loads_nothing_of_the_team(ann: Home) -> None:
    ann.mark("decision", "Totals are rounded once")
    ann.json("team", "join")
    prelude = "import atexit, sys; atexit.register(lambda: sys.stderr.write(' '.join(sys.modules)))\n"
    for event in ("SessionStart", "UserPromptSubmit", "PostToolUseFailure", "Stop"):
        payload = ann.payload(event, "s", prompt="When are totals rounded?", source="startup")
        done = ann.hook(event, payload, prelude=prelude)
        loaded = done.stderr.decode().split()
        assert done.returncode == 0
        assert not [name for name in loaded if "psycopg" in name or name.startswith("codememory.team")]
        json.loads(done.stdout or b"{}")
