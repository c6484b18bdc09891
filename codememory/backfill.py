"""Import existing transcripts, the oldest first, so that history arrives in its own order."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic, time
from typing import TYPE_CHECKING

import apsw

from codememory import config, db, ingest, long_lines, renames, wire
from codememory.errors import TranscriptError
from codememory.store import transcripts

if TYPE_CHECKING:
    from codememory import ahead
    from codememory.delta import Delta

SNIFF_BYTES = 262_144

HELD_SECONDS_MAX = 0.1
"""How long a transaction lasts, and others wait who cannot say that they do (`turn`); who says so, waits less."""

CACHE_KILOBYTES = 16_000

WAL_BYTES_MAX = 4_000_000
"""More than a hook leaves, as each shortening takes time; a cold process reads the index of so long a log in 3 ms."""


def folder_of_all() -> str:
    """Return the folder of the transcripts of all the client's projects."""
    return os.path.join(config.config_folder(), "projects")


def files_of(paths: Iterable[str]) -> list[str]:
    """Return the transcripts under the paths, the oldest first; without a path those of all the client's projects.

    What is no regular file, as a pipe or a link that leads nowhere, is passed over where it is not named itself; a file
    that several links lead to is one.

    Raises:
        TranscriptError: A path does not exist, or is a file that holds no JSON object.

    """
    given = list(paths)
    found: list[str] = []
    for path in given or [folder_of_all()]:
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
    dated = ((_modified_at(path), path) for path in _each_once(found))
    return [path for at, path in sorted(one for one in dated if one[0] is not None)]


def _each_once(paths: list[str]) -> list[str]:
    """Return the first path to each file."""
    folders: dict[str, str] = {}
    once: dict[str, str] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        real = os.path.join(folders[folder], name)
        once.setdefault(os.path.realpath(real) if os.path.islink(real) else real, path)
    return list(once.values())


