"""Find tokens that need no name beside them: by their maker's prefix, or as random as no other word is."""

from __future__ import annotations

from codememory.redact import rules
from codememory.redact.accounts import made_up_span
from codememory.redact.shapes import odd_chars, shape_of
from codememory.redact.weight import SURE, is_digest, is_random, is_stand_in, kind_by_prefix, weigh

NAME_REACH_CHARS = 60
TOKEN_CHARS_MAX = 12_000
"""A longer run is a payload: a dump, a picture, an archive. The longest key in use, 8,192 bits in PEM, has 8,700
characters when it is encoded once more."""

HEX_CHARS_MAX = 256  # 1,024 bits; what is longer and unnamed is a dump: longer keys have a block or a name
BLOB_CHARS = 600  # a payload longer than this is judged once
BASE36_CHARS_MIN = 20  # how long a random token of one case must be
PLACED_CHARS_MIN = 36  # how long a token must be that stands like a part of a path or a file's name
LINE_CHARS_MIN = 56  # of a line of base64
LINE_WIDTHS = (60, 64, 70, 72, 76)
_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+")
_MORE = _TOKEN | frozenset("/=.~%")
_LEFT = _TOKEN | frozenset("/.~")


def is_candidate(word: str) -> bool:
    """Say whether a word is worth a look at what stands around it."""
    size = len(word)
    is_of_one_case = word.islower() or word.isupper()
    if size < (18 if is_of_one_case else 5) or word.isalpha() or word.isdigit():
        return False
    if not is_of_one_case and not word.lower().islower():
        return size >= 35 and _is_dashed_key(word)
    if size >= 18 and (kind_by_prefix(word) or kind_by_prefix(word[1:]) or word.startswith("eyJ")):
        return True
    if is_of_one_case:
        return (
            _is_self_named(word)
            or (word[32:35] == "-us" and is_digest(word[:32]))
            or _is_dashed_key(word)
            or (size >= BASE36_CHARS_MIN and _first_part(word) not in rules.ID_WORDS and _is_base36(word))
        )
    shape = shape_of(word)
    if b"0" not in shape or b"A" not in shape:
        return False
    odd = odd_chars(word, shape)
    if size < 12:
        return (
            odd >= size - shape.count(b"-")
            and shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0") >= 2
        )
    return _is_self_named(word) or (
        odd * 10 >= (7 if size < 24 else 5) * size and _first_part(word) not in rules.ID_WORDS
    )


def _is_base36(word: str) -> bool:
    """Say whether a word of one case is random, and no hash either."""
    word = word.strip("+-")
    if is_digest(word):
        longest = max(map(len, word.split("-")))
        return 64 < longest <= HEX_CHARS_MAX and longest not in (96, 128)
    part = max(word.replace("_", "-").split("-"), key=len)
    shape = shape_of(part)
    share = 8 if len(part) < 40 else 6
    return (
        len(part) >= 16
        and not is_digest(part)
        and odd_chars(part, shape) * 10 >= share * len(part)
        and shape.count(b"0") >= 3
    )


def _first_part(word: str) -> str:
    return word.replace("-", "_").split("_")[0]


def _is_self_named(word: str) -> bool:
    """Say whether a part of a word of unknown make says that its random rest is a secret ("acme_live_9f3…")."""
    parts = word.replace("-", "_").split("_")
    if not 2 <= len(parts) <= 8:
        return False
    last = max(parts, key=len)
    if len(last) < 12 or not is_random(last) or is_stand_in(word):
        return False
    words = [part.lower() for part in parts if part is not last]
    return not rules.TOKEN_WORDS.isdisjoint(words) and (words[0] not in rules.ID_WORDS or "secret" in words)


