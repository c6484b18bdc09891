"""Read a user's words for rules, preferences, rejected ways and tasks left open."""

from __future__ import annotations

from codememory.extract import statement_rules as rules
from codememory.extract.own_words import Sentence, own_sentences
from codememory.extract.statements import STATEMENT_CHARS_MAX, Statement
from codememory.extract.subjects import is_ruled, stem_of, subject_of
from codememory.extract.wording import Wording, values_of

NEEDED = 3
"""Points that make a rule: two for what lasts, one each for asking, generality and convention."""
FRAME_REACH = 3
"""Sentences over which `a coding rule from now on` reaches."""
WORDS_MIN, WORDS_MAX = 3, 60
ACTION_FORMS = rules.forms(rules.ACTIONS)
REASON_MARKS = (" because ", " since ", " so that ", " as it ", " to avoid ", " due to ", "因为", "以免", "以便")


def requirements_in(text: str) -> list[Statement]:
    """Give the lasting statements of a prompt."""
    found: list[Statement] = []
    sentences = own_sentences(text, typed=True)
    frame = 0
    context = _is_technical(text)
    for index, sentence in enumerate(sentences):
        frame = max(0, frame - 1)
        statement = None
        if not sentence.text.isascii() and _is_chinese(sentence.text):
            statement = _chinese(sentence)
        else:
            wording = Wording(sentence.text)
            if _opens_frame(wording):
                frame = FRAME_REACH
            statement = _stated(sentences, index, wording, bool(frame) or sentence.rules, context)
        if statement is not None:
            found.extend(_halves(statement))
            frame = max(frame, FRAME_REACH - 1)
    return found


def _stated(
    sentences: list[Sentence], index: int, wording: Wording, framed: bool, context: bool
) -> Statement | None:
    sentence = sentences[index]
    if not WORDS_MIN <= len(wording.words) <= WORDS_MAX or _is_vetoed(wording):
        return None
    rejection = _rejection(sentence, wording)
    if rejection is not None:
        return rejection
    task = wording.has(rules.TASK_PHRASES) or wording.text.lower().startswith(rules.TASK_LABELS)
    if task:
        return _statement("task", sentence.text, sentence, 0.5)
    points = _points(wording, framed)
    if points < NEEDED:
        return None
    text = sentence.text
    strength = _technical(wording)
    start = sentence.start
    if strength < 2 or wording.words[0] in rules.ANAPHORA or (_points_back(wording) and not is_ruled(subject_of(text))):
        before = sentences[index - 1] if index else None
        if before is not None and sentence.paragraph - before.paragraph <= 1:
            joined = f"{before.text} {text}"
            if len(joined) <= STATEMENT_CHARS_MAX and _technical(Wording(before.text)) >= 1:
                text, start = joined, before.start
                strength = max(strength, _technical(Wording(joined)))
        if text.split()[0].lower() in rules.ANAPHORA:
            return None
    if strength < 2 and not (strength == 1 and context):
        return None
    kind = "preference" if wording.has(rules.PREFERENCES) and not wording.has(("must", "always", "never")) else "constraint"
    statement = _statement(kind, text, sentence, min(0.8, 0.45 + 0.1 * (points - NEEDED)))
    statement.span = (start, sentence.end)
    return statement


def _statement(kind: str, text: str, sentence: Sentence, confidence: float) -> Statement:
    reason = ""
    low = text.lower()
    for mark in REASON_MARKS:
        at = low.find(mark)
        if at > 0:
            reason = text[at + len(mark) :].strip(" .。") if mark != " to avoid " else text[at:].strip(" .")
            break
    return Statement(
        kind,  # type: ignore[arg-type]
        text[:STATEMENT_CHARS_MAX],
        reason=reason[:STATEMENT_CHARS_MAX],
        confidence=round(confidence, 2),
        span=(sentence.start, sentence.end),
    )


def _is_vetoed(wording: Wording) -> bool:
    text = wording.text
    if text.endswith((":", "：")) or "?" in text or _explains(wording):
        return True
    if " even " in wording.padded:
        wording = Wording(text[: text.lower().find(" even ")])
    return (
        wording.has(rules.TRANSIENT)
        or wording.has(rules.HEDGES)
        or wording.has(rules.TALK)
        or any(pair in wording.padded for pair in rules.TALK_PAIRS)
    )


