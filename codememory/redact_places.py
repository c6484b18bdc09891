"""Find secrets by their place: after a password-like name or flag, in an address, in a private key block."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import (
    is_identifier,
    is_placeholder,
    is_random,
    is_secret,
    is_stand_in,
    kind_of,
    name_level,
)
from codememory.redact_tokens import BLANKS, DIGITS, LETTERS, NAME_CHARS, RUN_CHARS_MIN, TOKEN_CHARS, token_runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD_CHARS_MAX = 512
KEY_BLOCK_CHARS_MAX = 20_000

STOPS = frozenset(b" \t\r\n\0\"'`<>|;,)}]")
# Lower case with "u" and "a" read as "p": one needle then stands for "pass" and one for the flags -p, -u and -a.
COARSE_TABLE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZua", b"pbcdefghijklmnopqrstpvwxyzpp")
LOWER_TABLE = bytes.maketrans(LETTERS[:26], LETTERS[26:])


def url_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find passwords in scheme://user:password@host, and tokens in the user's place."""
    at = data.find(b"://")
    while at >= 0:
        begin = at + 3
        end = begin
        limit = min(begin + 320, len(data))
        while end < limit and data[end] not in b" \t\r\n\0\"'`<>/?#\\":
            end += 1
        host = data.rfind(b"@", begin, end)
        if host > begin:
            user, colon, password = data[begin:host].partition(b":")
            if user.startswith(b"["):
                pass  # a marker
            elif colon and len(password) > 2 and not is_stand_in(password.decode("latin-1")):
                yield begin + len(user) + 1, host, "password"
            elif not colon and len(user) >= RUN_CHARS_MIN and is_random(user) and not is_placeholder(user):
                yield begin, host, "token"
        at = data.find(b"://", begin)


