"""Record the sessions that the demonstration replays: the real client, a scripted model, hooks that only take notes.

    .venv/bin/python tests/demo/record.py [CLIENT]

A recording's lines, in order: `{"write": FILE, "text": …}`, a file of the project; `{"file": TRANSCRIPT, "line": …}`, a
line that stood in a transcript by then; `{"hook": [EVENT], "payload": …}`, what the client gave a hook. `@HOME@` and
`@FOLDER@` stand for paths, `@NOW@` for every time.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent.parent
NOTES = "CODEMEMORY_DEMO_NOTES"
KEPT_LINES = ("user", "assistant", "system", "last-prompt", "queue-operation")
"""Line types that are recorded; the others list the tools and settings of the machine."""

FIRST, SECOND = "d3300000-0000-4000-8000-000000000001", "d3300000-0000-4000-8000-000000000002"

FILES = {
    "invoice.py": """\
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def total(lines, rate):
    return sum((net * (1 + rate)).quantize(CENT, ROUND_HALF_UP) for net in lines)
""",
    "check_totals.py": """\
from decimal import Decimal

from invoice import total

BOOKS = {1003: ([Decimal("100.00")], Decimal("119.00")), 1004: ([Decimal("0.35")] * 9, Decimal("3.75"))}


def check(number):
    lines, booked = BOOKS[number]
    found = total(lines, Decimal("0.19"))
    assert found == booked, f"invoice {number}: {found}, the books say {booked}"


for number in BOOKS:
    check(number)
print(f"{len(BOOKS)} invoices agree with the books")
""",
    "rates.csv": "year,standard,reduced\n2025,0.19,0.07\n2026,0.19,0.07\n",
    "load_rates.py": """\
import csv
import sys

rates = {row["year"]: row for row in csv.DictReader(open("rates.csv"))}
print(rates[sys.argv[-1]])
""",
    "publish.py": """\
import tomllib

print("publishing to", tomllib.load(open("staging.toml", "rb"))["host"])
""",
    "Makefile": "all:\n\t@echo nothing to build\n",
}

HEAD = "def total(lines, rate):\n"
PER_LINE = "    return sum((net * (1 + rate)).quantize(CENT, ROUND_HALF_UP) for net in lines)"
ONCE = "    return (sum(lines) * (1 + rate)).quantize(CENT, ROUND_HALF_UP)"
DISCOUNTED = """\
def total(lines, rate, discount=0):
    return sum((net * (1 - discount) * (1 + rate)).quantize(CENT, ROUND_HALF_UP) for net in lines)"""
LABELS = "The label printer in the Lyon warehouse takes A6 sheets only, so leave the labels as they are."


def bash(command: str, what: str) -> dict[str, Any]:
    """Return a call of the shell."""
    from tests.e2e.scripted_api import tool

    return tool("Bash", command=command, description=what)


def mark(words: str) -> dict[str, Any]:
    """Return the call that a skill asks for."""
    return bash(f"codememory mark {words}", "Remember it")


def first_session(client: Any) -> None:
    """A day's work: decisions, constraints and a task marked; one failure fixed, four left open."""
    from tests.e2e.scripted_api import text, tool

    file = str(client.project / "invoice.py")
    client.session(
        "Invoice totals are off by a cent on long invoices. Find out why and fix it.",
        [
            [
                text("I run the check against the books first."),
                bash("python3 check_totals.py", "Compare with the books"),
            ],
            [tool("Read", file_path=file)],
            [
                mark(
                    "decision 'Foreign currency is converted at the exchange rate of the invoice date'"
                    " --why 'the tax office asks for it' --rejected 'rate of the payment date'"
                )
            ],
            [
                mark(
                    "decision 'VAT is rounded once, after summing the lines'"
                    " --why 'rounding each line drifts by a cent' --rejected 'round each line' --file invoice.py"
                )
            ],
            [tool("Edit", file_path=file, old_string=PER_LINE, new_string=ONCE)],
            [bash("python3 check_totals.py", "Compare with the books")],
            [mark("decision 'Amounts are Decimal, never float' --why 'floats cannot hold a cent' --file invoice.py")],
            [text("Each line was rounded by itself. The total is now rounded once, and the books agree.")],
        ],
        "--session-id",
        FIRST,
    )
    client.session(
        "rates.csv comes from the tax office: never edit it by hand. It has no 2027 yet; load that when it has.",
        [
            [
                mark(
                    "constraint 'Never edit rates.csv by hand' --why 'the tax office delivers it and overwrites it'"
                    " --file rates.csv"
                )
            ],
            [mark("decision 'A missing year stops the import' --why 'a guessed rate is a wrong invoice'")],
            [
                mark(
                    "task 'Load the rates of 2027 once the tax office delivers them'"
                    " --accept 'python3 load_rates.py 2027 prints a row' --file load_rates.py"
                )
            ],
            [text("Noted.")],
        ],
        "--resume",
        FIRST,
    )
    client.session(
        f"Publish what is there to staging: test invoices only. {LABELS}",
        [
            [mark("decision 'Staging gets test invoices only' --why 'its database is shared with the suppliers'")],
            [mark("constraint 'Invoice numbers have no gaps' --why 'the auditors count them'")],
            [mark("decision 'PDFs are made by the print service' --rejected 'a PDF library of our own'")],
            [bash("python3 load_rates.py 2027", "Load the rates")],
            [bash("make check", "Check everything")],
            [bash("python3 shop_lint.py .", "Look for style problems")],
            [bash("python3 publish.py --to staging", "Publish")],
            [text("There are no rates for 2027 and no settings for staging; nothing was published.")],
        ],
        "--resume",
        FIRST,
    )


