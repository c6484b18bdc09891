"""Compare what the program calls a failure with what a reader judged, item by item.

usage: python -m benchmarks.failure_reading FOLDER

FOLDER holds the material that `readings/failures.jsonl` names: each reading is a file in it and a tool use id, or a
line number for a file of one result a line. Every item goes through the decision that `codememory.outcomes` makes.
Prints the agreement as JSON and exits 1 below 95% either way in any draw.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.objects import objects_of
from codememory import transcript
from codememory.extract import calls
from codememory.extract.signature import failures_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codememory.extract.failure import Failure

READINGS = Path(__file__).parent / "readings" / "failures.jsonl"
AGREEMENT_MIN = 0.95
FAILURE, NO_FAILURE = "failure", "none"


class Item:
    """One tool result, its call, and what the client said of it."""

    def __init__(
        self, source: str, key: str, tool: str, given: dict[str, Any], cwd: str, output: str, *, is_error: bool,
        extra: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.source, self.key, self.cwd, self.output, self.is_error = source, key, cwd, output, is_error
        self.call = calls.call_of(key, tool, given, root=cwd, cwd=cwd)
        said = extra or {}
        self.interrupted = said.get("interrupted") is True
        self.harmless = bool(said.get("returnCodeInterpretation"))


def items_of(path: Path, source: str) -> Iterator[Item]:
    """Yield the tool results of a transcript, or of a file that has one result a line."""
    asked: dict[str, dict[str, Any]] = {}
    for number, _, value in objects_of(path):
        if "content" in value and "tool" in value:
            yield _flat_item(value, source, str(number))
            continue
        line = transcript.conversation_line(value, path.stem, "", 0, 0)
        for block in line.blocks if line else ():
            if not isinstance(block, dict):
                continue
            if block.get("type") == "tool_use":
                asked[str(block.get("id"))] = block
            elif line and block.get("type") == "tool_result":
                yield _result_item(block, asked.get(str(block.get("tool_use_id")), {}), line, source)


def _flat_item(value: dict[str, Any], source: str, key: str) -> Item:
    given = {"command": value.get("command"), "file_path": value.get("file_path")}
    return Item(source, key, value["tool"] or "", given, "", str(value["content"]), is_error=bool(value["is_error"]))


def _result_item(block: dict[str, Any], use: dict[str, Any], line: transcript.Line, source: str) -> Item:
    given = use.get("input")
    return Item(
        source, str(block.get("tool_use_id")), str(use.get("name") or ""), given if isinstance(given, dict) else {},
        line.cwd, transcript.result_text(block), is_error=block.get("is_error") is True, extra=line.extra,
    )  # fmt: skip


def failures_of(item: Item) -> list[Failure]:
    """List the failures the program would record for a tool result, decided as in `codememory.outcomes.settle`."""
    if not item.call.tool and not item.is_error:
        return []
    outcome, exit_code = calls.outcome_of(item.output, item.is_error and not item.harmless, item.interrupted)
    if item.harmless or outcome in (calls.REFUSED, calls.INTERRUPTED):
        return []
    passed = outcome == calls.OK
    if passed and item.call.tool not in calls.SHELL_TOOLS:
        return []
    return failures_in(
        item.output, tool=item.call.tool, command=item.call.command or item.call.file or "", cwd=item.cwd,
        exit_code=exit_code, is_error=not passed,
    )  # fmt: skip


def compared(folder: Path, readings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return for every draw how many of the program's failures and non-failures the reading agrees with."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        wanted[reading["source"]].add(reading["id"])
    said: dict[tuple[str, str], str] = {}
    for source, keys in sorted(wanted.items()):
        for item in items_of(folder / source, source):
            if item.key in keys:
                said.setdefault((source, item.key), FAILURE if failures_of(item) else NO_FAILURE)
    return {draw: _agreement(readings, said, draw) for draw in sorted({reading["draw"] for reading in readings})}


def _agreement(readings: list[dict[str, Any]], said: dict[tuple[str, str], str], draw: str) -> dict[str, Any]:
    drawn = [reading for reading in readings if reading["draw"] == draw]
    found = [(reading, said[reading["source"], reading["id"]]) for reading in drawn
             if (reading["source"], reading["id"]) in said]  # fmt: skip
    told: dict[str, Any] = {"items": len(drawn), "missing": len(drawn) - len(found)}
    for verdict in (FAILURE, NO_FAILURE):
        judged = [reading["verdict"] for reading, now in found if now == verdict]
        agreed = judged.count(verdict)
        told[verdict] = {"said": len(judged), "agreed": agreed, "share": round(agreed / max(1, len(judged)), 4)}
    told["changed"] = sum(reading["program"] != now for reading, now in found)
    told["disagreed"] = [f"{reading['source']} {reading['id']}" for reading, now in found if reading["verdict"] != now]
    return told


def main() -> int:
    """Print the agreement of every draw; 1 if one is below the floor or cannot be checked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    readings = [json.loads(line) for line in READINGS.read_text("utf-8").splitlines() if line]
    told = compared(folder, readings)
    json.dump(told, sys.stdout, indent=1)
    print()
    right = all(
        draw["missing"] == 0 and draw[verdict]["share"] >= AGREEMENT_MIN
        for draw in told.values()
        for verdict in (FAILURE, NO_FAILURE)
    )
    return 0 if right and told else 1


if __name__ == "__main__":
    sys.exit(main())
