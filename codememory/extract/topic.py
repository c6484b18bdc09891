"""Tell engineering from other talk, by the nouns of a sentence."""

from __future__ import annotations

from codememory.extract import statement_rules as rules
from codememory.extract.subjects import stem_of
from codememory.extract.wording import QUOTES, Wording, is_file

CONTEXT_CHARS_MAX = 2_000


def technical(wording: Wording) -> int:
    """Count what shows that a sentence is about engineering: 2 is enough, 1 only among others."""
    if any(map(wording.padded.__contains__, rules.STRONG_PAIRS)) or names_a_tool(wording):
        return 2
    found = set()
    for word in wording.words:
        plain = word.strip(QUOTES)
        if plain in rules.STRONG_NOUNS or word[:1] == "`" or is_file(plain) or (word[:2] == "--" and len(word) > 3):
            return 2
        if "_" in plain.strip("_") and plain.isascii():
            return 2
        if plain in rules.WEAK_NOUNS:
            found.add(stem_of(plain))
        elif "/" in plain.strip("/") or (word[:1] in "'\"" and word[-1:] in "'\"" and len(plain) > 1):
            found.add(plain)
    return min(len(found), 2)


def names_a_tool(wording: Wording) -> bool:
    """Tell `use X for installs`, `format with X`: what X is need not be known where the work is."""
    words = wording.words
    if rules.WORK.isdisjoint(words):
        return False
    for at, word in enumerate(words):
        if word in rules.WORK and words[at + 1 : at + 2] and words[at + 1] in rules.WORK_WITH:
            return at + 2 < len(words)
        if word == "use" and words[at + 2 : at + 3] and not words[at + 1].endswith("ing"):
            place = next(
                (place for place in range(at + 2, min(at + 5, len(words))) if words[place] in rules.WORK_FOR), 0
            )
            if place and not rules.WORK.isdisjoint(words[place + 1 : place + 4]):
                return True
    return False


def is_technical(text: str) -> bool:
    """Tell whether a whole message is about engineering at all."""
    low = f" {text[:CONTEXT_CHARS_MAX].lower()} "
    return any(map(low.__contains__, rules.ENGINEERING))


def names_a_thing(wording: Wording) -> bool:
    """Tell whether a rule asks for something more particular than good code and consistent names."""
    if " naming " in wording.subject or names_a_tool(wording):
        return True
    of_names = wording.has(rules.NAMES) and not wording.has(rules.FORBIDDEN)
    for word in wording.words:
        plain = word.strip(QUOTES)
        known = plain in rules.STRONG_NOUNS or plain in rules.WEAK_NOUNS or is_file(plain)
        known = known or any(mark in plain for mark in "_./")
        if known and plain not in rules.GENERIC and not (of_names and plain in rules.NAMED):
            return True
    return False
