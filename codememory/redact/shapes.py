"""The shape of a word: of which classes its characters are, how often they change, how much of it is in no word.

Words are text read as Latin-1, one character a byte.
"""

from __future__ import annotations

from codememory.redact import rules

LOWER, UPPER, DIGIT, SIGN, BREAK = b"aA0!-"
_shape = bytearray(b"!" * 128 + b"a" * 128)
for _chars, _mark in (
    (b"abcdefghijklmnopqrstuvwxyz", LOWER),
    (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", UPPER),
    (b"0123456789", DIGIT),
    (b"-_./:+=,@~|", BREAK),
):
    for _char in _chars:
        _shape[_char] = _mark
_SHAPE = bytes(_shape)


def shape_of(value: str) -> bytes:
    """Return value with a letter for the class of each of its characters."""
    return value.encode("latin-1", "replace").translate(_SHAPE)


def changes_of(shape: bytes) -> int:
    return sum(shape[at] != shape[at - 1] for at in range(1, len(shape)))


def turns_of(shape: bytes) -> int:
    return shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0")


def odd_chars(value: str, shape: bytes) -> int:
    """Count the characters that belong to no word, no number and no separator."""
    odd = at = 0
    size = len(shape)
    plain_before = True
    while at < size:
        kind = shape[at]
        end = at + 1
        if kind == BREAK:
            plain_before = True
            at = end
            continue
        while end < size and shape[end] == kind:
            end += 1
        if kind == UPPER and end < size and shape[end] == LOWER:
            if end - at > 1:
                end -= 1
            else:
                end += 1
                while end < size and shape[end] == LOWER:
                    end += 1
        count = end - at
        if kind == DIGIT:
            alone = plain_before and (end == size or shape[end] == BREAK)
            if not alone:
                after_plain = end < size and _is_wordy_at(value, shape, end)
                if not (plain_before and after_plain and count <= 4):
                    odd += count
                    plain_before = False
        elif kind == SIGN:
            odd += count
            plain_before = False
        else:
            wordy = is_wordy(value[at:end])
            if not wordy:
                odd += count
            plain_before = wordy
        at = end
    return odd


def _is_wordy_at(value: str, shape: bytes, at: int) -> bool:
    end = at + 1
    size = len(shape)
    if shape[at] not in (LOWER, UPPER):
        return False
    while end < size and (shape[end] == LOWER or (shape[end] == UPPER and shape[end - 1] == UPPER)):
        end += 1
    return is_wordy(value[at:end])


def is_wordy(letters: str) -> bool:
    """Say whether these letters can be a word of a language or of a program."""
    count = len(letters) - 1
    if count < 2:
        return False
    lowered = letters.lower()
    common = 0
    for at in range(count):
        if lowered[at : at + 2] in rules.COMMON_PAIRS:
            common += 1
    return common * 2 >= count if count > 3 else common * 3 >= count * 2


def is_gibberish(value: str, shape: bytes, odd: int) -> bool:
    """Say whether letters alone make no word of a language or a program."""
    if len(value) < 8:
        return False
    if b"A" in shape and b"a" in shape:
        humps = shape.count(b"aA")
        return humps >= 2 and odd * 10 >= (7 if humps == 2 else 5) * len(value)
    return odd >= 8 and odd * 10 >= 8 * len(value) and not is_wordy(value)


def has_humps(text: str) -> bool:
    """Say whether capitals stand inside words of a text: random letters may."""
    return shape_of(text).count(b"aA") >= 2
