"""Take over what is whole in a damaged database that was set aside."""

from __future__ import annotations

import os
import shutil
from contextlib import closing, suppress
from time import time

import apsw

from codememory import db, salvage
from codememory.pages import HEADER_BYTES, KEYED, NUMBERED, Pages
from codememory.store import health, recovery

RECOVERED, UNREADABLE = "recovered", "unreadable"
"""What the damaged file is called afterwards."""

COLUMNS_MIN = 8
"""Rows of a tree that is not known are tried in each table of as many columns, if so many: their types tell which."""


def take_over(connection: apsw.Connection, damaged: str) -> int:
    """Merge the rows that can be read into the live store and return how many there were.

    They go through a database of their own beside the damaged one, which is only read and keeps its place under
    another name. Transcripts are read again from their beginning: what was lost comes back as far as they are there.

    """
    from codememory.transfer.export import exported
    from codememory.transfer.importing import imported
    from codememory.transfer.lines import written

    beside, pages = f"{damaged}.{RECOVERED}.db", f"{damaged}.{RECOVERED}.pages"
    _remove(beside)
    _remove(pages)
    try:
        with closing(db.connect(beside)) as fresh:
            copied = _copied(damaged, pages, fresh)
            if copied:
                imported(connection, os.path.basename(damaged), (written(line) for line in exported(fresh)))
    finally:
        _remove(beside)
        _remove(pages)
    folder, name = os.path.split(damaged)
    became = name.replace(f".{salvage.DAMAGED}-", f".{RECOVERED if copied else UNREADABLE}-")
    for suffix in salvage.SUFFIXES:
        if os.path.exists(damaged + suffix):
            os.rename(damaged + suffix, os.path.join(folder, became + suffix))
    return copied


def _copied(damaged: str, pages: str, fresh: apsw.Connection) -> int:
    """Copy what can be read; 0 where nothing can be."""
    try:
        told = _made_one_file(damaged, pages)
        roots, stray = _looked_through(pages, told, fresh)
        fresh.execute("BEGIN IMMEDIATE")
        try:
            with closing(apsw.Connection(pages, flags=apsw.SQLITE_OPEN_READWRITE)) as source:
                recovery.list_tables(source, fresh, roots)
                copied = recovery.copy(source, fresh, stray)
            recovery.put_back(fresh, int(time() * 1000))
            recovery.drop_dangling(fresh)
            health.mend_links(fresh)  # a message whose place is lost is put back into its session
            recovery.rewind(fresh)
            fresh.execute("COMMIT")
        except BaseException:
            db.roll_back(fresh)
            raise
    except (apsw.CorruptError, apsw.NotADBError):
        return 0
    return copied


def _made_one_file(damaged: str, pages: str) -> dict[str, int]:
    """Make a copy at `pages` with what its log or journal holds; return the tables' first pages as its list tells."""
    for suffix in salvage.SUFFIXES:
        if os.path.exists(damaged + suffix):
            shutil.copyfile(damaged + suffix, pages + suffix)
            os.chmod(pages + suffix, 0o600)
    if not os.path.getsize(pages):
        return {}
    size, count = _measured(pages)
    _write_start(pages, recovery.first_page(size, count, has_log=db.wal_bytes(pages) > 0)[:HEADER_BYTES])
    with closing(apsw.Connection(pages, flags=apsw.SQLITE_OPEN_READWRITE)) as source:
        roots = recovery.roots(source)
        with suppress(apsw.Error):
            source.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    for suffix in salvage.SUFFIXES[:-1]:
        _unlink(pages + suffix)
    return roots


def _looked_through(
    pages: str, told: dict[str, int], fresh: apsw.Connection
) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Empty a copy's list of tables and return the first pages of tables, and (table, page) of what is under none.

    Of the damaged list only the places of tables are taken. What it does not tell, a fresh database does: where
    tables lie follows from the order in which they were made.
    """
    if not os.path.getsize(pages):
        raise apsw.CorruptError("empty")
    with closing(Pages(pages)) as looked:
        kinds = {table: KEYED if key else NUMBERED for table, _, key in recovery.tables(fresh)}

        def likely(roots: dict[str, int]) -> dict[str, int]:
            return {
                table: root for table, root in roots.items() if table in kinds and looked.is_root(root, kinds[table])
            }

        layout = max(
            recovery.layouts(fresh), key=lambda one: (len(likely(one).items() & told.items()), len(likely(one)))
        )
        roots = {**told, **likely(layout), **likely(told)}
        by_root = {root: table for table, root in roots.items() if root}
        alike: dict[tuple[bool, int], list[str]] = {}
        for table, columns, key in recovery.tables(fresh):
            if len(columns) >= COLUMNS_MIN:
                alike.setdefault((bool(key), len(columns)), []).append(table)
        stray = [
            (table, page)
            for page, root in looked.stray()
            for table in ([by_root[root]] if root in by_root else [] if root else alike.get(looked.form(page), []))
        ]
        size, count = looked.size, looked.count
    os.truncate(pages, count * size)  # what a page was cut off to would be taken for whole
    _write_start(pages, recovery.first_page(size, count))
    return {table: root for table, root in roots.items() if 1 < root <= count}, stray


def _measured(path: str) -> tuple[int, int]:
    with closing(Pages(path)) as looked:
        return looked.size, looked.count


def _write_start(path: str, data: bytes) -> None:
    with open(path, "r+b") as file:
        file.write(data)


def _remove(path: str) -> None:
    for suffix in salvage.SUFFIXES:
        _unlink(path + suffix)


def _unlink(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
