"""Find tokens: long runs of token characters that a prefix, a name before them or their own make shows as secret.

Positions are those of the text; data is its Latin-1 copy (one byte for each character) or a raw JSON line.
"""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import is_placeholder, is_random, is_secret, kind_of, name_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

RUN_CHARS_MIN = 16
CONTEXT_CHARS = 96  # how far before a value its name is looked for
TOKEN_CHARS_MAX = 4096
BLOB_CHARS = 1_000  # a base64 payload longer than this is judged once

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = b"0123456789"
TOKEN_CHARS = LETTERS + DIGITS + b"_-+"
_NO_DIGITS = LETTERS + b"_-+"
NAME_CHARS = LETTERS + DIGITS + b"_.-$"
_VALUE_MORE = TOKEN_CHARS + b"/=.~"
BLANKS = b" \t"
_QUOTES = b"\"'`\\"

_RUN_TABLE = bytes(97 if char in TOKEN_CHARS else 32 for char in range(256))
_RUN = b"a" * RUN_CHARS_MIN
_HEX_TABLE = bytes.maketrans(b"0123456789abcdef", b"h" * 16)

_CUES: dict[bytes, list[tuple[bytes, int, str]]] = {}
for _kind, _least, _prefixes in rules.PROVIDER_PREFIXES:
    for _prefix in _prefixes.split():
        _CUES.setdefault(_prefix[:3].encode(), []).append((_prefix.encode(), _least, _kind))
_SHORT_CUES = {cue: found for cue, found in _CUES.items() if len(cue) < 3}


def run_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    blob_end = 0
    for start, end in token_runs(data):
        run = data[start:end]
        before = data[start - 1 : start]
        if before == b"\\" or before == b"%":
            start += _escape_width(run, before)
            run = data[start:end]
        elif run[0] in b"-_+":
            start += len(run) - len(run.lstrip(b"-_+"))
            run = data[start:end]
        cues = _CUES.get(run[:3]) or _SHORT_CUES.get(run[:2])
        if cues is not None and (kind := _provider_kind(run, cues)):
            yield start, _value_end(data, end), kind
        elif end > blob_end and run.strip(_NO_DIGITS):
            if span := _run_span(data, start, end, run):
                yield span
            elif data[end : end + 1] == b"/":
                # Later parts of one long base64 payload are no more secret than its first.
                stop = _value_end(data, end)
                blob_end = stop if stop - end > BLOB_CHARS else 0


def _escape_width(run: bytes, before: bytes) -> int:
    """Return how many characters at the run's start belong to an escape that stands before it."""
    if before == b"%":
        return 2
    return 5 if run[:1] in (b"u", b"U") else 3 if run[:1] == b"x" else 1 if run[:1] in b"nrtbf" else 0


def _provider_kind(run: bytes, cues: list[tuple[bytes, int, str]]) -> str | None:
    for prefix, least, kind in cues:
        rest = run[len(prefix) :]
        if run.startswith(prefix) and len(rest) >= least and is_random(rest) and not is_placeholder(rest):
            return kind
    return None


def _run_span(data: bytes, start: int, end: int, run: bytes) -> tuple[int, int, str] | None:
    """Return the span of a secret that this run with digits is a part of."""
    before = data[start - 1 : start]
    if run.startswith(b"eyJ"):
        stop = _value_end(data, end)
        if data[end : end + 1] == b"." and stop - end > 10:
            return start, stop, "jwt"
    if before == b".":
        if dotted := _dotted_start(data, start, run):
            return dotted[0], _value_end(data, end), dotted[1]
    elif before == b"~" and data[start - 2 : start - 1] == b"Q" and data[start - 3 : start - 2].isdigit():
        return start - 6, _value_end(data, end), "azure-secret"
    elif before == b":" and run.startswith(b"AA") and len(run) >= 32:
        head = data[max(start - 12, 0) : start - 1]
        digits = len(head) - len(head.rstrip(DIGITS))
        if 8 <= digits <= 10:
            return start - 1 - digits, end, "telegram-token"
    if data[end : end + 1] == b"." and run[:1] in (b"M", b"N", b"O") and 23 <= len(run) <= 28:
        tail = data[end + 1 : end + 60]
        parts = tail[: len(tail) - len(tail.lstrip(TOKEN_CHARS + b"."))].split(b".")
        if len(parts) >= 2 and 5 <= len(parts[0]) <= 7 and len(parts[1]) >= 27:
            return start, end + 1 + len(parts[0]) + 1 + len(parts[1]), "discord-token"
    if before == b"/" and (webhook := _webhook_start(data, start)):
        return webhook, _value_end(data, end), "webhook"
    return _named_span(data, start, end) or _shaped_span(start, end, run)


def _dotted_start(data: bytes, start: int, run: bytes) -> tuple[int, str] | None:
    """Return start and kind of a token whose prefix is parted from its run by a dot."""
    head = data[max(start - 32, 0) : start - 1]
    word = head[len(head.rstrip(TOKEN_CHARS + b".")) :]
    if word[:1] in (b"n", b"r", b"t") and data[start - 2 - len(word) : start - 1 - len(word)] == b"\\":
        word = word[1:]
    for parts in (1, 2):
        prefix = b".".join(word.split(b".")[-parts:])
        rule = rules.DOTTED_PREFIXES.get(prefix.decode("latin-1"))
        if rule is not None and len(run) >= rule[1] and is_random(run):
            return start - 1 - len(prefix), rule[0]
    last = word.rsplit(b".", 1)[-1]
    if last.startswith(b"pat") and len(last) == 17 and len(run) == 64:
        return start - 18, "airtable-token"
    return None


