"""No hook grows with the store: every statement that any event runs finds its rows by an index."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import apsw
import pytest
from fixtures.homes import Home
from fixtures.statements import statements_of_hooks
from fixtures.stories import START_MS, Story

from codememory.hook import EVENTS

FAILURES = 10_000
COMMAND = "python check_total.py"
OUTPUT = "Traceback (most recent call last):\n  File \"src/total.py\", line 3, in total\nKeyError: 'net'"


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


def statements(work: Callable[[], object]) -> dict[str, Any]:
    """Return the statements that some work runs on any connection, each with bindings of it."""
    seen: dict[str, Any] = {}

    def trace(_: Any, statement: str, bindings: Any) -> bool:
        seen.setdefault(statement, bindings)
        return True

    def watch(connection: apsw.Connection) -> None:
        connection.exec_trace = trace

    apsw.connection_hooks.append(watch)
    try:
        work()
    finally:
        apsw.connection_hooks.remove(watch)
    first_words = ("SELECT", "UPDATE", "INSERT", "DELETE", "WITH", "REPLACE")
    return {one: bindings for one, bindings in seen.items() if one.split()[0] in first_words}


def steps(connection: apsw.Connection, statement: str, bindings: Any) -> Iterator[str]:
    for row in connection.execute("EXPLAIN QUERY PLAN " + statement, bindings or ()):
        yield str(row[3])


@pytest.fixture
def story(home: Home) -> Story:
    story = Story(home, by="both", day=1)
    story.run("ls", "")
    fill(story, FAILURES)
    return story


SCANS = {
    "json_each": "values given with the statement",
    "CONSTANT": "no table at all",
    "hook_counter": "one row an event",
    "team_project": "the projects shared with a team; one row each",
    "team_server": "one row",
    "sqlite_schema": "the tables of a file that may be another program's",
    "model_call": "by its index, as far as a LIMIT goes",
    "long_line": "lines that hooks left to `backfill`; few, and looked at after a turn",
    "u": "summaries under one summary, by their parent",
    "under": "summaries under one summary",
}
"""What may be read whole, and why it stays small."""

SORTS = {
    "FROM node_tag WHERE node_id = ?": "the tags of one memory, `memories.TAGS_MAX` at most",
    "method = 'client'": "the client's own summaries of one session: one for each of its compactions",
    "AND depth = ? AND method <> 'client'": "summaries of one depth of one thread: one for thousands of tokens each",
    "FROM team_project ORDER BY": "the projects shared with a team",
    "FROM attempt a JOIN node n": "the attempts against one failure",
    "t.kind = 'glob' ORDER BY origin": "the patterns of a project's rules",
    "t.value IN (:path, :path || '/')": "statements on one file that was renamed",
    "WHERE parent_id = ?": "the summaries under one: as many as one is made of",
    "WITH RECURSIVE under": "the messages under one summary",
    "method = 'extractive'": "the leaves of one session",
    "e.verb = 'judged'": "the decisions of one session",
    "bm25(": "what is searched for by rare words, in the newest part",
}
"""Statements that may sort, by a part of them, and why what they sort stays small."""


def wrong(connection: apsw.Connection, found: dict[str, Any]) -> str:
    """Return the steps that read a whole table or sort what may be one; a part of a statement with a LIMIT is small."""
    bad = []
    for statement, bindings in found.items():
        plan = list(steps(connection, statement, bindings))
        is_part_limited = "LIMIT" in statement.partition("(SELECT")[2]
        parts = {step.split()[-1] for step in plan if step.startswith(("CO-ROUTINE ", "MATERIALIZE "))}
        small = {*SCANS, *(parts if is_part_limited else ())}
        may_sort = is_part_limited or any(one in statement for one in SORTS)
        for step in plan:
            words = step.split()
            whole = words[0] == "SCAN" and words[1] not in small and "VIRTUAL TABLE INDEX" not in step
            if whole or ("TEMP B-TREE" in step and not may_sort):
                bad.append(f"{step}: {statement}")
    return "\n".join(bad)


def session_of(home: Home) -> dict[str, dict[str, Any]]:
    """Return the fields of every event's payload, for a store that has something to say to each."""
    edit = {"file_path": f"{home.project}/src/total.py", "old_string": "a", "new_string": "b"}
    asked = {"tool_name": "Edit", "tool_use_id": "toolu_edit", "tool_input": edit}
    failed = {"tool_name": "Bash", "tool_use_id": "toolu_bash", "tool_input": {"command": COMMAND}}
    return {
        "SessionStart": {"source": "resume"},
        "UserPromptSubmit": {"prompt": "does the total in src/total.py still raise KeyError net, and why round once?"},
        "PreToolUse": asked,
        "PostToolUse": {**asked, "tool_response": {"filePath": edit["file_path"]}},
        "PostToolUseFailure": {**failed, "error": f"Exit code 1\n{OUTPUT}"},
        "SubagentStart": {"agent_id": "a1", "agent_type": "Explore"},
        "SubagentStop": {"agent_id": "a1", "agent_type": "Explore"},
        "Stop": {"stop_hook_active": False},
        "PreCompact": {"trigger": "manual"},
        "PostCompact": {"trigger": "manual", "compact_summary": "The total rounds once."},
        "SessionEnd": {"reason": "other"},
    }


