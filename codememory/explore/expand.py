"""Expand a session, summary or message to the verbatim messages under it, page by page."""

from __future__ import annotations

from typing import Any

import apsw

from codememory import records
from codememory.errors import PatternError
from codememory.explore import shapes
from codememory.store import identity, messages, sessions, summaries


def expand(
    connection: apsw.Connection, wanted: str, *, token_budget: int, cursor: str | None, include_messages: bool = True
) -> dict[str, Any]:
    """Return `{id, summaries, messages, truncated, next_cursor}`; a budget of 0 is no limit.

    A page holds at least one message, however long it is, so that following the cursor ends.

    Raises:
        UnknownIdError: Nothing has this id.
        AmbiguousIdError: It is the beginning of several ids.
        PatternError: The cursor is none of ours.

    """
    kind, row_id = identity.resolve(connection, wanted)
    if kind == records.NODE:
        from codememory.explore.describe import node_of

        found = node_of(connection, row_id)
        return {"id": found["id"], "summaries": [], "messages": [], "truncated": False, "next_cursor": None, "node": found}
    shown: list[dict[str, Any]] = []
    members: list[tuple[int, int]] = []
    whole_id = wanted
    if kind == records.SUMMARY:
        summary = summaries.load(connection, row_id)
        whole_id = summary.id
        shown = [{"id": summary.id, "kind": summary.kind, "method": summary.method, "text": summary.text}]
    elif kind == records.MESSAGE:
        message = messages.load(connection, row_id)
        whole_id = message.id
        members = [(messages.place_of(connection, message.session_id, row_id), row_id)]
    else:
        whole_id = sessions.client_id_of(connection, row_id)
        members = [(place, message_id) for place, message_id, _ in sessions.messages_of(connection, row_id)]
    page, next_cursor = _page(connection, members, token_budget, cursor) if include_messages else ([], None)
    return {
        "id": whole_id,
        "summaries": shown,
        "messages": page,
        "truncated": next_cursor is not None,
        "next_cursor": next_cursor,
    }


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
