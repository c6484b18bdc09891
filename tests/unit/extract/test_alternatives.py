"""What a decision turned down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.alternatives import CHARS_MAX, alternatives_in

CASES = {
    "instead of": ("Use httpx instead of requests, because of HTTP/2.", ["requests"]),
    "rather than": ("I went with a queue rather than row locks: SQLite has one writer.", ["row locks"]),
    "rejected": ("Rejected the ORM because it hides the queries.", ["the ORM"]),
    "decided against": ("I decided against Redis for the job queue: one more thing to run.", ["Redis"]),
    "did not work": ("The polling approach did not work because proxies cache replies.", ["polling approach"]),
    "tried": ("I tried upgrading to v5, but it didn't work because it dropped CommonJS.", ["upgrading to v5"]),
    "chinese": ("改用 httpx 而不是 requests。", ["requests"]),
    "nothing turned down": ("We decided to use SQLite because it needs no server.", []),
    "inside a word": ("The projected size is small.", []),
    "nothing follows": ("Do it instead of", []),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES.keys())
def test_alternatives(text: str, wanted: list[str]) -> None:
    assert alternatives_in(text) == wanted


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert all(0 < len(one) <= CHARS_MAX for one in alternatives_in(text))


@given(st.text(alphabet="İßK a", max_size=60))
def test_letters_that_change_their_length_do_no_harm(text: str) -> None:
    alternatives_in(f"{text} instead of {text} because {text}")
