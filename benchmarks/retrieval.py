"""Questions about sessions, asked through the public search, beside a plain full-text index of the same files.

usage: python -m benchmarks.retrieval FOLDER QUERIES.jsonl

FOLDER holds transcripts, QUERIES lines of {query, kind, files}: right if one of `files` is among the first k sessions.
The floor is one FTS5 row for each text block (`porter unicode61`), the OR of the question's words without stop words,
a session ranked by its best block; it is computed in the same run.

The sessions are cut into halves by a hash of their files' names: what was tuned on `development` is judged on
`held_out`. `by_session` is the mean over sessions, where a session with many questions counts no more than another.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from statistics import fmean, median, quantiles
from time import perf_counter
from typing import Any
from zlib import crc32

import apsw

from benchmarks.objects import objects_of
from codememory import backfill, db, transcript
from codememory.explore.grep import Search, grep

RANKS = (1, 5, 10)
FOCUS = ("friction", "workflow")
FLOOR_STOP_WORDS = frozenset(
    "a an and are as at be been but by can did do does for from had has have how i if in into is it its no not of on or"
    " our so than that the their them then there these they this to was we were what when where which who why will with"
    " would you your".split()
)


class Floor:
    """The plain index to compare with."""

    def __init__(self, files: list[str]) -> None:
        self.connection = apsw.Connection(":memory:")
        self.connection.execute(
            "CREATE VIRTUAL TABLE block USING fts5(text, file UNINDEXED, tokenize='porter unicode61')"
        )
        for path in files:
            for text in text_blocks(path):
                self.connection.execute("INSERT INTO block VALUES (?, ?)", (text, Path(path).name))

    def ask(self, query: str) -> list[str]:
        """Return files, the best first."""
        words = "".join(one if one.isalnum() else " " for one in query.lower()).split()
        wanted = [f'"{word}"' for word in words if word and word not in FLOOR_STOP_WORDS]
        if not wanted:
            return []
        rows = self.connection.execute(
            "SELECT file FROM block WHERE block MATCH ? ORDER BY bm25(block) LIMIT 2000", (" OR ".join(wanted),)
        )
        return list(dict.fromkeys(file for (file,) in rows))


def text_blocks(path: str) -> list[str]:
    """Return the text blocks of a transcript's messages."""
    found = []
    for _, _, value in objects_of(Path(path)):
        line = transcript.conversation_line(value, "", "", 0, 0)
        for block in line.blocks if line else []:
            if isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str):
                found.append(block["text"])  # noqa: PERF401
    return found


def measure(folder: Path, queries: list[dict[str, Any]], scratch: str) -> dict[str, Any]:
    """Return hit@k by kind for the public search and the floor, and the milliseconds of a question."""
    connection = db.connect(f"{scratch}/memory.db")
    files = backfill.files_of([str(folder)])
    backfill.backfill(connection, files)
    owners = {
        session: Path(path).name
        for session, path in connection.execute(
            "SELECT client_id, path FROM transcript JOIN session USING (session_id)"
        )
    }
    floor = Floor(files)
    asked: dict[str, list[tuple[str, list[bool], list[bool]]]] = defaultdict(list)
    times = []
    for one in queries:
        right = {Path(file).name for file in one["files"]}
        started = perf_counter()
        found = grep(connection, Search(one["query"], by="session", limit=max(RANKS)))
        times.append((perf_counter() - started) * 1000)
        ranked = list(dict.fromkeys(owners.get(hit["session"], hit["session"]) for hit in found["hits"]))
        session = min(right)
        answer = (session, _hits(right, ranked), _hits(right, floor.ask(one["query"])))
        half = "development" if crc32(session.encode()) % 2 else "held_out"
        focus = [f"{name} {'+'.join(FOCUS)}" for name in ("all", half)] if one["kind"] in FOCUS else []
        for group in ("all", half, one["kind"], *focus):
            asked[group].append(answer)
    return {
        "sessions": len(files),
        "questions": len(queries),
        "hits": {group: _shares(asked[group]) for group in sorted(asked)},
        "milliseconds": {"p50": round(median(times), 1), "p95": round(quantiles(times, n=20)[18], 1)},
    }


def _hits(right: set[str], order: list[str]) -> list[bool]:
    return [bool(right.intersection(order[:rank])) for rank in RANKS]


def _shares(answers: list[tuple[str, list[bool], list[bool]]]) -> dict[str, Any]:
    """Return hit@k of the search and the floor, over the questions and as a mean over sessions."""
    asked = Counter(session for session, _, _ in answers)
    found: dict[str, Any] = {"questions": len(answers)}
    for way, name in enumerate(("search", "floor")):
        held = [(session, both[way]) for session, *both in answers]
        found[name] = {f"hit@{rank}": round(fmean(one[at] for _, one in held), 3) for at, rank in enumerate(RANKS)}
        found[name]["by_session"] = {
            f"hit@{rank}": round(sum(one[at] / asked[session] for session, one in held) / len(asked), 3)
            for at, rank in enumerate(RANKS)
        }
    return found


def main() -> None:
    """Print the measurement as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("queries", type=Path)
    given = parser.parse_args()
    queries = [json.loads(line) for line in given.queries.read_text().splitlines() if line.strip()]
    with tempfile.TemporaryDirectory(prefix="codememory-retrieval-") as scratch:
        print(json.dumps(measure(given.folder, queries, scratch), indent=1))


if __name__ == "__main__":
    main()
