"""Replace secrets by typed, stable markers before text is stored.

Two steps, because most text is clean: a cheap look at the whole text for a few literals and for long runs of token
characters (`_triggered`), and only then the finders, each a plain scan. Nothing here compiles an expression.
Positions in a text and in its Latin-1 copy (one byte for each character) are the same.
"""

from __future__ import annotations

from _blake2 import blake2b

from codememory import redact_rules as rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST_CHARS = 8  # shorter texts hold no secret worth the look
RUN_CHARS_MIN = 16
CONTEXT_CHARS = 96  # how far before a value its name is looked for
VALUE_CHARS_MAX = 512
KEY_BLOCK_CHARS_MAX = 20_000
BLOB_CHARS = 1_000

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = b"0123456789"
_TOKEN_CHARS = _LETTERS + _DIGITS + b"_-+"
_NO_DIGITS = _LETTERS + b"_-+"
_NAME_CHARS = _LETTERS + _DIGITS + b"_.-$"
_VALUE_MORE = _TOKEN_CHARS + b"/=.~"
_BLANKS = b" \t"
_QUOTES = b"\"'`\\"
_STOPS = frozenset(b" \t\r\n\0\"'`<>|;,)}]")

_RUN_TABLE = bytes(97 if char in _TOKEN_CHARS else 32 for char in range(256))
_RUN = b"a" * RUN_CHARS_MIN
# Lower case with "u" and "a" read as "p": one needle then stands for "pass" and one for the flags -p, -u and -a.
_COARSE_TABLE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZua", b"pbcdefghijklmnopqrstpvwxyzpp")
_LOWER_TABLE = bytes.maketrans(_LETTERS[:26], _LETTERS[26:])
_SHAPE_TABLE = bytes.maketrans(_DIGITS + _LETTERS, b"0" * 10 + b"A" * 26 + b"a" * 26)

_HEX_TABLE = bytes.maketrans(b"0123456789abcdef", b"h" * 16)

_CUES: dict[bytes, list[tuple[bytes, int, str]]] = {}
for _kind, _least, _prefixes in rules.PROVIDER_PREFIXES:
    for _prefix in _prefixes.split():
        _CUES.setdefault(_prefix[:3].encode(), []).append((_prefix.encode(), _least, _kind))
_SHORT_CUES = {cue: found for cue, found in _CUES.items() if len(cue) < 3}


def redacted(text: str) -> str:
    """Return text with every secret replaced by a marker such as `[redacted:github-token:3f9a]`.

    The marker's end is taken from the secret, so two mentions of one secret stay comparable. `<private>` sections
    become `[private]`. Clean text comes back as the same object; applying this twice is applying it once.
    """
    if len(text) < SHORTEST_CHARS:
        return text
    if not _triggered(text.encode("latin-1", "replace")) and not _has_chinese_name(text):
        return text
    text = _without_private(text)
    spans = sorted(_spans(text), key=lambda span: (span[0], -span[1]))
    if not spans:
        return text
    out = []
    done = 0
    for start, end, kind in spans:
        if start < done:
            continue
        out.append(text[done:start] + _marker(text[start:end], kind))
        done = end
    out.append(text[done:])
    return "".join(out)


def redacted_value(value: object) -> object:
    """Redact every string of parsed JSON, a secret-looking key telling about its value; the same object if clean.

    Image payloads are left alone. Nesting is walked without recursion.
    """
    joined = "\0".join(_joinable(value))
    if not _triggered(joined.encode("latin-1", "replace")) and not _has_chinese_name(joined):
        return value
    return _walked(value)


def may_hold_secret(raw: bytes | str) -> bool:
    """Return False only for a raw JSON line that redacted_value would leave as it is."""
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "surrogatepass")
    # An escaped letter could be part of any name; writers escape few characters, so such lines are few.
    if b"\\u" in raw or _triggered(raw):
        return True
    return not raw.isascii() and any(name.encode() in raw for name in rules.CHINESE_NAMES)


