"""Open the database: find the right file, create it once, and never lose what others wrote.

The live file is only ever opened through SQLite: closing any other descriptor on it would drop SQLite's POSIX locks.
"""

from __future__ import annotations

import os
from _weakref import ref
from time import monotonic, sleep

import apsw

from codememory.errors import DamagedError, DatabaseError, GarbageError, NewerSchemaError
from codememory.schema import APPLICATION_ID, SCHEMA_MAJOR, SCHEMA_MINOR, VERSION_STEP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from codememory.turn import Turn

    Values = tuple[Any, ...] | dict[str, Any]

HOOK_BUSY_MS = 800
"""A hook gives up on a locked database after this long; what it would have ingested, the next one does."""

PERSON_BUSY_MS = 10_000

SIBLING_SUFFIX = "-memory"
"""Put before the extension when the path holds somebody else's database."""

WAL_BYTES_MAX = 1_000_000
"""A cold process rebuilds the WAL's index at its start: 16 MB cost it 10 ms, measured."""

WAL_BYTES_IDLE = 400_000
"""What is left at a moment when nobody waits."""

AWAITED_SECONDS_MAX = 0.005
"""How long others wait for the lock before long work looks for a place to end its transaction."""

PAUSE_SECONDS, AWAITED_PAUSE_SECONDS = 0.001, 0.003
"""Between two transactions of long work; who is first in the queue looks every millisecond."""

PAGE_BYTES = 4_096
"""Of every database we create."""

STATEMENTS_KEPT = 512
"""Each use of one shortens by one how long the others are kept; an ingest has some that it seldom needs."""

SCHEMA_VERSION = SCHEMA_MAJOR * VERSION_STEP + SCHEMA_MINOR


def connect(path: str, *, busy_ms: int = PERSON_BUSY_MS) -> apsw.Connection:
    """Open the memory at `path`, creating or migrating it; if that file is a foreign database, its sibling.

    Raises:
        GarbageError: The file is no SQLite database.
        DamagedError: It is one, but cannot be read.
        NewerSchemaError: A later major version wrote it.
        DatabaseError: It is locked, unreadable, or cannot be created.

    """
    try:
        connection = _opened(path, busy_ms)
        if connection is None:
            connection = _opened(sibling(path), busy_ms)
    except apsw.NotADBError as error:
        raise GarbageError(f"{path} is no SQLite database: `codememory doctor --repair` sets it aside.") from error
    except apsw.CorruptError as error:
        raise DamagedError(f"{path} is damaged: `codememory doctor --repair` recovers what can be.") from error
    except UnicodeEncodeError as error:
        raise DatabaseError(f"The path {path} is no UTF-8, as SQLite needs: set CODEMEMORY_DATABASE_PATH.") from error
    except (apsw.Error, OSError) as error:
        from codememory import faults

        raise DatabaseError(faults.sentence(error, path) or f"The database {path} cannot be used: {error}.") from error
    if connection is None:
        raise DatabaseError(f"Both {path} and {sibling(path)} belong to another program: set CODEMEMORY_DATABASE_PATH.")
    return connection


def sibling(path: str) -> str:
    """Return the name ours gets where `path` is taken by a foreign database."""
    stem, extension = os.path.splitext(path)
    return stem + SIBLING_SUFFIX + extension


def _opened(path: str, busy_ms: int) -> apsw.Connection | None:
    """Open one file; None if it is a valid database of another program."""
    wanted = path
    path, inode, size = _place(path)
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=STATEMENTS_KEPT)
    wait_when_busy(connection, busy_ms)
    # Neither closing nor committing may checkpoint: fsyncs at every tool call (see `shorten_wal`), and a foreign file
    # must stay as it is.
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.wal_autocheckpoint(0)
    application, version = header(connection)
    if not _is_at(path, inode):  # set aside in this moment: its name, and its log's, are another file's now
        connection.close()
        return _opened(wanted, busy_ms)
    if application == APPLICATION_ID and size % PAGE_BYTES and size % connection.pragma("page_size"):
        raise DamagedError(f"{path} was cut off: `codememory doctor --repair` recovers what can be.")
    if application == APPLICATION_ID and version == SCHEMA_VERSION:
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection
    if application != APPLICATION_ID and not _is_empty(connection):
        application, version = header(connection)  # another process may have created it between these two looks
        if application != APPLICATION_ID:
            connection.close()
            return None
    from codememory import migrations

    deadline = monotonic() + busy_ms / 1000
    while True:
        try:
            migrations.bring_up_to_date(connection)
            break
        except apsw.BusyError:  # another process creates it: some of these answers come at once, without the timeout
            if monotonic() >= deadline:
                raise
            sleep(0.01)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def wait_when_busy(connection: apsw.Connection, busy_ms: float, came: float = 0.0, *, for_all: bool = False) -> None:
    """Have a connection wait for others, in its turn, for up to this long; see `turn.Turn`."""
    path, alive = connection.filename, ref(connection)
    turn: Turn | None = None

    def wait(attempts: int) -> bool:
        nonlocal turn
        if turn is None:
            from codememory.turn import Turn

            turn = Turn(path, busy_ms, came, for_all=for_all)
        own = alive()
        return turn.wait(attempts, is_writing=own is not None and own.txn_state() == apsw.SQLITE_TXN_WRITE)

    connection.set_busy_handler(wait)


