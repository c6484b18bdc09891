"""Replay transcripts through the real hooks, in time order, and see whether what was said came true.

usage: python -m benchmarks.replay FOLDER [--json]

Every session's calls, results and prompts are handed to the hook's own code as the client would have, each at its
time and with the transcript grown so far; each session is of the project its `cwd` says. Nothing that is looked at
comes from later: the outcome of a command is compared with what was said before it only when it arrives.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from codememory import db, hook, records, transcript
from codememory.budget import Deadline
from codememory.extract.calls import EDIT_TOOLS, SHELL_TOOLS, outcome_of
from codememory.moment import Moment

HOOKED = SHELL_TOOLS | EDIT_TOOLS


class Step:
    """One line of one transcript, to be replayed at its time."""

    def __init__(self, at: int, path: Path, raw: bytes, value: dict[str, Any]) -> None:
        self.at, self.path, self.raw, self.value = at, path, raw, value


def steps_of(folder: Path) -> list[Step]:
    """Return the lines of all transcripts by the time of their session's start, each session's in its own order.

    Sessions that overlap are interleaved line by line; a line without a time comes right behind the one before.
    """
    found = []
    for path in sorted(folder.rglob("*.jsonl")):
        at = 0
        for raw in path.read_bytes().split(b"\n"):
            try:
                values = transcript.decoded(raw)
            except ValueError:
                continue
            for value in values:
                if isinstance(value, dict):
                    at = max(at, records.milliseconds(value.get("timestamp")) or at)
                    found.append(Step(at, path, raw, value))
    return sorted(found, key=lambda step: step.at)


class Replay:
    """A store of its own, and what happened while the transcripts were replayed into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = db.connect(str(folder / "memory.db"))
        self.count: Counter[str] = Counter()
        self.said_tokens: Counter[str] = Counter()
        self.milliseconds: dict[str, list[float]] = {}
        self.asked: dict[tuple[str, str], dict[str, Any]] = {}
        self.warned: dict[tuple[str, str], str] = {}

    def run(self, steps: list[Step]) -> None:
        """Replay the steps in order."""
        for step in steps:
            session = str(step.value.get("sessionId") or step.path.stem)
            line = transcript.conversation_line(step.value, session, "", 0, len(step.raw))
            if line is not None and not line.is_sidechain:
                self._before(step, line)
            target = self.folder / step.path.name
            with target.open("ab") as file:
                file.write(step.raw + b"\n")

    def _before(self, step: Step, line: transcript.Line) -> None:
        """Fire the hooks that the client fires before a line reaches the transcript."""
        for block in line.blocks:
            if not isinstance(block, dict):
                continue
            if block.get("type") == "tool_use" and block.get("name") in HOOKED:
                self._asked(step, line, block)
            elif block.get("type") == "tool_result":
                self._ended(step, line, block)
        if line.kind == "prompt":
            text = "\n".join(str(b.get("text", "")) for b in line.blocks if isinstance(b, dict))
            self._fire("UserPromptSubmit", step, line, {"prompt": text})

    def _asked(self, step: Step, line: transcript.Line, block: dict[str, Any]) -> None:
        key = (line.session, str(block.get("id")))
        given = block.get("input") if isinstance(block.get("input"), dict) else {}
        self.asked[key] = {"tool_name": block["name"], "tool_input": given, "tool_use_id": key[1]}
        said = self._fire("PreToolUse", step, line, self.asked[key])
        if block["name"] in SHELL_TOOLS and said:
            self.warned[key] = "guard" if "in a row with the same error" in said else "warning"

    def _ended(self, step: Step, line: transcript.Line, block: dict[str, Any]) -> None:
        key = (line.session, str(block.get("tool_use_id")))
        asked = self.asked.pop(key, None)
        if asked is None:
            return
        output = transcript.result_text(block)
        extra = step.value.get("toolUseResult")
        response = extra if isinstance(extra, dict) else {"stdout": output}
        outcome, _ = outcome_of(output, block.get("is_error") is True)
        if outcome == "failed":
            said = self._fire("PostToolUseFailure", step, line, {**asked, "error": output})
            self._offered(line.session, key[1], said)
        elif outcome == "ok":
            hidden = {**asked, "tool_response": {**response, "stdout": output}}
            self._offered(line.session, key[1], self._fire("PostToolUse", step, line, hidden), hidden=True)
        self._judge(key, asked, outcome)

    def _judge(self, key: tuple[str, str], asked: dict[str, Any], outcome: str) -> None:
        """Compare what was said before a command with how it ended."""
        kind = self.warned.pop(key, "")
        if asked["tool_name"] not in SHELL_TOOLS or outcome not in ("ok", "failed"):
            return
        self.count["commands"] += 1
        self.count["commands failed"] += outcome == "failed"
        if kind:
            self.count[kind] += 1
            self.count[f"{kind} right"] += outcome == "failed"

    def _offered(self, session: str, tool_use_id: str, said: str, hidden: bool = False) -> None:
        """Count the failures of a call, and the calls at which a remedy was said."""
        new = int(
            self.connection.execute(
                "SELECT count(*) FROM occurrence JOIN session USING (session_id) WHERE client_id = ? AND tool_use_id = ?",
                (session, tool_use_id),
            ).get
        )
        self.count["hidden failures"] += new if hidden else 0
        if new:
            self.count["failing calls"] += 1
            self.count["failing calls with a confirmed remedy said"] += "confirmed by the same check" in said
            self.count["failing calls with an unconfirmed remedy said"] += "not confirmed" in said

    def _fire(self, event: str, step: Step, line: transcript.Line, payload: dict[str, Any]) -> str:
        """Handle one hook as `codememory.hook` does, at the line's own time, and return what the model is told."""
        body = {"session_id": line.session, "transcript_path": str(self.folder / step.path.name), **payload}
        started = perf_counter()
        self.connection.execute("BEGIN IMMEDIATE")
        moment = Moment(self.connection, event, body, line.cwd or "/", step.at or 1)
        hook.ingest_delta(moment, Deadline())
        said = hook.told(moment, Deadline())
        self.connection.execute("COMMIT")
        self.milliseconds.setdefault(event, []).append((perf_counter() - started) * 1000)
        self.count[f"{event} fired"] += 1
        if said or moment.reason:
            self.count[f"{event} said something"] += 1
            self.said_tokens[line.session] += len(said + moment.reason) // 4
        return said + moment.reason


