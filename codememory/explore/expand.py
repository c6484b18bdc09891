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
        return {
            "id": found["id"],
            "summaries": [],
            "messages": [],
            "truncated": False,
            "next_cursor": None,
            "node": found,
        }
    shown: list[summaries.Summary] = []
    if kind == records.SUMMARY:
        whole_id, members = summaries.load(connection, row_id).id, summaries.covered(connection, row_id)
        shown = _levels(connection, [row_id], depth)
    elif kind == records.MESSAGE:
        message = messages.load(connection, row_id)
        whole_id, members = message.id, [(messages.place_of(connection, message.session_id, row_id), row_id)]
    else:
        whole_id = sessions.client_id_of(connection, row_id)
        members = [(place, message_id) for place, message_id, _ in sessions.messages_of(connection, row_id)]
        made = summaries.of_session(connection, row_id)
        roots = [one.summary_id for one in made if one.parent_id is None and one.method != summaries.CLIENT]
        shown = _levels(connection, roots, depth)
    page, next_cursor = _page(connection, members, token_budget, cursor) if include_messages else ([], None)
    return {
        "id": whole_id,
        "summaries": [
            {
                "id": one.id,
                "kind": one.kind,
                "method": one.method,
                "depth": one.depth,
                "tokens": one.tokens,
                "text": one.text,
            }
            for one in shown
        ],
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