def _webhook_start(data: bytes, start: int) -> int:
    """Return where the secret part of a webhook's address begins; 0 if the run is not in one."""
    context = data[max(start - 160, 0) : start]
    for place in rules.WEBHOOK_PLACES:
        at = context.rfind(place.encode())
        if at >= 0 and not any(char in b" \t\n\"'" for char in context[at:]):
            return start - len(context) + at + len(place)
    return 0


def _named_span(data: bytes, start: int, end: int) -> tuple[int, int, str] | None:
    """Return the span when the value around this run is assigned to a secret-looking name or follows a scheme."""
    window = data[max(start - CONTEXT_CHARS, 0) : start]
    within = window[-1:] in (b"/", b"+", b".", b"~") or window[-3:-2] == b"%"
    lead = len(window) - len(window.rstrip(_VALUE_MORE + b"%")) if within else 0
    if lead:
        # The run may be a later part of a value with slashes or dots in it.
        head = window[-lead:]
        cut = head.rfind(b"=", 0, -1) + 1
        lead -= cut
        window = window[: len(window) - lead]
    begin = start - lead
    name, joint = _name_before(window)
    if not name:
        return None
    label = name.decode("latin-1")
    if joint == b" " and label.lower() in rules.SCHEMES:
        stop = _value_end(data, end)
        value = data[begin:stop]
        return (begin, stop, "authorization") if is_random(value) and not is_placeholder(value) else None
    level = name_level(label)
    kind = ""
    line = window[window.rfind(b"\n") + 1 :]
    if not level and joint == b"=" and (b"ookie" in line or b" -b " in line):
        level, kind = 1, "cookie"
    if not level:
        return None
    stop = _value_end(data, end)
    if is_secret(data[begin:stop].decode("latin-1"), level, quoted=True):
        return begin, stop, kind or kind_of(label)
    return None


def _name_before(window: bytes) -> tuple[bytes, bytes]:
    """Return the name that a value right after window is given to and what joins them; empty if there is none."""
    rest = window.rstrip(_QUOTES + BLANKS + b"([")
    joint = rest[-1:]
    if joint and joint in b":=>\0,|":
        rest = rest.rstrip(b":=>\0,|?" + BLANKS).rstrip(_QUOTES + BLANKS + b")]}*")
        name = rest[len(rest.rstrip(NAME_CHARS)) :]
        if name == b"PASS" and joint == b":":
            return b"", joint
        if name.lower() in (b"str", b"string", b"char", b"text"):
            rest = rest[: -len(name)].rstrip(b": \t")
            name = rest[len(rest.rstrip(NAME_CHARS)) :]
        if joint in b",|" and not name.isupper():
            return b"", joint
        return name, joint
    if not window[-1:] or window[-1:] not in b" \t\"'`":
        return b"", b""
    name = rest[len(rest.rstrip(NAME_CHARS)) :]
    if name.startswith(b"--") or name.lower().decode("latin-1") in rules.SCHEMES:
        return name.lstrip(b"-"), b" "
    head = rest[: len(rest) - len(name)].rstrip()
    before = head[len(head.rstrip(NAME_CHARS + _QUOTES + b"*")) :].strip(_QUOTES + b"*")
    if name.lower().decode("latin-1") in rules.PROSE_JOINTS:
        return before, b"is"
    if before.decode("latin-1").endswith(rules.SETTERS) or (window[-1:] == b"`" and len(name) < 12):
        return name, b"is"
    return b"", b""


def _shaped_span(start: int, end: int, run: bytes) -> tuple[int, int, str] | None:
    """Return the span of a token of unknown make that names itself: "acme_live_9f3…"."""
    if len(run) > 35 and run[32:33] == b"-":
        tail = run[32:].translate(_HEX_TABLE).decode("latin-1")
        tail = tail.replace("-ush", "-us0").replace("us0h", "us00")
        if not run[:32].strip(b"0123456789abcdef") and (kind := rules.HEX_TAILS.get(tail)):
            return start, end, kind
    parts = run.replace(b"-", b"_").split(b"_")
    if len(parts) < 2 or len(parts[-1]) < RUN_CHARS_MIN or not is_random(parts[-1]):
        return None
    words = [part.decode("latin-1").lower() for part in parts[:-1]]
    if len(words) <= 4 and any(word in rules.TOKEN_WORDS for word in words) and not is_placeholder(run):
        return start, end, "token"
    return None


def token_runs(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of every run of at least RUN_CHARS_MIN token characters."""
    classes = data.translate(_RUN_TABLE)
    start = classes.find(_RUN)
    while start >= 0:
        end = classes.find(b" ", start + RUN_CHARS_MIN)
        if end < 0:
            end = len(data)
        yield start, end
        start = classes.find(_RUN, end)


def _value_end(data: bytes, end: int) -> int:
    """Return where the value that a run ends in ends, over the characters of base64, JWT and the like."""
    limit = min(end + TOKEN_CHARS_MAX, len(data))
    tail = data[end:limit]
    value = tail[: len(tail) - len(tail.lstrip(_VALUE_MORE))]
    return end + len(value.rstrip(b".-/"))
