"""The messages and summaries of one session as one JSON text; what is stored as JSON is passed on without a look."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import apsw

from codememory import codec, records, wire
from codememory.picture.calls import Calls, message_id
from codememory.picture.cut import Cutter
from codememory.store import summaries

LOOK_WORDS = ("NaN", "Infinity", '"base64"', '"signature"')
"""A text with one of these is looked into whatever its length: numbers that are no JSON, images, seals of thoughts."""

DAMAGED = '[{"type":"text","text":"This message is damaged in the database; codememory doctor tells more."}]'


def chunk_of(
    connection: apsw.Connection, session_id: int, rows: Iterable[tuple[Any, ...]], calls: Calls, cutter: Cutter,
    *, summarised: bool = True,
) -> tuple[str, int]:  # fmt: skip
    """Return (JSON of a session's messages and, where wanted, summaries, how many messages are in it)."""
    made = summaries.of_session(connection, session_id) if summarised else []
    places = {one.summary_id: position for position, one in enumerate(made)}
    shown = [_message(row, places, calls, cutter) for row in rows]
    over = wire.encoded([_summary(one, places) for one in made])
    return f'{{"messages":[{",".join(shown)}],"summaries":{over}}}', len(shown)


def _message(row: tuple[Any, ...], places: dict[int, int], calls: Calls, cutter: Cutter) -> str:
    row_id, key, place, thread, role, kind, tier, tokens, at, leaf, blocks_codec, blocks, extra_codec, extra = row
    head: dict[str, Any] = {
        "id": message_id(key), "seq": place, "thread": thread, "role": role, "kind": kind, "tier": tier,
        "tokens": tokens, "at": at, "leaf": places.get(leaf),
    }  # fmt: skip
    made = [
        {"id": one[1], "outcome": one[4], "exit": one[5], "ended_at": one[7], "edit": bool(one[10])}
        for one in calls.of_message.get(row_id, ())
    ]
    if made:
        head["calls"] = made
    text = f'{wire.encoded(head)[:-1]},"blocks":{_payload(blocks_codec, blocks, cutter)}'
    if extra is not None:
        text += f',"extra":{_payload(extra_codec, extra, cutter)}'
    return text + "}"


def _payload(payload_codec: int, payload: bytes, cutter: Cutter) -> str:
    try:
        text = codec.unpacked(payload_codec, payload)
        value = wire.decoded(text)
        if len(text) <= cutter.chars_max and not any(word in text for word in LOOK_WORDS):
            return text
        return wire.encoded(cutter.blocks(value))
    except (ValueError, RecursionError):
        return DAMAGED


def _summary(one: summaries.Summary, places: dict[int, int]) -> dict[str, Any]:
    return {
        "id": records.id_of(records.SUMMARY, one.uid),
        "kind": one.kind,
        "method": one.method,
        "depth": one.depth,
        "parent": places.get(one.parent_id or 0),
        "first": one.first_place,
        "last": one.last_place,
        "source_tokens": one.source_tokens,
        "tokens": one.tokens,
        "at": one.created_at,
        "text": one.text,
    }
