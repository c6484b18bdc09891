"""Words by which a rule of the way of working is told from an order of the moment: data only."""

from __future__ import annotations

from codememory.extract.wording import phrases

VERBS = frozenset(
    """push commit merge rebase squash squash-merge force-push deploy release tag ship amend cherry-pick
    fast-forward backport publish install review upgrade cut""".split()
)
"""What is done in a way of working."""

GERUNDS = frozenset(
    """pushing committing merging rebasing squashing squash-merging force-pushing deploying releasing tagging shipping
    branching amending publishing installing reviewing adding upgrading""".split()
)
SUBJECTS = frozenset(
    """commits branches prs mrs requests releases deploys deployments hotfixes migrations features tags messages names
    versions backports changelogs dependencies reviews""".split()
)
"""What a rule is about when it begins with it in the plural."""

OF_SUBJECTS = {
    "requests": frozenset(("pull", "merge")),
    "messages": frozenset(("commit",)),
    "names": frozenset(("branch", "tag", "release")),
    "tags": frozenset(("git", "release", "version")),
    "features": frozenset(("new",)),
    "versions": frozenset(("release", "package")),
}
"""Nouns that are of a way of working only behind one of these."""

NORMS = frozenset(
    """should must need go start begin end follow happen require use get contain live land branch reference
    have""".split()
)
DONE = frozenset("signed squashed cut deployed tagged reviewed merged named written rebased published made".split())
BY = frozenset("from by on with only every after before in".split())
"""Behind `releases are cut`, one of these says how, so that it is no report."""

TOPIC = VERBS | GERUNDS | SUBJECTS | frozenset(
    "pr prs mr main master ci changelog changelog.md linter migration package dependency pushes merges".split()
)  # fmt: skip
PARTICULAR = frozenset(
    "it this that these those them now again yet today tomorrow tonight already just still next".split()
)
"""One of these speaks of the matter at hand."""

HERE = (" in this repo ", " in this repository ", " in this project ", " in this team ")
"""The only `this` that is for good."""

SHARED = frozenset("main master trunk production prod".split())
TO_SHARED = frozenset("to on into onto".split())
DAYS = frozenset(
    """mondays tuesdays wednesdays thursdays fridays saturdays sundays weekends holidays""".split()
)  # fmt: skip
FORBIDDING = frozenset(("don't", "never", "dont"))
RECURRING = frozenset("before after with in on".split())
EACH = frozenset("every each".split())
OCCASIONS = frozenset(
    "commit pr mr push merge release deploy deployment branch pull change migration tag feature hotfix".split()
)
"""Behind `before every` and the like, and behind `per`."""

WITH_LEAVE = phrases(
    "without asking", "without my approval", "without my ok", "without approval", "without a review",
    "without review", "unless i ask", "unless i say so",
)  # fmt: skip
ASKED_BEFORE = (" ask me before ", " ask before ", " ask us before ", " check with me before ", " ask first before ")
ON_CONDITION = phrases("only when", "only if", "only after", "only once", "only from")
PRACTICES = phrases(
    "conventional commits", "semantic versioning", "semver", "calendar versioning", "trunk-based development",
    "gitflow", "git flow", "feature branches", "signed commits", "squash merges", "merge commits", "merge queue",
)  # fmt: skip
INDEFINITE = frozenset("a an any".split())
CHANGING = frozenset("change touch edit add modify rename update bump".split())
