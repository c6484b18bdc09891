"""Where a failure stands, in one sentence, with what that rests on."""

from __future__ import annotations

from typing import Any

import pytest

from codememory.explore.verdict import verdict


def step(verb: str, actor: str = "extracted", **detail: Any) -> dict[str, Any]:
    return {"verb": verb, "at": 0, "actor": actor, "detail": detail}


def attempt(outcome: str, check: str = "pytest") -> dict[str, Any]:
    return {"id": f"mem_{outcome}", "outcome": outcome, "check": check, "at": 0}


FIXED = step("resolved", by="mem_succeeded", call="toolu_1")
PROOF = {"by": "mem_succeeded", "call": "toolu_1"}
SUCCEEDED, ELSEWHERE = attempt("succeeded"), attempt("succeeded", "pytest -k total")
SAID = step("resolved", "user", message="msg_1")
UPSTREAM = step("resolved", "user", reason="fixed upstream")

CASES: dict[str, tuple[str, list[dict[str, Any]], list[dict[str, Any]], str, str, dict[str, str]]] = {
    "the same command passed": ("resolved", [FIXED], [SUCCEEDED], "fixed", "the same command", PROOF),
    "another check passed": ("resolved", [FIXED], [ELSEWHERE], "fixed", "a check that covers it", PROOF),
    "the user said so": ("resolved", [SAID], [], "fixed", "the user said so", {"message": "msg_1"}),
    "by hand": ("resolved", [UPSTREAM], [], "fixed", "by hand: fixed upstream", {}),
    "by hand, after a fix": ("resolved", [FIXED, step("reopened"), UPSTREAM], [SUCCEEDED], "fixed", "by hand", {}),
    "nothing kept": ("resolved", [], [], "fixed", "nothing is kept", {}),
    "back": ("active", [FIXED, step("reopened")], [SUCCEEDED], "back", "is back", {"by": "mem_succeeded"}),
    "partly": ("active", [], [attempt("partial")], "open", "never passed as a whole", {"by": "mem_partial"}),
    "by itself": ("active", [step("passed", call="toolu_2")], [], "open", "no change in between", {"call": "toolu_2"}),
    "tried once": ("active", [], [attempt("failed")], "open", "tried once", {}),
    "tried twice": ("active", [], [attempt("failed"), attempt("failed")], "open", "tried 2 times", {}),
    "untried": ("active", [], [], "open", "no attempt", {}),
    "stale": ("stale", [step("staled", reason="content changed")], [], "gone", "stale: content changed", {}),
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict(case: str) -> None:
    status, steps, attempts, state, words, rests_on = CASES[case]
    node = {
        "status": status, "lifecycle": [step("created"), *steps], "attempts": attempts, "fix": {"state": "none"},
        "details": {"command": "pytest"},
    }  # fmt: skip
    found = verdict(node)
    assert found["state"] == state
    assert words in found["sentence"]
    assert {name: found[name] for name in ("by", "call", "message") if found[name]} == rests_on
    assert found["sentence"].endswith(".")
