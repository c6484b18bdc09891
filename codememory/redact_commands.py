"""Find passwords that commands are given: by short flags, on their standard input, in the place of an argument."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import is_random, is_stand_in, is_strong
from codememory.redact_names import first_stop, stop_table
from codememory.redact_places import is_telling, strong_on_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND_CHARS_MAX = 300
PASSWORD_CHARS_MIN = 3
_HEADER_TABLE = stop_table(b"\n\r\"'`\\<\0")
_WORD_TABLE = stop_table(b" \t\n\"'`\\);|&")
_COMMAND_ENDS = (b"\n", b"|", b";", b"&", b"\0", b"$(", b"\\n")


def flag_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find passwords given to commands by flags: curl -u, mysql -p, redis-cli -a, ldapsearch -w."""
    at = data.find(b" -")
    while at >= 0:
        if data[at + 2 : at + 3] in rules.FLAG_LETTERS:
            width = 7 if data[at + 2 : at + 7] in (b"-user", b"-auth") else 4 if data[at + 2 : at + 4] == b"pw" else 3
            if data[at + 1 : at + 13] == b"--with-token" and (piped := _piped(data, at + 1)):
                yield (*piped, "token")
            rule = rules.PASSWORD_FLAGS.get(data[at + 1 : at + width])
            if rule is not None and (span := _flagged(data, at, width, rule)):
                yield (*span, "password")
        at = data.find(b" -", at + 2)


def _flagged(
    data: bytes, at: int, width: int, rule: tuple[tuple[str, frozenset[bytes]], ...]
) -> tuple[int, int] | None:
    before = data[max(at - COMMAND_CHARS_MAX, 0) : at]
    if rule[0][0] == "piped":
        return _piped(data, at) if b"sudo" in before[-12:] else None
    if rule[0][0] == "quoted" and data[at : at + 14].lower() == b" -asplaintext ":
        return _quoted_before(data, at)
    for stop in _COMMAND_ENDS:
        before = before[before.rfind(stop) + 1 :]
    words = {word.rsplit(b"=", 1)[-1].rsplit(b"/", 1)[-1].strip(b"\"'`(") for word in before.split()}
    for style, commands in rule:
        if style == "percent" or not words.isdisjoint(commands):
            return _flag_value(data, at + width, style)
    if data[at + 1 : at + width] in rules.LIKELY_FLAGS and any(
        word.startswith(rules.USER_FLAGS) for word in (*before.split(), *data[at + 3 : at + 60].split(b"\n")[0].split())
    ):
        span = _flag_value(data, at + width, "either")
        return span if span and is_telling(data[span[0] : span[1]], digits_min=2) else None
    return None


def _flag_value(data: bytes, at: int, style: str) -> tuple[int, int] | None:
    """Return start and end of the password after a flag that ends at `at`."""
    limit = data.find(b"\n", at, at + COMMAND_CHARS_MAX)
    limit = min(limit if limit >= 0 else at + COMMAND_CHARS_MAX, len(data))
    follows = data[at : at + 1]
    if style == "attached" and follows in (b" ", b"="):
        return None
    if follows in (b" ", b"="):
        at += 1
    elif style == "next":
        return None
    at, end = _word_at(data, at, limit)
    if sign := rules.PARTED_BY.get(style):
        parted = data.find(sign, at, end)
        if parted < 0:
            return None
        if data[parted + 1 : end] or style != "pair":
            at = parted + 1
        elif is_random(data[at:parted]):  # an API's key in the user's place: `curl -u sk_…:`
            end = parted
    if style == "token" and not is_random(data[at:end]):
        return None
    return _if_secret(data, at, end)


