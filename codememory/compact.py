"""Compact a session's history into a summary DAG, one step a transaction: leaves over messages, condensed over leaves.

A view only: every message stays, and every summary expands to the messages under it. A step writes a whole summary or
nothing; two processes never take the same run, because it is chosen inside the step's transaction.
"""

from __future__ import annotations

import apsw

from codememory import codec, config, db, lasting, records, remedy, summarize, wire
from codememory.extract import effects, gist
from codememory.extract.calls import DELEGATION_TOOLS
from codememory.score import text_tokens
from codememory.store import laws, memories, messages, sessions, spans, summaries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codememory.budget import Deadline
    from codememory.remedy import Remedy
    from codememory.store.memories import Node
    from codememory.store.summaries import Member, Summary

CHARS_PER_TOKEN = 4
LEAF_SHARE, CONDENSED_SHARE = 0.20, 0.50
"""What a summary may take of its source: a fifth of messages at most; of other summaries, which are dense, half."""

LEAF_TOKENS_MIN = 160
CHUNK_MESSAGES_MAX = 500
"""Bounds a step: with 6,000 tokens of ordinary messages a leaf takes 1 to 13 ms."""
SOURCE_TOKENS_MIN = 2
OUTPUTS_MAX = 20
CHUNK_FULL_SHARE = 0.6
"""A leaf is begun for a whole chunk; a rest smaller than this share waits for more, unless everything is wanted."""


class Plan:
    """The limits of one compaction."""

    __slots__ = ("chunk_tokens", "condensed_tokens", "depth_max", "everything", "fanout", "leaf_tokens", "tail")

    def __init__(self, everything: bool, tail: int | None = None) -> None:
        self.everything = everything
        """Compact the last, smaller rest too."""
        input_tokens = config.setting("COMPACTION_MAX_INPUT_CHARS") // CHARS_PER_TOKEN
        self.chunk_tokens: int = min(config.setting("LEAF_CHUNK_TOKENS"), input_tokens)
        self.leaf_tokens: int = config.setting("LEAF_TARGET_TOKENS")
        self.condensed_tokens: int = config.setting("CONDENSED_TARGET_TOKENS")
        self.fanout: int = config.setting("CONDENSED_MIN_FANOUT")
        self.depth_max: int = config.setting("INCREMENTAL_MAX_DEPTH")
        self.tail: int = config.setting("COMPACTION_FRESH_TAIL_COUNT") if tail is None else tail


def compact(
    connection: apsw.Connection, session_id: int, plan: Plan, now: int, deadline: Deadline | None = None
) -> list[str]:
    """Make summaries until nothing is left to do or the deadline has passed; return their ids.

    Raises:
        apsw.BusyError: Others were at the database for too long; with a deadline that is no error.

    """
    created: list[str] = []
    while deadline is None or not deadline.passed():
        try:
            db.begin(connection, db.PERSON_BUSY_MS if deadline is None else deadline.remaining_ms())
        except apsw.BusyError:
            if deadline is None:
                raise
            return created
        try:
            made = step(connection, session_id, plan, now)
            if made is None:
                laws.recount_open(connection, session_id)
            connection.execute("COMMIT")
        except BaseException:
            db.roll_back(connection)
            raise
        if made is None:
            return created
        created.append(made)
        db.give_way(connection)
    return created


def why_nothing(connection: apsw.Connection, session_ids: list[int], tail: int) -> str:
    """Return why a compaction of these sessions made nothing."""
    if not session_ids:
        return "No session holds anything that is not compacted."
    held = sum(summaries.count_messages(connection, session_id) for session_id in session_ids)
    if not held:
        return "The session holds no message yet." if len(session_ids) == 1 else "The sessions hold no messages yet."
    if tail:
        return (
            f"Everything is compacted but the newest {tail} messages of each thread, which are left alone"
            " (CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT)."
        )
    return "Everything is compacted, but for what is too short for a shorter summary."


def step(connection: apsw.Connection, session_id: int, plan: Plan, now: int) -> str | None:
    """Make one summary inside the caller's transaction and return its id; None when nothing is to do."""
    client_id = sessions.client_id_of(connection, session_id)
    for thread in summaries.open_threads(connection, session_id):
        run = _next_run(connection, session_id, thread, plan)
        if run:
            return _leaf(connection, session_id, client_id, thread, run, plan, now)
    for thread in summaries.threads(connection, session_id):
        for depth in range(plan.depth_max):
            children = summaries.orphans(connection, session_id, thread, depth)
            if len(children) >= max(2, plan.fanout):
                made = _condensed(connection, session_id, client_id, thread, children[: max(2, plan.fanout)], plan, now)
                if made:
                    return made
    return None


