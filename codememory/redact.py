"""Replace secrets by typed, stable markers before text is stored.

Two steps, because most text is clean: a cheap look at the whole text for a few literals and for long runs of token
characters (`_triggered`), and only then the finders, each a plain scan. Nothing here compiles an expression.
Positions in a text and in its Latin-1 copy (one byte for each character) are the same.
"""

from __future__ import annotations

from _blake2 import blake2b

from codememory import redact_rules as rules
from codememory.redact_judge import PASSWORD, is_secret, kind_of, name_level
from codememory.redact_places import COARSE_TABLE, assignment_spans, chinese_spans, flag_spans, key_blocks, url_spans
from codememory.redact_tokens import run_spans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

KEY_CHARS_MAX = 64  # a longer key of an object is no name
PASSES_MAX = 6
SHORTEST_CHARS = 8  # shorter texts hold no secret worth the look


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
    # A marker can part what two overlapping secrets shared, so look again until nothing is found.
    for _ in range(PASSES_MAX):
        cleaned = _marked(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def _marked(text: str) -> str:
    """Return text with a marker in the place of every secret found in one pass; overlapping ones become one."""
    out = []
    done = 0
    start = end = 0
    kind = ""
    for next_start, next_end, next_kind in sorted(_spans(text), key=lambda span: (span[0], -span[1])):
        if next_start >= end:
            if kind:
                out.append(text[done:start] + _marker(text[start:end], kind))
                done = end
            start, end, kind = next_start, next_end, next_kind
        end = max(end, next_end)
    if kind:
        out.append(text[done:start] + _marker(text[start:end], kind))
        done = end
    return "".join(out) + text[done:] if kind else text


def redacted_value(value: Any) -> Any:
    """Redact every string of parsed JSON, a secret-looking key telling about its value; the same object if clean.

    Image payloads are left alone. Nesting is walked without recursion.
    """
    joined = "\0".join(_joinable(value))
    if not _triggered(joined.encode("latin-1", "replace")) and not _has_chinese_name(joined):
        return value
    # One pass over the joined text tells most false alarms; only a password-like key needs its value looked at.
    if next(_spans(joined), None) is None and _without_private(joined) == joined and not _has_password_key(joined):
        return value
    return _walked(value)


def _marker(secret: str, kind: str) -> str:
    return f"[redacted:{kind}:{blake2b(secret.encode('utf-8', 'surrogatepass'), digest_size=2).hexdigest()}]"


def _has_password_key(joined: str) -> bool:
    return any(len(part) <= KEY_CHARS_MAX and name_level(part) == PASSWORD for part in joined.split("\0"))


def _has_chinese_name(text: str) -> bool:
    return not text.isascii() and any(name in text for name in rules.CHINESE_NAMES)


def _is_opaque(value: dict[object, object] | list[object]) -> bool:
    """Say whether a block holds nothing but a payload of no words: an image, a withheld thought."""
    if isinstance(value, list):
        return False
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
        children = container.values() if isinstance(container, dict) else container
        met.extend(child for child in children if isinstance(child, list | dict) and not _is_opaque(child))
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
        if (
            isinstance(key, str)
            and len(key) <= KEY_CHARS_MAX
            and (level := name_level(key))
            and is_secret(child, level, quoted=True)
        ):
            return _marker(child, kind_of(key))
        return redacted(child)
    return changed.get(id(child), child)


def _triggered(data: bytes) -> bool:
    """Say whether a finder could find anything; data is text in Latin-1 or a raw JSON line."""
    coarse = data.translate(COARSE_TABLE)
    if b"ppss" in coarse or b"pwd" in coarse or b"secret" in coarse or b" -p" in coarse or b"--pser" in coarse:
        return True
    if b"privpte" in coarse and (b"<" in data or b"PRIVATE KEY" in data):
        return True
    if b"@" in data and b"://" in data and next(url_spans(data), None) is not None:
        return True
    return next(run_spans(data), None) is not None


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of every secret, in no order, overlaps included."""
    data = text.encode("latin-1", "replace")
    yield from key_blocks(data)
    yield from run_spans(data)
    if b"@" in data:
        yield from url_spans(data)
    yield from assignment_spans(data)
    yield from flag_spans(data)
    if not text.isascii():
        yield from chinese_spans(text, data)


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
