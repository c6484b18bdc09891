"""Tell engineering from other talk, by the nouns of a sentence."""

from __future__ import annotations

from codememory.extract import statement_rules as rules
from codememory.extract.subjects import stem_of
from codememory.extract.wording import QUOTES, Wording, is_file

CONTEXT_CHARS_MAX = 2_000


def technical(wording: Wording) -> int:
    """Count what shows that a sentence is about engineering: 2 is enough, 1 only among others."""
    if any(pair in wording.padded for pair in rules.STRONG_PAIRS):
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


def is_technical(text: str) -> bool:
    """Tell whether a whole message is about engineering at all."""
    low = f" {text[:CONTEXT_CHARS_MAX].lower()} "
    return any(map(low.__contains__, rules.ENGINEERING))


def names_a_thing(wording: Wording) -> bool:
    """Tell whether a rule asks for something more particular than good code and consistent names."""
    if " naming " in wording.subject:
        return True
    of_names = wording.has(rules.NAMES) and not wording.has(rules.FORBIDDEN)
    for word in wording.words:
        plain = word.strip(QUOTES)
        known = plain in rules.STRONG_NOUNS or plain in rules.WEAK_NOUNS or is_file(plain)
        known = known or any(mark in plain for mark in "_./")
        if known and plain not in rules.GENERIC and not (of_names and plain in rules.NAMED):
            return True
    return False
