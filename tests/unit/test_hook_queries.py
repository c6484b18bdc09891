"""PreToolUse and PostToolUseFailure do not grow with the store: every query they run finds its rows by an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import apsw
import pytest
from fixtures.homes import Home
from fixtures.stories import START_MS, Story

FAILURES = 10_000
COMMAND = "python check_total.py"
OUTPUT = "Traceback (most recent call last):\n  File \"src/total.py\", line 3, in total\nKeyError: 'net'"
SMALL = ("json_each", "(subquery", "c", "hook_counter", "CONSTANT")
"""What may be read whole: a few ids, a subquery with a limit, one row for each event."""


def fill(story: Story, failures: int) -> None:
    """Put many failures into the story's project, most of one file and one command, in many sessions."""
    connection = story.connection
    project = connection.execute("SELECT project_id FROM project").get
    values = {"project": project, "count": failures, "start": START_MS, "command": COMMAND}
    numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
    connection.execute("BEGIN")
    for statement in (
        "INSERT INTO session (client_id, project_id, started_at, last_at) SELECT 'old-' || i, :project, :start - i,"
        " :start - i"
        " FROM n WHERE i <= 300",
        "INSERT INTO node (uid, kind, status, project_id, session_id, content, details, confidence, origin, trust,"
        " created_at,"
        " updated_at) SELECT randomblob(16), 'failure', 'active', :project, 1, 'KeyError ' || i,"
        " json_object('command', :command, 'type', 'KeyError'), 0.9, 'extracted', 'observed', :start - i, :start -"
        " i FROM n",
        "INSERT INTO failure (node_id, project_id, signature, type, occurrences, first_at, last_at) SELECT node_id,"
        " :project,"
        " 'fs_' || node_id, 'KeyError', 1, created_at, created_at FROM node WHERE content LIKE 'KeyError %'",
        "INSERT INTO tool_call (session_id, tool_use_id, tool, command, command_key, outcome, called_at) SELECT"
        " (SELECT max(session_id) FROM session) - i % 300, 'old' || i, 'Bash', :command, :command, 'failed', :start"
        " - i FROM n",
        "INSERT INTO occurrence (session_id, tool_use_id, ordinal, node_id, at) SELECT (SELECT max(session_id) FROM"
        " session)"
        " - i % 300, 'old' || i, 0, (SELECT node_id FROM node WHERE content = 'KeyError 1'), :start - i FROM n",
        "INSERT INTO occurrence (session_id, tool_use_id, ordinal, node_id, at) SELECT (SELECT max(session_id) FROM"
        " session)"
        " - node_id % 300, 'own' || node_id, 0, node_id, created_at FROM node WHERE content LIKE 'KeyError %'",
        "INSERT OR IGNORE INTO node_tag (project_id, kind, value, node_id) SELECT :project, 'command', :command,"
        " node_id FROM failure",
        "INSERT OR IGNORE INTO node_tag (project_id, kind, value, node_id) SELECT :project, 'file', 'src/total.py',"
        " node_id"
        " FROM failure",
    ):
        counted = "FROM n" in statement.replace("FROM node", "")
        connection.execute(statement.replace("SELECT", numbers + "SELECT", 1) if counted else statement, values)
    connection.execute("COMMIT")


def fire_all(story: Story) -> None:
    """Let everything happen that the two events look for."""
    story.fail(COMMAND, OUTPUT)
    story.edit("src/total.py", "a", "b")
    story.fail(COMMAND, OUTPUT)
    story.fail(COMMAND, OUTPUT)
    story.fail(COMMAND, OUTPUT)
    story.edit("src/total.py", "b", "a")
    story.fail(COMMAND, OUTPUT)
    story.says("works now")
    story.run(COMMAND)


def statements(connection: apsw.Connection, work: Callable[[], None]) -> list[tuple[str, Any]]:
    """Return the distinct statements that some work runs, with their bindings."""
    seen: dict[str, Any] = {}

    def trace(_: Any, statement: str, bindings: Any) -> bool:
        seen.setdefault(statement, bindings)
        return True

    connection.exec_trace = trace
    try:
        work()
    finally:
        connection.exec_trace = None
    return [
        (one, bindings) for one, bindings in seen.items() if one.split()[0] in ("SELECT", "UPDATE", "INSERT", "DELETE")
    ]


def steps(connection: apsw.Connection, statement: str, bindings: Any) -> Iterator[str]:
    for row in connection.execute("EXPLAIN QUERY PLAN " + statement, bindings or ()):
        yield str(row[3])


@pytest.fixture
def story(home: Home) -> Story:
    story = Story(home, by="both", day=1)
    story.run("ls", "")
    fill(story, FAILURES)
    return story


def test_no_query_reads_a_whole_table_or_sorts_one(story: Story) -> None:
    found = statements(story.connection, lambda: fire_all(story))
    assert len(found) > 25
    bad = []
    for statement, bindings in found:
        plan = list(steps(story.connection, statement, bindings))
        for step in plan:
            whole = step.startswith("SCAN ") and not step[5:].startswith(SMALL) and "VIRTUAL TABLE INDEX" not in step
            if whole or ("TEMP B-TREE" in step and "LIMIT" not in statement.partition("(SELECT")[2]):
                bad.append(f"{step}: {statement}")
    assert bad == []


STEP = 100
"""Instructions of SQLite's virtual machine between two calls of the counter."""


def instructions(connection: apsw.Connection, work: Callable[[], object]) -> int:
    """Count what SQLite does for a piece of work: unlike time, it is the same on every machine."""
    counted = 0

    def count() -> bool:
        nonlocal counted
        counted += STEP
        return False

    connection.set_progress_handler(count, STEP)
    try:
        work()
    finally:
        connection.set_progress_handler(None, STEP)
    return counted


def test_a_full_store_costs_little_more_than_an_empty_one(home: Home) -> None:
    story = Story(home, day=1)
    story.fail(COMMAND, OUTPUT)
    empty = instructions(story.connection, lambda: story.fail(f"{COMMAND} 1", OUTPUT))
    fill(story, FAILURES)
    later = Story(home, day=2)
    full = instructions(later.connection, lambda: later.fail(f"{COMMAND} 1", OUTPUT))
    assert 0 < full < empty * 3 + 5_000, f"{empty} instructions on an empty store, {full} with {FAILURES} failures"


def test_many_failures_in_one_session_stay_bounded(home: Home) -> None:
    story = Story(home, day=1)
    story.fail(COMMAND, OUTPUT)
    few = instructions(story.connection, lambda: story.fail(COMMAND, OUTPUT))
    fill(story, FAILURES)
    session_id = story.connection.execute("SELECT session_id FROM session WHERE client_id = ?", (story.session,)).get
    story.connection.execute("UPDATE tool_call SET session_id = ? WHERE tool_use_id LIKE 'old%'", (session_id,))
    story.connection.execute("UPDATE occurrence SET session_id = ? WHERE tool_use_id LIKE 'old%'", (session_id,))
    many = instructions(story.connection, lambda: story.fail(COMMAND, OUTPUT))
    assert many < few * 20 + 100_000, f"{few} instructions with few failures in the session, {many} with {FAILURES}"
