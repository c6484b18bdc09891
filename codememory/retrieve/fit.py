"""Tell by the clues they hold which nodes a prompt is about: enough to be no chance, in a store of this size.

A rare word tells more than a common one, several in one node more than each alone. Against it stand what chance alone
would bring: the more nodes there are, the more words the prompt has, the more of them are unknown to the store, and the
more nodes fit as well. All of it is counted in nats; the weights are fitted by `benchmarks/recall.py`.
"""

from __future__ import annotations

from math import log

from codememory.store import memories, search

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.retrieve.clues import Clue
    from codememory.retrieve.intent import Intent

HOLDERS_MAX = 256
"""Nodes read for one expression, the newest that hold it."""

LOOKED_AT = 4_096
"""Nodes among which one's own are looked for where others of a team state more than that."""

FLOOR = -0.5
SIZE_DOUBT = 0.4
LENGTH_DOUBT = 0.7
FOREIGN_DOUBT = 0.12
TIE_DOUBT, TIE_WIDTH = 0.3, 0.3
FITTING_MAX = 24

BESIDE = -1.6
"""Once one node fits, the prompt is about this project's subject, and another needs to fit by so much less."""

ASKED = 0.3
"""What it adds that the prompt asks what holds in this project."""

WORTH_MIN, WORTH_ASKED_MIN = 2.5, 1.0
"""What a node holds must tell this much, in the smallest store too."""

SMALL_STORE = 500
"""Below about this many nodes the share of those that hold a word says little of how common it is."""


class Evidence:
    """What speaks for a node: by how much it fits, what its clues tell in this store, and each clue with its worth."""

    __slots__ = ("clues", "fit", "rank")

    def __init__(self, fit: float, rank: float, clues: list[tuple[Clue, float]]) -> None:
        self.fit, self.rank, self.clues = fit, rank, clues


def fitting(connection: apsw.Connection, clues: list[Clue], words: int, intent: Intent) -> dict[int, Evidence]:
    """Return the nodes, of any project, that fit a prompt of so many different words, the best first.

    One's own are judged as if there were no others, however many say the same, and stand before them.
    """
    nodes = search.newest_node(connection)
    shared = memories.has_others(connection)
    known = [(clue, _holders(connection, clue, shared)) for clue in clues]
    others = memories.of_others(connection, list({one for _, held in known for one in held})) if shared else set()
    if not others:
        return _judged(known, nodes, words, intent)
    own = [(clue, {one: worth for one, worth in held.items() if one not in others}) for clue, held in known]
    theirs = {one: found for one, found in _judged(known, nodes, words, intent).items() if one in others}
    return {**_judged(own, nodes, words, intent), **theirs}


def _judged(known: list[tuple[Clue, dict[int, float]]], nodes: int, words: int, intent: Intent) -> dict[int, Evidence]:
    """Return the holders of clues that fit, in a store of so many nodes."""
    doubt = FLOOR + SIZE_DOUBT * log(nodes + 2) - ASKED * intent.asking
    told: dict[int, float] = {}
    numbers: dict[int, int] = {}
    read: list[tuple[Clue, dict[int, float], float]] = []
    for clue, holders in known:
        if not holders:
            doubt += FOREIGN_DOUBT * clue.foreign
            continue
        most = log((nodes + SMALL_STORE) / len(holders)) - 0.5
        read.append((clue, holders, most))
        for node_id, worth in holders.items():
            told[node_id] = told.get(node_id, 0.0) + (worth if worth < most else most)
            if not clue.bond:
                numbers[node_id] = numbers.get(node_id, 0) + 1
    length = max(words, sum(not clue.bond for clue, _ in known), 1)
    doubts = [LENGTH_DOUBT * number * log(length / number) + doubt for number in range(1, length + 1)]
    worth_min = WORTH_ASKED_MIN if intent.asking else WORTH_MIN
    fits = []
    for node_id, number in numbers.items():
        worth = told[node_id]
        fit = worth - doubts[number - 1]
        if fit > BESIDE:
            fits.append((min(fit, worth - worth_min), node_id))
    fits.sort(reverse=True)
    return {node_id: Evidence(fit, *_in_this_store(node_id, read, nodes)) for fit, node_id in fits[:FITTING_MAX]}


def _in_this_store(
    node_id: int, read: list[tuple[Clue, dict[int, float], float]], nodes: int
) -> tuple[float, list[tuple[Clue, float]]]:
    """Return what a node's clues tell when a word that many nodes hold counts for less, and each with its worth."""
    rank = 0.0
    held: list[tuple[Clue, float]] = []
    for clue, holders, most in read:
        if node_id in holders:
            worth = min(holders[node_id], most)
            rank += worth * (1.0 - log(len(holders) + 1) / log(nodes + 2) / 1.5)
            if not clue.bond:
                held.append((clue, worth))
    return rank, held


def _holders(connection: apsw.Connection, clue: Clue, shared: bool) -> dict[int, float]:
    """Return the nodes that hold a clue, with what it tells of each; where a store is `shared`, one's own for sure."""
    found: dict[int, float] = {}
    for expression, worth in reversed(clue.ways):  # the surest, which come first, have the last word
        newest = search.newest_nodes(connection, expression, HOLDERS_MAX)
        if shared and len(newest) == HOLDERS_MAX:
            newest += search.newest_own_nodes(connection, expression, HOLDERS_MAX, LOOKED_AT)
        found.update(dict.fromkeys(newest, worth))
    return found


def standing_out(fits: dict[int, float]) -> list[int]:
    """Return the nodes that fit, if one still does when it is held against it how many others fit as well."""
    best = sorted(((fit, node_id) for node_id, fit in fits.items()), reverse=True)
    found: list[int] = []
    ahead = 0
    for fit, node_id in best:
        while ahead < len(best) and best[ahead][0] >= fit - TIE_WIDTH:
            ahead += 1
        if fit > TIE_DOUBT * log(ahead) + (BESIDE if found else 0.0):
            found.append(node_id)
    return found
