"""What a user types and the model reads: slash commands and agents in the real client, and the client as our model."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from .client import REPOSITORY, Client
from .conftest import INSTALLED, MakeClient
from .scripted_api import text, told, tool
from .test_delivered import bash

SESSION = "a5c00000-0000-4000-8000-00000000000a"
DECISION = "Round the invoice total once, after summing"
WORDS = 'why don\'t we "round" each invoice row $(touch owned) `touch owned`; touch owned'


def ours(client: Client, *words: str, **environment: str) -> Any:
    """Run a command of ours in the client's project and return its document."""
    done = subprocess.run(
        [INSTALLED, *words, "--json"], env={**client.environment, **environment}, cwd=client.project,
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def lived(client: Client) -> str:
    """Let a session take a decision and return its id."""
    mark = bash(f"codememory mark decision '{DECISION}' --why 'each invoice row rounded drifts'")
    client.session(
        "Set up the invoice.",
        [[mark], [bash("python3 -c 'import ledger'")], [text("Set up.")]],
        "--session-id",
        SESSION,
    )
    return str(ours(client, "memory", "list", "--kind", "decision")["nodes"][0]["id"])


@pytest.mark.parametrize("command", ["grep", "describe", "expand", "expand-query"])
def test_a_slash_command_puts_what_it_finds_before_the_model(make_client: MakeClient, command: str) -> None:
    client = make_client()
    node = lived(client)
    given = {"describe": node, "expand": SESSION}.get(command, WORDS)
    client.api.play([[text("Told.")]])
    done = client.run("-p", f"/codememory:codememory-{command} {given}", "--plugin-dir", REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = [request for request in client.api.requests if request.get("tools")]
    said = told({"messages": asked[0]["messages"]})
    behind = said.partition(f"<command-name>/codememory:codememory-{command}</command-name>")[2]
    assert DECISION in behind.partition("</command-args>")[2]
    assert not (client.project / "owned").exists(), "what the user asks is not run"


def test_the_status_command_and_a_wrong_id_put_what_is_said_before_the_model(make_client: MakeClient) -> None:
    """A command that fails would end the slash command with nothing said at all."""
    client = make_client()
    for given, said in (("status", "No hook has run yet."), ("describe mem_ffff", "has the id 'mem_ffff'")):
        client.api.play([[text("Told.")]])
        environment = dict(client.environment)
        client.environment["CODEMEMORY_ENABLED"] = "true" if given != "status" else "false"
        done = client.run("-p", f"/codememory:codememory-{given}", "--plugin-dir", REPOSITORY)
        client.environment = environment
        assert done.stdout == "Told.\n"
        asked = [request for request in client.api.requests if request.get("tools")]
        assert said in told({"messages": asked[0]["messages"]})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--start", "messages and"),
        ("--stop", "Nothing runs that could be stopped"),
        ("--status", "transcripts"),
        ("", "transcripts"),
        ("$(touch owned)", "--start, --stop or --status"),
    ],
)
def test_the_watch_command_keeps_its_meaning_without_a_daemon(make_client: MakeClient, given: str, said: str) -> None:
    client = make_client()
    client.api.play([[text("Told.")]])
    done = client.run("-p", f"/codememory:codememory-watch {given}", "--plugin-dir", REPOSITORY)
    found = done.stdout + done.stderr + "".join(told({"messages": one["messages"]}) for one in client.api.requests)
    assert said in found
    assert not (client.project / "owned").exists(), "what the user asks is not run"


def test_the_agents_and_skills_are_offered(make_client: MakeClient) -> None:
    client = make_client()
    (first, *_) = client.session("Hello.", [[text("Hello.")]])
    offered = told(first) + json.dumps(first["tools"])
    for name in (
        "codememory-query-agent",
        "codememory-compaction-agent",
        "codememory-context-skill",
        "codememory-summarization-skill",
    ):
        assert f"codememory:{name}" in offered
    for name in ("grep", "describe", "expand", "expand-query", "watch"):
        assert f"codememory:codememory-{name}:" not in offered, "commands are for the user and cost nothing until then"


