"""Read which messages hold a question's terms, and where these messages stand; bounded, whatever the store holds."""

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

    `whole` and `said` tell for each message which terms it holds, as bit masks; `homes` the sessions that hold it,
    `stands` its (session, place) in the first of them, `places` the message at a session's place; `usual` how long
    messages are: share that says anything, words said by these, words of the rest.
    """

    __slots__ = ("high", "homes", "low", "places", "said", "stands", "terms", "usual", "whole")

    def __init__(self, low: int, high: int, terms: dict[str, Term], usual: tuple[float, float, float]) -> None:
        self.low, self.high, self.terms, self.usual = low, high, terms, usual
        self.whole: dict[int, int] = {}
        self.said: dict[int, int] = {}
        self.homes: dict[int, tuple[int, ...]] = {}
        self.stands: dict[int, tuple[int, int]] = {}
        self.places: dict[tuple[int, int], int] = {}


def read(connection: apsw.Connection, question: Question, narrowing: Narrowing) -> Matches:
    """Return the messages that hold any of a question's terms and fit."""
    low, high = search.id_range(connection, narrowing)
    terms = _terms(connection, question, low, high)
    found = Matches(low, high, terms, search.usual_lengths(connection, low, high))
    for number, (text, term) in enumerate(terms.items()):
        term.said = search.newest_holding(
            connection, question.narrowed(f'prose : "{text}"', text), term.reached, high, MESSAGES_MAX
        )
        term.weight = _rarity(term.whole, term.reached, high, 1.0)
        term.weight_said = _rarity(term.said, term.reached, high, found.usual[0])
        _mark(found.whole, term.whole, 1 << number)
        _mark(found.said, term.said, 1 << number)
    rows = list(search.homes(connection, list(found.whole), narrowing))
    found.places = {(session_id, place): message_id for message_id, session_id, place in rows}
    found.stands = {message_id: place for place, message_id in found.places.items()}
    found.homes = {message_id: (session_id,) for message_id, session_id, _ in rows}
    if len(found.homes) < len(rows):
        _see_forks(found, rows)
    return found


def _see_forks(found: Matches, rows: list[tuple[int, int, int]]) -> None:
    """Set the homes and the first stand of messages that several sessions hold."""
    found.homes.clear()
    found.stands.clear()
    for message_id, session_id, place in rows:
        found.homes[message_id] = (*found.homes.get(message_id, ()), session_id)
        found.stands.setdefault(message_id, (session_id, place))


def _terms(connection: apsw.Connection, question: Question, low: int, high: int) -> dict[str, Term]:
    """Read each term's newest messages, then more of the common ones as far as the limit for all goes."""
    terms = {}
    for text in question.terms:
        ids = search.newest_holding(connection, question.narrowed(f'"{text}"', text), low, high, TERM_MESSAGES_MAX)
        terms[text] = Term(ids, ids[-1] if len(ids) == TERM_MESSAGES_MAX else low)
    cut = [text for text, term in terms.items() if term.reached > low]
    left = MESSAGES_MAX - sum(len(term.whole) for term in terms.values())
    for number, text in enumerate(cut):
        term, share = terms[text], left // (len(cut) - number)
        if share > 0:
            more = search.newest_holding(connection, question.narrowed(f'"{text}"', text), low, term.reached - 1, share)
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
        low = max(first.reached, second.reached)
        if whole_sets[one].isdisjoint(whole_sets[other]):
            continue
        expression = question.narrowed(f'NEAR("{one}" "{other}", {WORDS_BETWEEN})')
        near.append(search.newest_holding(connection, expression, low, matches.high, MESSAGES_MAX))
        if near[-1] and not said_sets[one].isdisjoint(said_sets[other]):
            expression = question.narrowed(f'prose : "{one} {other}"')
            said.append(search.newest_holding(connection, expression, low, matches.high, MESSAGES_MAX))
    return said, near
