"""Subagents: their transcripts belong to the parent's session, linked to the call that asked for them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript

TASK = "Find every caller of the ledger's opening balance and report which of them round"
FOUND = "The quarterly reconciliation applies the amortization haircut to the opening balance a second time"
ERROR = "Traceback (most recent call last):\n  File \"ledger.py\", line 3, in total\nKeyError: 'opening_balance'"


def delegated(home: Home, agent: str = "a1b2", kind: str = "Explore") -> tuple[Transcript, Transcript, str]:
    """Return a session that handed a task on, the subagent's transcript, and the call's id."""
    made = home.transcript()
    made.say("user", "Have the ledger looked at.")
    call = home.names.tool_use()
    made.say(
        "assistant",
        [{"type": "tool_use", "id": call, "name": "Task", "input": {"subagent_type": kind, "prompt": TASK}}],
    )
    other = home.transcript(made.session, agent=agent)
    other.say("user", TASK)
    other.failing("python ledger.py", ERROR)
    other.say("assistant", [{"type": "text", "text": FOUND}])
    block = {"type": "tool_result", "tool_use_id": call, "content": [{"type": "text", "text": "It rounds twice."}]}
    made.say("user", [block], toolUseResult={"status": "completed", "prompt": TASK, "agentId": agent})
    made.write()
    other.write()
    return made, other, call


def hand_on(home: Home, session: str, call: str, task: str, kind: str = "Explore") -> None:
    fields: dict[str, Any] = {"tool_name": "Task", "tool_use_id": call}
    assert home.told("PreToolUse", session, tool_input={"subagent_type": kind, "prompt": task}, **fields) == ""


@pytest.fixture(params=["backfill", "hooks"])
def ingested(home: Home, request: pytest.FixtureRequest) -> tuple[Home, Transcript, str]:
    made, other, call = delegated(home)
    if request.param == "backfill":
        assert home.run("backfill", home.folder).code == 0
    else:
        home.told("SubagentStop", made.session, agent_id="a1b2", agent_transcript_path=str(other.path))
        home.told("Stop", made.session)
    return home, made, call


def test_linked_with_the_parent_and_the_call(ingested: tuple[Home, Transcript, str]) -> None:
    home, made, call = ingested
    found = home.json("describe", made.session)
    assert found["threads"] == ["", "a1b2"]
    (one,) = found["subagents"]
    assert one == {
        "agent": "a1b2", "type": "Explore", "tool_use_id": call, "task": TASK, "messages": 4, "failures": 1,
    }  # fmt: skip


def test_found_by_grep(ingested: tuple[Home, Transcript, str]) -> None:
    home, made, _ = ingested
    hits = home.json("grep", "quarterly reconciliation", "--scope", "messages")["hits"]
    assert [hit["session"] for hit in hits] == [made.session]


def test_expanded_with_the_session(ingested: tuple[Home, Transcript, str]) -> None:
    home, made, _ = ingested
    found = home.json("expand", made.session, "--token-budget", "0")["messages"]
    assert [one["thread"] for one in found].count("a1b2") == 4
    assert len(found) == 7


def test_its_failure_is_one_like_any_other(ingested: tuple[Home, Transcript, str]) -> None:
    home, _, _ = ingested
    (failure,) = home.json("check", "--command", "python ledger.py")["failures"]
    assert failure["occurrences"] == 1
    assert home.json("status")["counts"]["nodes"]["failure"] == {"active": 1}


def test_a_prompt_does_not_bring_what_only_a_subagent_said(ingested: tuple[Home, Transcript, str]) -> None:
    home, made, _ = ingested
    asked = "where is the quarterly amortization haircut in the reconciliation?"
    assert FOUND not in home.told("UserPromptSubmit", home.names.uuid(), prompt=asked)
    made.say("assistant", [{"type": "text", "text": FOUND}])
    made.write()
    home.run("backfill", made.path)
    assert FOUND in home.told("UserPromptSubmit", home.names.uuid(), prompt=asked)


def test_what_a_subagent_says_is_no_rule_of_the_user(home: Home) -> None:
    made, other, _ = delegated(home)
    other.say("user", "Always run `make lint` before every commit in this repository.")
    other.write()
    home.run("backfill", home.folder)
    assert home.json("memory", "list", "--kind", "constraint")["nodes"] == []
    assert made.session


def test_a_task_that_ended_is_claimed_by_nobody_else(home: Home) -> None:
    made, _, call = delegated(home)
    home.run("backfill", made.path)
    home.mark("constraint", "Opening balances are never rounded", "--file", "elsewhere.py")
    hand_on(home, made.session, "toolu_later", "Say hello to the world")
    home.told("SubagentStart", made.session, agent_id="a9", agent_type="Explore")
    taken = {one["tool_use_id"]: one["agent"] for one in home.json("describe", made.session)["subagents"]}
    assert taken == {call: "a1b2", "toolu_later": "a9"}


def test_a_subagent_nobody_knows_the_task_of_is_shown(home: Home) -> None:
    other = home.transcript(agent="zz")
    other.say("user", TASK)
    home.run("backfill", other.write())
    (one,) = home.json("describe", other.session)["subagents"]
    assert (one["agent"], one["tool_use_id"], one["messages"]) == ("zz", None, 1)


def test_the_brief_is_what_touches_the_task_within_its_size(home: Home) -> None:
    home.mark("constraint", "Opening balances are never rounded: " + "reason " * 30, "--file", "ledger.py")
    home.mark("constraint", "Buttons on the landing page are green", "--file", "page.css")
    for number in range(6):
        home.mark("constraint", f"Opening balance rule number {number} of the ledger " + "word " * 20)
    hand_on(home, "s1", "toolu_1", TASK)
    done = home.hook("SubagentStart", home.payload("SubagentStart", "s1", agent_id="a1", agent_type="Explore"))
    told = json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]
    assert "balance" in told
    assert "Buttons" not in told
    assert len(told) <= 500


def test_a_failure_of_the_task_is_in_the_brief(home: Home) -> None:
    made = home.transcript()
    made.failing("python ledger.py", ERROR)
    home.run("backfill", made.write())
    hand_on(home, "s1", "toolu_1", "Run `python ledger.py` and explain the KeyError of opening_balance in ledger.py")
    told = home.told("SubagentStart", "s1", agent_id="a1", agent_type="Explore")
    assert "python ledger.py" in told


def test_a_failure_inside_a_subagent_is_counted_at_once(home: Home) -> None:
    home.told(
        "PostToolUseFailure", "s1", agent_id="a1", tool_name="Bash", tool_use_id="toolu_7",
        tool_input={"command": "python ledger.py"}, error=f"Exit code 1\n{ERROR}",
    )  # fmt: skip
    (one,) = home.json("describe", "s1")["subagents"] or [{"failures": 0}]
    assert one["failures"] == 1


@pytest.mark.parametrize("path", ["{folder}/never-comes.jsonl", "{folder}", "", "a\0b"])
def test_a_subagent_whose_transcript_never_comes_is_no_problem(home: Home, path: str) -> None:
    given = {"agent_id": "a9", "agent_type": "Explore", "agent_transcript_path": path.format(folder=home.folder)}
    home.told("SubagentStop", home.names.uuid(), **given)
    assert home.problems() == []
    assert home.json("status")["hooks"]["SubagentStop"]["errors"] == 0
