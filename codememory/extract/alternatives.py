"""Name what a decision turned down, where its sentence says so."""

from __future__ import annotations

TURNED_DOWN = (
    "instead of ", "rather than ", "decided against ", "rejected ", "ruled out ", "discarded ", "abandoned ", "而不是",
    "而非", "放弃了", "放弃",
)  # fmt: skip
FAILED = (" didn't work", " did not work", " doesn't work", " does not work", " is not viable", " was not viable")
"""What stands before one of these was tried in vain."""
TRIED = ("i tried ", "we tried ", "tried ", "the ")
ENDS = (
    " because ", " since ", " so that ", " as it ", " due to ", " to avoid ", " for ", ", ", "; ", ": ", " — ", " (",
    "，", "。", "；",
)  # fmt: skip
CHARS_MIN, CHARS_MAX = 2, 120


def alternatives_in(text: str) -> list[str]:
    """Return what a sentence says was not taken."""
    low = text.lower()
    for mark in FAILED:
        at = low.find(mark)
        if at > 0:
            start = max((low.rfind(word, 0, at) + len(word) for word in TRIED if word in low[:at]), default=0)
            return _kept(text[start:at])
    for mark in TURNED_DOWN:
        before, found, after = low.partition(mark)
        if found and (not before or not before[-1].isalpha() or not mark[0].isascii()):
            start = len(text) - len(after)
            ends = [at for end in ENDS if (at := low.find(end, start)) > 0]
            return _kept(text[start : min(ends, default=len(text))])
    return []


def _kept(words: str) -> list[str]:
    words = words.strip(" .。").removesuffix(", but it").removesuffix(" but it").strip(" ,")
    return [words] if CHARS_MIN <= len(words) <= CHARS_MAX else []
