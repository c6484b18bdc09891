"""Tell by a line what is not its author's: another's turn, a tool's output, a text to be worked on."""

from __future__ import annotations

from codememory.extract import quotation_rules as rules

TYPED_CHARS_MAX = 100
"""A line that asks about the text above it is short."""
ASKED_CHARS_MAX = 200
"""Of a line that ends with a colon as much is looked at."""


def begins_turn(bare: str) -> bool:
    """Tell whether another speaks from this line on: `Human:`, `[INST]`, the marks of a chat's template."""
    low = bare.lstrip("*_#> ").lower()
    return low.startswith(rules.TEMPLATE_STARTS) or low.replace("：", ":").replace("*", "").startswith(rules.TURNS)


def begins_output(bare: str) -> bool:
    """Tell a command after a shell's prompt, or a chat's name and time: what follows in the paragraph is not typed."""
    if bare.startswith(rules.PROMPTS):
        return True
    head, mark, _ = bare[:80].partition(" $ ")
    if mark or bare.endswith((" $", "~$")):
        return head[:1] in "~/[(" or "@" in head
    words = bare.split()
    if not 1 < len(words) < 6 or bare[-1] in ".!?":
        return False
    last = words[-2] if words[-1].strip("]):").lower() in ("am", "pm") else words[-1]
    hour, colon, rest = last.strip("[](),").partition(":")
    return bool(colon) and hour.isdigit() and rest[:2].isdigit() and len(hour) < 3


def is_work_on_text(bare: str) -> bool:
    """Tell `Translate …`, `Turn this into a list: …`, `Error: …`: what follows is what is to be worked on."""
    low = _asked(bare)
    if low.startswith(rules.TEXT_TASKS):
        return True
    head = before_colon(low[: ASKED_CHARS_MAX * 4])
    if not head.isascii():
        return any(task in head for task in rules.TEXT_TASKS if not task.isascii())
    words = [word.strip("'\"`*(),") for word in head.rpartition(". ")[2].split()]
    if 0 < len(words) < 4 and words[0] in rules.OUTPUT_LABELS:
        return True
    given = "this" in words or "following" in words or "below" in words
    return (given or not rules.PIECES.isdisjoint(words)) and not rules.TEXT_WORK.isdisjoint(words)


def before_colon(text: str) -> str:
    """Return what stands before the first colon, nothing if there is none."""
    at = min((at for mark in ":：" if (at := text.find(mark)) >= 0), default=0)
    return text[:at]


def is_about_text(bare: str) -> bool:
    """Tell `Which of these rules …?`, `Extract the rules of this text:`, `I got this from …:`: a text follows."""
    if bare.endswith((":", "：")):
        asked = bare[-ASKED_CHARS_MAX:]
    else:
        asked = bare[: max(bare.find("?"), bare.find("？")) + 1]
        asked = asked[max(asked.rfind(". "), asked.rfind("! ")) + 1 :]
    words = [word.strip("'\"`*(),:?") for word in asked.lower().split()]
    if asked.endswith(":") and "this" in words and not rules.FOUND.isdisjoint(words):
        return True
    if asked.endswith(":") and words[:1] and asked.lower().startswith(rules.FROM_STARTS):
        return True
    for place, word in enumerate(words):
        near = words[place + 1 : place + 3]
        if word == "the" and near[:1] == ["following"]:
            return True
        if word in ("this", "these") and not rules.PIECES.isdisjoint(near):
            return True
    return False


def asks_of_above(text: str) -> bool:
    """Tell whether a message ends with a line that asks for work on the text above it."""
    line = text.rstrip()[-TYPED_CHARS_MAX - 1 :].rpartition("\n")
    if not line[1]:
        return False
    low = _asked(line[2].strip())
    return low.startswith(rules.TEXT_TASKS) or (
        low.startswith(rules.ABOUT_TEXT) and low.rstrip(" ?？").endswith(rules.MEANING)
    )


def _asked(bare: str) -> str:
    low = bare.lower()
    for prefix in rules.POLITE_STARTS:
        low = low.removeprefix(prefix)
    return low
