"""Replay transcripts through the real hooks, in time order, and see whether what was said came true.

usage: python -m benchmarks.replay FOLDER

Every session's calls, results and prompts are handed to the hook's own code as the client would have, each at its
time and with the transcript grown so far; each session is of the project its `cwd` says, subagents fire with their
parent's session. Nothing that is looked at comes from later: the outcome of a command is compared with what was said
before it only when it arrives, and files on this machine, which are of today, are not looked at. What a fork or a
resumed session copied fired no hook then and fires none here; nor does a call that the client refused to make.
The report is one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import apsw

from benchmarks.objects import objects_of
from codememory import db, hook, records, repository, transcript
from codememory.budget import Deadline
from codememory.extract.calls import EDIT_TOOLS, SHELL_TOOLS, outcome_of
from codememory.extract.command import normalised_command
from codememory.moment import Moment
from codememory.store import ledger

HOOKED = SHELL_TOOLS | EDIT_TOOLS
AGE = re.compile(r"\S+ ago|\d+ times|once")
UNMADE = "<tool_use_error>"
"""The client refused to make the call: no hook fired, neither before nor after (measured)."""


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
        for _, raw, value in objects_of(path):
            at = max(at, records.milliseconds(value.get("timestamp")) or at)
            found.append(Step(at, path, raw, value))
    return sorted(found, key=lambda step: step.at)


def unmade_calls(steps: list[Step]) -> set[str]:
    """Return the ids of the calls that the client refused to make, which it knew before any hook."""
    found = set()
    for step in steps:
        message = step.value.get("message")
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else []:
            is_result = isinstance(block, dict) and block.get("type") == "tool_result"
            if is_result and transcript.result_text(block).startswith(UNMADE):
                found.add(str(block.get("tool_use_id")))
    return found


def agent_of(path: Path) -> str:
    """Return the subagent whose file this is, '' for a session's own."""
    return path.stem.removeprefix("agent-") if path.stem.startswith("agent-") else ""


def memories_in(said: str) -> list[str]:
    """Return what tells the memories of a text apart: each line's id, and of a failure's line what it says too.

    A failure may be told again when more is known against it; only ages do not make a line another one.
    """
    found = []
    for line in said.split("\n"):
        words, bracket, mark = line.rpartition("[")
        if line.startswith("- ") and bracket and mark.startswith(("mem_", "msg_")):
            failed = " failed " in words or " still fails " in words
            name = mark.partition("]")[0].partition(",")[0].partition(";")[0]
            found.append(name + (AGE.sub("", words) if failed else ""))
    return found


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
        self.unmade: set[str] = set()
        self.seen: set[str] = set()
        self.started: set[str] = set()
        self.lines_said: Counter[tuple[str, str, int, str]] = Counter()

    def run(self, steps: list[Step]) -> None:
        """Replay the steps in order."""
        self.unmade = unmade_calls(steps)
        for step in steps:
            session = str(step.value.get("sessionId") or step.path.stem)
            line = transcript.conversation_line(step.value, session, agent_of(step.path), 0, len(step.raw))
            uuid = str(step.value.get("uuid") or "")
            if line is not None and uuid not in self.seen:
                if line.session not in self.started and not agent_of(step.path):
                    self.started.add(line.session)
                    self._fire("SessionStart", step, line, {"source": "startup"})
                self._before(step, line)
            elif transcript.is_boundary(step.value) and uuid not in self.seen and not agent_of(step.path):
                self._compacted(step, session)
            if uuid:
                self.seen.add(uuid)
            target = self._written(step.path, session)
            with target.open("ab") as file:
                file.write(step.raw + b"\n")

    def _compacted(self, step: Step, session: str) -> None:
        """Fire what the client fires when it has compacted a session, just before it writes that down."""
        line = transcript.Line(b"", None, session, "user", 0, 0)
        line.cwd, line.thread, line.is_sidechain = str(step.value.get("cwd") or ""), "", False
        self._fire("SessionStart", step, line, {"source": "compact"})

    def _written(self, path: Path, session: str) -> Path:
        """Return where a line is written: the session's own file, or its subagent's below it."""
        agent = agent_of(path)
        if not agent:
            return self.folder / path.name
        folder = self.folder / session / "subagents"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / path.name

    def _before(self, step: Step, line: transcript.Line) -> None:
        """Fire the hooks that the client fires before a line reaches the transcript."""
        for block in line.blocks:
            if not isinstance(block, dict):
                continue
            if block.get("id") in self.unmade or block.get("tool_use_id") in self.unmade:
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
                "SELECT count(*) FROM occurrence JOIN session USING (session_id)"
                " WHERE client_id = ? AND tool_use_id = ?",
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
        name = f"{line.session}.jsonl" if agent_of(step.path) else step.path.name
        body = {"session_id": line.session, "transcript_path": str(self.folder / name), **payload}
        if line.is_sidechain:
            body["agent_id"] = line.thread
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
            place = (line.session, moment.thread, moment.session.epoch)
            self.lines_said.update((*place, what) for what in memories_in(said))
        if said:
            self._record(event, step, line, said)
        return said + moment.reason

    def _record(self, event: str, step: Step, line: transcript.Line, said: str) -> None:
        """Write down what the model was given, as the client does."""
        given = {"type": "hook_additional_context", "hookEvent": event, "content": [said]}
        at = datetime.fromtimestamp((step.at or 1) / 1000, UTC).isoformat()
        value = {"type": "attachment", "attachment": given, "sessionId": line.session, "timestamp": at}
        with self._written(step.path, line.session).open("a", encoding="utf-8", errors="surrogatepass") as file:
            file.write(json.dumps(value) + "\n")