@pytest.fixture
def remembered(home: Home, story: Story) -> tuple[Home, str]:
    """Return a home with something of every kind in its store, and a session that was not closed."""
    fire_all(story)
    for kind, words in (("decision", "Round once, after summing the total"), ("constraint", "Never edit src/total.py")):
        home.mark(kind, words, "--file", "src/total.py", "--session", story.session)
    home.mark("task", "Let the total be right", "--session", story.session)
    left = home.conversation(turns=4)  # of another session, which no hook told of
    home.set(CODEMEMORY_COMPACTION_TOKEN_THRESHOLD="1", CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="2")
    other = home.transcript(story.session, agent="a1")
    other.say("user", "Find who calls total()")
    other.failing("python other.py", OUTPUT)
    other.write()
    hand_on = {"subagent_type": "Explore", "prompt": "find who calls the total in src/total.py"}
    home.told("PreToolUse", story.session, tool_name="Task", tool_use_id="toolu_task", tool_input=hand_on)
    assert os.path.exists(left.path)
    return home, story.session


def test_no_statement_of_a_tool_reads_a_whole_table_or_sorts_one(story: Story) -> None:
    connection = story.connection
    found = statements(lambda: fire_all(Story(story.home, by="both", day=2)))
    assert len(found) > 25
    assert wrong(connection, found) == ""


@pytest.mark.parametrize("event", [*sorted(EVENTS), "Stop --background"])
def test_no_statement_of_an_event_reads_a_whole_table_or_sorts_one(remembered: tuple[Home, str], event: str) -> None:
    home, session = remembered
    event, *words = event.split()
    fields = session_of(home)[event]
    if event == "SubagentStop":
        fields["agent_transcript_path"] = str(home.transcript(session, agent="a1").path)
    found = statements(lambda: home.told(event, session, *words, **fields))
    assert len(found) > 3
    assert home.problems() == []
    assert wrong(home.connect(), found) == ""


def test_no_statement_after_a_compaction_reads_a_whole_table_or_sorts_one(remembered: tuple[Home, str]) -> None:
    home, session = remembered
    home.told("PreCompact", session, trigger="auto")
    found = statements(lambda: home.told("SessionStart", session, source="compact"))
    assert home.problems() == []
    assert wrong(home.connect(), found) == ""


MADE_WHEN_RUN = {
    "INSERT INTO {name} ({name})": "an index that does not answer is emptied",
    "SELECT count(*) FROM model_call": "calls of a model, by an index for each of their conditions",
    "SELECT session_id FROM session WHERE": "the sessions of a project that are to be compacted",
}
"""How those begin that are put together when they run, and what for: these are looked at where a test runs them."""


def unbound(statement: str) -> Any:
    """Return bindings without any value for a statement."""
    names = re.findall(r":([a-z_]+)", statement)
    return dict.fromkeys(names) if names else (None,) * statement.count("?")


def test_no_statement_that_a_hook_leads_to_reads_a_whole_table_or_sorts_one(remembered: tuple[Home, str]) -> None:
    """Read from the source: also what no event above happens to run."""
    home, _ = remembered
    whole, made = statements_of_hooks()
    assert len(whole) > 150
    assert [one for one in made if not one[2:].startswith(tuple(MADE_WHEN_RUN))] == []
    assert wrong(home.connect(), {one: unbound(one) for one in whole}) == ""


def test_what_hooks_run_is_among_what_they_lead_to(remembered: tuple[Home, str]) -> None:
    home, session = remembered

    def work() -> None:
        fire_all(Story(home, by="both", day=2))
        for event, fields in session_of(home).items():
            home.told(event, session, **fields)
        home.told("Stop", session, "--background", stop_hook_active=False)
        home.told("SessionStart", session, source="compact")

    run = set(statements(work))
    whole, _ = statements_of_hooks()
    assert len(run) > 80
    assert {one for one in run if not one.startswith(tuple(MADE_WHEN_RUN))} <= set(whole)


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
