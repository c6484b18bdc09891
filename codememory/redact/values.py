"""Judge a value by the name it is given to, and by how it is joined to that name."""

from __future__ import annotations

from codememory.redact import rules
from codememory.redact.cutting import line_start
from codememory.redact.names import DOUBTFUL, STRONG, WEAK, words_of
from codememory.redact.shapes import is_gibberish, odd_chars, shape_of, turns_of
from codememory.redact.weight import (
    MIXED,
    NONE,
    RANDOM,
    WORD,
    is_digest,
    is_generated,
    is_joined_words,
    is_phrase,
    weigh,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

WORD_CHARS_MAX = 256  # of what people make
# How a value is joined to a name.
SIGNED, TOLD, BESIDE, LOOSE = range(4)
# What a value must weigh, by the name's level and the joint.
LEAST = {
    STRONG: (WORD, WORD, MIXED, MIXED),
    WEAK: (MIXED, MIXED, MIXED, RANDOM),
    DOUBTFUL: (RANDOM, MIXED, RANDOM, RANDOM + 1),
}


def is_secret(value: str, level: int) -> bool:
    """Say whether all of the value of an object's key is a secret."""
    return secret_in(value, 0, len(value), True, level, SIGNED, False) is not None


def secret_in(
    view: str, begin: int, end: int, quoted: bool, level: int, joint: int, is_spaced: bool
) -> tuple[int, int] | None:
    """Return the part of an item that is a secret, None if there is none."""
    value = view[begin:end]
    if level not in LEAST:  # the name of a session or a signature, which is given a secret in few places only
        return None
    least = LEAST[level][joint]
    if not quoted:
        if "(" in value or "[" in value or view[end : end + 1] == "(":
            return None
        if value[:1] == "<" or "://" in value:
            return None
        if joint >= BESIDE and ("=" in value.strip("=") or ":" in value.strip(":")) and not is_generated(value):
            cut = max(value.find("="), value.find(":") if "=" not in value else -1)
            if is_digest(value[:cut]) and cut >= 32:
                cut = -1
            elif not value[:cut].replace("_", "").replace("-", "").replace(".", "").isalnum():
                return None
            begin += cut + 1
            value = value[cut + 1 :]
            least = max(least, MIXED)
    if " " in value:
        return (begin, end) if level == STRONG and joint <= TOLD and is_told_phrase(value) else None
    weight = weigh(value)
    if weight < MIXED and (skip := past_user(value)):
        begin, value = begin + skip, value[skip:]
        weight = weigh(value)
    if weight < least or weight == NONE:
        return None
    is_set = joint == SIGNED and not is_spaced and _is_set_word(view, begin, end)
    if weight == WORD and not is_set and not is_word_secret(value, quoted, is_spaced):
        return None
    if level == DOUBTFUL and weight > MIXED and not is_digest(value) and not _is_all_odd(value):
        return None
    if level == DOUBTFUL and weight == MIXED and view[begin - 4 : begin] not in (" is ", " es "):
        return None
    if weight == MIXED and level == WEAK and len(value) < 8:
        return None
    if not quoted and is_spaced and weight <= MIXED and _is_name(value) and not _is_no_name(value):
        return None
    if (
        joint >= BESIDE
        and is_digest(value)
        and (joint == LOOSE or level != STRONG)
        and not _is_digest_told(view, begin, len(value))
    ):
        return None
    if joint == LOOSE and (
        value.count("/") > 1
        or value[0] in "#*"
        or value.endswith((".py", ".js", ".ts", ".go", ".md", ".json", ".com", ".io", ".html", ".config", "Z"))
    ):
        return None
    return begin, end


def _is_all_odd(value: str) -> bool:
    """Say whether nothing in a value is a word: the key of a cache has some."""
    shape = shape_of(value)
    return odd_chars(value, shape) * 10 >= 8 * (len(value) - shape.count(b"-"))


def _is_digest_told(view: str, begin: int, size: int) -> bool:
    """Say whether a hash-like value behind a name on its line is that name's, and not a commit or a file's hash."""
    if size < 16:
        return False
    line = view[line_start(view, begin) : begin].lower().replace("secret_id", "")
    if "authorization" in line or (size > 64 and size not in (96, 128)):
        return True
    return not any(
        word in line for word in ("sha", "commit", "hash", "digest", "checksum", " id", "_id", "uuid", "rev", "etag")
    )


def past_user(value: str) -> int:
    """Return where the password of `user:password` begins in a value, 0 if it is none."""
    user, colon, rest = value.partition(":")
    is_user = colon and user.replace("_", "").replace(".", "").replace("-", "").isalnum() and not user.isdigit()
    return len(user) + 1 if is_user and "/" not in rest and weigh(rest) >= MIXED and not is_digest(rest) else 0


def is_told_phrase(value: str) -> bool:
    words = value.split()
    if is_phrase(value, 3):
        return True
    return (
        2 <= len(words) <= 4
        and value.islower()
        and value[-1].isdigit()
        and not words[-1].isdigit()
        and value.replace(" ", "").isalnum()
        and rules.PLAIN_WORDS.isdisjoint(words)
    )


def is_word_secret(value: str, quoted: bool, is_spaced: bool) -> bool:
    """Say whether an ordinary word, number or phrase can be a password where one is given."""
    if not 5 <= len(value) <= WORD_CHARS_MAX:
        return False
    if value.isdigit():
        return len(value) >= 6 and (quoted or (not is_spaced and len(value) <= 12))
    if value.lower() in rules.KNOWN_PASSWORDS:
        return True
    if value.isalpha():
        return quoted and value.islower() and len(value) >= 6 and value not in rules.PLAIN_WORDS
    if any(char.isdigit() for char in value):
        if not quoted and is_spaced:
            return False
        words = value.lower().replace("_", "-").replace(".", "-").split("-")
        if value.rstrip("0123456789").lower() in rules.TECHNICAL_STEMS:
            return False
        return rules.PLAIN_WORDS.isdisjoint(words) and rules.PLACEHOLDER_WORDS.isdisjoint(words) and "/" not in value
    plain = value
    for separator in "-_.:/":
        plain = plain.replace(separator, " ")
    if plain.replace(" ", "").isalpha():
        return is_phrase(plain, 3) and "/" not in value
    return "=" not in value and "." not in value and value[0] not in "#@"


def _is_set_word(view: str, begin: int, end: int) -> bool:
    """Say whether a word in lower case is set as in a file of settings or a command: `PASSWORD=abcdefgh`."""
    value = view[begin:end]
    return (
        len(value) >= 8
        and value.isalpha()
        and value.islower()
        and value not in rules.PLAIN_WORDS
        and (view[begin - 1 : begin] == "=" or view[begin - 2 : begin] == ": ")
        and view[end : end + 1] in ("", "\n", "\0", "\r", " ")
        and (view[end : end + 1] != " " or view[begin - 1] == "=")
    )


def _is_no_name(value: str) -> bool:
    """Say whether letters and numbers change too often for a name."""
    shape = shape_of(value)
    return (
        is_joined_words(value)
        or is_gibberish(value, shape, odd_chars(value, shape))
        or ("." in value and b"A" in shape and turns_of(shape) >= 3 and "_" not in value)
    )


def _is_name(value: str) -> bool:
    """Say whether an unquoted value in code is a name or a call rather than a value."""
    if not value.replace("_", "a").replace(".", "a").isalnum():
        return False
    if value[-2:].isdigit() and "." not in value and rules.NAME_WORDS.isdisjoint(words_of(value.rstrip("0123456789"))):
        return False
    return any(part in value for part in rules.NAME_PARTS) or not value.islower() or "." in value or "_" in value
