"""Whole-process time of `codememory grep` beyond the start-up of the command line, on a store of many messages.

usage: python -m benchmarks.grep [--messages 1000000] [--rounds 5]

The words are those of `store`: each of the sixty is in every other message, which is more than words of a real project
are. The start-up is that of `codememory --version`, taken in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import store
from codememory import db

GOAL_MS = 150
"""What a first page may take beyond the start-up, on 1,000,000 messages."""

START_UP = "start-up"
SESSION = "the newest session"
"""Stands for its id."""

SEARCHES = {
    START_UP: ["--version"],
    "no hit": ["grep", "nowhere"],
    "no hit beside a word": ["grep", "nowhere parser"],
    "no such phrase": ["grep", '"cache the socket"'],
    "a word": ["grep", "parser"],
    "a word, as JSON": ["grep", "parser", "--json"],
    "a rare word": ["grep", "parser_17"],
    "six words": ["grep", "parser invoice cache retry timeout header"],
    "a question": ["grep", "why does the retry of the cache time out in the worker?"],
    "a phrase": ["grep", '"parser invoice"'],
    "a phrase and a word": ["grep", '"parser invoice" cache'],
    "three words in order": ["grep", '"cache retry socket"'],
    "a word without another": ["grep", "parser -invoice"],
    "the beginning of a word": ["grep", "pars*"],
    "a path": ["grep", "src/parser/cache.py"],
    "an error": ["grep", "KeyError: 'cache' in parser.header, line 17 of src/session/handler.py"],
    "in all projects": ["grep", "parser invoice", "--all-projects"],
    "in everything": ["grep", "parser invoice", "--scope", "all"],
    "sessions": ["grep", "parser invoice", "--by", "session"],
    "sessions by a phrase": ["grep", '"parser invoice" cache', "--by", "session"],
    "of one session": ["grep", "parser", "--session", SESSION],
    "of one file": ["grep", "parser", "--file", "src/parser.py"],
    "of one role": ["grep", "parser", "--role", "user"],
    "lately": ["grep", "parser", "--since", "2026-02-01"],
    "long ago": ["grep", "parser", "--before", "2026-02-01"],
    "an expression": ["grep", "--mode", "regex", "parser inv[a-z]+ cache"],
    "an expression of any words": ["grep", "--mode", "regex", r"[a-z]+ \d+: parser"],
    "an expression of either": ["grep", "--mode", "regex", r"(?i)(INVOICE|TOTAL) parser \w+ cache"],
    "an expression without a hit": ["grep", "--mode", "regex", r"nowhere_\d+"],
    "an expression of one session": ["grep", "--mode", "regex", r"\d{5}", "--session", SESSION],
}
"""What is asked; of an expression that tells no word and is nowhere, everything is read, so none is among these."""


def measure(home: Path, project: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Return search → milliseconds beyond the start-up, of the time that passed and of the processor's."""
    session = newest_session(home)
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    program = [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = [{str(store.ROOT)!r}];"
               " from codememory.__main__ import main; main()"]  # fmt: skip
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in SEARCHES}
    for _ in range(rounds):
        for name, words in SEARCHES.items():
            given = [session if word == SESSION else word for word in words]
            times[name].append(run([*program, *given], project, variables))
    found = {}
    for name, taken in times.items():
        wall, cpu = (median(one[kind] - start[kind] for one, start in zip(taken, times[START_UP], strict=True))
                     for kind in (0, 1))  # fmt: skip
        found[name] = {"ms": round(wall * 1000, 1), "cpu_ms": round(cpu * 1000, 1)}
    found[START_UP] = {"ms": round(median(one[0] for one in times[START_UP]) * 1000, 1),
                       "cpu_ms": round(median(one[1] for one in times[START_UP]) * 1000, 1)}  # fmt: skip
    return found


def newest_session(home: Path) -> str:
    """Return the client's id of the session that came last."""
    connection = db.connect(str(home / ".claude" / "codememory.db"))
    found: str = connection.execute(
        "SELECT client_id FROM session WHERE client_id <> 'bench' ORDER BY session_id DESC LIMIT 1"
    ).get
    connection.close()
    return found


def run(words: list[str], folder: Path, variables: dict[str, str]) -> tuple[float, float]:
    """Return (seconds that passed, seconds of the processor) that one process took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = perf_counter()
    subprocess.run(words, cwd=folder, env=variables, capture_output=True, check=True)
    taken = perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the searches as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codememory-bench-") as folder:
        home, project = Path(folder) / "home", Path(folder) / "proj"
        (home / ".claude").mkdir(parents=True)
        store.fill(home / ".claude" / "codememory.db", project, messages=given.messages, nodes=1_000)
        found: dict[str, Any] = {"messages": given.messages, "searches": measure(home, project, given.rounds)}
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
