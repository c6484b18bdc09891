"""`compact` killed at any moment, and several at once on one session: each step is there whole or not at all."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

from fixtures import totals
from fixtures.homes import START, Home
from fixtures.transcripts import Transcript

from codememory import compact, db, ingest
from codememory.explore.expand import expand
from codememory.store import laws, sessions, summaries

KILLS = 300 if os.environ.get("CODEMEMORY_TORTURE") else 6
"""All 300 with CODEMEMORY_TORTURE=1."""

LIMITS = {
    "CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT": "0",
    "CODEMEMORY_LEAF_CHUNK_TOKENS": "1000",
    "CODEMEMORY_CONDENSED_MIN_FANOUT": "2",
    "CODEMEMORY_INCREMENTAL_MAX_DEPTH": "3",
    "CODEMEMORY_COMPACTION_DISABLE_LLM": "true",
}


def lived(home: Home) -> Transcript:
    """Return an ingested session that takes many steps to compact."""
    home.set(**LIMITS)
    made = home.conversation(turns=120)
    ingest.ingest(home.connect(), str(made.path), 1)
    return made


def start(home: Home, made: Transcript) -> subprocess.Popen[bytes]:
    """Start a compaction of a session as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-I", "-c", START, "compact", "--session", made.session, "--no-llm", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=home.project, env=home.environment,
    )  # fmt: skip


def assert_whole(home: Home, made: Transcript) -> list[bytes]:
    """Assert that the laws hold and every message is there; return the summaries' keys in order."""
    connection = home.connect()
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    assert {law: count for law, count in laws.unsound(connection).items() if count} == {}
    uuids = [one["uuid"] for one in expand(connection, made.session, token_budget=0, cursor=None)["messages"]]
    held = [row[0] for row in connection.execute("SELECT count(*) FROM message")]
    assert len(uuids) == len(set(uuids)) == held[0]
    found = sessions.find(connection, made.session)
    assert found is not None
    return [one.uid for one in summaries.of_session(connection, found.session_id)]


def by_one_process(home: Home, made: Transcript) -> list[bytes]:
    """Return the keys that one process alone makes of the same session."""
    connection = db.connect(str(home.root / "alone.db"))
    ingest.ingest(connection, str(made.path), 1)
    found = sessions.find(connection, made.session)
    assert found is not None
    compact.compact(connection, found.session_id, compact.Plan(True), 1)
    return [one.uid for one in summaries.of_session(connection, found.session_id)]


def test_killed_at_random_moments(home: Home) -> None:
    made = lived(home)
    started = time.monotonic()
    whole = by_one_process(home, made)
    working = time.monotonic() - started
    chance = random.Random(3)
    killed = 0
    for _ in range(KILLS):
        process = start(home, made)
        while process.poll() is None and summaries.count(home.connect()) == 0:
            time.sleep(0.01)
        time.sleep(working * chance.random() / 4)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
        keys = assert_whole(home, made)
        if set(keys) == set(whole):
            home.connect().execute("UPDATE membership SET leaf_id = NULL; DELETE FROM summary")
    assert killed > KILLS // 4, "the moments fall inside a compaction"
    totals.add("kills of compact", KILLS)
    _, err = start(home, made).communicate(timeout=60)
    assert err == b""
    assert set(assert_whole(home, made)) == set(whole), "interrupted or not, the same summaries"


def test_several_at_once_make_each_summary_once(home: Home) -> None:
    made = lived(home)
    running = [start(home, made) for _ in range(3)]
    created: list[str] = []
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        created += json.loads(out)["created"]
    assert len(created) == len(set(created)), "no summary is made twice"
    keys = assert_whole(home, made)
    assert len(created) == len(keys)
    assert keys == by_one_process(home, made)
