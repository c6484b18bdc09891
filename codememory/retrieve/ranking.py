"""Rank messages and sessions for a question, from the lists of messages that hold its words.

A session is ranked by five signs of equal weight, each as a share of the best: its best message by what was said, its
best message by all it holds, the question's words over all that was said in the session, the question's neighbouring
words said side by side there, and found near each other anywhere.

Words are weighed by their rarity; how often one message repeats a word says little and is not read, so a list of ids
is all that is needed, and what a common word costs is bounded.
"""

from __future__ import annotations

from math import log

from codememory.retrieve import matches as reading
from codememory.store import search

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import apsw

    from codememory.retrieve.matches import Matches
    from codememory.retrieve.question import Question
    from codememory.store.search import Narrowing

    Homes = dict[int, tuple[int, ...]]
    """The sessions that hold a message, of those messages that fit."""

CANDIDATES_MAX = 400
"""Messages whose length is looked at, for each of the two scores."""

SATURATION, LENGTH_SHARE = 1.2, 0.75
"""BM25's k1 and b, at their usual values."""

PHRASE_LENGTH_SHARE = 0.3
"""Words side by side are rarely there by chance, however long a session is."""

SPOKEN_WEIGHT = 4.0
"""What a word in prose counts, beside one in a call, a result or a thought."""

CONTEXT_SHARE = 0.25
"""What a word counts that only the message before or after holds."""


class Scores:
    """Of the best messages: `said` by what was said in them, `whole` by all they hold."""

    __slots__ = ("said", "whole")

    def __init__(self, said: dict[int, float], whole: dict[int, float]) -> None:
        self.said, self.whole = said, whole

    def of(self, message_id: int) -> float:
        """Return both together, 0 for what is not among the best."""
        return self.said.get(message_id, 0.0) + self.whole.get(message_id, 0.0)


def messages(connection: apsw.Connection, question: Question, narrowing: Narrowing) -> list[tuple[int, int, float]]:
    """Return (message, session, score 0 to 1), best first; what its neighbours hold counts a little.

    Only of the candidates it is looked up where they stand: a common word is in far more messages.
    """
    matches = reading.read(connection, question, narrowing)
    stands: dict[int, tuple[int, int]] = {}
    looked_up: set[int] = set()

    def fitting(message_ids: list[int]) -> list[int]:
        new = [one for one in message_ids if one not in looked_up]
        looked_up.update(new)
        for message_id, session_id, place in search.homes(connection, new, narrowing):
            stands.setdefault(message_id, (session_id, place))
        return [one for one in message_ids if one in stands]

    scores = _scored(connection, matches, fitting)
    beside: dict[tuple[int, int], int] = {}
    for session_id, place, message_id in search.beside(connection, [stands[one] for one in scores.whole]):
        if message_id in matches.whole:
            beside[session_id, place] = message_id
    fit = frozenset(fitting(list(set(beside.values())))) if narrowing.is_narrow else frozenset(beside.values())
    summed = _summed([term.weight for term in matches.terms.values()])
    most = sum(term.weight + term.weight_said for term in matches.terms.values()) * (SATURATION + 1) or 1.0
    found = []
    for message_id in scores.whole:
        session_id, place = stands[message_id]
        around = 0
        for neighbour in (beside.get((session_id, place - 1), 0), beside.get((session_id, place + 1), 0)):
            around |= matches.whole[neighbour] if neighbour in fit else 0
        context = CONTEXT_SHARE * summed(around & ~matches.whole[message_id])
        found.append((message_id, session_id, (scores.of(message_id) + context) / most))
    found.sort(key=lambda one: (-one[2], -one[0]))
    return found


def sessions(connection: apsw.Connection, question: Question, narrowing: Narrowing) -> list[tuple[int, int, float]]:
    """Return (its best message, session, score 0 to 1), best first: the mean of the five signs."""
    matches = reading.read(connection, question, narrowing)
    homes: Homes = {}
    for message_id, session_id, _ in search.homes(connection, list(matches.whole), narrowing):
        homes[message_id] = (*homes.get(message_id, ()), session_id)
    scores = _scored(connection, matches, lambda message_ids: [one for one in message_ids if one in homes])
    sizes, total = search.session_sizes(connection, list({one for holding in homes.values() for one in holding}))
    usual = sum(sizes.values()) / len(sizes) if sizes else 1.0
    lengths = {session_id: size / usual for session_id, size in sizes.items()}
    said, near = reading.together(connection, question, matches)
    words = [term.said for term in matches.terms.values()]
    signs = [_best_of_sessions(homes, one) for one in (scores.said, scores.whole)]
    for lists, length_share in ((words, LENGTH_SHARE), (said, PHRASE_LENGTH_SHARE), (near, PHRASE_LENGTH_SHARE)):
        signs.append(_over_sessions(homes, lists, lengths, total, length_share))
    means = dict.fromkeys(sizes, 0.0)
    for sign in signs:
        best = max(sign.values(), default=0.0)
        for session_id, score in sign.items():
            means[session_id] += score / best / len(signs)
    shown = _shown(matches, homes, scores)
    found = [(shown[session_id], session_id, score) for session_id, score in means.items()]
    found.sort(key=lambda one: (-one[2], -one[1]))
    return found


