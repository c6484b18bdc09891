"""How much a word tells of what a text is about, whatever store it is looked up in; and which words mean the same."""

from __future__ import annotations

from codememory.retrieve import common_words
from codememory.retrieve.plan import STOP_WORDS
from codememory.store import words

COMMON = (
    (common_words.EVERYWHERE, 1.0),
    (common_words.USUAL, 1.5),
    (common_words.FREQUENT, 2.4),
    (common_words.KNOWN, 3.4),
)
"""Words by how common they are, with what they tell in nats: how surprising they are, less what any word is."""

RARE = 5.0
SHORT = 1.0
NUMBER, SHORT_NUMBER = 3.0, 1.0
ERROR = 1.5
FAILING = 0.6
PAIR = 2.5
"""A pair of Chinese characters is half a word, and most pairs are common."""

ERRORS = frozenset(
    "assertionerror typeerror valueerror keyerror indexerror attributeerror nameerror importerror runtimeerror oserror"
    " modulenotfounderror filenotfounderror permissionerror syntaxerror referenceerror rangeerror nullpointerexception"
    " illegalargumentexception illegalstateexception ioexception exception stackoverflowerror timeouterror".split()
)
"""Errors that any program ends with."""

FAILURES = frozenset("crash error exception fail failure traceback".split())
"""What stands in the report of any failure."""


def telling(term: str) -> float:
    """Return how much a word tells of a text's subject, 0 for one that says nothing."""
    if words.is_cjk(term[0]):
        return PAIR
    if term.isdigit():
        return NUMBER if len(term) > 3 else SHORT_NUMBER
    if len(term) < 3:
        return SHORT
    stem = stem_of(term)
    if term in STOP_WORDS or stem in STOP_WORDS:
        return 0.0
    if stem in FAILURES:
        return FAILING
    if term in ERRORS:
        return ERROR
    enclosed = f" {stem} "
    for known, worth in COMMON:
        if enclosed in known:
            return worth
    return RARE


def concept(term: str, others: list[str]) -> float:
    """Return what a group of words tells: as much as the commonest of them."""
    told = [telling(one) for one in (term, *others) if one.isascii() and "-" not in one and len(one) > 2]
    return min(told, default=PAIR)


def stem_of(word: str) -> str:
    """Cut the endings of plurals, verb forms and adverbs, as `common_words` has them cut."""
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    for ending in ("ing", "ed", "ly"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def alike(term: str) -> list[str]:
    """Return the other words for what a word means; a blank in one is written as a hyphen."""
    from codememory.retrieve.alike_words import GROUPS

    return _others(GROUPS, term)


def kin(term: str) -> list[str]:
    """Return the tools of the kind a word names, or of a tool's own kind."""
    from codememory.retrieve.alike_words import KINDS

    return _others(KINDS, term)


def chinese_words(text: str) -> list[str]:
    """Return the known Chinese words that stand in a text."""
    from codememory.retrieve.alike_words import GROUPS

    return [word for word in GROUPS.split() if not word.isascii() and word in text]


def _others(groups: str, term: str) -> list[str]:
    stem = stem_of(term)
    for form in dict.fromkeys((term, stem, stem + "e", stem + "ing", term.removesuffix("s"))):
        at = groups.find(f" {form} ")
        if at >= 0:
            line = groups[groups.rfind("\n", 0, at) + 1 : groups.find("\n", at)]
            return [word for word in line.split() if word != form]
    return []
