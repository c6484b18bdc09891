"""What was said to the model: once per session, thread and epoch; and how much it was."""

from __future__ import annotations

from codememory import db, records, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw


def unsaid(connection: apsw.Connection, session_id: int, thread: str, epoch: int, node_ids: list[int]) -> set[int]:
    """Return those of the nodes that this thread was not told since the last compaction."""
    said = connection.execute(
        "SELECT node_id FROM injection WHERE session_id = ? AND thread = ? AND epoch = ?"
        " AND node_id IN (SELECT value FROM json_each(?))",
        (session_id, thread, epoch, wire.encoded(node_ids)),
    )
    return set(node_ids) - {node_id for (node_id,) in said}


def own(connection: apsw.Connection, session_id: int, since: int, node_ids: list[int]) -> set[int]:
    """Return those of the nodes that come out of a session's own conversation from a time on: it still sees them."""
    found = db.rows(
        connection,
        "SELECT node_id FROM node WHERE session_id = ? AND created_at >= ? AND origin IN ('model', 'extracted')"
        " AND kind <> 'fix_attempt' AND node_id IN (SELECT value FROM json_each(?))",
        (session_id, since, wire.encoded(node_ids)),
    )
    return {node_id for (node_id,) in found}


def say(
    connection: apsw.Connection,
    session_id: int,
    thread: str,
    epoch: int,
    node_id: int,
    event: str,
    at: int,
    tokens: int,
) -> None:
    """Record that a node is about to be said."""
    connection.execute(
        "INSERT OR IGNORE INTO injection (session_id, thread, epoch, node_id, event, at, tokens)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (session_id, thread, epoch, node_id, event, at, tokens),
    )


def forget(connection: apsw.Connection, session_id: int, thread: str, epoch: int) -> None:
    """Take back what was recorded as said in an epoch, because the client did not deliver it."""
    connection.execute(
        "DELETE FROM injection WHERE session_id = ? AND thread = ? AND epoch = ? AND event = 'SessionStart'",
        (session_id, thread, epoch),
    )


RECORDED_LATE_MS = 1_000
"""A record of the client may carry a time that much before the hook's own."""


def confirm(connection: apsw.Connection, client_id: str, thread: str, text: str, at: int) -> None:
    """Record that the client wrote down a text of ours as given to the model at a time.

    What it holds is told by the ids that its lines end with; a failure's line shows the failure, also where the ledger
    has the attempt whose remedy it tells, so only lines of other kinds can be seen to repeat.
    """
    if "[mem_" not in text and "[msg_" not in text:
        return
    latest = db.first(
        connection,
        "SELECT session_id, epoch FROM session JOIN injection USING (session_id)"
        " WHERE client_id = ? AND thread = ? AND at <= ? ORDER BY epoch DESC LIMIT 1",
        (client_id, thread, at + RECORDED_LATE_MS),
    )
    if latest is None:
        return
    session_id, epoch = latest
    rows = db.rows(
        connection,
        "SELECT i.node_id, n.uid, n.kind = 'failure' OR f.uid IS NOT NULL, f.uid, m.key FROM injection i"
        " LEFT JOIN node n ON n.node_id = i.node_id LEFT JOIN attempt a ON a.node_id = i.node_id"
        " LEFT JOIN node f ON f.node_id = a.failure_id LEFT JOIN message m ON m.message_id = -i.node_id"
        " WHERE i.session_id = ? AND i.thread = ? AND i.epoch = ? AND i.at <= ?",
        (session_id, thread, epoch, at + RECORDED_LATE_MS),
    )
    for node_id, uid, of_failure, failure_uid, key in rows:
        shown = [records.short_id(records.NODE, one) for one in (uid, failure_uid) if one]
        shown += [records.short_id(records.MESSAGE, key)] if key else []
        if any(f"[{one}" in text for one in shown):
            connection.execute(
                "INSERT INTO delivery (session_id, thread, epoch, node_id, at, times) VALUES (?, ?, ?, ?, ?, 1)"
                " ON CONFLICT DO UPDATE SET times = times + ?",
                (session_id, thread, epoch, node_id, at, 0 if of_failure else 1),
            )


class Use:
    """In how many sessions prompts brought a node lately, and in how many of them what it is about was touched next."""

    __slots__ = ("sessions", "used")

    def __init__(self, sessions: int, used: int) -> None:
        self.sessions, self.used = sessions, used


