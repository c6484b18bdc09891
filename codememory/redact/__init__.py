"""Replace secrets by typed, stable markers before text is stored.

Most words recur for ever, and nearly none of them is a secret or names one. A text is cut into its words in one pass;
those that this process has judged before cost nothing more (`_harmless`). What is left points at the few places that
are read (`marks`): a word that is random by itself, a name that says what is given to it, a command, a block.
"""

from __future__ import annotations

from _blake2 import blake2b

from codememory import config
from codememory.redact import names
from codememory.redact.marks import HARMLESS_MAX, KNOWN_MAX, PRIVATE, SAID_CHARS_MAX, words_in
from codememory.redact.private import across_blocks, without_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

BLOCK_NUMBERS = {"tool_use": "id", "tool_result": "tool_use_id", "thinking": "signature"}
"""The fields of blocks that hold the client's own numbers and seals."""

COMMON_KINDS = frozenset(("password", "secret", "key", "token", "code", "authorization"))
KEY_CHARS_MAX = 64  # a longer key of an object is no name
PASSES_MAX = 6
SHORTEST_CHARS = 8  # shorter texts hold no secret worth the look

_harmless: set[bytes] = set()
_harmless_keys: set[str] = set()
_roles: dict[bytes, int] = {}

_probe: Any = iter((0, 0))
_STOPS_AT_FIRST = not set().issuperset(_probe) and _probe.__length_hint__() == 1
"""Whether a set that is asked for much looks no further than what it has not, which no document promises."""


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
        data = text.encode("utf-8", "surrogatepass")
        found = _spans(data)
        if not found:
            break
        text = _marked(data, found)
    return text


def _marked(data: bytes, found: list[tuple[int, int, str]]) -> str:
    """Return the text with a marker in the place of every secret; overlapping ones become one."""
    # Of several kinds the maker's own is told; the order does not hang on which word was looked for first.
    found.sort(key=lambda span: (span[0], -span[1], span[2] in COMMON_KINDS, span[2]))
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


def _marker(secret: bytes, kind: str) -> bytes:
    return f"[redacted:{kind}:{blake2b(secret, digest_size=2).hexdigest()}]".encode()


def _spans(data: bytes) -> list[tuple[int, int, str]]:
    """Return start, end and kind of every secret, in no order, overlaps included; positions are bytes of data."""
    return _read(data, _marked_words(*_doubtful_words([data])))


def _doubtful_words(texts: list[bytes]) -> list[set[bytes]]:
    """Return of each text the words that were not found harmless before."""
    if len(texts) == 1:
        return [set(words_in(texts[0])).difference(_harmless)]
    return [_unknown(words_in(text)) for text in texts]


def _unknown(words: list[bytes]) -> set[bytes]:
    """Return the words that were not found harmless before.

    The set goes through the words as long as it has them, at two thirds of what asking it for each one costs.
    """
    if not _STOPS_AT_FIRST:
        return set(words).difference(_harmless)
    found: set[bytes] = set()
    rest: Any = iter(words)
    while not _harmless.issuperset(rest):
        found.add(words[-1 - rest.__length_hint__()])
    return found


def _read(data: bytes, marked: dict[bytes, int]) -> list[tuple[int, int, str]]:
    if not marked and b"@" not in data and (len(data) > SAID_CHARS_MAX or b" / " not in data):
        return []
    from codememory.redact.occurrences import secret_spans

    return secret_spans(data, marked)


def _marked_words(new: set[bytes]) -> dict[bytes, int]:
    """Return word → role of those words that point at a place to be read; the others are not looked at again."""
    if not new:
        return {}
    marked = {word: _roles[word] for word in new if word in _roles}
    if len(marked) < len(new):
        from codememory.redact.roles import roles_of

        unjudged = new.difference(marked)
        telling = roles_of(unjudged)
        if len(_harmless) + len(unjudged) > HARMLESS_MAX:
            _harmless.clear()
        _harmless.update(unjudged.difference(telling))
        if len(_roles) + len(telling) > KNOWN_MAX:
            _roles.clear()
        _roles.update(telling)
        marked.update(telling)
    return marked


