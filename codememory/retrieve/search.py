"""Find the nodes and messages that fit a moment, and rank them; below a floor nothing fits."""

from __future__ import annotations

from codememory.retrieve import plan as planning
from codememory.store import attempts, memories, search

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.retrieve.plan import Plan
    from codememory.store.memories import Node

CANDIDATES_MAX = 16
INNER_STEM_CHARS_MIN = 6
TERMS_WEIGHED_MAX = 12
COUNT_MAX = 511
"""A word in more nodes than this is as good as a stop word; counting stops there."""

COUNT_BITS = COUNT_MAX.bit_length()

COVERAGE_MIN = 0.34
"""Share of the prompt's meaning (its words weighed by rarity) that a node has to hold to be said."""

COVERAGE_SINGLE_MIN = 0.7
RARE_TERMS_MIN = 3
NAMED_BONUS = 1.0
RECENT_MESSAGES = 20_000
"""bm25 costs time for every match: on the hook path messages are searched in the newest part only."""

MESSAGE_TERMS = 3
MESSAGE_COVERAGE_MIN = 0.5


class Weights:
    """How much each term of a plan says: 1 for a word in no node, less the more nodes hold it, 0 from COUNT_MAX on."""

    __slots__ = ("by_term", "total")

    def __init__(self, by_term: dict[str, float]) -> None:
        self.by_term, self.total = by_term, sum(by_term.values()) or 1.0


def for_prompt(connection: apsw.Connection, project_id: int, plan: Plan) -> list[Node]:
    """Return the nodes of a project that a prompt is about, best first; none where nothing is near enough."""
    named = _named(connection, project_id, plan)
    scores: dict[int, float] = dict.fromkeys(named, NAMED_BONUS)
    weights = _weights(connection, plan.terms)
    telling = [term for term, weight in weights.by_term.items() if 0.0 < weight < 1.0]
    if telling:
        matches = search.match_nodes(connection, planning.any_of(telling), project_id=project_id, limit=CANDIDATES_MAX)
        for node_id, node in memories.load_all(connection, [node_id for node_id, _ in matches]).items():
            fit = _fit(node, weights)
            if fit:
                scores[node_id] = scores.get(node_id, 0.0) + fit
    _stitch(connection, scores)
    found = memories.load_all(connection, list(scores)).values()
    usable = [node for node in found if _usable(node)]
    usable.sort(key=lambda node: (-scores[node.node_id] * node.confidence, -node.updated_at))
    return usable


def _stitch(connection: apsw.Connection, scores: dict[int, float]) -> None:
    """Put the failure in the place of an attempt against it: an attempt says nothing without it."""
    for node_id, attempt in attempts.of_nodes(connection, list(scores)).items():
        score = scores.pop(node_id)
        scores[attempt.failure_id] = max(score, scores.get(attempt.failure_id, 0.0))


def _usable(node: Node) -> bool:
    """Tell whether a node may be said: in force, or a failure whose remedy is worth knowing when it is asked about."""
    in_force = node.status == memories.ACTIVE or (node.kind == "failure" and node.status == memories.RESOLVED)
    told = node.kind != "failure" or "command" in node.details
    return in_force and told and node.trust != memories.QUARANTINED


def _named(connection: apsw.Connection, project_id: int, plan: Plan) -> list[int]:
    """Return the nodes bound to a file or symbol that the plan names outright."""
    found: dict[int, None] = {}
    for file in plan.files:
        found.update(dict.fromkeys(bound_to(connection, project_id, file)))
    for symbol in plan.symbols:
        found.update(dict.fromkeys(memories.tagged(connection, project_id, "symbol", symbol, CANDIDATES_MAX)))
    return list(found)


def bound_to(connection: apsw.Connection, project_id: int, file: str) -> list[int]:
    """Return the nodes tagged with a file or with a glob that matches it."""
    found = memories.tagged(connection, project_id, "file", file, CANDIDATES_MAX)
    patterns = memories.globs(connection, project_id, COUNT_MAX)
    if patterns:
        from codememory.retrieve.globs import matches

        found += [node_id for pattern, node_id in patterns if matches(pattern, file)]
    return found


def _weights(connection: apsw.Connection, terms: list[str]) -> Weights:
    weighed = {}
    for term in terms[:TERMS_WEIGHED_MAX]:
        count = search.count_nodes(connection, f'"{term}"', COUNT_MAX)
        weighed[term] = 1.0 - (count + 1).bit_length() / COUNT_BITS if count else 1.0
    return Weights(weighed)


def _fit(node: Node, weights: Weights) -> float:
    """Return how much of the prompt's meaning a node holds, 0 below the floor."""
    held = _terms_in(memories.spoken_text(node), list(weights.by_term))
    weight = sum(weights.by_term[term] for term in held)
    coverage = weight / weights.total
    rare = sum(1 for term in held if weights.by_term[term] > 0.5)
    enough = (
        (len(held) >= 2 and rare >= 1 and coverage >= COVERAGE_MIN)
        or rare >= RARE_TERMS_MIN
        or (rare == 1 and coverage >= COVERAGE_SINGLE_MIN)
    )
    return coverage + 0.1 * rare if enough else 0.0


def _terms_in(text: str, terms: list[str]) -> list[str]:
    """Return the terms that stand in a text, endings apart."""
    lowered = text.lower()
    return [term for term in terms if _holds(lowered, _stem(term))]


def _holds(lowered: str, stem: str) -> bool:
    """Tell whether a word of the text begins with a stem; inside a word, as in an identifier, only if it is long."""
    at = lowered.find(stem)
    while at >= 0:
        if at == 0 or len(stem) >= INNER_STEM_CHARS_MIN or not lowered[at - 1].isalnum():
            return True
        at = lowered.find(stem, at + 1)
    return False


def _stem(term: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ers", "ies", "ied", "ed", "es", "er", "ly", "s", "e", "y"):
        if term.endswith(ending) and len(term) - len(ending) >= 3:
            return term[: -len(ending)]
    return term


def messages_for(connection: apsw.Connection, project_id: int, session_id: int, plan: Plan) -> list[int]:
    """Return up to two earlier messages, of other sessions, that hold the prompt's rarest words together."""
    terms = [term for term in plan.terms[:TERMS_WEIGHED_MAX] if len(term) > planning.TERM_CHARS_MIN]
    if len(terms) < MESSAGE_TERMS:
        return []
    newer_than = max(0, search.newest_message(connection) - RECENT_MESSAGES)
    counts = {term: search.count_messages(connection, f'prose : "{term}"', newer_than, COUNT_MAX) for term in terms}
    known = sorted((term for term in terms if 0 < counts[term] < COUNT_MAX), key=lambda term: counts[term])
    known = known[:MESSAGE_TERMS]
    if len(known) < MESSAGE_TERMS or len(known) / len(terms) < MESSAGE_COVERAGE_MIN:
        return []
    found = search.match_messages(
        connection,
        "prose : (" + planning.all_of(known) + ")",
        project_id=project_id,
        newer_than=newer_than,
        kinds="prompt reply",
        not_session_id=session_id,
        limit=2,
    )
    return [message_id for message_id, _ in found]
