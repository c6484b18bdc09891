"""Read which files a shell command gives another name."""

from __future__ import annotations

import os

from codememory.extract.calls import relative
from codememory.extract.shell import parts_of

UNKNOWN = frozenset("*?[$~`")
"""What holds one of these stands for a path that only the shell knew."""


def moves_in(command: str, root: str, cwd: str) -> list[tuple[str, str]]:
    """Return (old, new), relative to the root, of each plain `mv` and `git mv`; all must have gone well.

    Whether a last word is a folder to move into is looked up, as the files are after the move. What is behind `;`,
    `||` or a pipe may not have happened, and is left out with all that follows.
    """
    found: list[tuple[str, str]] = []
    folder = cwd
    for part in parts_of(command):
        if part.joint not in ("", "&&"):
            break
        words = part.words
        if words[:1] == ["cd"] and len(words) == 2 and UNKNOWN.isdisjoint(words[1]):
            folder = os.path.join(folder, words[1])
            continue
        names = _operands(words)
        if len(names) < 2 or any(not UNKNOWN.isdisjoint(name) for name in names):
            continue
        *sources, target = names
        for source in sources:
            inside = os.path.join(target, os.path.basename(source.rstrip("/")))
            into = len(sources) > 1 or target.endswith("/") or os.path.exists(os.path.join(folder, inside))
            found.append((relative(source, root, folder), relative(inside if into else target, root, folder)))
    return [(old, new) for old, new in found if old != new and not os.path.isabs(old) and not os.path.isabs(new)]


def _operands(words: list[str]) -> list[str]:
    """Return the paths of a plain move, none for anything else."""
    rest = words[1:] if words[:1] == ["mv"] else words[2:] if words[:2] == ["git", "mv"] else []
    flags = [word for word in rest if word.startswith("-") and word != "--"]
    if not set(flags) <= {"-f", "-v", "-n", "-k", "-i"}:
        return []
    return [word for word in rest if not word.startswith("-")]