def _explains(wording: Wording) -> bool:
    words = wording.words
    first = next((at for at, word in enumerate(words) if word not in rules.CONNECTORS and word != ","), 0)
    return words[first] in rules.EXPLAINING and not any(word in rules.PRESSING for word in words[first : first + 4])


def _points(wording: Wording, framed: bool) -> int:
    """Add up what speaks for a rule, or nothing where it asks for nothing that can be done."""
    if not any(word in ACTION_FORMS for word in wording.words):
        return 0
    custom = _is_custom(wording)
    lasting = custom or wording.has(rules.LASTING) or _begins_habit(wording)
    asked = custom or wording.has(rules.DIRECTIVES) or _is_imperative(wording)
    if not asked:
        return 0
    if _is_about_rules(wording):
        return 0
    points = 1 + 2 * lasting + framed
    points += _is_general(wording) + _is_of_all_work(wording)
    points += wording.has(rules.CONVENTIONS)
    if wording.has(rules.DEIXIS):
        points -= 2
    return points


def _is_imperative(wording: Wording) -> bool:
    """Tell whether a clause begins with what to do, or `always` and `never` stand where they command."""
    words = wording.words
    opening = True
    first = next((word for word in words if word != "," and (word not in rules.CONNECTORS or word in rules.FRONTS)), "")
    short = "," in words[:4]
    for at, word in enumerate(words):
        if word == ",":
            opening = first in rules.FRONTS or (short and at < 4)
            continue
        if word in ("always", "never") and at and words[at - 1] in rules.BEFORE_ALWAYS:
            return True
        if opening and word in rules.CONNECTORS:
            continue
        if opening and word in rules.IMPERATIVES:
            return True
        opening = False
    return False


def _is_custom(wording: Wording) -> bool:
    """Tell whether a clause begins with `we use`, `we never` and the like."""
    padded = wording.padded
    return any(
        f" {phrase} " in padded
        and (padded.startswith(f" {phrase} ") or any(f" {mark} {phrase} " in padded for mark in rules.CLAUSE_MARKS))
        for phrase in rules.CUSTOMS
    )


def _names_a_thing(wording: Wording) -> bool:
    """Tell whether a rule without a quoted value asks for something particular."""
    if " naming " in subject_of(wording.text):
        return True
    of_names = wording.has(("name", "names", "naming"))
    for word in wording.words:
        plain = word.strip("'\"`")
        technical = plain in rules.STRONG_NOUNS or plain in rules.WEAK_NOUNS or "_" in plain or "." in plain
        if technical and plain not in rules.GENERIC and not (of_names and plain in rules.NAMED):
            return True
    return False


def _begins_habit(wording: Wording) -> bool:
    """Tell `I'd like you to start ending names with …`: asked to begin doing, not to do once."""
    words = wording.words
    for at, word in enumerate(words[1:], 1):
        if word.endswith("ing") and word in ACTION_FORMS:
            before = " ".join(words[max(0, at - 5) : at])
            if before.endswith(rules.HABITS):
                return wording.has(("want", "like", "need", "we'll", "we", "we're", "please", "expect")) and not wording.has(("the",)) or before.endswith(rules.HABITS[:4])
    return False


def _is_of_all_work(wording: Wording) -> bool:
    """Tell what holds for work of a kind: an affix for names, or `in your functions`."""
    key = subject_of(wording.text)
    if " naming " in key and (values_of(wording.text) or key.endswith(("digit", "case"))):
        return True
    words = wording.words
    if any(f" {front} " in wording.padded for front in ("for all", "for every", "for each", "for any")):
        return True
    return any(
        word == "your" and any(near in rules.PLURAL_NOUNS for near in words[at + 1 : at + 4]) for at, word in enumerate(words)
    )


def _is_about_rules(wording: Wording) -> bool:
    """Tell `follow these conventions` from a rule: it names no value, and its verb is about rules."""
    if values_of(wording.text):
        return False
    if any(phrase in wording.padded for phrase in rules.VAGUE) or not _names_a_thing(wording):
        return True
    about = wording.has(("convention", "conventions", "guideline", "guidelines", "standards", "practices", "practice", "instruction",
                         "instructions", "standard", "rules", "coding practices", "coding standards", "style"))  # fmt: skip
    return about and any(verb in wording.padded for verb in rules.META_VERBS)


