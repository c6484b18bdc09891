"""Lines too long for a hook's memory: passed over, remembered by their place, and taken in by `backfill`."""

from __future__ import annotations

import os

from codememory import db, ingest
from codememory.delta import Delta, read
from codememory.intake import Intake
from codememory.store import transcripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.ingest import Progress
    from codememory.store.transcripts import Cursor

BYTES_MAX = 256_000_000
"""A longer line is nobody's conversation: it is never taken in, and `doctor` says so."""

CHUNK_BYTES = 1_000_000
SCAN_BYTES_MAX = 32_000_000
"""How much is looked through for a line's end in one transaction."""


def go_on(connection: apsw.Connection, file: int, cursor: Cursor) -> Delta | None:
    """Pass over more of a line whose end was not found yet; None if there is no such line."""
    for offset, size, ended in transcripts.long_lines(connection, cursor.transcript_id):
        if not ended and offset + size == cursor.byte_offset:
            return pass_over(connection, file, cursor, offset)
    return None


def pass_over(connection: apsw.Connection, file: int, cursor: Cursor, offset: int) -> Delta:
    """Pass over a line that begins at `offset`, from the cursor to its end or as far as one look goes."""
    found = Delta(cursor.byte_offset)
    ended = False
    while not ended and found.size < SCAN_BYTES_MAX:
        chunk = ingest.read_at(file, CHUNK_BYTES, cursor.byte_offset + found.size)
        if not chunk:
            break
        newline = chunk.find(b"\n")
        ended = newline >= 0
        found.size += newline + 1 if ended else len(chunk)
    found.lines = int(ended)
    transcripts.keep_long_line(
        connection, cursor.transcript_id, offset, cursor.byte_offset + found.size - offset, ended
    )
    return found


def take(connection: apsw.Connection, path: str, now: int, total: Progress, bytes_max: int = BYTES_MAX) -> None:
    """Take in the lines of a file that were passed over, each in a transaction of its own, those too long left out."""
    session, agent = ingest.names_in(path)
    while True:
        db.begin(connection)
        try:
            cursor = transcripts.cursor_of(connection, path, agent)
            waiting = [one for one in transcripts.long_lines(connection, cursor.transcript_id) if one[1] <= bytes_max]
            taken = any(_take_one(connection, path, cursor, *one, session, now, total) for one in waiting)
            connection.execute("COMMIT")
        except BaseException:
            db.roll_back(connection)
            raise
        if not taken:
            return
        db.give_way(connection)


def _take_one(
    connection: apsw.Connection, path: str, cursor: Cursor, offset: int, size: int, ended: int, session: str, now: int,
    total: Progress,
) -> bool:  # fmt: skip
    """Take in one line; False if it is half written."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        found = read(ingest.read_at(file, size, offset), offset, session, cursor.agent)
    finally:
        os.close(file)
    if not ended and not found.size:
        return False
    found.lines = 0  # counted as it was passed over
    intake = Intake(connection, cursor.transcript_id, os.path.dirname(path), now, bool(cursor.rereading))
    ingest.take(found, cursor, intake, session, total)
    intake.close()
    total.messages_added += intake.messages_added
    total.failures_added += intake.failures_added
    transcripts.forget_long_lines(connection, cursor.transcript_id, offset)
    transcripts.save(connection, cursor)
    return True
