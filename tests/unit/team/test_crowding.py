"""A member who floods the log, or means ill, pushes out nothing of one's own and makes nothing slow."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.homes import Home
from team.machines import Machine

from codememory import remedy, wire
from codememory.extract.signature import failures_in
from codememory.records import key_of
from codememory.retrieve import plan as planning
from codememory.retrieve import search
from codememory.store import attempts, crowding, incoming, memories
from codememory.store import team as store
from codememory.team import events, taking

SHARED, AT = b"s" * 16, 1_763_000_000_000
COUNT = 3_000
KINDS = ("failure", "fix_attempt", "decision", "constraint")
ERROR = """Exit code 1
Traceback (most recent call last):
  File "total.py", line 3, in <module>
    assert found
AssertionError: the total is wrong"""
SIGNATURE = failures_in(ERROR, tool="Bash", command="make check", cwd="/", is_error=True)[0].signature


def flood(author: str, count: int, at: int = AT) -> list[tuple[object, ...]]:
    """Return statements of one member: all on the same command, file and symbol, attempts against one failure."""
    machine, rows = key_of("machine", author), []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        node, other = key_of("flood", author, str(number)), b""
        said = {
            "kind": kind, "content": f"Flood {number} AssertionError: the total is wrong", "origin": "user",
            "confidence": 1.0, "created_at": at + number,
            "details": {"type": "AssertionError", "command": "make check"},
            "tags": [["command", "make check", 1.0], ["file", "total.py", 1.0], ["symbol", "total_of", 1.0],
                     ["glob", f"*.p{number}", 1.0]],
        }  # fmt: skip
        if kind == "failure":
            signature = f"{author} {number}"
            node = events.failure_id(SHARED, signature)
            said["failure"] = {"signature": signature, "type": "AssertionError", "symbol": None, "head": "",
                               "first_at": at, "last_at": at + number}  # fmt: skip
        if kind == "fix_attempt":
            other = events.failure_id(SHARED, SIGNATURE)
            said["attempt"] = {"outcome": "succeeded", "ended_at": at + number}
            said["details"] = {"hunks": [{"file": "total.py", "edit": "-x\n+flood"}], "files": ["total.py"]}
        stamp = (at + number) << 16
        rows.append((machine, number + 1, stamp, author, events.STATEMENT, node, other, wire.encoded(said)))
    return rows


def take(one: Machine, rows: list[tuple[object, ...]]) -> None:
    """Take events in, page by page as an exchange does."""
    connection, shared = one.connection, one.shared
    for first in range(0, len(rows), 1_000):
        page = rows[first : first + 1_000]
        connection.execute("BEGIN")
        store.append(connection, shared.project_id, page)
        taking.take(connection, shared, taking.with_waiting(connection, shared, {row[5] for row in page}), AT)  # type: ignore[misc]
        connection.execute("COMMIT")


def shared(root: Path) -> Machine:
    """Return a machine with a failure, its remedy and a rule of its own, which shares its project."""
    one = Machine(root, "bob", "")
    store.join(one.connection, store.Shared((one.place.project_id, SHARED, "shop", "shop", "bob", b"b" * 16, 0, 0, "")))
    own = one.fail(SIGNATURE, fixed_by="-a\n+b")
    incoming.name_also(one.connection, own, events.failure_id(SHARED, SIGNATURE))
    one.state("constraint", "Own rule")
    one.state("decision", "Own decision")
    memories.tag(one.connection, one.place.project_id, own, "symbol", "total_of")
    memories.tag(one.connection, one.place.project_id, own, "glob", "*.own")
    return one


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Return a machine after the flood of one member and a word of another."""
    one = shared(tmp_path_factory.mktemp("flooded"))
    take(one, flood("cat", 8, AT - 10_000))
    take(one, flood("mal", COUNT))
    return one


def own_of(one: Machine, node_ids: list[int]) -> list[int]:
    """Return those that were stated here."""
    return [node_id for node_id, node in memories.load_all(one.connection, node_ids).items() if node.origin != "team"]


LOOKUPS = {
    "command": lambda one, limit: memories.tagged(
        one.connection, one.place.project_id, "command", "make check", limit
    ),
    "file": lambda one, limit: memories.tagged(one.connection, one.place.project_id, "file", "total.py", limit),
    "symbol": lambda one, limit: memories.tagged_any(
        one.connection, one.place.project_id, "symbol", ["total_of", "other"], limit
    ),
    "glob": lambda one, limit: [
        node_id for _, node_id in memories.globs(one.connection, one.place.project_id, limit)
    ],
}  # fmt: skip


