"""Import existing transcripts, the oldest first, so that history arrives in its own order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from time import time

import apsw

from codememory import config, db, ingest, wire
from codememory.errors import TranscriptError
from codememory.moments.session_start import transcripts_below
from codememory.store import transcripts

SNIFF_BYTES = 262_144


def files_of(paths: Iterable[str]) -> list[str]:
    """Return the transcripts under the paths, the oldest first; without a path those of all the client's projects.

    Raises:
        TranscriptError: A path does not exist, or is a file that holds no JSON object.

    """
    given = list(paths)
    found: list[str] = []
    for path in given or [os.path.join(config.config_folder(), "projects")]:
        whole = wire.storable(os.path.abspath(os.path.expanduser(path)))
        if os.path.isdir(whole):
            found += _below(whole)
        elif not given:
            continue
        elif not os.path.exists(whole):
            raise TranscriptError(f"{path} does not exist.")
        elif not os.path.isfile(whole):
            raise TranscriptError(f"{path} is no transcript: it is not a regular file.")
        else:
            _require_transcript(whole)
            found.append(whole)
    return sorted(dict.fromkeys(found), key=lambda path: (os.stat(path).st_mtime_ns, path))


def behind(connection: apsw.Connection, files: list[str]) -> list[str]:
    """Return those of the files that are ahead of their cursors."""
    return [path for path in files if ingest.needs_ingest(path, transcripts.position_of(connection, path))]


def backfill(
    connection: apsw.Connection, files: list[str], advance: Callable[[str, int], None] = lambda path, size: None
) -> tuple[ingest.Progress, list[str]]:
    """Ingest the files and return (what was done, one sentence for each file that could not be read).

    `advance` is told of each file's path and the bytes taken in, as they are.
    """
    total = ingest.Progress()
    problems: list[str] = []
    for path in files:
        try:
            _ingest_one(connection, path, total, advance)
        except TranscriptError as error:
            problems.append(str(error))
    return total, problems


def _ingest_one(
    connection: apsw.Connection, path: str, total: ingest.Progress, advance: Callable[[str, int], None]
) -> None:
    at_end = False
    while not at_end:
        before = total.bytes
        connection.execute("BEGIN IMMEDIATE")
        try:
            at_end = ingest.step(connection, path, int(time() * 1000), total)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        db.shorten_wal(connection, db.WAL_BYTES_MAX)
        advance(path, total.bytes - before)


def _below(folder: str) -> list[str]:
    """Return the transcripts of a project folder, or of a folder of such, or of any folder of folders."""
    found = transcripts_below(folder)
    seen = set(found)
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            if name.endswith(ingest.SUFFIX) and path not in seen and wire.storable(path) == path:
                found.append(path)
    return found


def _require_transcript(path: str) -> None:
    """Raise TranscriptError unless a file begins like a transcript: an early line is a JSON object, or it is empty."""
    try:
        with open(path, "rb") as file:
            head = file.read(SNIFF_BYTES)
    except OSError as error:
        raise TranscriptError(f"The transcript {path} cannot be read: {error.strerror}.") from error
    if not head.strip():
        return
    for line in head.splitlines():
        try:
            if any(isinstance(value, dict) for value in wire.decoded_all(wire.from_bytes(line))):
                return
        except ValueError:
            continue
    if head.startswith(b"{") and len(head) == SNIFF_BYTES:  # one line longer than what was looked at
        return
    raise TranscriptError(f"{path} is no transcript: none of its lines is a JSON object.")
