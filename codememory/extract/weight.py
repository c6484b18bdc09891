"""Weigh what in a user's sentence speaks for a lasting rule: cues are data in `statement_rules`, points are here."""

from __future__ import annotations

from codememory.extract import statement_rules as rules
from codememory.extract.topic import names_a_thing
from codememory.extract.wording import Wording

NEEDED = 3
"""Points that make a rule: two for what lasts, one each for asking, generality and convention."""


def points_of(wording: Wording, framed: bool) -> int:
    """Add up what speaks for a rule; 0 where nothing is asked that can be done. `framed`: a rule was announced."""
    if forbids_things(wording):
        return NEEDED
    quantified = is_quantified(wording)
    if not (quantified or any(word in rules.ACTIONS for word in wording.words) or wording.has(rules.RULE_NAMES)):
        return 0
    custom = is_custom(wording)
    asked = quantified and any(word in rules.ASKING for word in wording.words)
    if not (asked or custom or wording.has(rules.DIRECTIVES) or is_imperative(wording)):
        return 0
    if is_about_rules(wording):
        return 0
    lasting = custom or wording.has(rules.LASTING) or begins_habit(wording)
    general = is_general(wording)
    points = 1 + 2 * lasting + framed + general + quantified
    points += bounds(wording) + is_of_all_work(wording) + wording.has(rules.CONVENTIONS) + protection(wording, general)
    return points - 2 if wording.has(rules.DEIXIS) else points


def is_imperative(wording: Wording) -> bool:
    """Tell whether a clause begins with what to do, or `always` and `never` stand where they command."""
    words = _after_lead(wording)
    first = next((word for word in words if word != "," and (word not in rules.CONNECTORS or word in rules.FRONTS)), "")
    called = "," in words[:4]
    opening = True
    for at, word in enumerate(words):
        if word == ",":
            opening = first in rules.FRONTS or (called and at < 4)
            continue
        if word in ("always", "never") and at:
            verb = words[min(at + 1, len(words) - 1)]
            told = verb.endswith("s") and verb[:-1] in rules.ACTIONS
            if verb in rules.ASKING or (words[at - 1] in rules.BEFORE_ALWAYS and not told):
                return True
        if opening and word in rules.CONNECTORS:
            continue
        if opening and word in rules.IMPERATIVES:
            return True
        opening = False
    return False


def _after_lead(wording: Wording) -> list[str]:
    """Give the words without a front that needs no comma, or a label that announces a rule."""
    words = wording.words
    for front in rules.LASTING_STARTS:
        if wording.padded.startswith(f" {front} "):
            rest = words[front.count(" ") + 1 :]
            return rest if rest and rest[0] in rules.IMPERATIVES else words
    if ":" in wording.text[:40]:
        at = words.index(",") if "," in words else 0
        if at and words[at + 1 :] and not rules.RULE_LABELS.isdisjoint(words[:at]):
            return words[at + 1 :]
    return words


def is_custom(wording: Wording) -> bool:
    """Tell whether a clause begins with `we use`, `we never` and the like."""
    padded = wording.padded
    return any(
        f" {phrase} " in padded
        and (padded.startswith(f" {phrase} ") or any(f" {mark} {phrase} " in padded for mark in rules.CLAUSE_MARKS))
        for phrase in rules.CUSTOMS
    )


def is_quantified(wording: Wording) -> bool:
    """Tell `every endpoint has …`, `all responses must …`: the rule's subject is a whole class of things."""
    words = wording.words
    for at, word in enumerate(words[:-2]):
        if word in rules.QUANTIFIERS and (at == 0 or words[at - 1] in rules.BEFORE_QUANTIFIER):
            return any(near in rules.NORMATIVE for near in words[at + 2 : at + 7])
    return False


def protection(wording: Wording, general: bool) -> int:
    """Give two points for what must not be touched, one for a prohibition of a class, none for `no edits` now."""
    for phrase in rules.FORBIDDING:
        before, mark, after = wording.padded.partition(f" {phrase} ")
        if not mark or (before.strip() and before.split()[-1] not in rules.BEFORE_FORBIDDING):
            continue
        first = after.partition(" ")[0]
        if all(word in rules.EVERYTHING for word in after.partition(" , ")[0].split()):
            return -NEEDED
        if first in rules.PROTECTED_FROM:
            return 2
        return 2 * general if phrase == "stop" and first.endswith("ing") else int(general)
    return 0


def bounds(wording: Wording) -> bool:
    """Tell `under 50 lines`: a number that something is held to."""
    return wording.has(rules.LIMITS) and any(word.isdigit() for word in wording.words)


def forbids_things(wording: Wording) -> bool:
    """Tell `No default exports.` from a report that there are none."""
    words = wording.words
    return (
        words[0] == "no"
        and 2 < len(words) < 9
        and "," not in words[:3]
        and any(word in rules.PLURAL_NOUNS for word in words[1:5])
        and not any(word in rules.NORMATIVE or word in rules.NOTHING_FORBIDDEN for word in words)
    )


def begins_habit(wording: Wording) -> bool:
    """Tell `I'd like you to start ending names with …`: asked to begin doing, not to do once."""
    words = wording.words
    for at, word in enumerate(words[1:], 1):
        if word.endswith("ing") and word in rules.ACTIONS:
            before = " ".join(words[max(0, at - 5) : at])
            if before.endswith(rules.HABITS):
                return before.endswith("you to start") or ("the" not in words and wording.has(rules.ASKED_FOR))
    return False


def is_of_all_work(wording: Wording) -> bool:
    """Tell what holds for work of a kind: an affix for names, `for all functions, …`, or `in your functions`."""
    key = wording.subject
    if " naming " in key and (wording.values or key.endswith(("digit", "case"))):
        return True
    padded = wording.padded
    if any(padded.startswith(f" {front} ") or f" , {front} " in padded for front in rules.FRONTED):
        return True
    words = wording.words
    return any(
        word == "your" and any(near in rules.PLURAL_NOUNS for near in words[at + 1 : at + 4])
        for at, word in enumerate(words)
    )


def is_about_rules(wording: Wording) -> bool:
    """Tell `follow these conventions` from a rule: it names no value, and its verb is about rules."""
    if wording.values:
        return False
    if any(phrase in wording.padded for phrase in rules.VAGUE) or not names_a_thing(wording):
        return True
    return wording.has(rules.ABOUT_RULES) and any(verb in wording.padded for verb in rules.META_VERBS)


def is_general(wording: Wording) -> bool:
    """Tell whether a sentence speaks of a whole class: `all`, a bare plural, `when naming …`."""
    if wording.has(rules.GENERAL):
        return True
    words = wording.words
    for at, word in enumerate(words):
        if word in rules.PLURAL_NOUNS and not any(near in rules.PARTICULAR for near in words[max(0, at - 3) : at]):
            return True
        if word in rules.GERUND_FRAMES and at + 1 < len(words) and words[at + 1].endswith("ing"):
            return True
    return False
