"""Judge names and values: what may hold a secret, and what is one rather than a word or a placeholder."""

from __future__ import annotations

from codememory import redact_rules as rules

# How sure a name is. A password may be any unlikely word; a random value is one of letters and digits interleaved; a
# doubtful name ("key", "code") mostly holds no secret: its value must look random beyond doubt.
RANDOM, PASSWORD, DOUBTFUL = 1, 2, 3
PASSWORD_CHARS_MIN = 5
RANDOM_CHARS_MIN = 16
DOUBTFUL_CHARS_MIN = 20
STRONG_CHARS_MIN = 8
VALUE_CHARS_MAX = 4096
LETTERS_CHARS_MIN = 7
WORD_CHARS_MIN = 6
KEY_DIGITS = (32, 48, 64, 96, 128)
LETTERS_CHARS_MAX = 128
"""What is longer and has no digit is no password, whatever it is."""

NAMES_MAX = 2_000

_LEVELS: dict[str, int] = {}
_SHAPE_TABLE = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", b"0" * 10 + b"A" * 26 + b"a" * 26
)
_TURNS = (b"0a", b"a0", b"0A", b"A0", b"aA", b"Aa")
_DIGITS = frozenset("0123456789")
_SEPARATORS = bytes.maketrans(b"-./+", b"____")
_COMMON_PAIRS = frozenset(rules.COMMON_PAIRS.split())
_KNOWN_PASSWORDS = frozenset(rules.KNOWN_PASSWORDS.split())


def _words(name: str) -> list[str]:
    """Split a name at separators and at the humps of camel case, in lower case."""
    spaced = []
    previous = ""
    for char in name[-64:]:
        if char.isupper() and (previous.islower() or previous.isdigit()):
            spaced.append(" ")
        spaced.append(char if char.isalnum() else " ")
        previous = char
    return "".join(spaced).lower().split()


def name_level(name: str) -> int:
    """Return PASSWORD, RANDOM or DOUBTFUL for a name that may hold a secret, 0 for any other."""
    level = _LEVELS.get(name)
    if level is None:
        if len(_LEVELS) >= NAMES_MAX:
            _LEVELS.clear()
        level = _LEVELS[name] = _level(name)
    return level


def _level(name: str) -> int:
    words = _words(name)
    while len(words) > 1 and (words[-1] in rules.TRAILING_WORDS or words[-1].isdigit()):
        words.pop()
    if not words:
        return 0
    last = words[-1]
    pair = words[-2] + last if len(words) > 1 else last
    if last in rules.STRONG_WORDS or pair in rules.STRONG_WORDS or last.endswith(rules.STRONG_ENDS):
        return PASSWORD
    if last in ("key", "keys", "token", "pw") and not rules.STRONG_WORDS.isdisjoint(words[:-1]):
        return PASSWORD
    if last in ("key", "keys"):
        if len(words) > 1 and words[-2] in rules.HARMLESS_KEYS:
            return 0
        return RANDOM if len(words) > 1 else DOUBTFUL
    if last in rules.WEAKEST_WORDS:
        return DOUBTFUL
    if last in rules.WEAK_WORDS or pair in rules.WEAK_WORDS or last.endswith(("token", "apikey", "accesskey")):
        return RANDOM
    return 0


def kind_of(name: str) -> str:
    """Return the word for the marker of a secret that was found by its name."""
    words = _words(name)
    for stem, kind in rules.KINDS_BY_STEM:
        if any(stem in word for word in words):
            return kind
    return "secret"


def is_identifier(value: bytes) -> bool:
    """Say whether an unquoted value in code is a name or a call rather than a value."""
    if not value.replace(b"_", b"a").replace(b".", b"a").isalnum():
        return False
    if is_random(value) or is_gibberish(value.decode()):
        return False
    stem = value.rstrip(b"0123456789")
    plain = stem.isalpha() and stem.islower() and len(value) - len(stem) >= 2
    return not plain or any(part in value for part in rules.NAME_PARTS)


