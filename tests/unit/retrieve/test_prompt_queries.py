"""A prompt of common words reads no more in a large store; `test_hook_queries` tells how each query finds its rows."""

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


def rows_read(connection: apsw.Connection, project_id: int) -> int:
    """Return how many rows a prompt reads."""
    rows = 0

    def count(_: Any, row: Any) -> Any:
        nonlocal rows
        rows += 1
        return row

    connection.row_trace = count
    try:
        plan = planning.planned(PROMPT)
        search.for_prompt(connection, project_id, plan)
        search.messages_for(connection, project_id, 0, plan)
    finally:
        connection.row_trace = None
    return rows


@pytest.fixture
def project_id(home: Home) -> int:
    """Return the project of the scratch home."""
    return projects.place_of(home.connect(), str(home.project), 1).project_id


def test_it_reads_no_more_rows_of_a_large_store(home: Home, project_id: int) -> None:
    connection = home.connect()
    fill(connection, project_id, 2_000)
    some = rows_read(connection, project_id)
    fill(connection, project_id, 8_000)
    assert 100 < rows_read(connection, project_id) <= 1.5 * some
