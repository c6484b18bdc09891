"""UserPromptSubmit: what is remembered about what was just asked."""

from __future__ import annotations

from codememory import config, records
from codememory.retrieve import plan as planning
from codememory.retrieve import render, search
from codememory.store import failures, ledger, messages, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment
    from codememory.retrieve.render import Entry
    from codememory.store.memories import Node

TOKENS_MAX = 400
NODES_MAX = 6
PROMPT_CHARS_MIN = 4


def told(moment: Moment) -> str:
    """Return the nodes and earlier messages the prompt is about, '' when none is near enough."""
    prompt = moment.text("prompt")
    lost = _lost_packet(moment)
    if lost:
        return lost
    if len(prompt) < PROMPT_CHARS_MIN or prompt.startswith("/"):
        return ""
    plan = planning.planned(prompt)
    if not (plan.terms or plan.files or plan.symbols):
        return ""
    entries = [entry_of(moment, node) for node in search.for_prompt(moment.connection, moment.project_id, plan)]
    entries = entries[:NODES_MAX]
    if not entries:
        entries = _quotations(moment, plan)
    budget = config.setting("MAX_ASSEMBLY_TOKEN_BUDGET") or TOKENS_MAX
    return moment.say(entries, render.CHARS_MAX, tokens_max=budget)


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
