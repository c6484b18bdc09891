"""A word is weighed by its characters; what a name says of its value; which words of a text are looked at again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secret_samples import ALNUM, HEX, draw, uuid

from codememory import redact
from codememory.redact import marks, names, roles, rules, shapes, weight

WEIGHTS = [
    ("${SECRET1}", weight.NONE), ("your-api-key-12", weight.NONE), ("xxxxxxxx1", weight.NONE), ("a/b", weight.NONE),
    ("password1", weight.WORD), ("handle_request_v2", weight.WORD), ("python3.11", weight.WORD), ("test1", weight.WORD),
    ("00000000", weight.NONE), ("9384756", weight.WORD),
    ("copper" + "-lantern-38", weight.MIXED),
    ("copper" + "Lantern1988", weight.MIXED), ("meadow" + "4711", weight.MIXED), ("Galaxy" + "1968?", weight.MIXED),
    ("c0Pp3r" + ".l4ntern", weight.MIXED),
    ("a" * 0 + draw(HEX, 32), weight.RANDOM), (uuid(), weight.RANDOM), ("nnAD" + "YWzMgJAwu", weight.RANDOM),
    ("Xy7!" + "kL9q#2Wb", weight.RANDOM), (draw("BCDFGHJKMNPQRSTVWXZ23456789", 30), weight.RANDOM),
    ("q7" + "ZkW3xR9vBt5Lp8Mn2Jd4", weight.SURE),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), WEIGHTS, ids=[str(at) for at in range(len(WEIGHTS))])
def test_a_word_is_weighed_by_its_characters(value: str, expected: int) -> None:
    assert weight.weigh(value) == expected


def test_most_random_tokens_are_sure() -> None:
    assert sum(weight.weigh(draw(ALNUM, 32)) == weight.SURE for _ in range(300)) >= 290


@given(st.text(max_size=80))
def test_no_text_is_too_odd_to_be_weighed(text: str) -> None:
    value = text.encode("utf-8").decode("latin-1")
    assert weight.NONE <= weight.weigh(value) <= weight.SURE
    assert shapes.odd_chars(value, shapes.shape_of(value)) <= len(value)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("password", names.STRONG), ("DB_PASSWORD", names.STRONG), ("clientSecret", names.STRONG),
        ("rootpw", names.STRONG), ("MYSQL_PWD_PROD", names.STRONG), ("access_token", names.WEAK),
        ("apiKey", names.WEAK), ("signing-key", names.WEAK),
        ("key", names.DOUBTFUL), ("session_id", names.SEAL), ("primary_key", 0), ("input_tokens", 0), ("author", 0),
        ("password_file", 0), ("monkey", 0), ("compass", 0),
    ],
)  # fmt: skip
def test_a_name_tells_what_it_may_be_given(name: str, level: int) -> None:
    assert names.level_of(name) == level


@given(
    st.lists(st.sampled_from(["the", "word", "DB_PASSWORD", "token", draw(ALNUM, 40), "x1", "-p", "curl"]), max_size=9)
)
def test_what_was_judged_before_is_judged_the_same(words: list[str]) -> None:
    text = " ".join(words) + " = " + "hunter" + "42xyz"
    redact._harmless.clear()
    redact._roles.clear()
    assert redact.redacted(text) == redact.redacted(text)


@pytest.mark.parametrize(
    "word", [b"the", b"handle_request", b"passed", b"author", b"keyboard", b"2024", b"toolu_01abc"]
)
def test_ordinary_words_point_at_nothing(word: bytes) -> None:
    assert roles.roles_of([word]) == {}


@pytest.mark.parametrize("name", sorted({*rules.FOREIGN_RUNS, *rules.FOREIGN_NAMES, *rules.FOREIGN_KEYS}))
def test_a_name_in_another_script_is_a_word(name: str) -> None:
    """Most texts of signs only, as arrows, are not cut for words of other scripts."""
    data = b"an arrow \xe2\x86\x92 and " + name.encode("latin-1") + b" 1"
    foreign = bytes(byte for byte in name.encode("latin-1") if byte >= 0x80)
    assert any(foreign[:2] in word for word in marks.words_in(data))


def test_words_are_judged_together_as_they_are_alone() -> None:
    words = [
        b"the",
        b"API_KEY",
        b"authorName",
        b"userNumber",
        b"a" * 5_000 + b"key",
        b"two-factor_code",
        b"-p",
        b"seed",
    ]
    alone = {word: role for word in words for role in roles.roles_of([word]).values()}
    assert roles.roles_of(words) == alone
    assert set(words) - set(alone) == {b"the", words[4]}
