"""How fast existing transcripts are taken in, beside a plain floor of the same run; and how much room they take.

usage: python -m benchmarks.ingest [FOLDER] [--runs 3]

The floor: one thread reads every line with the standard `json` module and inserts the text blocks (the first 4,000
characters of each) into one FTS5 table, one commit for each file; SQLite is left as it comes. Ours is `codememory
backfill` as a whole process, start-up included. Both are run in turn, and their medians compared. Without a folder a
small made-up set is taken in, which tells nothing of real transcripts.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import apsw

from benchmarks import store

TEXT_CHARS_MAX = 4_000
RATIO_GOAL, MEMORY_GOAL_MB, SIZE_GOAL = 0.35, 300, 0.35


def floor(files: list[Path], database: Path) -> float:
    """Return the seconds that the floor takes."""
    started = perf_counter()
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("CREATE VIRTUAL TABLE block USING fts5(text, tokenize='porter unicode61')")
    for path in files:
        connection.execute("BEGIN")
        with path.open("rb") as file:
            for line in file:
                for text in texts_of(line):
                    connection.execute("INSERT INTO block VALUES (?)", (text[:TEXT_CHARS_MAX],))
        connection.execute("COMMIT")
    connection.close()
    return perf_counter() - started


def texts_of(line: bytes) -> Iterator[str]:
    """Yield the texts of a line's text blocks."""
    try:
        value: Any = json.loads(line)
    except ValueError:
        return
    message = value.get("message") if isinstance(value, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        yield content.encode("utf-8", "replace").decode()
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and isinstance(block.get("text"), str):
            yield block["text"].encode("utf-8", "replace").decode()


def ours(files: list[Path], home: Path) -> tuple[float, float, dict[str, int]]:
    """Return (seconds, peak memory in MB of the largest process, bytes by table) of `backfill` in a new home."""
    variables = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(store.ROOT)}
    started = perf_counter()
    command = [sys.executable, "-m", "codememory", "backfill", "--json", *map(str, files)]
    subprocess.run(command, env=variables, check=True, capture_output=True)
    taken = perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return taken, memory, bytes_by_table(home / ".claude" / "codememory.db")


def bytes_by_table(database: Path) -> dict[str, int]:
    """Return the bytes of each table with its indexes, and of the write-ahead log."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    rows = connection.execute(
        "SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat d LEFT JOIN sqlite_schema s ON s.name = d.name"
        " GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    connection.close()
    log = database.with_name(database.name + "-wal")
    sizes: dict[str, int] = dict(rows)  # type: ignore[arg-type]
    return {**sizes, "write-ahead log": log.stat().st_size if log.exists() else 0}


def measure(folder: Path | None, runs: int) -> dict[str, Any]:
    """Return both speeds, their ratio, the memory and the room taken."""
    with tempfile.TemporaryDirectory(prefix="codememory-bench-") as scratch:
        files = sorted((folder or made_up(Path(scratch) / "transcripts")).rglob("*.jsonl"))
        size = sum(path.stat().st_size for path in files)
        floors, times, memories = [], [], []
        tables: dict[str, int] = {}
        for run in range(runs):
            floors.append(floor(files, Path(scratch) / f"floor{run}.db"))
            home = Path(scratch) / f"home{run}"
            home.mkdir()
            taken, memory, tables = ours(files, home)
            times.append(taken)
            memories.append(memory)
    floor_s, ours_s, room = median(floors), median(times), sum(tables.values())
    return {
        "files": len(files),
        "bytes": size,
        "floor_mb_per_s": round(size / 1e6 / floor_s, 1),
        "ours_mb_per_s": round(size / 1e6 / ours_s, 1),
        "ratio": round(floor_s / ours_s, 3),
        "peak_mb": round(max(memories), 1),
        "stored_bytes": room,
        "stored_share": round(room / size, 3),
        "bytes_by": {name: part for name, part in tables.items() if part > room / 200},
    }


def made_up(folder: Path, files: int = 24) -> Path:
    """Write a small set of transcripts in which results are repeated, as the client does, and progress is told."""
    folder.mkdir()
    chance = random.Random(3)
    for _ in range(files):
        session = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        with (folder / f"{session}.jsonl").open("w") as file:
            for at in range(store.LINES_PER_SESSION):
                line = store.line(chance, session, folder, at)
                value = json.loads(line)
                if value["type"] == "user":
                    value["toolUseResult"] = {"stdout": str(value["message"]["content"]) * 2, "stderr": ""}
                    file.write(json.dumps({"type": "progress", "data": value["toolUseResult"]}) + "\n")
                file.write(json.dumps(value) + "\n")
    return folder


def main() -> None:
    """Print what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    print(json.dumps(measure(given.folder, given.runs), indent=1))


if __name__ == "__main__":
    main()
