"""Cut a text into lines and words: what else is read in it begins here.

A text is its UTF-8 read as Latin-1, one character a byte, so that positions are the same in both.
"""

from __future__ import annotations

from codememory.redact.weight import is_phrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

REACH_CHARS = 160  # how far behind its name a value may stand
BEFORE_CHARS = 80  # how far before its name
VALUE_CHARS_MAX = 2048
WORD_CHARS = 64  # as long as most words are
QUOTES = "\"'`"
STOPS = frozenset(" \t\r\n\0\x1b\"'`<>|;,)}]") | frozenset(map(chr, range(0xE2, 0xF5)))
_STOP_TABLE = bytes(10 if chr(byte) in STOPS or byte == 92 else 32 for byte in range(256))
"""Turns what ends a word, and a backslash that may, into newlines."""

TRAILING = ".,:;!?\\"


def line_end(view: str, at: int, reach: int = REACH_CHARS) -> int:
    """Return where the line that `at` is in ends, a line that is written with escapes too; at most `reach` further."""
    limit = min(at + reach, len(view))
    end = view.find("\n", at, limit)
    end = end if end >= 0 else limit
    nul = view.find("\0", at + 2, end)
    end = nul if nul >= 0 and view[at - 1 : at + 1].find("\0") < 0 else end
    escaped = view.find("\\n", at, end)
    while escaped > 0 and view[escaped - 1] == "\\" and view[escaped - 2] in " \t'\"":  # `\\\\nas\\share`
        escaped = view.find("\\n", escaped + 1, end)
    return escaped if escaped >= 0 else end


def line_start(view: str, at: int, reach: int = BEFORE_CHARS) -> int:
    """Return where the line that `at` is in begins; at most `reach` before."""
    limit = max(at - reach, 0)
    return max(view.rfind("\n", limit, at) + 1, view.rfind("\0", limit, at) + 1, limit)


def words_in(view: str, at: int, stop: int) -> Iterator[tuple[int, int, bool]]:
    """Yield start, end and whether it is quoted, of the words and quoted texts between two positions."""
    while at < stop:
        char = view[at]
        if char == "\\" and view[at + 1 : at + 2] in QUOTES and view[at + 1 : at + 2]:
            at += 1
            char = view[at]
        if char in "brfu@$N" and view[at + 1 : at + 2] in ('"', "'") and view[at + 1 : at + 2]:
            at += 1
            char = view[at]
        if char in QUOTES:
            limit = min(len(view), at + VALUE_CHARS_MAX)
            close = view.find(char, at + 1, limit)
            line = view.find("\n", at + 1, limit)
            if close > at + 1 and not 0 <= line < close:
                text = view[at + 1 : close]
                text = text.rstrip("\\")
                blank = " " in text
                if not blank or is_phrase(text, 3) or "=" not in text:
                    if not text or (not blank and text[-1] in ":,=({[" and len(text) < 8):
                        at += 1  # between two quoted texts
                        continue
                    yield at + 1, at + 1 + len(text), True
                    if not blank:
                        at = close + 1
                        continue
            at += 1
            continue
        if char == "\x1b":
            close = view.find("m", at, at + 12)
            at = close + 1 if close > 0 else at + 1
            continue
        if char in STOPS or char in "([{" or char >= "\x80":
            at += 1
            continue
        end = _word_end(view, at)
        finish = end
        for sign in ("&", "%26"):
            cut = view.find(sign, at + 1, end)
            if cut >= 0 and "=" in view[cut:end].replace("%3D", "="):
                finish = min(finish, cut)
        while (
            finish > at
            and view[finish - 1] in TRAILING
            and not (view[finish - 1] in "!?" and view[finish - 2].isdigit())
        ):
            finish -= 1
        if finish > at:
            yield at, finish, False
        at = max(end, at + 1)


def _word_end(view: str, at: int) -> int:
    limit = min(len(view), at + VALUE_CHARS_MAX)
    reach = at + WORD_CHARS
    while at < limit:
        # Most words are short: a part of the reach is enough for them.
        parts = view[at : min(reach, limit)].encode("latin-1").translate(_STOP_TABLE)
        place = parts.find(b"\n")
        if place < 0:
            at, reach = min(reach, limit), reach + VALUE_CHARS_MAX
            continue
        at += place
        if view[at] != "\\" or view[at + 1 : at + 2] in ("n", "r", "t", '"', "'"):
            return at
        at += 1
    return limit


def unnumbered(text: str) -> str:
    """Return a text of the same length with blanks for the numbers that a reader put before its lines."""
    if "\xe2\x86\x92" not in text:
        return text
    lines = text.split("\n")
    for at, line in enumerate(lines):
        number, arrow, rest = line.partition("\xe2\x86\x92")
        if arrow and len(number) <= 8 and number.strip().isdigit():
            lines[at] = " " * (len(number) + 3) + rest
    return "\n".join(lines)
