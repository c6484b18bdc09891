"""Read an assistant's words for what was decided and why, what was rejected, and what stays open."""

from __future__ import annotations

from codememory.extract import statement_rules as rules
from codememory.extract.own_words import Sentence, own_sentences
from codememory.extract.statements import STATEMENT_CHARS_MAX, Statement
from codememory.extract.wording import Wording

WORDS_MIN, WORDS_MAX = 5, 60
CAUSE_REACH = 4
"""Sentences between a root cause and its fix."""
FIRST_PERSON = frozenset("i we i've we've".split())


def conclusions_in(text: str) -> list[Statement]:
    """Give the decisions, rejections and tasks of a reply."""
    sentences = own_sentences(text, typed=False)
    found: list[Statement] = []
    cause = -CAUSE_REACH - 1
    for index, sentence in enumerate(sentences):
        if not sentence.text.isascii() and any("\u4e00" <= character <= "\u9fff" for character in sentence.text):
            statement = _chinese(sentence)
        else:
            wording = Wording(sentence.text)
            low = wording.text.lower()
            if any(mark in low for mark in rules.ROOT_CAUSES) and len(wording.words) > 6 and not _is_open(wording):
                cause = index
                continue
            statement = _concluded(sentence, wording)
            if index - cause <= CAUSE_REACH and low.startswith(rules.FIXES) and not _is_open(wording):
                statement = _fix(sentences[cause], sentence)
                cause = -CAUSE_REACH - 1
        if statement is not None:
            found.append(statement)
    return found


def _concluded(sentence: Sentence, wording: Wording) -> Statement | None:
    low = wording.text.lower()
    if low.startswith(rules.TASK_LABELS) and len(wording.words) > 3:
        return _statement("task", sentence, 0.5)
    if not WORDS_MIN <= len(wording.words) <= WORDS_MAX or len(sentence.text) > STATEMENT_CHARS_MAX:
        return None
    if wording.has(rules.TASK_PHRASES) and not wording.text.endswith("?"):
        return _statement("task", sentence, 0.45)
    if low.startswith(rules.DECISION_LABELS):
        return _statement("decision", sentence, 0.6)
    if _is_open(wording):
        return None
    if wording.words[0] in rules.ANAPHORA:
        return None
    if _is_rejection(wording):
        return _statement("rejection", sentence, 0.5)
    reason = _reason(sentence.text)
    contrast = wording.has(rules.CONTRASTS[:4])
    if wording.has(rules.CHOICES) and (reason or contrast):
        return _statement("decision", sentence, 0.6)
    if wording.has(rules.INTENTIONAL) and reason:
        return _statement("decision", sentence, 0.5)
    if (reason or contrast) and _is_change(wording):
        return _statement("decision", sentence, 0.55 if reason else 0.45)
    return None


def _is_open(wording: Wording) -> bool:
    """Tell a proposal, a plan or a question."""
    text = wording.text
    return text.endswith(("?", ":")) or "?" in text or wording.has(rules.NO_CONCLUSION) or "|" in text


def _is_change(wording: Wording) -> bool:
    """Tell a change made: it begins with the past verb, or with who made it, or says what a thing does now."""
    words = wording.words
    for at, word in enumerate(words[:8]):
        if word in rules.CHANGED and (at == 0 or words[at - 1] in FIRST_PERSON or words[at - 1] == ","):
            return True
    for at, word in enumerate(words[:-1]):
        if word == "now" and at and words[at + 1] in rules.NOW_VERBS:
            return True
    return False


def _is_rejection(wording: Wording) -> bool:
    if wording.has(rules.REJECTIONS) and _reason(wording.text):
        return True
    return wording.has(rules.FAILED_TRIALS) and wording.has(rules.TRIALS) and bool(_reason(wording.text) or wording.has(("but",)))


def _reason(text: str) -> str:
    """Give what follows the first word of reason; empty if none does."""
    low = text.lower()
    best = len(text)
    reason = ""
    for mark in rules.REASONS:
        at = low.find(f" {mark} ")
        if 0 < at < best:
            best = at
            start = at + (len(mark) + 2 if mark in ("because", "since", "due to", "as it", "as they", "so that") else 1)
            reason = text[start:].strip(" .")
    return reason if len(reason) > 8 else ""


def _statement(kind: str, sentence: Sentence, confidence: float) -> Statement:
    return Statement(
        kind,  # type: ignore[arg-type]
        sentence.text[:STATEMENT_CHARS_MAX],
        reason=_reason(sentence.text)[:STATEMENT_CHARS_MAX],
        confidence=confidence,
        span=(sentence.start, sentence.end),
    )


def _fix(cause: Sentence, fix: Sentence) -> Statement:
    statement = _statement("decision", fix, 0.6)
    statement.reason = cause.text[:STATEMENT_CHARS_MAX]
    return statement


def _chinese(sentence: Sentence) -> Statement | None:
    text = sentence.text
    if text.startswith(rules.TASK_LABELS):
        return _statement("task", sentence, 0.5)
    if len(text) > STATEMENT_CHARS_MAX or any(cue in text for cue in rules.CHINESE_NO_CONCLUSION):
        return None
    reason = next((text[text.find(mark) :] for mark in rules.CHINESE_REASONS if mark in text), "")
    if any(cue in text for cue in rules.CHINESE_REJECTIONS) and reason:
        kind = "rejection"
    elif any(cue in text for cue in rules.CHINESE_CHOICES) and (reason or "而不是" in text or "而非" in text):
        kind = "decision"
    else:
        return None
    statement = _statement(kind, sentence, 0.5)
    statement.reason = reason.strip("。 ")
    return statement