def _is_dashed_key(word: str) -> bool:
    """Say whether these are the equal groups of capitals and digits of a license, or of digits of a recovery key."""
    parts = word.replace("_", "-").split("-")
    parts = parts[len(parts[0]) != len(parts[-1]) :]
    if (
        len(parts) < (4 if len(parts[0]) < 8 else 3)
        or not 4 <= len(parts[0]) <= 8
        or len({len(part) for part in parts}) != 1
    ):
        return False
    if all(part.isdigit() for part in parts):
        return len(parts) >= 6
    return word.isupper() and sum(not part.isalpha() and not part.isdigit() for part in parts) >= 2


def token_span(view: str, at: int, end: int) -> tuple[tuple[int, int, str] | None, int]:
    """Return span and kind of the secret that the candidate between `at` and `end` is a part of, and where it ends.

    Other candidates before that end are parts of the same.
    """
    begin, stop = _grown(view, at, end)
    if begin < 0 or stop - begin >= TOKEN_CHARS_MAX:
        return None, stop
    found = _token(view, at, end, begin, stop)
    return found, found[1] if found else stop if stop - at > BLOB_CHARS else end


def _token(view: str, at: int, end: int, begin: int, stop: int) -> tuple[int, int, str] | None:
    word = view[at:end]
    before = view[at - 1 : at]
    if before == "\\" and word[:1] in "nrtbfxu":
        at += 5 if word[0] == "u" else 3 if word[0] == "x" else 1
    elif before == "%" and len(word) > 2:
        at += 2
    if before == "[" and view[at - 2 : at - 1] == "\x1b" and "m" in view[at : at + 6]:  # a colour
        at = view.find("m", at) + 1
    while at < end and view[at] in "-+":
        at += 1
    begin = at if view[begin:at].strip("\\%+-").isalnum() and view[begin - 1 : begin] in ("\\", "[", "%") else begin
    whole = view[begin:stop]
    if whole.startswith("eyJ") and (("." in whole and len(whole) > 30) or (len(whole) >= 40 and is_random(whole))):
        return None if _name_before(view, begin).endswith(("data", "mappingurl", "base64,")) else (begin, stop, "jwt")
    for first in _starts(view, begin, at):
        token = view[first:stop]
        kind = kind_by_prefix(token)
        if kind:
            return first, stop, kind
    if before == "$" or view[begin - 1 : begin] == "$":
        hashed = _hash_start(view, begin)
        if hashed is not None:
            return hashed, _hash_end(view, stop), "password-hash"
    word = view[at:end]
    if (
        _is_self_named(word)
        or (word[32:35] == "-us" and is_digest(word[:32]))
        or ((word.isupper() or word.isdigit() or "-" in word) and _is_dashed_key(word))
    ):
        return at, stop, "token"
    if view[at - 2 : at] == "Q~" and view[at - 3 : at - 2].isdigit():
        return at - 6, stop, "azure-secret"
    if before == ":" and len(word) >= 30 and view[at - 6 : at - 1].isdigit():
        return _digits_start(view, at - 1), end, "telegram-token"
    if _is_lone(view, begin, stop, at, end):
        return begin, stop, "token"
    if len(word) <= 24 and (made := made_up_span(view, at, end)):
        return *made, "password"
    return None


def _grown(view: str, at: int, end: int) -> tuple[int, int]:
    """Return where the value begins and ends that a word is a part of, over the signs of base64 and of tokens."""
    limit = min(end + TOKEN_CHARS_MAX, len(view))
    while end < limit and view[end] in _MORE:
        end += 1
    while end > at and view[end - 1] in ".-/~%":
        end -= 1
    limit = max(at - 200, 0)
    begin = at
    while begin > limit and view[begin - 1] in _LEFT:
        begin -= 1
    while begin < at and view[begin] in "-+./~_":
        begin += 1
    if view[begin - 1 : begin] == "\\" and view[begin : begin + 1] in ("n", "r", "t") and begin < at:
        begin += 1
    if begin == limit and limit:
        return -1, end  # a part of a longer payload
    lead = view[begin:at]
    if "=" in lead or ("/" in lead and not _is_base64(view[begin:end])) or ("." in lead and "/" in lead):
        begin = max(begin, at - len(lead.rpartition("/")[2]))
    equals = view.find("=", at, end)
    if equals >= 0 and view[equals:end].strip("="):
        end = equals
    return begin, end


