"""Ingest a transcript's new lines exactly once: the cursor moves in the same transaction as the rows it produced."""

from __future__ import annotations

import os
import stat
from _blake2 import blake2b

from codememory import db, records, transcript, wire
from codememory.budget import Deadline
from codememory.errors import TranscriptError
from codememory.intake import Intake
from codememory.store import sessions, transcripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.store.transcripts import Cursor

BATCH_BYTES = 2_000_000
"""What one transaction takes in; other processes wait for its lock that long (measured: about 40 ms)."""

FINGERPRINT_BYTES = 256
HOOK_STEP_BYTES = 256_000
"""What a hook takes in between two looks at its deadline."""

SUFFIX = ".jsonl"


class Progress:
    """What an ingest did; `behind_bytes` is what it left."""

    __slots__ = ("behind_bytes", "bytes", "failures_added", "lines", "messages_added")

    def __init__(self) -> None:
        self.lines = self.messages_added = self.failures_added = self.bytes = self.behind_bytes = 0


def ingest(
    connection: apsw.Connection, path: str, now: int, *, deadline: Deadline | None = None, folder: str = ""
) -> Progress:
    """Ingest a file to its end, or until the deadline, in transactions of its own.

    Raises:
        TranscriptError: The path is no readable file.

    """
    total = Progress()
    while True:
        connection.execute("BEGIN IMMEDIATE")
        try:
            at_end = step(connection, path, now, total, folder=folder)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        db.shorten_wal(connection, db.WAL_BYTES_MAX)
        if at_end or (deadline is not None and deadline.passed()):
            return total


def step(
    connection: apsw.Connection,
    path: str,
    now: int,
    total: Progress,
    *,
    folder: str = "",
    bytes_max: int = BATCH_BYTES,
) -> bool:
    """Ingest up to about `bytes_max` bytes inside the caller's transaction; True once nothing whole is left.

    `folder` is the project's folder, for lines that name none. A line longer than `bytes_max` is taken whole.

    Raises:
        TranscriptError: The path is no readable file.

    """
    file = _opened(path)
    try:
        session, agent = names_in(path)
        cursor = transcripts.cursor_of(connection, path, agent)
        _notice_rewrite(file, cursor)
        data = _read(file, cursor.byte_offset, bytes_max)
        intake = Intake(connection, cursor.transcript_id, folder or os.path.dirname(path), now, bool(cursor.rereading))
        consumed = _take_lines(data, cursor, intake, session, total)
        intake.close()
        total.messages_added += intake.messages_added
        total.failures_added += intake.failures_added
        total.bytes += consumed
        cursor.byte_offset += consumed
        found = os.fstat(file)
        cursor.inode = found.st_ino
        cursor.modified_at = found.st_mtime_ns
        cursor.fingerprint = _fingerprint(file, cursor.byte_offset)
        at_end = consumed == 0 or cursor.byte_offset >= found.st_size
        if cursor.byte_offset >= cursor.rereading:
            cursor.rereading = 0
        total.behind_bytes = max(0, found.st_size - cursor.byte_offset)
        transcripts.save(connection, cursor)
        return at_end
    finally:
        os.close(file)


def names_in(path: str) -> tuple[str, str]:
    """Return (session id, subagent id or '') that a transcript's path tells.

    The client writes `<session>.jsonl` and `<session>/subagents/agent-<id>.jsonl`.
    """
    folder, name = os.path.split(path)
    stem = name.removesuffix(SUFFIX)
    parent, last = os.path.split(folder)
    if last == "subagents" and stem.startswith("agent-"):
        return os.path.basename(parent), stem.removeprefix("agent-")
    return stem, stem.removeprefix("agent-") if stem.startswith("agent-") else ""


def needs_ingest(path: str, position: tuple[int, int, int] | None) -> bool:
    """Tell whether a file has changed since it was ingested to (offset, inode, modification time)."""
    try:
        found = os.stat(path)
    except OSError:
        return False
    if position is None:
        return found.st_size > 0
    return position != (found.st_size, found.st_ino, found.st_mtime_ns)


def _opened(path: str) -> int:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise TranscriptError(f"The transcript {path} cannot be read: {error}.") from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise TranscriptError(f"{path} is no transcript: it is not a regular file.")
    return file


