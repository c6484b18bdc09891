"""The index: what goes in, and how it is read in bounded pieces."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript

from codememory.store import search
from codememory.store.search import Narrowing

BLOCKS: dict[str, tuple[list[Any], str, str]] = {
    "said": ([{"type": "text", "text": "hello"}], "hello", ""),
    "thought": ([{"type": "thinking", "thinking": "hm"}], "", "hm"),
    "called": ([{"type": "tool_use", "name": "Bash", "input": {"command": "ls", "timeout": 3}}], "", "ls"),
    "returned": ([{"type": "tool_result", "content": [{"type": "text", "text": "out"}]}], "", "out"),
    "odd": ([None, {"type": "text"}, {"type": "image"}, {"type": "tool_use", "input": "x"}], "", ""),
}


@pytest.mark.parametrize(("blocks", "prose", "detail"), BLOCKS.values(), ids=BLOCKS.keys())
def test_prose_and_detail(blocks: list[Any], prose: str, detail: str) -> None:
    assert search.prose_and_detail(blocks) == (prose, detail)


def test_long_results_keep_both_ends() -> None:
    blocks = [{"type": "tool_result", "content": "begin" + "x" * 100_000 + "end"}]
    _, detail = search.prose_and_detail(blocks)
    assert detail.startswith("begin") and detail.endswith("end")
    assert len(detail) == search.RESULT_HEAD_CHARS + search.RESULT_TAIL_CHARS + 1
    assert len(search.prose_and_detail(blocks, whole=True)[1]) == 100_008


@pytest.fixture
def store(home: Home) -> apsw.Connection:
    """Return a store of two projects, three sessions and ten messages."""
    for cwd, count in ((home.project, 4), (home.root / "other", 3), (home.project, 3)):
        cwd.mkdir(exist_ok=True)
        made = Transcript(home.folder, cwd, home.names)
        for number in range(count):
            made.say("assistant" if number % 2 else "user", f"the ledger of number{number} grows")
        made.write()
        home.json("backfill", made.path)
    return home.connect()


def test_the_newest_come_first_and_the_limit_holds(store: apsw.Connection) -> None:
    assert search.newest_holding(store, '"ledger"', 1, 10, 4) == [10, 9, 8, 7]
    assert search.newest_holding(store, '"ledger"', 3, 5, 4) == [5, 4, 3]
    assert search.newest_holding(store, 'detail : "ledger"', 1, 10, 4) == []


def test_a_project_is_read_where_it_lies(store: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Narrowing(project_id=2)
    assert search.id_range(store, Narrowing()) == (1, 10)
    assert search.id_range(store, other) == (5, 7)
    assert search.id_range(store, Narrowing(session_id=3)) == (8, 10)
    assert search.id_range(store, Narrowing(project_id=99)) == (1, 10)
    monkeypatch.setattr(search, "EXACT_MESSAGES_MAX", 2)
    assert search.id_range(store, other) == (5, 7)
    assert search.id_range(store, Narrowing(project_id=1)) == (1, 10)
    monkeypatch.setattr(search, "SESSIONS_MAX", 0)
    assert search.id_range(store, other) == (1, 10)


def test_a_time_is_read_where_it_lies(store: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    store.execute("UPDATE session SET started_at = session_id * 1000, last_at = session_id * 1000 + 500")
    for exact in (search.EXACT_MESSAGES_MAX, 0):
        monkeypatch.setattr(search, "EXACT_MESSAGES_MAX", exact)
        assert search.id_range(store, Narrowing(since=2000)) == (5, 10)
        assert search.id_range(store, Narrowing(before=3000)) == (1, 7)
        assert search.id_range(store, Narrowing(since=2400, before=2450)) == (5, 7)
        assert search.id_range(store, Narrowing(project_id=1, since=2501)) == (8, 10)
        assert search.id_range(store, Narrowing(since=9000)) == (1, 10)


@pytest.mark.parametrize(
    ("narrowing", "found"),
    [
        pytest.param({}, [1, 2, 5, 8], id="all"),
        pytest.param({"project_id": 2}, [5], id="project"),
        pytest.param({"session_id": 3}, [8], id="session"),
        pytest.param({"role": "assistant"}, [2], id="role"),
        pytest.param({"since": 4_000_000_000_000}, [], id="since"),
        pytest.param({"before": 4_000_000_000_000}, [1, 2, 5, 8], id="before"),
    ],
)
def test_homes(store: apsw.Connection, narrowing: dict[str, Any], found: list[int]) -> None:
    rows = list(search.homes(store, [1, 2, 5, 8, 77], Narrowing(**narrowing)))
    assert [message_id for message_id, _, _ in rows] == found
    places = {1: 0, 2: 1, 5: 0, 8: 0}
    assert all(place == places[message_id] for message_id, _, place in rows)


def test_a_session_across_a_limit_of_time_is_looked_into(store: apsw.Connection) -> None:
    store.execute("UPDATE session SET started_at = session_id * 1000, last_at = session_id * 1000 + 500")
    store.execute("UPDATE message SET created_at = session_id * 1000 + message_id")

    def fit(**times: int) -> list[int]:
        return [one for one, _, _ in search.homes(store, list(range(1, 11)), Narrowing(**times))]

    assert fit(since=2006) == [6, 7, 8, 9, 10]
    assert fit(before=2006) == [1, 2, 3, 4, 5]
    assert fit(since=1003, before=2006) == [3, 4, 5]
    assert fit(since=2500) == [8, 9, 10]


def test_of_some_messages_only_these_are_found(store: apsw.Connection) -> None:
    assert search.newest_holding(store, '"ledger"', 1, 10, 9, [77, 8, 3, 2]) == [8, 3, 2]
    assert search.newest_holding(store, '"ledger"', 3, 10, 1, [8, 3, 2]) == [8]
    assert search.newest_holding(store, '"number0"', 1, 10, 9, [8, 3, 2]) == [8]
    assert search.newest_holding(store, '"ledger"', 1, 10, 9, []) == []


def test_messages_beside_a_place(store: apsw.Connection) -> None:
    assert sorted(search.beside(store, [(1, 0), (2, 1)])) == [(1, 1, 2), (2, 0, 5), (2, 2, 7)]


def test_touching_a_file(store: apsw.Connection) -> None:
    for number, (file, call, result) in enumerate([("a.py", 2, 3), ("a.py", 4, None), ("b.py", 5, 6)]):
        store.execute(
            "INSERT INTO tool_call (session_id, tool_use_id, tool, file, called_at, message_id, result_message_id)"
            " VALUES (1, ?, 'Edit', ?, 0, ?, ?)",
            (f"call{number}", file, call, result),
        )
    assert search.touching(store, "a.py", 9) == [4, 3, 2]
    assert search.touching(store, "a.py", 2) == [4, 3]


def test_a_common_match_of_another_project_is_not_followed_for_ever(
    store: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert search.any_holds(store, '"ledger"', 2)
    assert not search.any_holds(store, '"ledger"', 99)
    monkeypatch.setattr(search, "ASKED_MAX", 3)
    assert not search.any_holds(store, '"ledger"', 2)


def test_token_counts_are_those_of_the_index(store: apsw.Connection) -> None:
    store.execute("UPDATE message_index SET prose = ?, detail = ? WHERE rowid = 4", ("a " * 300, "b " * 20_000))
    assert search.token_counts(store, [1, 4, 77]) == {1: (5, 0), 4: (300, 20_000)}


def test_usual_lengths(store: apsw.Connection) -> None:
    assert search.usual_lengths(store, 1, 3) == (1.0, 5.0, 0.0)
    assert search.usual_lengths(store, 50, 60) == (1.0, 1.0, 1.0)
    store.execute("UPDATE message_index SET prose = '', detail = 'a b c d' WHERE rowid = 4")
    assert search.usual_lengths(store, 3, 4) == (0.5, 5.0, 2.0)


def test_session_sizes(store: apsw.Connection) -> None:
    assert search.session_sizes(store, [1, 2]) == ({1: 4, 2: 3}, 3)
