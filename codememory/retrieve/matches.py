"""Read which messages hold a question's terms; bounded, whatever the store holds."""

from __future__ import annotations

from math import log

from codememory.store import search

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.retrieve.question import Question
    from codememory.store.search import Narrowing

TERM_MESSAGES_MAX = 2_000
"""Messages read for one term, the newest that hold it: a rare word is read whole at any size of the store."""

MESSAGES_MAX = 30_000
"""Messages read for all terms: what rare words leave over is shared among the common ones."""

PHRASE_MESSAGES_MAX = 5_000
"""Messages that hold all phrases that must be there, the newest: no others are found."""

WORDS_BETWEEN = 1
"""Words that may stand between two that are near each other."""


class Term:
    """The messages that hold a term, newest first: `whole` anywhere, `said` in prose.

    All of them down to the message `reached`, none below. The weights are the rarity of the word in either.
    """

    __slots__ = ("reached", "said", "weight", "weight_said", "whole")

    def __init__(self, whole: list[int], reached: int) -> None:
        self.whole, self.reached = whole, reached
        self.said: list[int] = []
        self.weight = self.weight_said = 0.0


class Matches:
    """What was read.

    `among` are the messages that alone can fit, newest first, None for all between `low` and `high`. `whole` and `said`
    tell for each message which terms it holds, as bit masks, whether it fits or not; `usual` how long messages are:
    share that says anything, words said by these, words of the rest.
    """

    __slots__ = ("among", "high", "low", "said", "terms", "usual", "whole")

    def __init__(self, low: int, high: int, among: list[int] | None) -> None:
        self.low, self.high, self.among = low, high, among
        self.terms: dict[str, Term] = {}
        self.usual = (1.0, 1.0, 1.0)
        self.whole: dict[int, int] = {}
        self.said: dict[int, int] = {}


def read(connection: apsw.Connection, question: Question, narrowing: Narrowing) -> Matches:
    """Return the messages that hold any of a question's terms; those that do not fit are for others to sort out."""
    low, high = search.id_range(connection, narrowing)
    among = _among(connection, question, narrowing, low, high)
    if among is not None and len(among) >= (PHRASE_MESSAGES_MAX if question.required else MESSAGES_MAX):
        low = among[-1]
    found = Matches(low, high, among)
    found.usual = search.usual_lengths(connection, low, high)
    found.terms = _terms(connection, question, found)
    for number, (text, term) in enumerate(found.terms.items()):
        term.said = _holding(connection, question, found, f'prose : "{text}"', term.reached, high, MESSAGES_MAX)
        term.weight = _rarity(term.whole, term.reached, high, 1.0)
        term.weight_said = _rarity(term.said, term.reached, high, found.usual[0])
        _mark(found.whole, term.whole, 1 << number)
        _mark(found.said, term.said, 1 << number)
    return found


def _among(
    connection: apsw.Connection, question: Question, narrowing: Narrowing, low: int, high: int
) -> list[int] | None:
    """Return the messages that alone can fit, as far as that is known beforehand: what touches a file, holds a phrase.

    A phrase takes its time, so it is looked for once: word by word in every message that holds all of its words.
    """
    ids = None if narrowing.file is None else search.touching(connection, narrowing.file, MESSAGES_MAX)
    if question.required:
        ids = search.newest_holding(connection, question.necessary, low, high, PHRASE_MESSAGES_MAX, ids)
    return ids


def _holding(
    connection: apsw.Connection, question: Question, matches: Matches, expression: str, low: int, high: int, limit: int
) -> list[int]:
    if not question.required:
        expression = question.without_excluded(expression)
    return search.newest_holding(connection, expression, low, high, limit, matches.among)


def _terms(connection: apsw.Connection, question: Question, matches: Matches) -> dict[str, Term]:
    """Read each term's newest messages, then more of the common ones as far as the limit for all goes."""
    low, high = matches.low, matches.high
    terms = {}
    left = MESSAGES_MAX
    for text in question.terms:
        if text in question.required:
            terms[text] = Term(matches.among or [], low)
            continue
        ids = _holding(connection, question, matches, f'"{text}"', low, high, TERM_MESSAGES_MAX)
        terms[text] = Term(ids, ids[-1] if len(ids) == TERM_MESSAGES_MAX else low)
        left -= len(ids)
    cut = [text for text, term in terms.items() if term.reached > low]
    for number, text in enumerate(cut):
        term, share = terms[text], left // (len(cut) - number)
        if share > 0:
            more = _holding(connection, question, matches, f'"{text}"', low, term.reached - 1, share)
            term.whole += more
            term.reached = more[-1] if len(more) == share else low
            left -= len(more)
    return terms


def _rarity(ids: list[int], reached: int, high: int, share: float) -> float:
    """Return BM25's weight of the word that these messages hold, of a share of those between two ids.

    A word in more than half of all weighs next to nothing.
    """
    if not ids:
        return 0.0
    others = max(0.0, share * (high - reached + 1) - len(ids))
    return max(1e-6, log((others + 0.5) / (len(ids) + 0.5)))


def _mark(masks: dict[int, int], ids: list[int], bit: int) -> None:
    for message_id in ids:
        masks[message_id] = masks.get(message_id, 0) | bit


def together(
    connection: apsw.Connection, question: Question, matches: Matches
) -> tuple[list[list[int]], list[list[int]]]:
    """Return, for neighbouring words of the question, the messages that say them so, and that hold them near."""
    said, near = [], []
    whole_sets = {text: frozenset(term.whole) for text, term in matches.terms.items()}
    said_sets = {text: frozenset(term.said) for text, term in matches.terms.items()}
    for one, other in question.neighbours:
        first, second = matches.terms[one], matches.terms[other]
        low, high = max(first.reached, second.reached), matches.high
        if whole_sets[one].isdisjoint(whole_sets[other]):
            continue
        expression = f'NEAR("{one}" "{other}", {WORDS_BETWEEN})'
        near.append(_holding(connection, question, matches, expression, low, high, MESSAGES_MAX))
        if near[-1] and not said_sets[one].isdisjoint(said_sets[other]):
            expression = f'prose : "{one} {other}"'
            said.append(_holding(connection, question, matches, expression, low, high, MESSAGES_MAX))
    return said, near
