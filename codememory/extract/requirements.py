"""Read a user's words for rules, preferences, choices, rejected ways and tasks left open."""

from __future__ import annotations

from codememory.extract import statement_rules as rules
from codememory.extract.own_words import Sentence, own_sentences
from codememory.extract.statement_cues import WORKFLOW_CUES
from codememory.extract.statements import STATEMENT_CHARS_MAX, Statement
from codememory.extract.subjects import is_ruled, is_single, names_rivals
from codememory.extract.topic import is_technical, technical
from codememory.extract.weight import NEEDED, is_imperative, points_of
from codememory.extract.wording import Wording, is_chinese, values_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.extract.statements import Kind

FRAME_REACH = 3
"""Sentences over which `a coding rule from now on` reaches."""
WORDS_MIN, WORDS_MAX = 2, 60
REASON_MARKS = (" because ", " since ", " so that ", " as it ", " due to ", "因为", "以免", "以便")


def requirements_in(text: str, *, closely: bool = True) -> list[Statement]:
    """Give the lasting statements of a prompt."""
    found: list[Statement] = []
    before: Wording | None = None
    before_sentence: Sentence | None = None
    frame = 0
    context = is_technical(text)
    for sentence in own_sentences(text, typed=True, closely=closely):
        frame = max(0, frame - 1)
        wording = Wording(sentence.text)
        if is_chinese(sentence.text):
            statement = _chinese(sentence)
        else:
            if _opens_frame(wording):
                frame = FRAME_REACH
            near = before_sentence is not None and sentence.paragraph - before_sentence.paragraph <= 1
            statement = _stated(sentence, wording, before if near else None, bool(frame) or sentence.rules, context)
            if statement is not None and before_sentence is not None and statement.text != sentence.text:
                statement.span = (before_sentence.start, sentence.end)
        if statement is not None:
            found.extend(_halves(statement))
            frame = max(frame, FRAME_REACH - 1)
        before, before_sentence = wording, sentence
    return found


def _stated(
    sentence: Sentence, wording: Wording, before: Wording | None, framed: bool, context: bool
) -> Statement | None:
    if not WORDS_MIN <= len(wording.words) <= WORDS_MAX or _is_vetoed(wording):
        return None
    if wording.has(rules.FAILED) and wording.has(rules.TRIED) and wording.has(rules.REASONED):
        return _statement("rejection", sentence.text, sentence, 0.5)
    if wording.has(rules.TASKS) or sentence.text.lower().startswith(rules.TASK_STARTS):
        return _statement("task", sentence.text, sentence, 0.5)
    found = _ruled(sentence, wording, before, framed, context)
    if found is None and any(map(wording.padded.__contains__, WORKFLOW_CUES)):
        from codememory.extract.workflow import is_workflow_rule

        if is_workflow_rule(wording):
            return _statement("constraint", sentence.text, sentence, 0.5)
    return found


def _ruled(
    sentence: Sentence, wording: Wording, before: Wording | None, framed: bool, context: bool
) -> Statement | None:
    points = points_of(wording, framed)
    if points < NEEDED:
        return _choice(sentence, wording)
    text = _self_contained(wording, before, context)
    if not text:
        return None
    preferred = wording.has(rules.PREFERENCES) and not wording.has(rules.STRICT)
    return _statement("preference" if preferred else "constraint", text, sentence, 0.45 + 0.1 * (points - NEEDED))


def _self_contained(wording: Wording, before: Wording | None, context: bool) -> str:
    """Put the sentence before in front where this one leans on it; empty if that is not enough."""
    strength = technical(wording)
    text = wording.text
    leans = _leans(wording) and not is_ruled(wording.subject)
    if strength < 2 or leans or wording.words[0] in rules.ANAPHORA:
        joined = f"{before.text} {text}" if before is not None else ""
        if before is not None and len(joined) <= STATEMENT_CHARS_MAX and technical(before):
            text = joined
            strength = technical(Wording(joined))
        if text.split()[0].lower().strip(",.:;") in rules.ANAPHORA:
            return ""
    return text if strength >= 2 or (strength == 1 and context) else ""


def _leans(wording: Wording) -> bool:
    """Tell whether a pronoun stands for something that the sentence has not named before it."""
    at = next((at for at, word in enumerate(wording.words) if word in rules.LEANING), -1)
    return at >= 0 and not technical(Wording(" ".join(wording.words[:at])))


def _statement(kind: Kind, text: str, sentence: Sentence, confidence: float) -> Statement:
    low = text.lower()
    reason = ""
    for mark in REASON_MARKS:
        at = low.find(mark)
        if at > 0:
            reason = text[at + len(mark) :].strip(" .。")
            break
    return Statement(
        kind,
        text[:STATEMENT_CHARS_MAX],
        reason=reason[:STATEMENT_CHARS_MAX],
        confidence=round(min(0.8, confidence), 2),
        span=(sentence.start, sentence.end),
    )