def _marker(secret: str, kind: str) -> str:
    return f"[redacted:{kind}:{blake2b(secret.encode('utf-8', 'surrogatepass'), digest_size=2).hexdigest()}]"


def _has_chinese_name(text: str) -> bool:
    return not text.isascii() and any(name in text for name in rules.CHINESE_NAMES)


# --- parsed JSON -----------------------------------------------------------------------------------------------------


def _is_opaque(value: dict[object, object]) -> bool:
    """Say whether a block holds nothing but a payload of no words: an image, a withheld thought."""
    kind = value.get("type")
    return kind == "redacted_thinking" or (kind == "base64" and isinstance(value.get("data"), str))


def _is_payload(key: object, parent: dict[object, object]) -> bool:
    return key == "signature" and parent.get("type") == "thinking"


def _joinable(value: object) -> Iterator[str]:
    """Yield keys and strings so that, joined by NUL, a key stands right before its value."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            pending.extend(reversed(value))
        elif isinstance(value, dict) and not _is_opaque(value):
            for key, child in value.items():
                if isinstance(child, str):
                    if key == "signature" and value.get("type") == "thinking":
                        continue
                    yield key
                    yield child
                elif child.__class__ is list or child.__class__ is dict:
                    yield key
                    pending.append(child)
                else:
                    yield key


def _walked(value: object) -> object:
    """Rebuild what changed, innermost first; parents of unchanged parts stay the same objects."""
    if isinstance(value, str):
        return redacted(value)
    if not isinstance(value, dict | list):
        return value
    # Containers in the order in which they were met: every child comes after its parent.
    met: list[dict[object, object] | list[object]] = [value]
    for container in met:
        for child in container.values() if isinstance(container, dict) else container:
            if (isinstance(child, dict) and not _is_opaque(child)) or isinstance(child, list):
                met.append(child)
    changed: dict[int, object] = {}
    for container in reversed(met):
        if isinstance(container, dict):
            pairs = [
                (_clean(key, None, changed), child if _is_payload(key, container) else _clean(child, key, changed))
                for key, child in container.items()
            ]
            if any(new is not old for (_, new), old in zip(pairs, container.values(), strict=True)) or any(
                new is not old for (new, _), old in zip(pairs, container, strict=True)
            ):
                changed[id(container)] = dict(pairs)
        else:
            items = [_clean(child, None, changed) for child in container]
            if any(new is not old for new, old in zip(items, container, strict=True)):
                changed[id(container)] = items
    return changed.get(id(value), value)


def _clean(child: object, key: object, changed: dict[int, object]) -> object:
    if isinstance(child, str):
        if isinstance(key, str) and (level := _name_level(key)) and _is_secret(child, level, quoted=True):
            return _marker(child, _kind_of(key))
        return redacted(child)
    return changed.get(id(child), child)


# --- the cheap look --------------------------------------------------------------------------------------------------


def _triggered(data: bytes) -> bool:
    """Say whether a finder could find anything; data is text in Latin-1 or a raw JSON line."""
    coarse = data.translate(_COARSE_TABLE)
    if b"ppss" in coarse or b"pwd" in coarse or b"secret" in coarse or b" -p" in coarse or b"--pser" in coarse:
        return True
    if b"privpte" in coarse and (b"<" in data or b"PRIVATE KEY" in data):
        return True
    if b"@" in data and b"://" in data and next(_url_spans(data), None) is not None:
        return True
    return next(_run_spans(data), None) is not None


def _runs(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of every run of at least RUN_CHARS_MIN token characters."""
    classes = data.translate(_RUN_TABLE)
    start = classes.find(_RUN)
    while start >= 0:
        end = classes.find(b" ", start + RUN_CHARS_MIN)
        if end < 0:
            end = len(data)
        yield start, end
        start = classes.find(_RUN, end)