def _scored(connection: apsw.Connection, matches: Matches, fitting: Callable[[list[int]], list[int]]) -> Scores:
    """Return the scores of the best messages; `fitting` tells which of some fit."""
    share, usual_said, usual_rest = matches.usual
    usual_whole = SPOKEN_WEIGHT * share * usual_said + usual_rest
    summed = _summed([term.weight for term in matches.terms.values()])
    summed_said = _summed([term.weight_said for term in matches.terms.values()])
    candidates = {*_heaviest(matches.said, summed, fitting), *_heaviest(matches.whole, summed, fitting)}
    found = Scores({}, {})
    for one, (prose, rest) in search.token_counts(connection, list(candidates)).items():
        said = matches.said.get(one, 0)
        by_prose = summed(said)
        length = (SPOKEN_WEIGHT * prose + rest) / usual_whole
        found.whole[one] = by_prose * _saturated(SPOKEN_WEIGHT, length, LENGTH_SHARE)
        found.whole[one] += (summed(matches.whole[one]) - by_prose) * _saturated(1.0, length, LENGTH_SHARE)
        if by_prose:
            found.said[one] = summed_said(said) * _saturated(1.0, prose / usual_said, LENGTH_SHARE)
    return found


def _heaviest(
    masks: dict[int, int], summed: Callable[[int], float], fitting: Callable[[list[int]], list[int]]
) -> list[int]:
    """Return the candidates among messages that hold something: those of most weight, the newest of equal ones."""
    by_weight: dict[float, list[int]] = {}
    for message_id, mask in masks.items():
        by_weight.setdefault(summed(mask), []).append(message_id)
    ordered = [one for weight in sorted(by_weight, reverse=True) for one in sorted(by_weight[weight], reverse=True)]
    found: list[int] = []
    start, step = 0, CANDIDATES_MAX
    while len(found) < CANDIDATES_MAX and start < len(ordered):
        found += fitting(ordered[start : start + step])
        start, step = start + step, 2 * step
    return found[:CANDIDATES_MAX]


def _summed(weights: list[float]) -> Callable[[int], float]:
    """Return a function from a mask to the sum of the weights it stands for; few masks occur."""
    known: dict[int, float] = {}

    def summed(mask: int) -> float:
        if mask not in known:
            known[mask] = sum(weight for number, weight in enumerate(weights) if mask >> number & 1)
        return known[mask]

    return summed


def _saturated(count: float, length: float, length_share: float) -> float:
    """Return BM25's weight of a word found `count` times in a text of `length` times the usual length."""
    return count * (SATURATION + 1) / (count + SATURATION * (1 - length_share + length_share * length))


def _best_of_sessions(homes: Homes, scores: dict[int, float]) -> dict[int, float]:
    best: dict[int, float] = {}
    for message_id, score in scores.items():
        for session_id in homes[message_id]:
            if score > best.get(session_id, 0.0):
                best[session_id] = score
    return best


def _over_sessions(
    homes: Homes, lists: Iterable[list[int]], lengths: dict[int, float], total: int, length_share: float
) -> dict[int, float]:
    """Return BM25 of whole sessions, each list being the messages that hold one thing."""
    found: dict[int, float] = {}
    for ids in lists:
        counts: dict[int, int] = {}
        for message_id in ids:
            for session_id in homes.get(message_id, ()):
                counts[session_id] = counts.get(session_id, 0) + 1
        rarity = log((total + 1) / (len(counts) + 0.5))
        for session_id, count in counts.items():
            score = rarity * _saturated(count, lengths[session_id], length_share)
            found[session_id] = found.get(session_id, 0.0) + score
    return found


def _shown(matches: Matches, homes: Homes, scores: Scores) -> dict[int, int]:
    """Return for each session the message that shows best why; a session without a candidate shows its weightiest."""
    summed = _summed([term.weight for term in matches.terms.values()])
    shown: dict[int, int] = {}
    for message_id in sorted(scores.whole, key=lambda one: (-scores.of(one), -one)):
        for session_id in homes[message_id]:
            shown.setdefault(session_id, message_id)
    others: dict[int, tuple[float, int]] = {}
    for message_id, holding in homes.items():
        for session_id in holding:
            if session_id not in shown:
                weight = summed(matches.whole[message_id]), message_id
                others[session_id] = max(weight, others.get(session_id, weight))
    return shown | {session_id: message_id for session_id, (_, message_id) in others.items()}
