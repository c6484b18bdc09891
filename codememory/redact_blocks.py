"""Find secrets by the block they stand in: private keys, a cluster's secrets, phrases of words."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import is_phrase, is_placeholder, is_stand_in
from codememory.redact_tokens import DIGITS, TOKEN_CHARS, token_runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

KEY_BLOCK_CHARS_MAX = 20_000
SECRET_CHARS_MAX = 20_000
PHRASE_CHARS_MAX = 400
PHRASE_WORDS_MIN = 9
WALLET_WORDS = (12, 15, 18, 21, 24)
_LINE_FRONT = DIGITS + b" \t?|>#*+-:"


def key_blocks(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find private key blocks, whole or cut off at either end."""
    yield from _labelled_blocks(data)
    at = data.find(b"PRIVATE KEY")
    while at >= 0:
        line = max(data.rfind(b"----BEGIN", max(at - 40, 0), at), data.rfind(b"---- BEGIN", max(at - 40, 0), at))
        stop = data.find(b"----", at)
        if line >= 0 and 0 <= stop - at < 24:
            line -= data[line - 1 : line] == b"-"
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
    at = data.find(b"Private-Lines:")
    while at >= 0:
        body = data.find(b"\n", at, at + 40) + 1
        body = body or at + len(b"Private-Lines: 0")
        end = _key_body_end(data, body)
        if end > body:
            yield body, end, "private-key"
        at = data.find(b"Private-Lines:", max(end, at + 1))


def _labelled_blocks(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find blocks between BEGIN and END whose label speaks of a secret in another way than a private key's."""
    at = data.find(b"-----BEGIN ")
    while at >= 0:
        body = data.find(b"-----", at + 11, at + 80)
        label = data[at + 11 : body] if body >= 0 else b""
        if any(word in label for word in (b"SECRET", b"KEY", b"TOKEN", b"CREDENTIAL")) and not any(
            word in label for word in (b"PRIVATE KEY", b"PUBLIC", b"\n")
        ):
            end = data.find(b"-----END " + label, body, body + KEY_BLOCK_CHARS_MAX)
            end = end if end >= 0 else _key_body_end(data, body + 5)
            if next(token_runs(data[body:end]), None):
                yield body + 5, end, "private-key"
        at = data.find(b"-----BEGIN ", at + 11)


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
    text = line.lstrip(_LINE_FRONT).replace(b"\\n", b"").strip(b"\"',\\ ")
    if text.startswith((b"Proc-Type:", b"DEK-Info:", b"Version:", b"Comment:")):
        return True
    return not text.strip(TOKEN_CHARS + b"/=") and (len(text) >= 40 or not text or text.isalnum() or b"=" in text)


def cluster_secrets(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find every value in the `data` and `stringData` of a Kubernetes object of kind Secret, in YAML and JSON."""
    at = lowered.find(b"secret")
    end = 0
    while at >= 0:
        kind = lowered[max(at - 12, 0) : at].rstrip(b" \"'\\")
        after = data[at + 6 : at + 7].strip(b"\r\n\"'\\")
        if kind.endswith(b":") and kind.rstrip(b": \"'\\").endswith(b"kind") and not after:
            begin = max(data.rfind(b"\n---", max(at - SECRET_CHARS_MAX, 0), at), at - SECRET_CHARS_MAX, end)
            stop = data.find(b"\n---", at, at + SECRET_CHARS_MAX)
            end = stop if stop >= 0 else min(at + SECRET_CHARS_MAX, len(data))
            yield from _section_values(data, begin, end)
        at = lowered.find(b"secret", max(at + 6, end))


def _section_values(data: bytes, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    for name in (b"data", b"stringData"):
        at = data.find(name, begin, end)
        while at >= 0:
            colon = at + len(name)
            while data[colon : colon + 1] in (b'"', b"'", b"\\", b" "):
                colon += 1
            if data[colon : colon + 1] == b":" and not data[at - 1 : at].isalpha():
                opening = data[colon + 1 : colon + 13].lstrip(b" \\n\t\r\n")[:1]
                stop = data.find(b"}", colon, end) if opening == b"{" else _indented_end(data, colon + 1, end)
                stop = end if stop < 0 else stop
                yield from _values_within(data, colon + 1, stop)
                colon = max(colon, stop)
            at = data.find(name, colon, end)


def _values_within(data: bytes, at: int, stop: int) -> Iterator[tuple[int, int, str]]:
    """Yield the values of the mapping that stands between two positions."""
    while (colon := data.find(b":", at, stop)) >= 0:
        begin = colon + 1
        while begin < stop and data[begin] in b" \t\"'\\|":
            begin += 1
        finish = begin
        while finish < stop and data[finish] not in b"\"'\\\r\n,}":
            finish += 1
        value = data[begin:finish].decode("utf-8", "replace").strip()
        if len(value) >= 4 and not is_stand_in(value):
            yield begin, begin + len(data[begin:finish].rstrip()), "secret"
        at = max(finish, colon + 1)


def _indented_end(data: bytes, at: int, end: int) -> int:
    """Return where the lines indented deeper than the line before `at` end."""
    line = data.rfind(b"\n", 0, at) + 1
    front = data[line:at]
    depth = len(front) - len(front.lstrip(b" "))
    at = data.find(b"\n", at, end)
    while 0 <= at < end - 1:
        following = data[at + 1 : min(at + 64, end)]
        if following[:1] != b"\n" and len(following) - len(following.lstrip(b" ")) <= depth:
            return at
        at = data.find(b"\n", at + 1, end)
    return end


def phrase_spans(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the words of a wallet's mnemonic or recovery phrase."""
    for stem in (b"mnemonic", b"phrase", b"seed"):
        at = lowered.find(stem)
        while at >= 0:
            begin = at + len(stem)
            while begin < len(data) and data[begin] in b" \t\r\n:=\"'`(\\" and begin - at < 24:
                begin += 1
            begin += 3 * (data[begin : begin + 3] == b"is ")
            while data[begin : begin + 1] in (b" ", b":", b'"', b"'", b"`"):
                begin += 1
            end = begin
            limit = min(begin + PHRASE_CHARS_MAX, len(data))
            while end < limit and (97 <= data[end] <= 122 or data[end] in b" "):
                end += 1
            words = data[begin:end].decode("latin-1").strip()
            count = len(words.split())
            is_wallet = (
                count in WALLET_WORDS
                and all(3 <= len(word) <= 8 for word in words.split())
                and rules.JOINING_WORDS.isdisjoint(words.split())
            )
            if is_wallet or (
                count >= PHRASE_WORDS_MIN and is_phrase(words, PHRASE_WORDS_MIN) and not is_placeholder(data[begin:end])
            ):
                yield begin, begin + len(words), "recovery-phrase"
            at = lowered.find(stem, max(end, at + 1))
