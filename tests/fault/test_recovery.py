"""What `doctor --repair` takes out of a damaged database: every row whose own pages are whole, under the same id."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home, stored
from fixtures.transcripts import Transcript, key_of, read_again

from codememory import db, salvage
from codememory.store import messages

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
TURNS, RULES, SEEDS = (1_200, 150, 60) if TORTURE else (150, 40, 4)
HEADER_BYTES = 100


class Kept:
    """A store before its damage: what its transcript held, what was marked, and on which pages each row lies."""

    def __init__(self, home: Home) -> None:
        home.set(CODEMEMORY_REDACT="false")
        self.home, self.chance = home, random.Random(5)
        self.made = lived(home)
        self.expected = read_again(self.made.path)
        self.rules = {node["id"]: node for node in listed(home)}
        connection = home.connect()
        self.look(connection)
        connection.close()
        for suffix in ("-wal", "-shm"):
            Path(f"{home.database}{suffix}").unlink(missing_ok=True)

    def look(self, connection: apsw.Connection) -> None:
        """Note where everything lies, once it is all in the one file."""
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        self.size, self.count = connection.pragma("page_size"), connection.pragma("page_count")
        self.trees = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema WHERE rootpage"))
        self.list = {page for (page,) in connection.execute("SELECT pageno FROM dbstat WHERE name = 'sqlite_schema'")}
        self.inner = {table: pages(connection, table, "internal") for table in ("node", "message")}
        self.leaves = {table: pages(connection, table, "leaf") for table in ("node", "message")}
        self.places = {table: places(connection, table) for table in ("node", "message")}
        self.messages = {}
        for (number,) in connection.execute("SELECT message_id FROM message").fetchall():
            found = messages.load(connection, number)
            self.messages[number] = key_of(found.uuid, found.session, found.blocks)
        self.nodes = {
            number: f"mem_{uid.hex()}" for number, uid in connection.execute("SELECT node_id, uid FROM node").fetchall()
        }

    def survivors(self, lost: set[int]) -> tuple[set[tuple[str, str, str]], set[str]]:
        """Return (messages, ids of rules) none of whose pages were damaged."""
        return (
            {self.messages[one] for one, on in self.places["message"].items() if not on & lost},
            {
                rule
                for one, on in self.places["node"].items()
                for rule in self.rules
                if self.nodes[one].startswith(rule) and not on & lost
            },
        )


def lived(home: Home) -> Transcript:
    """Store a long session with messages of every size, and rules of the user."""
    made = home.conversation(turns=TURNS)
    chance = random.Random(3)
    for size in (3_000, 9_000, 30_000):
        made.say("user", chance.randbytes(size).hex())
    made.write()
    home.json("backfill")
    for number in range(RULES):
        home.mark("constraint", f"Rule {number} holds. " + f"It was agreed on day {number}. " * 30)
    return made


def listed(home: Home) -> list[Any]:
    """Return what the user stated."""
    found = home.json("memory", "list", "--kind", "constraint", "--limit", "1000")["nodes"]
    return [node for node in found if node["origin"] == "user"]


def pages(connection: apsw.Connection, table: str, kind: str) -> list[int]:
    """Return the pages of a table, in the order of its rows."""
    found = connection.execute(
        "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = ? ORDER BY path", (table, kind)
    ).fetchall()
    return [page for (page,) in found]


def places(connection: apsw.Connection, table: str) -> dict[int, set[int]]:
    """Return the pages that each row lies on, by its number."""
    numbers = [number for (number,) in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
    found: dict[int, set[int]] = {}
    told = connection.execute("SELECT path, pageno, pagetype, ncell FROM dbstat WHERE name = ?", (table,)).fetchall()
    leaves = sorted((path, page, cells) for path, page, kind, cells in told if kind == "leaf")
    first = {}
    for path, page, cells in leaves:
        first[path] = len(found)
        for number in numbers[len(found) : len(found) + cells]:
            found[number] = {page}
    for path, page, kind, _ in told:
        if kind == "overflow":
            leaf, _, behind = path.rpartition("/")
            found[numbers[first[leaf + "/"] + int(behind.partition("+")[0], 16)]].add(page)
    assert list(found) == numbers
    return found


@pytest.fixture
def kept(home: Home) -> Kept:
    """Return a store that is about to be damaged."""
    return Kept(home)


def spoil(kept: Kept, numbers: set[int], how: str = "noise") -> set[int]:
    """Write over pages, and return them."""
    with kept.home.database.open("r+b") as file:
        for page in sorted(numbers):
            file.seek((page - 1) * kept.size)
            file.write({"noise": kept.chance.randbytes(kept.size), "zeros": bytes(kept.size)}[how])
    return numbers


def cut(kept: Kept, percent: int) -> set[int]:
    """Cut the file off, and return the pages that are gone."""
    left = kept.count * percent // 100
    os.truncate(kept.home.database, left * kept.size)
    return set(range(left + 1, kept.count + 1))


def flip(kept: Kept, start: int, end: int, times: int) -> set[int]:
    """Turn bytes of a part of the file around, and return no page: it holds no rows."""
    data = bytearray(kept.home.database.read_bytes())
    for _ in range(times):
        data[kept.chance.randrange(start, end)] ^= kept.chance.randrange(1, 256)
    kept.home.database.write_bytes(data)
    return set()


def flip_list(kept: Kept) -> set[int]:
    """Turn some bytes of the list of tables around."""
    for page in sorted(kept.list):
        start = (page - 1) * kept.size + (HEADER_BYTES if page == 1 else 0)
        flip(kept, start, page * kept.size, 6)
    return set()


def overwrite(kept: Kept, start: int, data: bytes) -> set[int]:
    """Write over what holds no row."""
    with kept.home.database.open("r+b") as file:
        file.seek(start)
        file.write(data)
    return set()


DAMAGE: dict[str, Callable[[Kept], set[int]]] = {
    **{f"cut off to {percent} %": lambda kept, percent=percent: cut(kept, percent) for percent in (99, 90, 50, 10)},
    "cut off inside a page": lambda kept: os.truncate(kept.home.database, kept.count * kept.size - 700) or {kept.count},
    "flipped bytes in the list of tables": flip_list,
    "the list of tables is noise": lambda kept: spoil(kept, set(kept.list)) and set(),
    "the list of tables is zeros": lambda kept: spoil(kept, set(kept.list), "zeros") and set(),
    "its first page is noise": lambda kept: spoil(kept, {1}) and set(),
    "its header is zeros": lambda kept: overwrite(kept, 0, bytes(HEADER_BYTES)),
    "its header is noise": lambda kept: overwrite(kept, 0, kept.chance.randbytes(HEADER_BYTES)),
    "its header tells another page size": lambda kept: overwrite(kept, 16, b"\x20\x00"),
    "its header tells of more pages": lambda kept: overwrite(kept, 28, (2 * kept.count).to_bytes(4, "big")),
    "its maps are noise": lambda kept: spoil(kept, {2}) and set(),
    **{
        f"{where} of {table} is {how}": lambda kept, where=where, table=table, how=how: spoil(
            kept,
            {
                "the root": {kept.trees[table]},
                "every branch": set(kept.inner[table]),
                "one leaf": {kept.leaves[table][len(kept.leaves[table]) // 2]},
                "every other leaf": set(kept.leaves[table][::2]),
            }[where],
            how,
        )
        for where in ("the root", "every branch", "one leaf", "every other leaf")
        for table in ("node", "message")
        for how in (("noise", "zeros") if TORTURE else ("noise",))
    },
    **{
        f"a long message's page {number} is noise": lambda kept, number=number: spoil(
            kept, {sorted(max(kept.places["message"].values(), key=len))[number]}
        )
        for number in (0, 1, -1)
    },
    "a log that does not belong to it": lambda kept: (
        Path(f"{kept.home.database}-wal").write_bytes(kept.chance.randbytes(50_000)) and spoil(kept, {1}) and set()
    ),
}


def repaired(kept: Kept) -> None:
    """Repair, with no hook before it; the damaged file keeps its bytes under another name."""
    before = kept.home.database.read_bytes()
    done = kept.home.run("doctor", "--repair", "--json")
    assert done.code in (0, 1), done.err
    assert "Traceback" not in done.err
    folder = kept.home.database.parent
    aside = [path for path in folder.glob("codememory.db.*-*") if path.suffix[-1:].isdigit()]
    assert [path.read_bytes() for path in aside] == [before], "the damaged file is kept as it was"
    assert "recovered-" in aside[0].name
    assert not [path.name for path in folder.iterdir() if ".pages" in path.name or ".recovered.db" in path.name]


def whole_again(kept: Kept) -> None:
    """Assert that the transcript brings back the rest."""
    kept.home.json("backfill")
    connection = kept.home.connect()
    assert stored(connection) == kept.expected
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert connection.execute("PRAGMA foreign_key_check").get is None
    connection.close()
    checks = kept.home.run("doctor", "--json").json["checks"]
    assert [one for one in checks if not one["ok"] and one["name"] not in ("hooks", "limits")] == []


def came_back(kept: Kept, lost: set[int]) -> None:
    """Assert that whatever lay on whole pages came back as it was, out of the damaged file alone."""
    wanted, rules = kept.survivors(lost)
    found = stored(kept.home.connect())
    missing = {one for one in wanted if one not in found}
    assert not missing, f"{len(missing)} of {len(wanted)} messages"
    assert {key: found[key] for key in wanted} == {key: kept.expected[key] for key in wanted}
    now = {node["id"]: node for node in listed(kept.home)}
    lacking = rules - now.keys()
    assert not lacking, f"{len(lacking)} of {len(rules)} rules"
    for one in rules:
        assert (now[one]["content"], now[one]["status"]) == (kept.rules[one]["content"], kept.rules[one]["status"])


def hidden(kept: Kept) -> Path:
    """Take the transcript away, as the client does after 30 days."""
    away = kept.home.root / "away.jsonl"
    kept.made.path.rename(away)
    return away


@pytest.mark.parametrize("how", DAMAGE)
def test_what_lies_on_whole_pages_comes_back(kept: Kept, how: str) -> None:
    away = hidden(kept)
    lost = DAMAGE[how](kept)
    repaired(kept)
    came_back(kept, lost)
    away.rename(kept.made.path)
    whole_again(kept)


@pytest.mark.parametrize("size", [1024, 8192, 65_536] if TORTURE else [1024, 8192])
@pytest.mark.parametrize("where", ["a leaf", "the list of tables"])
def test_a_file_of_another_page_size(kept: Kept, size: int, where: str) -> None:
    connection = kept.home.connect()
    connection.pragma("journal_mode", "delete")
    connection.pragma("page_size", size)
    connection.execute("VACUUM")
    kept.look(connection)
    connection.close()
    assert kept.size == size
    kept.home.json("status")
    assert salvage.set_aside(str(kept.home.database), patient=True) == "", "it is sound"
    away = hidden(kept)
    lost = spoil(kept, {kept.leaves["message"][3]} if where == "a leaf" else set(kept.list))
    repaired(kept)
    came_back(kept, lost if where == "a leaf" else set())
    away.rename(kept.made.path)
    whole_again(kept)


def pages_of(log: bytes, size: int) -> set[int]:
    """Return the pages that a log holds."""
    return {int.from_bytes(log[at : at + 4], "big") for at in range(32, len(log), 24 + size)}


@pytest.mark.parametrize("where", ["its header", "the list of tables", "a leaf"])
def test_what_only_the_log_holds(kept: Kept, where: str) -> None:
    """Hooks have written since the log was last moved into the file, and the file is damaged."""
    with closing(kept.home.connect()) as connection:
        kept.home.mark("constraint", "Said last, and only in the log. " * 40)
        kept.made.say("user", "and a last word")
        kept.made.write()
        kept.home.json("backfill")
        assert db.wal_bytes(connection.filename) > 0
        log, changed = Path(f"{kept.home.database}-wal").read_bytes(), kept.home.database.read_bytes()
        kept.expected = read_again(kept.made.path)
        kept.rules = {node["id"]: node for node in listed(kept.home)}
    for suffix in ("-wal", "-shm"):
        Path(f"{kept.home.database}{suffix}").unlink(missing_ok=True)
    kept.home.database.write_bytes(changed)
    Path(f"{kept.home.database}-wal").write_bytes(log)
    away = hidden(kept)
    spots = {"its header": {1}, "the list of tables": set(kept.list), "a leaf": {kept.leaves["message"][3]}}
    lost = spoil(kept, spots[where]) if where != "its header" else overwrite(kept, 0, bytes(HEADER_BYTES))
    if where == "its header" and 1 in pages_of(log, kept.size):  # SQLite reads the first page out of the log
        assert kept.home.run("doctor", "--repair").code in (0, 1)
    else:
        repaired(kept)
    came_back(kept, lost if where == "a leaf" else set())
    assert [one for one in kept.rules.values() if "only in the log" in one["content"]]
    assert kept.rules.keys() <= {node["id"] for node in listed(kept.home)}
    away.rename(kept.made.path)
    whole_again(kept)


@pytest.mark.parametrize("where", ["the list of tables", "a leaf"])
def test_a_journal_that_was_not_played_back(kept: Kept, where: str) -> None:
    """Where no log can be kept, a kill leaves half a transaction in the file and the way back in a journal."""
    connection = kept.home.connect()
    connection.pragma("journal_mode", "delete")
    kept.look(connection)
    connection.pragma("cache_size", 5)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE node SET content = 'half'")
    connection.execute("DELETE FROM message WHERE message_id % 2")
    copies = {}
    for suffix in ("", "-journal"):
        path = Path(f"{kept.home.database}{suffix}")
        copies[path] = path.read_bytes()
    connection.execute("ROLLBACK")
    connection.close()
    for path, data in copies.items():
        path.write_bytes(data)
    away = hidden(kept)
    lost = spoil(kept, {max(kept.leaves["message"])} if where == "a leaf" else set(kept.list))
    done = kept.home.run("doctor", "--repair", "--json")
    assert done.code in (0, 1), done.err
    came_back(kept, lost if where == "a leaf" else set())
    away.rename(kept.made.path)
    whole_again(kept)


def test_a_key_that_is_damaged_is_another_in_its_index(kept: Kept) -> None:
    """The page is whole for SQLite, and the message that the key stood for would never be read again."""
    number = sorted(kept.messages)[len(kept.messages) // 2]
    key = bytes.fromhex(kept.messages[number][0].replace("-", ""))
    (page,) = kept.places["message"][number]
    data = kept.home.database.read_bytes()
    at = data.index(key, (page - 1) * kept.size)
    assert at < page * kept.size
    overwrite(kept, at + 5, bytes((data[at + 5] ^ 1,)))
    assert not kept.home.run("doctor", "--json").json["ok"]
    repaired(kept)
    kept.home.json("backfill")
    assert stored(kept.home.connect()).keys() > kept.expected.keys(), "what the damage made of it stays beside it"


def some_damage(chance: random.Random, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, bytes) of what a bad disk may do to a file."""
    for _ in range(chance.choice((1, 10, 100))):
        length = chance.choice((1, 1, 4, 512, 4096, 20_000))
        yield chance.randrange(size), chance.choice((chance.randbytes(length), bytes(length), b"\xff" * length))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_damage_at_all(kept: Kept, seed: int) -> None:
    """Nothing is raised, and whatever it is, the transcript and a repair make the store whole."""
    chance = random.Random(seed)
    keep = kept.home.root / "keep.db"
    shutil.copyfile(kept.home.database, keep)
    for offset, data in some_damage(chance, keep.stat().st_size):
        overwrite(kept, offset, data)
    if chance.random() < 0.3:
        os.truncate(kept.home.database, chance.randrange(1, keep.stat().st_size))
    done = kept.home.run("doctor", "--repair", "--json")
    assert done.code in (0, 1), done.err
    assert salvage.asides(str(kept.home.database)) == []
    kept.home.json("backfill")
    connection = kept.home.connect()
    assert connection.execute("PRAGMA quick_check").get == "ok"
    assert stored(connection).keys() >= kept.expected.keys()
