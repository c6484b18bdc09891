"""Match a file against the glob a memory is bound to."""

from __future__ import annotations


def matches(pattern: str, file: str) -> bool:
    """Tell whether a path fits a glob: `*` and `?` stay inside one folder, `**` spans any number of folders."""
    return _fits(pattern.removeprefix("./").split("/"), file.split("/"))


def _fits(pattern: list[str], parts: list[str]) -> bool:
    """Match folder by folder; a `**` remembers where to come back to, so the time stays bounded."""
    row = {0}
    for piece in pattern:
        if piece == "**":
            row = set(range(min(row), len(parts) + 1)) if row else row
        else:
            row = {at + 1 for at in row if at < len(parts) and _piece_fits(piece, parts[at])}
    return len(parts) in row


def _piece_fits(piece: str, name: str) -> bool:
    row = {0}
    for character in piece:
        if character == "*":
            row = set(range(min(row), len(name) + 1)) if row else row
        else:
            row = {at + 1 for at in row if at < len(name) and character in ("?", name[at])}
    return len(name) in row
