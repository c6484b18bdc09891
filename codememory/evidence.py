"""Gather what is remembered about a question: memories, summaries and messages, each a cited line, within a size."""

from __future__ import annotations

from codememory import fence, records, remedy
from codememory.retrieve import plan as planning
from codememory.retrieve import render
from codememory.retrieve import search as recall
from codememory.score import text_tokens
from codememory.store import failures, memories, messages, search, summaries

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.retrieve.plan import Plan
    from codememory.store.memories import Node

NODES_MAX, SUMMARIES_MAX, MESSAGES_MAX = 12, 4, 12
CANDIDATES_MAX = 80
SUMMARIES_READ_MAX = 2_000
NODES_SHARE, SUMMARIES_SHARE = 0.5, 0.75
"""Share of the budget that memories may take, and memories and summaries together."""

EXCERPT_CHARS, SNIPPET_CHARS = 480, 240
BEFORE_CHARS = 80
OCCURRENCES_MAX = 40
COVERAGE_MIN = 0.34
"""Share of the question's words that a text has to hold, and at least two of them where there are two."""

SPOKEN_WEIGHT = 1.3
"""A prompt or a reply against a call or its result."""

OWN_WORDS_CHARS_MIN = 12
HEADINGS = {**render.HEADINGS, "summary": "From summaries:", "message": "Said and done:"}


class Item:
    """One piece of evidence: a line of text that names its id, and what kind of thing it is."""

    __slots__ = ("group", "id", "line", "short", "snippet", "type")

    def __init__(self, whole_id: str, type_: str, group: str, line: str, snippet: str) -> None:
        self.id, self.type, self.group, self.line, self.snippet = whole_id, type_, group, line, snippet
        self.short = f"{whole_id.partition('_')[0]}_{whole_id.partition('_')[2][: records.SHORT_HEX]}"


def gathered(
    connection: apsw.Connection, question: str, plan: Plan, project_id: int | None, token_budget: int, now: int
) -> list[Item]:
    """Return the evidence for a question, memories first, in at most `token_budget` tokens; 0 is no limit."""
    room = token_budget or 10**9
    found: list[Item] = []
    parts = (
        (_memories(connection, plan, project_id, now), NODES_SHARE),
        (_summaries(connection, plan, project_id), SUMMARIES_SHARE),
        (_messages(connection, question, plan, project_id, now), 1.0),
    )
    used = 0
    for items, share in parts:
        for item in items:
            cost = text_tokens(item.line) + 1
            if used + cost <= room * share:
                found.append(item)
                used += cost
    return found


def text_of(items: list[Item]) -> str:
    """Return the evidence as text, grouped under headings."""
    lines: list[str] = []
    for group in dict.fromkeys(item.group for item in items):
        lines.append(HEADINGS[group])
        lines += [item.line for item in items if item.group == group]
    return "\n".join(lines)


def is_weak(items: list[Item], plan: Plan) -> bool:
    """Tell whether what was found holds less than half of what was asked for."""
    held = " ".join(item.line for item in items).lower()
    return not items or sum(1 for term in plan.terms if term in held) * 2 < len(plan.terms)


def _coverage(text: str, plan: Plan) -> float:
    """Return the share of the question's words that a text holds, 0 below the floor."""
    lowered = text.lower()
    wanted = plan.terms or [one.lower() for one in (*plan.files, *plan.symbols)]
    held = sum(1 for term in wanted if term in lowered or planning.any_of([term])[1:-1] in lowered)
    share = held / max(1, len(wanted))
    return share if share >= COVERAGE_MIN and held >= min(2, len(wanted)) else 0.0


def _memories(connection: apsw.Connection, plan: Plan, project_id: int | None, now: int) -> list[Item]:
    """Return what is in force first, then what was replaced or given up but is what the question is about."""
    nodes: dict[int, Node] = {}
    if project_id is not None:
        nodes = {node.node_id: node for node in recall.for_prompt(connection, project_id, plan)}
    if plan.terms:
        matches = search.match_nodes(
            connection, planning.any_of(plan.terms), project_id=project_id, limit=CANDIDATES_MAX
        )
        loaded = memories.load_all(connection, [node_id for node_id, _ in matches])
        for node_id, _ in matches:
            node = loaded[node_id]
            told = node.kind in HEADINGS and node.trust != memories.QUARANTINED
            if told and _coverage(memories.spoken_text(node), plan):
                nodes.setdefault(node_id, node)
    return [_memory(connection, node, now) for node in list(nodes.values())[:NODES_MAX] if node.kind in HEADINGS]


