"""Find short values given to token-like names (`api_key=9f8e7d6c5b`): what no long run of characters shows."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import RANDOM, is_interleaved, is_stand_in, is_strong, kind_of, name_level
from codememory.redact_names import BLANKS, NAME_CHARS, first_stop, stop_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

NAME_CHARS_MAX = 60
VALUE_CHARS_MIN = 8
VALUE_CHARS_MAX = 200
_STOP_TABLE = stop_table(b" \t\r\n\0\"'`<>|;,)}]\\" + bytes(range(0x80, 0x100)))
_JOINTS = (b":", b"=", b'"', b"'", b"\0", b" ", b"_")
STEMS = (b"token", b"key", b"salt", b"cred")


def loose_spans(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the values right behind `name=`, `name: ` and `"name": "`."""
    for stem in STEMS:
        at = lowered.find(stem)
        while at >= 0:
            end = at + len(stem)
            # Most names stand in prose and code that gives them nothing: one look at the next character tells.
            if data[end : end + 1] in _JOINTS and (span := _given(data, at, end)):
                yield span
            at = lowered.find(stem, end)


def _given(data: bytes, at: int, end: int) -> tuple[int, int, str] | None:
    while end < len(data) and data[end] in NAME_CHARS:
        end += 1
    begin = end
    while data[begin : begin + 1] in (b'"', b"'", b"\\"):
        begin += 1
    while data[begin : begin + 1] == b" ":
        begin += 1
    if data[begin : begin + 1] not in (b":", b"=", b"\0"):
        return None
    spaced = begin > end and data[begin : begin + 1] == b"="
    begin += 1
    while begin < len(data) and data[begin] in BLANKS:
        begin += 1
        spaced = spaced or data[begin - 2 : begin - 1] == b"="
    while data[begin : begin + 1] == b"\\":
        begin += 1
    quoted = data[begin : begin + 1] in (b'"', b"'", b"`")
    begin += quoted
    stop = first_stop(data, begin, begin + VALUE_CHARS_MAX, _STOP_TABLE)
    value = data[begin:stop].rstrip(b".,:")
    if not len(value) >= VALUE_CHARS_MIN or not _is_token(value, quoted=quoted, in_code=spaced):
        return None
    window = data[max(at - NAME_CHARS_MAX, 0) : at]
    name = (window[len(window.rstrip(NAME_CHARS)) :] + data[at:end]).strip(b"-$.").decode("latin-1")
    if name.lower() == "key" and window.lower().endswith((b"api ", b"secret ", b"access ")):
        name = "api_key"
    if name_level(name) != RANDOM:
        return None
    return begin, begin + len(value), kind_of(name)


def _is_token(value: bytes, *, quoted: bool, in_code: bool) -> bool:
    text = value.decode("latin-1")
    if not quoted and (in_code or b"(" in value or b"." in value or b"[" in value):
        return False
    if is_stand_in(text, quoted=True) or any(part in value for part in rules.NAME_PARTS):
        return False
    return is_strong(text) or (is_interleaved(value.replace(b"-", b"")) and value.replace(b"-", b"").isalnum())
