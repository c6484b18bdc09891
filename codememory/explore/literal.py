"""The texts that a regular expression is sure to need: what has them not need not be looked through."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from codememory.retrieve.question import tokens_of

Needs = list[tuple[str, ...]]
"""For each: every match holds one of these texts."""

CHOICES_MAX = 24
"""Texts of which one is needed; of more none is told."""

WORD_CHARS_MIN = 3
"""The beginning of a word by which it is looked for in the index."""

FOLDED_OTHERWISE = "iks"
"""Letters that, where case does not matter, match a character beyond ASCII too."""

GREEDY_OR_NOT = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def as_written(pattern: re.Pattern[str]) -> Callable[[bytes], bool]:
    """Return what tells whether a text can match, from the bytes of the JSON it is written in.

    So nothing is asked for that JSON writes otherwise.
    """
    folds = bool(pattern.flags & re.IGNORECASE)

    def plain(one: str) -> str:
        if not one.isascii() or not one.isprintable() or one in '"\\':
            return ""
        return "" if folds and one.lower() in FOLDED_OTHERWISE else one.lower() if folds else one

    needs = [tuple(text.encode() for text in texts) for texts in _needs(pattern, plain)]

    def can_match(written: bytes) -> bool:
        if folds:
            written = written.lower()
        for texts in needs:
            for text in texts:
                if text in written:
                    break
            else:
                return False
        return True

    return can_match


def index_expression(pattern: re.Pattern[str]) -> str:
    """Return an FTS5 expression that finds nearly all that matches, '' if the pattern tells no word.

    It misses a text that begins within a word, and what the index does not hold.
    """
    found = []
    for texts in _needs(pattern, lambda one: one):
        phrases = [_phrase(text) for text in texts]
        if all(phrases):
            found.append(f"({' OR '.join(phrases)})")
    return " AND ".join(found)


def _phrase(text: str) -> str:
    """Return a text's words as FTS5 looks for them side by side; the last may go on behind the text."""
    words = tokens_of(text)
    if max(map(len, words), default=0) < WORD_CHARS_MIN:
        return ""
    return f'"{" ".join(words)}"' + " *" * text[-1].isalnum()


def _needs(pattern: re.Pattern[str], plain: Callable[[str], str]) -> Needs:
    """Read a pattern as Python parsed it; an interpreter that parses otherwise tells nothing.

    `plain` returns a character as it is looked for, '' if it cannot be.
    """
    try:
        parsed = import_module("re._parser").parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        return _of_sequence(parsed, plain)
    except (ImportError, AttributeError, TypeError, ValueError):
        return []


def _of_sequence(items: Any, plain: Callable[[str], str]) -> Needs:
    found: Needs = []
    runs: tuple[str, ...] = ("",)
    for code, given in items:
        exact = _exactly(str(code), given, plain)
        longer = _joined(runs, exact)
        if not longer:
            found.append(runs)
            found += [] if exact else _of_part(str(code), given, plain)
        runs = longer or exact or ("",)
    return [texts for texts in (*found, runs) if all(texts)]


def _joined(runs: tuple[str, ...], exact: tuple[str, ...]) -> tuple[str, ...]:
    """Return each text with each that may follow it, none if these are too many."""
    return tuple(run + text for run in runs for text in exact) if len(runs) * len(exact) <= CHOICES_MAX else ()


def _exactly(name: str, given: Any, plain: Callable[[str], str]) -> tuple[str, ...]:
    """Return the texts of which a part is one, none if it may be any other."""
    found: list[tuple[str, ...]] = []
    if name == "LITERAL":
        one = plain(chr(given))
        return (one,) if one else ()
    if name == "AT":  # the beginning of a line or a word takes no room
        return ("",)
    if name == "SUBPATTERN" and not (given[1] | given[2]) & re.IGNORECASE:
        sequences = [given[3]]
    elif name == "BRANCH":
        sequences = given[1]
    elif name == "IN":
        sequences = [[one] for one in given]
    else:
        return ()
    for items in sequences:
        texts: tuple[str, ...] = ("",)
        for code, inner in items:
            texts = _joined(texts, _exactly(str(code), inner, plain))
        found.append(texts)
    choices = tuple(text for texts in found for text in texts)
    return choices if all(found) and len(choices) <= CHOICES_MAX else ()


def _of_part(name: str, given: Any, plain: Callable[[str], str]) -> Needs:
    """Return what a part needs that is no plain character."""
    if name == "SUBPATTERN":
        _, on, off, inner = given
        return [] if (on | off) & re.IGNORECASE else _of_sequence(inner, plain)
    if name == "ATOMIC_GROUP":
        return _of_sequence(given, plain)
    if name in GREEDY_OR_NOT:
        least, _, inner = given
        return _of_sequence(inner, plain) if least else []
    if name == "BRANCH":
        choices: tuple[str, ...] = ()
        for branch in given[1]:
            needs = _of_sequence(branch, plain)
            if not needs:
                return []
            choices += max(needs, key=lambda texts: min(map(len, texts)))
        return [choices] if len(choices) <= CHOICES_MAX else []
    return []