def is_secret(value: str, level: int, quoted: bool) -> bool:
    """Say whether value, given to a name of this level, is a secret: no reference, word or placeholder."""
    if not PASSWORD_CHARS_MIN <= len(value) <= VALUE_CHARS_MAX:
        return False
    if len(value) > LETTERS_CHARS_MAX and _DIGITS.isdisjoint(value):
        return False
    if is_stand_in(value, quoted):
        return False
    if level == PASSWORD:
        return _is_password(value, quoted)
    data = value.encode("utf-8", "surrogatepass")
    if level == DOUBTFUL:
        if len(value) in KEY_DIGITS and not data.strip(b"0123456789abcdefABCDEF"):
            return is_random(data)
        return len(value) >= DOUBTFUL_CHARS_MIN and is_random(data) and not value.islower() and not value.isupper()
    return (len(value) >= RANDOM_CHARS_MIN and is_random(data)) or (len(value) >= 12 and is_strong(value))


def _is_password(value: str, quoted: bool) -> bool:
    if " " in value:
        return quoted and (is_phrase(value, 3) or _is_numbered_phrase(value))
    if "\n" in value or (not quoted and "(" in value):
        return False
    if value.isalpha():
        if quoted and value.islower() and len(value) >= WORD_CHARS_MIN and value not in rules.PLAIN_WORDS:
            return True
        return value.lower() in _KNOWN_PASSWORDS or is_gibberish(value, LETTERS_CHARS_MIN)
    if value.isdigit():
        return quoted and len(value) >= 6
    if any(char.isdigit() for char in value):
        return True
    plain = value
    for separator in "-_.:/":
        plain = plain.replace(separator, " ")
    if not plain.replace(" ", "").isalpha():
        return True
    return is_phrase(plain, 3) or any(len(part) >= 10 and is_gibberish(part) for part in plain.split())


def _is_numbered_phrase(value: str) -> bool:
    """Say whether value is a few words in lower case with a number at the end of one."""
    words = value.split()
    return (
        len(words) <= 4
        and value.islower()
        and value[-1].isdigit()
        and not words[-1].isdigit()
        and value.replace(" ", "").isalnum()
        and rules.PLAIN_WORDS.isdisjoint(words)
    )


def is_phrase(value: str, words_min: int) -> bool:
    """Say whether value is a phrase of unconnected words in lower case, as a person or a wallet makes one."""
    words = value.split(" ")
    return (
        words_min <= len(words) <= 30
        and value.islower()
        and all(3 <= len(word) <= 12 and word.isalpha() for word in words)
        and rules.PLAIN_WORDS.isdisjoint(words)
        and rules.PLACEHOLDER_WORDS.isdisjoint(words)
    )


def is_strong(value: str) -> bool:
    """Say whether value can be nothing but a made-up password: three classes of characters, ever changing."""
    if not STRONG_CHARS_MIN <= len(value) <= 128 or any(char in value for char in "/()<>{}[]\\\"'` "):
        return False
    classes = ["0" if c.isdigit() else "a" if c.islower() else "A" if c.isupper() else "!" for c in value]
    changes = sum(classes[at] != classes[at - 1] for at in range(1, len(classes)))
    if len(set(classes) - {"!"}) < 2 or "0" not in classes or len(set(classes)) < 3 or changes < 4:
        return False
    symbols = {char for char in value if not char.isalnum()}
    words = max((len(part) for part in "".join(c if c != "0" else " " for c in classes).split()), default=0)
    return bool(symbols - set("-_.:,@=+")) or (words < 8 and len(symbols) < 2 and changes >= 5)


def is_gibberish(value: str, least: int = 10) -> bool:
    """Say whether letters alone make no word of a language or a program."""
    if len(value) < least or not value.isalpha():
        return False
    if value.islower() or value.isupper():
        lowered = value.lower()
        common = sum(lowered[at : at + 2] in _COMMON_PAIRS for at in range(len(lowered) - 1))
        return common * 100 < 50 * (len(lowered) - 1)
    return len(value) >= 16 and _humps(value) >= 5


