"""The user's own word on whether something works."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.verdicts import says_it_works

WORKING = [
    "works now", "It works now, thanks!", "great, that fixed it", "That did it.", "perfect, it works", "ok it's fixed",
    "Yes! works now", "tests pass now", "all green", "that solved it, thank you", "it’s working now",
    "nice, all good now",
    "好了", "现在好了", "解决了，谢谢", "可以了", "没问题了", "修好了！", "测试通过了", "现在正常了",
    "That fixed it. Now add the same to the import page.", "confirmed, the bug is gone", "yep works", "it passes now",
    "Works perfectly", "works!", "it is working", "搞定了，下一步做导出", "works great now", "it's working fine",
]  # fmt: skip
SILENT = [
    "", "fix the bug", "does it work now?", "is it fixed", "works now?", "it still doesn't work", "not fixed",
    "it works if I restart the server", "when it works, commit it", "make sure it works now", "tell me once it works",
    "it almost works", "it works but the colour is wrong", "why does it say it works now",
    "I think the fix works, unless cached",
    "check that it works", "verify it works now", "it never works", "only works on my machine",
    "it works in Chrome only",
    "没好", "还是不行", "好了吗", "好了吗？", "如果好了就提交", "还没解决了", "怎么就好了", "准备好了", "更好了",
    "做好了再告诉我",
    "the one that works now is the old one, keep the test red", "how it works now", "explain how that works now",
    "please get it to where it works now", "until it works", "I want that fixed now", "it should be fixed now",
    "run the tests until all green", "is all green a good colour", "it isn't working now", "nothing works now",
    "it no longer works now", "works now in theory", "写好了测试再说", "你好了解一下", "弄好了通知我",
    "it worked yesterday, now it works never", "let me know if that fixed it", "see whether that did it",
]  # fmt: skip


@pytest.mark.parametrize("words", WORKING)
def test_says_so(words: str) -> None:
    assert says_it_works(words)


@pytest.mark.parametrize("words", SILENT)
def test_does_not_say_so(words: str) -> None:
    assert not says_it_works(words)


@given(st.text(max_size=400))
def test_never_raises(words: str) -> None:
    assert says_it_works(words) in (True, False)


@given(st.sampled_from(WORKING), st.sampled_from(["?", "？", " if I restart", " but not on Windows", "吗", " or not"]))
def test_what_is_added_takes_it_back(words: str, end: str) -> None:
    if "." not in words and "，" not in words:
        assert not says_it_works(words.rstrip("!！.") + end)
