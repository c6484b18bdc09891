"""Sessions in one row each: what was asked first, how much was done, how much is under summaries."""

from __future__ import annotations

from typing import Any

import apsw

from codememory import codec, wire
from codememory.store import messages, whole

TITLE_CHARS_MAX = 160


def rows(connection: apsw.Connection, found: list[tuple[Any, ...]], roots: dict[int, str]) -> list[dict[str, Any]]:
    """Return the sessions, in the order given, as a picture shows them; times in milliseconds."""
    ids = [row[0] for row in found]
    sizes = {row[0]: row[1:] for row in whole.session_sizes(connection, ids)}
    calls = {row[0]: row[1:] for row in whole.session_calls(connection, ids)}
    summaries = {row[0]: row[1:] for row in whole.session_summaries(connection, ids)}
    titles = _titles(connection, [(one, size[-1]) for one, size in sizes.items() if size[-1] is not None])
    shown = []
    for session_id, client_id, project_id, started_at, last_at, compactions in found:
        count, prompts, tokens, compacted, threads, _ = sizes.get(session_id, (0, 0, 0, 0, 0, None))
        commands, edits, failed = calls.get(session_id, (0, 0, 0))
        made, depth = summaries.get(session_id, (0, -1))
        shown.append(
            {
                "id": client_id, "project": roots[project_id], "title": titles.get(session_id, ""),
                "started_at": started_at, "last_at": last_at, "compactions": compactions, "messages": count,
                "prompts": prompts, "tokens": tokens, "compacted": compacted, "agents": max(0, threads - 1),
                "commands": commands, "edits": edits, "failed": failed, "summaries": made, "depth": depth,
            }
        )  # fmt: skip
    return shown


def beginning(payload_codec: int, payload: bytes, chars_max: int) -> str:
    """Return the beginning of what a message says, on one line; '' for one that says nothing or is damaged."""
    try:
        text = messages.text_of(wire.decoded(codec.unpacked(payload_codec, payload)))
    except ValueError:
        return ""
    return " ".join(text[: chars_max * 4].split())[:chars_max]


def _titles(connection: apsw.Connection, places: list[tuple[int, int]]) -> dict[int, str]:
    """Return session → the beginning of its first prompt."""
    return {
        session_id: beginning(blocks_codec, blocks, TITLE_CHARS_MAX)
        for session_id, blocks_codec, blocks in whole.messages_at(connection, places)
    }
