"""Compact a session's history into a summary DAG, one step a transaction: leaves over messages, condensed over leaves.

A view only: every message stays, and every summary expands to the messages under it. A step writes a whole summary or
nothing; two processes never take the same run, because it is chosen inside the step's transaction.
"""

from __future__ import annotations

from codememory import codec, config, records, remedy, summarize, wire
from codememory.extract import effects
from codememory.score import text_tokens
from codememory.store import memories, messages, sessions, spans, summaries

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.budget import Deadline
    from codememory.store.summaries import Member, Summary

CHARS_PER_TOKEN = 4
LEAF_SHARE, CONDENSED_SHARE = 0.10, 0.45
"""What a summary may take of its source: a tenth of the messages; of other summaries, which are dense, not half."""

LEAF_TOKENS_MIN = 60
CHUNK_MESSAGES_MAX = 2_000
CHUNK_FULL_SHARE = 0.6
"""A leaf is begun for a whole chunk; a rest smaller than this share waits for more, unless everything is wanted."""

REQUEST_CHARS = 400


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
    """Make summaries until nothing is left to do or the deadline has passed; return their ids."""
    created: list[str] = []
    while deadline is None or not deadline.passed():
        connection.execute("BEGIN IMMEDIATE")
        try:
            made = step(connection, session_id, plan, now)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        if made is None:
            return created
        created.append(made)
    return created


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
    """Return the oldest messages outside the fresh tail, up to a chunk of tokens and at least one."""
    free = summaries.count_open(connection, session_id, thread) - plan.tail
    if free <= 0:
        return []
    members = summaries.open_members(connection, session_id, thread, min(free, CHUNK_MESSAGES_MAX))
    run: list[Member] = []
    tokens = 0
    for member in members:
        if run and tokens + member.tokens > plan.chunk_tokens:
            break
        run.append(member)
        tokens += member.tokens
    rest = free - len(run)
    if not plan.everything and rest == 0 and tokens < plan.chunk_tokens * CHUNK_FULL_SHARE:
        return []
    if plan.everything and rest and sum(one.tokens for one in members[len(run) :]) < 2 and rest == len(members) - len(run):
        run = members  # a last message of no tokens could not become a leaf of its own
        tokens = sum(one.tokens for one in run)
    return run if tokens >= 2 else []


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
    text = summarize.written(facts_of(connection, session_id, thread, first, last), room)
    uid = records.key_of("condensed", client_id, thread, *(child.uid.hex() for child in children))
    summary_id = summaries.add(
        connection, uid, session_id, thread, summaries.CONDENSED, summaries.EXTRACTIVE, children[0].depth + 1,
        (first, last), source_tokens, text_tokens(text), wire.storable(text), now,
    )  # fmt: skip
    if summary_id is None:
        return None
    summaries.adopt(connection, summary_id, children)
    return records.id_of(records.SUMMARY, uid)


def facts_of(connection: apsw.Connection, session_id: int, thread: str, first: int, last: int) -> summarize.Facts:
    """Return what happened between two places of a thread; a failure that was repaired later is one line."""
    facts = summarize.Facts()
    _gather_words(connection, facts, session_id, thread, first, last)
    _gather_calls(connection, facts, session_id, thread, first, last)
    for node_id in spans.failures(connection, session_id, thread, first, last):
        node = memories.load(connection, node_id)
        known = remedy.of_failure(connection, node)
        became = f" → fixed: {known.summary}" if known.state == remedy.CONFIRMED else " → open"
        facts.failures.append((node.content + became, ""))
    after, until = spans.times(connection, session_id, first, last)
    for node_id in spans.marks(connection, session_id, after - 1, until) if not thread else []:
        node = memories.load(connection, node_id)
        why = node.details.get("rationale")
        facts.marks.append((f"{node.kind}: {node.content}{f', because {why}' if why else ''}", node.uid.hex()))
    return facts


def _gather_words(
    connection: apsw.Connection, facts: summarize.Facts, session_id: int, thread: str, first: int, last: int
) -> None:
    reply = ("", "")
    for key, kind, tags, blocks_codec, blocks in spans.said(connection, session_id, thread, first, last):
        text = messages.text_of(wire.decoded(codec.unpacked(blocks_codec, blocks)))
        if not text.strip():
            continue
        if kind in ("prompt", "task"):
            facts.requests.append((text[:REQUEST_CHARS], key.hex()))
        elif kind == "reply":
            reply = (text, key.hex())
            if "decision" in tags.split() or "analysis" in tags.split():
                facts.conclusions.append((summarize.first_sentence(text), key.hex()))
    if reply[0].rstrip().endswith(("?", "？")):
        facts.open.append((reply[0].rstrip().splitlines()[-1], reply[1]))


def _gather_calls(
    connection: apsw.Connection, facts: summarize.Facts, session_id: int, thread: str, first: int, last: int
) -> None:
    for key, _, command, command_key, file, edited, outcome, exit_code in spans.calls(
        connection, session_id, thread, first, last
    ):
        if edited and file and outcome != "failed":
            count, why, held = facts.edits.get(file, (0, "", key.hex()))
            facts.edits[file] = (count + 1, why, held)
        elif command and outcome in ("ok", "failed"):
            if outcome == "ok" and effects.effect_of(command) == effects.READS:
                continue
            typed, outcomes, held = facts.commands.get(command_key, (command, [], key.hex()))
            outcomes.append("ok" if outcome == "ok" else f"exit {exit_code}" if exit_code else "failed")
            facts.commands[command_key] = (typed, outcomes, held)
