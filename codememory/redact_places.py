"""Find secrets by their place: after a password-like name."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import (
    PASSWORD,
    is_identifier,
    is_interleaved,
    is_phrase,
    is_random,
    is_secret,
    is_stand_in,
    is_strong,
    kind_of,
    name_level,
)
from codememory.redact_names import BLANKS, NAME_CHARS, first_stop, stop_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD_CHARS_MAX = 512
NAME_CHARS_MAX = 80
LINE_CHARS_MAX = 200  # how far a fallback value may stand from its name
STRONG_REACH_CHARS = 100  # how far a made-up password may stand from the word for it
PAIR_CHARS_MAX = 60  # how far a value may stand from the name it is listed with

STEMS = (b"pass", b"pw", b"secret", b"psk")
_FAR_BYTES = bytes(range(0xE2, 0xF5))  # first bytes of characters that no password has: CJK, arrows, quotation marks
_DIGITS = frozenset(b"0123456789")
_STOP_TABLE = stop_table(b" \t\r\n\0\"'`<>|;,)}]" + _FAR_BYTES)
_QUOTE_TABLES = {quote: stop_table(quote + b"\n\0") for quote in (b"'", b'"', b"`")}
_CLOSING = b"\"'`\\])*"
_TYPE_CHARS = NAME_CHARS + b"&<>[]?*'"


def assignment_spans(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find values given to password-like names: in code, JSON, YAML, env files, flags, XML, tables and prose."""
    for stem in STEMS:
        told = 0  # where the last look for a made-up password on a line began: no other one behind it needs the same
        at = lowered.find(stem)
        while at >= 0:
            end = at + len(stem)
            while end < len(data) and data[end] in NAME_CHARS:
                end += 1
            window = data[max(at - 64, 0) : at]
            start = at - (len(window) - len(window.rstrip(NAME_CHARS)))
            name = data[start:end].rstrip(b".").decode("latin-1")
            if len(name) <= NAME_CHARS_MAX and name_level(name.lstrip("-$.")) == PASSWORD:
                span = assigned_value(data, end, name)
                if span is None and end >= told and name.lower() != "pass":  # tests do
                    told = end + STRONG_REACH_CHARS // 2
                    span = strong_on_line(data, end)
                if span:
                    yield (*span, kind_of(name))
            at = lowered.find(stem, end)


def assigned_value(data: bytes, end: int, name: str) -> tuple[int, int] | None:
    """Return start and end of the secret value that follows a name ending at end."""
    at = escape_end = _past_escape(data, end)
    while at < len(data) and data[at] in _CLOSING:
        at += 1
    closing = at > end
    blank = at
    while at < len(data) and data[at] in BLANKS and at - blank < 40:
        at += 1
    spaced = at > blank
    if (
        data[at : at + 1] == b"("
        and (close := data.find(b")", at, at + 40)) > 0
        and data[close + 1 : close + 2] == b":"
    ):
        at = close + 1
    joint_at = at
    if data[at : at + 2] in (b"- ", b"->") and spaced:
        span = _value_at(data, at + 2 + (data[at + 2 : at + 3] == b" "), in_code=False)
        return span if span and is_telling(data[span[0] : span[1]], digits_min=2) else None
    while at < len(data) and data[at] in b":=>?\0|" and at - joint_at < 3:
        at += 1
    joint = data[joint_at:at]
    if joint.startswith(b">") and closing and (found := _value_of_pair(data, at - len(joint))):
        return found
    if joint.startswith(b">") and (data[end - len(name) - 1 : end - len(name)] != b"<" or name.startswith("your")):
        return None
    if joint == b":" and name == "PASS":
        return None  # a test runner's "PASS: name"
    if not joint:
        if escape_end > end:
            return _value_at(data, at, in_code=False)
        return _joined_otherwise(data, at, end, name, closing=closing, spaced=spaced)
    while at < len(data) and data[at] in BLANKS:
        at += 1
        spaced = spaced or joint == b"="
    at = _past_opening(data, _past_escape(data, _past_type(data, at)))
    if data[at : at + 1] in (b"\n", b"\r") and joint == b":":
        return _listed_value(data, at)
    if span := _app_password(data, at):
        return span
    if name.lower().endswith("phrase") and (span := _phrase_at(data, at)):
        return span
    if data[at : at + 1] == b"{" and (found := _value_of_pair(data, at + 1)):
        return found
    return _value_at(data, at, in_code=spaced and joint.startswith(b"=")) or _fallback(data, at)