def _word_at(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """Return start and end of the shell word at `at`, without its quotes."""
    while data[at : at + 1] == b"\\":
        at += 1
    quote = data[at : at + 1]
    if quote in (b"'", b'"'):
        at += 1
        end = data.find(quote, at, limit)
        end = limit if end < 0 else end
        return at, at + len(data[at:end].rstrip(b"\\"))
    return at, first_stop(data, at, limit, _WORD_TABLE)


def _if_secret(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    value = data[at:end].decode("utf-8", "replace")
    return (at, end) if len(value) >= PASSWORD_CHARS_MIN and not is_stand_in(value, quoted=True) else None


def piped_spans(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find what is echoed into a command that reads a password: `echo … | docker login --password-stdin`."""
    for reader in rules.STDIN_READERS:
        at = lowered.find(reader)
        while at >= 0:
            if span := _piped(data, at):
                yield (*span, "password")
            at = lowered.find(reader, at + len(reader))


def _piped(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the word that is printed into, or given as a here-string to, the command around `at`."""
    line_start = max(data.rfind(b"\n", 0, at) + 1, at - COMMAND_CHARS_MAX)
    pipe = data.rfind(b"|", line_start, at)
    here = data.find(b"<<<", at, at + COMMAND_CHARS_MAX)
    if here >= 0 and b"\n" not in data[at:here]:
        begin, end = here + 3, at + COMMAND_CHARS_MAX
        while data[begin : begin + 1] == b" ":
            begin += 1
        begin, end = _word_at(data, begin, min(end, len(data)))
        return _if_secret(data, begin, end)
    if pipe < 0:
        return None
    printed = data[line_start:pipe].rstrip()
    start = max(printed.rfind(b"echo "), printed.rfind(b"printf "))
    if start < 0:
        return None
    end = line_start + len(printed)
    quote = printed[-1:]
    if quote in (b"'", b'"'):
        end -= 1
        end -= len(printed[: len(printed) - 1]) - len(printed[: len(printed) - 1].rstrip(b"\\"))
        opening = data.rfind(quote, line_start + start, end)
        begin = opening + 1 if opening >= 0 else end
    else:
        begin = data.rfind(b" ", line_start + start, end) + 1
    colon = data.find(b":", begin, end)
    if data[at : at + 8].lower() == b"chpasswd" and colon >= 0:
        begin = colon + 1
    return _if_secret(data, begin, end)


def _quoted_before(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the quoted word that ends right before `at`."""
    end = at - 1
    quote = data[end : end + 1]
    if quote not in (b"'", b'"'):
        return None
    begin = data.rfind(quote, max(end - COMMAND_CHARS_MAX, 0), end)
    return _if_secret(data, begin + 1, end) if begin >= 0 else None


def pair_spans(data: bytes, lowered: bytes, opener: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the password in `auth=("user", "…")`, `NetworkCredential("user", "…")` and the like."""
    at = lowered.find(opener)
    while at >= 0:
        begin = at + len(opener)
        limit = data.find(b"\n", begin, begin + COMMAND_CHARS_MAX)
        line = data[begin : limit if limit >= 0 else begin + COMMAND_CHARS_MAX]
        comma = line.find(b",")
        opening = 0 if opener.endswith(b"(") else line.find(b"(") + 1
        rest = line[comma + 1 :].lstrip(b" ")
        if 0 <= opening <= comma and line[opening : opening + 1] in (b'"', b"'") and rest[:1] in (b'"', b"'"):
            start, end = _word_at(data, begin + len(line) - len(rest), begin + len(line))
            value = data[start:end].decode("utf-8", "replace")
            if (is_strong(value) or any(char.isdigit() for char in value)) and (span := _if_secret(data, start, end)):
                yield (*span, "password")
        if opener != b"auth=(" and (strong := strong_on_line(data, begin)):
            yield (*strong, "password")
        at = lowered.find(opener, begin)


def header_spans(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find what follows the scheme in an Authorization header, whatever scheme it is."""
    at = lowered.find(b"authorization")
    while at >= 0:
        begin = at + 13
        while data[begin : begin + 1] in (b'"', b"'", b"\\", b" ", b"]", b"\0"):
            begin += 1
        joined = data[begin : begin + 1] in (b":", b"=") or data[begin - 1 : begin] == b"\0"
        if joined and (span := _credentials(data, begin)):
            yield (*span, "authorization")
        at = lowered.find(b"authorization", at + 13)


def _credentials(data: bytes, begin: int) -> tuple[int, int] | None:
    """Return start and end of the credentials of a header whose colon is at `begin`."""
    while data[begin : begin + 1] in (b":", b"=", b" ", b'"', b"'", b"\\", b"`", b"f"):
        begin += 1
    end = first_stop(data, begin, begin + COMMAND_CHARS_MAX, _HEADER_TABLE)
    scheme, blank, rest = data[begin:end].partition(b" ")
    if not blank or not scheme.replace(b"-", b"").isalnum() or b"$" in rest or b"{" in rest:
        return None
    if data[end : end + 1] == b'"' and rest.endswith(b"="):  # a digest's fields are quoted
        line_end = data.find(b"\n", end, end + COMMAND_CHARS_MAX)
        end = line_end if line_end >= 0 else min(end + COMMAND_CHARS_MAX, len(data))
        rest = data[begin + len(scheme) + 1 : end]
    words = rest.split()
    start = end - len(rest)
    if len(words) == 1 and not (is_random(words[0]) or words[0].endswith(b"=")):
        return None
    if not words or (len(words) > 1 and b"=" not in rest):
        return None
    return _if_secret(data, start, end - (len(rest) - len(rest.rstrip())))


def worded_spans(data: bytes, lowered: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the password in `IDENTIFIED BY '…'`."""
    at = lowered.find(b"identified by ")
    while at >= 0:
        begin, end = _word_at(data, at + 14, min(at + 14 + COMMAND_CHARS_MAX, len(data)))
        is_statement = data[at : at + 10].isupper() or any(char in b"0123456789" for char in data[begin:end])
        if is_statement and data[at + 14 : at + 15] in (b"'", b'"') and (span := _if_secret(data, begin, end)):
            yield (*span, "password")
        at = lowered.find(b"identified by ", at + 14)