def _is_general(wording: Wording) -> bool:
    if wording.has(rules.GENERAL):
        return True
    words = wording.words
    for at, word in enumerate(words):
        if word in rules.PLURAL_NOUNS and not any(near in rules.PARTICULAR for near in words[max(0, at - 3) : at]):
            return True
        if word in rules.GERUND_FRAMES and at + 1 < len(words) and words[at + 1].endswith("ing"):
            return True
    return False


def _technical(wording: Wording) -> int:
    """Count what shows that a sentence is about engineering, up to 2."""
    padded = wording.padded
    found = set()
    if any(pair in padded for pair in rules.STRONG_PAIRS):
        return 2
    for word in wording.words:
        plain = word.strip("'\"`")
        if plain in rules.STRONG_NOUNS or word[:1] == "`":
            return 2
        if plain in rules.WEAK_NOUNS:
            found.add(stem_of(plain))
        elif word[:1] in "'\"" and plain != word and len(plain) > 1 and word[-1:] in "'\"":
            found.add(plain)
        elif "_" in plain.strip("_") and plain.isascii():
            return 2
    return min(len(found), 2)


def _is_technical(text: str) -> bool:
    low = f" {text[:2000].lower()} "
    return any(mark in low for mark in (" code", "coding", "python", "codebase", "programming", "repo", "`"))


def _opens_frame(wording: Wording) -> bool:
    """Tell whether the sentence announces a lasting rule that the next ones state."""
    return wording.has(rules.LASTING) and _technical(wording) >= 1 or (
        wording.has(("convention", "conventions", "coding standards", "coding standard", "instruction", "instructions", "guidelines", "coding practices", "coding style", "rule", "rules"))
        and wording.has(("want", "i'd like", "update", "change", "new", "give", "follow", "regarding", "discuss", "emphasize"))
    )  # fmt: skip


def _points_back(wording: Wording) -> bool:
    return any(word in rules.ANAPHORA and word != "that" and word != "there" for word in wording.words)


def _rejection(sentence: Sentence, wording: Wording) -> Statement | None:
    if wording.has(rules.FAILED_TRIALS) and wording.has(("tried", "attempted", "approach")) and wording.has(("because", "since", "as it")):
        return _statement("rejection", sentence.text, sentence, 0.5)
    return None


def _halves(statement: Statement) -> list[Statement]:
    """Take `names end with 'a', and methods with 'b'` apart, when each half has its own thing and value."""
    text = statement.text
    for joint in (", and ", " and ", "; "):
        at = text.find(joint)
        while at > 0:
            left, right = text[:at], text[at + len(joint) :]
            if values_of(left) and values_of(right) and _technical(Wording(right)) >= 2 and _technical(Wording(left)) >= 2:
                if " naming " in subject_of(left) and not is_ruled(subject_of(right)):
                    right = f"{subject_of(left).rpartition(' ')[2]} {right}"
                first = Statement(statement.kind, left + ".", reason=statement.reason, confidence=statement.confidence)
                second = Statement(statement.kind, right[:1].upper() + right[1:], confidence=statement.confidence)
                if first.subject != second.subject:
                    first.span = second.span = statement.span
                    return [first, second]
            at = text.find(joint, at + 1)
    return [statement]


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _chinese(sentence: Sentence) -> Statement | None:
    """Read a Chinese sentence: two points for what lasts or forces, one each for asking and for a particular noun."""
    text = sentence.text
    if len(text) > STATEMENT_CHARS_MAX or any(cue in text for cue in rules.CHINESE_VETO):
        return None
    nouns = any(noun in text for noun in rules.CHINESE_NOUNS) or any(
        word.isascii() and word.isalpha() and len(word) > 1 for word in _ascii_words(text)
    )
    if not nouns:
        return None
    lasting = any(cue in text for cue in rules.CHINESE_LASTING)
    force = any(cue in text for cue in rules.CHINESE_FORCE)
    asked = any(cue in text for cue in rules.CHINESE_DIRECTIVES)
    points = 2 * lasting + 2 * force + asked + sentence.rules
    if any(cue in text for cue in rules.CHINESE_PARTICULAR) and not lasting:
        points -= 2
    if points < NEEDED:
        return None
    kind = "preference" if "优先" in text or "喜欢" in text else "constraint"
    return _statement(kind, text, sentence, min(0.8, 0.45 + 0.1 * (points - NEEDED)))


def _ascii_words(text: str) -> list[str]:
    return "".join([character if character.isascii() else " " for character in text]).split()
