"""A prompt of common words costs no more in a large store: every query is bounded and finds its rows by an index."""

from __future__ import annotations

import random
from typing import Any

import apsw
import pytest
from fixtures.homes import Home

from codememory import records
from codememory.retrieve import plan as planning
from codememory.retrieve import search
from codememory.store import memories, projects

WORDS = (
    "invoice total parser token cache retry socket schema migrate render index cursor ledger worker queue batch".split()
)
PROMPT = "the parser drops the invoice total when the cache retry of a queue worker fails in src/ledger.py"


def fill(connection: apsw.Connection, project_id: int, nodes: int) -> None:
    """Add nodes that all hold some of the prompt's words."""
    chance = random.Random(nodes)
    connection.execute("BEGIN")
    for number in range(nodes):
        draft = memories.Draft(
            records.key_of("filler", str(nodes), str(number)), "decision", " ".join(chance.choices(WORDS, k=6)),
            project_id, None, origin="user", trust=memories.STATED, confidence=1.0,
            tags=[("file", f"src/{chance.choice(WORDS)}.py", 1.0)],
        )  # fmt: skip
        memories.add(connection, draft, number + 1)
    connection.execute("COMMIT")


def asked(connection: apsw.Connection, project_id: int) -> dict[str, Any]:
    """Return the statements that a prompt runs, with their bindings, and how many rows it reads."""
    seen: dict[str, Any] = {}
    rows = 0

    def trace(_: Any, statement: str, bindings: Any) -> bool:
        seen.setdefault(statement, bindings)
        return True

    def count(_: Any, row: Any) -> Any:
        nonlocal rows
        rows += 1
        return row

    connection.exec_trace, connection.row_trace = trace, count
    try:
        plan = planning.planned(PROMPT)
        search.for_prompt(connection, project_id, plan)
        search.messages_for(connection, project_id, 0, plan)
    finally:
        connection.exec_trace = connection.row_trace = None
    seen["rows"] = rows
    return seen


@pytest.fixture
def project_id(home: Home) -> int:
    """Return the project of the scratch home."""
    return projects.place_of(home.connect(), str(home.project), 1).project_id


def test_no_query_reads_a_whole_table(home: Home, project_id: int) -> None:
    connection = home.connect()
    fill(connection, project_id, 600)
    seen = asked(connection, project_id)
    del seen["rows"]
    assert len(seen) >= 5
    for statement, bindings in seen.items():
        for row in connection.execute("EXPLAIN QUERY PLAN " + statement, bindings or ()):
            step = str(row[3])
            whole = step.startswith("SCAN ") and "VIRTUAL TABLE INDEX" not in step
            assert not whole or step.startswith(("SCAN json_each", "SCAN (subquery", "SCAN CONSTANT")), (
                step,
                statement,
            )


def test_it_reads_no_more_rows_of_a_large_store(home: Home, project_id: int) -> None:
    connection = home.connect()
    fill(connection, project_id, 2_000)
    some = asked(connection, project_id)["rows"]
    fill(connection, project_id, 8_000)
    assert asked(connection, project_id)["rows"] <= 1.5 * some
