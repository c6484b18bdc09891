"""Open the database: find the right file, create it once, and never lose what others wrote.

The live file is only ever opened through SQLite: closing any other descriptor on it would drop SQLite's POSIX locks.
"""

from __future__ import annotations

import os
from time import monotonic, sleep

import apsw

from codememory.errors import DamagedError, DatabaseError, GarbageError, NewerSchemaError
from codememory.schema import APPLICATION_ID, SCHEMA_MAJOR, SCHEMA_MINOR, VERSION_STEP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

TRUNCATE_BUSY_MS = 20

PAUSE_SECONDS = 0.008
PAUSE_HALVED_MS = 20
"""Between two looks at a locked database: the first pause, and the waiting after which it is half of that."""

CONTENDED_SECONDS = 0.001

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
    except (apsw.Error, OSError) as error:
        raise DatabaseError(f"The database {path} cannot be used: {error}.") from error
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
    if application == APPLICATION_ID and size % PAGE_BYTES:
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


def wait_when_busy(connection: apsw.Connection, busy_ms: int) -> None:
    """Have a connection wait for others up to this long; the longer it has waited, the more often it looks again.

    SQLite's own waiting does the opposite, up to 100 ms apart: among many, whoever waits longest comes last.
    """
    began = 0.0

    def wait(attempts: int) -> bool:
        nonlocal began
        now = monotonic()
        if not attempts:
            began = now
        waited_ms = (now - began) * 1000
        if waited_ms >= busy_ms:
            return False
        sleep(PAUSE_SECONDS / (1 + waited_ms / PAUSE_HALVED_MS))
        return True

    connection.set_busy_handler(wait)


def begin(connection: apsw.Connection) -> bool:
    """Begin a transaction that writes, and tell whether others were at it: then long work should go in small steps."""
    started = monotonic()
    connection.execute("BEGIN IMMEDIATE")
    return monotonic() - started > CONTENDED_SECONDS


def give_way(contended: bool) -> None:
    """Pause between two transactions of long work: who begins the next at once leaves those who wait no chance."""
    sleep(PAUSE_SECONDS if contended else PAUSE_SECONDS / 4)


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
    """Move the write-ahead log into the database if it is longer than this, unless others are at it.

    SQLite's own checkpoints do not serve processes that come and go: each begins with a recovery, which forgets what
    was moved already, so the log never restarts. Only truncating it does.
    """
    if wal_bytes(connection.filename) <= bytes_max:
        return
    wait_when_busy(connection, TRUNCATE_BUSY_MS)
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        pass
    finally:
        wait_when_busy(connection, PERSON_BUSY_MS)
