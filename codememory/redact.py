"""Replace secrets by typed, stable markers before text is stored.

Two steps, because most text is clean: a cheap look at the whole text for a few literals and for long runs of token
characters (`_triggered`), and only then the finders, each a plain scan. Nothing here compiles an expression.
Positions in a text and in its Latin-1 copy (one byte for each character) are the same.
"""

from __future__ import annotations

from _blake2 import blake2b

from codememory import config
from codememory import redact_rules as rules
from codememory.redact_addresses import address_spans, bare_address_spans
from codememory.redact_commands import flag_spans, header_spans, pair_spans, piped_spans, worded_spans
from codememory.redact_judge import PASSWORD, is_secret, kind_of, name_level
from codememory.redact_names import mark_table
from codememory.redact_places import assignment_spans
from codememory.redact_private import across_blocks, without_private
from codememory.redact_tokens import DIGITS, LETTERS, run_spans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

BLOCK_NUMBERS = {"tool_use": "id", "tool_result": "tool_use_id", "thinking": "signature"}
"""The fields of blocks that hold the client's own numbers and seals."""

_MIX_TABLE = mark_table((DIGITS, b"0"), (LETTERS + b"!#$%^*?~@", b"a"))
_WORD_TABLE = bytes.maketrans(bytes(range(65)) + bytes(range(91, 97)) + bytes(range(123, 256)), b" " * 204)
KEY_CHARS_MAX = 64  # a longer key of an object is no name
PASSES_MAX = 6
SHORTEST_CHARS = 8  # shorter texts hold no secret worth the look


def kept(text: str) -> str:
    """Return text as it may be kept: redacted, unless that is switched off."""
    return redacted(text) if config.setting("REDACT") else text


def redacted(text: str) -> str:
    """Return text with every secret replaced by a marker such as `[redacted:github-token:3f9a]`.

    The marker's end is taken from the secret, so two mentions of one secret stay comparable. `<private>` sections
    become `[private]`. Clean text comes back as the same object; applying this twice is applying it once.
    """
    if len(text) < SHORTEST_CHARS:
        return text
    text, _ = without_private(text)
    # A marker can part what two overlapping secrets shared, so look again until nothing is found.
    for _ in range(PASSES_MAX):
        cleaned = _marked(text)
        if cleaned is text or cleaned == text:
            break
        text = cleaned
    return text


def _marked(text: str) -> str:
    """Return text with a marker in the place of every secret found in one pass; overlapping ones become one."""
    data = text.encode("utf-8", "surrogatepass")
    found = sorted(_spans(text, data, data.lower()), key=lambda span: (span[0], -span[1]))
    if not found:
        return text
    out = []
    done = 0
    start, end, kind = found[0]
    for next_start, next_end, next_kind in [*found[1:], (len(data) + 1, 0, "")]:
        if next_start >= end:
            while 0 < start < len(data) and data[start] & 0xC0 == 0x80:  # inside a character
                start -= 1
            while end < len(data) and data[end] & 0xC0 == 0x80:
                end += 1
            out.append(data[done:start] + _marker(data[start:end], kind))
            done = end
            start, end, kind = next_start, next_end, next_kind
        end = max(end, next_end)
    return (b"".join(out) + data[done:]).decode("utf-8", "surrogatepass")


def redacted_value(value: Any) -> Any:
    """Redact every string of parsed JSON, a secret-looking key telling about its value; the same object if clean.

    Image payloads are left alone. Nesting is walked without recursion.
    """
    if not value:
        return value
    # Most values are clean, and one pass over all their text joined tells so.
    texts, keys = _joinable(value)
    joined = "\0".join(texts)
    data = joined.encode("utf-8", "surrogatepass")
    lowered = data.lower()
    if _spans(joined, data, lowered) or (b"private" in lowered and without_private(joined)[0] != joined):
        return _walked(value)
    # A key tells more about its value than the joined text: the value may have blanks in it.
    return _walked(value) if any(name_level(key) == PASSWORD for key in keys if len(key) <= KEY_CHARS_MAX) else value


