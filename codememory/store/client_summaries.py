"""The summaries that the client itself writes at its compactions: told by a hook, by the transcript, or by both."""

from __future__ import annotations

from codememory import db, records
from codememory.store import summaries
from codememory.store.summaries import Summary

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

LOOKED_AT = 4
CORE_CHARS_MAX = 2_000
"""How much of a summary is compared to tell it from another."""


def place_before(connection: apsw.Connection, session_id: int, before: int) -> int:
    """Return the place of the client's latest summary line before a place of the main thread, 0 without any."""
    return db.first(
        connection,
        "SELECT coalesce(max(b.place), 0) FROM membership b JOIN message m ON m.message_id = b.message_id"
        " WHERE b.session_id = ? AND b.thread = '' AND b.place < ? AND m.kind = 'summary'",
        (session_id, before),
    )[0]


def keep(connection: apsw.Connection, session_id: int, client_id: str, text: str, tokens: int, at: int) -> bool:
    """Keep the summary a hook was told of; False if it is here, by the hook or by its line in the transcript.

    The transcript lags, so that what it covers is provisional (no source tokens yet) until its line is taken in.
    """
    if any(_same_text(text, one.text) for one in _latest(connection, session_id)):
        return False
    place_next, epoch = db.first(
        connection, "SELECT place_next, max(boundaries, compactions) FROM session WHERE session_id = ?", (session_id,)
    )
    settled = db.first(
        connection,
        "SELECT count(*) FROM summary WHERE session_id = ? AND method = 'client' AND source_tokens > 0",
        (session_id,),
    )[0]
    if 0 < epoch <= settled:
        return False
    first = place_before(connection, session_id, place_next)
    uid = records.key_of("client", client_id, text)
    places = (first, max(first, place_next - 1))
    made = summaries.add(
        connection, uid, session_id, "", summaries.LEAF, summaries.CLIENT, 0, places, 0, tokens, text, at
    )
    return made is not None


def settle(
    connection: apsw.Connection, session_id: int, client_id: str, place: int, text: str, tokens: int, at: int
) -> None:
    """Give the client's summary, whose line stands at a place of the main thread, exactly what it covers.

    That is everything after the boundary before, the earlier summary's line included. Without a hook's copy the line
    itself becomes the summary; one with nothing before it continues another session and covers nothing of this.
    """
    first = place_before(connection, session_id, place)
    last, source_tokens = db.first(
        connection,
        "SELECT max(b.place), coalesce(sum(m.tokens), 0) FROM membership b"
        " JOIN message m ON m.message_id = b.message_id WHERE b.session_id = ? AND b.thread = ''"
        " AND b.place >= ? AND b.place < ?",
        (session_id, first, place),
    )
    if last is None:
        return
    waiting = [one for one in _latest(connection, session_id) if not one.source_tokens]
    same = [one for one in waiting if _same_text(one.text, text)] or waiting[-1:]
    if same:
        connection.execute(
            "UPDATE summary SET first_place = ?, last_place = ?, source_tokens = ? WHERE summary_id = ?",
            (first, last, max(1, source_tokens), same[0].summary_id),
        )
        return
    uid = records.key_of("client", client_id, text)
    summaries.add(
        connection, uid, session_id, "", summaries.LEAF, summaries.CLIENT, 0, (first, last), max(1, source_tokens),
        tokens, text, at,
    )  # fmt: skip


def _latest(connection: apsw.Connection, session_id: int) -> list[Summary]:
    """Return the last summaries the client wrote for a session, the newest first."""
    found = db.rows(
        connection,
        f"SELECT {summaries.FIELDS} FROM summary y JOIN session s ON s.session_id = y.session_id"
        " JOIN project p ON p.project_id = s.project_id WHERE y.session_id = ? AND thread = '' AND method = 'client'"
        " ORDER BY summary_id DESC LIMIT ?",
        (session_id, LOOKED_AT),
    )
    return [Summary(row) for row in found]


def _same_text(one: str, other: str) -> bool:
    """Tell whether two texts are one summary: the transcript's line wraps what the hook is told in more words."""
    cores = ["".join(_core(text).split())[:CORE_CHARS_MAX] for text in (one, other)]
    wholes = ["".join(text.split()) for text in (one, other)]
    return bool(cores[0] and cores[1]) and (cores[0] in wholes[1] or cores[1] in wholes[0])


def _core(text: str) -> str:
    """Return what stands between the client's summary tags, else the whole."""
    inner = text.partition("<summary>")[2].partition("</summary>")[0]
    return inner if inner.strip() else text
