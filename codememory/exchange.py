"""What passes between the client and a hook: a payload on standard input, and the shape of an answer."""

from __future__ import annotations

import os

from codememory import wire
from codememory.budget import PAYLOAD_BYTES_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HEAD_BYTES = 64_000
PARTS_MAX = 500_000
"""Commas: more small values than these would take too much memory, whatever their length."""

LONG_BYTES, TEXT_CHARS_MAX = 1_000_000, 500_000
"""In a payload longer than this, texts are cut in their middle; the transcript brings them whole."""


def read() -> bytes:
    """Read the payload; a terminal or a closed stream is an empty one."""
    parts: list[bytes] = []
    size = 0
    try:
        if os.isatty(0):
            return b""
        while part := os.read(0, 1 << 20):
            if size < PAYLOAD_BYTES_MAX:  # what is longer is read too: the client must not write to a closed pipe
                parts.append(part)
                size += len(part)
    except TimeoutError:
        raise
    except OSError:
        return b""
    return b"".join(parts)


def decoded(raw: bytes) -> Any:
    """Decode what the client sent; of too much of it only the fields at its beginning.

    Raises:
        ValueError: It is no JSON.

    """
    if len(raw) <= LONG_BYTES:
        return wire.decoded(wire.from_bytes(raw))
    if len(raw) >= PAYLOAD_BYTES_MAX or raw.count(b",") > PARTS_MAX or raw.count(b"[") > PARTS_MAX:
        return wire.leading_fields(wire.from_bytes(raw[:HEAD_BYTES]))
    return _shortened(wire.decoded(wire.from_bytes(raw)))


def _shortened(value: Any) -> Any:
    """Return a decoded value with its longest texts cut in their middle: how they begin and end is what tells."""
    if isinstance(value, str):
        half = TEXT_CHARS_MAX // 2
        return value if len(value) <= TEXT_CHARS_MAX else f"{value[:half]}\n[…]\n{value[-half:]}"
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    return value


def wrapped(event: str, text: str, decision: str, reason: str, word: str = "") -> str:
    """Return the only shape that reaches the model (measured; plain text on PreCompact), and a word for the user."""
    if event == "PreCompact":
        return text
    inner = {"hookEventName": event}
    if text:
        inner["additionalContext"] = text
    if decision:
        inner["permissionDecision"], inner["permissionDecisionReason"] = decision, reason
    whole: dict[str, Any] = {"systemMessage": word} if word else {}
    if len(inner) > 1:
        whole["hookSpecificOutput"] = inner
    return wire.encoded(whole)