def _past_opening(data: bytes, at: int) -> int:
    """Return the position after what may open a value: a list, a block of YAML, CDATA, a second and third quote."""
    for opening in rules.VALUE_OPENINGS:
        if data.startswith(opening, at):
            at += len(opening.rstrip(b"\"'")) or len(opening) - 1
            while data[at : at + 1] in (b" ", b"\n", b"\t") and at < len(data):
                at += 1
            break
    return at


def _app_password(data: bytes, at: int) -> tuple[int, int] | None:
    """Return four groups of four letters, as mail providers make a password for a program."""
    groups = data[at : at + 19].split(b" ")
    if len(groups) != 4 or data[at + 19 : at + 20].strip(b"\r\n\0\"'"):
        return None
    is_grouped = all(len(part) == 4 and part.isalpha() and part.islower() for part in groups)
    return (at, at + 19) if is_grouped and rules.PLAIN_WORDS.isdisjoint(part.decode() for part in groups) else None


def _phrase_at(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the words to the end of the line when they are a phrase."""
    end = first_stop(data, at, at + STRONG_REACH_CHARS, _QUOTE_TABLES[b'"'])
    return (at, end) if is_phrase(data[at:end].decode("utf-8", "replace").rstrip(), 4) else None


def _joined_otherwise(
    data: bytes, at: int, end: int, name: str, *, closing: bool, spaced: bool
) -> tuple[int, int] | None:
    """Return the value of a name that neither a colon nor an equals sign joins to it."""
    follows = data[at : at + 12]
    if (closing or spaced or follows.startswith(b", value")) and (found := _value_of_pair(data, at)):
        return found
    if closing and follows.startswith(b","):
        while at < len(data) and data[at] in b", \t":
            at += 1
        span = _value_at(data, at, in_code=True)
        if span is None or not is_telling(data[span[0] : span[1]], digits_min=1 if name.isupper() else 2):
            return None
        return span if data[at : at + 1] in (b'"', b"'") or name.isupper() else None
    if follows.startswith((b"(", b"{")) and data[at + 1 : at + 3].strip(b"brfu")[:1] in (b'"', b"'"):
        quote = at + 1 + (0 if data[at + 1] in b"\"'" else 1)
        span = _value_at(data, quote, in_code=False)
        return span if span and is_telling(data[span[0] : span[1]], digits_min=2) else None
    if follows.startswith((b"\n", b"\r", b" (", b"(", b"{")) and (found := _value_of_pair(data, at)):
        return found
    if follows.startswith((b"\n", b"\r")):
        return _listed_value(data, at)
    if not spaced:
        return None
    if follows.startswith(rules.PROSE_PHRASES) and (span := _told_later(data, at, name)):
        return span
    for word in rules.PROSE_WORDS:
        if follows.startswith(word) and (name.lower() != "pass" or word in (b"is ", b"was ")):
            at += len(word)
            while data[at : at + 1] in (b" ", b":"):
                at += 1
            span = _value_at(data, at, in_code=False)
            is_sure = name.lower() != "pass" or (span and is_telling(data[span[0] : span[1]], digits_min=2))
            return span if is_sure else None
    before = data[max(end - 120, 0) : end - len(name)]
    setter = before.rstrip(NAME_CHARS + b"/").rstrip(b" \"'")
    if name.startswith("-") or b"login " in before or setter.endswith(rules.SETTERS_BYTES):
        return _value_at(data, at, in_code=False)
    if (type_end := _past_type(data, at)) > at:
        return _value_at(data, type_end, in_code=True)
    span = _value_at(data, at, in_code=False)
    if span and is_strong(data[span[0] : span[1]].decode("utf-8", "replace")):
        return span
    if span and is_telling(data[span[0] : span[1]], digits_min=1 if _is_row(data, end - len(name), end, span) else 2):
        return span
    if span and follows.startswith((b"'", b'"')) and is_telling(data[span[0] : span[1]], 1 if name.isupper() else 2):
        return span
    return None if name.lower() == "pass" else _listed_value(data, at)


def _is_row(data: bytes, start: int, end: int, span: tuple[int, int]) -> bool:
    """Say whether a name and a value are all that a line has, in columns."""
    if data[start - 1 : start] not in (b"\n", b"\0", b"") or data[span[1] : span[1] + 1] not in (b"\n", b"\r", b""):
        return False
    return data[end : end + 2] in (b"  ", b"\t\t") or data[end : end + 1] == b"\t"


def strong_on_line(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the first word of the line's rest that only a made-up password can be."""
    stop = data.find(b"\n", at, at + STRONG_REACH_CHARS)
    rest = data[at : stop if stop >= 0 else at + STRONG_REACH_CHARS]
    if not _DIGITS.intersection(rest):
        return None
    previous = b""
    for piece in rest.replace(b'"', b" ").replace(b"'", b" ").split():
        word = piece.strip(b".,;:=")
        text = word.decode("utf-8", "replace")
        if previous in rules.PREPOSITIONS and _is_numbered_word(word) and not is_stand_in(text, quoted=True):
            begin = data.find(word, at)
            return begin, begin + len(word)
        previous = piece
        if not rules.PASSWORD_SYMBOLS.isdisjoint(word) and not is_stand_in(text, quoted=True) and is_strong(text):
            begin = data.find(word, at)
            return begin, begin + len(word)
    return None


def _is_numbered_word(word: bytes) -> bool:
    """Say whether this is a word and a number of three digits or more, as people make a password."""
    stem = word.rstrip(b"0123456789")
    return (
        len(word) - len(stem) >= 3
        and len(stem) >= 4
        and stem.isalpha()
        and stem.islower()
        and not any(part in stem for part in rules.NAME_PARTS)
    )


def _told_later(data: bytes, at: int, name: str) -> tuple[int, int] | None:
    """Return the value in "(the password) for the test account is …"."""
    stop = data.find(b"\n", at, at + STRONG_REACH_CHARS)
    limit = stop if stop >= 0 else at + STRONG_REACH_CHARS
    place = data.find(b" is ", at, limit)
    place = place + 4 if place >= 0 else data.find(b": ", at, limit) + 2
    if place > 1 and name.lower().endswith("phrase") and (span := _phrase_at(data, place)):
        return span
    span = _value_at(data, place, in_code=False) if place > 1 else None
    return span if span and _DIGITS.intersection(data[span[0] : span[1]]) else None


def _past_escape(data: bytes, at: int) -> int:
    """Return the position after signs written as `%3D` or `\\u0022` at `at`."""
    while True:
        head = data[at : at + 9]
        signs = head.lstrip(b"\\:")
        if head[:3].lower() in rules.ESCAPED_SIGNS:
            at += 3
        elif b"\\" in head[: len(head) - len(signs)] and signs[:5].lower() in rules.ESCAPED_SIGNS:
            at += len(head) - len(signs) + 5
        else:
            return at


def _past_type(data: bytes, at: int) -> int:
    """Return the position of the value when a type and an equals sign stand before it (`: &str = "…"`)."""
    end = at
    while end < len(data) and data[end] in _TYPE_CHARS and end - at < 32:
        end += 1
    equal = end
    while equal < len(data) and data[equal] in BLANKS and equal - end < 8:
        equal += 1
    known = equal > end or data[at:end].decode("latin-1") in rules.TYPE_WORDS
    if end == at or not known or data[equal : equal + 1] != b"=" or data[equal + 1 : equal + 2] == b"=":
        return at
    equal += 1
    while equal < len(data) and data[equal] in BLANKS:
        equal += 1
    return equal


def _value_of_pair(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the value listed beside a name: `"name": "X", "value": "…"`, `variable "X" { default = "…" }`."""
    near = data[at : at + PAIR_CHARS_MAX].lower()
    for word in (b"value", b"default"):
        place = near.find(word)
        if place < 0 or near[:place].strip(b" \t\r\n,;:{\"'<>()-|\\"):
            continue
        begin = at + place + len(word)
        while begin < len(data) and data[begin] in b" \t\"'\\:=>":
            begin += 1
            if data[begin - 1] in b"\"'" and data[begin : begin + 1] not in (b":", b" ", b"=", b"\\"):
                begin -= 1
                break
        return _value_at(data, begin, in_code=False)
    return None


def _listed_value(data: bytes, at: int) -> tuple[int, int] | None:
    """Return a made-up password that ends the line after the one a name is on (a heading of a table, a message)."""
    line_end = data.find(b"\n", at, at + PAIR_CHARS_MAX)
    if line_end < 0 or b"=" in data[at:line_end]:
        return None
    begin = line_end + 1
    while begin < len(data) and data[begin] in b"\r\n-= ":
        begin += 1
        if begin - line_end > LINE_CHARS_MAX:
            return None
    stop = data.find(b"\n", begin, begin + LINE_CHARS_MAX)
    line = data[begin : stop if stop >= 0 else begin + LINE_CHARS_MAX].rstrip()
    word = line.split()[-1] if line.split() else b""
    value = word.decode("utf-8", "replace")
    if len(line.split()) <= 4 and not is_stand_in(value, quoted=True) and (
        is_strong(value) or (len(word) >= 20 and len(word) == len(line) and is_random(word) and word.isalnum())
    ):  # fmt: skip
        end = begin + len(line)
        return end - len(word), end
    return None


def _fallback(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the literal that a lookup falls back to: `get("PW", "…")`, `process.env.PW || '…'`."""
    head = data[at : at + LINE_CHARS_MAX]
    line = head[: head.find(b"\n")] if b"\n" in head else head
    if not line.startswith(rules.LOOKUPS):
        return None
    for sign in (b", ", b"|| ", b"?? ", b" or "):
        place = line.find(sign)
        if place >= 0 and line[place + len(sign) : place + len(sign) + 1] in (b'"', b"'", b"`"):
            return _value_at(data, at + place + len(sign), in_code=False)
    return None


def _value_at(data: bytes, at: int, *, in_code: bool) -> tuple[int, int] | None:
    mark = at
    while at < len(data) and data[at] == 0x5C:
        at += 1
    if data[at : at + 1] in (b"b", b"r", b"f", b"@", b"u") and data[at + 1 : at + 2] in (b'"', b"'"):
        at += 1
    quote = data[at : at + 1]
    limit = min(at + PASSWORD_CHARS_MAX, len(data))
    if quote and quote in b"\"'`":
        at += 1
        end = first_stop(data, at, limit, _QUOTE_TABLES[quote])
        value = data[at:end].rstrip(b"\\")
        end = at + len(value)
        quoted = True
    else:
        at = mark
        end = first_stop(data, at, limit, _STOP_TABLE)
        end = at + len(data[at:end].rstrip(b"\\.,:"))
        for sign in (b"\\", b"%26", b"&"):
            cut = data.find(sign, at + 1, end)
            if cut >= 0 and (sign != b"&" or b"=" in data[cut:end]):
                end = cut
        value = data[at:end]
        quoted = False
        if data[end : end + 1] == b"(" or b"(" in value or b"[" in value or (in_code and is_identifier(value)):
            return None
    text = value.decode("utf-8", "replace")
    if is_secret(text, PASSWORD, quoted):
        return at, end
    return None


def is_telling(value: bytes, digits_min: int) -> bool:
    """Say whether a value would be a password in any place: strong, a phrase, or a word with a number."""
    text = value.decode("utf-8", "replace")
    digits = sum(char.isdigit() for char in text)
    if is_strong(text) or is_phrase(text, 3) or is_random(value):
        return True
    if digits < digits_min or not text.isalnum() or text.isdigit():
        return False
    return not is_identifier(value) or (is_interleaved(value) and not any(part in value for part in rules.NAME_PARTS))
