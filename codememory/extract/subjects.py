"""Name what a rule is about, so that a later rule on the same thing can be told from a new one.

A subject is a short key. `variable naming prefix`, `import bz2`, `decorator retry method` and `database` are made by rule;
other rules get the content words of their sentence. What a rule sets (the prefix, the tool, the number) is its value
and no part of the key, except where rules of one kind stand beside each other: imports, decorators, contained strings.
"""

from __future__ import annotations

from codememory.extract.statement_rules import NAMED_THINGS, NAMING_ASPECTS, NEGATIVES, TOOL_ROLES, UNSUBJECT
from codememory.extract.wording import Wording, values_of

KEY_WORDS_MAX = 6
FORMER = (" from", " instead of", " not", " previously", " rather than", " was", " than", " of", " old", " mentioned", " replacing")
"""What stands before a value that is no longer the rule."""


def subject_of(text: str) -> str:
    """Give the key of what a rule is about; empty if it names nothing."""
    wording = Wording(text)
    return _naming(wording) or _import(wording) or _decorator(wording) or _role(wording) or _content(wording)


def value_of(text: str) -> tuple[str, ...]:
    """Give what a rule sets: quoted values, tools, numbers and cases, without those it takes back."""
    found: list[str] = []
    for at, value in values_of(text):
        before = text[max(0, at - 24) : at].rstrip().lower()
        if not before.endswith(FORMER) or before.endswith(" instead of using"):
            found.append(value.lower())
    wording = Wording(text)
    tools = _tools()
    dropped = False
    for word in wording.words:
        plain = word.strip("'\"`")
        if plain in ("instead", "rather", "than", "not", "from", "without"):
            dropped = True
        elif plain in (",", "to", "use", "with", "should", "must"):
            dropped = False
        elif (plain in tools or plain.isdigit() or plain in CASES) and not dropped and plain not in found:
            found.append(plain)
    return tuple(found)


CASES = frozenset(NAMING_ASPECTS[3][1])
NUMBERS = frozenset("one two three four five six seven eight nine ten once twice half".split())


def is_negative(text: str) -> bool:
    """Tell whether the rule forbids: a negation before what it is about, no `instead of`."""
    wording = Wording(text.replace("instead of", "").replace("even if it is not", "").replace("even if", "if"))
    head = wording.padded
    for mark in (" even ", " rather than ", " instead ", " because ", " if ", " unless "):
        head = head.partition(mark)[0] + " "
    return any(f" {word} " in head for word in NEGATIVES if word.isascii()) or any(
        word in text for word in NEGATIVES if not word.isascii()
    )


def shared(one: str, other: str) -> float:
    """Compare two keys: 1 if equal, else the share of the shorter key's words that the other has, damped by length.

    Keys made by rule (`… naming …`, `import …`, `decorator …`, a tool's role) are equal or nothing.
    """
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    left, right = set(one.split()), set(other.split())
    if any(is_ruled(key) for key in (one, other)):
        return 0.0
    common = len(left & right)
    if common < 2 and min(len(left), len(right)) > 1:
        return 0.0
    return round((common / min(len(left), len(right)) + common / max(len(left), len(right))) / 2, 2)


def is_ruled(key: str) -> bool:
    """Tell whether a key was made by a rule and so names exactly one thing."""
    return " naming " in key or key.startswith(("import ", "decorator ")) or key in TOOL_ROLES


def is_single(key: str) -> bool:
    """Tell whether only one value can hold: a name has one prefix, a project one database."""
    return key.endswith((" naming prefix", " naming suffix", " naming case")) or key in TOOL_ROLES