def _next_run(connection: apsw.Connection, session_id: int, thread: str, plan: Plan) -> list[Member]:
    """Return the oldest messages outside the fresh tail, up to a chunk of tokens and at least one.

    A run of less than `SOURCE_TOKENS_MIN` has no summary smaller than itself: it waits for what follows.
    """
    free = summaries.count_open(connection, session_id, thread) - plan.tail
    if free <= 0:
        return []
    members = summaries.open_members(connection, session_id, thread, min(free, CHUNK_MESSAGES_MAX))
    if sum(member.tokens for member in members) < SOURCE_TOKENS_MIN < free:
        members = summaries.open_members(connection, session_id, thread, free)
    run: list[Member] = []
    tokens = 0
    for member in members:
        if tokens >= SOURCE_TOKENS_MIN and tokens + member.tokens > plan.chunk_tokens:
            break
        run.append(member)
        tokens += member.tokens
    rest = members[len(run) :]
    if not rest and len(members) == free:
        if not plan.everything and tokens < plan.chunk_tokens * CHUNK_FULL_SHARE:
            return []
    elif plan.everything and len(members) == free and sum(one.tokens for one in rest) < SOURCE_TOKENS_MIN:
        run = members
    return run if tokens >= SOURCE_TOKENS_MIN else []


def _leaf(
    connection: apsw.Connection, session_id: int, client_id: str, thread: str, run: list[Member], plan: Plan, now: int
) -> str | None:
    first, last = run[0].place, run[-1].place
    source_tokens = sum(member.tokens for member in run)
    facts = facts_of(connection, session_id, thread, first, last)
    room = min(plan.leaf_tokens, max(LEAF_TOKENS_MIN, int(source_tokens * LEAF_SHARE)), source_tokens - 1)
    text = summarize.written(facts, room)
    uid = records.key_of("leaf", client_id, thread, *(member.key.hex() for member in run))
    leaf_id = summaries.add(
        connection, uid, session_id, thread, summaries.LEAF, summaries.EXTRACTIVE, 0, (first, last), source_tokens,
        text_tokens(text), wire.storable(text), now,
    )  # fmt: skip
    if leaf_id is None:  # a leaf over just these is here, though they were not under it
        leaf_id = summaries.find(connection, uid)
        if leaf_id is None:
            return None
    summaries.put_under(connection, session_id, thread, leaf_id, first, last)
    return records.id_of(records.SUMMARY, uid)


def _condensed(
    connection: apsw.Connection, session_id: int, client_id: str, thread: str, children: list[Summary], plan: Plan,
    now: int,
) -> str | None:  # fmt: skip
    first, last = children[0].first_place, children[-1].last_place
    source_tokens = sum(child.tokens for child in children)
    if source_tokens < 2:
        return None
    room = min(plan.condensed_tokens, max(LEAF_TOKENS_MIN, int(source_tokens * CONDENSED_SHARE)), source_tokens - 1)
    facts = facts_of(connection, session_id, thread, first, last)
    text = summarize.written(facts, room)
    uid = records.key_of("condensed", client_id, thread, *(child.uid.hex() for child in children))
    summary_id = summaries.add(
        connection, uid, session_id, thread, summaries.CONDENSED, summaries.EXTRACTIVE, children[0].depth + 1,
        (first, last), source_tokens, text_tokens(text), wire.storable(text), now,
    )  # fmt: skip
    if summary_id is None:
        return None
    summaries.adopt(connection, summary_id, children)
    _, until = spans.mark_times(connection, session_id, first, last)
    lasting.remember(connection, uid, session_id, facts, min(until, now) if until > 0 else now)
    return records.id_of(records.SUMMARY, uid)


def facts_of(connection: apsw.Connection, session_id: int, thread: str, first: int, last: int) -> summarize.Facts:
    """Return what happened between two places of a thread; a failure that was repaired later is one line."""
    facts = summarize.Facts()
    failed: dict[int, str] = {}
    reply = _Reply()
    for key, kind, tags, home_id, blocks_codec, packed in spans.lines(connection, session_id, thread, first, last):
        blocks = wire.storable_value(wire.decoded(codec.unpacked(blocks_codec, packed)))
        text = messages.text_of(blocks)
        if kind in ("prompt", "task"):
            asked = gist.request_of(text)
            if asked:
                reply.answer(facts)
                facts.requests.append((asked, key.hex()))
            continue
        reply.hear(text, gist.thought_in(blocks), key.hex())
        if text.strip() and ("decision" in tags.split() or "analysis" in tags.split()):
            facts.conclusions.append((gist.conclusion_of(text), key.hex()))
        for block in blocks if kind == "call" and isinstance(blocks, list) else ():
            if isinstance(block, dict) and isinstance(block.get("id"), str):
                _gather_call(connection, facts, home_id, block, key.hex(), reply)
                for node_id in spans.failures(connection, home_id, block["id"]):
                    failed.setdefault(node_id, key.hex())
    reply.stay_open(facts)
    if facts.is_empty():
        _gather_outputs(connection, facts, session_id, thread, first, last)
    for node_id, held in failed.items():
        node = memories.load(connection, node_id)
        if "command" not in node.details and node.details.get("file") in facts.edits:
            continue  # an edit that was refused, and then made
        facts.failures.append((node.content, _became(remedy.of_failure(connection, node), node.status), held))
    after, until = spans.mark_times(connection, session_id, first, last) if not thread else (0, -1)
    for node_id in spans.marks(connection, session_id, after, until):
        facts.marks.append((_stated(memories.load(connection, node_id)), ""))
    return facts


