"""Summaries with a lasting signal become memories; others do not; unused ones go stale."""

from __future__ import annotations

import apsw
import pytest
from fixtures.homes import Home

from codememory import compact, ingest, lasting, lifecycle, records
from codememory.store import memories, sessions

SESSION = "1a571000-0000-4000-8000-000000000001"
OTHER = "1a571000-0000-4000-8000-000000000002"
DAY_MS = 86_400_000


def compacted(home: Home, *, decided: bool) -> tuple[apsw.Connection, int]:
    """Return a store with a session of several leaves under a condensed summary, with or without a decision in it."""
    made = home.transcript(SESSION)
    made.say("user", "let us look at how the ledger is reconciled with the treasury")
    if decided:
        words = "Decision: we chose double-entry bookkeeping over single-entry, because the treasury audits both sides."
        made.say("assistant", [{"type": "text", "text": words}])
    for step in range(30):
        made.say(
            "assistant", [{"type": "text", "text": f"step {step}: the ledger holds rows " + "and more rows " * 20}]
        )
    connection = home.connect()
    ingest.ingest(connection, str(made.write()), 1)
    session = sessions.find(connection, SESSION)
    assert session is not None
    if decided:
        home.mark("decision", "Double-entry bookkeeping for the ledger", "--why", "audits", "--session", SESSION)
        connection.execute(
            "UPDATE node SET created_at = (SELECT min(created_at) + 1 FROM message) WHERE kind = 'decision'"
        )
    plan = compact.Plan(everything=True, tail=0)
    plan.chunk_tokens, plan.fanout = 600, 2
    compact.compact(connection, session.session_id, plan, 10**15)
    return connection, session.project_id


def summary_nodes(connection: apsw.Connection, project_id: int) -> list[memories.Node]:
    """Return the memories that stand for summaries."""
    return memories.newest(connection, project_id, "summary", memories.ACTIVE, 100)


def test_a_span_with_a_decision_is_remembered_and_told(home: Home) -> None:
    connection, project_id = compacted(home, decided=True)
    nodes = summary_nodes(connection, project_id)
    assert nodes
    assert any("Double-entry" in node.content for node in nodes)
    assert all(str(node.details["summary"]).startswith(f"{records.SUMMARY}_") for node in nodes)
    said = home.told("UserPromptSubmit", OTHER, prompt="how is the ledger reconciled with the treasury?")
    assert "Earlier work:" in said
    assert "codememory expand sum_" in said


def test_a_span_without_a_signal_is_not(home: Home) -> None:
    connection, project_id = compacted(home, decided=False)
    assert connection.execute("SELECT count(*) FROM summary WHERE kind = 'condensed'").get > 0
    assert summary_nodes(connection, project_id) == []


@pytest.mark.parametrize("days, stale", [(30, False), (61, True)])
def test_one_that_nobody_is_told_of_goes_stale(home: Home, days: int, stale: bool) -> None:
    connection, project_id = compacted(home, decided=True)
    newest = max(node.updated_at for node in summary_nodes(connection, project_id))
    staled = lifecycle.maintain(connection, project_id, newest + days * DAY_MS)
    assert any(node.kind == "summary" for node in staled) == stale
    assert lasting.UNUSED_MS == 60 * DAY_MS
