"""Find tokens: long runs of token characters that a prefix, a name before them or their own make shows as secret.

Positions are bytes of the text's UTF-8; whatever is no ASCII stands between runs.
"""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import (
    is_entropic,
    is_interleaved,
    is_mixed,
    is_placeholder,
    is_random,
    is_secret,
    kind_of,
    name_level,
)
from codememory.redact_names import CONTEXT_CHARS, name_before, stop_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

RUN_CHARS_MIN = 16
UNKNOWN_MAKE_CHARS_MIN = 20
SURE_MAKE_CHARS_MIN = 30
"""How long the random part of a token must be when nothing but its make tells."""

NEAR_RUN_CHARS_MIN = 20
LONE_CHARS_MIN = 20
LONE_CHARS_MAX = 128
BASE64_CHARS_MIN = 32
HASH_CHARS_MIN = 20
DIGEST_CHARS = (40, 64)  # a commit's or a file's hash
NEAR_CHARS = 4_000  # how far from a key's number the words that show it as one are looked for
TOKEN_CHARS_MAX = 4096
BLOB_CHARS = 1_000  # a base64 payload longer than this is judged once

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = b"0123456789"
HEX = b"0123456789abcdefABCDEF"
TOKEN_CHARS = LETTERS + DIGITS + b"_-+"
_NO_DIGITS = LETTERS + b"_-+"
_VALUE_MORE = TOKEN_CHARS + b"/=.~%!|#"
_BEFORE_MORE = TOKEN_CHARS + b"/.~%!|:=#"

_AROUND = b" \t\r\n\0\"'`()=~" + bytes(range(0x80, 0x100))

_RUN_TABLE = stop_table(TOKEN_CHARS).translate(bytes.maketrans(b"a\0", b" a"))
_RUN = b"a" * RUN_CHARS_MIN
_HEX_TABLE = bytes.maketrans(b"0123456789abcdef", b"h" * 16)

_CUES: dict[bytes, list[tuple[bytes, int, str]]] = {}
for _kind, _least, _prefixes in rules.PROVIDER_PREFIXES:
    for _prefix in _prefixes.split():
        _CUES.setdefault(_prefix[:3].encode(), []).append((_prefix.encode(), _least, _kind))
_SHORT_CUES = {cue: found for cue, found in _CUES.items() if len(cue) < 3}


def run_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of every secret token."""
    classes = data.translate(_RUN_TABLE) + b" "
    find = classes.find
    blob_end = end = 0
    while (start := find(_RUN, end)) >= 0:
        end = find(b" ", start + RUN_CHARS_MIN)
        run = data[start:end]
        if not run.strip(_NO_DIGITS):
            continue  # letters only: a word or an identifier
        before = data[start - 1 : start]
        if before == b"\\" or before == b"%":
            start += _escape_width(run, before)
            run = data[start:end]
        elif run[0] in b"-+" and before in (b"", b"\n", b" ", b"\0", b"n"):
            start += len(run) - len(run.lstrip(b"-+"))
            run = data[start:end]
        cues = _CUES.get(run[:3]) or _SHORT_CUES.get(run[:2])
        if cues is not None and (kind := _provider_kind(data, end, run, cues)):
            yield start, value_end(data, end), kind
        elif end > blob_end:
            if span := _run_span(data, start, end, run):
                yield span
            elif data[end : end + 1] == b"/":
                # Later parts of one long base64 payload are no more secret than its first.
                stop = value_end(data, end)
                blob_end = stop if stop - end > BLOB_CHARS else 0


def token_runs(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of every run of at least RUN_CHARS_MIN token characters."""
    classes = data.translate(_RUN_TABLE) + b" "
    end = 0
    while (start := classes.find(_RUN, end)) >= 0:
        end = classes.find(b" ", start + RUN_CHARS_MIN)
        yield start, end


def _escape_width(run: bytes, before: bytes) -> int:
    """Return how many characters at the run's start belong to an escape that stands before it."""
    if before == b"%":
        return 2
    return 5 if run[:1] in (b"u", b"U") else 3 if run[:1] == b"x" else 1 if run[:1] in b"nrtbf" else 0


def _provider_kind(data: bytes, end: int, run: bytes, cues: list[tuple[bytes, int, str]]) -> str | None:
    for prefix, least, kind in cues:
        if not run.startswith(prefix):
            continue
        rest = run[len(prefix) :]
        if len(rest) < least and data[end : end + 1] in (b"/", b"=", b"."):
            rest = data[end - len(rest) : value_end(data, end)]
        if len(rest) >= least and is_random(rest) and not is_placeholder(rest):
            return kind
    return None


