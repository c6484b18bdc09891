"""How much a word tells, and which words mean the same."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.retrieve import alike_words, common_words, telling

TIERS = (common_words.EVERYWHERE, common_words.USUAL, common_words.FREQUENT, common_words.KNOWN)


@pytest.mark.parametrize(
    ("common", "rarer"),
    [("file", "cache"), ("error", "deploy"), ("tests", "snapshot"), ("building", "prune"), ("12", "6379")],
)
def test_a_common_word_tells_less(common: str, rarer: str) -> None:
    assert telling.telling(common) < telling.telling(rarer)


@pytest.mark.parametrize(
    ("word", "stem"),
    [("retries", "retry"), ("retried", "retry"), ("logging", "log"), ("passes", "pass"), ("falling", "fall"),
     ("uses", "use"), ("caches", "cach"), ("caching", "cach"), ("quickly", "quick"), ("is", "is"), ("class", "class")],
)  # fmt: skip
def test_endings(word: str, stem: str) -> None:
    assert telling.stem_of(word) == stem


def test_the_tables_hold_each_word_once_and_between_blanks() -> None:
    words = Counter(word for tier in TIERS for word in tier.split())
    assert max(words.values()) == 1
    assert all(f" {word} " in tier for tier in TIERS for word in tier.split())
    groups = Counter(alike_words.GROUPS.split())
    assert [word for word, count in groups.items() if count > 1] == []
    assert all(len(line.split()) > 1 for line in alike_words.GROUPS.strip().splitlines())


def test_a_group_is_symmetric() -> None:
    for line in alike_words.GROUPS.strip().splitlines():
        for word in line.split():
            assert set(telling.alike(word)) == set(line.split()) - {word}


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("db", "database"),
        ("configs", "configuration"),
        ("verified", "verification"),
        ("测试", "test"),
        ("k8s", "kubernetes"),
    ],
)
def test_words_that_mean_the_same(word: str, other: str) -> None:
    assert other in telling.alike(word)


@given(st.text(min_size=1, max_size=30))
def test_any_word_has_a_worth(word: str) -> None:
    assert 0.0 <= telling.telling(word) <= telling.RARE
    telling.alike(word)
    telling.chinese_words(word)
