"""Read an assistant's words for what was decided and why, what was rejected, and what stays open.

A report of what was done becomes a decision only where a reason or the way not taken is said with it.
"""

from __future__ import annotations

from codememory.extract import conclusion_rules as rules
from codememory.extract.own_words import Sentence, own_sentences
from codememory.extract.statement_rules import ANAPHORA
from codememory.extract.statements import STATEMENT_CHARS_MAX, Statement
from codememory.extract.wording import Wording, is_chinese

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.extract.statements import Kind

WORDS_MIN, WORDS_MAX = 5, 60
CAUSE_REACH = 4
"""Sentences between a root cause and its fix."""
OPENING_WORDS = 12
"""A change is said at the beginning: a verb later in the sentence belongs to something else."""
REASON_CHARS_MIN = 9
LEANING_WORDS = 6

_REASONS = {f" {mark} ": len(mark) + 2 if mark in rules.CAUSES else 1 for mark in rules.REASONS}
"""What begins a reason, and where the reason itself then begins."""


_TELLING = frozenset(
    (
        *rules.CHANGED,
        *rules.CHOICE_VERBS,
        *rules.REJECTION_VERBS,
        *("now", "needed"),
        *(
            max(phrase.split(), key=len)
            for index in (
                rules.OPEN_WORK, rules.CHOICES, rules.REJECTIONS, rules.FAILED_TRIALS, rules.INTENTIONAL,
                rules.CONSEQUENCES,
            )
            for each in index.values()
            for phrase in each
        ),
    )
)  # fmt: skip
"""One of these words is in whatever `_argued` finds something in, but for what begins with a fix."""


def conclusions_in(text: str, *, closely: bool = True) -> list[Statement]:
    """Give the decisions, rejections and tasks of a reply."""
    found: list[Statement] = []
    cause: Sentence | None = None
    before: Sentence | None = None
    since_cause = 0
    offered = any(map(text.lower().__contains__, rules.OFFERING))
    for sentence in own_sentences(text, typed=False, closely=closely):
        since_cause += 1
        if is_chinese(sentence.text):
            statement = _chinese(sentence)
        else:
            wording = Wording(sentence.text)
            low = wording.text.lower()
            if any(map(low.__contains__, rules.ROOT_CAUSES)) and not _is_open(wording):
                cause, since_cause = sentence, 0
            statement = None if offered and low.startswith(rules.FIX_STARTS) else _concluded(sentence, wording)
            fixes = not offered and low.startswith(rules.FIXES) and not _is_open(wording)
            if fixes and cause is not None and 0 < since_cause <= CAUSE_REACH:
                statement = _statement("decision", sentence, 0.6, cause.text)
                cause = None
        if statement is not None and _stands_alone(statement, sentence, before):
            found.append(statement)
        before = sentence
    return found


def _stands_alone(statement: Statement, sentence: Sentence, before: Sentence | None) -> bool:
    """Put the sentence before in front of one that begins with `we keep them …`; without one it says nothing."""
    if not any(word in rules.LEANING for word in Wording(sentence.text).words[:LEANING_WORDS]):
        return True
    if before is None or before.paragraph != sentence.paragraph:
        return False
    joined = f"{before.text} {statement.text}"
    if len(joined) > STATEMENT_CHARS_MAX:
        return False
    statement.text = joined
    statement.span = (before.start, sentence.end)
    return True


def _concluded(sentence: Sentence, wording: Wording) -> Statement | None:
    low = wording.text.lower()
    if len(wording.words) >= WORDS_MIN and low.startswith(rules.TASK_LABELS):
        return _statement("task", sentence, 0.5)
    if not WORDS_MIN <= len(wording.words) <= WORDS_MAX or len(sentence.text) > STATEMENT_CHARS_MAX:
        return None
    if low.startswith(rules.DECISION_LABELS):
        return _statement("decision", sentence, 0.6, _reason(wording.text))
    first = wording.words[0]
    if first in ANAPHORA or first in rules.ELSEWHERE:
        return None
    found = _argued(sentence, wording, low, first)
    return found if found is not None and not _is_open(wording) else None  # the dearer look comes last


def _argued(sentence: Sentence, wording: Wording, low: str, first: str) -> Statement | None:
    """Read a sentence as a task, or as a decision or rejection with its reason, be it open or not."""
    if _TELLING.isdisjoint(wording.words) and not low.startswith(rules.FIX_STARTS):  # most sentences
        return None
    if wording.has(rules.OPEN_WORK):
        return _statement("task", sentence, 0.45)
    reason = _reason(wording.text)
    chosen = wording.has(rules.CHOICES) or first in rules.CHOICE_VERBS
    rejected = wording.has(rules.REJECTIONS) or first in rules.REJECTION_VERBS
    if not reason and (chosen or rejected):
        reason = _after_pause(wording.text)
    if (reason and rejected) or _is_failed_trial(wording, reason):
        return _statement("rejection", sentence, 0.5, reason)
    if not reason and first in rules.LEFT and not _is_chore(wording.words[:6]):
        reason = _after_dash(wording.text)
    if not reason and not _contrasts(wording):
        return None
    if chosen:
        return _statement("decision", sentence, 0.6, reason)
    if low.startswith(rules.FIX_STARTS) or (reason and wording.has(rules.INTENTIONAL)):
        return _statement("decision", sentence, 0.5, reason)
    if wording.has(rules.CONSEQUENCES) or _is_change(wording):
        return _statement("decision", sentence, 0.55 if reason else 0.45, reason)
    return None


