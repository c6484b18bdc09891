"""Find passwords by their place among the words of a command or a call, and what is printed into a secret's reader."""

from __future__ import annotations

from codememory import redact_command_rules as places
from codememory import redact_rules as rules
from codememory.redact_judge import PASSWORD, is_placeholder, is_secret, is_stand_in, is_strong
from codememory.redact_names import first_stop, stop_table
from codememory.redact_places import is_telling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND_CHARS_MAX = 300
PASSWORD_CHARS_MIN = 5
PRINTERS = ((b"echo", b"echo "), (b"printf", b"printf "))
HERE = b"<<< "
_END_TABLE = stop_table(b"\n\r|;<>`\0")
_WORD_TABLE = stop_table(b" \t\n\"'`\\);|&,")


def placed_spans(data: bytes, lowered: bytes, words: set[bytes]) -> Iterator[tuple[int, int, str]]:
    """Find what commands and calls take as a password by its place, and what is printed into a reader of secrets.

    `words` are those of the text: a rule whose word is not among them has nothing to find.
    """
    for word, triggers in places.ARGUMENTS.items():
        if word in words:
            yield from _argument_spans(data, lowered, triggers)
    for word, triggers in places.CALLS.items():
        if word in words:
            yield from _call_spans(data, lowered, triggers)
    if b"/p:" in data:
        yield from _colon_flag_spans(data)
    for verb, sign in PRINTERS:
        if verb in words:
            yield from _printed_spans(data, lowered, sign)
    if b"<<< " in data:
        yield from _printed_spans(data, lowered, HERE)


def _argument_spans(
    data: bytes, lowered: bytes, triggers: tuple[tuple[bytes, int], ...]
) -> Iterator[tuple[int, int, str]]:
    """Find the words that commands take a password from by their place."""
    for trigger, place in triggers:
        at = lowered.find(trigger)
        while at >= 0:
            begin = at + len(trigger)
            words = command_words(data, begin)
            if len(words) >= (place if place > 0 else 2):
                start, end = words[place - 1 if place > 0 else place]
                if _is_password(data[start:end]):
                    yield start, end, "password"
            at = lowered.find(trigger, begin)


def _call_spans(data: bytes, lowered: bytes, triggers: tuple[tuple[bytes, int], ...]) -> Iterator[tuple[int, int, str]]:
    """Find the literals that calls take as a password or a key."""
    for trigger, place in triggers:
        at = lowered.find(trigger)
        while at >= 0:
            begin = at + len(trigger)
            stop = data.find(b"\n", begin, begin + COMMAND_CHARS_MAX)
            line = data[begin : stop if stop >= 0 else begin + COMMAND_CHARS_MAX]
            parts = line.split(b",")
            if len(parts) >= place:
                start = begin + sum(len(part) + 1 for part in parts[: place - 1])
                lead = data[start : start + 4].lstrip(b" bru")
                quote = lead[:1]
                start += data[start : start + 5].find(quote) + 1
                end = data.find(quote, start, begin + len(line)) if quote in (b"'", b'"', b"`") else -1
                value = data[start : max(end, start)]
                if end > start and b"=" not in parts[place - 1].split(quote)[0] and _is_literal(value):
                    yield start, end, "password"
            at = lowered.find(trigger, begin)


def _is_literal(value: bytes) -> bool:
    text = value.decode("utf-8", "replace")
    return is_secret(text, PASSWORD, quoted=True)


def command_words(data: bytes, at: int) -> list[tuple[int, int]]:
    """Return start and end of the words of a command from `at` on, flags left out and quotes taken off."""
    limit = first_stop(data, at, min(at + COMMAND_CHARS_MAX, len(data)), _END_TABLE)
    found = []
    while at < limit:
        if data[at] in b" \t":
            at += 1
            continue
        quote = data[at : at + 1]
        if quote in (b"'", b'"'):
            end = data.find(quote, at + 1, limit)
            end = limit if end < 0 else end
            found.append((at + 1, end))
            at = end + 1
            continue
        end = data.find(b" ", at, limit)
        end = limit if end < 0 else end
        if data[at : at + 2] == b"&&":
            break
        if data[at : at + 1] != b"-" and data[at : at + 1] != b"/":
            found.append((at, at + len(data[at:end].rstrip(b'\\,")'))))
        at = end
    return found


def _is_password(value: bytes) -> bool:
    text = value.decode("utf-8", "replace")
    if len(value) < PASSWORD_CHARS_MIN or is_stand_in(text, quoted=True) or is_placeholder(value):
        return False
    if b" " in value or value.endswith((b":", b".")):
        return False
    return any(char in b"0123456789" for char in value) or (
        not rules.PASSWORD_SYMBOLS.isdisjoint(value) and not text.isalpha()
    )


def _colon_flag_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find the password in `/p:…`, as remote desktop clients take it."""
    at = data.find(b"/p:")
    while at >= 0:
        begin = at + 3
        quote = data[begin : begin + 1]
        if quote in (b"'", b'"'):
            begin += 1
            end = data.find(quote, begin, begin + COMMAND_CHARS_MAX)
        else:
            end = first_stop(data, begin, begin + COMMAND_CHARS_MAX, _WORD_TABLE)
        value = data[begin : max(end, begin)]
        if data[at - 1 : at] in (b" ", b"'", b'"') and b"=" not in value and _is_password(value):
            yield begin, end, "password"
        at = data.find(b"/p:", at + 3)


def _printed_spans(data: bytes, lowered: bytes, verb: bytes) -> Iterator[tuple[int, int, str]]:
    """Find what is printed into a reader of secrets or a file named like one: `echo … > ~/.vault_pass`."""
    at = data.find(verb)
    while at >= 0:
        begin = at + len(verb)
        words = command_words(data, begin)
        if verb == HERE or _is_substituted(lowered, at):
            told = words[:1]
        else:
            stop = data.find(b"\n", begin, begin + COMMAND_CHARS_MAX)
            stop = min(stop if stop >= 0 else begin + COMMAND_CHARS_MAX, len(data))
            told = words[-1:] if _is_read(data, lowered, begin, stop, words) else []
        for start, end in told:
            value = data[start:end]
            if is_strong(value.decode("utf-8", "replace")) or (
                verb != HERE and is_telling(value, digits_min=2) and _is_password(value)
            ):
                yield start, end, "password"
        at = data.find(verb, begin)


def _is_substituted(lowered: bytes, at: int) -> bool:
    """Say whether the print at `at` stands for a password's file: `--password-file <(echo …)`."""
    asker = lowered[max(at - 60, 0) : at].rpartition(b"\n")[2].rstrip()
    return asker.endswith(b"<(") and any(word in asker for word in places.SECRET_READERS)


def _is_read(data: bytes, lowered: bytes, begin: int, stop: int, words: list[tuple[int, int]]) -> bool:
    """Say whether what is printed goes into a reader of secrets, or, made up beyond doubt, into any program."""
    target = min((at for sign in (b"|", b">") if (at := data.find(sign, begin, stop)) >= 0), default=-1)
    if target < 0 or not words or words[-1][1] > target:
        return False
    reader = lowered[target : min(target + 80, stop)].split(b"&&")[0]
    value = data[words[-1][0] : words[-1][1]].decode("utf-8", "replace")
    return any(word in reader for word in places.SECRET_READERS) or (reader[:1] == b"|" and is_strong(value))
