"""The tools in the real client: offered in the requests it sends, called by a scripted session, answered rightly."""

from __future__ import annotations

import json
from typing import Any

import apsw
import pytest

from .client import REPOSITORY, Client
from .conftest import MakeClient
from .scripted_api import Block, text, told, tool
from .test_delivered import BROKEN, ERROR, PROGRAM, bash

PREFIX = "mcp__plugin_codememory_codememory__codememory_"
DEFAULT = {"check_prior_failures", "mark_decision", "mark_requirement", "compact"}
DEBUG = {"grep", "describe", "expand", "expand_query", "memory_pending", "memory_lifecycle"}
ALLOW = ("--allowedTools", "mcp__plugin_codememory_codememory Bash")
ALWAYS_ON_TOKENS_MAX = 1_200
CHARS_PER_TOKEN = 4

PATIENT = {"MCP_CONNECTION_NONBLOCKING": "false"}
"""Else the client's first request leaves without the tools of a server that is not there yet, as on a busy machine."""


def ours(name: str, **given: Any) -> Block:
    """Return a call of one of our tools."""
    return tool(PREFIX + name, **given)


def offered(request: dict[str, Any]) -> set[str]:
    """Return our tools in a request, without their prefix."""
    return {one["name"].removeprefix(PREFIX) for one in request["tools"] if one["name"].startswith(PREFIX)}


def results(request: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return (text, is it an error) of every tool result in a request, in order."""
    found = []
    for message in request["messages"]:
        for block in message["content"] if isinstance(message["content"], list) else []:
            if block.get("type") == "tool_result":
                parts = block["content"]
                said = parts if isinstance(parts, str) else "".join(part["text"] for part in parts)
                found.append((said, bool(block.get("is_error"))))
    return found


def answered(client: Client, *calls: Block) -> list[tuple[str, bool]]:
    """Let one session make these calls, one a turn, and return their results."""
    requests = client.session("Go on.", [*([call] for call in calls), [text("Done.")]], *ALLOW)
    found = results(requests[-1])
    assert len(found) == len(calls)
    return found


@pytest.fixture
def client(make_client: MakeClient) -> Client:
    """Return a client whose project has a failure of its own."""
    made = make_client()
    made.environment.update(PATIENT)
    (made.project / "reconcile.py").write_text(PROGRAM)
    made.session("Reconcile.", [[bash(BROKEN)], [text("It fails.")]])
    return made


def test_four_tools_are_offered_and_six_more_when_asked_for(client: Client) -> None:
    (first, *_) = client.session("Hello.", [[text("Hello.")]])
    assert offered(first) == DEFAULT
    client.environment["CODEMEMORY_DEBUG_TOOLS_ENABLED"] = "true"
    (first, *_) = client.session("Hello.", [[text("Hello.")]])
    assert offered(first) == DEFAULT | DEBUG
    client.environment["CODEMEMORY_ENABLED"] = "false"
    (first, *_) = client.session("Hello.", [[text("Hello.")]])
    assert offered(first) == set()


def test_each_tool_is_called_and_answers(client: Client) -> None:
    client.environment["CODEMEMORY_DEBUG_TOOLS_ENABLED"] = "true"
    client.environment["CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT"] = "0"
    failed, decided, required, compacted = answered(
        client,
        ours("check_prior_failures", command=BROKEN),
        ours("mark_decision", decision="Round the total once", rationale="rows drift", alternatives_rejected=["rows"]),
        ours("mark_requirement", kind="constraint", requirement="Never edit ledger.py by hand"),
        ours("compact"),
    )
    assert ERROR in failed[0]
    assert "No fix known" in failed[0]
    assert decided[0].startswith("Remembered: decision mem_")
    assert required[0].startswith("Remembered: constraint mem_")
    assert "summar" in compacted[0].lower() or "compacted" in compacted[0]
    node = decided[0].split()[2].rstrip(".")
    requests = client.session("Why round?", [[text("Because.")]])
    assert "Round the total once" in told(requests[0]), "what a tool marked is told in the next session"

    # The first session compacts whole now that it is over.
    session = next(line["sessionId"] for line in client.lines() if line.get("sessionId"))
    found = answered(
        client,
        ours("compact", sessionId=session),
        ours("grep", query="reconcile.py --strict", scope="all"),
        ours("describe", id=node),
        ours("expand", summaryId=session, includeMessages=True),
        ours("expand_query", query="why is the total rounded once?"),
        ours("memory_pending", action="list"),
        ours("memory_lifecycle", action="mark_stale", nodeId=node, reason="tried"),
        ours("memory_lifecycle", action="list_events", nodeId=node),
    )
    compacted, hits, described, expanded, evidence, pending, staled, events = found
    assert compacted[0].startswith("1 summaries made: sum_")
    assert "reconcile.py" in hits[0]
    assert "rows drift" in described[0]
    assert "Reconcile." in expanded[0]
    assert ERROR in expanded[0]
    assert node in evidence[0]
    assert pending[0] == "Nothing waits for a decision."
    assert staled[0] == f"{node} is stale."
    assert "tried" in events[0]
    assert not any(failed for _, failed in found)


def test_a_wrong_call_is_told_what_is_right_and_is_no_failure_of_the_project(client: Client) -> None:
    before = failures(client)
    kind, nothing, unknown = answered(
        client,
        ours("mark_requirement", kind="rule", requirement="x"),
        ours("check_prior_failures"),
        ours("mark_decision", decision="x", why="y"),
    )
    assert all(failed for _, failed in (kind, nothing, unknown))
    assert "constraint" in kind[0]
    assert "filePath" in nothing[0]
    assert "rationale" in unknown[0]
    assert failures(client) == before


def failures(client: Client) -> list[str]:
    """Return the failures that are remembered."""
    connection = apsw.Connection(str(client.config / "codememory.db"), flags=apsw.SQLITE_OPEN_READONLY)
    return [content for (content,) in connection.execute("SELECT content FROM node WHERE kind = 'failure'")]


def test_a_mark_belongs_to_the_session_that_calls(client: Client) -> None:
    """Another session of the project is the newest one by far: only the hook before the call knows whose it is."""
    connection = apsw.Connection(str(client.config / "codememory.db"))
    connection.execute(
        "INSERT INTO session (client_id, project_id, started_at, last_at)"
        " SELECT 'later', project_id, last_at, last_at + 100000000 FROM session LIMIT 1"
    )
    session = "a5c00000-0000-4000-8000-00000000000b"
    client.session(
        "Decide.", [[ours("mark_decision", decision="Cents")], [text("Done.")]], *ALLOW, "--session-id", session
    )
    owners = connection.execute("SELECT client_id FROM node JOIN session USING (session_id) WHERE kind = 'decision'")
    assert owners.fetchall() == [(session,)]


def test_the_always_on_cost_is_small_and_the_tools_are_in_it(make_client: MakeClient) -> None:
    """What the plugin adds to a request body, tool schemas included, at four characters a token."""
    sizes = []
    for home, plugin in (("with", REPOSITORY), ("bare", None)):  # names as long: they stand in the request
        client = make_client(home)
        client.environment.update(PATIENT)
        (first, *_) = client.session("Hello.", [[text("Hello.")]], plugin=plugin)
        assert bool(offered(first)) is (plugin is not None)
        body = {name: first[name] for name in ("system", "messages", "tools")}
        sizes.append(len(json.dumps(body, ensure_ascii=False)))
    tokens = (sizes[0] - sizes[1]) // CHARS_PER_TOKEN
    print(f"always-on cost: {tokens} tokens")
    assert 0 < tokens <= ALWAYS_ON_TOKENS_MAX
