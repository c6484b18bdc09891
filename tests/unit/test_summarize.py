"""A written summary fits whatever its facts, and leaves out last what matters most."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory import summarize
from codememory.extract import gist
from codememory.score import text_tokens

words = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["x" * 3_000, "重写模块" * 60, "a\n" * 50, ""]
)
said = st.lists(st.tuples(words, st.sampled_from(["", "ab" * 16])), max_size=5)


def facts_of(requests: list[tuple[str, str]], files: list[str], commands: list[tuple[str, bool]]) -> summarize.Facts:
    """Return facts with these requests, edits and commands."""
    facts = summarize.Facts()
    facts.requests = requests
    for file in files:
        edit = facts.edits.setdefault(file, summarize.Edit("cd" * 16))
        edit.count += 1
        edit.learn(f"because of {file}", [file])
    for typed, failed in commands:
        facts.commands.setdefault(typed, summarize.Run(typed, "ef" * 16)).end("exit 1" if failed else "ok", typed)
    return facts


@given(
    requests=said, marks=said, answers=said, open_=said, files=st.lists(words, max_size=8),
    commands=st.lists(st.tuples(words, st.booleans()), max_size=8),
    failures=st.lists(st.tuples(words, words), max_size=5),
    looks=st.lists(words, max_size=8), tokens_max=st.integers(1, 1_500),
)  # fmt: skip
def test_it_fits_whatever_there_is(
    requests: list[tuple[str, str]], marks: list[tuple[str, str]], answers: list[tuple[str, str]],
    open_: list[tuple[str, str]], files: list[str], commands: list[tuple[str, bool]], failures: list[tuple[str, str]],
    looks: list[str], tokens_max: int,
) -> None:  # fmt: skip
    facts = facts_of(requests, files, commands)
    facts.marks, facts.answers, facts.open = marks, answers, open_
    facts.failures = [(text, became, "") for text, became in failures]
    facts.looks = dict.fromkeys(looks, "ab" * 16)
    text = summarize.written(facts, tokens_max)
    assert text
    assert text_tokens(text) <= tokens_max
    assert summarize.written(facts, tokens_max) == text


def test_nothing_is_a_sign() -> None:
    assert summarize.written(summarize.Facts(), 10) == "…"


def test_files_and_failing_commands_go_last() -> None:
    facts = facts_of(
        [("do this and that " * 30, "aa" * 16)] * 20,
        [f"src/part_{number}.py" for number in range(12)],
        [(f"make check-{number}", number < 4) for number in range(20)],
    )
    facts.marks = [("decision: cents are integers", "")]
    text = summarize.written(facts, 200)
    for expected in ("decision: cents are integers", *facts.edits, *(f"make check-{number}" for number in range(4))):
        assert expected in text, expected


def test_failures_fixed_alike_are_one_line() -> None:
    facts = summarize.Facts()
    facts.failures = [
        ("KeyError: a", "fixed: edit a.py", ""),
        ("KeyError: b", "fixed: edit a.py", ""),
        ("boom", "open", ""),
    ]
    text = summarize.written(facts, 500)
    assert "- KeyError: a; KeyError: b → fixed: edit a.py" in text
    assert "- boom → open" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("mend it", "mend it", id="plain"),
        pytest.param("<bash-input>ls</bash-input>", "", id="shell in passing"),
        pytest.param(
            "<command-name>/clear</command-name>\n<command-args></command-args>", "", id="the client's command"
        ),
        pytest.param(
            "<command-name>/fix</command-name><command-args>12 now</command-args>", "/fix 12 now", id="slash command"
        ),
        pytest.param("Full transcript available at: /tmp/x", "", id="notice"),
        pytest.param(
            "mend the sum\n```\nTraceback\n```\nand keep the name", "mend the sum and keep the name", id="paste"
        ),
        pytest.param("修好合计\n```\n日志\n```\n保持名字不变", "修好合计 保持名字不变", id="Chinese"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_request_without_what_is_none(text: str, expected: str) -> None:
    assert gist.request_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Perfect! Let me look. The cache is stale.", "The cache is stale.", id="process left out"),
        pytest.param("好的。缓存过期了，所以合计不对。", "缓存过期了，所以合计不对。", id="Chinese"),
        pytest.param("Now let me check the tests.", "", id="nothing concluded"),
        pytest.param("| a | b |\n```\ncode\n```\n## Head\n", "", id="no prose"),
    ],
)
def test_a_conclusion_says_what_was_found(text: str, expected: str) -> None:
    assert gist.conclusion_of(text) == expected


@pytest.mark.parametrize(
    ("edit", "names"),
    [
        pytest.param("+ def total(rows):\n- def old():", ["total", "old"], id="Python"),
        pytest.param("+func (s *Store) Save(ctx) error {", ["Save"], id="Go"),
        pytest.param("+export async function load() {", ["load"], id="JavaScript"),
        pytest.param("+pub struct Row {", ["Row"], id="Rust"),
        pytest.param("+ x = 1", [], id="none"),
    ],
)
def test_what_an_edit_defines(edit: str, names: list[str]) -> None:
    assert gist.names_in(edit) == names


@given(text=words)
def test_the_gist_never_raises_and_is_bounded(text: str) -> None:
    for shorten in (gist.request_of, gist.conclusion_of, gist.intent_of, gist.question_of):
        assert len(shorten(text * 3)) <= 2_000
    gist.names_in(text)
    gist.look_of(text)