def test_the_query_agent_runs(make_client: MakeClient) -> None:
    client = make_client()
    node = lived(client)
    call = tool(
        "Agent",
        subagent_type="codememory:codememory-query-agent",
        description="look up",
        prompt="LOOKUP: why round once?",
    )
    script = [[bash(f"codememory ask '{DECISION}'")], [text(f"Because of [{node[:14]}].")]]
    requests = client.session("Ask the agent.", [[call], [text("Done.")]], agents={"LOOKUP": script})
    inner = [request for request in requests if request["_agent"] == "LOOKUP"]
    assert len(inner) == 2
    assert node[:14] in told({"messages": inner[1]["messages"]})
    assert {one["name"] for one in inner[0]["tools"]} == {"Bash"}


def test_the_compaction_agent_runs(make_client: MakeClient) -> None:
    client = make_client()
    lived(client)
    call = tool(
        "Agent", subagent_type="codememory:codememory-compaction-agent", description="tidy", prompt="TIDY: all of it"
    )
    script = [[bash("codememory compact --all --no-llm --json")], [bash("codememory doctor --json")], [text("Tidied.")]]
    requests = client.session("Tidy up.", [[call], [text("Done.")]], agents={"TIDY": script})
    inner = [request for request in requests if request["_agent"] == "TIDY"]
    assert len(inner) == 3
    assert '"created"' in told({"messages": inner[1]["messages"]})
    assert '"checks"' in told({"messages": inner[2]["messages"]})
    assert {one["name"] for one in inner[0]["tools"]} == {"Bash"}


def test_the_real_client_refines_a_leaf_and_leaves_nothing_behind(make_client: MakeClient) -> None:
    """The stored prompt names a file, which must not be read; no hook of ours runs, no transcript is kept."""
    client = make_client()
    (client.project / "secret.txt").write_text("NOBODY-MAY-SEE-THIS")
    client.session(
        f"Look into @nothing and @{client.project}/secret.txt please.",
        [[bash("python3 -c 'import ledger'")], [text("No ledger.")]],
        "--session-id",
        SESSION,
    )
    before = (len(client.transcripts()), ours(client, "status")["hooks"])
    settings = {"CODEMEMORY_CLAUDE_BIN": str(client.executable), "CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT": "0"}
    plain = ours(client, "compact", "--session", SESSION, "--no-llm", **settings)
    extractive = ours(client, "describe", plain["created"][0])["text"]
    client.api.play([])
    client.api.without_tools = "The ledger module is missing; nothing was changed yet.\n" + extractive.replace(
        "- ", "* "
    )
    found = ours(client, "compact", "--session", SESSION, **settings)
    (request,) = client.api.requests
    assert found["refined"] == plain["created"], found
    assert ours(client, "describe", plain["created"][0])["method"] == "model"
    assert "NOBODY-MAY-SEE-THIS" not in json.dumps(request)
    assert "secret.txt" in json.dumps(request)
    assert not request.get("tools")
    assert (len(client.transcripts()), ours(client, "status")["hooks"]) == before
    spent = ours(client, "status")["llm"]
    assert (spent["calls"], spent["tokens"], spent["breaker"]) == (1, 20, "closed")


def test_the_real_client_answers_a_delegated_question(make_client: MakeClient) -> None:
    client = make_client()
    node = lived(client)
    client.api.play([])
    client.api.without_tools = f"Each row rounded drifts [{node[:14]}]."
    found = ours(
        client,
        "ask",
        "why is the invoice total rounded once?",
        "--delegate",
        CODEMEMORY_CLAUDE_BIN=str(client.executable),
    )
    assert (found["method"], [one["id"] for one in found["citations"]]) == ("model", [node])
