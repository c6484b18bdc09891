"""Write which functions of the package ordinary hooks call: the others stay out of what every hook reads.

usage: python -m benchmarks.hot_functions [--check]

Each event of `startup` runs a few times on a small store, as in a session: with commands, edits, failures that are
known and such that are not. Listed is what many of the hooks that load its module call, and what many of those call
that want a certain pack (`pack + module`). A function that is missing
works all the same, it is read when it is called; so a list that is out of date costs time only. `--check` shows the
difference instead.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import startup, store
from codememory.bundle import PACKAGE
from codememory.bundling import HOT, PACKS

RUNNER = """
import os, sys
names = set()
def note(frame, what, _):
    code = frame.f_code
    if what == "call" and code.co_flags & 1:  # no body of a class or module
        names.add(f"{frame.f_globals.get('__name__')}:{code.co_qualname}")
leave = os._exit
def tell(status):
    sys.setprofile(None)
    with open(sys.argv.pop(), "a") as file:
        found = [*names, *(f"{name}:" for name in sys.modules)]
        leads = [name for name in LEADS if name in sys.modules]
        file.write("\\n".join([*found, *(f"{lead} {one}" for lead in leads for one in found)]) + "\\n")
    leave(status)
os._exit = tell
from codememory.__main__ import main
sys.setprofile(note)
main()
"""

SHARE_MIN, LEAD_SHARE_MIN = 0.3, 0.5
"""Of the hooks that load a module, what share must call a function for it to be read with it; and of those that want a
certain pack, for it to be read with that."""

LEADS = [f"{PACKAGE}.{pack.split()[0]}" for pack in PACKS[2:]]

FILES = ({"file_path": "src/{0}.py", "old_string": "a", "new_string": "b"}, "Edit")
COMMANDS = ({"command": "make {0}"}, "Bash")
FAILURE = (
    "Exit code 1\nTraceback (most recent call last):\n  File \"src/total.py\", line 3, in total\nKeyError: 'net'\n"
)


def payloads(bench: startup.Bench) -> list[dict[str, Any]]:
    """Return what the client sends in a session: each event, first as in the benchmark, then with what is known."""
    found = [json.loads(bench.payload(event)) for _ in range(2) for event in startup.GOALS]
    for given, tool in (FILES, COMMANDS):
        for name in ("total", "parser"):
            for event in ("PreToolUse", "PostToolUse", "PostToolUseFailure"):
                one = json.loads(bench.payload(event))
                one["tool_name"], one["error"] = tool, FAILURE
                one["tool_input"] = {key: value.format(name) for key, value in given.items()}
                found.append(one)
    return found


def called(folder: Path) -> dict[str, list[str]]:
    """Return module → its functions that were called."""
    bench = startup.Bench(folder / "bench", 1_500, 200)
    seen = folder / "seen"
    for one in payloads(bench):
        bench.grow()
        event = one["hook_event_name"]
        words = [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(store.ROOT)!r})\nLEADS = {LEADS}{RUNNER}",
        ]
        bench.run([*words, "hook", event, str(seen)], json.dumps(one).encode())
    runs = Counter(seen.read_text().splitlines())
    found: dict[str, list[str]] = {}
    for line in sorted(one for one in runs if " " not in one):
        module, _, name = line.partition(":")
        if not module.startswith(f"{PACKAGE}.") or not name.isidentifier():
            continue
        own = module.removeprefix(f"{PACKAGE}.")
        if runs[line] >= runs[f"{module}:"] * SHARE_MIN:
            found.setdefault(own, []).append(name)
            continue
        for lead in LEADS:
            if runs[f"{lead} {line}"] >= max(1, runs[f"{lead} {lead}:"] * LEAD_SHARE_MIN):
                found.setdefault(f"{lead.removeprefix(f'{PACKAGE}.')} + {own}", []).append(name)
    return found


def main() -> None:
    """Write the list, or show what it lacks and has too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="show the difference and fail if there is one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codememory-bench-") as folder:
        found = called(Path(folder))
    text = "".join(f"{module}: {' '.join(names)}\n" for module, names in sorted(found.items()))
    target = store.ROOT / PACKAGE / HOT
    if not given.check:
        target.write_text(text)
        return
    done = subprocess.run(["diff", str(target), "-"], input=text.encode(), check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
