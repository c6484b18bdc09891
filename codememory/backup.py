"""Copy the database while others write to it: one snapshot, through SQLite, checked, and readable by its owner only."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import gmtime, strftime

import apsw

from codememory import faults
from codememory.errors import TransferError
from codememory.store import scope

STEP_PAGES = 1_024
PARTIAL = ".partial"


def default_path(database: str) -> str:
    """Return the name of a backup made now, beside the database."""
    stem, extension = os.path.splitext(database)
    return f"{stem}-backup-{strftime('%Y%m%dT%H%M%SZ', gmtime())}{extension}"


def backup(
    connection: apsw.Connection,
    path: str,
    *,
    force: bool = False,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write a copy of the database to a path and return its bytes; `advance` is told of (pages done, all pages).

    The copy gets its name once it is whole and found sound.

    Raises:
        TransferError: There is something at the path, it cannot be written, or the copy is not sound.

    """
    path = os.path.abspath(os.path.expanduser(path))
    live = connection.filename
    if any(_same_file(path, live + suffix) for suffix in ("", "-wal", "-shm")):
        raise TransferError(f"{path} is the database itself: choose another name for the copy.")
    if os.path.lexists(path) and not force:
        raise TransferError(f"{path} exists: choose another name, or add --force to replace it.")
    partial = path + PARTIAL
    try:
        _remove(partial)
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(connection, partial, advance)
        _remove(path + "-wal", path + "-shm")
        os.replace(partial, path)
        return os.stat(path).st_size
    except FileNotFoundError as error:
        raise TransferError(f"{path} cannot be written: there is no folder {os.path.dirname(path)}.") from error
    except (apsw.Error, OSError) as error:
        raise TransferError(
            f"The backup {path} could not be written: {faults.reason(error, path) or error}."
        ) from error
    finally:
        _remove(partial, partial + "-wal", partial + "-shm", partial + "-journal")


def _copy(connection: apsw.Connection, path: str, advance: Callable[[int, int], None]) -> None:
    copy = apsw.Connection(path)
    connection.execute("BEGIN")
    try:
        connection.pragma("user_version")  # from here on one snapshot is read, however much is written meanwhile
        with copy.backup("main", connection, "main") as running:
            while not running.done:
                running.step(STEP_PAGES)
                advance(running.page_count - running.remaining, running.page_count)
        wrong = scope.quick_check(copy)
        if wrong:
            raise TransferError(f"The copy is not sound ({wrong[0]}): run `codememory doctor`. Nothing was written.")
    finally:
        connection.execute("COMMIT")
        copy.close()


def _same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.abspath(one) == os.path.abspath(other)


def _remove(*paths: str) -> None:
    for path in paths:
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
