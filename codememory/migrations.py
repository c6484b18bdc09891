"""Bring a database to the current schema: created once, then one numbered step after another.

A released step is never edited. Steps here are quick DDL: they run inside a hook. Moving data is a resumable job.
"""

from __future__ import annotations

from codememory.schema import ADDED_1_1, APPLICATION_ID, FIRST_VERSION, SCHEMA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    import apsw


def _to_1_1(connection: apsw.Connection) -> None:
    connection.execute(ADDED_1_1)


STEPS: dict[int, Callable[[apsw.Connection], None]] = {1000: _to_1_1}
"""From a version to the function that leads to the next."""


def bring_up_to_date(connection: apsw.Connection) -> None:
    """Create the schema or run the missing steps, each whole or not at all.

    Raises:
        apsw.BusyError: Another process is at it.

    """
    if connection.pragma("user_version") == 0:
        connection.pragma("auto_vacuum", "incremental")  # before the first table, or it has no effect
        connection.pragma("journal_mode", "wal")
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.pragma("user_version")
        if version == 0:
            connection.execute(SCHEMA)
            connection.pragma("application_id", APPLICATION_ID)
            version = FIRST_VERSION
        while version in STEPS:
            STEPS[version](connection)
            version += 1
        if version > connection.pragma("user_version"):
            connection.pragma("user_version", version)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it
            connection.execute("ROLLBACK")
        raise
