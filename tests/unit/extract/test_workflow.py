"""A rule of the way of working is recognised without `always` or `never`; an order of the moment is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codememory.extract.statements import statements_in
from codememory.extract.wording import Wording
from codememory.extract.workflow import is_workflow_rule

RULES = [
    "We squash-merge.",
    "In this repo we rebase feature branches before merging.",
    "We only publish from CI.",
    "PRs need two approvals before merging.",
    "Commit messages follow conventional commits.",
    "Releases are cut from main every Monday.",
    "Hotfix branches start from the last tag.",
    "Don't push on Fridays.",
    "No direct commits to main.",
    "Don't force-push to main.",
    "Update CHANGELOG.md with every PR.",
    "Run prettier before each commit.",
    "One commit per logical change, please.",
    "When you add a migration, also add its rollback.",
    "Please don't commit without asking me first.",
    "Ask before installing new dependencies.",
    "Merge only when CI is green.",
    "Follow semantic versioning for releases.",
    "Rebase, don't merge.",
]
ORDERS = [
    "Push it.",
    "Push the branch and open a PR.",
    "Don't push this yet.",
    "Merge it once CI is green.",
    "Rebase this branch on main.",
    "We merge tomorrow.",
    "We deployed three releases last week.",
    "Why do we squash-merge?",
    "Commits look fine to me.",
    "Tags require a color field in the form.",
    "Requests need a timeout of 30 seconds.",
    "We branch on the user type here, fix the condition.",
    "Ask the API for the list before rendering.",
    "Install the dependencies without asking.",
    "Add a test for each branch of the if statement.",
    "On each push event the webhook is called twice.",
    "Do not release the lock before the write.",
    "Should we squash-merge or rebase?",
]


@pytest.mark.parametrize("text", RULES)
def test_a_rule_is_a_constraint(text: str) -> None:
    (found,) = statements_in(text, role="user")
    assert found.kind == "constraint"
    assert found.text == text
    assert found.confidence < 0.6, "recognised cautiously"


@pytest.mark.parametrize("text", ORDERS)
def test_an_order_or_a_report_is_none(text: str) -> None:
    assert statements_in(text, role="user") == []


@pytest.mark.parametrize("text", RULES)
def test_the_assistant_sets_no_rules(text: str) -> None:
    assert [one for one in statements_in(text, role="assistant") if one.kind == "constraint"] == []


WORDS = st.sampled_from([*sorted({word for text in [*RULES, *ORDERS] for word in text.split()}), "", ",", "we", "per"])


@given(st.lists(WORDS, max_size=12))
def test_any_words_are_read(words: list[str]) -> None:
    assert is_workflow_rule(Wording(" ".join(words))) in (True, False)