def _notice_rewrite(file: int, cursor: Cursor) -> None:
    """Send the cursor back to the beginning if the file is not the one it was moved over, only longer.

    Not longer, but touched, counts as rewritten too: reading again adds nothing that is stored already.
    """
    if cursor.byte_offset == 0:
        return
    found = os.fstat(file)
    same_file = found.st_ino == cursor.inode and found.st_size >= cursor.byte_offset
    touched = found.st_size == cursor.byte_offset and found.st_mtime_ns != cursor.modified_at
    if same_file and not touched and _fingerprint(file, cursor.byte_offset) == cursor.fingerprint:
        return
    # Up to where it was read before: it may be caught half written, and what follows is rewritten too.
    cursor.rereading = max(cursor.rereading, cursor.byte_offset)
    cursor.byte_offset = cursor.lines = cursor.broken_lines = cursor.other_lines = 0
    cursor.rewrites += 1


def _fingerprint(file: int, offset: int) -> bytes:
    """Hash the last bytes before the cursor and the file's first, by which a rewrite is told from growth."""
    start = max(0, offset - FINGERPRINT_BYTES)
    head = _pread(file, min(offset, FINGERPRINT_BYTES), 0)
    return blake2b(head + _pread(file, offset - start, start), digest_size=8).digest()


def _pread(file: int, count: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(file, count, offset)
    os.lseek(file, offset, os.SEEK_SET)  # Windows
    return os.read(file, count)


def _read(file: int, offset: int, bytes_max: int) -> bytes:
    """Read whole lines: `bytes_max`, and on to the next line's end if there is none in it."""
    data = _pread(file, bytes_max, offset)
    if len(data) < bytes_max:
        return data
    newline = data.rfind(b"\n")
    parts = [data]
    while newline < 0:
        more = _pread(file, bytes_max, offset + sum(map(len, parts)))
        if not more:
            return b"".join(parts)
        newline = more.rfind(b"\n")
        parts.append(more[: newline + 1] if newline >= 0 else more)
    return b"".join(parts) if len(parts) > 1 else data[: newline + 1]


def _take_lines(data: bytes, cursor: Cursor, intake: Intake, session: str, total: Progress) -> int:
    """Take in the lines of `data` and return the bytes consumed; a last line that is half written is not."""
    start = cursor.byte_offset
    for offset, raw, ended in transcript.complete_lines(data, start):
        try:
            values = transcript.decoded(raw)
        except ValueError:
            if not ended:
                return offset - start
            values = [None]
        if not values:  # blank, or the end of a line that was taken without it
            continue
        cursor.lines += 1
        total.lines += 1
        for value in values:
            _take_value(value, raw, offset, cursor, intake, session)
    return len(data)


def _take_value(value: object, raw: bytes, offset: int, cursor: Cursor, intake: Intake, session: str) -> None:
    if not isinstance(value, dict):
        cursor.broken_lines += 1
        return
    line = transcript.conversation_line(value, session, cursor.agent, offset, len(raw))
    if line is None:
        cursor.other_lines += 1
        if value.get("type") == "attachment":
            _note_delivery(value, cursor, intake, session)
        if transcript.is_boundary(value) and not cursor.rereading:
            owner = value.get("sessionId")
            owner_id = wire.storable(owner) if isinstance(owner, str) and owner else session
            cwd = value.get("cwd")
            entry = intake.session_of(owner_id, wire.storable(cwd) if isinstance(cwd, str) else "", cursor.last_at)
            at = records.milliseconds(value.get("timestamp")) or cursor.last_at
            sessions.count_boundary(intake.connection, entry.session.session_id, at)
        return
    if line.created_at:
        cursor.last_at = line.created_at
    else:
        line.created_at = cursor.last_at
    line.is_plain = not wire.may_hold_unstorable(raw)
    try:
        intake.take(line)
    except (ValueError, RecursionError):  # nested too deep to be written, or to be looked through for secrets
        cursor.broken_lines += 1
        return
    opened = intake.opened.get(line.session)
    if cursor.session_id is None and opened:  # none of a switched-off project
        cursor.session_id = opened.session.session_id


def _note_delivery(value: dict[str, Any], cursor: Cursor, intake: Intake, session: str) -> None:
    """Note the client's own record of an injection at SessionStart: it proves the delivery."""
    attachment = value.get("attachment")
    if not isinstance(attachment, dict) or attachment.get("hookEvent") != "SessionStart":
        return
    if attachment.get("type") == "hook_additional_context" and not cursor.rereading:
        owner = value.get("sessionId")
        entry = intake.session_of(owner if isinstance(owner, str) and owner else session, "", cursor.last_at)
        at = records.milliseconds(value.get("timestamp")) or cursor.last_at
        sessions.note_seen(intake.connection, entry.session.session_id, at)
