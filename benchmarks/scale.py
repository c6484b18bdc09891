"""How the hooks' time grows with what is remembered: the same hook on a small store and on a large one, in turn.

usage: python -m benchmarks.scale [--small 1000] [--large 100000] [--pairs 30]

The ratio is that of the medians; the processor's time is less disturbed by a busy machine than the time that passed.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import startup, store

GOALS = {"PreToolUse": 1.15, "PostToolUse": 1.15, "PostToolUseFailure": 1.15, "UserPromptSubmit": 1.5}
"""How many times its time on a small store a hook may take on one of a million messages."""

NODES = 1_000


def measure(folder: Path, small: int, large: int, pairs: int) -> dict[str, dict[str, Any]]:
    """Return event → medians on either store, and their ratios."""
    launcher = str(store.ROOT / "bin" / "codememory")
    benches = [startup.Bench(folder / str(size), size, NODES) for size in (small, large)]
    found: dict[str, dict[str, Any]] = {}
    for event in GOALS:
        times: list[list[tuple[float, float]]] = [[], []]
        for pair in range(pairs + 2):
            for bench, taken in zip(benches, times, strict=True):
                bench.grow()
                one = bench.run([launcher, "hook", event], bench.payload(event))
                if pair >= 2:
                    taken.append(one)
        (wall, cpu), (wall_large, cpu_large) = ([median(one[kind] for one in taken) for kind in (0, 1)]
                                                for taken in times)  # fmt: skip
        found[event] = {
            "small_ms": round(wall * 1000, 2),
            "large_ms": round(wall_large * 1000, 2),
            "ratio": round(wall_large / wall, 2),
            "cpu_ratio": round(cpu_large / cpu, 2),
        }
    return found


def main() -> None:
    """Print the growth of each hook as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=30)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="codememory-bench-") as folder:
        print(json.dumps(measure(Path(folder), given.small, given.large, given.pairs), indent=1))


if __name__ == "__main__":
    main()
