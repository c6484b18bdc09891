"""Name what a rule is about, so that a later rule on the same thing can be told from a new one.

A subject is a short key. `variable naming prefix`, `import bz2`, `decorator retry method` and `database` are made by
rule; other rules get the content words of their sentence. What a rule sets (the prefix, the tool, the number) is its
value and no part of the key, except where rules of a kind stand beside each other: imports, decorators, strings.
"""

from __future__ import annotations

from codememory.extract.subject_rules import (
    CASES,
    CHINESE_THINGS,
    FORMER,
    NAMED_THINGS,
    NAMING_ASPECTS,
    NEGATIVES,
    ROLE_OF,
    SETTINGS,
    TOOL_ROLES,
    UNSUBJECT,
)
from codememory.extract.wording import QUOTES, Wording

KEY_WORDS_MAX = 6
AFFIX_CHARS_MAX = 7
FORMER_REACH = 24
BEGINNING = ("start", "started", "starting", "begin")
WIDENING = (" even ", " rather than ", " instead ", " because ", " if ", " unless ")
"""What follows one of these no longer says whether a rule asks or forbids."""


def subject_of(wording: Wording) -> str:
    """Give the key of what a rule is about; empty if it names nothing."""
    return _naming(wording) or _import(wording) or _decorator(wording) or _role(wording) or _content(wording)


def value_of(wording: Wording) -> set[str]:
    """Give what a rule sets: quoted values, tools, numbers and cases, without those it takes back."""
    text = wording.text
    found = {
        value.lower()
        for at, value in wording.values
        if not text[max(0, at - FORMER_REACH) : at].rstrip().lower().endswith(FORMER)
    }
    dropped = False
    for word in wording.words:
        plain = word.strip(QUOTES)
        if plain in ("instead", "rather", "than", "not", "from", "without", "no"):
            dropped = True
        elif plain in (",", "to", "use", "with", "should", "must"):
            dropped = False
        elif not dropped and (plain in ROLE_OF or plain.isdigit() or plain in CASES or plain in SETTINGS):
            found.add(plain)
    return found | {case for case in CASES if not case.isascii() and case in text}


def is_negative(wording: Wording) -> bool:
    """Tell whether the rule forbids: a negation before any condition, reason or alternative."""
    head = wording.padded
    for mark in WIDENING:
        head = head.partition(mark)[0] + " "
    return any((f" {word} " in head) if word.isascii() else (word in wording.text) for word in NEGATIVES)


def shared(one: str, other: str) -> float:
    """Compare two keys: 1 if equal, else the mean share of common words in the shorter and the longer one.

    Keys made by rule (`… naming …`, `import …`, `decorator …`, a tool's role) are equal or nothing.
    """
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    if is_ruled(one) or is_ruled(other):
        return 0.0
    left, right = set(one.split()), set(other.split())
    common = len(left & right)
    if common < min(2, len(left), len(right)):
        return 0.0
    return round((common / min(len(left), len(right)) + common / max(len(left), len(right))) / 2, 2)


def is_ruled(key: str) -> bool:
    """Tell whether a key was made by a rule and so names exactly one thing."""
    return " naming " in key or key.startswith(("import ", "decorator ")) or key in TOOL_ROLES


def words_of(key: str) -> list[str]:
    """Return the words by which rules on a subject are searched: of a role also its tools, which they name instead."""
    return [word for word in f"{key} {TOOL_ROLES.get(key, '')}".split() if word.isalnum()]


def is_single(key: str) -> bool:
    """Tell whether only one value can hold: a name has one prefix, a project one database."""
    return key.endswith((" naming prefix", " naming suffix", " naming case")) or key in TOOL_ROLES


def names_rivals(words: list[str]) -> bool:
    """Tell `pnpm, not npm`: two tools of one role, of which only one is to be used."""
    tools = {plain for word in words if (plain := word.strip(QUOTES)) in ROLE_OF}
    return len(tools) > 1 and len({ROLE_OF[tool] for tool in tools}) == 1 and "not" in words


