"""Text as the full-text index sees it: identifiers split, Chinese, Japanese and Korean as bigrams.

The index holds no copy of the text, so the same transformation serves what is stored and what is asked.
The tokenizer itself lower-cases, stems and splits at everything that is no letter or digit.
"""

from __future__ import annotations

WORD_CHARS_MAX = 64
"""Longer runs without a blank are hashes, encodings or minified code; only their beginning is split."""


def indexable(text: str) -> str:
    """Return `text` with the parts of camelCase identifiers added and CJK runs cut into overlapping pairs."""
    if not text.isascii():
        text = _bigrams(text)
    found = []
    for word in text.split():
        found.append(word)
        if not word.islower() and not word.isupper() and _has_inner_capital(word):
            found.append(_camel_parts(word[:WORD_CHARS_MAX]))
    return " ".join(found)


def _has_inner_capital(word: str) -> bool:
    tail = word[1:]
    return tail != tail.lower() and not tail.isupper()


def _camel_parts(word: str) -> str:
    """Cut before a capital that follows a small letter or digit, or that begins a word after capitals."""
    parts = []
    start = 0
    for position in range(1, len(word)):
        before, here = word[position - 1], word[position]
        after = word[position + 1 : position + 2]
        if here.isupper() and ((before.isalnum() and not before.isupper()) or (before.isupper() and after.islower())):
            parts.append(word[start:position])
            start = position
    parts.append(word[start:])
    return " ".join(parts) if len(parts) > 1 else ""


def is_cjk(character: str) -> bool:
    """Tell whether a character belongs to a script written without blanks."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"


def _bigrams(text: str) -> str:
    pieces: list[str] = []
    run: list[str] = []
    for character in text:
        if is_cjk(character):
            run.append(character)
            continue
        if run:
            pieces.append(pairs_of("".join(run)))
            run.clear()
        pieces.append(character)
    if run:
        pieces.append(pairs_of("".join(run)))
    return "".join(pieces)


def pairs_of(run: str) -> str:
    """Return the overlapping pairs of a CJK run between blanks; a single character stands alone."""
    if len(run) == 1:
        return f" {run} "
    return " " + " ".join(run[position : position + 2] for position in range(len(run) - 1)) + " "
