"""Open the database: find the right file, create it once, and never lose what others wrote.

The live file is only ever opened through SQLite: closing any other descriptor on it would drop SQLite's POSIX locks.
"""

from __future__ import annotations

import os
from time import monotonic, sleep

import apsw

from codememory.errors import DatabaseError, GarbageError, NewerSchemaError
from codememory.schema import APPLICATION_ID, SCHEMA_MAJOR, SCHEMA_MINOR, VERSION_STEP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Values = tuple[Any, ...] | dict[str, Any]

HOOK_BUSY_MS = 400
"""A hook gives up on a locked database after this long; what it would have ingested, the next one does."""

PERSON_BUSY_MS = 10_000

SIBLING_SUFFIX = "-memory"
"""Put before the extension when the path holds somebody else's database."""

WAL_BYTES_MAX = 1_000_000
"""A cold process rebuilds the WAL's index at its start: 16 MB cost it 10 ms, measured."""

WAL_BYTES_IDLE = 400_000
"""What is left at a moment when nobody waits."""

TRUNCATE_BUSY_MS = 20

SCHEMA_VERSION = SCHEMA_MAJOR * VERSION_STEP + SCHEMA_MINOR


def connect(path: str, *, busy_ms: int = PERSON_BUSY_MS) -> apsw.Connection:
    """Open the memory at `path`, creating or migrating it; if that file is a foreign database, its sibling.

    Raises:
        GarbageError: The file is no SQLite database.
        NewerSchemaError: A later major version wrote it.
        DatabaseError: It is locked, unreadable, or cannot be created.

    """
    try:
        connection = _opened(path, busy_ms)
        if connection is None:
            connection = _opened(sibling(path), busy_ms)
    except apsw.NotADBError as error:
        raise GarbageError(f"{path} is not a SQLite database.") from error
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
    if not os.path.exists(path):
        _create_file(path)
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(busy_ms)
    # Neither closing nor committing may checkpoint: fsyncs at every tool call (see `shorten_wal`), and a foreign file
    # must stay as it is.
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.wal_autocheckpoint(0)
    application, version = header(connection)
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
    return not marked and bool(connection.execute("SELECT count(*) = 0 FROM sqlite_schema").get)


def _create_file(path: str) -> None:
    """Create an empty file that only its owner can read; SQLite gives its -wal and -shm the same mode."""
    folder = os.path.dirname(path) or "."
    os.makedirs(folder, mode=0o700, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return


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
    connection.set_busy_timeout(TRUNCATE_BUSY_MS)
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        return
