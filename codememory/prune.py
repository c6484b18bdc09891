"""Keep history from growing for ever: drop what tools returned, or whole sessions, once they are old enough.

What was said, facts, failures and memories stay. Reading a transcript again does not bring pruned things back.
"""

from __future__ import annotations

import os

from codememory import config, db, wire
from codememory.errors import SettingError
from codememory.store import retention, search, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import apsw

    from codememory.budget import Deadline

DAY_MS = 86_400_000
UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}
CLIENT = "client"
CLIENT_DAYS = 30
"""The client's own default of `cleanupPeriodDays`."""

BATCH = 200
"""Results that one transaction takes; other processes wait for its lock that long."""

REGULAR = "prune"
INTERVAL_MS = DAY_MS


class Pruned:
    """What was pruned, or would be: how many things, their bytes, and whether that is all of them."""

    __slots__ = ("bytes", "done", "messages", "sessions")

    def __init__(self) -> None:
        self.messages = self.sessions = self.bytes = 0
        self.done = True


def days_of(text: str) -> int:
    """Return the days that a length of time such as `90d`, `12w`, `6m` or `90` stands for.

    Raises:
        SettingError: It is none.

    """
    number, unit = (text[:-1], text[-1:]) if text[-1:] in UNITS else (text, "d")
    if not number.isdecimal() or len(number) > 6:
        raise SettingError(f"{text!r} is no length of time: write days, weeks, months or years, such as 90d or 12w.")
    return int(number) * UNITS[unit]


def days_kept() -> int:
    """Return how many days CODEMEMORY_RETENTION_DAYS asks to keep, 0 for ever."""
    wanted = config.setting("RETENTION_DAYS")
    return _client_days() if wanted == CLIENT else int(wanted)


def _client_days() -> int:
    """Return after how many days the client removes its own transcripts."""
    try:
        with open(os.path.join(config.config_folder(), "settings.json"), "rb") as file:
            settings = wire.decoded(wire.from_bytes(file.read()))
    except (OSError, ValueError):
        return CLIENT_DAYS
    days = settings.get("cleanupPeriodDays") if isinstance(settings, dict) else None
    return days if isinstance(days, int) and days > 0 else CLIENT_DAYS


def planned(connection: apsw.Connection, before: int, *, sessions: bool) -> Pruned:
    """Return what is older than a time, and would be pruned."""
    found = Pruned()
    if not sessions:
        found.messages, found.bytes = retention.old_results(connection, before)
        return found
    for session_id, _, _ in retention.old_sessions(connection, before):
        messages, size = retention.weight(connection, session_id)
        found.sessions += 1
        found.messages += messages
        found.bytes += size
    return found


def prune_results(
    connection: apsw.Connection,
    before: int,
    deadline: Deadline | None = None,
    after: int = 0,
    advance: Callable[[int], None] = lambda count: None,
) -> tuple[Pruned, int]:
    """Drop what tools returned before a time; return what was done, and the message to go on behind."""
    found = Pruned()
    while True:
        db.begin(connection)
        is_due = db.due(connection)
        try:
            batch = retention.next_results(connection, before, after, BATCH)
            freed = taken = 0
            for message_id, blocks, size in batch:
                if taken and is_due():
                    break
                taken, after = taken + 1, message_id
                left = _without_output(blocks)
                freed += size - retention.prune_result(connection, message_id, wire.encoded(left))
                if search.indexed(connection, message_id):
                    search.unindex(connection, message_id)
                    prose, detail = search.prose_and_detail(left)
                    search.index(connection, [(message_id, words.indexable(prose), words.indexable(detail))])
            connection.execute("COMMIT")
        except BaseException:
            db.roll_back(connection)
            raise
        found.messages += taken
        found.bytes += freed
        advance(taken)
        db.shorten_wal(connection, db.WAL_BYTES_MAX)
        if not batch:
            return found, 0
        db.give_way(connection)
        if deadline is not None and deadline.passed():
            found.done = False
            return found, after


def _without_output(text: str) -> list[Any]:
    """Return a result's blocks, what the tools returned replaced by how much it was; what was said stays."""
    blocks: list[Any] = wire.storable_value(wire.decoded(text))
    for block in blocks:
        if isinstance(block, dict) and block.get("type") == "tool_result" and "content" in block:
            block["content"] = f"[pruned: {len(wire.encoded(block['content']))} characters]"
    return blocks


def prune_sessions(
    connection: apsw.Connection, before: int, advance: Callable[[int], None] = lambda count: None
) -> Pruned:
    """Drop whole sessions that ended before a time, each in a transaction of its own."""
    found = Pruned()
    for session_id, client_id, last_at in retention.old_sessions(connection, before):
        db.begin(connection)
        try:
            messages, size = retention.weight(connection, session_id)
            retention.drop_session(connection, session_id, client_id, last_at)
            connection.execute("COMMIT")
        except BaseException:
            db.roll_back(connection)
            raise
        found.sessions += 1
        found.messages += messages
        found.bytes += size
        advance(1)
        db.shorten_wal(connection, db.WAL_BYTES_MAX)
        db.give_way(connection)
    return found


def give_back(connection: apsw.Connection) -> None:
    """Shrink the file by what was pruned."""
    retention.give_back(connection)
    db.shorten_wal(connection, 0)


def regularly(connection: apsw.Connection, now: int, deadline: Deadline) -> Pruned | None:
    """Drop old results as CODEMEMORY_RETENTION_DAYS asks, at most once a day; None if it is not yet time.

    A run that the deadline stops goes on at the next occasion.
    """
    days = days_kept()
    ended_at, after = retention.upkeep(connection, REGULAR)
    if not days or (not after and now - ended_at < INTERVAL_MS):
        return None
    found, after = prune_results(connection, now - days * DAY_MS, deadline, after)
    retention.note_upkeep(connection, REGULAR, now if found.done else ended_at, after)
    if found.messages:
        give_back(connection)
    return found
