"""Take over what is whole in a damaged database that was set aside."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from time import time

import apsw

from codememory import db, salvage
from codememory.store import recovery

RECOVERED, UNREADABLE = "recovered", "unreadable"
"""What the damaged file is called afterwards."""


def take_over(connection: apsw.Connection, damaged: str) -> int:
    """Merge the rows that can be read into the live store and return how many there were.

    They go through a database of their own beside the damaged one, which is only read and keeps its place under
    another name. Transcripts are read again from their beginning: what was lost comes back as far as they are there.

    """
    from codememory.transfer.export import exported
    from codememory.transfer.importing import imported
    from codememory.transfer.lines import written

    beside = f"{damaged}.{RECOVERED}.db"
    _remove(beside)
    try:
        with closing(db.connect(beside)) as fresh:
            copied = _copied(damaged, fresh)
            if copied:
                imported(connection, os.path.basename(damaged), (written(line) for line in exported(fresh)))
    finally:
        _remove(beside)
    folder, name = os.path.split(damaged)
    became = name.replace(f".{salvage.DAMAGED}-", f".{RECOVERED if copied else UNREADABLE}-")
    for suffix in salvage.SUFFIXES:
        if os.path.exists(damaged + suffix):
            os.rename(damaged + suffix, os.path.join(folder, became + suffix))
    return copied


def _copied(damaged: str, fresh: apsw.Connection) -> int:
    """Copy what can be read; 0 where not even the list of tables can be."""
    fresh.execute("BEGIN IMMEDIATE")
    try:
        with closing(apsw.Connection(damaged, flags=apsw.SQLITE_OPEN_READWRITE)) as source:
            source.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            copied = recovery.copy(source, fresh)
            recovery.put_back(fresh, int(time() * 1000))
            recovery.drop_dangling(fresh)
            recovery.rewind(fresh)
            fresh.execute("COMMIT")
            return copied
    except (apsw.CorruptError, apsw.NotADBError):
        fresh.execute("ROLLBACK")
        return 0


def _remove(path: str) -> None:
    for suffix in salvage.SUFFIXES:
        with suppress(FileNotFoundError):
            os.unlink(path + suffix)