def is_stand_in(value: str, quoted: bool = False) -> bool:
    """Say whether value refers to a secret kept elsewhere or stands in its place."""
    if value.startswith(rules.REFERENCE_STARTS):
        return True
    if value.startswith(rules.SYMBOL_STARTS) and not (
        (
            len(value) >= 16
            and value[0] in "-/"
            and value[1:].replace("-", "").replace("_", "").isalnum()
            and is_random(value.encode())
        )
        or (quoted and is_strong(value))
        or is_strong(value[1:])
        or _is_base64(value)
    ):
        return True
    lowered = value.lower()
    if lowered.strip("[]<>{}()\"'`*.:;,!?-_ ") in rules.PLACEHOLDER_WORDS:
        return True
    words = lowered.replace("_", " ").replace("-", " ").split()
    if len(words) > 1 and all(word in rules.PLACEHOLDER_WORDS or word.isdigit() for word in words):
        return True
    return _has_placeholder(value) or len(set(value)) < 4


def _is_base64(value: str) -> bool:
    """Say whether value is random beyond what a path or an expression can be."""
    data = value.encode("utf-8", "surrogatepass")
    shape = data.translate(_SHAPE_TABLE, b"/+=")
    turns = shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0")
    return len(shape) >= 24 and not shape.strip(b"0Aa") and turns >= 5 and _humps(value) >= 5


def _has_placeholder(value: str) -> bool:
    """Say whether a part of value is a placeholder's, written in one case: in random letters it would not be."""
    lowered = value.lower()
    for part in rules.PLACEHOLDER_PARTS:
        at = lowered.find(part)
        if at >= 0 and value[at : at + len(part)] in (part, part.upper(), part.title()):
            return True
    return False


def is_placeholder(data: bytes) -> bool:
    """Say whether a token is written out as an example."""
    return _has_placeholder(data.decode("latin-1")) or len(set(data)) < 5


def _humps(value: str) -> int:
    shape = value.encode("utf-8", "surrogatepass").translate(_SHAPE_TABLE)
    return shape.count(b"aA") + shape.count(b"Aa")


def is_random(data: bytes) -> bool:
    """Say whether some part between separators is no word, date or number: letters and digits interleaved."""
    size = 0
    for part in data.translate(_SEPARATORS).split(b"_"):
        if len(part) < 6:
            continue
        shape = part.translate(_SHAPE_TABLE)
        turns = shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0")
        if turns >= 2 or (turns and shape.count(b"aA") + shape.count(b"Aa") >= 3):
            size += len(part)
    return size >= 12 or is_mixed(data)


def is_interleaved(data: bytes) -> bool:
    """Say whether letters and digits take turns in a short word, as in no name."""
    shape = data.translate(_SHAPE_TABLE).replace(b"A", b"a")
    return len(shape) >= 8 and shape.count(b"0a") + shape.count(b"a0") >= 3


def is_entropic(data: bytes) -> bool:
    """Say whether letters of both cases and digits follow each other at random: no words, no numbers, no humps."""
    shape = data.translate(_SHAPE_TABLE, b"-_./+=")
    turns = sum(shape.count(pair) for pair in _TURNS)
    longest = max(map(len, shape.replace(b"0", b" ").replace(b"A", b" ").split()), default=0)
    digits = shape.count(b"0")
    return turns * 20 >= len(shape) * 9 and longest <= 6 and digits >= 2 and 2 * digits <= len(shape)


def is_restless(data: bytes) -> bool:
    """Say whether the characters of a password with signs in it change their class at every second one."""
    shape = data.translate(_SHAPE_TABLE)
    changes = sum(shape[at] != shape[at - 1] for at in range(1, len(shape)))
    return 2 * changes >= len(shape)


def is_mixed(data: bytes) -> bool:
    """Say whether the characters of data, its separators left out, change their class all the time."""
    shape = data.translate(_SHAPE_TABLE, b"-_./+=~!|:%#*")
    turns = shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0")
    humps = shape.count(b"aA") + shape.count(b"Aa")
    if len(shape) >= 16 and turns * (4 if b"a" in shape else 6) >= len(shape):
        return True
    return len(shape) >= 12 and turns >= 2 and humps >= 4
