"""Weigh a word: how likely it is a secret, by nothing but its characters.

Words are text read as Latin-1, one character a byte.
"""

from __future__ import annotations

from codememory.redact import rules
from codememory.redact.shapes import changes_of, is_gibberish, is_wordy, odd_chars, shape_of, turns_of

NONE, WORD, MIXED, RANDOM, SURE = range(5)
"""A stand-in, a number with signs or nothing; a word or a number; a word with a number or signs in it, as people make
a password; random characters; random characters of all classes, which need no name beside them."""

CHARS_MIN, CHARS_MAX = 4, 4096
SURE_CHARS_MIN, SURE_CHARS_MAX = 16, 160
RANDOM_CHARS_MIN = 9
TOKEN_REST_CHARS_MIN = 16  # how long the rest of a token behind its maker's prefix is
WEIGHED_CHARS = 256  # of a longer word, as many tell what it is
WEIGHTS_MAX = 20_000

_PASSWORD_SIGNS = frozenset("!#$%^&*?~+=@;:,")
_CODE_SIGNS = frozenset("()<>{}[]\\\"'` \n")
_QUOTING = frozenset("\\\"'` \t\r\n\0")
_RANGES = ("a-z", "A-Z", "0-9", "://", "[^", "(?")
_PAIRS = ("${", "$(", "{{", "()", "[]", "{}", "->", "=>", "::")
PAIRED_CHARS_MAX = 40  # in longer random text such pairs occur
_RARE = frozenset("+~,@=|")  # signs that part words, but none of a name
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


def _weigh(value: str) -> int:
    if len(value) > WEIGHED_CHARS and len(value) <= CHARS_MAX:
        value = value[:WEIGHED_CHARS]
    if not CHARS_MIN <= len(value) <= CHARS_MAX:
        return NONE
    if is_stand_in(value):
        return RANDOM if is_generated(value) else NONE
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
    if is_dashed_phrase(value) or is_lettered_key(value):
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
    if is_generated(value):
        return RANDOM
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
        or (not _RARE.isdisjoint(value[1:-1]) and _is_drawn(value, shape))
    ):
        return True
    if is_joined_words(value):
        return True
    for part in value.rstrip("+@,~").translate(_PARTED).split("-"):
        stem = part.rstrip("0123456789")
        if len(part) < 6 or (stem == part and turns < 2):
            continue
        if stem.isalpha():
            if len(part) - len(stem) >= 2 and stem.lower() not in rules.TECHNICAL_STEMS:
                return True
        elif turns_of(shape_of(part)) >= 3 or _is_parted_by_number(part):
            return True
    return False


def _is_drawn(value: str, shape: bytes) -> bool:
    """Say whether both cases and digits change all the time around signs that are in no name."""
    return (
        len(value) >= 10
        and b"A" in shape
        and b"a" in shape
        and changes_of(shape) * 2 >= len(value)
        and not _is_expression(value)
        and not any(part in value for part in _RANGES)
    )


def is_joined_words(value: str) -> bool:
    """Say whether two unconnected words and a number are joined, as people do it: `velvet.harbor_41`."""
    head = value.rstrip("0123456789")
    if not 2 <= len(value) - len(head) <= 4 or head[-1:] not in ("_", "-", "."):
        return False
    words = head[:-1].replace("-", ".").replace("_", ".").split(".")
    return (
        len(words) == 2
        and min(map(len, words)) >= 4
        and all(word.isalpha() and (word.islower() or word.istitle()) for word in words)
        and (head[len(words[0])] != head[-1] or rules.PLAIN_WORDS.isdisjoint(map(str.lower, words)))
        and rules.NAME_WORDS.isdisjoint(words)
        and rules.TECHNICAL_STEMS.isdisjoint(words)
    )


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


def is_strong(value: str, shape: bytes) -> bool:
    """Say whether value can be nothing but a made-up password: three classes of characters, ever changing."""
    if not 8 <= len(value) <= 128 or not _CODE_SIGNS.isdisjoint(value) or "/" in value:
        return False
    shape = shape.replace(b"-", b"!")
    if b"0" not in shape or b"!" not in shape or not (b"a" in shape or b"A" in shape):
        return False
    changes = changes_of(shape)
    return changes >= 4 and changes * 3 >= len(shape) and not _is_expression(value)


def is_generated(value: str) -> bool:
    """Say whether value is drawn from letters of both cases, digits and any signs, those of code among them."""
    if not 12 <= len(value) <= 256 or not _QUOTING.isdisjoint(value) or any(part in value for part in _RANGES):
        return False
    name, equals, _ = value.partition("=")
    if equals and len(name) > 3 and name.replace("_", "").isalpha() and (name.islower() or name.isupper()):
        return False
    if len(value) < PAIRED_CHARS_MAX and any(pair in value for pair in _PAIRS):
        return False
    shape = shape_of(value)
    plain = len(shape) - shape.count(b"-")
    changes = changes_of(shape)
    signs = len({char for char in value if not char.isalnum()})
    classes = (b"0" in shape) + (b"a" in shape) + (b"A" in shape)
    return (
        (classes == 3 or (classes == 2 and signs >= 3 and shape.count(b"!") >= 2))
        and shape.count(b"!") + shape.count(b"-") >= 2
        and changes * 2 >= len(shape)
        and odd_chars(value, shape) * 10 >= 7 * plain
    )


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
        and changes_of(shape) * 2 >= len(shape)
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


def is_lettered_key(value: str) -> bool:
    """Say whether value is four equal groups of capitals and more, which together are no name."""
    words = value.split("-")
    return (
        len(words) >= 4
        and 4 <= len(words[0]) <= 8
        and len({len(word) for word in words}) == 1
        and value.isupper()
        and all(word.isalpha() for word in words)
        and not all(is_wordy(word) for word in words)
    )


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
    for part in filter(lowered.__contains__, rules.PLACEHOLDER_PARTS):
        at = lowered.find(part)
        if value[at : at + len(part)] not in (part, part.upper(), part.title()):
            continue
        if part not in rules.PLACEHOLDER_STARTS or not (value[at - 1 : at].isalpha() and value[at].islower()):
            return True
    return len(set(value)) < 4


def kind_by_prefix(token: str) -> str:
    """Return the kind of a token by its maker's prefix, empty if it has none or its rest is not random."""
    if token[:2] not in rules.PREFIX_HEADS:  # nearly always
        return ""
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