def begin(connection: apsw.Connection, busy_ms: float = PERSON_BUSY_MS, wal_bytes_max: int = WAL_BYTES_MAX) -> None:
    """Begin a transaction that writes, before it a checkpoint if the log is longer than that.

    Where nobody ever finds the database free, that is the only time for one.

    Raises:
        apsw.BusyError: Others were at it for longer than `busy_ms`.

    """
    if wal_bytes(connection.filename) > wal_bytes_max:
        came = monotonic()
        _checkpoint(connection, busy_ms)
        wait_when_busy(connection, busy_ms, came)
        connection.execute("BEGIN IMMEDIATE")
        wait_when_busy(connection, busy_ms)
    else:
        wait_when_busy(connection, busy_ms)
        connection.execute("BEGIN IMMEDIATE")


def roll_back(connection: apsw.Connection) -> None:
    """End a transaction that failed, unless the failure did: a full disk leaves none, and asking would hide why."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def is_awaited(connection: apsw.Connection) -> bool:
    """Tell whether others wait to write: what can be done later should be."""
    from codememory import turn

    return turn.is_awaited(connection.filename)


def due(connection: apsw.Connection) -> Callable[[], bool]:
    """Return what tells whether a transaction of long work that begins now should end soon, because others wait."""
    looked = monotonic()

    def is_due() -> bool:
        nonlocal looked
        now = monotonic()
        if now - looked <= AWAITED_SECONDS_MAX:
            return False
        looked = now
        return is_awaited(connection)

    return is_due


def give_way(connection: apsw.Connection) -> None:
    """Pause between two transactions of long work: who begins the next at once leaves those who wait no chance."""
    sleep(AWAITED_PAUSE_SECONDS if is_awaited(connection) else PAUSE_SECONDS)


def header(connection: apsw.Connection) -> tuple[int, int]:
    """Return (application id, schema version)."""
    application = connection.pragma("application_id")
    version = connection.pragma("user_version")
    if application == APPLICATION_ID and version // VERSION_STEP > SCHEMA_MAJOR:
        raise NewerSchemaError(
            f"The database was written by a later CodeMemory (schema {version // VERSION_STEP}); update this one."
        )
    return application, version


def _is_empty(connection: apsw.Connection) -> bool:
    """Tell whether nobody has put anything into the file yet, not even a mark of their own."""
    marked = connection.pragma("application_id") or connection.pragma("user_version")
    try:
        return not marked and bool(connection.execute("SELECT count(*) = 0 FROM sqlite_schema").get)
    except apsw.CorruptError:  # damaged, and not ours to mend: what is ours is marked
        return False


def _place(path: str) -> tuple[str, int, int]:
    """Return the file to open, which exists, its inode and its size."""
    try:
        found = os.lstat(path)
        if found.st_mode & 0o170000 == 0o100000 and found.st_dev >> 8:  # a regular file on a disk with a number
            return path, found.st_ino, found.st_size
    except FileNotFoundError:
        pass
    from codememory import disk

    path = disk.place_of(path)
    found = os.stat(path)
    return path, found.st_ino, found.st_size


def _is_at(path: str, inode: int) -> bool:
    try:
        return os.stat(path).st_ino == inode
    except FileNotFoundError:
        return False


def first(connection: apsw.Connection, statement: str, values: Values = ()) -> Any:
    """Run a statement and return its first row, None if there is none."""
    return connection.execute(statement, values).fetchone()


def rows(connection: apsw.Connection, statement: str, values: Values = ()) -> list[Any]:
    """Run a statement and return its rows."""
    return connection.execute(statement, values).fetchall()


def wal_bytes(path: str) -> int:
    """Return the size of the write-ahead log beside a database."""
    try:
        return os.stat(path + "-wal").st_size
    except OSError:
        return 0


def shorten_wal(connection: apsw.Connection, bytes_max: int) -> None:
    """Move the write-ahead log into the database if it is longer than this, unless others are at it."""
    if wal_bytes(connection.filename) > bytes_max:
        _checkpoint(connection, 0)
        wait_when_busy(connection, PERSON_BUSY_MS)


def _checkpoint(connection: apsw.Connection, busy_ms: float) -> None:
    """Empty the write-ahead log, if whoever writes ends in this time, and nobody reads what it holds.

    SQLite's own checkpoints do not serve processes that come and go: each begins with a recovery, which forgets what
    was moved already, so the log never restarts. Only truncating it does. That keeps everybody from writing, so nearly
    all is moved before, while others may.
    """
    try:
        connection.set_busy_handler(None)
        frames, moved = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        if moved == frames:
            if busy_ms:
                wait_when_busy(connection, busy_ms, for_all=True)
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except (apsw.BusyError, apsw.FullError, apsw.IOError):  # others are at it, or it cannot be: the log holds all
        return
