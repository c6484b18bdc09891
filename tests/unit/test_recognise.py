"""What was said to last becomes memories, without being asked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fixtures.homes import Home

from codememory.recognise import CANDIDATES_MAX


def told(home: Home, *turns: tuple[str, str], session: str = "") -> None:
    """Take in a session in which these things are said, as (role, words)."""
    made = home.transcript(session)
    made.start = datetime.now(UTC)
    for role, words in turns:
        made.say(role, [{"type": "text", "text": words}])
    assert home.run("backfill", made.write()).code == 0


def nodes(home: Home, kind: str = "") -> list[dict[str, Any]]:
    words = ["--kind", kind] if kind else []
    found: list[dict[str, Any]] = home.json("memory", "list", *words)["nodes"]
    return [home.json("memory", "show", one["id"]) for one in found]


CASES = {
    "rule": ("user", "Never commit directly to main.", "constraint"),
    "preference": ("user", "I prefer early returns over nested ifs.", "constraint"),
    "choice of the user": ("user", "Let's go with Postgres rather than MySQL, because we need arrays.", "decision"),
    "task of the user": ("user", "Remind me to remove the flag `new_checkout` after the release.", "task"),
    "conclusion": ("assistant", "I chose polling over websockets because the proxy drops them.", "decision"),
    "rejected way": ("assistant", "Rejected the ORM because it hides the queries.", "decision"),
    "task left": ("assistant", "Still open: the Windows launcher is untested.", "task"),
}


@pytest.mark.parametrize(("role", "words", "kind"), CASES.values(), ids=CASES.keys())
def test_each_kind_becomes_a_node(home: Home, role: str, words: str, kind: str) -> None:
    told(home, (role, words))
    (node,) = nodes(home)
    assert (node["kind"], node["content"], node["origin"], node["status"]) == (kind, words, "extracted", "active")
    assert node["details"]["said_by"] == role
    assert 0 < node["confidence"] < 0.9
    assert node["evidence"][0].startswith("msg_")


def test_a_decision_has_its_reason_and_what_it_turned_down(home: Home) -> None:
    told(home, ("assistant", "I went with a queue rather than row locks, because SQLite has one writer."))
    (node,) = nodes(home, "decision")
    assert node["details"]["rationale"] == "SQLite has one writer"
    assert node["details"]["alternatives_rejected"] == ["row locks"]


def test_a_rejected_way_is_named(home: Home) -> None:
    told(home, ("assistant", "The polling approach did not work because proxies cache replies."))
    (node,) = nodes(home, "decision")
    assert node["details"]["alternatives_rejected"] == ["polling approach"]
    assert node["details"]["said_as"] == "rejection"


def test_a_line_says_its_reason_once(home: Home) -> None:
    told(home, ("assistant", "I went with a queue rather than row locks, because SQLite has one writer."))
    line = home.told("UserPromptSubmit", home.names.uuid(), prompt="why a queue rather than row locks for SQLite?")
    assert line.count("SQLite has one writer") == line.count("row locks") == 1


@pytest.mark.parametrize(
    "words",
    ["Maybe we should always use UTC in the database.", "Should we always use UTC?", "> Always use tabs in the code"],
    ids=["guess", "question", "quotation"],
)
def test_what_is_no_fact_is_no_memory(home: Home, words: str) -> None:
    told(home, ("user", words))
    assert nodes(home) == []


def test_tool_output_and_meta_lines_are_nobodys_words(home: Home) -> None:
    rule = "Never commit directly to main."
    made = home.transcript()
    made.tool("Bash", {"command": "cat RULES"}, rule)
    made.say("user", rule, isMeta=True)
    made.say("user", rule, isVisibleInTranscriptOnly=True)
    made.say("user", rule, origin={"kind": "task-notification"})
    made.say("assistant", "We decided to use pnpm because it is faster.", isApiErrorMessage=True)
    made.boundary()
    made.summary(rule)
    assert home.run("backfill", made.write()).code == 0
    assert nodes(home) == []


@pytest.mark.parametrize(
    ("returned", "reply"),
    [
        (
            "# Tools\nWe decided to use `pnpm` because it is faster.\nBye",
            "We decided to use pnpm because it is faster.",
        ),
        ("We decided to use pnpm\nbecause it is faster.", "Fine. We decided to use pnpm because it is faster."),
        ("We decided to use pnpm because it is faster.", "BUILD.md → We decided to use pnpm because it is faster."),
        ("我们决定使用 pnpm 而不是 npm，因为它更快。", "我们决定使用 pnpm 而不是 npm，因为它更快。"),
    ],
    ids=["marked up", "other lines", "labelled", "zh"],
)
@pytest.mark.parametrize("is_returned", [True, False], ids=["returned", "its own"])
def test_what_a_reply_repeats_of_a_result_is_not_its_decision(
    home: Home, returned: str, reply: str, is_returned: bool
) -> None:
    made = home.transcript()
    made.tool("WebFetch", {"url": "https://example.org"}, returned if is_returned else "nothing")
    made.say("assistant", [{"type": "text", "text": reply}])
    made.say("assistant", [{"type": "text", "text": "I chose a dict rather than a list because of the look-ups."}])
    assert home.run("backfill", made.write()).code == 0
    assert len(nodes(home, "decision")) == 2 - is_returned


def test_a_user_who_repeats_a_result_means_it(home: Home) -> None:
    made = home.transcript()
    made.tool("Bash", {"command": "cat RULES"}, "Never commit directly to main.")
    made.say("user", "Never commit directly to main.")
    assert home.run("backfill", made.write()).code == 0
    assert len(nodes(home, "constraint")) == 1


def test_ingesting_twice_is_recognising_once(home: Home) -> None:
    session = home.names.uuid()
    for _ in range(2):
        told(home, ("user", "Never commit directly to main."), session=session)
    assert len(nodes(home, "constraint")) == 1


def test_a_later_word_on_the_same_subject_takes_its_place(home: Home) -> None:
    told(home, ("user", "We use npm in this project."), ("user", "From now on we use pnpm instead."))
    by_status = {node["status"]: node for node in nodes(home, "constraint")}
    assert "npm in" in by_status["superseded"]["content"]
    assert by_status["active"]["relations"][0]["kind"] == "supersedes"


def test_against_a_marked_one_it_is_only_proposed(home: Home) -> None:
    marked = home.mark("constraint", "We use npm in this project.")
    told(home, ("user", "From now on we use pnpm instead."))
    assert home.json("memory", "show", marked)["status"] == "active"
    (pending,) = home.json("memory", "pending", "list")["pending"]
    assert pending["node"] == marked
    assert pending["status"] == "superseded"


def test_rules_on_other_subjects_stand_beside_each_other(home: Home) -> None:
    rules = [
        ("user", "Always run the linter before pushing."), ("user", "Never log user emails or tokens."),
        ("user", "Every public function needs a docstring."),
    ]  # fmt: skip
    told(home, *rules)
    assert {node["status"] for node in nodes(home, "constraint")} == {"active"}
    assert len(rules) <= CANDIDATES_MAX