def _naming(wording: Wording) -> str:
    thing = _thing(wording)
    if not thing:
        return ""
    padded = _without_beginning(wording)
    named = "prefix" in padded or any(f" {mark} " in padded for mark in ("name", "names", "naming", "named"))
    named = named or "名" in wording.text
    for aspect, marks in NAMING_ASPECTS:
        mark = next((mark for mark in marks if (f" {mark} " in padded if mark.isascii() else mark in wording.text)), "")
        if not mark:
            continue
        value = wording.values[0][1].lower() if wording.values else ""
        if aspect in ("prefix", "suffix") and (named or _is_affix(value)):
            return f"{thing} naming {aspect}"
        if aspect in ("digit", "case") and (named or mark in CASES):
            return f"{thing} naming {aspect}"
        if aspect == "contains" and named and value:
            return f"{thing} naming contains {value}"
    return ""


def _without_beginning(wording: Wording) -> str:
    """Leave out the `start` of `start ending your names with`."""
    words = wording.words
    kept = [
        word
        for at, word in enumerate(words)
        if word not in BEGINNING or not words[min(at + 1, len(words) - 1)].endswith("ing")
    ]
    return " " + " ".join(kept) + " "


def _is_affix(value: str) -> bool:
    return 0 < len(value) <= AFFIX_CHARS_MAX and ("_" in value or "-" in value)


def _thing(wording: Wording) -> str:
    """Find what is named: the noun before `name`, else the first one."""
    words = wording.words
    first = ""
    for at, word in enumerate(words):
        thing = NAMED_THINGS.get(word)
        if thing is None:
            continue
        if words[at : at + 2] in (["function", "argument"], ["function", "arguments"], ["function", "parameter"]):
            continue
        if words[at + 1 : at + 2] in (["name"], ["names"]):
            return thing
        first = first or thing
    return first or next((thing for noun, thing in CHINESE_THINGS.items() if noun in wording.text), "")


def _import(wording: Wording) -> str:
    at = wording.text.lower().find("import")
    if at < 0:
        return ""
    value = next((value for place, value in wording.values if place > at - 20), "")
    return f"import {value.lower()}" if value else ""


def _decorator(wording: Wording) -> str:
    if "decorator" not in wording.padded:
        return ""
    value = next((plain for word in wording.words if (plain := word.strip(QUOTES)).startswith("@")), "")
    thing = next((NAMED_THINGS[word] for word in wording.words if word in NAMED_THINGS), "")
    return f"decorator {value.lstrip('@')} {thing}".strip() if value else ""


def _role(wording: Wording) -> str:
    """Give the role of the tools named, if all have the same and one of them is to be used."""
    roles = {ROLE_OF[plain] for word in wording.words if (plain := word.strip(QUOTES)) in ROLE_OF}
    if "team chat" in roles and "video" in wording.padded:
        return "video calls"
    padded = wording.padded
    if len(roles) == 1 and (" us" in padded or " switch" in padded or "用" in wording.text):
        return roles.pop()
    if " as " not in padded:
        return ""
    return next((role for role in TOOL_ROLES if len(role) > 4 and f" {role} " in padded), "")


def _content(wording: Wording) -> str:
    found: list[str] = []
    for word in wording.words:
        plain = word.strip(QUOTES + ".")
        if not plain.isascii():
            found.extend(noun for noun in CHINESE_THINGS if noun in plain and noun not in found)
        if plain in UNSUBJECT or plain.isdigit() or plain in SETTINGS or len(plain) < 2 or plain in NEGATIVES:
            continue
        stem = stem_of(plain)
        if stem not in found and plain.isascii():
            found.append(stem)
    return " ".join(sorted(found[:KEY_WORDS_MAX]))


def stem_of(word: str) -> str:
    """Cut the endings of plurals, gerunds and participles: good enough to compare, not to show."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > 5 and word.endswith("ing"):
        word = word[:-3]
    elif len(word) > 4 and word.endswith("ed"):
        word = word[:-2]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
