"""Merge the summaries of a session: one store's partition takes the other's place as a whole, or not at all.

Summaries are views, so nothing is lost either way. Preferred is the partition that covers more, then the one that a
model refined more; what remains equal is decided by what the two hold.
"""

from __future__ import annotations

import apsw

from codememory import forget, records
from codememory.store import incoming, laws, merging, summaries
from codememory.transfer import export, lines

Places = list[tuple[int, str]]
"""(place, key) of a thread's messages, in order."""


def merge_summaries(connection: apsw.Connection, session_id: int, line: lines.Summaries) -> bool:
    """Merge a file's summaries of a session with the store's; False if nothing changed."""
    threads: dict[str, Places] = {}
    for place, key, thread in incoming.places(connection, session_id):
        threads.setdefault(thread, []).append((place, key.hex()))
    ours = export.summaries_of(connection, session_id, line.session)
    clean = line.forgotten == ours.forgotten
    before = connection.total_changes()
    for one in line.client if clean else ():
        _merge_client_summary(connection, session_id, one, {key: place for place, key in threads.get("", [])})
    changed = connection.total_changes() > before
    covered = incoming.count_compacted(connection, session_id)
    if ours.of and not clean:
        return changed
    spans = _spans(line, threads)
    if not spans or _rank(line.of, sum(count for _, _, count in spans.values())) <= _rank(ours.of, covered):
        return changed
    _replace(connection, session_id, line.of, spans)
    if not clean:
        forget.retell(connection, session_id)
    return True


def _rank(found: list[lines.Summary], covered: int) -> tuple[int, int, list[str], list[tuple[str, str]]]:
    refined = sum(1 for one in found if one.method == summaries.MODEL)
    return covered, refined, sorted(one.id for one in found), sorted((one.id, one.text) for one in found)


def _spans(line: lines.Summaries, threads: dict[str, Places]) -> dict[str, tuple[int, int, int]]:
    """Return uid → (first place, last, messages) of a partition as it lies here; nothing if it does not fit.

    A leaf's uid is made from the keys of its messages, so that it proves itself. Leaves follow each other from a
    thread's first message on; what is condensed spans what is under it.
    """
    found: dict[str, tuple[int, int, int]] = {}
    for thread in {one.thread for one in line.of}:
        members = threads.get(thread, [])
        at = {key: number for number, (_, key) in enumerate(members)}
        leaves = [one for one in line.of if one.thread == thread and one.kind == summaries.LEAF]
        if any(one.first not in at or one.last not in at for one in leaves):
            return {}
        done = 0
        for leaf in sorted(leaves, key=lambda one: at[one.first]):
            start, end = at[leaf.first], at[leaf.last] + 1
            keys = [key for _, key in members[start:end]]
            if start != done or leaf.id != records.key_of("leaf", line.session, thread, *keys).hex():
                return {}
            found[leaf.id] = (members[start][0], members[end - 1][0], len(keys))
            done = end
    return found if _condensed_fit(line.of, found) else {}


def _condensed_fit(of: list[lines.Summary], spans: dict[str, tuple[int, int, int]]) -> bool:
    """Add the spans of condensed summaries to those of what is under them; False if a law of the DAG is broken."""
    by_id = {one.id: one for one in of}
    for one in of:
        if one.method == summaries.CLIENT or not one.tokens < one.source_tokens:
            return False
    for one in sorted(of, key=lambda each: each.depth):
        if one.kind != summaries.LEAF:
            under = [each for each in of if each.parent == one.id]
            if not under or any((each.depth + 1, each.thread) != (one.depth, one.thread) for each in under):
                return False
            inner = [spans[each.id] for each in under if each.id in spans]
            if len(inner) < len(under):
                return False
            spans[one.id] = (min(first for first, _, _ in inner), max(last for _, last, _ in inner), 0)
        if one.parent is not None and (one.parent not in by_id or by_id[one.parent].kind != summaries.CONDENSED):
            return False
    return len(by_id) == len(of) and all(one.id in spans for one in of)


def _replace(
    connection: apsw.Connection, session_id: int, of: list[lines.Summary], spans: dict[str, tuple[int, int, int]]
) -> None:
    laws.drop(connection, session_id)
    for one in of:
        first, last, _ = spans[one.id]
        summary_id = summaries.add(
            connection, bytes.fromhex(one.id), session_id, one.thread, one.kind, one.method, one.depth, (first, last),
            one.source_tokens, one.tokens, one.text, one.created_at,
        )  # fmt: skip
        if summary_id is not None and one.kind == summaries.LEAF:
            incoming.put_leaf(connection, session_id, one.thread, summary_id, first, last)
    for one in of:
        if one.parent is not None:
            incoming.put_under(connection, bytes.fromhex(one.id), bytes.fromhex(one.parent))


def _merge_client_summary(
    connection: apsw.Connection, session_id: int, one: lines.Summary, places: dict[str, int]
) -> None:
    """Merge one of the client's summaries; of two texts of one uid the one without a secret stays."""
    if one.first not in places or one.last not in places:
        return
    uid = bytes.fromhex(one.id)
    known = summaries.find(connection, uid)
    if known is None:
        summaries.add(
            connection, uid, session_id, one.thread, summaries.LEAF, summaries.CLIENT, 0,
            (places[one.first], places[one.last]), one.source_tokens, one.tokens, one.text, one.created_at,
        )  # fmt: skip
        return
    merging.merged(
        connection, "summary",
        {"uid": uid, "source_tokens": one.source_tokens, "tokens": one.tokens, "created_at": one.created_at},
    )  # fmt: skip
