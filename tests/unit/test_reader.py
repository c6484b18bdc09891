"""A process beside the one that writes reads what it is told to, in order, and ends with it."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator

import pytest
from fixtures.homes import Home

from codememory import packing, reader, stretch

STARTS_WITHIN_SECONDS = 30


@pytest.fixture
def other() -> Iterator[reader.Reader]:
    made = reader.Reader()
    assert made.process.stdout is not None
    select.select([made.process.stdout], [], [], STARTS_WITHIN_SECONDS)
    yield made
    made.end()


def stretches(home: Home, count: int) -> list[stretch.Stretch]:
    made = [home.conversation() for _ in range(count)]
    return [stretch.Stretch(str(one.path), one.session, "", 0, len(one.data)) for one in made]


def test_it_reads_what_is_read_here(home: Home, other: reader.Reader) -> None:
    wanted = stretches(home, 2)
    assert [other.order(one, False) for one in wanted] == [True, True]
    assert [other.answer() for _ in wanted] == [packing.packed(stretch.read(one, False)) for one in wanted]


def test_it_has_no_more_orders_than_it_needs(home: Home, other: reader.Reader) -> None:
    (one,) = stretches(home, 1)
    assert [other.order(one, False) for _ in range(reader.ORDERS_MAX + 1)] == [True] * reader.ORDERS_MAX + [False]
    other.answer()
    assert other.order(one, False)


def test_what_cannot_be_read_is_answered_with_nothing(home: Home, other: reader.Reader) -> None:
    assert other.order(stretch.Stretch("/no/such/file", "s", "", 0, 10), False)
    assert other.answer() == b""


def test_an_interrupt_is_its_parents_business(home: Home, other: reader.Reader) -> None:
    (one,) = stretches(home, 1)
    assert other.order(one, False)
    os.kill(other.process.pid, signal.SIGINT)
    assert other.answer()


def test_one_that_dies_is_gone(home: Home, other: reader.Reader) -> None:
    (one,) = stretches(home, 1)
    assert other.order(one, False) and other.answer()
    other.process.kill()
    other.process.wait()
    other.order(one, False)
    assert other.is_ready()
    assert other.answer() is None
    assert not other.order(one, False)


def test_it_ends_with_who_started_it(home: Home, other: reader.Reader) -> None:
    (one,) = stretches(home, 1)
    assert other.order(one, False) and other.answer()
    assert other.process.stdin is not None
    other.process.stdin.close()
    assert other.process.wait(STARTS_WITHIN_SECONDS) == 0


@pytest.mark.parametrize("is_wanted", [True, False], ids=["wanted", "not wanted"])
def test_one_that_was_started_early_is_the_first_or_is_ended(is_wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "processes", lambda: 1)
    reader.start_early()
    (early,) = reader._early
    if is_wanted:
        assert reader.started() is early
        early.end()
    reader.end_early()
    assert early.process.poll() is not None
    later = reader.started()
    assert later is not early
    later.end()


def test_nothing_is_started_early_where_there_is_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "processes", lambda: 0)
    reader.start_early()
    assert reader._early == []


@pytest.mark.parametrize(
    ("words", "is_started"),
    [
        ([], True),
        (["--json"], True),
        (["{file}"], False),
        (["--dry-run"], False),
        (["--help"], False),
        (["-h"], False),
        (["/no"], False),
        (["{folder}"], True),
        (["{folder}/none"], False),
    ],
    ids=[
        "all",
        "an option",
        "too little",
        "only told of",
        "help",
        "help in short",
        "not there",
        "a folder",
        "no such folder",
    ],
)
def test_a_process_is_made_ready_where_the_command_line_names_much(
    home: Home, monkeypatch: pytest.MonkeyPatch, words: list[str], is_started: bool
) -> None:
    small, large = home.conversation(turns=1), home.conversation(turns=1)
    started: list[bool] = []
    monkeypatch.setattr(reader, "WORTH_BYTES", len(small.data) + len(large.data))
    monkeypatch.setattr(reader, "start_early", lambda: started.append(True))
    reader.get_ready([word.format(file=small.path, folder=small.path.parent) for word in words])
    assert bool(started) is is_started