def _is_vetoed(wording: Wording) -> bool:
    """Tell a question, a guess, what holds only now, manners, and a sentence that explains another."""
    text = wording.text
    polite = text.lower().startswith(rules.POLITE)
    asks = not polite and ("?" in text or wording.words[0] in rules.QUESTIONS)
    if text.endswith((":", "：")) or asks or _is_option(text) or _explains(wording):
        return True
    if polite:
        wording = Wording(text[text.find("you") + 3 :])
    if " even " in wording.padded:
        # `even if you don't think you need it` widens a rule.
        wording = Wording(text[: text.lower().find(" even ")])
    return (
        _specifies(wording.words)
        or wording.has(rules.TRANSIENT)
        or wording.has(rules.HEDGES)
        or wording.has(rules.TALK)
        or any(map(wording.padded.__contains__, rules.TALK_PAIRS))
    )


def _specifies(words: list[str]) -> bool:
    """Tell `write a script that always asks`: a thing to be made once, and what it does."""
    first = next((at for at, word in enumerate(words) if word not in rules.CONNECTORS), 0)
    return words[first] in rules.MAKING and words[first + 1 : first + 2] in (["a"], ["an"], ["me"]) and "that" in words


def _is_option(text: str) -> bool:
    """Tell one of several answers offered: `A) …`, `B) …`."""
    return " B) " in text or (text[1:3] == ") " and text[0].isalpha())


def _explains(wording: Wording) -> bool:
    words = wording.words
    first = next((at for at, word in enumerate(words) if word not in rules.CONNECTORS and word != ","), 0)
    if words[:2] == ["you", "never"]:
        return True
    if words[first] == "that" and "remember" in words[:first]:
        return False
    return words[first] in rules.EXPLAINING and not any(word in rules.PRESSING for word in words[first : first + 4])


def _opens_frame(wording: Wording) -> bool:
    """Tell whether the sentence announces a lasting rule that the next ones state."""
    if wording.has(rules.FRAMES) and wording.has(rules.FRAME_VERBS):
        return True
    return wording.has(rules.LASTING) and technical(wording) >= 1


def _choice(sentence: Sentence, wording: Wording) -> Statement | None:
    """Read `let's go with X` and `use Y instead of Z` as decisions of the user, `I don't want X` as a rule."""
    if wording.has(rules.DEIXIS) or technical(wording) < 1 or wording.words[0] in rules.ANAPHORA:
        return None
    if wording.has(rules.UNWANTED):
        return _statement("constraint", sentence.text, sentence, 0.45)
    settled = " as " in wording.padded or names_rivals(wording.words) or " in this repo" in wording.padded
    if settled and is_single(wording.subject) and is_imperative(wording):
        return _statement("constraint", sentence.text, sentence, 0.5)
    contrast = wording.has(rules.CONTRASTS) and wording.has(rules.CHOOSING)
    if contrast and is_imperative(wording):
        return _statement("constraint", sentence.text, sentence, 0.5)
    if contrast or wording.has(rules.USER_CHOICES):
        return _statement("decision", sentence.text, sentence, 0.5)
    return None


def _halves(statement: Statement) -> list[Statement]:
    """Take `names end with 'a', and methods with 'b'` apart, when each half has its own thing and value."""
    text = statement.text
    if len(values_of(text)) < 2:
        return [statement]
    for joint in (", and ", " and ", "; "):
        at = text.find(joint)
        while at > 0:
            left, right = Wording(text[:at] + "."), Wording(text[at + len(joint) :])
            if left.values and right.values and technical(left) > 1 and technical(right) > 1:
                pair = _pair(statement, left, right)
                if pair[0].subject != pair[1].subject:
                    return pair
            at = text.find(joint, at + 1)
    return [statement]


def _pair(statement: Statement, left: Wording, right: Wording) -> list[Statement]:
    second = right.text
    if " naming " in left.subject and not is_ruled(right.subject):
        second = f"{left.subject.rpartition(' ')[2]} {second}"
    return [
        Statement(statement.kind, text, reason=statement.reason, confidence=statement.confidence, span=statement.span)
        for text in (left.text, second[:1].upper() + second[1:])
    ]


def _chinese(sentence: Sentence) -> Statement | None:
    """Read a Chinese sentence: two points each for what lasts and what forces, one for asking."""
    text = sentence.text
    if len(text) > STATEMENT_CHARS_MAX or any(cue in text for cue in rules.CHINESE_VETO):
        return None
    if text.startswith(rules.TASK_STARTS) or any(cue in text for cue in rules.CHINESE_TASKS):
        return _statement("task", text, sentence, 0.5)
    if any(cue in text for cue in rules.CHINESE_USER_CHOICES) and _has_latin_word(text):
        return _statement("decision", text, sentence, 0.5)
    if not any(noun in text for noun in rules.CHINESE_NOUNS) and not _has_latin_word(text):
        return None
    lasting = any(cue in text for cue in rules.CHINESE_LASTING)
    points = 2 * lasting + sentence.rules
    points += 2 * any(cue in text for cue in rules.CHINESE_FORCE) + any(cue in text for cue in rules.CHINESE_DIRECTIVES)
    if not lasting and any(cue in text for cue in rules.CHINESE_PARTICULAR):
        points -= 2
    if points < NEEDED:
        return None
    preferred = "优先" in text or "喜欢" in text
    return _statement("preference" if preferred else "constraint", text, sentence, 0.45 + 0.1 * (points - NEEDED))


def _has_latin_word(text: str) -> bool:
    latin = "".join([character if character.isascii() else " " for character in text])
    return any(word.isalpha() and len(word) > 1 for word in latin.split())