# --- finders ---------------------------------------------------------------------------------------------------------


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of every secret, in no order, overlaps included."""
    data = text.encode("latin-1", "replace")
    yield from _key_blocks(data)
    yield from _run_spans(data)
    if b"@" in data:
        yield from _url_spans(data)
    yield from _assignment_spans(data)
    yield from _flag_spans(data)
    if not text.isascii():
        yield from _chinese_spans(text, data)


def _run_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    blob_end = 0
    for start, end in _runs(data):
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
        if run.startswith(prefix) and len(rest) >= least and _is_random(rest) and not _is_placeholder(rest):
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
        digits = len(head) - len(head.rstrip(_DIGITS))
        if 8 <= digits <= 10:
            return start - 1 - digits, end, "telegram-token"
    if data[end : end + 1] == b"." and run[:1] in (b"M", b"N", b"O") and 23 <= len(run) <= 28:
        tail = data[end + 1 : end + 60]
        parts = tail[: len(tail) - len(tail.lstrip(_TOKEN_CHARS + b"."))].split(b".")
        if len(parts) >= 2 and 5 <= len(parts[0]) <= 7 and len(parts[1]) >= 27:
            return start, end + 1 + len(parts[0]) + 1 + len(parts[1]), "discord-token"
    if before == b"/" and (webhook := _webhook_start(data, start)):
        return webhook, _value_end(data, end), "webhook"
    return _named_span(data, start, end) or _shaped_span(start, end, run)


def _dotted_start(data: bytes, start: int, run: bytes) -> tuple[int, str] | None:
    """Return start and kind of a token whose prefix is parted from its run by a dot."""
    head = data[max(start - 32, 0) : start - 1]
    word = head[len(head.rstrip(_TOKEN_CHARS + b".")) :]
    if word[:1] in (b"n", b"r", b"t") and data[start - 2 - len(word) : start - 1 - len(word)] == b"\\":
        word = word[1:]
    for parts in (1, 2):
        prefix = b".".join(word.split(b".")[-parts:])
        rule = rules.DOTTED_PREFIXES.get(prefix.decode("latin-1"))
        if rule is not None and len(run) >= rule[1] and _is_random(run):
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
    stop = _value_end(data, end)
    value = data[begin:stop]
    lowered = name.lower()
    if joint == b" " and lowered.decode("latin-1") in rules.SCHEMES:
        if _is_random(value) and not _is_placeholder(value):
            return begin, stop, "authorization"
        return None
    level = _name_level(name.decode("latin-1"))
    kind = _kind_of(name.decode("latin-1"))
    line = window[window.rfind(b"\n") + 1 :]
    if not level and joint == b"=" and (b"ookie" in line or b" -b " in line):
        level, kind = 1, "cookie"
    if level and _is_secret(value.decode("latin-1"), level, quoted=True):
        return begin, stop, kind
    return None


def _name_before(window: bytes) -> tuple[bytes, bytes]:
    """Return the name that a value right after window is given to and what joins them; empty if there is none."""
    rest = window.rstrip(_QUOTES + _BLANKS + b"([{")
    joint = rest[-1:]
    if joint and joint in b":=>\0,|":
        rest = rest.rstrip(b":=>\0,|?" + _BLANKS).rstrip(_QUOTES + _BLANKS + b")]}*")
        name = rest[len(rest.rstrip(_NAME_CHARS)) :]
        if name == b"PASS" and joint == b":":
            return b"", joint
        if name.lower() in (b"str", b"string", b"char", b"text"):
            rest = rest[: -len(name)].rstrip(b": \t")
            name = rest[len(rest.rstrip(_NAME_CHARS)) :]
        if joint in b",|" and not name.isupper():
            return b"", joint
        return name, joint
    if not window[-1:] or window[-1:] not in b" \t\"'`":
        return b"", b""
    name = rest[len(rest.rstrip(_NAME_CHARS)) :]
    if name.startswith(b"--") or name.lower().decode("latin-1") in rules.SCHEMES:
        return name.lstrip(b"-"), b" "
    head = rest[: len(rest) - len(name)].rstrip()
    before = head[len(head.rstrip(_NAME_CHARS + _QUOTES + b"*")) :].strip(_QUOTES + b"*")
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
    if len(parts) < 2 or len(parts[-1]) < RUN_CHARS_MIN or not _is_random(parts[-1]):
        return None
    words = [part.decode("latin-1").lower() for part in parts[:-1]]
    if len(words) <= 4 and any(word in rules.TOKEN_WORDS for word in words) and not _is_placeholder(run):
        return start, end, "token"
    return None


def _url_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
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
            elif colon and len(password) > 2 and not _is_stand_in(password.decode("latin-1")):
                yield begin + len(user) + 1, host, "password"
            elif not colon and len(user) >= RUN_CHARS_MIN and _is_random(user) and not _is_placeholder(user):
                yield begin, host, "token"
        at = data.find(b"://", begin)


def _key_blocks(data: bytes) -> Iterator[tuple[int, int, str]]:
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
            if next(_runs(data[body:end]), None):
                yield line, end, "private-key"
                at = end
        elif data.rfind(b"-----END", max(at - 40, 0), at) >= 0:
            finish = data.rfind(b"-----END", max(at - 40, 0), at)
            start = _key_body_start(data, finish)
            if next(_runs(data[start:finish]), None):
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
    text = line.lstrip(_DIGITS + b" \t?|>#*").replace(b"\\n", b"").strip(b"\"',\\ ")
    if text.startswith((b"Proc-Type:", b"DEK-Info:", b"Version:", b"Comment:")):
        return True
    return not text.strip(_TOKEN_CHARS + b"/=") and (len(text) >= 40 or not text or text.isalnum() or b"=" in text)


def _assignment_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find values given to password-like names: in code, JSON, YAML, env files, flags, XML and prose."""
    lowered = data.translate(_LOWER_TABLE)
    for stem in (b"pass", b"pwd", b"secret"):
        at = lowered.find(stem)
        while at >= 0:
            end = at + len(stem)
            while end < len(data) and data[end] in _NAME_CHARS:
                end += 1
            window = data[max(at - 64, 0) : at]
            start = at - (len(window) - len(window.rstrip(_NAME_CHARS)))
            name = data[start:end].rstrip(b".").decode("latin-1")
            if len(name) <= 80 and _name_level(name.lstrip("-$.")) == 2:
                span = _assigned_value(data, end, name)
                if span:
                    yield (*span, _kind_of(name))
            at = lowered.find(stem, end)


