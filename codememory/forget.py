"""Forget messages, memories and sessions for good: what they said, what was made from it, and the bytes it leaves.

A forgotten message stays as an empty line: its key keeps every copy of it away, and its place keeps the summaries
above it sound. A memory or session leaves a tombstone without any text. What rests on the forgotten goes with it.
"""

from __future__ import annotations

from time import time

import apsw

from codememory import compact, records, summarize, wire
from codememory.errors import DatabaseError, PayloadError
from codememory.score import text_tokens
from codememory.store import erasure, identity, laws, memories, messages, sessions, tombstones

EVER = 1 << 62


class Reach:
    """What is to go: messages, the calls made and ended in them, memories; and whole sessions, up to a time."""

    __slots__ = ("called", "ended", "messages", "nodes", "sessions", "until")

    def __init__(self, until: int) -> None:
        self.until = until
        self.messages: dict[int, messages.Message] = {}
        self.nodes: set[int] = set()
        self.sessions: set[int] = set()
        self.called: set[str] = set()
        self.ended: set[str] = set()

    def is_empty(self) -> bool:
        """Tell whether there is nothing to go."""
        return not (self.messages or self.nodes or self.sessions)


def reach_of(connection: apsw.Connection, ids: list[str], now: int) -> Reach:
    """Return what goes with the messages, memories and sessions of these ids.

    Raises:
        UnknownIdError: Nothing has one of the ids.
        AmbiguousIdError: One of them is the beginning of several ids.
        PayloadError: One is a summary's, which is only a view.

    """
    reach = Reach(now)
    message_ids: list[int] = []
    for wanted in ids:
        kind, row_id = identity.resolve(connection, wanted)
        if kind == records.SUMMARY:
            raise PayloadError(f"{wanted} is a summary, a view of messages: forget the messages under it.")
        if kind == identity.SESSION:
            reach.sessions.add(row_id)
            message_ids += erasure.messages_of(connection, row_id, EVER)
            reach.nodes.update(erasure.nodes_of(connection, row_id, EVER))
        elif kind == records.NODE:
            reach.nodes.add(row_id)
        else:
            message_ids.append(row_id)
    widen(connection, reach, message_ids)
    return reach


def widen(connection: apsw.Connection, reach: Reach, message_ids: list[int]) -> None:
    """Add messages, the client's retellings of them, and the memories that rest on anything that goes."""
    for message_id in [*message_ids, *erasure.retellings(connection, message_ids)]:
        found = messages.load(connection, message_id)
        if found.tags == messages.FORGOTTEN:
            continue
        reach.messages[message_id] = found
        for block in found.blocks if isinstance(found.blocks, list) else ():
            kind, key = (block.get("type"), "") if isinstance(block, dict) else ("", "")
            if kind == "tool_use" and isinstance(key := block.get("id"), str):
                reach.called.add(key)
            elif kind == "tool_result" and isinstance(key := block.get("tool_use_id"), str):
                reach.ended.add(key)
    held = sorted({found.session_id for found in reach.messages.values()})
    sources = [found.id for found in reach.messages.values()]
    reach.nodes.update(erasure.resting_on(connection, [*sources, *reach.called]))
    reach.nodes.update(erasure.failures_of(connection, held, [*reach.called, *reach.ended]))
    reach.nodes.update(erasure.attempts_against(connection, list(reach.nodes)))


