"""Export, import, backup and prune as commands: what they print, refuse, and leave behind."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path

import apsw
import pytest
from fixtures.homes import Home
from fixtures.stories import Story

from codememory import db, doctor, prune
from codememory.budget import Deadline
from codememory.moments import background
from codememory.store import retention


def filled(home: Home) -> str:
    """Put a session, marks and summaries into a home and return the session."""
    made = home.conversation(turns=3)
    home.mark("constraint", "Never change the signature of total()", "--file", "total.py")
    home.json("backfill")
    home.json("compact", "--all", "--no-llm")
    return made.session


def elsewhere(home: Home, name: str = "other.db") -> None:
    """Go on with an empty store."""
    home.set(CODEMEMORY_DATABASE_PATH=str(home.root / name))


def test_an_export_goes_through_a_pipe(home: Home) -> None:
    filled(home)
    data = home.run("export").out
    first, last = (json.loads(line) for line in (data.splitlines()[0], data.splitlines()[-1]))
    assert (first["type"], first["format"], first["version"]) == ("header", "codememory-export", 1)
    assert last == {"type": "end", "lines": data.count(b"\n") - 1}
    elsewhere(home)
    done = home.run("import", "-", "--json", stdin=data)
    assert done.code == 0, done.err
    assert home.run("export").out == data


def test_an_export_into_a_file_tells_what_it_holds(home: Home, tmp_path: Path) -> None:
    filled(home)
    path = tmp_path / "all.jsonl"
    made = home.json("export", "--output", str(path))
    assert sum(made["lines"].values()) == path.read_bytes().count(b"\n")
    assert made["lines"]["message"] == home.json("status")["counts"]["messages"]
    assert made["bytes"] == path.stat().st_size
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "exists" in home.run("export", "--output", str(path)).err
    assert home.run("export", "--output", str(path), "--force").code == 0
    assert home.run("export", "--json").code == 1
    assert list(tmp_path.glob("all*")) == [path]


@pytest.mark.parametrize("planted", ["out.jsonl.partial", "out.jsonl"])
def test_an_export_writes_through_no_link(home: Home, tmp_path: Path, planted: str) -> None:
    home.mark("decision", "Round once")
    victim = tmp_path / "victim"
    victim.write_text("dear to somebody")
    (tmp_path / planted).symlink_to(victim)
    home.json("export", "--output", str(tmp_path / "out.jsonl"), "--force")
    assert victim.read_text() == "dear to somebody"
    written = tmp_path / "out.jsonl"
    assert not written.is_symlink() and "Round once" in written.read_text()
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_compressed_export_is_the_same(home: Home, tmp_path: Path) -> None:
    filled(home)
    path = tmp_path / "all.jsonl.gz"
    home.json("export", "--output", str(path))
    assert gzip.decompress(path.read_bytes()) == home.run("export").out


def test_memories_alone_are_enough_to_be_told_of_them(home: Home, tmp_path: Path) -> None:
    filled(home)
    before = home.json("memory", "list")["nodes"]
    home.json("export", "--memories", "--output", str(tmp_path / "some.jsonl"))
    kinds = {json.loads(line)["type"] for line in (tmp_path / "some.jsonl").read_bytes().splitlines()}
    assert kinds.isdisjoint({"message", "member", "call", "summaries", "transcript"})
    elsewhere(home)
    home.json("import", str(tmp_path / "some.jsonl"))
    assert home.json("memory", "list")["nodes"] == before
    assert "Never change" in home.told("SessionStart", "new", source="startup")


def test_one_project_alone(home: Home, tmp_path: Path) -> None:
    filled(home)
    other = home.root / "elsewhere"
    other.mkdir()
    story = Story(home, by="transcript", cwd=str(other))
    story.says("Always use rows, because columns are slow")
    data = home.run("export", "--project", str(other)).out
    assert b"Always use rows" in data
    assert b"signature of total" not in data


BROKEN = {
    "no JSON": b'{"type":"node","id"',
    "of no type": b'{"kind":"x"}',
    "of an unknown type": b'{"type":"dream"}',
    "without a field": b'{"type":"session","id":"s"}',
    "with a wrong value": b'{"type":"tombstone","kind":"node","key":"zz","at":1}',
    "naming what is not there": b'{"type":"member","session":"nobody","message":"' + b"0" * 32 + b'"}',
    "no UTF-8": b'{"type":"\xff"}',
    "nested": b'{"type":' + b"[" * 100_000,
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_line_is_named_and_the_rest_taken_in(home: Home, tmp_path: Path, broken: str) -> None:
    filled(home)
    lines = home.run("export").out.splitlines(keepends=True)
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"".join([*lines[:3], BROKEN[broken] + b"\n", *lines[3:]]))
    elsewhere(home)
    done = home.run("import", str(path), "--json")
    assert done.code == 1
    assert done.json["skipped"] == 1
    assert done.json["problems"][0].startswith(f"line 4 of {path}")
    assert done.json["problems"][0] in done.err
    assert home.run("export").out.splitlines(keepends=True) == lines


def test_a_file_cut_off_says_so(home: Home, tmp_path: Path) -> None:
    filled(home)
    path = tmp_path / "cut.jsonl"
    path.write_bytes(b"".join(home.run("export").out.splitlines(keepends=True)[:-1]))
    elsewhere(home)
    done = home.run("import", str(path))
    assert done.code == 1
    assert "cut off" in done.err


FOREIGN = {
    "a transcript": b'{"type":"user","uuid":"x"}\n',
    "a text": b"hello\n",
    "nothing": b"",
    "a database": b"SQLite format 3\0\xff\xfe",
    "later": b'{"type":"header","format":"codememory-export","version":2}\n',
}


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_foreign_file_is_refused(home: Home, tmp_path: Path, foreign: str) -> None:
    (tmp_path / "file").write_bytes(FOREIGN[foreign])
    done = home.run("import", str(tmp_path / "file"))
    assert done.code == 1
    assert ("update this one" if foreign == "later" else "no export of CodeMemory") in done.err
    assert home.run("import", str(tmp_path / "nothing-here")).code == 1


def test_secrets_of_an_old_export_stay_out(home: Home, tmp_path: Path) -> None:
    home.set(CODEMEMORY_REDACT="false")
    made = home.transcript()
    secret = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    made.say("user", f"use the token {secret} for it")
    made.tool("Bash", {"command": f"curl -H 'Authorization: Bearer {secret}' x"}, "ok")
    made.write()
    home.json("backfill")
    home.mark("decision", f"The token is {secret}", "--why", f"because {secret}")
    home.json("export", "--output", str(tmp_path / "old.jsonl"))
    assert secret in (tmp_path / "old.jsonl").read_text()
    home.set(CODEMEMORY_REDACT="true")
    elsewhere(home)
    home.json("import", str(tmp_path / "old.jsonl"))
    assert secret.encode() not in home.run("export").out
    assert home.json("import", str(tmp_path / "old.jsonl"))["changed"] == {}


@pytest.mark.parametrize("order", ["forgotten first", "forgotten last"])
def test_what_was_forgotten_elsewhere_is_forgotten_here(home: Home, tmp_path: Path, order: str) -> None:
    session = filled(home)
    node = home.json("memory", "list", "--kind", "constraint")["nodes"][0]["id"]
    home.json("export", "--output", str(tmp_path / "before.jsonl"))
    home.json("memory", "forget", node, session, "--yes")
    home.json("export", "--output", str(tmp_path / "after.jsonl"))
    elsewhere(home)
    files = ["after.jsonl", "before.jsonl"]
    home.json("import", *[str(tmp_path / name) for name in (files if order == "forgotten first" else files[::-1])])
    data = home.run("export").out
    assert b"signature" not in data
    assert b"invoice" not in data.lower().replace(b"total_invoice", b"")
    assert [one for one in doctor.examine(home_store(home))["checks"] if not one["ok"]] == []


def home_store(home: Home) -> apsw.Connection:
    """Open the store that is in use now."""
    return db.connect(os.environ["CODEMEMORY_DATABASE_PATH"])


REMOTES = {
    "two ways to one remote": ("git@Example.com:shop/total.git", "https://me:secret@example.com/shop/total", 1),
    "two remotes": ("git@example.com:shop/total.git", "git@example.com:me/total.git", 2),
    "no remote": ("", "", 2),
    "remotes on this machine": ("/srv/git/total.git", "/srv/git/total.git", 2),
}


@pytest.mark.parametrize("remotes", REMOTES)
def test_a_repository_is_one_project_on_two_machines(home: Home, tmp_path: Path, remotes: str) -> None:
    """Known by its remote; the same failure of both is then one memory."""
    *urls, count = REMOTES[remotes]
    for number, url in enumerate(urls):
        elsewhere(home, f"{number}.db")
        root = home.root / f"machine{number}" / "total"
        (root / ".git").mkdir(parents=True)
        (root / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {url}\n' if url else "")
        story = Story(home, by="transcript", cwd=str(root))
        story.connection = home_store(home)
        story.says("look")
        story.fail("python total.py", "File \"total.py\", line 3, in total\nKeyError: 'net'")
        home.json("export", "--output", str(tmp_path / f"{number}.jsonl"))
    made = {}
    for order in ("01", "10"):
        elsewhere(home, f"merged{order}.db")
        home.json("import", *[str(tmp_path / f"{number}.jsonl") for number in order])
        made[order] = sorted(home.run("export").out.splitlines())
        nodes = home.json("memory", "list", "--kind", "failure", "--all-projects")["nodes"]
        assert len(nodes) == count
        assert home.json("memory", "show", nodes[0]["id"])["failure"]["occurrences"] == (2 if count == 1 else 1)
    assert made["01"] == made["10"]
    assert b"secret@" not in b"".join(made["01"])


def test_a_backup_is_whole_while_others_write(home: Home, tmp_path: Path) -> None:
    session = filled(home)
    path = tmp_path / "copy.db"
    writer = home.connect()
    copied = home.connect()
    steps = []

    def write(done: int, total: int) -> None:
        steps.append(done)
        writer.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'test', ?)", ("x" * 100_000,))

    from codememory import backup

    for _ in range(60):
        writer.execute("INSERT INTO problem (at, place, sentence) VALUES (1, 'test', ?)", ("y" * 100_000,))
    backup.backup(copied, str(path), advance=write)
    assert len(steps) > 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    copy = db.connect(str(path))
    assert copy.execute("SELECT count(*) FROM problem WHERE sentence LIKE 'x%'").get == 0
    assert copy.execute("SELECT count(*) FROM problem WHERE sentence LIKE 'y%'").get == 60
    copy.close()
    home.set(CODEMEMORY_DATABASE_PATH=str(path))
    assert home.json("describe", session)["messages"] > 10
    assert [one.name for one in tmp_path.iterdir() if "partial" in one.name] == []


def test_a_backup_replaces_nothing_by_itself(home: Home, tmp_path: Path) -> None:
    filled(home)
    path = tmp_path / "copy.db"
    path.write_bytes(b"mine")
    assert "--force" in home.run("backup", "--output", str(path)).err
    assert path.read_bytes() == b"mine"
    assert home.json("backup", "--output", str(path), "--force")["bytes"] > 4
    assert "the database itself" in home.run("backup", "--output", str(home.database), "--force").err
    assert home.run("backup", "--output", str(tmp_path / "no" / "folder.db")).code == 1
    made = home.json("backup")["path"]
    assert Path(made).parent == home.database.parent


def test_pruning_shows_first_and_keeps_what_was_said(home: Home) -> None:
    made = home.transcript()
    made.say("user", "read the log")
    made.tool("Bash", {"command": "cat log"}, "a long line of output\n" * 4_000)
    made.failing("python total.py", "KeyError: 'net'\n" + "noise of the run\n" * 2_000)
    made.write()
    home.json("backfill")
    before = home.json("memory", "list")["nodes"]
    shown = home.json("prune", "--older-than", "30d")
    assert (shown["messages"], shown["pruned"]) == (2, False)
    unasked = home.run("prune", "--older-than", "30d")
    assert "add --yes" in unasked.err
    assert unasked.code == 1, "nothing was done"
    assert b"long line" in home.run("export").out
    done = home.json("prune", "--older-than", "30d", "--yes")
    assert (done["messages"], done["pruned"]) == (2, True)
    assert home.json("memory", "list")["nodes"] == before
    results = [one for one in home.json("expand", made.session)["messages"] if one["kind"] == "result"]
    assert all("[pruned: " in json.dumps(one["blocks"]) for one in results)
    assert all("pruned" in one["tags"] for one in results)
    assert home.json("prune", "--older-than", "30d")["messages"] == 0
    os.utime(made.path, ns=(1, 1))
    home.json("backfill")
    assert b"long line" not in home.run("export").out
    assert [one for one in doctor.examine(home.connect())["checks"] if not one["ok"]] == []


def test_pruning_gives_room_back(home: Home) -> None:
    made = home.transcript()
    for number in range(60):
        made.tool("Bash", {"command": f"cat {number}"}, os.urandom(20_000).hex())
    made.write()
    home.json("backfill")
    db.shorten_wal(home.connect(), 0)
    done = home.json("prune", "--older-than", "30d", "--yes")
    assert done["file_bytes_before"] - done["file_bytes"] > 0.8 * done["bytes"]


def test_pruned_sessions_stay_away_and_their_memories_live(home: Home, tmp_path: Path) -> None:
    session = filled(home)
    fork = home.transcript()
    made = home.folder / f"{session}.jsonl"
    nodes = home.json("memory", "list")["nodes"]
    home.json("export", "--output", str(tmp_path / "all.jsonl"))
    done = home.json("prune", "--sessions", "--older-than", "30d", "--yes")
    assert done["sessions"] == 1
    assert home.json("status")["counts"]["messages"] == 0
    assert home.json("memory", "list")["nodes"] == nodes
    assert home.json("check", "--command", "python -m pytest tests/test_0.py")["failures"]
    os.utime(made, ns=(1, 1))
    home.connect().execute("UPDATE transcript SET byte_offset = 0")
    home.json("backfill")
    assert home.json("status")["counts"]["messages"] == 0
    assert [one for one in doctor.examine(home.connect())["checks"] if not one["ok"]] == []
    fork.session = session
    fork.say("user", "the session goes on", timestamp="2099-01-01T00:00:00.000Z")
    with made.open("ab") as file:
        file.write(fork.data)
    home.json("backfill")
    assert home.json("status")["counts"]["messages"] == 1
    home.json("import", str(tmp_path / "all.jsonl"))
    assert home.json("status")["counts"]["messages"] > 10


def test_what_a_fork_holds_too_is_not_pruned_with_its_origin(home: Home) -> None:
    made = home.conversation(turns=1)
    fork = made.fork()
    fork.say("user", "and on in the fork", timestamp="2099-01-01T00:00:00.000Z")
    fork.write()
    home.json("backfill")
    whole = home.json("expand", fork.session, "--token-budget", "0")["messages"]
    home.json("prune", "--sessions", "--older-than", "30d", "--yes")
    assert home.json("describe", made.session)["messages"] == 0
    kept = home.json("expand", fork.session, "--token-budget", "0")["messages"]
    assert [one["text"] for one in kept] == [one["text"] for one in whole]
    assert [one for one in doctor.examine(home.connect())["checks"] if not one["ok"]] == []


SAID = {
    "no limit": ((), "add --older-than"),
    "no length of time": (("--older-than", "soon"), "such as 90d"),
    "both": (("--payloads", "--sessions", "--older-than", "9d"), "Choose one"),
}


@pytest.mark.parametrize("said", SAID)
def test_what_prune_cannot_do_is_said(home: Home, said: str) -> None:
    words, answer = SAID[said]
    done = home.run("prune", *words)
    assert done.code == 1
    assert answer in done.err


@pytest.mark.parametrize(
    ("text", "days"), [("90d", 90), ("12w", 84), ("6m", 180), ("1y", 365), ("7", 7), ("0d", 0)], ids=str
)
def test_lengths_of_time(text: str, days: int) -> None:
    assert prune.days_of(text) == days


@pytest.mark.parametrize(
    ("value", "settings", "days"),
    [("45", "", 45), ("client", "", 30), ("client", '{"cleanupPeriodDays": 9}', 9), ("client", "{", 30), ("x", "", 0)],
    ids=["own", "client's default", "client's own", "broken settings", "bad value"],
)
def test_the_limit_comes_from_the_setting(home: Home, value: str, settings: str, days: int) -> None:
    home.set(CODEMEMORY_RETENTION_DAYS=value)
    if settings:
        (home.root / ".claude" / "settings.json").write_text(settings)
    assert prune.days_kept() == days


def test_it_is_pruned_in_the_background_once_a_day(home: Home) -> None:
    made = home.transcript()
    for number in range(prune.BATCH + 20):
        made.tool("Bash", {"command": f"cat {number}"}, os.urandom(200).hex())
    made.write()
    home.json("backfill")
    connection = home.connect()
    background.work({"session_id": made.session, "transcript_path": str(made.path)}, str(home.project))
    assert retention.old_results(connection, 1 << 60)[0] == prune.BATCH + 20, "without the setting nothing goes"
    home.set(CODEMEMORY_RETENTION_DAYS="30")
    now = 1 << 50
    first = prune.regularly(connection, now, Deadline(0))
    assert first is not None
    assert (first.messages, first.done) == (prune.BATCH, False)
    second = prune.regularly(connection, now, Deadline())
    assert second is not None
    assert (second.messages, second.done) == (20, True)
    assert prune.regularly(connection, now + 1, Deadline()) is None
    assert prune.regularly(connection, now + prune.INTERVAL_MS, Deadline()) is not None
    connection.execute("DELETE FROM upkeep")
    background.work({"session_id": made.session, "transcript_path": str(made.path)}, str(home.project))
    assert retention.upkeep(connection, prune.REGULAR)[0] > 0
