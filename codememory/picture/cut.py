"""Shorten the long texts of a message's blocks, and count what is left out."""

from __future__ import annotations

from typing import Any

HEAD_SHARE = 0.6
"""Of what is kept of a long text: its beginning; the rest is its end, where errors stand."""

PROSE_FACTOR = 5
"""What was said is kept this much longer than what tools were given and gave back."""


SEAL = "signature"
"""The service's seal on a thought: hundreds of random characters that tell nobody anything."""


class Cutter:
    """Cuts texts longer than a limit and counts the characters left out."""

    def __init__(self, chars_max: int) -> None:
        self.chars_max = chars_max
        self.left_out = 0

    def blocks(self, blocks: Any) -> Any:
        """Return blocks with every long text replaced by `{"cut": [beginning, end, characters left out]}`."""
        if not isinstance(blocks, list):
            return self._value(blocks, self.chars_max)
        return [self._block(block) for block in blocks]

    def _block(self, block: Any) -> Any:
        if not isinstance(block, dict):
            return self._value(block, self.chars_max)
        if block.get("type") in ("text", "thinking"):
            return {
                name: self._value(value, 0 if name == SEAL else self.chars_max * PROSE_FACTOR)
                for name, value in block.items()
            }
        return {name: self._value(value, self.chars_max) for name, value in block.items()}

    def _value(self, value: Any, chars_max: int) -> Any:
        if isinstance(value, str):
            return self._text(value, chars_max)
        if isinstance(value, list):
            return [self._value(one, chars_max) for one in value]
        if isinstance(value, dict):
            if value.get("type") == "base64" and isinstance(value.get("data"), str):
                self.left_out += len(value["data"])
                return {**value, "data": {"cut": ["", "", len(value["data"])]}}
            return {name: self._value(one, chars_max) for name, one in value.items()}
        if isinstance(value, float) and not -1e308 < value < 1e308:  # NaN and infinities are no JSON
            return str(value)
        return value

    def _text(self, text: str, chars_max: int) -> Any:
        if len(text) <= chars_max:
            return text
        head = int(chars_max * HEAD_SHARE)
        tail = chars_max - head
        self.left_out += len(text) - chars_max
        return {"cut": [text[:head], text[len(text) - tail :], len(text) - chars_max]}
