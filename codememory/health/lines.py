"""Was every line of the transcripts met: as many as the files have, up to where each of them was read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import apsw

from codememory import backfill, ingest
from codememory.health.finding import Finding, number
from codememory.store import health

COUNTED_BYTES_MAX = 2_000_000_000
"""Of the newest transcripts; what is older was counted when it was new."""

CHUNK_BYTES = 1_000_000
BLANK = b" \t\r\n"
BYTE_ORDER_MARK = "\ufeff".encode()


def look(connection: apsw.Connection) -> Finding:
    """Count the lines of the transcripts that are taken in whole."""
    missed = [path for _, path in _differing(connection)]
    if missed:
        return Finding(False, f"{number(len(missed), 'transcript')} with lines that were never met, as {missed[0]}")
    return Finding(True, "as many were met as the transcripts hold")


def read_again(connection: apsw.Connection) -> None:
    """Read the transcripts again in which lines were missed; what is stored already stays as it is."""
    found = list(_differing(connection))
    connection.execute("BEGIN IMMEDIATE")
    health.read_again(connection, [transcript_id for transcript_id, _ in found])
    connection.execute("COMMIT")
    backfill.backfill(connection, [path for _, path in found])


def _differing(connection: apsw.Connection) -> Iterator[tuple[int, str]]:
    """Yield (transcript, path) of each file that has not grown since it was read, and has not the lines met in it."""
    left = COUNTED_BYTES_MAX
    for transcript_id, path, lines, *position in health.lines_met(connection):
        left -= position[0]
        if left < 0:
            return
        if not ingest.needs_ingest(path, (position[0], position[1], position[2])):
            with suppress(OSError):
                if not (_are_all(lines, _ends_in(path)) or _are_all(lines, _lines_in(path))):
                    yield transcript_id, path


def _are_all(met: int, count: int) -> bool:
    """Tell whether so many met lines are all; older programs counted a file once more that was read again."""
    return met == count or (count > 0 and met > 0 and met % count == 0)


def _ends_in(path: str) -> int:
    """Count the ends of lines: in nearly every file as many as it has lines."""
    count = 0
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            count += chunk.count(b"\n")
    return count


def _lines_in(path: str) -> int:
    """Count the lines that are not blank."""
    with open(path, "rb") as file:
        return sum(bool(line.removeprefix(BYTE_ORDER_MARK).strip(BLANK)) for line in file)