def facts(replay: Replay) -> dict[str, Any]:
    """Return what the store holds at the end."""
    connection = replay.connection
    failures, signatures = connection.execute("SELECT count(*), count(DISTINCT node_id) FROM occurrence").get
    known = connection.execute(
        "SELECT count(*) FROM occurrence o WHERE EXISTS (SELECT 1 FROM occurrence e WHERE e.node_id = o.node_id"
        " AND e.session_id <> o.session_id AND e.at < o.at)"
    ).get
    repeats = sum(times - 1 for times in replay.lines_said.values())
    rows = connection.execute("SELECT outcome, count(*) FROM attempt GROUP BY outcome")
    attempts = {str(outcome): number for outcome, number in rows}
    said = ledger.totals(connection)
    return {
        "failures": failures,
        "signatures": signatures,
        "known_from_an_earlier_session": _share(known, failures),
        "attempts": attempts,
        "remedies_that_are_failing_commands": bad_remedies(connection),
        "memories_said": sum(replay.lines_said.values()),
        "said_twice_between_compactions": repeats,
        "confirmed_by_the_clients_record": _share(said.confirmed, said.count),
        "recorded_twice_by_the_client": said.repeats,
    }


def bad_remedies(connection: apsw.Connection) -> int:
    """Count the commands kept as a remedy that failed themselves, or are the command that had failed."""
    bad = 0
    for attempt_id, session_id, failing, commands in connection.execute(
        "SELECT a.node_id, a.session_id, coalesce(json_extract(f.details, '$.command'), ''),"
        " json_extract(n.details, '$.commands') FROM attempt a JOIN node n ON n.node_id = a.node_id"
        " JOIN node f ON f.node_id = a.failure_id"
    ).fetchall():
        for command in json.loads(str(commands or "[]")):
            ended_well = connection.execute(
                "SELECT count(*) FROM evidence e JOIN tool_call t ON t.tool_use_id = e.source AND t.session_id = ?"
                " WHERE e.node_id = ? AND t.command = ? AND t.outcome = 'ok'",
                (session_id, attempt_id, command),
            ).get
            bad += not ended_well or normalised_command(command) == normalised_command(str(failing))
    return bad


def report(replay: Replay) -> dict[str, Any]:
    """Return what the replay measured."""
    count = replay.count
    failing = count["failing calls"]
    fired = sum(number for name, number in count.items() if name.endswith(" fired"))
    spoke = sum(number for name, number in count.items() if name.endswith(" said something"))
    base = _share(count["commands failed"], count["commands"])
    return {
        **facts(replay),
        "hidden_failures": count["hidden failures"],
        "failing_calls": failing,
        "confirmed_remedy_said": _share(count["failing calls with a confirmed remedy said"], failing),
        "unconfirmed_remedy_said": _share(count["failing calls with an unconfirmed remedy said"], failing),
        "commands": count["commands"],
        "base_rate_of_failing": base,
        "warning": {"said": count["warning"], "precision": _share(count["warning right"], count["warning"])},
        "guard": {
            "acted": count["guard"],
            "precision": _share(count["guard right"], count["guard"]),
            "false_per_1000_commands": round(
                1000 * (count["guard"] - count["guard right"]) / max(1, count["commands"]), 3
            ),
        },
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
    print(json.dumps(replayed(given.folder), indent=1))


def replayed(folder: Path) -> dict[str, Any]:
    """Replay a folder into a store of its own, with default settings, and return the report."""
    for name in [name for name in os.environ if name.startswith(("CODEMEMORY_", "CLAUDE"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="codememory-replay-") as scratch, _without_files_of_today():
        os.environ["HOME"] = scratch
        replay = Replay(Path(scratch))
        replay.run(steps_of(folder))
        return report(replay)


@contextmanager
def _without_files_of_today() -> Iterator[None]:
    """Let no project be found on this machine: its files and commits are not those of the time."""
    found_from, blob_hash = repository.found_from, repository.blob_hash
    repository.found_from, repository.blob_hash = lambda path: None, lambda path: ""
    try:
        yield
    finally:
        repository.found_from, repository.blob_hash = found_from, blob_hash


if __name__ == "__main__":
    main()
