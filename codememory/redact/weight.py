"""Weigh a word: how likely it is a secret, by nothing but its characters.

Words are text read as Latin-1, one character a byte.
"""

from __future__ import annotations

from codememory.redact import rules

NONE, WORD, MIXED, RANDOM, SURE = range(5)
"""A stand-in, a number with signs or nothing; a word or a number; a word with a number or signs in it, as people make
a password; random characters; random characters of all classes, which need no name beside them."""

CHARS_MIN, CHARS_MAX = 4, 4096
SURE_CHARS_MIN, SURE_CHARS_MAX = 16, 160
RANDOM_CHARS_MIN = 9
TOKEN_REST_CHARS_MIN = 16  # how long the rest of a token behind its maker's prefix is
WEIGHED_CHARS = 256  # of a longer word, as many tell what it is
WEIGHTS_MAX = 20_000

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
_PASSWORD_SIGNS = frozenset("!#$%^&*?~+=@;:,")
_CODE_SIGNS = frozenset("()<>{}[]\\\"'` \n")
_PARTED = str.maketrans("_./:=", "-----")
_HEX = "0123456789abcdefABCDEF"
_weights: dict[str, int] = {}


def weigh(value: str) -> int:
    """Return NONE, WORD, MIXED, RANDOM or SURE."""
    weight = _weights.get(value)
    if weight is None:
        if len(_weights) >= WEIGHTS_MAX:
            _weights.clear()
        weight = _weights[value] = _weigh(value)
    return weight


def shape_of(value: str) -> bytes:
    """Return value with a letter for the class of each of its characters."""
    return value.encode("latin-1", "replace").translate(_SHAPE)


def _weigh(value: str) -> int:
    if len(value) > WEIGHED_CHARS and len(value) <= CHARS_MAX:
        value = value[:WEIGHED_CHARS]
    if not CHARS_MIN <= len(value) <= CHARS_MAX or is_stand_in(value):
        return NONE
    shape = shape_of(value)
    digits = shape.count(b"0")
    letters = shape.count(b"a") + shape.count(b"A")
    if not letters:
        return WORD if digits >= CHARS_MIN and digits + shape.count(b"-") == len(shape) else NONE
    odd = odd_chars(value, shape)
    if b"!" in shape:
        return _weigh_signed(value, shape, digits, odd)
    if (
        odd >= RANDOM_CHARS_MIN
        and odd * 10 >= (6 if len(value) < 32 else 5) * (letters + digits)
        and (digits or len(value) >= 12)
    ):
        return SURE if _is_sure(value, shape, digits, odd) else RANDOM
    if is_dashed_phrase(value):
        return MIXED
    if not digits:
        return MIXED if is_gibberish(value, shape, odd) else WORD
    return MIXED if _is_mixed(value, shape, odd) else WORD


def _is_sure(value: str, shape: bytes, digits: int, odd: int) -> bool:
    classes = (b"a" in shape) + (b"A" in shape) + 1
    return (
        SURE_CHARS_MIN <= len(value) <= SURE_CHARS_MAX
        and classes == 3
        and digits >= 2
        and odd * 10 >= (7 if len(value) < 24 else 6 if len(value) < 32 else 5) * (len(value) - shape.count(b"-"))
        and not is_digest(value)
    )


def _weigh_signed(value: str, shape: bytes, digits: int, odd: int) -> int:
    """Weigh a word with signs in it that no name has."""
    if not _CODE_SIGNS.isdisjoint(value):
        return WORD if " " in value else NONE
    if is_strong(value, shape) or (odd >= 16 and odd * 10 >= 7 * len(value)):
        return RANDOM
    signs = {char for char in value if not char.isalnum()} - set("-_./:")
    if digits and len(value) >= 6 and signs <= _PASSWORD_SIGNS and "/" not in value and not _is_expression(value):
        return MIXED
    return WORD


def _is_expression(value: str) -> bool:
    """Say whether signs join names and numbers rather than stand between characters: `a==b1`, `x+=1`, `k=v2`."""
    for sign in ("==", "!=", "+=", "&&", "||", "::", "=", ",", "->", "??", "++", "%s", "%d"):
        if sign in value.strip(sign):
            return True
    head, at, rest = value.strip("@").partition("@")
    if at and not (rest[:1].isdigit() and (head.istitle() or not rest.replace(".", "").isdigit())):
        return True  # an address, a version; `Word@123` and `word@12#` are none
    return value[:1] in "*&%@#!$" and value[1:].replace("_", "").replace(".", "").isalnum()


def _is_mixed(value: str, shape: bytes, odd: int) -> bool:
    """Say whether a word with digits in it is more than a name with a number."""
    turns = turns_of(shape)
    if (
        turns >= 4
        or (turns == 3 and len(value) >= 10 and b"A" in shape and b"a" in shape)
        or (odd >= 7 and odd * 2 >= len(value))
    ):
        return True
    for part in value.translate(_PARTED).split("-"):
        stem = part.rstrip("0123456789")
        if len(part) < 6 or (stem == part and turns < 2):
            continue
        if stem.isalpha():
            if len(part) - len(stem) >= 2 and stem.lower() not in rules.TECHNICAL_STEMS:
                return True
        elif turns_of(shape_of(part)) >= 3 or _is_parted_by_number(part):
            return True
    return False