def _assigned_value(data: bytes, end: int, name: str) -> tuple[int, int] | None:
    """Return start and end of the secret value that follows a name ending at end."""
    at = end
    while at < len(data) and data[at] in b"\"'`\\])*":
        at += 1
    closing = at > end
    blank = at
    while at < len(data) and data[at] in _BLANKS and at - blank < 24:
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
    while at < len(data) and data[at] in _BLANKS:
        at += 1
        spaced = spaced or joint == b"="
    if data[at : at + 3] in (b"str", b"Str", b"&st") and (equal := data.find(b"=", at, at + 24)) >= 0:
        at = equal + 1
        while at < len(data) and data[at] in _BLANKS:
            at += 1
    return _value_at(data, at, spaced and joint.startswith(b"="))


def _value_at(data: bytes, at: int, in_code: bool) -> tuple[int, int] | None:
    mark = at
    while at < len(data) and data[at] == 0x5C:
        at += 1
    quote = data[at : at + 1]
    limit = min(at + VALUE_CHARS_MAX, len(data))
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
        while end < limit and data[end] not in _STOPS:
            end += 1
        end = at + len(data[at:end].rstrip(b"\\.,:"))
        value = data[at:end]
        quoted = False
        if data[end : end + 1] == b"(" or b"(" in value or b"[" in value or (in_code and _is_identifier(value)):
            return None
    if _is_secret(value.decode("latin-1"), 2, quoted):
        return at, end
    return None


