"""Find secrets by how people hand them over: one-time and recovery codes, a user and a password side by side."""

from __future__ import annotations

from codememory import redact_command_rules as places
from codememory import redact_rules as rules
from codememory.redact_judge import is_placeholder, is_restless, is_stand_in, is_strong
from codememory.redact_names import first_stop, mark_table, stop_table
from codememory.redact_places import is_telling
from codememory.redact_tokens import DIGITS, LETTERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

REACH_CHARS = 60  # how far a code may stand from the word for it
PAIR_REACH_CHARS = 80
CODES_MAX = 40  # of one list
CODE_WORDS_MAX = 7
_STRIPPED = b".,;:\"'`()*"
_END_TABLE = stop_table(b" \t\r\n\0\"'`,;)")
MADE_UP_CHARS_MIN, MADE_UP_CHARS_MAX = 9, 64
_SIGN_TABLE = mark_table((LETTERS + DIGITS + b"-_@.", b"a"), (b"!#$%^&*?~+", b"!"))
_WORD_MORE = b" \t\r\n\0\"'`:=.,;)"


def told_spans(data: bytes, lowered: bytes, words: set[bytes]) -> Iterator[tuple[int, int, str]]:
    """Find secrets by the words or the signs around them, no name joined to them; `words` are those of the text."""
    if not words.isdisjoint(places.CODE_CUES):
        for code in (b"code", b"otp", b"pin"):
            yield from _code_spans(data, lowered, code)
    for cue, forms in places.ACCOUNT_CUES.items():
        if not words.isdisjoint(forms):
            yield from _colon_pair_spans(data, lowered, cue)
    if b"define" in words:
        yield from _defined_spans(data)
    if b"send" in words:
        yield from _sent_spans(data)
    if b" / " in data:
        yield from _slashed_pair_spans(data, lowered)
    if b":5432:" in data:
        yield from _listed_server_spans(data)
    yield from _made_up_spans(data)