def _is_base64(value: str) -> bool:
    """Say whether a value with slashes in it is no path."""
    if "." in value or len(value) < 24:
        return False
    shape = shape_of(value)
    return odd_chars(value, shape) * 10 >= 7 * (len(shape) - shape.count(b"-"))


def _starts(view: str, begin: int, at: int) -> list[int]:
    """Return where a token may begin whose part begins at `at`: there, and behind each sign before it."""
    return [at, *(place for place in range(begin, at) if place == begin or view[place - 1] in "/~=")]


def _hash_start(view: str, at: int) -> int | None:
    """Return where a password's hash begins that is written as `$6$salt$…`."""
    begin = at
    while begin > max(at - 120, 0) and (view[begin - 1] in _MORE or view[begin - 1] in "$,"):
        begin -= 1
    head = view[begin:at]
    places = [begin + place for scheme in rules.HASH_SCHEMES if (place := head.find(scheme)) >= 0]
    return min(places) if places else None


def _hash_end(view: str, at: int) -> int:
    while at < len(view) and (view[at] in _MORE or view[at] == "$"):
        at += 1
    return at


def _digits_start(view: str, at: int) -> int:
    while view[at - 1 : at].isdigit():
        at -= 1
    return at


def _name_before(view: str, at: int) -> str:
    """Return the word before a value, in lower case, without the signs between."""
    head = view[max(at - NAME_REACH_CHARS, 0) : at].rstrip(" \t\"'`:=([{<>\\|")
    cut = len(head)
    while cut and (head[cut - 1].isalnum() or head[cut - 1] in "_-,"):
        cut -= 1
    return head[cut:].lower()


def _is_lone(view: str, begin: int, stop: int, at: int, end: int) -> bool:
    """Say whether a value is a secret by its randomness, and is not used as something else."""
    value = view[begin:stop]
    if "." in value or "~" in value or "%" in value or ("/" in value and not _is_base64(value)):
        begin, stop = at, end
        value = view[begin:stop]
    if weigh(value) < SURE and not (len(value) >= BASE36_CHARS_MIN and _is_base36(value)):
        return False
    if (is_digest(value) and not _is_base36(value)) or _first_part(value) in rules.ID_WORDS:
        return False
    if is_stand_in(value) or not value.strip("0123456789-+.MmLlHhVvCcSsQqTtAaZz"):  # an alphabet, a line of a drawing
        return False
    if value.startswith(rules.PUBLIC_STARTS) or any(part in value for part in rules.PUBLIC_PARTS):
        return False
    before, after = view[begin - 1 : begin], view[stop : stop + 1]
    is_placed = (before and before in "/.@#") or (after and after in "./(")
    if is_placed and len(value) < PLACED_CHARS_MIN and not _is_dotted_secret(view, begin, stop):
        return False
    if (
        before in ("\n", "", "\0")
        and after in ("\n", "", "\0", "\r")
        and len(value) >= LINE_CHARS_MIN
        and (len(value) in LINE_WIDTHS)
    ):
        return False
    name = _name_before(view, begin)
    return not name.endswith(rules.HARMLESS_NAMES) and not name.endswith("base64,")


def _is_dotted_secret(view: str, begin: int, stop: int) -> bool:
    """Say whether dots part this from other random characters, as in `<id>.<seal>`."""
    for first, last in ((stop + 1, min(stop + 60, len(view))), (max(begin - 60, 0), begin - 1)):
        near = view[first:last]
        part = near.split(".")[0 if first > begin else -1]
        part = part.split("\n")[0 if first > begin else -1].strip(" \"'`)(,;")
        edge = view[stop : stop + 1] if first > begin else view[begin - 1 : begin]
        if edge == "." and len(part) >= 6 and " " not in part and is_random(part) and not part.isdigit():
            return True
    return False
