"""UserPromptSubmit: what is remembered about what was just asked."""

from __future__ import annotations

from codememory import config, records
from codememory.retrieve import plan as planning
from codememory.retrieve import render, search
from codememory.store import failures, ledger, memories, messages, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment
    from codememory.retrieve.render import Entry
    from codememory.store.memories import Node

TOKENS_MAX = 400
NODES_MAX = 4
PROMPT_CHARS_MIN = 4
BACKWARD_CHARS_MAX = 60
"""A longer prompt says itself what it is about."""


def told(moment: Moment) -> str:
    """Return the nodes and earlier messages the prompt is about, '' when none is near enough."""
    prompt = moment.text("prompt")
    lost = _lost_packet(moment)
    if lost:
        return lost
    if (len(prompt) < PROMPT_CHARS_MIN and prompt.isascii()) or prompt.startswith("/"):
        return ""
    plan = planning.planned(prompt)
    entries = [entry_of(moment, node) for node in _remembered(moment, prompt, plan)][:NODES_MAX]
    if not entries:
        entries = _quotations(moment, plan)
    budget = config.setting("MAX_ASSEMBLY_TOKEN_BUDGET") or TOKENS_MAX
    return moment.say([render.labelled(entry) for entry in entries], render.CHARS_MAX, tokens_max=budget)


def _remembered(moment: Moment, prompt: str, plan: planning.Plan) -> list[Node]:
    """Return the failures a prompt quotes, then what its words are about, then what the last calls were about."""
    nodes: list[Node] = []
    if "\n" in prompt or ": " in prompt:
        from codememory.moments import pasted

        nodes += _told_of(moment, pasted.seen_before(moment, prompt))
    if plan.terms or plan.files or plan.symbols:
        branch, _ = moment.place.branch_and_head()
        nodes += search.for_prompt(moment.connection, moment.project_id, plan, branch=branch, now=moment.now)
    if len(prompt) <= BACKWARD_CHARS_MAX:
        from codememory.moments import under_way

        nodes += _told_of(moment, under_way.about(moment, prompt, plan))
    return list({node.node_id: node for node in nodes}.values())


def _told_of(moment: Moment, node_ids: list[int]) -> list[Node]:
    found = memories.load_all(moment.connection, node_ids) if node_ids else {}
    return [found[node_id] for node_id in node_ids if found[node_id].trust != memories.QUARANTINED]


def _lost_packet(moment: Moment) -> str:
    """Return the packet of the last compaction once more if the client failed to deliver it."""
    if not moment.session.epoch or not sessions.packet_lost(moment.connection, moment.session.session_id):
        return ""
    from codememory.moments import compaction

    sessions.note_packet(moment.connection, moment.session.session_id, 0)
    ledger.forget(moment.connection, moment.session.session_id, moment.thread, moment.session.epoch)
    return compaction.packet(moment)


def entry_of(moment: Moment, node: Node) -> Entry:
    """Return the line for a node of any kind."""
    if node.kind == "failure":
        from codememory import remedy

        seen = failures.seen(moment.connection, node.node_id)
        return render.failure(node, seen, remedy.of_failure(moment.connection, node), moment.now)
    if node.kind == "summary":
        return render.summary(node, moment.now)
    return render.statement(node, moment.now)


def _quotations(moment: Moment, plan: planning.Plan) -> list[Entry]:
    found = []
    for message_id in search.messages_for(moment.connection, moment.project_id, moment.session.session_id, plan):
        message = messages.load(moment.connection, message_id)
        short = records.short_id(records.MESSAGE, message.key)
        age_ms = moment.now - message.created_at
        found.append(render.quotation(message_id, short, message.role, _around(message.text, plan.terms), age_ms))
    return found


def _around(text: str, terms: list[str]) -> str:
    """Return the part of a text where the first of the terms stands."""
    lowered = text.lower()
    places = [place for term in terms if (place := lowered.find(term)) >= 0]
    start = max(0, min(places, default=0) - 60)
    return text[start : start + render.QUOTE_CHARS_MAX * 2]