def _run_span(data: bytes, start: int, end: int, run: bytes) -> tuple[int, int, str] | None:
    """Return the span of a secret that this run with digits is a part of."""
    before = data[start - 1 : start]
    if run.startswith(b"eyJ"):
        stop = value_end(data, end)
        if (data[end : end + 1] == b"." and stop - end > 10) or (len(run) >= 60 and is_random(run)):
            return start, stop, "jwt"
    if before == b".":
        if dotted := _dotted_start(data, start, run):
            return dotted[0], value_end(data, end), dotted[1]
    elif before == b"~" and data[start - 2 : start - 1] == b"Q" and data[start - 3 : start - 2].isdigit():
        return start - 6, value_end(data, end), "azure-secret"
    elif before in (b":", b"'", b'"', b" ") and (numbered := _numbered_start(data, start, run)) is not None:
        return numbered, end, "telegram-token" if run.startswith(b"AA") else "token"
    if data[end : end + 1] == b"." and run[:1] in (b"M", b"N", b"O") and 23 <= len(run) <= 28:
        tail = data[end + 1 : end + 60]
        parts = tail[: len(tail) - len(tail.lstrip(TOKEN_CHARS + b"."))].split(b".")
        if len(parts) >= 2 and 5 <= len(parts[0]) <= 7 and len(parts[1]) >= 27:
            return start, end + 1 + len(parts[0]) + 1 + len(parts[1]), "discord-token"
    if before == b"$" and len(run) >= HASH_CHARS_MIN and (hashed := _hash_start(data, start)) is not None:
        return hashed, value_end(data, end), "password-hash"
    if before in (b"/", b"=", b"$") and (webhook := _webhook_start(data, start)):
        return webhook, value_end(data, end), "webhook"
    if before == b"/" and run[:1] == b"0" and data[start - 3 : start] == b"1//" and is_random(run):
        return start - 3, value_end(data, end), "gcp-oauth-token"
    if before in (b"/", b"+") and (parted := _parted_span(data, start, end)):
        return parted
    return (
        _named_span(data, start, end)
        or _shaped_span(data, start, end, run)
        or _near_span(data, start, end, run)
        or _lone_span(data, start, end, run)
    )


def _hash_start(data: bytes, start: int) -> int | None:
    """Return where a password's hash begins that is written as `$6$salt$…`."""
    window = data[max(start - CONTEXT_CHARS, 0) : start]
    word = window[len(window.rstrip(TOKEN_CHARS + b"$./=,")) :]
    for scheme in rules.HASH_SCHEMES:
        at = word.find(scheme)
        if at >= 0:
            return start - len(word) + at
    return None


def _near_span(data: bytes, start: int, end: int, run: bytes) -> tuple[int, int, str] | None:
    """Return the span of a random value of all kinds of characters in a line that speaks of a secret before it."""
    if data[start - 1 : start] in (b"\n", b"/", b"+") and (made := _made_on_line(data, start)):
        return made, value_end(data, end), "key"
    if len(run) < NEAR_RUN_CHARS_MIN or run.islower() or run.isupper() or not is_mixed(run):
        return None
    if data[start - 1 : start] in (b"/", b".", b"@", b"#") or data[end : end + 1] in (b"/", b".", b"("):
        return None
    if run.replace(b"-", b"_").split(b"_")[0].decode("latin-1") in rules.ID_WORDS or is_placeholder(run):
        return None
    above, _, line = data[max(start - CONTEXT_CHARS, 0) : start].rpartition(b"\n")
    heading = above.rpartition(b"\n")[2]
    line = (heading + line if heading.isupper() else line).lower()
    if any(word in line for word in rules.NEAR_WORDS):
        return start, value_end(data, end), "token"
    return None