def _statement(kind: Kind, sentence: Sentence, confidence: float, reason: str = "") -> Statement:
    return Statement(
        kind,
        sentence.text[:STATEMENT_CHARS_MAX].rstrip(" :"),
        reason=reason[:STATEMENT_CHARS_MAX],
        confidence=confidence,
        span=(sentence.start, sentence.end),
    )


def _is_open(wording: Wording) -> bool:
    """Tell a proposal, a plan or a question; what could happen otherwise is a reason, and leaves the rest settled."""
    text = wording.text
    if text.endswith(":") or "?" in text or "|" in text:
        return True
    return wording.has(rules.NO_CONCLUSION) or Wording(text[: _reason_at(text)]).has(rules.MODAL)


def _reason_at(text: str) -> int:
    """Return where the reason begins that a sentence gives, its end without one; a contrast in front is none."""
    low = text.lower()
    places = [at for mark in _REASONS if (at := low.find(mark)) > 0]
    places += [at for mark in rules.PAUSES if (at := low.find(mark)) > 0]
    return min(places, default=len(text))


def _is_failed_trial(wording: Wording, reason: str) -> bool:
    return wording.has(rules.FAILED_TRIALS) and wording.has(rules.TRIALS) and bool(reason or wording.has(rules.BUT))


def _is_change(wording: Wording) -> bool:
    """Tell a change made: a past verb opens a clause, or a thing does something now; `no X needed` counts."""
    words = wording.words
    for at, word in enumerate(words[:OPENING_WORDS]):
        if word not in rules.CHANGED or _is_chore(words[max(0, at - 5) : at + 6]):
            continue
        before = words[at - 1] if at else ","
        if before in rules.FIRST_PERSON or before in rules.JOINTS or before[:1] == "`":
            return _comes_before_reason(wording, at)
    for at in range(1, len(words) - 2):
        if words[at] == "now" and not _is_chore(words[:at]):
            verb = words[at + 2] if words[at + 1].endswith("ly") else words[at + 1]
            if verb in ("use", "return", "keep") or (verb.endswith("s") and verb not in rules.NOT_DOING):
                return True
    return words[0] == "no" and "needed" in words


def _is_chore(words: list[str]) -> bool:
    return any(
        plain in rules.CHORES or "_test" in plain or plain.startswith("test")
        for plain in [word.strip("`()") for word in words]
    )


def _comes_before_reason(wording: Wording, at: int) -> bool:
    """Tell whether what was done is the sentence, and no part of its reason."""
    head = " " + " ".join(wording.words[: at + 1]) + " "
    fronted = next((mark for mark in rules.CONTRASTS if head.startswith(f" {mark} ")), "")
    return not any(f" {mark} " in head for mark in (*rules.REASONS, *rules.CONTRASTS) if mark != fronted)


def _contrasts(wording: Wording) -> bool:
    """Tell whether one thing was taken for another; two numbers are a count."""
    for mark in rules.CONTRASTS:
        after = wording.padded.partition(f" {mark} ")[2].lstrip("~ ")
        if after and not after[0].isdigit():
            return True
    return False


def _reason(text: str) -> str:
    """Give what the first word of reason introduces; a purpose keeps that word."""
    low = text.lower()
    best, kept_at = len(text), len(text)
    for mark, kept_from in _REASONS.items():
        if mark in low and 0 < (at := low.find(mark)) < best:
            best, kept_at = at, at + kept_from
    reason = text[kept_at:].strip(" .")
    return reason if len(reason) >= REASON_CHARS_MIN else ""


def _after_pause(text: str) -> str:
    place = min((at for mark in rules.PAUSES if (at := text.find(mark)) > 0), default=-1)
    reason = text[place:].strip(" :;.") if place > 0 else ""
    return reason if reason.count(" ") > 2 else ""


def _after_dash(text: str) -> str:
    place = max(text.find(dash) for dash in rules.DASHES)
    reason = text[place:].strip(" —–-().") if place > 0 else ""
    return reason if reason.count(" ") > 2 else ""


def _chinese(sentence: Sentence) -> Statement | None:
    text = sentence.text
    if text.startswith(rules.TASK_LABELS):
        return _statement("task", sentence, 0.5)
    reason_at = min((at for mark in rules.CHINESE_REASONS if (at := text.find(mark)) > 0), default=len(text))
    if len(text) > STATEMENT_CHARS_MAX or any(cue in text[:reason_at] for cue in rules.CHINESE_NO_CONCLUSION):
        return None
    reason = text[reason_at:].strip("。 ")
    if reason and any(cue in text for cue in rules.CHINESE_REJECTIONS):
        return _statement("rejection", sentence, 0.5, reason)
    told = reason or any(cue in text for cue in rules.CHINESE_CONTRASTS)
    if told and any(cue in text for cue in rules.CHINESE_CHOICES):
        return _statement("decision", sentence, 0.5, reason)
    return None