def forget(connection: apsw.Connection, reach: Reach) -> int:
    """Take everything reached out, inside the caller's transaction; return how many summaries were written anew.

    `clean` has to follow it, once the transaction is done.
    """
    erasure.overwrite_deleted(connection)
    touched = {
        *erasure.holding(connection, list(reach.messages)),
        *erasure.sessions_of(connection, list(reach.nodes)),
        *reach.sessions,
    }
    has_nodes = bool(reach.nodes)
    _drop_messages(connection, reach)
    for node_id in reach.nodes:
        _drop_node(connection, node_id, reach.until)
    for session_id in reach.sessions:
        client_id = sessions.client_id_of(connection, session_id)
        tombstones.bury(connection, tombstones.SESSION, tombstones.session_key(client_id), reach.until)
        erasure.drop_session_calls(connection, session_id, reach.until)
    retold = [uid for one in sorted(touched) for uid in retell(connection, one, everything=has_nodes)]
    sources = [records.id_of(records.SUMMARY, uid) for uid in retold]
    for node_id in erasure.resting_on(connection, sources):
        _drop_node(connection, node_id, reach.until)
    for session_id in touched:
        laws.recount_open(connection, session_id)
    erasure.note_remains(connection, True, 0)
    return len(retold)


def _drop_messages(connection: apsw.Connection, reach: Reach) -> None:
    message_ids = list(reach.messages)
    holding = erasure.holding(connection, message_ids)
    sources = [*(found.id for found in reach.messages.values()), *reach.called, *reach.ended]
    erasure.drop_calls(connection, holding, list(reach.called), sources)
    for message_id in message_ids:
        erasure.empty_message(connection, message_id)
    for session_id in holding:
        places = [place for thread, place in erasure.emptied_places(connection, session_id) if not thread]
        if places:
            erasure.drop_client_summaries(connection, session_id, places)


def _drop_node(connection: apsw.Connection, node_id: int, until: int) -> None:
    """Take a memory away; without a time of its own it is buried as of the last thing known of it."""
    node = memories.load(connection, node_id)
    uids, last_at = erasure.uids_of(connection, node_id)
    for uid in uids:
        tombstones.bury(connection, tombstones.NODE, uid, max(until, last_at))
    erasure.empty_log(connection, node_id)
    erasure.drop_node(connection, node_id)
    erasure.drop_quotations(connection, node.content)


def retell(connection: apsw.Connection, session_id: int, *, everything: bool = False) -> list[bytes]:
    """Write the summaries of a session anew that cover what was forgotten, or all; return the uids of the changed."""
    emptied = erasure.emptied_places(connection, session_id)
    changed = []
    for summary_id, uid, thread, kind, first, last, source_tokens, _ in erasure.summaries_of(connection, session_id):
        covers = any(each == thread and first <= place <= last for each, place in emptied)
        if not (covers or everything):
            continue
        if kind == "condensed":
            source_tokens = max(1, erasure.source_tokens_of(connection, summary_id))
        text = _told_anew(connection, session_id, thread, first, last, source_tokens)
        if erasure.retell(connection, summary_id, source_tokens, text_tokens(text), text) or covers:
            changed.append(uid)
    return changed


def _told_anew(
    connection: apsw.Connection, session_id: int, thread: str, first: int, last: int, source_tokens: int
) -> str:
    """Return the summary of a span as it is now, smaller than its source; '' where none can be."""
    plan = compact.Plan(everything=True)
    share = max(compact.LEAF_TOKENS_MIN, int(source_tokens * compact.CONDENSED_SHARE))
    room = min(plan.leaf_tokens, share, source_tokens - 1)
    text = wire.storable(summarize.written(compact.facts_of(connection, session_id, thread, first, last), room))
    return text if text_tokens(text) < source_tokens else ""


def clean(connection: apsw.Connection) -> bool:
    """Rewrite the file without what was taken out of it, if that is still to be done; False if it was not.

    Raises:
        DatabaseError: Another process is at the file: everything is forgotten, but bytes of it are left.

    """
    if not erasure.remain(connection):
        return False
    try:
        erasure.rewrite(connection)
    except apsw.BusyError as error:
        raise DatabaseError(
            "It is forgotten, but another process is at the database, so that bytes of it are left in the file:"
            " run `codememory memory forget` again later to have them overwritten."
        ) from error
    erasure.note_remains(connection, False, int(time() * 1000))
    return True