def _memory(connection: apsw.Connection, node: Node, now: int) -> Item:
    if node.kind == "failure":
        entry = render.failure(node, failures.seen(connection, node.node_id), remedy.of_failure(connection, node), now)
    else:
        entry = render.statement(node, now)
    line = fence.neutralised(entry.line)
    if node.status not in (memories.ACTIVE, memories.RESOLVED):
        line = line.replace("- ", f"- ({node.status}) ", 1)
    return Item(node.id, "node", entry.group, line, node.content[:SNIPPET_CHARS])


def _summaries(connection: apsw.Connection, plan: Plan, project_id: int | None) -> list[Item]:
    ranked: list[tuple[float, summaries.Summary]] = []
    for summary_id in summaries.all_ids(connection, project_id)[:SUMMARIES_READ_MAX]:
        summary = summaries.load(connection, summary_id)
        share = _coverage(summary.text, plan)
        if share:
            ranked.append((share - summary.depth * 0.01, summary))
    ranked.sort(key=lambda one: -one[0])
    found = []
    for _, summary in ranked[:SUMMARIES_MAX]:
        excerpt = _telling_lines(summary.text, plan)
        line = f"- {fence.quoted(excerpt, EXCERPT_CHARS)} [{records.short_id(records.SUMMARY, summary.uid)}]"
        found.append(Item(summary.id, "summary", "summary", line, excerpt[:SNIPPET_CHARS]))
    return found


def _messages(connection: apsw.Connection, question: str, plan: Plan, project_id: int | None, now: int) -> list[Item]:
    """Return the messages that hold the most of the question's words; those that only ask it are left out."""
    if not plan.terms:
        return []
    matches = search.match_messages(
        connection, planning.any_of(plan.terms), project_id=project_id, kinds="prompt reply call result task",
        limit=CANDIDATES_MAX,
    )  # fmt: skip
    asked = " ".join(question.lower().split())
    ranked: list[tuple[float, messages.Message, str]] = []
    for message_id, _ in matches:
        message = messages.load(connection, message_id)
        text = "\n".join(filter(None, search.prose_and_detail(message.blocks or [], whole=True)))
        repeats = len(asked) >= OWN_WORDS_CHARS_MIN and asked in " ".join(text.lower().split())
        share = 0.0 if repeats else _coverage(text, plan)
        if share:
            ranked.append((share * (SPOKEN_WEIGHT if message.kind in ("prompt", "reply") else 1.0), message, text))
    ranked.sort(key=lambda one: -one[0])  # the better match of the index first among equals
    found: dict[str, Item] = {}
    for _, message, text in ranked:
        excerpt = _excerpt(text, plan)
        who = "the user" if message.kind == "prompt" else "the model" if message.role == "assistant" else message.kind
        said = fence.quoted(excerpt, EXCERPT_CHARS)
        age = records.age(now - message.created_at)
        line = f"- {who}, {age} ago: {said} [{records.short_id(records.MESSAGE, message.key)}]"
        found.setdefault(said, Item(message.id, "message", "message", line, excerpt[:SNIPPET_CHARS]))
        if len(found) == MESSAGES_MAX:
            break
    return list(found.values())


def _telling_lines(text: str, plan: Plan) -> str:
    """Return the lines of a summary that hold the most of the question's words, in their order, as many as fit."""
    held = []
    for number, line in enumerate(text.splitlines()):
        lowered = line.lower()
        count = sum(1 for term in plan.terms if term in lowered)
        if count:
            held.append((-count, number, line.removeprefix("- ").strip()))
    chosen: list[tuple[int, str]] = []
    room = EXCERPT_CHARS - 2
    for _, number, line in sorted(held):
        if not chosen or len(line) + 3 <= room:
            chosen.append((number, line))
            room -= len(line) + 3
    return " | ".join(line for _, line in sorted(chosen)) or _excerpt(text, plan)


def _excerpt(text: str, plan: Plan) -> str:
    """Return the part of a text, on one line, that holds the most of the question's words."""
    line = " ".join(text.split())
    lowered = line.lower()
    places: list[tuple[int, str]] = []
    for term in plan.terms:
        at = lowered.find(term)
        for _ in range(OCCURRENCES_MAX):
            if at < 0:
                break
            places.append((at, term))
            at = lowered.find(term, at + len(term))
    places.sort()
    best, most = 0, 0
    first = 0
    for last in range(len(places)):
        while places[last][0] - places[first][0] > EXCERPT_CHARS - BEFORE_CHARS:
            first += 1
        held = len({term for _, term in places[first : last + 1]})
        if held > most:
            best, most = places[first][0], held
    start = max(0, best - BEFORE_CHARS)
    return ("…" if start else "") + line[start : start + EXCERPT_CHARS]
