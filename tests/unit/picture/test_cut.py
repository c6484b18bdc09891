"""Long texts are shortened at their middle, and every character left out is counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.picture.cut import PROSE_FACTOR, Cutter

LONG = "a" * 60 + "b" * 100 + "c" * 40

CASES: dict[str, tuple[Any, Any, int]] = {
    "short": ([{"type": "text", "text": "short"}], [{"type": "text", "text": "short"}], 0),
    "prose is kept longer": ([{"type": "text", "text": "x" * 100 * PROSE_FACTOR}], None, 0),
    "an output": (
        [{"type": "tool_result", "content": LONG}],
        [{"type": "tool_result", "content": {"cut": ["a" * 60, "c" * 40, 100]}}],
        100,
    ),
    "inside an input": (
        [{"type": "tool_use", "input": {"content": LONG, "n": 3}}],
        [{"type": "tool_use", "input": {"content": {"cut": ["a" * 60, "c" * 40, 100]}, "n": 3}}],
        100,
    ),
    "an image": (
        [{"type": "image", "source": {"type": "base64", "data": "QUJD"}}],
        [{"type": "image", "source": {"type": "base64", "data": {"cut": ["", "", 4]}}}],
        4,
    ),
    "the seal of a thought": (
        [{"type": "thinking", "thinking": "hm", "signature": "QUJD"}],
        [{"type": "thinking", "thinking": "hm", "signature": {"cut": ["", "", 4]}}],
        4,
    ),
    "no number of JSON": ([{"input": [float("nan"), float("inf"), 1.5]}], [{"input": ["nan", "inf", 1.5]}], 0),
    "no list": ("text", "text", 0),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_blocks(case: str) -> None:
    blocks, expected, left_out = CASES[case]
    cutter = Cutter(100)
    assert cutter.blocks(blocks) == (blocks if expected is None else expected)
    assert cutter.left_out == left_out


@given(st.text(max_size=300), st.integers(1, 100))
def test_what_is_kept_and_what_is_counted_make_the_whole(text: str, chars_max: int) -> None:
    cutter = Cutter(chars_max)
    (found,) = cutter.blocks([{"content": text}])
    kept = found["content"]
    if isinstance(kept, str):
        assert kept == text
        return
    head, tail, left = kept["cut"]
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + left + len(tail) == len(text)
    assert len(head) + len(tail) == chars_max
    json.dumps(found, allow_nan=False)
