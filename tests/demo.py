"""Show CodeMemory from end to end: a recorded session is remembered, the next one is told what matters.

    .venv/bin/python tests/demo.py [--json]

Nothing is simulated but the client: the recordings in `tests/demo/` hold what the real client gave its hooks and wrote
into its transcripts (see `tests/demo/record.py`). They are replayed in order, in a temporary home, through the commands
of `hooks/hooks.json`. Exit code 1 if anything is missing from what the demonstration shows.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
RECORDINGS = REPOSITORY / "tests" / "demo"
PROGRAM = Path(sys.executable).with_name("codememory")
COLUMNS = 78
SILENT_EVENTS = ("Stop", "SubagentStop", "SessionEnd")

EXPECTED = {
    "SessionStart": ("Invoice numbers have no gaps", "Load the rates of 2027", "staging.toml", "PDFs are made by"),
    "UserPromptSubmit": ("exchange rate of the invoice date", "rate of the payment date"),
    "PreToolUse Bash": ("python3 load_rates.py 2027", "KeyError", "2027"),
    "PreToolUse Edit": ("VAT is rounded once, after summing the lines", "round each line"),
    "PostToolUseFailure": ("check_totals.py", "AssertionError", "confirmed by the same check", "edit invoice.py"),
    "SubagentStart": ("Never edit rates.csv by hand", "load_rates.py"),
    "UserPromptSubmit again": ("label printer in the Lyon warehouse takes A6 sheets",),
}
"""Moment of the second session → words that the model must have been told there."""

MEMORY_ID = re.compile(r"\bmem_[0-9a-f]{6,}\b")


class Moment:
    """One hook of the second session that said something."""

    def __init__(self, name: str, title: str, text: str) -> None:
        self.name, self.title, self.text = name, title, text


class Stage:
    """A temporary home in which recordings are replayed through the plugin's own hooks."""

    def __init__(self, home: Path) -> None:
        self.home, self.project = home, home / "code" / "shop"
        self.project.mkdir(parents=True)
        self.commands = self._commands()
        self.environment = {
            "HOME": str(home),
            "PATH": f"{REPOSITORY / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "CODEMEMORY_BIN": str(PROGRAM),
            "CLAUDE_PLUGIN_ROOT": str(REPOSITORY),
            "CLAUDE_PROJECT_DIR": str(self.project),
        }
        self.wrong: list[str] = []
        self.runs = 0
        self.messages: set[str] = set()

    @staticmethod
    def _commands() -> dict[str, list[str]]:
        """Return event → command, as the plugin declares them."""
        declared = json.loads((REPOSITORY / "hooks" / "hooks.json").read_text("utf-8"))["hooks"]
        found = {}
        for event, (group, *_) in declared.items():
            first = group["hooks"][0]
            found[event] = [first["command"].replace("${CLAUDE_PLUGIN_ROOT}", str(REPOSITORY)), *first["args"]]
        return found

    def records(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield a recording's lines with this home's paths and the present time."""
        paths = {"@HOME@": str(self.home), "@FOLDER@": "-work-shop"}
        for line in (RECORDINGS / f"{name}.jsonl").read_text("utf-8").splitlines():
            for placeholder, path in paths.items():
                line = line.replace(placeholder, json.dumps(path)[1:-1])
            yield json.loads(line.replace("@NOW@", datetime.now(UTC).isoformat(timespec="milliseconds")))

    def replay(self, name: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Replay a recording; yield each hook's payload and what it told the model."""
        for record in self.records(name):
            if "write" in record:
                Path(record["write"]).write_text(record["text"], "utf-8")
            elif "line" in record:
                self._grow(Path(record["file"]), record["line"])
            else:
                payload = record["payload"]
                yield payload, self._hook(payload)
                self._do(payload)

    def _grow(self, transcript: Path, line: dict[str, Any]) -> None:
        transcript.parent.mkdir(parents=True, exist_ok=True)
        with transcript.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        if line.get("type") in ("user", "assistant"):
            self.messages.add(line["uuid"])

    def _hook(self, payload: dict[str, Any]) -> str:
        event = payload["hook_event_name"]
        done = self.run(self.commands[event], payload["session_id"], json.dumps(payload))
        self.runs += 1
        if done.returncode or done.stderr:
            self.wrong.append(f"{event} exits {done.returncode}: {done.stderr}")
        if not done.stdout:
            return ""
        if event in SILENT_EVENTS:
            self.wrong.append(f"{event} is no place to say something: {done.stdout}")
        said = json.loads(done.stdout)["hookSpecificOutput"]
        if said["hookEventName"] != event:
            self.wrong.append(f"{event} answers as {said['hookEventName']}, which the client refuses")
        return str(said["additionalContext"])

    def _do(self, payload: dict[str, Any]) -> None:
        """Do what the model's tool did: the marks, by the same command, and the edits."""
        given = payload.get("tool_input", {})
        command = given.get("command", "")
        if payload["hook_event_name"] == "PreToolUse" and command.startswith("codememory mark "):
            done = self.run(["/bin/sh", "-c", command], payload["session_id"])
            if done.returncode:
                self.wrong.append(f"{command} exits {done.returncode}: {done.stderr}")
        if payload["hook_event_name"] == "PreToolUse" and payload["tool_name"] == "Edit":
            file = Path(given["file_path"])
            file.write_text(file.read_text("utf-8").replace(given["old_string"], given["new_string"]), "utf-8")

    def run(self, words: list[str], session: str = "", stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the project folder."""
        variables = {**self.environment, **({"CLAUDE_CODE_SESSION_ID": session} if session else {})}
        return subprocess.run(
            words, input=stdin, env=variables, cwd=self.project, capture_output=True, text=True, timeout=60, check=False
        )

    def screen(self, words: list[str]) -> str:
        """Return what a command shows on a terminal."""
        ours, theirs = pty.openpty()
        variables = {**self.environment, "TERM": "dumb", "COLUMNS": str(COLUMNS)}
        process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=variables, cwd=self.project)
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # the other end is closed
            pass
        process.wait(60)
        os.close(ours)
        return b"".join(parts).decode("utf-8", "replace").replace("\r\n", "\n")

    def shown(self, text: str) -> str:
        """Return text without the temporary home in it."""
        return text.replace(str(self.home), "~")


def moment_of(payload: dict[str, Any], text: str, task: str) -> Moment:
    """Name a moment of the second session for the reader."""
    event, tool = payload["hook_event_name"], payload.get("tool_name", "")
    command = payload.get("tool_input", {}).get("command", "")
    titles = {
        "SessionStart": "The session starts",
        "UserPromptSubmit": f"The user asks: {payload.get('prompt')}",
        "PreToolUse": f"It is about to run: {command}" if command else "It is about to edit invoice.py",
        "PostToolUseFailure": f"This fails: {command}",
        "SubagentStart": f"A subagent is asked: {task}",
    }
    name = f"{event} {tool}" if event == "PreToolUse" else event
    return Moment(name, titles.get(event, event), text)


def deed_of(payload: dict[str, Any]) -> tuple[str, str] | None:
    """Return who and what a hook of the first session tells of, None for nothing worth a line."""
    event, given = payload["hook_event_name"], payload.get("tool_input", {})
    command = given.get("command", "")
    if event == "UserPromptSubmit":
        return "the user", payload["prompt"]
    if event == "PreToolUse" and command.startswith("codememory mark "):
        return "marks", command.removeprefix("codememory mark ")
    if event == "PostToolUseFailure":
        return "fails", f"{command}: {payload['error'].splitlines()[-1]}"
    if event == "PostToolUse" and not command.startswith("codememory"):
        return ("passes", command) if command else ("edits", Path(given["file_path"]).name)
    return None


def first_session(stage: Stage) -> list[tuple[str, str]]:
    """Replay the first session and return what happened in it."""
    return [deed for payload, _ in stage.replay("first") if (deed := deed_of(payload))]


def second_session(stage: Stage) -> list[Moment]:
    """Replay the second session and return the moments at which the model was told something."""
    moments: list[Moment] = []
    task = ""
    for payload, text in stage.replay("second"):
        task = payload.get("tool_input", {}).get("prompt", task)
        if text:
            found = moment_of(payload, text, task)
            if any(one.name == found.name for one in moments):
                found.name += " again"
            moments.append(found)
    return moments


def check(stage: Stage, moments: list[Moment], status: dict[str, Any]) -> None:
    """Note what is missing from the moments or wrong in the store."""
    told = {moment.name: moment.text for moment in moments}
    for name, needles in EXPECTED.items():
        stage.wrong += [f"{name} does not tell {words!r}" for words in needles if words not in told.get(name, "")]
    said = [one for moment in moments if moment.name != "SubagentStart" for one in set(MEMORY_ID.findall(moment.text))]
    stage.wrong += [f"{one} is said twice in one session" for one in sorted(set(said)) if said.count(one) > 1]
    stored, behind = status["counts"]["messages"], status["ingest"]["behind_bytes"]
    if stored != len(stage.messages):
        stage.wrong.append(f"{stored} messages are stored of {len(stage.messages)}")
    if behind:
        stage.wrong.append(f"ingest is {behind} bytes behind")
    failed = {event: one["errors"] for event, one in status["hooks"].items() if one["errors"]}
    if failed or sum(one["count"] for one in status["hooks"].values()) != stage.runs:
        stage.wrong.append(f"hooks failed or were not counted: {failed}")


def printed(text: str, indent: str = "  ") -> str:
    """Wrap each line of a text; what follows a list mark stays behind it."""
    return "\n".join(
        textwrap.fill(
            line,
            COLUMNS,
            initial_indent=indent,
            subsequent_indent=indent + ("  " if line.startswith("- ") else ""),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    )


def show(stage: Stage, deeds: list[tuple[str, str]], moments: list[Moment], status: str) -> None:
    """Print the story."""
    print("THE FIRST SESSION, recorded with the real client, goes through the plugin's hooks\n")
    for who, what in deeds:
        print(f"  {who:<10}{textwrap.shorten(what, COLUMNS - 12, placeholder=' …')}")
    print("\nTHE SECOND SESSION: what the model is told, each memory once\n")
    for moment in moments:
        print(textwrap.fill(f"● {moment.name.split()[0]}: {moment.title}", COLUMNS, subsequent_indent="  "))
        print(printed(stage.shown(moment.text), "  │ ") + "\n")
    print("$ codememory status\n")
    print(stage.shown(status))


def main() -> None:
    """Replay both sessions, show what there is to see, and fail if anything of it is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--json", action="store_true", help="print what the model was told as JSON")
    given = parser.parse_args()
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"There is no {PROGRAM}: run `make demo`.")
    started = perf_counter()
    with tempfile.TemporaryDirectory(prefix="codememory-demo-") as folder:
        stage = Stage(Path(folder).resolve())
        deeds = first_session(stage)
        moments = second_session(stage)
        status = stage.screen([str(PROGRAM), "status"])
        check(stage, moments, json.loads(stage.run([str(PROGRAM), "status", "--json"]).stdout))
        if given.json:
            told = [{"moment": one.name, "title": one.title, "text": stage.shown(one.text)} for one in moments]
            print(json.dumps({"told": told, "wrong": stage.wrong}, ensure_ascii=False, indent=2))
        else:
            show(stage, deeds, moments, status)
    if stage.wrong:
        sys.exit("\nMissing or wrong:\n" + "\n".join(f"- {one}" for one in stage.wrong))
    if not given.json:
        print(f"All of it as expected: {stage.runs} hooks, {len(stage.messages)} messages, each stored once,")
        print(f"{len(moments)} moments at which the model was told something, in {perf_counter() - started:.1f} s.")


if __name__ == "__main__":
    main()
