"""Find the nodes and messages that fit a moment, and rank them; below a floor nothing fits."""

from __future__ import annotations

from codememory.retrieve import clues as looked_for
from codememory.retrieve import fit, telling
from codememory.retrieve import plan as planning
from codememory.retrieve.intent import PREFERENCE, Intent
from codememory.store import ledger, memories, search

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.retrieve.clues import Clue
    from codememory.retrieve.fit import Evidence
    from codememory.retrieve.plan import Plan
    from codememory.store.memories import Node

CANDIDATES_MAX = 16
GLOBS_MAX = 511

NAMED_WORTH = 6.0
"""What it tells that a prompt names the file or symbol a node is bound to."""

ASIDE, NOWHERE = 0.3, 0.8
"""The share that a clue loses where a node has it only in its reason or a tag, and where it has it not at all: by the
index's stems `generic` meets `generated`."""

OPENING_WORDS, OPENED = 4, 0.2
"""What it adds that a node begins with a word of the prompt: what a statement is about stands at its beginning."""

FAILURE_DOUBT = 2.3
"""Commands and program names are in failures of any kind: so much more must speak for one without a word of failing."""

RANK_MIN = 0.1

LEAST_OF_BEST = 0.25
"""What stands this far behind the best is not said beside it."""

BACK_SESSIONS, BACK = 3, 0.8
RESTING_SESSIONS, RESTING_FIT_MIN = ledger.TOLD_LAST_MAX, 0.3
USE_DAYS = 7
"""What prompts of so many sessions brought lately without any use stands further back; of more, it is not said where it
barely fits."""

OF_USE = 1.1

OTHER_BRANCH = 0.9
RECENT_SHARE, RECENT_DAYS = 0.2, 90
"""Age takes at most this share of a node's rank, half of it in so many days."""

DAY_MS = 86_400_000

RECENT_MESSAGES = 20_000
"""bm25 costs time for every match: on the hook path messages are searched in the newest part only."""

MESSAGE_TERMS = 3
MESSAGE_TERM_WORTH = 3.0
MESSAGE_COVERAGE_MIN = 0.6
MESSAGE_HOLDERS_MAX = 511
"""A word in more messages than this is too common to look an earlier message up by."""


def for_prompt(
    connection: apsw.Connection, project_id: int, plan: Plan, *, branch: str = "", now: int = 0
) -> list[Node]:
    """Return the nodes of a project that a prompt is about, best first; none where nothing is near enough."""
    intent = Intent(plan.text)
    named = _named(connection, project_id, plan)
    held = fit.fitting(connection, looked_for.clues_of(plan, intent), plan.length, intent)
    nodes = memories.load_all(connection, list({*held, *named}))
    doubts = {
        node_id: _doubt(connection, nodes[node_id], evidence, intent)
        for node_id, evidence in held.items()
        if nodes[node_id].project_id == project_id
    }
    fits = {node_id: held[node_id].fit - doubt for node_id, doubt in doubts.items()}
    near = {node_id: max(held[node_id].rank - doubt, RANK_MIN) for node_id, doubt in doubts.items()}
    own = {node_id: value for node_id, value in fits.items() if not _by_others(nodes[node_id])}
    standing = [*fit.standing_out(own), *(node_id for node_id in fit.standing_out(fits) if node_id not in own)]
    kept = {node_id: near[node_id] for node_id in standing}
    for node_id in named:
        kept[node_id] = NAMED_WORTH + near.get(node_id, 0.0)
    if any(node.kind == "fix_attempt" for node in nodes.values()):
        _stitch(connection, kept)
    found = [node for node in memories.load_all(connection, list(kept)).values() if _usable(node)]
    ranks = {node.node_id: kept[node.node_id] * _favour(node, intent, branch, now) for node in found}
    _weigh_use(connection, ranks, fits, now)
    found = [node for node in found if node.node_id in ranks]
    best = max(ranks.values(), default=0.0)
    best_own = max((ranks[node.node_id] for node in found if not _by_others(node)), default=0.0)
    found = [node for node in found if ranks[node.node_id] >= LEAST_OF_BEST * (best if _by_others(node) else best_own)]
    found.sort(key=lambda node: (_by_others(node), -ranks[node.node_id], -node.updated_at))
    return found[:CANDIDATES_MAX]


def _by_others(node: Node) -> bool:
    """Tell whether only others of a team state a node, and nobody here has confirmed it."""
    return bool(node.origin == "team" and node.trust != memories.STATED)


def _weigh_use(connection: apsw.Connection, ranks: dict[int, float], fits: dict[int, float], now: int) -> None:
    """Put what was of use when it was said before to the front, and let rest what never was."""
    uses = ledger.use_of(connection, list(ranks), now - USE_DAYS * DAY_MS) if ranks else {}
    for node_id, use in uses.items():
        if use.used:
            ranks[node_id] *= OF_USE
        elif use.sessions >= RESTING_SESSIONS and fits.get(node_id, RESTING_FIT_MIN) < RESTING_FIT_MIN:
            del ranks[node_id]
        elif use.sessions >= BACK_SESSIONS:
            ranks[node_id] *= BACK


