"""Drop `<private>` sections: any case, attributes, nested, without an end tag, from one block of text into the next."""

from __future__ import annotations

MARKER = "[private]"
TAG_CHARS_MAX = 200
CLOSING_CHARS_MAX = 40


def without_private(text: str, depth: int = 0) -> tuple[str, int]:
    """Return text with a marker for each private section, and how many sections are open at its end.

    `depth` sections are open at its beginning. One that is never closed goes on to the end.
    """
    if not depth and ("<" not in text or "private" not in text.lower()):
        return text, 0
    lowered = text.lower() if text.isascii() else text.replace("İ", "i").lower()
    out = [MARKER] if depth else []
    done = 0
    at = lowered.find("<")
    while at >= 0:
        opened = _opening_end(lowered, at)
        closed = _closing_end(lowered, at) if depth and opened < 0 else -1
        if opened >= 0:
            if not depth:
                out.append(text[done:at] + MARKER)
            depth += 1
        elif closed >= 0:
            depth -= 1
            done = closed
        at = lowered.find("<", max(opened, closed, at + 1))
    if not depth:
        out.append(text[done:])
    return "".join(out), depth


def across_blocks(blocks: list[object]) -> dict[int, str]:
    """Return block's id → text without what is private in it, where a section goes on into later text blocks."""
    found: dict[int, str] = {}
    depth = 0
    for block in blocks:
        text = block.get("text") if isinstance(block, dict) and block.get("type") == "text" else None
        if isinstance(text, str):
            cleaned, after = without_private(text, depth)
            if depth:
                found[id(block)] = cleaned
            depth = after
    return found


def _opening_end(lowered: str, at: int) -> int:
    """Return the position after an opening `<private …>` tag at `at`, -1 if there is none."""
    name = at + 1
    while name < len(lowered) and lowered[name] in " \t" and name - at < 8:
        name += 1
    if not lowered.startswith("private", name):
        return -1
    after = name + 7
    if lowered[after : after + 1] not in (">", " ", "\t", "\n", "/"):
        return -1
    close = lowered.find(">", after, after + TAG_CHARS_MAX)
    return close + 1 if close >= 0 and lowered[close - 1] != "/" else -1


def _closing_end(lowered: str, at: int) -> int:
    """Return the position after a closing tag at `at`, -1 if there is none."""
    rest = lowered[at + 1 : at + CLOSING_CHARS_MAX].lstrip()
    if not rest.startswith("/"):
        return -1
    rest = rest[1:].lstrip()
    if not rest.startswith("private") or not rest[7:].lstrip().startswith(">"):
        return -1
    return lowered.index(">", at) + 1