def redacted_value(value: Any) -> Any:
    """Redact every string of parsed JSON, a secret-looking key telling about its value; the same object if clean.

    Image payloads are left alone. Nesting is walked without recursion.
    """
    return redacted_values((value,))[0]


def redacted_values(values: Iterable[Any]) -> list[Any]:
    """Redact many values of parsed JSON: the words of all before the places of any keep the processor's cache warm."""
    looks = [(value, *_looked_over(value)) for value in values]
    doubtful = _doubtful_words([data for _, data, _ in looks])
    marked = _marked_words(set().union(*doubtful))
    is_private_told = any(role & PRIVATE for role in marked.values())
    return [
        _settled(value, data, {word: marked[word] for word in words if word in marked}, keys, is_private_told)
        for (value, data, keys), words in zip(looks, doubtful, strict=True)
    ]


def _looked_over(value: object) -> tuple[bytes, list[str]]:
    """Return all text of a value, and those keys of its strings that were not found harmless before."""
    if not value:
        return b"", []
    texts, keys = _joinable(value)
    return "\0".join(texts).encode("utf-8", "surrogatepass"), keys


def _settled(value: Any, data: bytes, marked: dict[bytes, int], keys: list[str], may_be_private: bool) -> Any:
    """Return a value redacted. Most are clean, and one pass over all their text joined tells so."""
    if may_be_private and any(role & PRIVATE for role in marked.values()):
        joined = data.decode("utf-8", "surrogatepass")
        if without_private(joined)[0] != joined:
            return _walked(value)
    if _read(data, marked):
        return _walked(value)
    # A key tells more about its value than the joined text: the value may have blanks in it.
    for key in keys:
        if key.__class__ is str and len(key) <= KEY_CHARS_MAX:
            if names.level_of(key) == names.STRONG:
                return _walked(value)
            if len(_harmless_keys) >= KNOWN_MAX:
                _harmless_keys.clear()
            _harmless_keys.add(key)
    return value


def _is_opaque(value: dict[object, object] | list[object]) -> bool:
    """Say whether a block holds nothing but a payload of no words: an image, a withheld thought."""
    if isinstance(value, list):
        return False
    kind = value.get("type")
    return kind == "redacted_thinking" or (kind == "base64" and isinstance(value.get("data"), str))


def _is_payload(key: object, parent: dict[object, object]) -> bool:
    kind = parent.get("type")
    return isinstance(kind, str) and key == BLOCK_NUMBERS.get(kind)


def _joinable(value: object) -> tuple[list[str], list[str]]:
    """Return keys and strings so that, joined by NUL, a key stands right before its value; and the keys not yet judged.

    What the client itself numbers a block with is left out: most lines hold no other run of letters and digits.
    """
    found: list[str] = []
    keys: list[str] = []
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            pending += value[::-1]
        elif isinstance(value, dict) and not _is_opaque(value):
            kind = value.get("type")
            unread = BLOCK_NUMBERS.get(kind, "") if kind.__class__ is str else ""
            for key, child in value.items():
                if child.__class__ is str:
                    if key != unread:
                        found += (key, child)
                        if key not in _harmless_keys:
                            keys.append(key)
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
        if isinstance(key, str) and _is_given(child, key):
            return _marker(child.encode("utf-8", "surrogatepass"), names.kind_of(key)).decode()
        return redacted(child)
    return changed.get(id(child), child)


def _is_given(value: str, key: str) -> bool:
    """Say whether the value of an object's key is a secret as a whole."""
    if len(key) > KEY_CHARS_MAX or not 4 < len(value) < 2048 or not (level := names.level_of(key)):
        return False
    from codememory.redact.values import is_secret

    return is_secret(value.encode("utf-8", "surrogatepass").decode("latin-1"), level)