class _Reply:
    """The assistant's latest words: the answer to a request, the reason of the edit after them, or a question."""

    __slots__ = ("key", "purpose", "text")

    def __init__(self) -> None:
        self.text = self.key = self.purpose = ""

    def hear(self, text: str, thought: str, key: str) -> None:
        """Take further words, and what was thought before them."""
        if text.strip():
            self.text, self.key = text, key
        if text.strip() or thought:
            self.purpose = text or thought

    def answer(self, facts: summarize.Facts) -> None:
        """Take the words as the answer to what was asked before the next request."""
        if self.text:
            facts.answers.append((gist.conclusion_of(self.text), self.key))
        self.text = self.purpose = ""

    def stay_open(self, facts: summarize.Facts) -> None:
        """Take the last words as a question that stays open, or else as an answer."""
        question = gist.question_of(self.text)
        if question:
            facts.open.append((question, self.key))
        self.answer(facts)

    def reason(self) -> str:
        """Return what the edit that follows is made for; said once, not for each edit."""
        purpose, self.purpose = self.purpose, ""
        return gist.intent_of(purpose)


def _became(known: Remedy, status: str) -> str:
    if known.state == remedy.CONFIRMED:
        return f"fixed: {known.summary}"
    if status != memories.ACTIVE:
        return status
    return f"tried: {known.summary}" if known.summary else "open"


def _stated(node: Node) -> str:
    """Return a decision, constraint or task with its reason and what was rejected for it."""
    parts = [f"{node.kind}: {node.content}"]
    why, rejected = node.details.get("rationale"), node.details.get("alternatives_rejected")
    if isinstance(why, str) and why and why not in node.content:
        parts.append(f"because {why}")
    if isinstance(rejected, list) and rejected:
        parts.append("rejected: " + "; ".join(str(one) for one in rejected))
    return " — ".join(parts)


def _gather_call(
    connection: apsw.Connection, facts: summarize.Facts, session_id: int, block: dict[str, Any], held: str,
    reply: _Reply,
) -> None:  # fmt: skip
    """Gather an edit with what was said before it, a command that changed or checked something or failed, a look."""
    found = spans.call(connection, session_id, block["id"])
    if found is None:
        return
    tool, command, command_key, file, edit, target, outcome, exit_code = found
    if edit is not None and file and outcome != "failed":
        made = facts.edits.setdefault(file, summarize.Edit(held))
        made.count += 1
        made.learn(reply.reason(), gist.names_in(edit))
    elif command and outcome in ("ok", "failed"):
        if outcome == "ok" and effects.effect_of(command) == effects.READS:
            facts.looks.setdefault(" ".join(command.split()), held)
            return
        run = facts.commands.setdefault(command_key or command, summarize.Run(command, held))
        run.end("ok" if outcome == "ok" else f"exit {exit_code}" if exit_code else "failed", command)
    elif target and outcome != "failed":
        facts.looks.setdefault(file if file and tool == "Read" else gist.look_of(target), held)
    elif tool in DELEGATION_TOOLS:
        given = block.get("input")
        task = given.get("description") or given.get("prompt") if isinstance(given, dict) else None
        if isinstance(task, str):
            facts.delegated.append((task, held))


def _gather_outputs(
    connection: apsw.Connection, facts: summarize.Facts, session_id: int, thread: str, first: int, last: int
) -> None:
    """Gather what outputs are of, where a span holds nothing else: the calls stand in the span before."""
    for key, home_id, blocks_codec, packed in spans.results(connection, session_id, thread, first, last, OUTPUTS_MAX):
        for block in wire.decoded(codec.unpacked(blocks_codec, packed)):
            tool_use_id = block.get("tool_use_id") if isinstance(block, dict) else None
            found = spans.call(connection, home_id, tool_use_id) if isinstance(tool_use_id, str) else None
            if found is not None:
                tool, command, _, file, _, target, *_ = found
                what = command or file or (gist.look_of(target) if target else tool)
                facts.outputs.setdefault(wire.storable(" ".join(what.split())), key.hex())