def second_session(client: Any) -> None:
    """The next day: each moment meets something that the day before left behind."""
    from tests.e2e.scripted_api import text, tool

    file = str(client.project / "invoice.py")
    client.session(
        "Give a discount of 5% on invoices in foreign currency. Which exchange rate applies there?",
        [
            [bash("python3 load_rates.py 2027", "Load the rates")],
            [tool("Read", file_path=file)],
            [tool("Edit", file_path=file, old_string=HEAD + ONCE, new_string=DISCOUNTED)],
            [bash("python3 check_totals.py --verbose", "Compare with the books")],
            [
                tool(
                    "Agent",
                    description="Look at the rates",
                    prompt="Find out what load_rates.py needs to load 2027, and whether rates.csv has it.",
                    subagent_type="general-purpose",
                )
            ],
            [text("The discount rounds each line again; I take it back.")],
        ],
        "--session-id",
        SECOND,
        agents={"rates.csv has it": [[bash("tail -1 rates.csv", "Look at the last row")], [text("2026 is the last.")]]},
    )
    client.session("Which sheets does the label printer in Lyon take?", [[text("A6 sheets.")]], "--resume", SECOND)


def take_note(words: list[str]) -> None:
    """Be a hook: write down what the client gave and how long its transcripts are, say nothing."""
    payload = json.loads(sys.stdin.buffer.read())
    main = Path(payload["transcript_path"])
    files = [main, *sorted(main.with_suffix("").glob("subagents/*.jsonl"))]
    lengths = {str(file): len(file.read_bytes().splitlines()) for file in files if file.exists()}
    with open(os.environ[NOTES], "a", encoding="utf-8") as notes:
        fcntl.flock(notes, fcntl.LOCK_EX)
        notes.write(json.dumps({"hook": words, "payload": payload, "lengths": lengths}) + "\n")


def interleaved(notes: Path) -> Iterator[dict[str, Any]]:
    """Yield the hooks of a session, each behind the transcript lines that stood there when it ran."""
    seen: dict[str, int] = {}
    for note in map(json.loads, notes.read_text("utf-8").splitlines()):
        lengths = note.pop("lengths")
        yield from _new_lines(lengths, seen)
        yield note
    yield from _new_lines(dict.fromkeys(seen, sys.maxsize), seen)


def _new_lines(lengths: dict[str, int], seen: dict[str, int]) -> Iterator[dict[str, Any]]:
    for name, length in lengths.items():
        lines = Path(name).read_bytes().splitlines()[:length]
        for raw in lines[seen.get(name, 0) :]:
            line = json.loads(raw)
            if line.get("type") in KEPT_LINES:
                if "timestamp" in line:
                    line["timestamp"] = "@NOW@"
                yield {"file": name, "line": line}
        seen[name] = len(lines)


def record(name: str, client: Any, play: Any, files: dict[str, str]) -> None:
    """Play one session and write its recording, without the paths of this machine."""
    notes = client.home / f"{name}.notes"
    client.environment[NOTES] = str(notes)
    play(client)
    encoded = "".join(one if one.isalnum() else "-" for one in str(client.project))
    ask = ["python3", "-c", "import sys; print(sys.base_prefix)"]
    python = subprocess.run(ask, env=client.environment, check=True, capture_output=True, text=True).stdout.strip()
    written = [{"write": str(client.project / file), "text": text} for file, text in files.items()]
    with (FOLDER / f"{name}.jsonl").open("w", encoding="utf-8") as out:
        for one in [*written, *interleaved(notes)]:
            text = json.dumps(one, ensure_ascii=False, separators=(",", ":"))
            for path, instead in ((encoded, "@FOLDER@"), (str(client.home), "@HOME@"), (python, "/usr")):
                text = text.replace(path, instead)
            out.write(text + "\n")


def main() -> None:
    """Record both sessions with the client given, or with the pinned one."""
    sys.path.insert(0, str(REPOSITORY))
    from tests.e2e.client import Client, install
    from tests.e2e.scripted_api import serving

    executable = Path(sys.argv[1]) if sys.argv[1:] else install()
    with tempfile.TemporaryDirectory(prefix="codememory-record-") as folder, serving() as api:
        real = Path(sys.executable).with_name("codememory")
        program = Path(folder) / "program"
        program.write_text(
            f'#!/bin/sh\nif [ "$1" = hook ]; then exec "{sys.executable}" "{__file__}" "$@"; fi\nexec "{real}" "$@"\n'
        )
        program.chmod(0o755)
        client = Client(executable, Path(folder) / "home", api, program)
        for name, content in FILES.items():
            (client.project / name).write_text(content)
        record("first", client, first_session, FILES)
        record("second", client, second_session, {})


if __name__ == "__main__":
    if sys.argv[1:2] == ["hook"]:
        take_note(sys.argv[2:])
    else:
        main()