def _lone_span(data: bytes, start: int, end: int, run: bytes) -> tuple[int, int, str] | None:
    """Return the span of a word of its own that letters of both cases and digits make up at random."""
    if run.islower() or run.isupper() or data[start - 1 : start].strip(_AROUND):
        return None
    stop = value_end(data, end)
    value = data[start:stop]
    if not LONE_CHARS_MIN <= len(value) <= LONE_CHARS_MAX or data[stop : stop + 1].strip(_AROUND + b",.;:"):
        return None
    if b"/" in value and (len(value) < BASE64_CHARS_MIN or b"\n" in data[start - 1 : start] + data[stop : stop + 1]):
        return None  # a path, or a line of a longer text
    if len(value) in rules.LINE_WIDTHS and data[stop : stop + 1] == b"\n" and not data[start - 1 : start].strip():
        return None
    if not is_entropic(value) or not value.replace(b"/", b"").rstrip(b"=").translate(None, b"-_+").isalnum():
        return None
    if is_placeholder(value) or value.startswith(rules.PUBLIC_STARTS) or any(p in value for p in rules.PUBLIC_PARTS):
        return None
    first = run.replace(b"-", b"_").split(b"_")[0].decode("latin-1")
    name, _ = name_before(data[max(start - CONTEXT_CHARS, 0) : start])
    if first in rules.ID_WORDS or name.lower().decode("latin-1").endswith(rules.HARMLESS_NAMES):
        return None
    return start, stop, "token"


def _made_on_line(data: bytes, start: int) -> int:
    """Return the start of the line of this run if the command before it prints a new key there, else 0."""
    above, _, front = data[max(start - CONTEXT_CHARS, 0) : start].rpartition(b"\n")
    made = any(maker in above.rpartition(b"\n")[2] for maker in rules.MAKERS)
    return start - len(front) if made and not front.strip(TOKEN_CHARS + b"/=") else 0


def _parted_span(data: bytes, start: int, end: int) -> tuple[int, int, str] | None:
    """Return the span of a provider's token when slashes part this run from the token's beginning."""
    window = data[max(start - CONTEXT_CHARS, 0) : start]
    head = window[len(window.rstrip(TOKEN_CHARS + b"/")) :]
    cues = _CUES.get(head[:3])
    if cues is None:
        return None
    whole = head + data[start:end]
    kind = _provider_kind(data, end, whole, cues)
    return (start - len(head), value_end(data, end), kind) if kind else None


def _numbered_start(data: bytes, start: int, run: bytes) -> int | None:
    """Return the start of a token whose first part is an account's number ("123456789:AA…"), None if it is none."""
    if not (run.startswith(b"AA") and len(run) >= 32) and not (len(run) == 32 and not run.strip(HEX)):
        return None
    head = data[max(start - 42, 0) : start - 1]
    account = head.rstrip(b"\"', :")
    if account[-34:-32] == b"AC" and not account[-32:].strip(HEX):
        return start
    if data[start - 1 : start] == b":" and _is_uuid(head[-36:]):
        return start - 37
    digits = len(head) - len(head.rstrip(DIGITS))
    if data[start - 1 : start] != b":" or not 8 <= digits <= 20:
        return None
    prefix = head[: len(head) - digits]
    return start - 1 - digits - (len(prefix) - len(prefix.rstrip(DIGITS + b"/")))


def _dotted_start(data: bytes, start: int, run: bytes) -> tuple[int, str] | None:
    """Return start and kind of a token whose prefix is parted from its run by a dot."""
    head = data[max(start - 32, 0) : start - 1]
    word = head[len(head.rstrip(TOKEN_CHARS + b".")) :]
    if word[:1] in (b"n", b"r", b"t") and data[start - 2 - len(word) : start - 1 - len(word)] == b"\\":
        word = word[1:]
    parts = word.decode("latin-1").split(".")
    for count, prefix in (
        (1, parts[-1]), (2, ".".join(parts[-2:])), (3, ".".join([*parts[-3:-1], "*"])),
    ):  # fmt: skip
        rule = rules.DOTTED_PREFIXES.get(prefix)
        if rule is not None and len(run) >= rule[1] and is_random(run):
            return start - 1 - len(".".join(parts[-count:])), rule[0]
    last = parts[-1]
    if len(last) == 32 and len(run) == 16 and not last.strip(HEX.decode()) and is_mixed(run):
        return start - 33, "api-key"
    if last.startswith("pat") and len(last) == 17 and len(run) == 64:
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
    # The run may be a later part of a value with slashes, dots and other signs in it.
    lead = window[len(window.rstrip(_BEFORE_MORE)) :]
    if not is_random(data[start - len(lead) : value_end(data, end)]):
        return None
    for cut in dict.fromkeys((0, *(at + 1 for at in (lead.find(b"="), lead.find(b":"), lead.rfind(b"=")) if at >= 0))):
        begin = start - len(lead) + cut
        found = _given_span(data, window[: len(window) - len(lead) + cut], begin, end)
        if found:
            return found
    return None


