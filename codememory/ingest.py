"""Ingest a transcript's new lines exactly once: the cursor moves in the same transaction as the rows it produced."""

from __future__ import annotations

import os
import stat
from _blake2 import blake2b

from codememory import config, db, delta, records, transcript, wire
from codememory.budget import Deadline, is_tired
from codememory.errors import TranscriptError
from codememory.intake import Intake, make_ready
from codememory.store import sessions, transcripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import apsw

    from codememory.delta import Delta
    from codememory.store.transcripts import Cursor
    from codememory.transcript import Line

FINGERPRINT_BYTES = 256
LINE_BYTES_MAX = 4_000_000
"""A longer line would take a hook more memory than it may have: it is passed over, and `backfill` takes it in."""

STEP_BYTES = 256_000
"""What is taken in between two looks at the deadline."""

TIRED_BYTES = 50_000
"""The same after a hook that ran out of time: a longer line may have been why."""

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
    ahead: Delta | None = None
    while True:
        ahead = ahead.rest if ahead and ahead.rest else read_ahead(connection, path, STEP_BYTES)
        db.begin(connection)
        try:
            at_end = step(connection, path, now, total, folder=folder, ahead=ahead, is_due=db.due(connection))
            connection.execute("COMMIT")
        except BaseException:
            db.roll_back(connection)
            raise
        db.shorten_wal(connection, db.WAL_BYTES_MAX)
        if at_end or (deadline is not None and deadline.passed()):
            return total
        db.give_way(connection)


def pace() -> tuple[int, int]:
    """Return how much a hook takes in at once, and how long a line: little of both once one ran out of time over it."""
    return (TIRED_BYTES, TIRED_BYTES) if is_tired() else (STEP_BYTES, LINE_BYTES_MAX)


def read_ahead(
    connection: apsw.Connection, path: str, bytes_max: int = STEP_BYTES, line_bytes_max: int = LINE_BYTES_MAX
) -> Delta | None:
    """Read what `step` is to take in next and make it ready for the store, while nobody has to wait for it.

    None if there is nothing, or nothing plain: `step` looks itself.
    """
    position = transcripts.position_of(connection, path)
    if not needs_ingest(path, position):
        return None
    offset = position[0] if position else 0
    session, agent = names_in(path)
    redacting = config.setting("REDACT")

    def ready(line: Line) -> None:
        try:
            make_ready(line, redacting)
        except TimeoutError:
            raise
        except Exception:  # the step meets it again, and tells of it
            line.prepared = None

    try:
        file = _opened(path)
    except TranscriptError:
        return None
    try:
        data = _read(file, offset, bytes_max, line_bytes_max)
    except OSError:
        return None
    finally:
        os.close(file)
    return delta.read(data, offset, session, agent, met=ready) if data else None


def step(
    connection: apsw.Connection,
    path: str,
    now: int,
    total: Progress,
    *,
    folder: str = "",
    bytes_max: int = STEP_BYTES,
    ahead: Delta | None = None,
    line_bytes_max: int = LINE_BYTES_MAX,
    is_due: Callable[[], bool] | None = None,
) -> bool:
    """Ingest up to about `bytes_max` bytes inside the caller's transaction; True once nothing whole is left.

    `folder` is the project's folder, for lines that name none. A line longer than `bytes_max` is taken whole, one
    longer than `line_bytes_max` is left to `long_lines.take`.
    `ahead` is what was read of the file before; it is taken if it is what comes next, up to a line before which
    `is_due` tells to end; what is left of it is its `rest` then.

    Raises:
        TranscriptError: The path is no readable file.

    """
    file = _opened(path)
    try:
        session, agent = names_in(path)
        cursor = transcripts.cursor_of(connection, path, agent)
        _notice_rewrite(connection, file, cursor)
        found = _begun_before(connection, file, cursor)
        if found is None and ahead is not None and ahead.start == cursor.byte_offset:
            found = ahead
        else:
            is_due = None
        if found is None:
            data = _read(file, cursor.byte_offset, bytes_max, line_bytes_max)
            if data is None:
                from codememory import long_lines

                found = long_lines.pass_over(connection, file, cursor, cursor.byte_offset)
            else:
                found = delta.read(data, cursor.byte_offset, session, agent)
        intake = Intake(connection, cursor.transcript_id, folder or os.path.dirname(path), now, bool(cursor.rereading))
        take(found, cursor, intake, session, total, is_due)
        intake.close()
        total.messages_added += intake.messages_added
        total.failures_added += intake.failures_added
        total.bytes += found.size
        cursor.byte_offset += found.size
        seen = os.fstat(file)
        cursor.inode = seen.st_ino
        cursor.modified_at = seen.st_mtime_ns
        cursor.fingerprint = _fingerprint(file, cursor.byte_offset)
        at_end = found.size == 0 or cursor.byte_offset >= seen.st_size
        if cursor.byte_offset >= cursor.rereading:
            cursor.rereading = 0
        total.behind_bytes = max(0, seen.st_size - cursor.byte_offset)
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
    except (OSError, ValueError):
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