def _is_parted_by_number(part: str) -> bool:
    """Say whether a number of two digits and more stands between two words that are no technical name."""
    first = next((at for at, char in enumerate(part) if char.isdigit()), 0)
    last = first
    while part[last : last + 1].isdigit():
        last += 1
    stem = part[:first].lower()
    return (
        first >= 4
        and last - first >= 2
        and len(part) - last >= 3
        and part[last:].isalpha()
        and stem not in rules.TECHNICAL_STEMS
        and rules.NAME_WORDS.isdisjoint((stem, part[last:].lower()))
    )


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


def is_strong(value: str, shape: bytes) -> bool:
    """Say whether value can be nothing but a made-up password: three classes of characters, ever changing."""
    if not 8 <= len(value) <= 128 or not _CODE_SIGNS.isdisjoint(value) or "/" in value:
        return False
    shape = shape.replace(b"-", b"!")
    if b"0" not in shape or b"!" not in shape or not (b"a" in shape or b"A" in shape):
        return False
    changes = sum(shape[at] != shape[at - 1] for at in range(1, len(shape)))
    return changes >= 4 and changes * 3 >= len(shape) and not _is_expression(value)


def is_made_up(value: str) -> bool:
    """Say whether a word with signs in it shows without any name that it is a generated password."""
    shape = shape_of(value)
    signs = {char for char in value if not char.isalnum()}
    return (
        9 <= len(value) <= 64
        and b"a" in shape
        and b"A" in shape
        and is_strong(value, shape)
        and bool(signs & set("!#$^*~?&"))
        and signs <= _PASSWORD_SIGNS | set("-_.")
        and sum(shape[at] != shape[at - 1] for at in range(1, len(shape))) * 2 >= len(shape)
        and not is_stand_in(value)
    )


def is_digest(value: str) -> bool:
    """Say whether value has the form of a hash, a commit or a UUID: only a name makes one of these a secret."""
    plain = value[2:] if value[:2] in ("0x", "0X") else value
    return len(plain) >= 7 and not plain.strip(_HEX + "-")


def is_phrase(value: str, words_min: int, words_max: int = 30) -> bool:
    """Say whether value is a phrase of unconnected words in lower case, as a person or a wallet makes one."""
    words = value.split()
    return (
        words_min <= len(words) <= words_max
        and value.islower()
        and all(3 <= len(word) <= 12 and word.isalpha() for word in words)
        and rules.PLAIN_WORDS.isdisjoint(words)
        and rules.PLACEHOLDER_WORDS.isdisjoint(words)
    )


def is_dashed_phrase(value: str) -> bool:
    """Say whether value is words and a number as generators join them ("amber-lake-stone-42"), or four groups of four
    letters as makers of one-app passwords do."""
    if not value[:1].islower() or not value[-1:].isalnum():
        return False
    for sign in "-._":
        words = value.split(sign)
        if len(words) == 4 and all(len(word) == 4 and word.isalpha() for word in words):
            return value.islower() and sum(is_wordy(word) for word in words) <= 2
        if len(words) >= 3 and words[-1].isdigit() and 2 <= len(words[-1]) <= 4:
            return is_phrase(" ".join(words[:-1]), 3, 6) and min(map(len, words[:-1])) >= 4
    return False


def is_stand_in(value: str) -> bool:
    """Say whether value refers to a secret kept elsewhere or stands in its place."""
    if value.startswith(rules.REFERENCE_STARTS):
        return True
    if value[0] in "$%&*@" and value[1:].replace("_", "").isalpha():
        return True
    lowered = value.lower()
    if lowered.strip("[]<>{}()\"'`*.:;,!?-_ ") in rules.PLACEHOLDER_WORDS:
        return True
    words = lowered.replace("_", " ").replace("-", " ").split()
    if len(words) > 1 and all(word in rules.PLACEHOLDER_WORDS or word.isdigit() for word in words):
        return True
    for part in rules.PLACEHOLDER_PARTS:
        at = lowered.find(part)
        if at >= 0 and value[at : at + len(part)] in (part, part.upper(), part.title()):
            return True
    return len(set(value)) < 4


def kind_by_prefix(token: str) -> str:
    """Return the kind of a token by its maker's prefix, empty if it has none or its rest is not random."""
    for size in rules.PREFIX_SIZES:
        kind = rules.PREFIXES.get(token[:size])
        if kind is not None:
            rest = token[size:]
            if len(rest) >= TOKEN_REST_CHARS_MIN and is_random(rest) and not is_stand_in(rest):
                return kind
    return ""


def is_random(value: str) -> bool:
    """Say whether most of value is no word, whatever else it is."""
    for part in value.translate(_PARTED).split("-"):
        shape = shape_of(part)
        if len(part) >= 12 and (
            odd_chars(part, shape) * 2 >= len(part) or (b"a" not in shape and turns_of(shape) >= 2)
        ):
            return True
    shape = shape_of(value)
    return odd_chars(value, shape) * 2 >= len(shape) - shape.count(b"-") and b"0" in shape