def _doubt(connection: apsw.Connection, node: Node, evidence: Evidence, intent: Intent) -> float:
    """Return what speaks against a node that fits: it has the words in passing, or is a failure nobody asked about."""
    content = f"{node.content} {node.details.get('alternatives_rejected', '')}".lower()
    beside = [(clue, worth) for clue, worth in evidence.clues if not _says(content, clue)]
    doubt = FAILURE_DOUBT if node.kind in ("failure", "fix_attempt") and not intent.failing else 0.0
    opening = " ".join(content.split()[:OPENING_WORDS])
    if any(_says(opening, clue) for clue, _ in evidence.clues):
        doubt -= OPENED
    if beside:
        tags = " ".join(value for _, value, _ in memories.tags_of(connection, node.node_id))
        spoken = f"{memories.spoken_text(node)} {tags}".lower()
        doubt += sum(worth * (ASIDE if _says(spoken, clue) else NOWHERE) for clue, worth in beside)
    return doubt


def _says(text: str, clue: Clue) -> bool:
    """Tell whether a text has a word of a clue, whatever its ending."""
    for stem in clue.stems:  # noqa: SIM110 - this is asked some hundred times at a prompt
        if stem in text:
            return True
    return False


def _favour(node: Node, intent: Intent, branch: str, now: int) -> float:
    """Return what a node's rank is multiplied by: how sure it is, of what kind, from which branch, how old."""
    favour = 0.5 + float(node.confidence) / 2
    if node.kind == intent.kind:
        favour *= PREFERENCE
    if branch and node.branch and node.branch != branch:
        favour *= OTHER_BRANCH
    age = max(0, now - node.updated_at) / DAY_MS if now else 0.0
    return favour * (1.0 - RECENT_SHARE * age / (age + RECENT_DAYS))


def _stitch(connection: apsw.Connection, scores: dict[int, float]) -> None:
    """Put the failure in the place of an attempt against it: an attempt says nothing without it."""
    from codememory.store import attempts

    for node_id, attempt in attempts.of_nodes(connection, list(scores)).items():
        score = scores.pop(node_id)
        scores[attempt.failure_id] = max(score, scores.get(attempt.failure_id, 0.0))


def _usable(node: Node) -> bool:
    """Tell whether a node may be said: in force, or a failure whose remedy is worth knowing when it is asked about."""
    in_force = node.status == memories.ACTIVE or (node.kind == "failure" and node.status == memories.RESOLVED)
    told = node.kind != "failure" or "command" in node.details
    return in_force and told and node.trust != memories.QUARANTINED


def _named(connection: apsw.Connection, project_id: int, plan: Plan) -> set[int]:
    """Return the nodes bound to a file or symbol that the plan names outright; every project has a main.py."""
    found: set[int] = set()
    for file in plan.files:
        if "/" in file or file.lower() not in looked_for.COMMON_FILES:
            found.update(bound_to(connection, project_id, file))
    for symbol in plan.symbols:
        found.update(memories.tagged(connection, project_id, "symbol", symbol, CANDIDATES_MAX))
    return found


def bound_to(connection: apsw.Connection, project_id: int, file: str) -> list[int]:
    """Return the nodes tagged with a file or with a glob that matches it."""
    found = memories.tagged(connection, project_id, "file", file, CANDIDATES_MAX)
    patterns = memories.globs(connection, project_id, GLOBS_MAX)
    if patterns:
        from codememory.retrieve.globs import matches

        found += [node_id for pattern, node_id in patterns if matches(pattern, file)]
    return found


def messages_for(connection: apsw.Connection, project_id: int, session_id: int, plan: Plan) -> list[int]:
    """Return up to two earlier messages, of other sessions' main threads, that hold a prompt's telling words together.

    Nothing is found unless these words are most of what the prompt is about.
    """
    worths = {term: telling.telling(term) for term in plan.terms}
    terms = [term for term, worth in worths.items() if worth >= MESSAGE_TERM_WORTH]
    if len(terms) < MESSAGE_TERMS or plan.length > planning.TERMS_MAX:
        return []
    newest = search.newest_message(connection)
    newer_than = max(0, newest - RECENT_MESSAGES)
    counts = {
        term: search.count_messages(connection, f'prose : "{term}"', newer_than, MESSAGE_HOLDERS_MAX) for term in terms
    }
    known = sorted((term for term in terms if 0 < counts[term] < MESSAGE_HOLDERS_MAX), key=lambda term: counts[term])
    known = known[:MESSAGE_TERMS]
    covered = sum(worths[term] for term in known) / sum(worths.values())
    if len(known) < MESSAGE_TERMS or covered < MESSAGE_COVERAGE_MIN:
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