def _given_span(data: bytes, window: bytes, begin: int, end: int) -> tuple[int, int, str] | None:
    """Return the span of the value from begin on if a name before it makes it secret."""
    name, joint = name_before(window)
    if not name:
        return None
    stop = value_end(data, end)
    value = data[begin:stop]
    label = name.decode("latin-1")
    if joint == b" " and label.lower() in rules.SCHEMES:
        return (begin, stop, "authorization") if is_random(value) and not is_placeholder(value) else None
    level = name_level(label)
    kind = ""
    line = window[window.rfind(b"\n") + 1 :]
    if not level and joint == b"=" and (b"ookie" in line or b" -b " in line):
        level, kind = 1, "cookie"
    elif not level and joint == b"=" and window.endswith((b"&Signature=", b"?Signature=", b"&signature=")):
        level = 1
    elif not level and label in rules.KEY_NUMBERS and _is_key_number(data, begin):
        level, kind = 1, "private-key"
    if not level:
        return None
    if (joint == b" " and len(value) < 20) or b"PrivateKey" in value or b"PublicKey" in value:  # names of types
        return None
    if label == "sentence_token" and len(value) in DIGEST_CHARS and not value.strip(HEX):
        return None
    if is_secret(value.decode("latin-1"), level, quoted=True):
        return begin, stop, kind or kind_of(label)
    return None


def _is_key_number(data: bytes, at: int) -> bool:
    """Say whether a number named like a private key's parts stands in a key written as JSON or XML."""
    near = data[max(at - NEAR_CHARS, 0) : at + NEAR_CHARS]
    return b"kty" in near or b"KeyValue" in near


def _shaped_span(data: bytes, start: int, end: int, run: bytes) -> tuple[int, int, str] | None:
    """Return the span of a token of unknown make that names itself: "acme_live_9f3…"."""
    if len(run) > 35 and run[32:33] == b"-":
        tail = run[32:].translate(_HEX_TABLE).decode("latin-1")
        tail = tail.replace("-ush", "-us0").replace("us0h", "us00")
        if not run[:32].strip(b"0123456789abcdef") and (kind := rules.HEX_TAILS.get(tail)):
            return start, end, kind
    parts = run.replace(b"-", b"_").split(b"_")
    if len(parts) >= 6 and all(len(part) == 6 and part.isdigit() for part in parts):
        return start, end, "recovery-code"
    if len(parts) >= 4 and run.isupper() and _is_product_key(parts):
        return start, end, "license-key"
    last = max(parts, key=len)
    if len(parts) < 2 or not ((len(last) >= RUN_CHARS_MIN and is_random(last)) or _is_uuid(run[-36:])):
        return None
    words = [part.decode("latin-1").lower() for part in parts if part is not last]
    if len(words) <= 6 and any(word in rules.TOKEN_WORDS for word in words) and not is_placeholder(run):
        return start, end, "token"
    if (
        len(last) >= UNKNOWN_MAKE_CHARS_MIN
        and (len(last) >= SURE_MAKE_CHARS_MIN or is_entropic(last) or is_interleaved(last))
        and parts[0].isalpha()
        and parts[0].islower()
        and 2 <= len(parts[0]) <= 12
        and parts[0].decode() not in rules.ID_WORDS
        and last.strip(HEX)
        and not is_placeholder(run)
        and data[start - 1 : start] not in (b"/", b".", b"@")
        and data[end : end + 1] not in (b".", b"/")
    ):
        return start, end, "token"
    return None


def _is_product_key(parts: list[bytes]) -> bool:
    """Say whether these are the equal groups of capitals and digits of a license."""
    parts = parts[len(parts[0]) != len(parts[1]) :]
    mixed = sum(not part.isalpha() and not part.isdigit() for part in parts)
    return 4 <= len(parts[0]) <= 8 and len({len(part) for part in parts}) == 1 and mixed >= 2


def _is_uuid(run: bytes) -> bool:
    return run.translate(_HEX_TABLE) == b"-".join(b"h" * count for count in (8, 4, 4, 4, 12))


def value_end(data: bytes, end: int) -> int:
    """Return where the value that a run ends in ends, over the characters of base64, JWT and the like."""
    limit = min(end + TOKEN_CHARS_MAX, len(data))
    tail = data[end:limit]
    value = tail[: len(tail) - len(tail.lstrip(_VALUE_MORE))]
    return end + len(value.rstrip(b".-/!|#"))
