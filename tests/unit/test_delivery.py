"""What the client itself recorded as given to the model confirms what the ledger says was said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript

RULE = "The signature of total() never changes"
PROMPT = "rename the signature of total()"


@pytest.fixture
def made(home: Home) -> Transcript:
    """Return a session of today: the hooks' clock is the real one."""
    found = home.transcript()
    found.start = datetime.now(UTC)
    return found


def record(made: Transcript, event: str, text: str) -> None:
    """Add the record that the client writes of a hook's words."""
    made.attachment("hook_additional_context", content=[text], hookName=event, hookEvent=event, toolUseID="toolu_x")


def take_in(home: Home, made: Transcript) -> None:
    made.write()
    assert home.run("backfill", home.folder).code == 0


def injected(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = home.json("status")["injected"]
    return {name: found[name] for name in ("count", "confirmed", "unconfirmed", "repeats", "again")}


def counts(count: int, confirmed: int, unconfirmed: int, repeats: int = 0, again: int = 0) -> dict[str, int]:
    return {
        "count": count, "confirmed": confirmed, "unconfirmed": unconfirmed, "repeats": repeats, "again": again,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("SessionStart", {"source": "startup"}),
        ("UserPromptSubmit", {"prompt": PROMPT}),
        ("PreToolUse", {"tool_name": "Edit", "tool_use_id": "toolu_1", "tool_input": {"file_path": "total.py"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_record_confirms(home: Home, made: Transcript, event: str, fields: dict[str, Any]) -> None:
    home.mark("constraint", RULE, "--file", "total.py")
    told = home.told(event, made.session, **fields)
    assert RULE in told
    assert injected(home) == counts(1, 0, 0), "nothing is known yet"
    record(made, event, told)
    take_in(home, made)
    assert injected(home) == counts(1, 1, 0)


def test_no_record_and_the_transcript_went_on(home: Home, made: Transcript) -> None:
    home.mark("constraint", RULE, "--file", "total.py")
    home.told("SessionStart", made.session, source="startup")
    made.start += timedelta(seconds=60)
    made.say("assistant", "On it.")
    take_in(home, made)
    assert injected(home) == counts(1, 0, 1)


def test_why_tells_when_whether_and_what_followed(home: Home, made: Transcript) -> None:
    node = home.mark("constraint", RULE, "--file", "total.py")
    told = home.told("UserPromptSubmit", made.session, prompt=PROMPT)
    made.start += timedelta(seconds=5)
    record(made, "UserPromptSubmit", told)
    made.say("assistant", [{"type": "text", "text": "I leave the signature as it is."}])
    made.tool("Bash", {"command": "pytest -q"}, "ok")
    take_in(home, made)
    (said,) = home.json("why", node)["said"]
    assert said["event"] == "UserPromptSubmit"
    assert said["confirmed_at"] > said["at"]
    assert said["next"] == "Bash pytest -q (ok)"
    assert said["reply"] == "I leave the signature as it is."
    assert b"confirmed by the client" in home.run("why", node).out


def test_a_tool_that_only_reads_is_the_next_action_too(home: Home, made: Transcript) -> None:
    node = home.mark("constraint", RULE, "--file", "total.py")
    home.told("UserPromptSubmit", made.session, prompt=PROMPT)
    made.start += timedelta(seconds=5)
    made.tool("Read", {"file_path": "total.py"}, "1 def total():")
    take_in(home, made)
    (said,) = home.json("why", node)["said"]
    assert said["confirmed_at"] is None
    assert said["next"].startswith("Read total.py")


def test_given_twice_is_a_repeat(home: Home, made: Transcript) -> None:
    home.mark("constraint", RULE, "--file", "total.py")
    told = home.told("SessionStart", made.session, source="startup")
    record(made, "SessionStart", told)
    record(made, "UserPromptSubmit", told)
    take_in(home, made)
    assert injected(home) == counts(1, 1, 0, repeats=1)


def test_after_a_compaction_it_is_no_repeat(home: Home, made: Transcript) -> None:
    home.mark("constraint", RULE, "--file", "total.py")
    for source in ("startup", "compact"):
        told = home.told("SessionStart", made.session, source=source)
        assert RULE in told
        record(made, "SessionStart", told)
        take_in(home, made)
        made.seconds += 1
    assert injected(home) == counts(2, 2, 0, again=1)


def test_ingesting_again_confirms_once(home: Home, made: Transcript) -> None:
    home.mark("constraint", RULE, "--file", "total.py")
    record(made, "SessionStart", home.told("SessionStart", made.session, source="startup"))
    take_in(home, made)
    made.lines.insert(0, json.dumps({"type": "summary", "summary": "rewritten"}).encode())
    take_in(home, made)
    assert home.json("status")["ingest"]["rewrites"] == 1
    assert injected(home) == counts(1, 1, 0)


def test_a_subagents_record_confirms_its_own_thread_only(home: Home, made: Transcript) -> None:
    home.mark("constraint", RULE)
    home.told("SessionStart", made.session, source="startup")
    told = home.told("SubagentStart", made.session, agent_id="a1", agent_type="Explore")
    assert RULE in told
    other = home.transcript(made.session, agent="a1")
    other.start = made.start
    record(other, "SubagentStart", told)
    other.write()
    take_in(home, made)
    assert injected(home)["confirmed"] == 1


def test_words_of_another_plugin_confirm_nothing(home: Home, made: Transcript) -> None:
    node = home.mark("constraint", RULE, "--file", "total.py")
    home.told("SessionStart", made.session, source="startup")
    record(made, "SessionStart", f"Somebody else speaks of {node} here.")
    take_in(home, made)
    assert injected(home)["confirmed"] == 0


@pytest.mark.parametrize("content", [None, 7, {"a": 1}, [None, 3, {"text": "x"}], []], ids=repr)
def test_an_odd_record_does_no_harm(home: Home, made: Transcript, content: Any) -> None:
    made.attachment("hook_additional_context", content=content, hookEvent="SessionStart")
    made.say("user", "hello there")
    take_in(home, made)
    assert home.problems() == []
