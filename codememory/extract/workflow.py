"""Tell a rule of the way of working (`we squash-merge`, `don't push on Fridays`) from an order of the moment."""

from __future__ import annotations

from codememory.extract import workflow_rules as rules
from codememory.extract.weight import is_imperative
from codememory.extract.wording import Wording


def is_workflow_rule(wording: Wording) -> bool:
    """Tell whether a sentence says how commits, branches, reviews and releases are handled here, whatever the task."""
    for place in rules.HERE:
        if place in wording.padded:
            wording = Wording(wording.padded.replace(place, " "))
    if rules.TOPIC.isdisjoint(wording.words) or not rules.PARTICULAR.isdisjoint(wording.words):
        return False
    return any(look(wording) for look in LOOKS)


def _is_custom(wording: Wording) -> bool:
    """Tell `we squash-merge`, `we only deploy from main`: what the team does as ever."""
    words = [word for word in wording.words if word not in ("only", "always", "never", "don't")]
    at = words.index("we") if "we" in words else len(words)
    return words[at + 1 : at + 2] != [] and words[at + 1] in rules.VERBS and words[:at] in ([], ["here", ","], ["here"])


def _is_norm(wording: Wording) -> bool:
    """Tell `PRs need two approvals`, `releases are cut from main`: a class of things, and how they are."""
    words = wording.words
    for at, word in enumerate(words[:3]):
        if word not in rules.SUBJECTS:
            continue
        before = rules.OF_SUBJECTS.get(word)
        if before is not None and (not at or words[at - 1] not in before):
            return False
        if not {"the", "our", "my", "your", "some", "all"}.isdisjoint(words[:at]) or at + 2 >= len(words):
            return False
        verb, following = words[at + 1], words[at + 2 :]
        if verb == "are":
            return following[0] in rules.DONE and len(following) > 1 and following[1] in rules.BY
        return verb in rules.NORMS or (verb == "never" and following[0] in rules.NORMS)
    return False


def _forbids_for_good(wording: Wording) -> bool:
    """Tell `don't push on Fridays`, `no direct commits to main`: what is forbidden for a class of days or places."""
    words = wording.words
    if words[0] != "no" and not _forbids(wording):
        return False
    if not rules.DAYS.isdisjoint(words):
        return True
    return any(word in rules.SHARED and words[at - 1] in rules.TO_SHARED for at, word in enumerate(words) if at)


def _forbids(wording: Wording) -> bool:
    return not rules.FORBIDDING.isdisjoint(wording.words) or " do not " in wording.padded


def _recurs(wording: Wording) -> bool:
    """Tell `with every PR`, `when you change an API`: what is asked comes up again and again."""
    words = wording.words
    for at, word in enumerate(words):
        if word == "per" or (word in rules.EACH and at and words[at - 1] in rules.RECURRING):
            asked = is_imperative(wording) or words[0] == "one"
            return asked and not rules.OCCASIONS.isdisjoint(words[at + 1 : at + 3])
    return any(
        word == "when" and words[at + 1 : at + 2] == ["you"] and words[at + 2] in rules.CHANGING
        and words[at + 3] in rules.INDEFINITE
        for at, word in enumerate(words[:-3])
    )  # fmt: skip


def _asks_for_leave(wording: Wording) -> bool:
    """Tell `don't commit without asking me`, `ask before installing anything`."""
    if wording.has(rules.WITH_LEAVE):
        return _forbids(wording)
    after = next((wording.padded.partition(mark)[2] for mark in rules.ASKED_BEFORE if mark in wording.padded), "")
    words = after.split()
    verb = words[1:2] if words[:1] == ["you"] else words[:1]
    return verb != [] and (verb[0] in rules.VERBS or verb[0] in rules.GERUNDS or verb[0] in rules.CHANGING)


def _is_conditional(wording: Wording) -> bool:
    """Tell `merge only when CI is green`."""
    first = wording.words[1] if wording.words[0] in ("only", "please") else wording.words[0]
    return first in rules.VERBS and (wording.has(rules.ON_CONDITION) or " only " in wording.padded[:7])


def _names_a_practice(wording: Wording) -> bool:
    """Tell `use conventional commits`: a practice that has a name."""
    return wording.words[0] in ("use", "follow", "please", "stick") and wording.has(rules.PRACTICES)


def _prefers_a_way(wording: Wording) -> bool:
    """Tell `rebase, don't merge`: of two ways the one."""
    words = wording.words
    at = words.index(",") if "," in words else 0
    return at == 1 and words[0] in rules.VERBS and words[2:3] in (["don't"], ["not"], ["never"]) and (
        words[3:4] != [] and words[3] in rules.VERBS
    )  # fmt: skip


LOOKS = (
    _is_custom, _is_norm, _forbids_for_good, _recurs, _asks_for_leave, _is_conditional, _names_a_practice,
    _prefers_a_way,
)  # fmt: skip