TOLD_LAST_MAX = 6
NEXT_MS, NEXT_CALLS_MAX = 1_800_000, 40
"""What is done so long after a node was said, and so soon, may come of it."""


def use_of(connection: apsw.Connection, node_ids: list[int], since: int) -> dict[int, Use]:
    """Return what came of the last times since then that prompts brought a node, by node; none for one not brought.

    It was of use if a call that followed had its file or command, or named it by its id.
    """
    rows = connection.execute(
        "SELECT i.node_id, count(DISTINCT i.session_id), count(DISTINCT CASE WHEN EXISTS ("
        "  SELECT 1 FROM (SELECT command, target, file, command_key FROM tool_call WHERE session_id = i.session_id"
        "   AND called_at BETWEEN i.at AND i.at + ? ORDER BY called_at LIMIT ?)"
        "  WHERE (instr(coalesce(command, target, ''), substr(lower(hex(n.uid)), 1, ?)) OR EXISTS ("
        "   SELECT 1 FROM node_tag t WHERE t.node_id = n.node_id AND (t.kind = 'file' AND t.value = file"
        "   OR t.kind = 'glob' AND file GLOB t.value OR t.kind = 'command' AND t.value = command_key)))"
        " ) THEN i.session_id END)"
        " FROM json_each(?) v JOIN node n ON n.node_id = v.value JOIN injection i ON i.node_id = v.value AND i.at >="
        " max(?, coalesce((SELECT at FROM injection WHERE node_id = v.value ORDER BY at DESC LIMIT 1 OFFSET ?), 0))"
        " WHERE i.event = 'UserPromptSubmit' GROUP BY i.node_id",
        (NEXT_MS, NEXT_CALLS_MAX, records.SHORT_HEX, wire.encoded(node_ids), since, TOLD_LAST_MAX - 1),
    )
    return {node_id: Use(told, used) for node_id, told, used in rows}


class Totals:
    """What was said in all, and what of it the client's own records confirm."""

    __slots__ = ("again", "confirmed", "count", "repeats", "tokens", "unconfirmed")

    def __init__(self, count: int, tokens: int, again: int, confirmed: int, unconfirmed: int, repeats: int) -> None:
        self.count, self.tokens, self.again = count, tokens, again
        self.confirmed, self.unconfirmed, self.repeats = confirmed, unconfirmed, repeats


def totals(connection: apsw.Connection) -> Totals:
    """Count memories said, also those a session was told before, after a compaction or in a subagent (`again`).

    Unconfirmed is what the transcript went on after without a record of it; `repeats` is what the client recorded more
    than once between two compactions.
    """
    said = db.first(
        connection,
        "SELECT count(*), coalesce(sum(tokens), 0), count(*) - count(DISTINCT i.session_id || ' ' || i.node_id),"
        " coalesce(sum(d.at IS NOT NULL), 0), coalesce(sum(d.at IS NULL AND s.last_at > i.at), 0),"
        " coalesce(sum(d.times - 1), 0) FROM injection i JOIN session s ON s.session_id = i.session_id"
        " LEFT JOIN delivery d ON d.session_id = i.session_id AND d.thread = i.thread AND d.epoch = i.epoch"
        " AND d.node_id = i.node_id",
    )
    return Totals(*said)


class Said:
    """One time a node was said; `confirmed_at` is the time of the client's own record, None without one."""

    __slots__ = ("at", "confirmed_at", "event", "session", "session_id", "thread")

    def __init__(
        self, session_id: int, session: str, thread: str, event: str, at: int, confirmed_at: int | None
    ) -> None:
        self.session_id, self.session, self.thread = session_id, session, thread
        self.event, self.at, self.confirmed_at = event, at, confirmed_at


def said_of(connection: apsw.Connection, node_id: int) -> list[Said]:
    """Return each time a node was said, in order."""
    rows = connection.execute(
        "SELECT i.session_id, client_id, i.thread, event, i.at, d.at FROM injection i"
        " JOIN session s ON s.session_id = i.session_id"
        " LEFT JOIN delivery d ON d.session_id = i.session_id AND d.thread = i.thread AND d.epoch = i.epoch"
        " AND d.node_id = i.node_id WHERE i.node_id = ? ORDER BY i.at",
        (node_id,),
    )
    return [Said(*row) for row in rows]