def _flag_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find passwords given to commands by short flags: curl -u, mysql -p, redis-cli -a."""
    coarse = data.translate(_COARSE_TABLE)
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
    return (at, end) if len(value) > 2 and not _is_stand_in(value) else None


def _chinese_spans(text: str, data: bytes) -> Iterator[tuple[int, int, str]]:
    for name in rules.CHINESE_NAMES:
        at = text.find(name)
        while at >= 0:
            begin = at + len(name)
            while begin < len(text) and text[begin] in rules.CHINESE_JOINTS:
                begin += 1
            end = begin
            while end < len(data) and data[end] not in _STOPS and text[end].isascii():
                end += 1
            if begin > at + len(name) and _is_secret(text[begin:end], 2, quoted=False):
                yield begin, end, "password"
            at = text.find(name, at + 1)


# --- judging names and values ----------------------------------------------------------------------------------------


def _words(name: str) -> list[str]:
    """Split a name at separators and at the humps of camel case, in lower case."""
    spaced = []
    previous = ""
    for char in name[-64:]:
        if char.isupper() and (previous.islower() or previous.isdigit()):
            spaced.append(" ")
        spaced.append(char if char.isalnum() else " ")
        previous = char
    return "".join(spaced).lower().split()


def _name_level(name: str) -> int:
    """Return 2 for a name that holds a password, 1 and 0.5 rounded up to 1 and 3 for weaker ones, 0 for others.

    Level 3 is a name such as "key" or "session" that mostly is no secret: its value must look random beyond doubt.
    """
    words = _words(name)
    while len(words) > 1 and (words[-1] in rules.TRAILING_WORDS or words[-1].isdigit()):
        words.pop()
    if not words:
        return 0
    last = words[-1]
    pair = words[-2] + last if len(words) > 1 else last
    if last in rules.STRONG_WORDS or pair in rules.STRONG_WORDS:
        return 2
    if last.endswith(("password", "passwd", "secret", "passphrase", "secretkey")):
        return 2
    if last in ("key", "keys") and pair != "accesskey":
        if len(words) > 1 and words[-2] in rules.HARMLESS_KEYS:
            return 0
        return 1 if len(words) > 1 else 3
    if last in rules.WEAKEST_WORDS:
        return 3
    if last in rules.WEAK_WORDS or pair in rules.WEAK_WORDS or last.endswith(("token", "apikey", "accesskey")):
        return 1
    return 0


def _kind_of(name: str) -> str:
    last = _words(name)
    for word, kind in (("password", "password"), ("passwd", "password"), ("pwd", "password"), ("pass", "password")):
        if any(word in part for part in last):
            return kind
    if any("token" in part for part in last):
        return "token"
    if any("cookie" in part or "session" in part for part in last):
        return "cookie"
    return "key" if any("key" in part for part in last) else "secret"


def _is_identifier(value: bytes) -> bool:
    """Say whether an unquoted value in code is a name or a call rather than a value."""
    if not value.replace(b"_", b"a").replace(b".", b"a").isalnum():
        return False
    return not _is_random(value)


def _is_secret(value: str, level: int, quoted: bool) -> bool:
    """Say whether value, given to a name of this level, is a secret rather than a reference, a word or a placeholder."""
    if len(value) < 6 or len(value) > VALUE_CHARS_MAX * 8 or _is_stand_in(value):
        return False
    if level == 2:
        if " " in value or "\n" in value or (not quoted and "(" in value):
            return False
        letters = value.isalpha()
        if letters:
            return len(value) >= 16 and not value.islower() and _humps(value) >= 5
        if value.isdigit():
            return False
        has_digit = any(char.isdigit() for char in value)
        plain = value.replace("-", "").replace("_", "").replace(".", "").replace(":", "").replace("/", "")
        return has_digit or not plain.isalpha()
    data = value.encode("latin-1", "replace")
    if level == 3:
        return len(value) >= 20 and _is_random(data) and not value.islower() and not value.isupper()
    return len(value) >= RUN_CHARS_MIN and _is_random(data)


def _is_stand_in(value: str) -> bool:
    """Say whether value refers to a secret kept elsewhere or stands in its place."""
    if value.startswith(rules.REFERENCE_STARTS):
        return True
    lowered = value.lower()
    if lowered.strip("[]<>{}()\"'`*.:;,!?-_ ") in rules.PLACEHOLDER_WORDS:
        return True
    return any(part in lowered for part in rules.PLACEHOLDER_PARTS) or len(set(value)) < 4


def _is_placeholder(data: bytes) -> bool:
    lowered = data.decode("latin-1").lower()
    return any(part in lowered for part in rules.PLACEHOLDER_PARTS) or len(set(data)) < 5


def _humps(value: str) -> int:
    shape = value.encode("latin-1", "replace").translate(_SHAPE_TABLE)
    return shape.count(b"aA") + shape.count(b"Aa")


def _is_random(data: bytes) -> bool:
    """Say whether some part between separators is no word, date or number: letters and digits interleaved."""
    size = 0
    for part in data.replace(b"-", b"_").replace(b".", b"_").replace(b"/", b"_").replace(b"+", b"_").split(b"_"):
        if len(part) < 6:
            continue
        shape = part.translate(_SHAPE_TABLE)
        turns = shape.count(b"0a") + shape.count(b"a0") + shape.count(b"0A") + shape.count(b"A0")
        if turns >= 2 or (turns and shape.count(b"aA") + shape.count(b"Aa") >= 3):
            size += len(part)
    return size >= 12


def _value_end(data: bytes, end: int) -> int:
    """Return where the value that a run ends in ends, over the characters of base64, JWT and the like."""
    limit = min(end + 8 * VALUE_CHARS_MAX, len(data))
    tail = data[end:limit]
    value = tail[: len(tail) - len(tail.lstrip(_VALUE_MORE))]
    return end + len(value.rstrip(b".-/"))


def _without_private(text: str) -> str:
    """Replace `<private>` sections; one without an end tag goes on to the end of the text."""
    lowered = text.lower() if text.isascii() else text.replace("İ", "i").lower()
    if "<" not in text or "private" not in lowered:
        return text
    out = []
    done = 0
    at = lowered.find("<")
    while at >= 0:
        close = _private_tag_end(lowered, at)
        if close < 0:
            at = lowered.find("<", at + 1)
            continue
        out.append(text[done:at] + "[private]")
        done = _private_section_end(lowered, close)
        at = lowered.find("<", done)
    out.append(text[done:])
    return "".join(out)


def _private_tag_end(lowered: str, at: int) -> int:
    """Return the position after an opening `<private …>` tag at `at`, -1 if there is none."""
    name = at + 1
    while name < len(lowered) and lowered[name] in " \t" and name - at < 8:
        name += 1
    if not lowered.startswith("private", name):
        return -1
    after = name + 7
    if lowered[after : after + 1] not in (">", " ", "\t", "\n", "/"):
        return -1
    close = lowered.find(">", after, after + 200)
    return close + 1 if close >= 0 and lowered[close - 1] != "/" else -1


def _private_section_end(lowered: str, start: int) -> int:
    at = lowered.find("</", start)
    while at >= 0:
        rest = lowered[at + 2 : at + 40].lstrip()
        if rest.startswith("private") and rest[7:].lstrip().startswith(">"):
            return lowered.index(">", at) + 1
        at = lowered.find("</", at + 2)
    return len(lowered)
