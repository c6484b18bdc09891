"""Look through all that is kept for secrets that an older version let in, and put markers in their place.

The same rules redact what comes in; what they find here came before them. A secret itself is never told: only where it
stands and of what kind it is.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import apsw

from codememory import config, db, records, redact, wire
from codememory.health import index
from codememory.health.finding import Check, Finding, number
from codememory.store import erasure, texts

MARKER = "[redacted:"
PRIVATE = "[private]"
PLACES_SHOWN = 8
ROWS_PER_ADVANCE = 500
KINDS_OF_IDS = {
    "message": records.MESSAGE, "node": records.NODE, "failure": records.NODE, "summary": records.SUMMARY,
}  # fmt: skip


Advance = Callable[[int, int], None]
"""Is told of (rows done, all rows)."""


def unseen(done: int, total: int) -> None:
    """Show nobody how far it is."""


class Place(NamedTuple):
    """Where a secret stands: table and column, or a file; the row's id; and the kinds of what is there."""

    where: str
    id: str
    kinds: tuple[str, ...]


class Change(NamedTuple):
    """A text with secrets in it: its table, row and column, and what it is to be."""

    table: texts.Table
    key: tuple[Any, ...]
    column: str
    kinds: tuple[str, ...]


def scan(connection: apsw.Connection, advance: Advance = unseen) -> list[Place]:
    """Return every place where a secret stands."""
    found = [Place(path, "", kinds) for path, kinds in _in_files()]
    return found + [
        Place(f"{one.table.name}.{one.column}", _id_of(connection, one), one.kinds)
        for one in _changes(connection, advance)
    ]


def check(advance: Advance) -> Check:
    """Return the check for `doctor`, which takes time: `advance` is told how far it is."""
    return Check("secrets", lambda connection: look(connection, advance), lambda one: repair(one, advance))


def look(connection: apsw.Connection, advance: Advance = unseen) -> Finding:
    """Look for secrets that older versions let in."""
    found = scan(connection, advance)
    if not found:
        return Finding(True, "no secret found in any text, payload or log")
    kinds = Counter(kind for place in found for kind in place.kinds)
    told = "; ".join(f"{place.where} {place.id}".strip() for place in found[:PLACES_SHOWN])
    more = f" and {len(found) - PLACES_SHOWN} more" if len(found) > PLACES_SHOWN else ""
    return Finding(
        False,
        f"{number(len(found), 'text')} with secrets ({', '.join(f'{kind} {count}' for kind, count in kinds.items())}):"
        f" {told}{more}",
    )


def repair(connection: apsw.Connection, advance: Advance = unseen) -> None:
    """Put markers in the place of every secret, make the indexes anew where they held one, and overwrite the bytes.

    Raises:
        apsw.BusyError: Another process is at the file; the secrets are replaced, but their bytes may still be in it.

    """
    for path, _ in _in_files():
        _rewrite(path)
    found = list(_changes(connection, advance))
    if not found:
        return
    erasure.overwrite_deleted(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table in {one.table.name: one.table for one in found}.values():
            wanted = {(one.key, one.column) for one in found if one.table.name == table.name}
            clean = [
                (key, column, _cleaned(text))
                for key, held in texts.read(connection, table)
                for column, text in held.items()
                if (key, column) in wanted
            ]
            for key, column, text in clean:
                texts.write(connection, table, key, column, text)
                if isinstance(key[-1], int):
                    texts.unindex(connection, table.name, key[-1])
        erasure.note_remains(connection, True, 0)
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise
    index.fill(connection)
    erasure.rewrite(connection)
    erasure.note_remains(connection, False, 0)


def copies(connection: apsw.Connection) -> list[str]:
    """Return the copies of the database beside it: what was made before a repair holds the secrets still."""
    stem, extension = os.path.splitext(connection.filename)
    return sorted(
        path for path in glob.glob(glob.escape(stem) + "-*" + glob.escape(extension)) if "-memory" not in path
    )


def _changes(connection: apsw.Connection, advance: Advance) -> Iterator[Change]:
    """Yield every text that redaction would change."""
    held_tables = texts.tables(connection)
    total = sum(texts.count(connection, table) for table in held_tables)
    done = 0
    for table in held_tables:
        for key, held in texts.read(connection, table):
            done += 1
            if done % ROWS_PER_ADVANCE == 0:
                advance(done, total)
            for column, text in held.items():
                cleaned = _cleaned(text)
                if cleaned != text:
                    yield Change(table, key, column, _kinds(text, cleaned))
    advance(total, total)


def _cleaned(text: str) -> str:
    """Return a text as it would be kept today; JSON stays JSON."""
    if text[:1] in ("{", "["):
        try:
            value = wire.decoded(text)
            cleaned = redact.redacted_value(value)
        except (ValueError, RecursionError):
            return redact.redacted(text)
        return text if cleaned is value else wire.encoded(cleaned)
    return redact.redacted(text)


def _kinds(text: str, cleaned: str) -> tuple[str, ...]:
    """Return the kinds of the markers that a text has got by being cleaned."""
    before, after = (Counter(part.partition(":")[0] for part in one.split(MARKER)[1:]) for one in (text, cleaned))
    found = sorted((after - before).elements())
    private = cleaned.count(PRIVATE) - text.count(PRIVATE)
    return (*found, *["private"] * max(private, 0)) or ("secret",)


def _id_of(connection: apsw.Connection, change: Change) -> str:
    """Return what a row is called: the public id of a message, memory or summary, else its key."""
    name, key = change.table.name, change.key
    if name in KINDS_OF_IDS and isinstance(key[0], int):
        uid = texts.public_key(connection, name, key[0])
        if uid:
            return records.id_of(KINDS_OF_IDS[name], uid)
    return redact.redacted(" ".join(str(part) for part in key))[:80]


def _in_files() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the files of ours in plain text that hold a secret."""
    folder = os.path.join(config.config_folder(), "codememory")
    for path in dict.fromkeys((config.log_path(), os.path.join(folder, "failing"), os.path.join(folder, "word"))):
        text = _text_of(path)
        cleaned = redact.redacted(text)
        if cleaned != text:
            yield path, _kinds(text, cleaned)


def _text_of(path: str) -> str:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    with os.fdopen(file, "rb") as stream:
        return stream.read().decode("utf-8", "replace")


def _rewrite(path: str) -> None:
    """Put the cleaned text over a file's own bytes."""
    cleaned = redact.redacted(_text_of(path)).encode()
    file = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        size = os.fstat(file).st_size
        os.pwrite(file, cleaned.ljust(size, b" "), 0)
        os.fsync(file)
        os.ftruncate(file, len(cleaned))
    finally:
        os.close(file)
