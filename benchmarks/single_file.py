"""The single file of `make dist` beside the normal install: whole-process time of a hook and of a command, in pairs.

usage: python -m benchmarks.single_file [--pairs 20]

Both have unpacked and compiled everything before; a ratio is that of the medians of the processor's time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import startup, store

EVENTS = ("PreToolUse", "UserPromptSubmit")


def measure(folder: Path, messages: int, pairs: int) -> dict[str, Any]:
    """Return the size of the file, and event → medians of both and their ratio."""
    program = folder / "codememory"
    subprocess.run([sys.executable, ".ci/dist.py", str(program)], cwd=store.ROOT, check=True, capture_output=True)
    bench = startup.Bench(folder / "bench", messages, 1_000)
    bench.folders_on_path.append(str(Path(sys.executable).resolve().parent))  # where the file finds its Python
    launcher = str(store.ROOT / "bin" / "codememory")
    found: dict[str, Any] = {"megabytes": round(program.stat().st_size / 1e6, 1), "hooks": {}}
    for event in EVENTS:
        times: list[list[float]] = [[], []]
        for pair in range(pairs + 2):
            for start, taken in zip((launcher, str(program)), times, strict=True):
                bench.grow()
                _, cpu = bench.run([start, "hook", event], bench.payload(event))
                if pair >= 2:  # the first one unpacks
                    taken.append(cpu)
        installed, single = (median(taken) for taken in times)
        found["hooks"][event] = {
            "installed_cpu_ms": round(installed * 1000, 2),
            "single_file_cpu_ms": round(single * 1000, 2),
            "cpu_ratio": round(single / installed, 2),
        }
    return found


def main() -> None:
    """Print the comparison as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--pairs", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codememory-bench-") as folder:
        print(json.dumps(measure(Path(folder), given.messages, given.pairs), indent=1))


if __name__ == "__main__":
    main()
