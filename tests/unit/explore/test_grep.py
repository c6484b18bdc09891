"""Search as a whole: what is found first, what the signs of a query do, and what is said where nothing matches."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript

from codememory.errors import PatternError
from codememory.explore import expressions as module
from codememory.explore.grep import Search, grep, since_of

FILLER = "We looked at the build, ran it again and it was green. Then the next part was written and reviewed."
STORY = {
    "lock": ["Why does the nightly import hang?", "The SQLite lock is held by the exporter: it never ends its read."],
    "cache": ["Make the cache smaller", "The token cache now evicts the oldest entry. A lock guards the eviction."],
    "chinese": ["请让发票合计保持精确", "先求和，再四舍五入，否则会有误差。"],
    "paths": ["Rename it", "Renamed parseInvoiceRow in src/billing/row_parser.py because the old name misled."],
}


def written(home: Home, *sayings: str, cwd: str = "") -> Transcript:
    made = Transcript(home.folder, cwd or home.project, home.names)
    for number, text in enumerate(sayings):
        made.say("assistant" if number % 2 else "user", text)
    made.write()
    return made


@pytest.fixture
def sessions(home: Home) -> dict[str, Transcript]:
    made = {name: written(home, sayings[0], FILLER, "go on", sayings[1]) for name, sayings in STORY.items()}
    edit = {"file_path": f"{home.project}/cache.py", "old_string": "x", "new_string": "y"}
    made["cache"].tool("Edit", edit, "Edited")
    made["cache"].write()
    home.json("backfill", home.folder)
    return made


def asked(home: Home, query: str, **filters: Any) -> dict[str, Any]:
    return grep(home.connect(), Search(query, **filters))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param("Why did the import hang at night? Who held the lock?", "lock", id="a question"),
        pytest.param("what evicts old tokens", "cache", id="other forms of the words"),
        pytest.param("parse row", "paths", id="parts of an identifier"),
        pytest.param("PARSEINVOICEROW", "paths", id="an identifier in capitals"),
        pytest.param("billing", "paths", id="a part of a path"),
        pytest.param("四舍五入", "chinese", id="Chinese"),
        pytest.param("为什么四舍五入会有误差？", "chinese", id="a Chinese question"),
        pytest.param('"lock guards"', "cache", id="a phrase"),
        pytest.param("lock -eviction", "lock", id="a word left out"),
        pytest.param("exporter lock --read", "lock", id="an option is no exclusion"),
        pytest.param('an unclosed " lock held exporter', "lock", id="a quote that is never closed"),
    ],
)
@pytest.mark.parametrize("by", ["message", "session"])
def test_the_right_session_comes_first(
    home: Home, sessions: dict[str, Transcript], query: str, name: str, by: str
) -> None:
    found = asked(home, query, by=by)
    assert found["hits"][0]["session"] == sessions[name].session
    assert found["note"] == ""


def test_sessions_come_once_with_their_best_message(home: Home, sessions: dict[str, Transcript]) -> None:
    found = asked(home, "a lock of the cache", by="session")
    named = [hit["session"] for hit in found["hits"]]
    assert len(named) == len(set(named)) == found["total"]
    assert "A lock guards the eviction" in found["hits"][0]["snippet"]


def test_scores_fall_and_stay_within_bounds(home: Home, sessions: dict[str, Transcript]) -> None:
    for by in ("message", "session"):
        scores = [hit["score"] for hit in asked(home, "the lock, the cache and the name", by=by, scope="all")["hits"]]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)


def test_a_long_session_does_not_win_by_its_length(home: Home) -> None:
    long = written(home, *[f"step {n}: exporter, then lock, then {FILLER}" for n in range(60)])
    short = written(home, "What hangs?", "The exporter lock is never released.")
    home.json("backfill", home.folder)
    found = asked(home, "is the exporter lock released", by="session")
    assert [hit["session"] for hit in found["hits"]] == [short.session, long.session]


def test_words_spread_over_a_session_find_it(home: Home) -> None:
    spread = written(home, "The importer waits.", FILLER, "There is a deadlock.", FILLER, "It is the ledger.")
    for word in ("importer", "deadlock", "ledger"):
        written(home, f"Some other {word} matter.", FILLER, f"The {word} again.")
    home.json("backfill", home.folder)
    found = asked(home, "importer deadlock ledger", by="session")
    assert found["hits"][0]["session"] == spread.session


def test_a_message_is_lifted_by_its_neighbours(home: Home) -> None:
    written(home, "nothing", "The timeout was raised.", "nothing", FILLER, FILLER)
    beside = written(home, "How did the printer fail?", "The timeout was raised.", "nothing", FILLER, FILLER)
    written(home, "nothing", "The timeout was raised.", "nothing", FILLER, FILLER)
    home.json("backfill", home.folder)
    raised = [hit for hit in asked(home, "timeout printer")["hits"] if "raised" in hit["snippet"]]
    assert raised[0]["session"] == beside.session
    assert raised[0]["score"] > raised[1]["score"]


def test_a_fork_is_found_with_the_session_it_copied(home: Home) -> None:
    first = written(home, "What hangs?", "The exporter lock is never released.")
    copy = first.fork()
    copy.say("user", "and now the printer")
    copy.write()
    home.json("backfill", home.folder)
    assert {hit["session"] for hit in asked(home, "exporter lock", by="session")["hits"]} == {
        first.session, copy.session,
    }  # fmt: skip
    assert len(asked(home, "exporter lock")["hits"]) == 1


@pytest.mark.parametrize(
    ("query", "filters", "note"),
    [
        pytest.param("zyzzyva", {}, "try others", id="no such word"),
        pytest.param('"guards lock"', {}, "word for word", id="no such phrase"),
        pytest.param("evicts -lock", {}, "-lock", id="all excluded"),
        pytest.param("?!", {}, "no word", id="no word"),
        pytest.param("-lock", {}, "no word", id="only an exclusion"),
        pytest.param("evicts", {"role": "user"}, "filters", id="filtered"),
        pytest.param("evicts", {"since": 4_000_000_000_000}, "filters", id="too early"),
        pytest.param("evicts", {"file": "other.py"}, "filters", id="another file"),
        pytest.param("evicts", {"scope": "nodes"}, "--scope", id="another scope"),
        pytest.param("evicts", {"project_id": 999}, "--all-projects", id="another project"),
        pytest.param("EVICTS", {"mode": "regex"}, "case-sensitive", id="an expression"),
    ],
)
def test_nothing_found_says_why(
    home: Home, sessions: dict[str, Transcript], query: str, filters: dict[str, Any], note: str
) -> None:
    found = asked(home, query, **filters)
    assert found["hits"] == []
    assert note in found["note"]


def test_an_empty_store_says_what_to_do(home: Home) -> None:
    home.json("status")
    assert "backfill" in asked(home, "anything")["note"]


@pytest.mark.parametrize(
    ("filters", "hits"),
    [
        pytest.param({}, 2, id="none"),
        pytest.param({"role": "assistant"}, 2, id="role"),
        pytest.param({"role": "user"}, 0, id="other role"),
        pytest.param({"before": 4_000_000_000_000}, 2, id="before"),
        pytest.param({"limit": 1}, 1, id="limit"),
    ],
)
def test_filters_narrow(home: Home, sessions: dict[str, Transcript], filters: dict[str, Any], hits: int) -> None:
    assert len(asked(home, "lock", **filters)["hits"]) == hits


def test_a_file_narrows_to_its_calls(home: Home, sessions: dict[str, Transcript]) -> None:
    found = asked(home, "cache edited", file="cache.py")
    assert {hit["kind"] for hit in found["hits"]} == {"call", "result"}
    assert {hit["session"] for hit in asked(home, "cache", file="cache.py", by="session")["hits"]} == {
        sessions["cache"].session
    }


def test_the_total_tells_how_many_there_are(home: Home, sessions: dict[str, Transcript]) -> None:
    for by in ("message", "session"):
        found = asked(home, "lock", by=by, limit=1)
        assert (len(found["hits"]), found["total"]) == (1, 2)


def test_a_session_narrows(home: Home, sessions: dict[str, Transcript]) -> None:
    connection: apsw.Connection = home.connect()
    (number,) = connection.execute(
        "SELECT session_id FROM session WHERE client_id = ?", (sessions["lock"].session,)
    ).fetchone()
    assert {hit["session"] for hit in asked(home, "lock", session_id=number)["hits"]} == {sessions["lock"].session}


@pytest.fixture
def long_ago(home: Home, monkeypatch: pytest.MonkeyPatch) -> apsw.Connection:
    """Return a store whose newest four messages alone are read before the index is asked."""
    written(home, "the ledger_7 of old", "a preledger_8 as well", "the ledger_9 at last", FILLER, FILLER, "ledger_none")
    home.json("backfill", home.folder)
    monkeypatch.setattr(module, "READ_FIRST", 1)
    return home.connect()


LEDGERS = r"ledger_\d"


def shown(connection: apsw.Connection, query: str, **filters: Any) -> tuple[list[str], str]:
    found = grep(connection, Search(query, mode="regex", **filters))
    return [hit["snippet"] for hit in found["hits"]], found["note"]


def test_a_page_is_filled_by_the_words_of_an_expression(long_ago: apsw.Connection) -> None:
    snippets, note = shown(long_ago, LEDGERS, limit=2)
    assert snippets == ["the ledger_9 at last", "the ledger_7 of old"]
    assert "Of 5 messages older than the newest 1" in note


def test_a_page_the_words_do_not_fill_is_filled_by_reading(long_ago: apsw.Connection) -> None:
    everything = ["the ledger_9 at last", "a preledger_8 as well", "the ledger_7 of old"]
    assert shown(long_ago, LEDGERS) == (everything, "")
    assert shown(long_ago, r"(?i)LEDGER_\d") == (everything, "")
    assert shown(long_ago, r"_\d") == (everything, "")


def test_of_very_many_only_what_the_index_has_is_read(
    long_ago: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_MAX", 3)
    for together in (module.LOOKED_UP_TOGETHER, 1):
        monkeypatch.setattr(module, "LOOKED_UP_TOGETHER", together)
        snippets, note = shown(long_ago, LEDGERS)
        assert snippets == ["the ledger_9 at last", "the ledger_7 of old"]
        assert "narrow it" in note
    assert shown(long_ago, r"_\d")[1] == ""
    snippets, note = shown(long_ago, r"zyzzyva\d")
    assert (snippets, note[:26]) == ([], "Nothing that was read matc")


def test_what_takes_too_long_says_how_far_it_came(long_ago: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_TOGETHER", 2)
    monkeypatch.setattr(module, "monotonic", iter([0.0, 5.0, 11.0]).__next__)
    snippets, note = shown(long_ago, r"_\d")
    assert snippets == []
    assert "3 of 6 messages" in note


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param({}, 1, id="none"),
        pytest.param({"role": "user"}, 0, id="role"),
        pytest.param({"since": 4_000_000_000_000}, 0, id="since"),
        pytest.param({"before": 4_000_000_000_000}, 1, id="before"),
        pytest.param({"project_id": 1}, 1, id="project"),
        pytest.param({"project_id": 99}, 0, id="another project"),
        pytest.param({"session_id": 99}, 0, id="another session"),
        pytest.param({"file": "cache.py"}, 0, id="file"),
    ],
)
@pytest.mark.parametrize("first", [1, 1000], ids=["looked up", "read"])
def test_filters_narrow_an_expression(
    home: Home, sessions: dict[str, Transcript], monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any], found: int,
    first: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, "READ_FIRST", first)
    assert len(asked(home, r"exporter: it nev\w+", mode="regex", **filters)["hits"]) == found


def test_an_expression_on_a_file_reads_its_calls(home: Home, sessions: dict[str, Transcript]) -> None:
    kinds = {hit["kind"] for hit in asked(home, r"\w", mode="regex", file="cache.py")["hits"]}
    assert kinds == {"call", "result"}


@pytest.mark.parametrize("expression", ["(", "a{2,1}", "(?P<a>x)(?P<a>y)", "[z-a]"])
def test_a_broken_expression_is_refused(home: Home, expression: str) -> None:
    home.json("status")
    with pytest.raises(PatternError, match="cannot be used"):
        asked(home, expression, mode="regex")


def test_an_expression_that_explodes_is_stopped(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.set(CODEMEMORY_REDACT="false")
    written(home, "a" * 60 + "!")
    home.json("backfill", home.folder)
    monkeypatch.setattr(module, "SECONDS_MAX", 0.1)
    with pytest.raises(PatternError, match="takes too long"):
        asked(home, "(a+)+$", mode="regex")


@pytest.mark.parametrize(
    ("text", "at"),
    [("90m", 94_600_000), ("2h", 92_800_000), ("1d", 13_600_000), (None, None), ("1970-01-02", 86_400_000)],
)
def test_times(text: str | None, at: int | None) -> None:
    assert since_of(text, 100_000_000) == at