def facts(replay: Replay) -> dict[str, Any]:
    """Return what the store holds at the end."""
    connection = replay.connection
    failures, signatures = connection.execute("SELECT count(*), count(DISTINCT node_id) FROM occurrence").get
    known = connection.execute(
        "SELECT count(*) FROM occurrence o WHERE EXISTS (SELECT 1 FROM occurrence e WHERE e.node_id = o.node_id"
        " AND e.session_id <> o.session_id AND e.at < o.at)"
    ).get
    bad_remedies = connection.execute(
        "SELECT count(*) FROM attempt a JOIN node n ON n.node_id = a.node_id, json_each(n.details, '$.commands') c"
        " WHERE c.value IN (SELECT command FROM tool_call t WHERE t.session_id = a.session_id AND t.outcome = 'failed'"
        " AND t.tool_use_id IN (SELECT source FROM evidence e WHERE e.node_id = a.node_id))"
        " OR c.value = (SELECT json_extract(f.details, '$.command') FROM node f WHERE f.node_id = a.failure_id)"
    ).get
    repeats = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM injection GROUP BY session_id, thread, epoch, node_id HAVING count(*) > 1)"
    ).get
    attempts = dict(connection.execute("SELECT outcome, count(*) FROM attempt GROUP BY outcome").fetchall())
    return {
        "failures": failures,
        "signatures": signatures,
        "known_from_an_earlier_session": _share(known, failures),
        "attempts": attempts,
        "remedies_that_are_failing_commands": bad_remedies,
        "said_twice_between_compactions": repeats,
    }


def report(replay: Replay) -> dict[str, Any]:
    """Return what the replay measured."""
    count = replay.count
    fired = sum(number for name, number in count.items() if name.endswith(" fired"))
    spoke = sum(number for name, number in count.items() if name.endswith(" said something"))
    base = _share(count["commands failed"], count["commands"])
    return {
        **facts(replay),
        "hidden_failures": count["hidden failures"],
        "failing_calls": count["failing calls"],
        "confirmed_remedy_said": _share(count["failing calls with a confirmed remedy said"], count["failing calls"]),
        "unconfirmed_remedy_said": _share(count["failing calls with an unconfirmed remedy said"], count["failing calls"]),
        "commands": count["commands"],
        "base_rate_of_failing": base,
        "warning": {"said": count["warning"], "precision": _share(count["warning right"], count["warning"])},
        "guard": {"acted": count["guard"], "precision": _share(count["guard right"], count["guard"])},
        "hooks_fired": fired,
        "share_that_said_something": _share(spoke, fired),
        "tokens_said_per_session": round(sum(replay.said_tokens.values()) / max(1, len(replay.said_tokens)), 1),
        "tokens_said_in_all": sum(replay.said_tokens.values()),
        "milliseconds": {event: round(median(times), 2) for event, times in sorted(replay.milliseconds.items())},
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def main() -> None:
    """Replay a folder and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codememory-replay-") as scratch:
        os.environ["HOME"] = scratch
        replay = Replay(Path(scratch))
        replay.run(steps_of(given.folder))
        print(json.dumps(report(replay), indent=1))


if __name__ == "__main__":
    main()
