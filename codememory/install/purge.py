"""Remove what is remembered: the database and everything beside it, for good."""

from __future__ import annotations

import glob
import os
import shutil

import apsw

from codememory import config, db, salvage
from codememory.errors import DatabaseError
from codememory.install import changes
from codememory.install.document import InstallError
from codememory.schema import APPLICATION_ID

SUFFIXES = ("", "-wal", "-shm", "-journal", "-queue", ".lock")


def data_files() -> list[str]:
    """Return the files and folders that hold what is remembered; a database of another program is none of them."""
    found: list[str] = []
    for one in salvage.places(config.database_path()):
        if _is_ours(one):
            found += [one + suffix for suffix in SUFFIXES if os.path.lexists(one + suffix)]
        stem, extension = map(glob.escape, os.path.splitext(one))
        found += [*salvage.asides(one), *sorted(glob.glob(f"{stem}-backup-*Z{extension}"))]
    log, folder = config.log_path(), changes.own("")
    if os.path.isfile(log) and not os.path.abspath(log).startswith(folder):
        found.append(log)
    if os.path.isdir(folder):
        found.append(folder.rstrip("/\\"))
    return found


def _is_ours(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return db.header(connection)[0] == APPLICATION_ID
        finally:
            connection.close()
    except DatabaseError:  # ours, of a later version
        return True
    except apsw.Error:
        return False


def purge(paths: list[str]) -> None:
    """Remove files and folders.

    Raises:
        InstallError: One cannot be removed.

    """
    for path in paths:
        try:
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise InstallError(f"{path} cannot be removed: {error.strerror}.") from error
