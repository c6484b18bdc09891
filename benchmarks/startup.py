"""Whole-process time of each hook, through the launcher as the client starts it, against a bare interpreter.

Each pair runs `python -I -c pass` and then the hook, on a store of 100,000 messages and 10,000 nodes; a ratio is that
of the medians, of the time that passed and of the processor's time, which a busy machine disturbs less. Before each
hook the transcript gains two lines, as it does in a session; a session that starts has nothing to catch up. What a
session was told it is not told again, so each prompt and each start is another session's: they are to say something.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import store

GOALS = {
    "PreToolUse": 2.0,
    "PostToolUse": 2.0,
    "PostToolUseFailure": 2.0,
    "UserPromptSubmit": 2.4,
    "SessionStart": 2.4,
}
"""How many times a bare interpreter a hook may take."""

SESSION = "0b9d2a60-1111-4222-8333-444455556666"
SPEAKING = ("UserPromptSubmit", "SessionStart")
"""Hooks that have something to say each time."""


class Bench:
    """A scratch home with a filled store, an environment and a session's transcript."""

    def __init__(self, folder: Path, messages: int, nodes: int) -> None:
        self.home = folder / "home"
        self.project = folder / "proj"
        self.transcript = self.home / ".claude" / "projects" / "-proj" / f"{SESSION}.jsonl"
        self.transcript.parent.mkdir(parents=True)
        self.environment = store.environment(folder / "env")
        (self.home / ".claude" / "codememory").mkdir()
        (self.home / ".claude" / "codememory" / "env").write_text(f"{self.environment}\n")
        store.fill(self.home / ".claude" / "codememory.db", self.project, messages=messages, nodes=nodes)
        self.folders_on_path = ["/usr/bin", "/bin"]
        self.chance = random.Random(1)
        self.calls = 0
        self.python = str(self.environment / "bin" / "python")

    def grow(self) -> None:
        """Add what a turn adds to the transcript: a call and its result."""
        self.calls += 1
        call = f"toolu_grow{self.calls}"
        lines: tuple[tuple[str, list[dict[str, object]]], ...] = (
            ("assistant", [{"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "git status"}}]),
            (
                "user",
                [{"type": "tool_result", "tool_use_id": call, "content": "On branch main\nnothing to commit\n" * 5}],
            ),
        )
        with self.transcript.open("a") as file:
            for role, content in lines:
                file.write(store.transcript_line(self.chance, SESSION, self.project, role, content))

    def payload(self, event: str) -> bytes:
        """Return what the client sends: a call that never failed, a prompt of common words, a new failure."""
        self.calls += 1
        given = {
            "session_id": str(uuid.UUID(int=self.chance.getrandbits(128))) if event in SPEAKING else SESSION,
            "transcript_path": str(self.transcript),
            "cwd": str(self.project),
            "hook_event_name": event,
            "tool_name": "Bash",
            "tool_input": {"command": "git diff --stat", "description": "see what changed"},
            "tool_use_id": f"toolu_run{self.calls}",
            "tool_response": {"stdout": "2 files changed\n" * 20, "stderr": "", "interrupted": False},
            "error": f"Exit code 1\nfatal: pathspec 'module_{self.calls}' did not match any files",
            "prompt": f"the parser drops the invoice header when the cache retry times out, case{self.calls * 2}",
            "source": "startup",
        }
        return json.dumps(given).encode()

    def run(self, words: list[str], stdin: bytes) -> tuple[float, float]:
        """Return (seconds that passed, seconds of the processor) that one process took."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = perf_counter()
        done = subprocess.run(
            words, input=stdin, capture_output=True, env=self.variables, cwd=self.project, check=False
        )
        taken = perf_counter() - started
        if done.returncode:
            raise RuntimeError(f"{words} exits {done.returncode}: {done.stderr.decode()}")
        if words[-1] in SPEAKING and not done.stdout:
            raise RuntimeError(f"{words} says nothing")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return taken, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    @property
    def variables(self) -> dict[str, str]:
        """Return a hook's environment."""
        return {"HOME": str(self.home), "PATH": ":".join(self.folders_on_path), "LANG": "C.UTF-8"}


def measure(bench: Bench, pairs: int, events: Iterable[str] = GOALS) -> dict[str, dict[str, Any]]:
    """Return event → medians of the hook and of the bare interpreter, their ratios, and every time of the hook."""
    launcher = str(store.ROOT / "bin" / "codememory")
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        bare, hook = [], []
        for pair in range(pairs + 2):
            if event != "SessionStart":
                bench.grow()
            payload = bench.payload(event)
            bare_s = bench.run([bench.python, "-I", "-c", "pass"], payload)
            hook_s = bench.run([launcher, "hook", event], payload)
            if pair >= 2:  # the first ones warm caches
                bare.append(bare_s)
                hook.append(hook_s)
        wall, cpu = (median(one[kind] for one in hook) for kind in (0, 1))
        bare_wall, bare_cpu = (median(one[kind] for one in bare) for kind in (0, 1))
        found[event] = {
            "hook_ms": round(wall * 1000, 2),
            "bare_ms": round(bare_wall * 1000, 2),
            "ratio": round(wall / bare_wall, 2),
            "cpu_ms": round(cpu * 1000, 2),
            "cpu_ratio": round(cpu / bare_cpu, 2),
            "samples_ms": sorted(round(one[0] * 1000, 2) for one in hook),
            "bare_samples_ms": sorted(round(one[0] * 1000, 2) for one in bare),
        }
    return found


def main() -> None:
    """Print one line a hook, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codememory-bench-") as folder:
        found = measure(Bench(Path(folder), given.messages, given.nodes), given.pairs)
    if given.json:
        print(json.dumps({"messages": given.messages, "nodes": given.nodes, "pairs": given.pairs, "hooks": found}))
        return
    print(f"{given.messages} messages, {given.nodes} nodes, {given.pairs} pairs, {os.cpu_count()} processors")
    for event, one in found.items():
        print(f"{event:20} {one['hook_ms']:7.2f} ms   bare {one['bare_ms']:6.2f} ms   ratio {one['ratio']:.2f}"
              f"   of the processor {one['cpu_ratio']:.2f}   goal {GOALS[event]:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
