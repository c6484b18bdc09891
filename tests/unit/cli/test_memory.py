"""`memory resolve|reopen|supersede|stale|events|relations|maintain|pending` and `why`."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.stories import Story

COMMAND = "python a.py"
FIRST = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'net'"
SECOND = 'Traceback (most recent call last):\n  File "b.py", line 1, in <module>\nValueError: bad date'


@pytest.fixture
def story(home: Home) -> Story:
    """Return a session with one failure that an edit repaired and one that is open, told again in another session."""
    made = Story(home, by="both")
    made.fail(COMMAND, FIRST)
    made.edit("a.py", "bad", "good")
    made.run(COMMAND)
    made.fail("python b.py", SECOND)
    made.catch_up()
    return made


def failure(home: Home, status: str) -> dict[str, Any]:
    (node,) = home.json("memory", "list", "--kind", "failure", "--status", status)["nodes"]
    return dict(node)


def test_resolve_and_reopen(home: Home, story: Story) -> None:
    node = failure(home, "active")
    done = home.json("memory", "resolve", node["id"], "--reason", "upstream")
    assert done == {"id": node["id"], "kind": "failure", "status": "resolved", "changed": True}
    assert home.json("memory", "resolve", node["id"])["changed"] is False
    assert home.json("memory", "reopen", node["id"][:12])["status"] == "active"
    events = home.json("memory", "events", node["id"])["events"]
    assert sorted(one["verb"] for one in events) == ["created", "reopened", "resolved"]
    (resolved,) = [one for one in events if one["verb"] == "resolved"]
    assert (resolved["actor"], resolved["detail"]) == ("user", {"reason": "upstream"})


def test_stale(home: Home, story: Story) -> None:
    node = failure(home, "active")
    assert home.json("memory", "stale", node["id"])["changed"] is True
    assert home.json("memory", "show", node["id"])["status"] == "stale"


def test_supersede_links_both_ways(home: Home) -> None:
    older = home.mark("decision", "Round each row")
    newer = home.mark("decision", "Round the sum once")
    done = home.json("memory", "supersede", older, "--by", newer)
    assert done == {"id": older, "status": "superseded", "by": newer}
    out = home.json("memory", "relations", newer)["relations"]
    into = home.json("memory", "relations", older)["relations"]
    assert [(one["kind"], one["direction"], one["id"]) for one in out] == [("supersedes", "out", older)]
    assert [(one["kind"], one["direction"], one["id"]) for one in into] == [("supersedes", "in", newer)]


@pytest.mark.parametrize("by", ["itself", "another kind", "nothing"])
def test_what_cannot_supersede(home: Home, by: str) -> None:
    older = home.mark("decision", "Round each row")
    other = {"itself": older, "another kind": home.mark("task", "Port it"), "nothing": "mem_ffff"}[by]
    done = home.run("memory", "supersede", older, "--by", other)
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    assert home.json("memory", "show", older)["status"] == "active"


def test_the_fix_chain_in_relations_and_events(home: Home, story: Story) -> None:
    node = failure(home, "resolved")
    kinds = {one["kind"] for one in home.json("memory", "relations", node["id"])["relations"]}
    assert kinds == {"attemptedFixFor", "resolves"}
    (resolved,) = [one for one in home.json("memory", "events", node["id"])["events"] if one["verb"] == "resolved"]
    assert resolved["detail"]["by"].startswith("mem_")
    assert home.json("memory", "show", resolved["detail"]["by"])["kind"] == "fix_attempt"


def test_maintain(home: Home, story: Story) -> None:
    node = failure(home, "active")
    home.connect().execute("UPDATE failure SET last_at = 1, passed_at = 0")
    assert home.json("memory", "maintain") == {"staled": [node["id"]], "renames": 0}
    assert home.json("memory", "maintain") == {"staled": [], "renames": 0}
    assert failure(home, "resolved"), "what has a remedy stays"


def test_maintain_looks_at_this_project_only(home: Home, story: Story) -> None:
    home.connect().execute("UPDATE failure SET last_at = 1")
    elsewhere = home.root / "elsewhere"
    elsewhere.mkdir()
    home.monkeypatch.chdir(elsewhere)
    assert home.json("memory", "maintain") == {"staled": [], "renames": 0}
    assert len(home.json("memory", "maintain", "--all-projects")["staled"]) == 1


@pytest.fixture
def waiting(home: Home) -> list[dict[str, Any]]:
    made = Story(home, by="transcript")
    made.fail(COMMAND, FIRST)
    made.fail("python b.py", SECOND)
    made.edit("a.py", "bad", "good")
    made.says("works now")
    return list(home.json("memory", "pending", "list")["pending"])


def test_pending_updates_are_applied_and_dismissed(home: Home, waiting: list[dict[str, Any]]) -> None:
    first, second = waiting
    assert {"id", "node", "content", "status", "reason", "evidence", "state", "created_at"} <= set(first)
    assert home.json("memory", "pending", "apply", first["id"]) == {
        "id": first["id"],
        "state": "applied",
        "changed": True,
    }
    assert home.json("memory", "pending", "apply", first["id"])["changed"] is False
    assert home.json("memory", "pending", "dismiss", second["id"])["state"] == "dismissed"
    assert home.json("memory", "show", first["node"])["status"] == "resolved"
    assert home.json("memory", "show", second["node"])["status"] == "active"
    assert home.json("memory", "pending", "list")["pending"] == []
    assert len(home.json("memory", "pending", "list", "--status", "applied")["pending"]) == 1


def test_an_unknown_pending_id_is_one_sentence(home: Home, waiting: list[dict[str, Any]]) -> None:
    done = home.run("memory", "pending", "apply", "pen_ffffffffffff")
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1


def test_why_tells_origin_and_what_was_said(home: Home, story: Story) -> None:
    node = failure(home, "resolved")
    later = Story(home, by="both", day=1)
    later.fail(COMMAND, FIRST)
    later.run("cat a.py")
    later.catch_up()
    found = home.json("why", node["id"])
    assert found["evidence"]
    attempt = next(
        one["id"] for one in home.json("memory", "relations", node["id"])["relations"] if one["kind"] == "resolves"
    )
    (said,) = home.json("why", attempt)["said"]
    assert said["event"] == "PostToolUseFailure"
    assert said["next"] == "Bash cat a.py (ok)"


@pytest.mark.parametrize("verb", ["resolve", "reopen", "stale", "events", "relations"])
def test_people_are_told_in_words(home: Home, story: Story, verb: str) -> None:
    node = failure(home, "resolved")
    done = home.run("memory", verb, node["id"])
    assert done.code == 0
    assert done.out.strip()


@pytest.mark.parametrize("verb", ["resolve", "reopen", "stale", "events", "relations"])
def test_an_unknown_id_is_one_sentence(home: Home, verb: str) -> None:
    home.connect()
    done = home.run("memory", verb, "mem_ffff")
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