def _modified_at(path: str) -> int | None:
    """Return when a regular file was last written; None for anything else, which may not even end when it is read."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns if stat.S_ISREG(found.st_mode) else None


def behind(connection: apsw.Connection, files: list[str]) -> list[str]:
    """Return those of the files that are ahead of their cursors."""
    passed_over = {path for path, size in transcripts.all_long_lines(connection) if size <= long_lines.BYTES_MAX}
    return [
        path
        for path in files
        if path in passed_over or ingest.needs_ingest(path, transcripts.position_of(connection, path))
    ]


def backfill(
    connection: apsw.Connection, files: list[str], advance: Callable[[str, int], None] = lambda path, size: None
) -> tuple[ingest.Progress, list[str]]:
    """Ingest the files and return (what was done, one sentence for each file that could not be read).

    `advance` is told of each file's path and the bytes taken in, as they are.
    """
    total = ingest.Progress()
    problems: list[str] = []
    with (
        _much_to_do(connection),
        _reading(connection, files) as reading,
        _Transaction(connection, reading) as transaction,
    ):
        for path in files:
            try:
                _ingest_one(transaction, reading, path, total, advance)
            except TranscriptError as error:
                problems.append(str(error))
    db.shorten_wal(connection, db.WAL_BYTES_IDLE)
    renames.look_everywhere(connection, None, int(time() * 1000))
    return total, problems


@contextmanager
def _much_to_do(connection: apsw.Connection) -> Iterator[None]:
    """Let statements keep their plans, whatever is bound to them, pages stay in memory, and nothing be collected.

    SQLite plans a statement anew for a value that a partial index could serve: every tenth statement here. Nothing that
    is made here holds a cycle.
    """
    collects = gc.isenabled()
    gc.disable()
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    pages = connection.pragma("cache_size")
    connection.pragma("cache_size", -CACHE_KILOBYTES)
    try:
        yield
    finally:
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 0)
        connection.pragma("cache_size", pages)
        if collects:
            gc.enable()


class _Transaction:
    """The transactions of a long import: each ends when others have waited long enough, or when there is a pause."""

    def __init__(self, connection: apsw.Connection, reading: ahead.Ahead) -> None:
        self.connection, self.reading = connection, reading
        self.is_open = False
        self.began = 0.0
        self.is_awaited: Callable[[], bool] = lambda: False

    def __enter__(self) -> _Transaction:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.end()
        elif self.is_open:
            db.roll_back(self.connection)

    def begin(self) -> None:
        """Begin one if none is open."""
        if not self.is_open:
            db.begin(self.connection, wal_bytes_max=WAL_BYTES_MAX)
            self.is_open, self.began, self.is_awaited = True, monotonic(), db.due(self.connection)

    def end(self) -> None:
        """Commit, and let others have their turn."""
        if self.is_open:
            self.connection.execute("COMMIT")
            self.is_open = False
            self._shorten_wal()
            if not self.reading.help():
                db.give_way(self.connection)
            while self.reading.help():  # others find the lock free, and the next transaction is the larger
                pass

    def _shorten_wal(self) -> None:
        """Move a long log into the database, and read meanwhile: most of that time the disk works, not we."""
        if db.wal_bytes(self.connection.filename) <= WAL_BYTES_MAX:
            return
        from threading import Thread

        failed: list[Exception] = []

        def move() -> None:
            try:
                db.shorten_wal(self.connection, WAL_BYTES_MAX)
            except Exception as error:  # this thread has nobody to tell it to
                failed.append(error)

        moving = Thread(target=move)
        try:
            moving.start()
        except RuntimeError:  # no thread is to be had: the next transaction begins with it
            return
        try:
            while moving.is_alive() and self.reading.help():
                pass
        finally:
            moving.join()
        if failed:
            raise failed[0]

    @property
    def is_due(self) -> bool:
        """Tell whether others wait, or would have waited long enough."""
        return monotonic() - self.began > HELD_SECONDS_MAX or self.is_awaited()


def _reading(connection: apsw.Connection, files: list[str]) -> ahead.Ahead:
    """Return what reads the files ahead, each from its cursor on."""
    from codememory import ahead, stretch  # what `status` asks of this module needs no processes

    planned = []
    for path in files:
        position = transcripts.position_of(connection, path)
        start = position[0] if position else 0
        try:
            size = os.stat(path).st_size
            planned += stretch.stretches_of(path, *ingest.names_in(path), start if start < size else 0, size)
        except OSError:
            continue
    return ahead.Ahead(planned, config.setting("REDACT"))


def _ingest_one(
    transaction: _Transaction,
    reading: ahead.Ahead,
    path: str,
    total: ingest.Progress,
    advance: Callable[[str, int], None],
) -> None:
    at_end = False
    found: Delta | None = None
    bytes_before = total.bytes
    while not at_end:
        if found and found.rest:
            found = found.rest
        else:
            if not reading.is_ready():
                transaction.end()
            found = reading.next_of(path, total.bytes - bytes_before)
        before = total.bytes
        transaction.begin()
        at_end = ingest.step(
            transaction.connection, path, int(time() * 1000), total, ahead=found,
            line_bytes_max=long_lines.BYTES_MAX, is_due=transaction.is_awaited,
        )  # fmt: skip
        advance(path, total.bytes - before)
        if transaction.is_due:
            transaction.end()
    if any(one == path for one, _ in transcripts.all_long_lines(transaction.connection)):
        transaction.end()
        long_lines.take(transaction.connection, path, int(time() * 1000), total)


def _below(folder: str) -> list[str]:
    """Return the transcripts of a project folder, or of a folder of such, or of any folder of folders.

    A linked folder directly in it counts as in it, as where somebody has moved a project's transcripts; no link
    further down is followed, and none to what is above, so no circle is walked.
    """
    found = _walked(folder)
    root = os.path.realpath(folder)
    for entry in sorted(os.scandir(folder), key=lambda one: one.name) if os.access(folder, os.R_OK) else ():
        if entry.is_symlink() and entry.is_dir() and not f"{root}/".startswith(f"{os.path.realpath(entry.path)}/"):
            found += _walked(entry.path)
    return found


def _walked(folder: str) -> list[str]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        paths = (os.path.join(parent, name) for name in sorted(names) if name.endswith(ingest.SUFFIX))
        found += [path for path in paths if wire.storable(path) == path]
    return found


def _require_transcript(path: str) -> None:
    """Raise TranscriptError unless a file begins like a transcript: an early line is a JSON object, or it is empty."""
    left = SNIFF_BYTES
    is_empty = is_object = True
    try:
        with open(path, "rb") as file:
            while left > 0 and (line := file.readline(left)):
                if _holds_object(line):
                    return
                is_object = is_object and left == SNIFF_BYTES and line.startswith(b"{")
                is_empty = is_empty and line.isspace()
                left -= len(line)
    except OSError as error:
        raise TranscriptError(f"The transcript {path} cannot be read: {error.strerror}.") from error
    if is_empty or (is_object and not left):  # one line longer than what was looked at
        return
    raise TranscriptError(f"{path} is no transcript: none of its lines is a JSON object.")


def _holds_object(line: bytes) -> bool:
    try:
        return any(isinstance(value, dict) for value in wire.decoded_all(wire.from_bytes(line)))
    except ValueError:
        return False
