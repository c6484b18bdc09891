"""No search by words grows with the store: what it runs finds its rows by the index, or among those it was given."""

from __future__ import annotations

from typing import Any

import apsw
import pytest
from fixtures.homes import Home

from codememory.explore.grep import Search, grep
from codememory.store import identity

SEARCHES: dict[str, dict[str, Any]] = {
    "words": {"query": "ledger grows"},
    "a phrase": {"query": '"ledger grows" number1'},
    "a word left out": {"query": "ledger -number1"},
    "nowhere": {"query": "nowhere"},
    "in a project": {"query": "ledger", "project_id": 1},
    "in no project": {"query": "ledger", "project_id": 99},
    "in a session": {"query": "ledger", "session_id": 1},
    "of a role": {"query": "ledger", "role": "user"},
    "in a time": {"query": "ledger", "since": 1, "before": 4_000_000_000_000},
    "of a file": {"query": "ledger", "file": "cache.py"},
    "sessions": {"query": "ledger grows", "by": "session", "role": "user", "since": 1},
    "an expression": {"query": r"ledger \w+", "mode": "regex"},
    "an expression, narrowed": {"query": r"nowhere \w+", "mode": "regex", "project_id": 1, "role": "user", "since": 1},
    "an expression on a file": {"query": r"\w+", "mode": "regex", "file": "cache.py"},
}

SCANS = ("json_each", "session", "CONSTANT")
"""What may be read whole: values given with the statement, and the sessions, of which there are few."""


@pytest.fixture
def store(home: Home) -> apsw.Connection:
    made = home.transcript()
    for number in range(40):
        made.say("assistant" if number % 2 else "user", f"the ledger grows by number{number % 3}")
    made.tool("Edit", {"file_path": f"{home.project}/cache.py", "old_string": "x", "new_string": "ledger"}, "Edited")
    made.write()
    home.json("backfill", made.path)
    return home.connect()


def read_whole(connection: apsw.Connection, work: Any) -> list[str]:
    """Return the steps of the statements run that read a table whole, or sort what is not a list that was given."""
    seen: dict[str, Any] = {}

    def trace(_: Any, statement: str, bindings: Any) -> bool:
        seen.setdefault(statement, bindings)
        return True

    connection.exec_trace = trace
    work()
    connection.exec_trace = None
    assert seen
    found = []
    for statement, bindings in seen.items():
        for row in connection.execute("EXPLAIN QUERY PLAN " + statement, bindings or ()):
            step = str(row[3])
            if step.startswith("SCAN") and not is_small(step):
                found.append(f"{step}: {statement}")
            if "TEMP B-TREE" in step and "tool_call WHERE file" not in statement:
                found.append(f"{step}: {statement}")
    return found


def is_small(step: str) -> bool:
    """Tell whether a step reads the index for words, or what may be read whole."""
    table, _, rest = step.removeprefix("SCAN ").partition(" ")
    return table in ("e", "f", *SCANS) or ("VIRTUAL TABLE INDEX" in rest and not rest.endswith("INDEX 0:"))


@pytest.mark.parametrize("wanted", SEARCHES.values(), ids=SEARCHES.keys())
def test_a_search_reads_no_table_whole(store: apsw.Connection, wanted: dict[str, Any]) -> None:
    assert read_whole(store, lambda: grep(store, Search(**wanted))) == []


def test_a_whole_id_reads_no_table_whole(store: apsw.Connection) -> None:
    (session,) = store.execute("SELECT client_id FROM session").fetchone()
    assert read_whole(store, lambda: identity.resolve(store, session)) == []
    assert read_whole(store, lambda: identity.resolve(store, session[:8])) == []
