"""Text as the full-text index sees it: identifiers split, Chinese, Japanese and Korean as bigrams.

The index holds no copy of the text, so the same transformation serves what is stored and what is asked.
The tokenizer itself lower-cases, stems and splits at everything that is no letter or digit.

A text is looked at through its shape, one byte for each character: the few places where there is something to do are
found by searching bytes, and nothing is done for every word or character.
"""

from __future__ import annotations

WORD_CHARS_MAX = 64
"""Longer runs without a blank are hashes, encodings or minified code; only their beginning is split."""

PARTS_KEPT_MAX = 20_000
"""Words whose parts are kept: the same identifiers come again and again."""

MARKS = "→─—"
"""What stands most often beside ASCII, in listings of files and in tables; no part of any word."""

_SHAPES = bytes(
    ord("?") if code > 127 or code == ord("?")  # what a byte cannot tell; Latin-1 puts it for all it has not
    else ord(" ") if chr(code).isspace()
    else ord("A") if chr(code).isupper()
    else ord("a") if chr(code).isalnum()
    else ord(".")
    for code in range(256)
)  # fmt: skip

_LEADS = bytes(ord("C") if 0xE3 <= code <= 0xED else ord(".") for code in range(256))
"""By the first byte of a character in UTF-8: whether it can be of a script written without blanks."""

_parts: dict[str, str] = {}


def indexable(text: str) -> str:
    """Return `text` with the parts of camelCase identifiers added and CJK runs cut into overlapping pairs."""
    if not text:
        return text
    plain = text.isascii()
    shown = text
    if not plain:
        shown = text = _bigrams(text)
        for mark in MARKS:
            shown = shown.replace(mark, ".")
        plain = shown.isascii()
    shape = shown.encode("latin-1", "replace").translate(_SHAPES)
    # A part can only begin at a capital after a small letter or digit, or at the last capital of several.
    after_small, of_several = shape.find(b"aA"), shape.find(b"AAa")
    foreign = -1 if plain else shape.find(b"?")
    found: list[str] = []
    done = 0
    while True:
        at = after_small
        if 0 <= of_several < at or at < 0:
            at = of_several
        if 0 <= foreign < at or at < 0:
            at = foreign
        if at < 0:
            break
        if at == foreign and not _is_of_words(text[at]):  # an arrow, a dash
            foreign = shape.find(b"?", at + 1)
            continue
        start = shape.rfind(b" ", done, at) + 1 or done
        end = shape.find(b" ", at)
        if end < 0:
            end = len(text)
        word = text[start:end]
        found.append(text[done:start])
        if plain:
            found.append(_parts.get(word) or _with_parts(word))
        else:  # a blank that is none of ASCII may stand in it
            found += [_with_parts(one) for one in word.split()]
        done = end
        if 0 <= after_small < end:
            after_small = shape.find(b"aA", end)
        if 0 <= of_several < end:
            of_several = shape.find(b"AAa", end)
        if 0 <= foreign < end:
            foreign = shape.find(b"?", end)
    if not found:
        return text
    found.append(text[done:])
    return " ".join(found)


def _is_of_words(character: str) -> bool:
    """Tell whether a character can be a part of a word, or stand between two."""
    return character.isalnum() or character.isspace() or character.isupper() or character.islower()


def _with_parts(word: str) -> str:
    """Return a word and, behind it, its parts if it has any."""
    known = _parts.get(word)
    if known is None:
        known = word
        if not word.islower() and not word.isupper() and _has_inner_capital(word):
            known = f"{word} {_camel_parts(word[:WORD_CHARS_MAX])}"
        if len(word) <= WORD_CHARS_MAX:
            if len(_parts) >= PARTS_KEPT_MAX:
                _parts.clear()
            _parts[word] = known
    return known


def _has_inner_capital(word: str) -> bool:
    tail = word[1:]
    return tail != tail.lower() and not tail.isupper()


def _camel_parts(word: str) -> str:
    """Cut before a capital that follows a small letter or digit, or that begins a word after capitals."""
    shape = word.encode("latin-1", "replace").translate(_SHAPES)
    if b"?" in shape:
        shape = bytes(map(_shape_of, word))
    cuts = []
    at = shape.find(b"aA")
    while at >= 0:
        cuts.append(at + 1)
        at = shape.find(b"aA", at + 1)
    at = shape.find(b"AAa")
    while at >= 0:
        if word[at + 2].islower():  # and no digit
            cuts.append(at + 1)
        at = shape.find(b"AAa", at + 1)
    if not cuts:
        return ""
    cuts.sort()
    return " ".join(word[start:end] for start, end in zip((0, *cuts), (*cuts, len(word)), strict=True))


def _shape_of(character: str) -> int:
    """Return a character's shape, whatever script it is of; nobody asks for a blank's."""
    return ord("A") if character.isupper() else ord("a") if character.isalnum() else ord(".")


def is_cjk(character: str) -> bool:
    """Tell whether a character belongs to a script written without blanks."""
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af"


def may_hold_cjk(text: str) -> bool:
    """Tell whether a text can have a character of such a script in it: a look at the first bytes of all."""
    return not text.isascii() and text.encode("utf-8", "surrogatepass").translate(_LEADS).find(b"C") >= 0


def _bigrams(text: str) -> str:
    if not may_hold_cjk(text):
        return text
    shape = text.encode("latin-1", "replace")
    pieces: list[str] = []
    done = 0
    at = shape.find(b"?")
    while at >= 0:
        end = at
        while end < len(text) and is_cjk(text[end]):
            end += 1
        if end > at:
            pieces += (text[done:at], pairs_of(text[at:end]))
            done = end
        at = shape.find(b"?", max(end, at + 1))
    if not pieces:
        return text
    pieces.append(text[done:])
    return "".join(pieces)


def pairs_of(run: str) -> str:
    """Return the overlapping pairs of a CJK run between blanks; a single character stands alone."""
    if len(run) == 1:
        return f" {run} "
    return " " + " ".join(run[position : position + 2] for position in range(len(run) - 1)) + " "