def _code_spans(data: bytes, lowered: bytes, cue: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the digits of a one-time code or a PIN behind the word for it, and the lines of a list of codes."""
    at = lowered.find(cue)
    while at >= 0:
        end = at + len(cue)
        end += lowered[end : end + 1] == b"s"
        lead = lowered[max(at - 16, 0) : at].rstrip(b" -_")
        is_word = not lowered[at - 1 : at].isalnum() and not lowered[end : end + 1].strip(_WORD_MORE)
        if is_word and (cue != b"code" or lead.endswith(places.CODE_OWNERS)):
            if cue == b"code" and lead.endswith(places.LISTED_CODES):
                yield from _listed_codes(data, end)
            yield from _told_code(data, lowered, end)
        if cue == b"code" and (said := _said_code(data, at)):
            yield said
        at = lowered.find(cue, end)


def _told_code(data: bytes, lowered: bytes, at: int) -> Iterator[tuple[int, int, str]]:
    """Yield the four to eight digits that a sentence or an assignment gives to the word before `at`."""
    stop = data.find(b"\n", at, at + REACH_CHARS)
    joined = data[at : at + 1] in (b":", b"=")
    words = lowered[at : stop if stop >= 0 else at + REACH_CHARS].replace(b"=", b" = ").split(b" ")
    for word in words[:CODE_WORDS_MAX]:
        digits = word.strip(_STRIPPED)
        if digits.isdigit() and 4 <= len(digits) <= 8 and joined:
            begin = data.find(digits, at)
            yield begin, begin + len(digits), "code"
            return
        joined = word in (b"is", b"was", b"=", b":") or word.endswith((b":", b"=")) or (joined and not digits)


def _said_code(data: bytes, at: int) -> tuple[int, int, str] | None:
    """Return the code in "123456 is your … code"."""
    begin = max(data.rfind(b"\n", 0, at) + 1, at - REACH_CHARS, 0)
    place = data.find(b" is your ", begin, at)
    word = data[begin:place].split(b" ")[-1].split(b"-")[-1].strip(_STRIPPED) if place >= 0 else b""
    if not word.isdigit() or not 4 <= len(word) <= 8:
        return None
    start = data.rfind(word, begin, place)
    return start, start + len(word), "code"


def _listed_codes(data: bytes, at: int) -> Iterator[tuple[int, int, str]]:
    """Yield the codes on the lines after a heading, one or more on each."""
    at = data.find(b"\n", at, at + REACH_CHARS) + 1
    for _ in range(CODES_MAX if at else 0):
        stop = data.find(b"\n", at, at + 2 * REACH_CHARS)
        line = data[at : stop if stop >= 0 else at + 2 * REACH_CHARS]
        place = 0
        words = line.split()
        if words and not all(_is_code(word) or len(word) < 4 for word in words):
            return
        for word in words:
            place = line.find(word, place)
            if _is_code(word):
                yield at + place, at + place + len(word), "code"
            place += len(word)
        if stop < 0:
            return
        at = stop + 1


def _is_code(word: bytes) -> bool:
    plain = word.replace(b"-", b"")
    return 6 <= len(plain) <= 24 and plain.isalnum() and not plain.isalpha()


def _slashed_pair_spans(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the password in "log in with bob / …"."""
    at = data.find(b" / ")
    while at >= 0:
        line = lowered[max(data.rfind(b"\n", 0, at), at - PAIR_REACH_CHARS, 0) : at]
        end = first_stop(data, at + 3, at + 3 + REACH_CHARS, _END_TABLE)
        value = data[at + 3 : end].rstrip(b".")
        if any(cue in line for cue in places.PAIR_CUES) and _is_given(value):
            yield at + 3, at + 3 + len(value), "password"
        at = data.find(b" / ", at + 3)


def _colon_pair_spans(data: bytes, lowered: bytes, cue: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the password in "the creds are bob:…"."""
    at = lowered.find(cue)
    while at >= 0:
        stop = data.find(b"\n", at, at + PAIR_REACH_CHARS)
        limit = min(stop if stop >= 0 else at + PAIR_REACH_CHARS, len(data))
        colon = data.find(b":", at, limit)
        while colon >= 0:
            end = first_stop(data, colon + 1, limit, _END_TABLE)
            value = data[colon + 1 : end].rstrip(b".")
            user = data[max(colon - 30, at) : colon].split(b" ")[-1].strip(b"\"'`(")
            named = user.lower() == cue and value.isalnum() and not value.startswith(b"v")
            text = value.decode("utf-8", "replace")
            if user.isalnum() and user.lower() not in places.URL_SCHEMES and not is_stand_in(text) and (
                is_strong(text) or (named and len(value) >= 7 and is_telling(value, digits_min=2))
            ):  # fmt: skip
                yield colon + 1, colon + 1 + len(value), "password"
            colon = data.find(b":", colon + 1, limit)
        at = lowered.find(cue, at + len(cue))


def _is_given(value: bytes) -> bool:
    """Say whether a word beside a user's name can only be that user's password."""
    text = value.decode("utf-8", "replace")
    if len(value) < 6 or b"/" in value or is_stand_in(text, quoted=True) or is_placeholder(value):
        return False
    return is_telling(value, digits_min=2) or (
        not rules.PASSWORD_SYMBOLS.isdisjoint(value) and any(char.isdigit() for char in text)
    )


def _made_up_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find words that nothing but a generated password is: letters, digits and signs in the middle of it."""
    classes = data.translate(_SIGN_TABLE)
    at = classes.find(b"a!a")
    end = 0
    while at >= 0:
        if at >= end:
            begin = classes.rfind(b" ", max(at - MADE_UP_CHARS_MAX, 0), at) + 1
            end = classes.find(b" ", at)
            end = len(data) if end < 0 else end
            word = data[begin:end]
            if MADE_UP_CHARS_MIN <= len(word) <= MADE_UP_CHARS_MAX and _is_made_up(
                word, data[begin - 1 : begin], data[end : end + 1]
            ):
                yield begin, end, "password"
        at = classes.find(b"a!a", max(at + 1, end - 2))


def _is_made_up(word: bytes, before: bytes, after: bytes) -> bool:
    text = word.decode("latin-1")
    return (
        before.strip(b" \t\n\0\"'`(\\") == b""
        and after.strip(b" \t\r\n\0\"'`),.;\\") == b""
        and is_strong(text)
        and not rules.RARE_SYMBOLS.isdisjoint(text)
        and not text.islower()
        and not text.isupper()
        and any(char.islower() for char in text)
        and is_restless(word)
        and not is_stand_in(text, quoted=True)
    )


def _sent_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find what an expect script sends after a password was asked for."""
    at = data.find(b"send ")
    while at >= 0:
        asked = data[max(at - REACH_CHARS * 2, 0) : at].lower()
        begin = data.find(b'"', at, at + 12) + 1
        end = data.find(b'"', begin, begin + REACH_CHARS)
        value = data[begin : max(end, begin)].removesuffix(b"\\").split(b"\\r")[0].split(b"\\n")[0].rstrip(b"\\")
        is_asked = begin and end > begin and b"assw" in asked.rpartition(b"send ")[2]
        if is_asked and len(value) > 3 and not is_stand_in(value.decode("utf-8", "replace"), quoted=True):
            yield begin, begin + len(value), "password"
        at = data.find(b"send ", at + 5)


def _defined_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the long values of keys and salts that are defined as constants: `define('AUTH_KEY', '…')`."""
    at = data.find(b"define(")
    while at >= 0:
        name, comma, rest = data[at + 7 : at + 60].partition(b",")
        opening = rest.lstrip(b" \t")[:1]
        if comma and name.strip(b" '\"").endswith((b"_KEY", b"_SALT")) and opening in (b"'", b'"'):
            begin = at + 7 + len(name) + 1 + rest.find(opening) + 1
            end = data.find(opening + b")", begin, begin + 200)
            end = end if end >= 0 else data.find(opening, begin, begin + 200)
            value = data[begin : max(end, begin)]
            if len(value) >= 16 and not is_placeholder(value) and not value.replace(b" ", b"").isalpha():
                yield begin, end, "key"
        at = data.find(b"define(", at + 7)


def _listed_server_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the password at the end of `host:5432:database:user:…`, a line of a password file."""
    at = data.find(b":5432:")
    while at >= 0:
        line = data.rfind(b"\n", max(at - 200, 0), at) + 1
        stop = first_stop(data, at, at + 200, _END_TABLE)
        parts = data[at + 6 : stop].split(b":", 2)
        is_line = len(parts) == 3 and b" " not in data[line:at] and len(parts[2]) > 3
        if is_line and not is_stand_in(parts[2].decode("utf-8", "replace")):
            yield stop - len(parts[2]), stop, "password"
        at = data.find(b":5432:", at + 6)