def _naming(wording: Wording) -> str:
    thing = _thing(wording)
    if not thing:
        return ""
    padded = _without_beginning(wording)
    named = any(mark in padded for mark in (" name ", " names ", " naming ", " named ", " name's ", "命名", "名")) or "prefix" in padded
    for aspect, marks in NAMING_ASPECTS:
        mark = next((mark for mark in marks if (f" {mark} " in padded if mark.isascii() else mark in wording.text)), "")
        if not mark:
            continue
        value = next((value for _, value in values_of(wording.text)), "")
        if aspect in ("prefix", "suffix") and (named or (value and _affix(value))):
            return f"{thing} naming {aspect}"
        if aspect in ("digit", "case") and (named or mark in CASES):
            return f"{thing} naming {aspect}"
        if aspect == "contains" and named and value:
            return f"{thing} naming contains {value.lower()}"
    return ""


def _without_beginning(wording: Wording) -> str:
    """Leave out the `start` of `start ending your names with`."""
    words = wording.words
    kept = [
        word for at, word in enumerate(words)
        if not (word in ("start", "started", "starting", "begin") and words[at + 1 : at + 2] and words[at + 1].endswith("ing"))
    ]  # fmt: skip
    return " " + " ".join(kept) + " "


def _affix(value: str) -> bool:
    return len(value) < 8 and ("_" in value or "-" in value)


def _thing(wording: Wording) -> str:
    """Find what is named: the noun before `name`, else the first one."""
    padded = wording.padded
    first = ""
    place = len(padded)
    for noun, thing in NAMED_THINGS.items():
        if not noun.isascii():
            at = wording.text.find(noun)
        elif f" {noun} name" in padded:
            return thing
        else:
            at = padded.find(f" {noun} ")
        if 0 <= at < place:
            first, place = thing, at
    return first


def _import(wording: Wording) -> str:
    if "import" not in wording.padded:
        return ""
    at = wording.padded.find(" import")
    for place, value in values_of(wording.text):
        if place > wording.text.lower().find("import") - 20 and at >= 0:
            return f"import {value.lower()}"
    return ""


def _decorator(wording: Wording) -> str:
    if "decorator" not in wording.padded and "annotation '@" not in wording.padded:
        return ""
    value = next((value for _, value in values_of(wording.text) if value.startswith("@")), "")
    if not value:
        value = next((word.strip("'\"`") for word in wording.words if word.strip("'\"`").startswith("@")), "")
    thing = next((thing for noun, thing in NAMED_THINGS.items() if f" {noun} " in wording.padded), "")
    return f"decorator {value.lower().lstrip('@')} {thing}".strip() if value else ""


def _tools() -> dict[str, str]:
    return {tool: role for role, tools in TOOL_ROLES.items() for tool in tools.split()}


def _role(wording: Wording) -> str:
    """Give the role of the tool that is to be used, if all tools named have the same."""
    tools = _tools()
    roles = {tools[plain] for word in wording.words if (plain := word.strip("'\"`")) in tools}
    if "team chat" in roles and "video" in wording.padded:
        return "video calls"
    if len(roles) == 1 and (" us" in wording.padded or "用" in wording.text or " switch" in wording.padded or is_negative(wording.text)):
        return roles.pop()
    if " as " not in wording.padded:
        return ""
    return next((role for role in TOOL_ROLES if len(role) > 4 and f" {role} " in wording.padded), "")


def _content(wording: Wording) -> str:
    found: list[str] = []
    for word in wording.words:
        plain = word.strip("'\"`.")
        if plain in UNSUBJECT or plain.isdigit() or plain in NUMBERS or len(plain) < 2 or plain in NEGATIVES:
            continue
        stem = stem_of(plain)
        if not plain.isascii():
            found.extend(_chinese(plain))
        elif stem not in found:
            found.append(stem)
    return " ".join(sorted(found[:KEY_WORDS_MAX]))


def _chinese(run: str) -> list[str]:
    from codememory.extract.statement_rules import CHINESE_NOUNS

    return [noun for noun in CHINESE_NOUNS if noun in run]


def stem_of(word: str) -> str:
    """Cut the endings of plurals, gerunds and participles: good enough to compare, not to show."""
    if len(word) > 5 and word.endswith("ing"):
        word = word[:-3]
    elif len(word) > 4 and word.endswith("ed"):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word
