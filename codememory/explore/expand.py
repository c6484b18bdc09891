"""Expand a session, summary or message to the verbatim messages under it, page by page."""

from __future__ import annotations

from typing import Any

import apsw

from codememory import records
from codememory.errors import PatternError
from codememory.explore import shapes
from codememory.store import identity, messages, sessions, summaries


def expand(
    connection: apsw.Connection,
    wanted: str,
    *,
    token_budget: int,
    cursor: str | None,
    depth: int = 1,
    include_messages: bool = True,
) -> dict[str, Any]:
    """Return `{id, summaries, messages, truncated, next_cursor}`; a budget of 0 is no limit.

    `depth` is how many levels of summaries are shown; the messages under all of them come whatever it is. A page holds
    at least one message, however long it is, so that following the cursor ends.

    Raises:
        UnknownIdError: Nothing has this id.
        AmbiguousIdError: It is the beginning of several ids.
        PatternError: The cursor is none of ours.

    """
    kind, row_id = identity.resolve(connection, wanted)
    if kind == records.NODE:
        from codememory.explore.describe import node_of

        found = node_of(connection, row_id)
        return {**_document(found["id"], [], [], None), "node": found}
    whole_id, roots, members = _under(connection, kind, row_id)
    page, next_cursor = _page(connection, members, token_budget, cursor) if include_messages else ([], None)
    return _document(whole_id, _levels(connection, roots, depth), page, next_cursor)


def _under(connection: apsw.Connection, kind: str, row_id: int) -> tuple[str, list[int], list[tuple[int, int]]]:
    """Return the whole id of a summary, message or session, its topmost summaries, and (place, id) of its messages."""
    if kind == records.SUMMARY:
        return summaries.load(connection, row_id).id, [row_id], summaries.covered(connection, row_id)
    if kind == records.MESSAGE:
        message = messages.load(connection, row_id)
        return message.id, [], [(messages.place_of(connection, message.session_id, row_id), row_id)]
    made = summaries.of_session(connection, row_id)
    roots = [one.summary_id for one in made if one.parent_id is None and one.method != summaries.CLIENT]
    members = [(place, message_id) for place, message_id, _ in sessions.messages_of(connection, row_id)]
    return sessions.client_id_of(connection, row_id), roots, members


def _document(
    whole_id: str, shown: list[summaries.Summary], page: list[dict[str, Any]], next_cursor: str | None
) -> dict[str, Any]:
    names = ("id", "kind", "method", "depth", "tokens", "text")
    return {
        "id": whole_id,
        "summaries": [{name: getattr(one, name) for name in names} for one in shown],
        "messages": page,
        "truncated": next_cursor is not None,
        "next_cursor": next_cursor,
    }


def _levels(
    connection: apsw.Connection, roots: list[int], depth: int, below: int | None = None
) -> list[summaries.Summary]:
    """Return the summaries of the first `depth` levels from the roots down, each before its children.

    A child is less deep than its parent; what a broken database says against that is left out.
    """
    found: list[summaries.Summary] = []
    for root in roots if depth > 0 else []:
        one = summaries.load(connection, root)
        if below is None or one.depth < below:
            found.append(one)
            found += _levels(connection, summaries.children(connection, root), depth - 1, one.depth)
    return found


def _page(
    connection: apsw.Connection, members: list[tuple[int, int]], token_budget: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    if cursor is not None and not cursor.isdecimal():
        raise PatternError(f"{cursor!r} is no cursor: take next_cursor from the page before.")
    start = int(cursor) if cursor else 0
    page: list[dict[str, Any]] = []
    tokens = 0
    for place, message_id in members:
        if place < start:
            continue
        message = messages.load(connection, message_id)
        tokens += message.tokens
        if token_budget and tokens > token_budget and page:
            return page, str(place)
        page.append(shapes.message(message, place))
    return page, None