def _spans(text: str, data: bytes, lowered: bytes) -> list[tuple[int, int, str]]:
    """Return start, end and kind of every secret, in no order, overlaps included; positions are bytes of data.

    What is looked for here in the whole text is each finder's own cheapest sign, so that most finders never begin.
    """
    found = list(run_spans(data))
    if b"@" in data:
        found += address_spans(data)
        found += bare_address_spans(data)
    is_secret_told = b"secret" in lowered
    if b"pass" in lowered or b"pw" in lowered:
        found += assignment_spans(data, lowered)
        found += piped_spans(data, lowered)
    elif is_secret_told or b"psk" in lowered:
        found += assignment_spans(data, lowered)
    if is_secret_told and b"kind" in lowered:
        found += _blocks().cluster_secrets(data, lowered)
    if b"----" in data or b"Private-Lines" in data:
        found += _blocks().key_blocks(data)
    if b" -" in data:
        found += flag_spans(data)
    if b"auth" in lowered:
        found += header_spans(data, lowered)
        found += pair_spans(data, lowered, b"auth=(")
    for opener in (b"cred", b"login", b"admin"):
        if opener in lowered:
            found += pair_spans(data, lowered, opener)
    if b"phrase" in lowered or b"mnemonic" in lowered or b"seed" in lowered:
        found += _blocks().phrase_spans(data, lowered)
    if b"identified by " in lowered:
        found += worded_spans(data, lowered)
    shape = data.translate(_MIX_TABLE)
    if b"a0" in shape or b"0a" in shape or b"0000" in shape:
        found += _unnamed_spans(data, lowered)
    if len(text) < len(data) and any(lead in data for lead in rules.FOREIGN_LEADS):
        from codememory.redact_foreign import foreign_spans

        found += foreign_spans(text, data)
    return found


def _unnamed_spans(data: bytes, lowered: bytes) -> list[tuple[int, int, str]]:
    """Return what is found in a text that has a word of letters and digits or a code: few passwords are without one.

    Its rules are many, and each is looked up by a word: the words of the text are taken apart once.
    """
    from codememory.redact_arguments import placed_spans
    from codememory.redact_loose import loose_spans
    from codememory.redact_prose import told_spans

    words = set(lowered.translate(_WORD_TABLE).split())
    return [*placed_spans(data, lowered, words), *loose_spans(data, lowered), *told_spans(data, lowered, words)]


def _blocks() -> ModuleType:
    from codememory import redact_blocks

    return redact_blocks


def _marker(secret: bytes, kind: str) -> bytes:
    return f"[redacted:{kind}:{blake2b(secret, digest_size=2).hexdigest()}]".encode()


def _is_opaque(value: dict[object, object] | list[object]) -> bool:
    """Say whether a block holds nothing but a payload of no words: an image, a withheld thought."""
    if isinstance(value, list):
        return False
    kind = value.get("type")
    return kind == "redacted_thinking" or (kind == "base64" and isinstance(value.get("data"), str))


def _is_payload(key: object, parent: dict[object, object]) -> bool:
    kind = parent.get("type")
    return isinstance(kind, str) and key == BLOCK_NUMBERS.get(kind)


def _joinable(value: object) -> tuple[list[str], set[str]]:
    """Return keys and strings so that, joined by NUL, a key stands right before its value; and the keys of strings.

    What the client itself numbers a block with is left out: most lines hold no other run of letters and digits.
    """
    found: list[str] = []
    keys: set[str] = set()
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            pending.extend(reversed(value))
        elif isinstance(value, dict) and not _is_opaque(value):
            kind = value.get("type")
            unread = BLOCK_NUMBERS.get(kind, "") if kind.__class__ is str else ""
            for key, child in value.items():
                if child.__class__ is str:
                    if key != unread:
                        found.append(key)
                        found.append(child)
                        keys.add(key)
                elif child.__class__ is list or child.__class__ is dict:
                    found.append(key)
                    pending.append(child)
                else:
                    found.append(key)
    return found, keys


def _walked(value: object) -> object:
    """Rebuild what changed, innermost first; parents of unchanged parts stay the same objects."""
    if isinstance(value, str):
        return redacted(value)
    if not isinstance(value, dict | list):
        return value
    # Containers in the order in which they were met: every child comes after its parent.
    met: list[dict[object, object] | list[object]] = [value]
    parted: dict[int, str] = {}
    for container in met:
        children = container.values() if isinstance(container, dict) else container
        if isinstance(container, list):
            parted.update(across_blocks(container))
        met.extend(child for child in children if isinstance(child, list | dict) and not _is_opaque(child))
    changed: dict[int, object] = {}
    for container in reversed(met):
        if isinstance(container, dict):
            if id(container) in parted:
                changed[id(container)] = {**container, "text": redacted(parted[id(container)])}
                continue
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
            return _marker(child.encode("utf-8", "surrogatepass"), kind_of(key)).decode()
        return redacted(child)
    return changed.get(id(child), child)
