"""Recognise what is meant to last in a user's prompt and in an assistant's conclusion, unasked and without a model.

Only the words of the person or the assistant count: code, quotations, logs and pasted documents do not, nor do
questions, guesses and what holds for the moment. Cues are data: `statement_rules`, `conclusion_rules`.
"""

from __future__ import annotations

from codememory.extract.statement_cues import ASSISTANT_CUES, USER_CUES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    Kind = Literal["constraint", "decision", "preference", "rejection", "task"]
    Relation = Literal["supersedes", "conflict", ""]

STATEMENTS_MAX = 40
STATEMENT_CHARS_MAX = 300
SCANNED_CHARS_MAX = 60_000
SAME = 0.75
"""From this likeness on two keys are one subject."""


class Statement:
    """Something said to last: kind, its words, its reason, what it is about, how sure that is, what it names."""

    __slots__ = ("confidence", "files", "globs", "kind", "reason", "span", "subject", "symbols", "text")

    def __init__(
        self,
        kind: Kind,
        text: str,
        *,
        reason: str = "",
        subject: str | None = None,
        confidence: float = 0.5,
        span: tuple[int, int] = (0, 0),
    ) -> None:
        from codememory.extract.wording import Wording, tags_of

        self.kind: Kind = kind
        self.text = text
        self.reason = reason
        self.subject = Wording(text).subject if subject is None else subject
        self.confidence = confidence
        self.files, self.symbols, self.globs = tags_of(text)
        self.span = span


def statements_in(text: str, *, role: str) -> list[Statement]:
    """Give the lasting statements of a prompt (`role` user) or of a reply (`role` assistant), in their order."""
    if not text:  # most replies only call a tool
        return []
    low = text[:SCANNED_CHARS_MAX].lower()
    if role == "user" and any(map(low.__contains__, USER_CUES)):
        from codememory.extract.requirements import requirements_in as read
    elif role == "assistant" and any(map(low.__contains__, ASSISTANT_CUES)):
        from codememory.extract.conclusions import conclusions_in as read
    else:
        return []
    # Few messages state anything; whose words they are is looked at closely only then.
    if not read(text, closely=False):
        return []
    return [one for one in read(text)[:STATEMENTS_MAX] if not _rests_on_quotation(one, read)]


def _rests_on_quotation(one: Statement, read: Callable[..., list[Statement]]) -> bool:
    """Tell `write a message like 'Decided to …'`: without the words in quotes nothing is stated."""
    from codememory.extract.reported import unquoted

    rest = unquoted(one.text)
    return rest != one.text and not read(rest, closely=False)


def same_subject(one: Statement, other: Statement) -> float:
    """Tell how far two statements are about the same thing, 0 to 1; the rule is in `subjects.shared`."""
    from codememory.extract.subjects import shared

    return shared(one.subject, other.subject)


def supersedes(newer: Statement, older: Statement) -> Relation:
    """Tell what a later statement does to an earlier one.

    On one subject a rule that can hold only one value (a prefix, a database), or that turns from forbidding to asking,
    takes the earlier one's place; otherwise it does so if its words say that something changes, and else the two
    conflict. The same rule said again does neither.
    """
    from codememory.extract.statement_rules import CHINESE_UPDATES, UPDATES
    from codememory.extract.subjects import is_negative, is_single, value_of
    from codememory.extract.wording import Wording

    likeness = same_subject(newer, older)
    if "task" in (newer.kind, older.kind) or likeness < SAME:
        return ""
    now, then = Wording(newer.text), Wording(older.text)
    says_so = now.has(UPDATES) or any(cue in newer.text for cue in CHINESE_UPDATES)
    if is_negative(now) != is_negative(then):
        return "supersedes" if likeness == 1.0 or says_so else "conflict"
    after, before = value_of(now), value_of(then)
    if after == before or not after or (after <= before and not says_so):
        return ""
    if is_single(newer.subject) or says_so:
        return "supersedes"
    return "conflict" if before else ""
