"""The user's own word on whether something works now, English and Chinese."""

from __future__ import annotations

WORDS_MAX = 14
"""A longer prompt says more than that; its first sentence is looked at alone."""

WORKING = (
    "works now", "it works", "that works", "working now", "is fixed", "it's fixed", "its fixed", "fixed now",
    "that fixed it", "that did it", "that solved it", "problem solved", "all good now", "tests pass now",
    "passes now", "all green", "解决了", "好了", "修好了", "可以了", "没问题了", "通过了", "正常了", "搞定了",
)  # fmt: skip
NOT_WORKING = (
    "not ", "n't", "doesnt", "isnt", "still", "if it works", "when it works", "until", "once it", "make sure", "should",
    "does it", "how ", "why ", "what ", "whether", "but ", "almost", "except", "?", "？", "没好", "不行", "还是", "还没",
    "如果", "但是", "怎么", "是否", "吗", "准备好了", "更好了", "最好了",
)  # fmt: skip


def says_it_works(prompt: str) -> bool:
    """Tell whether a prompt reports success, and nothing else in that sentence takes it back."""
    first = prompt.strip().lower().replace("’", "'")
    for end in (".", "!", "\n", "。", "！", "，", ", "):
        first = first.partition(end)[0] if len(first.split()) > WORDS_MAX else first
    if len(first.split()) > WORDS_MAX or len(first) > 120:
        return False
    return any(mark in first for mark in WORKING) and not any(mark in first for mark in NOT_WORKING)