def _begun_before(connection: apsw.Connection, file: int, cursor: Cursor) -> Delta | None:
    """Go on passing over a long line whose end was not found before; None if the cursor stands at a line's start."""
    if not cursor.byte_offset or read_at(file, 1, cursor.byte_offset - 1) == b"\n":
        return None
    from codememory import long_lines

    return long_lines.go_on(connection, file, cursor)


def _notice_rewrite(connection: apsw.Connection, file: int, cursor: Cursor) -> None:
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
    transcripts.forget_long_lines(connection, cursor.transcript_id)


def _fingerprint(file: int, offset: int) -> bytes:
    """Hash the last bytes before the cursor and the file's first, by which a rewrite is told from growth."""
    start = max(0, offset - FINGERPRINT_BYTES)
    head = read_at(file, min(offset, FINGERPRINT_BYTES), 0)
    return blake2b(head + read_at(file, offset - start, start), digest_size=8).digest()


def read_at(file: int, count: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(file, count, offset)
    os.lseek(file, offset, os.SEEK_SET)  # Windows
    return os.read(file, count)


def _read(file: int, offset: int, bytes_max: int, line_bytes_max: int) -> bytes | None:
    """Read whole lines: `bytes_max`, and on to the next line's end if there is none in it; None for too long a line."""
    data = read_at(file, bytes_max, offset)
    if len(data) < bytes_max:
        return data
    newline = data.rfind(b"\n")
    parts = [data]
    size = len(data)
    while newline < 0:
        more = read_at(file, bytes_max, offset + size)
        if not more:
            return b"".join(parts)
        size += len(more)
        if size > line_bytes_max:
            return None
        newline = more.rfind(b"\n")
        parts.append(more[: newline + 1] if newline >= 0 else more)
    return b"".join(parts) if len(parts) > 1 else data[: newline + 1]


def take(
    found: Delta, cursor: Cursor, intake: Intake, session: str, total: Progress,
    is_due: Callable[[], bool] | None = None,
) -> None:  # fmt: skip
    """Take in what was read of a transcript, all of it or up to a line before which it is due to end."""
    intake.look_for([item for item in found.items if not isinstance(item, dict)])
    for place, item in enumerate(found.items):
        if isinstance(item, dict):
            _note(item, cursor, intake, session)
            continue
        if is_due is not None and item.offset > found.start and is_due():
            found.cut(place, item.offset)
            break
        if item.created_at:
            cursor.last_at = item.created_at
        else:
            item.created_at = cursor.last_at
        try:
            intake.take(item)
        except (ValueError, RecursionError):  # nested too deep to be written, or to be looked through for secrets
            cursor.broken_lines += 1
            continue
        opened = intake.opened.get(item.session)
        if cursor.session_id is None and opened:  # none of a switched-off project
            cursor.session_id = opened.session.session_id
    cursor.lines += found.lines
    total.lines += found.lines
    cursor.broken_lines += found.broken_lines
    cursor.other_lines += found.other_lines


def _note(value: dict[str, Any], cursor: Cursor, intake: Intake, session: str) -> None:
    """Note what a line that is no conversation tells: a compaction of the client, or the delivery of an injection."""
    if not transcript.is_boundary(value):
        _note_delivery(value, cursor, intake, session)
    elif not cursor.rereading:
        owner, cwd = value.get("sessionId"), value.get("cwd")
        owner_id = wire.storable(owner) if isinstance(owner, str) and owner else session
        entry = intake.session_of(owner_id, wire.storable(cwd) if isinstance(cwd, str) else "", cursor.last_at)
        at = records.milliseconds(value.get("timestamp")) or cursor.last_at
        sessions.count_boundary(intake.connection, entry.session.session_id, at)


def _note_delivery(value: dict[str, Any], cursor: Cursor, intake: Intake, session: str) -> None:
    """Note the client's own record of what a hook told the model: it proves the delivery."""
    attachment = value.get("attachment")
    if not isinstance(attachment, dict) or attachment.get("type") != "hook_additional_context" or cursor.rereading:
        return
    owner = value.get("sessionId")
    owner_id = wire.storable(owner) if isinstance(owner, str) and owner else session
    at = records.milliseconds(value.get("timestamp")) or cursor.last_at
    if attachment.get("hookEvent") == "SessionStart":
        entry = intake.session_of(owner_id, "", cursor.last_at)
        sessions.note_seen(intake.connection, entry.session.session_id, at)
    content = attachment.get("content")
    texts = content if isinstance(content, list) else [content]
    given = "\n".join(text for text in texts if isinstance(text, str))
    if given:
        from codememory.store import ledger

        ledger.confirm(intake.connection, owner_id, cursor.agent, given, at)