def key_blocks(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find private key blocks, whole or cut off at either end."""
    at = data.find(b"PRIVATE KEY")
    while at >= 0:
        line = max(data.rfind(b"-----BEGIN", max(at - 40, 0), at), -1)
        stop = data.find(b"-----", at)
        if line >= 0 and 0 <= stop - at < 24:
            body = stop + 5
            end = data.find(b"-----END", body, body + KEY_BLOCK_CHARS_MAX)
            begin_next = data.find(b"-----BEGIN", body, body + KEY_BLOCK_CHARS_MAX)
            if end >= 0 and (begin_next < 0 or end < begin_next):
                close = data.find(b"-----", end + 8, end + 60)
                end = close + 5 if close >= 0 else end
            else:
                end = _key_body_end(data, body)
            if next(token_runs(data[body:end]), None):
                yield line, end, "private-key"
                at = end
        elif data.rfind(b"-----END", max(at - 40, 0), at) >= 0:
            finish = data.rfind(b"-----END", max(at - 40, 0), at)
            start = _key_body_start(data, finish)
            if next(token_runs(data[start:finish]), None):
                yield start, finish, "private-key"
        at = data.find(b"PRIVATE KEY", at + 11)


def _key_body_end(data: bytes, start: int) -> int:
    """Return where the base64 lines after start end (a key whose end was cut off)."""
    end = start
    limit = min(start + KEY_BLOCK_CHARS_MAX, len(data))
    while end < limit:
        stop = data.find(b"\n", end, limit)
        stop = limit if stop < 0 else stop
        line = data[end:stop].strip()
        if line and not _is_key_line(line):
            break
        end = min(stop + 1, limit)
    return end


def _key_body_start(data: bytes, end: int) -> int:
    """Return where the base64 lines before end begin (a key whose beginning was cut off)."""
    start = end
    limit = max(end - KEY_BLOCK_CHARS_MAX, 0)
    while start > limit:
        begin = data.rfind(b"\n", limit, start - 1) + 1
        line = data[max(begin, limit) : start].strip()
        if line and not _is_key_line(line):
            break
        if begin <= limit:
            return limit
        start = begin
    return start


def _is_key_line(line: bytes) -> bool:
    text = line.lstrip(DIGITS + b" \t?|>#*").replace(b"\\n", b"").strip(b"\"',\\ ")
    if text.startswith((b"Proc-Type:", b"DEK-Info:", b"Version:", b"Comment:")):
        return True
    return not text.strip(TOKEN_CHARS + b"/=") and (len(text) >= 40 or not text or text.isalnum() or b"=" in text)


def assignment_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find values given to password-like names: in code, JSON, YAML, env files, flags, XML and prose."""
    lowered = data.translate(LOWER_TABLE)
    for stem in (b"pass", b"pwd", b"secret"):
        at = lowered.find(stem)
        while at >= 0:
            end = at + len(stem)
            while end < len(data) and data[end] in NAME_CHARS:
                end += 1
            window = data[max(at - 64, 0) : at]
            start = at - (len(window) - len(window.rstrip(NAME_CHARS)))
            name = data[start:end].rstrip(b".").decode("latin-1")
            if len(name) <= 80 and name_level(name.lstrip("-$.")) == 2:
                span = _assigned_value(data, end, name)
                if span:
                    yield (*span, kind_of(name))
            at = lowered.find(stem, end)


def _assigned_value(data: bytes, end: int, name: str) -> tuple[int, int] | None:
    """Return start and end of the secret value that follows a name ending at end."""
    at = end
    while at < len(data) and data[at] in b"\"'`\\])*":
        at += 1
    closing = at > end
    blank = at
    while at < len(data) and data[at] in BLANKS and at - blank < 24:
        at += 1
    spaced = at > blank
    joint_at = at
    while at < len(data) and data[at] in b":=>?\0|" and at - joint_at < 3:
        at += 1
    joint = data[joint_at:at]
    if joint.startswith(b">") and (data[end - len(name) - 1 : end - len(name)] != b"<" or name.startswith("your")):
        return None
    if joint == b":" and name == "PASS":
        return None  # a test runner's "PASS: name"
    if not joint:
        if closing and data[at : at + 1] == b"," and name.isupper():
            at += 1
        elif spaced and data[at : at + 3] in (b"is ", b"is:"):
            at += 3
        elif not (spaced and (name.startswith("-") or b"login " in data[max(end - 120, 0) : end])):
            return None
    while at < len(data) and data[at] in BLANKS:
        at += 1
        spaced = spaced or joint == b"="
    if data[at : at + 3] in (b"str", b"Str", b"&st") and (equal := data.find(b"=", at, at + 24)) >= 0:
        at = equal + 1
        while at < len(data) and data[at] in BLANKS:
            at += 1
    return _value_at(data, at, spaced and joint.startswith(b"="))


def _value_at(data: bytes, at: int, in_code: bool) -> tuple[int, int] | None:
    mark = at
    while at < len(data) and data[at] == 0x5C:
        at += 1
    quote = data[at : at + 1]
    limit = min(at + PASSWORD_CHARS_MAX, len(data))
    if quote and quote in b"\"'`":
        at += 1
        end = at
        while end < limit and data[end] not in (quote[0], 0x0A, 0x00):
            end += 1
        value = data[at:end].rstrip(b"\\")
        end = at + len(value)
        quoted = True
    else:
        at = mark
        end = at
        while end < limit and data[end] not in STOPS:
            end += 1
        end = at + len(data[at:end].rstrip(b"\\.,:"))
        value = data[at:end]
        quoted = False
        if data[end : end + 1] == b"(" or b"(" in value or b"[" in value or (in_code and is_identifier(value)):
            return None
    if is_secret(value.decode("latin-1"), 2, quoted):
        return at, end
    return None


def flag_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find passwords given to commands by short flags: curl -u, mysql -p, redis-cli -a."""
    coarse = data.translate(COARSE_TABLE)
    for needle, width in ((b" -p", 3), (b" --pser", 7)):
        at = coarse.find(needle)
        while at >= 0:
            flag = data[at + 1 : at + width].decode("latin-1")
            before = data[max(at - 300, 0) : at]
            for stop in (b"\n", b"|", b";", b"&", b"\0", b"$(", b"\\n"):
                before = before[before.rfind(stop) + 1 :]
            words = {word.rsplit(b"/", 1)[-1].strip(b"\"'`(").decode("latin-1") for word in before.split()}
            for rule in (flag, " " + flag):
                style, commands = rules.PASSWORD_FLAGS.get(rule, ("", frozenset()))
                if not words.isdisjoint(commands) and (span := _flag_value(data, at + width, style)):
                    yield (*span, "password")
            at = coarse.find(needle, at + width)


def _flag_value(data: bytes, at: int, style: str) -> tuple[int, int] | None:
    """Return start and end of the password after a flag that ends at `at`."""
    limit = data.find(b"\n", at, at + 300)
    limit = min(limit if limit >= 0 else at + 300, len(data))
    follows = data[at : at + 1]
    if style == "attached" and follows in (b" ", b"="):
        return None
    if follows in (b" ", b"="):
        at += 1
    elif style == "next":
        return None
    quote = data[at : at + 1]
    if quote in (b"'", b'"'):
        at += 1
        end = data.find(quote, at, limit)
        end = limit if end < 0 else end
    else:
        end = at
        while end < min(limit, len(data)) and data[end] not in b" \t\n\"'`\\)":
            end += 1
    if style in ("pair", "percent"):
        parted = data.find(b":" if style == "pair" else b"%", at, end)
        if parted < 0:
            return None
        at = parted + 1
    value = data[at:end].decode("latin-1")
    return (at, end) if len(value) > 2 and not is_stand_in(value) else None


def chinese_spans(text: str, data: bytes) -> Iterator[tuple[int, int, str]]:
    for name in rules.CHINESE_NAMES:
        at = text.find(name)
        while at >= 0:
            begin = at + len(name)
            while begin < len(text) and text[begin] in rules.CHINESE_JOINTS:
                begin += 1
            end = begin
            while end < len(data) and data[end] not in STOPS and text[end].isascii():
                end += 1
            if begin > at + len(name) and is_secret(text[begin:end], 2, quoted=False):
                yield begin, end, "password"
            at = text.find(name, at + 1)
