"""Judge names and values: what may hold a secret, and what is one rather than a word or a placeholder."""

from __future__ import annotations

from codememory import redact_rules as rules

# How sure a name is. A password may be any unlikely word; a random value is one of letters and digits interleaved; a
# doubtful name ("key", "code") mostly holds no secret: its value must look random beyond doubt.
RANDOM, PASSWORD, DOUBTFUL = 1, 2, 3
VALUE_CHARS_MAX = 4096
RANDOM_CHARS_MIN = 16
DOUBTFUL_CHARS_MIN = 20
NAMES_MAX = 2_000

_LEVELS: dict[str, int] = {}
_SHAPE_TABLE = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", b"0" * 10 + b"A" * 26 + b"a" * 26
)


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
    if last in rules.STRONG_WORDS or pair in rules.STRONG_WORDS:
        return PASSWORD
    if last.endswith(("password", "passwd", "secret", "passphrase", "secretkey")):
        return PASSWORD
    if last in ("key", "keys") and pair != "accesskey":
        if len(words) > 1 and words[-2] in rules.HARMLESS_KEYS:
            return 0
        return RANDOM if len(words) > 1 else DOUBTFUL
    if last in rules.WEAKEST_WORDS:
        return DOUBTFUL
    if last in rules.WEAK_WORDS or pair in rules.WEAK_WORDS or last.endswith(("token", "apikey", "accesskey")):
        return RANDOM
    return 0


def kind_of(name: str) -> str:
    last = _words(name)
    for word, kind in (("password", "password"), ("passwd", "password"), ("pwd", "password"), ("pass", "password")):
        if any(word in part for part in last):
            return kind
    if any("token" in part for part in last):
        return "token"
    if any("cookie" in part or "session" in part for part in last):
        return "cookie"
    return "key" if any("key" in part for part in last) else "secret"


def is_identifier(value: bytes) -> bool:
    """Say whether an unquoted value in code is a name or a call rather than a value."""
    if not value.replace(b"_", b"a").replace(b".", b"a").isalnum():
        return False
    return not is_random(value)


def is_secret(value: str, level: int, quoted: bool) -> bool:
    """Say whether value, given to a name of this level, is a secret: no reference, word or placeholder."""
    if len(value) < 6 or len(value) > VALUE_CHARS_MAX or is_stand_in(value):
        return False
    if level == PASSWORD:
        if " " in value or "\n" in value or (not quoted and "(" in value):
            return False
        letters = value.isalpha()
        if letters:
            return len(value) >= 16 and not value.islower() and _humps(value) >= 5
        if value.isdigit():
            return False
        has_digit = any(char.isdigit() for char in value)
        plain = value.replace("-", "").replace("_", "").replace(".", "").replace(":", "").replace("/", "")
        return has_digit or not plain.isalpha()
    data = value.encode("latin-1", "replace")
    if level == DOUBTFUL:
        return len(value) >= DOUBTFUL_CHARS_MIN and is_random(data) and not value.islower() and not value.isupper()
    return len(value) >= RANDOM_CHARS_MIN and is_random(data)


def is_stand_in(value: str) -> bool:
    """Say whether value refers to a secret kept elsewhere or stands in its place."""
    if value.startswith(rules.REFERENCE_STARTS):
        return True
    lowered = value.lower()
    if lowered.strip("[]<>{}()\"'`*.:;,!?-_ ") in rules.PLACEHOLDER_WORDS:
        return True
    words = lowered.replace("_", " ").replace("-", " ").split()
    if len(words) > 1 and all(word in rules.PLACEHOLDER_WORDS or word.isdigit() for word in words):
        return True
    return any(part in lowered for part in rules.PLACEHOLDER_PARTS) or len(set(value)) < 4


def is_placeholder(data: bytes) -> bool:
    lowered = data.decode("latin-1").lower()
    return any(part in lowered for part in rules.PLACEHOLDER_PARTS) or len(set(data)) < 5


def _humps(value: str) -> int:
    shape = value.encode("latin-1", "replace").translate(_SHAPE_TABLE)
    return shape.count(b"aA") + shape.count(b"Aa")


def is_random(data: bytes) -> bool:
    """Say whether some part between separators is no word, date or number: letters and digits interleaved."""
    size = 0
    for part in data.replace(b"-", b"_").replace(b".", b"_").replace(b"/", b"_").replace(b"+", b"_").split(b"_"):
        if len(part) < 6:
            continue
        shape = part.translate(_SHAPE_TABLE)
        turns = shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0")
        if turns >= 2 or (turns and shape.count(b"aA") + shape.count(b"Aa") >= 3):
            size += len(part)
    return size >= 12 or _is_mixed(data)


def _is_mixed(data: bytes) -> bool:
    """Say whether the characters of data, its separators left out, change their class all the time."""
    shape = data.translate(_SHAPE_TABLE, b"-_./+=~")
    turns = shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0")
    return len(shape) >= 12 and turns >= 2 and shape.count(b"aA") + shape.count(b"Aa") >= 4