@pytest.mark.parametrize("tag", LOOKUPS)
def test_ones_own_is_found_first_by_a_tag(flooded: Machine, tag: str) -> None:
    own = own_of(flooded, LOOKUPS[tag](flooded, 10_000))
    assert own
    assert set(LOOKUPS[tag](flooded, 10)[: len(own)]) == set(own)
    assert LOOKUPS[tag](flooded, 1)[0] in own, "also where one is asked for"


@pytest.mark.parametrize("tag", [tag for tag in LOOKUPS if tag != "glob"])
def test_a_tag_leads_to_few_of_each_author(flooded: Machine, tag: str) -> None:
    nodes = memories.load_all(flooded.connection, LOOKUPS[tag](flooded, 10_000)).values()
    by = [node.details["team"]["author"] for node in nodes if node.origin == "team"]
    assert by.count("mal") == crowding.TAGGED_MAX
    assert by.count("cat") == crowding.TAGGED_MAX


def test_patterns_are_few_of_each_author(flooded: Machine) -> None:
    assert len(LOOKUPS["glob"](flooded, 10_000)) <= 2 * crowding.GLOBS_MAX + 1


def test_ones_own_remedy_is_told_before_later_ones(flooded: Machine) -> None:
    own = flooded.find(f"AssertionError: {SIGNATURE}")
    assert own is not None
    assert remedy.of_failure(flooded.connection, own).summary == "edit total.py: -a / +b"
    made = attempts.against(flooded.connection, own.node_id, 10_000)
    assert len(made) <= 1 + 2 + crowding.ATTEMPTS_MAX


def test_few_memories_of_an_author_stand_and_all_are_in_the_log(flooded: Machine) -> None:
    rows = flooded.connection.execute(
        "SELECT details ->> '$.team.author', count(*) FROM node WHERE origin = 'team' GROUP BY 1"
    )
    counts = dict(rows)
    assert counts["mal"] <= crowding.MEMORIES_MAX
    assert counts["cat"] == 8
    assert len([row for row in flooded.log() if row[3] == "mal" and row[7]]) == COUNT
    newest = flooded.find(f"Flood {COUNT - 1} AssertionError: the total is wrong")
    assert newest is not None, "the latest stay"


def test_the_rule_stated_here_opens_the_brief(flooded: Machine) -> None:
    found = memories.newest_own_first(flooded.connection, flooded.place.project_id, "constraint", "active", 8)
    assert found[0].content == "Own rule"


def test_the_hook_tells_ones_own_first(flooded: Machine, home: Home) -> None:
    where = {"CODEMEMORY_DATABASE_PATH": str(flooded.connection.filename)}
    fields = {
        "cwd": str(flooded.folder),
        "tool_name": "Bash",
        "tool_use_id": "t",
        "tool_input": {"command": "make check"},
    }
    payload = home.payload("PostToolUseFailure", "s", **fields, error=ERROR)
    said = home.hook("PostToolUseFailure", payload, **where).stdout.decode()
    assert "-a / +b" in said
    assert "flood" not in said.lower()
    edit = {"file_path": str(flooded.folder / "total.py"), "old_string": "a", "new_string": "b"}
    fields |= {"tool_name": "Edit", "tool_use_id": "u", "tool_input": edit}
    said = home.hook("PreToolUse", home.payload("PreToolUse", "s", **fields), **where).stdout.decode().lower()
    assert -1 < said.find("own decision") < said.index("flood"), (
        "a rule of others stands behind a decision of one's own"
    )


SAME = "Invoices are numbered per customer"
FLOODS = {
    "none": (0, ""),
    "a few hundred": (300, f"{SAME} {{}}"),
    "thousands": (3_000, f"{SAME} {{}}"),
    "nearer words": (2_500, "How are invoices numbered per customer? {}"),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_prompt_finds_ones_own_first(tmp_path: Path, kind: str) -> None:
    """However many others say the same, and however near to the prompt."""
    one = shared(tmp_path)
    one.state("decision", f"{SAME}, never globally", rationale="the auditors want it")
    for number in range(30):
        one.state("decision", f"Topic {number} of the warehouse is settled as {number * 7}")
    count, text = FLOODS[kind]
    said = {"kind": "decision", "details": {}, "origin": "user", "confidence": 1.0, "created_at": AT, "tags": []}
    take(one, [
        (b"m" * 16, number + 1, (AT + number) << 16, "mal", events.STATEMENT, key_of("x", str(number)), b"",
         wire.encoded({**said, "content": text.format(number)}))
        for number in range(count)
    ])  # fmt: skip
    prompt = planning.planned("How are invoices numbered per customer?")
    found = search.for_prompt(one.connection, one.place.project_id, prompt, now=AT)
    assert [node.content for node in found if node.origin != "team"] == [f"{SAME}, never globally"]
    assert found[0].origin != "team"
