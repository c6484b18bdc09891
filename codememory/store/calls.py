"""Tool calls, and the tasks handed to subagents."""

from __future__ import annotations

from codememory import db
from codememory.extract.calls import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

PROMPT_CHARS_MAX = 4_000


def record(connection: apsw.Connection, session_id: int, call: Call, message_id: int | None = None) -> None:
    """Store a call once, whether a hook or the transcript tells of it first; the transcript adds its message."""
    connection.execute(
        "INSERT INTO tool_call (session_id, tool_use_id, agent, tool, command, command_key, file, edit, target,"
        " called_at, message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET message_id = coalesce(message_id, excluded.message_id)",
        (
            session_id, call.tool_use_id, call.agent, call.tool, call.command, call.command_key, call.file, call.edit,
            call.target, call.called_at, message_id,
        ),
    )  # fmt: skip


def find(connection: apsw.Connection, session_id: int, tool_use_id: str) -> Call | None:
    """Return a call of a session."""
    row = db.first(
        connection,
        "SELECT tool_use_id, tool, agent, called_at, command, command_key, file, edit, target"
        " FROM tool_call WHERE session_id = ? AND tool_use_id = ?",
        (session_id, tool_use_id),
    )
    return Call(*row) if row else None


class Ended(Call):
    """A call with its outcome."""

    __slots__ = ("outcome",)

    outcome: str


def changes_between(connection: apsw.Connection, session_id: int, after: int, until: int, limit: int) -> list[Ended]:
    """Return the edits and commands of a session after one time and up to another, in order, the newest of them."""
    found = db.rows(
        connection,
        "SELECT tool_use_id, tool, agent, called_at, command, command_key, file, edit, target, outcome FROM tool_call"
        " WHERE session_id = ? AND called_at > ? AND called_at <= ? AND (edit IS NOT NULL OR command IS NOT NULL)"
        " ORDER BY called_at DESC LIMIT ?",
        (session_id, after, until, limit),
    )
    return [_ended(row) for row in reversed(found)]


def last_runs(connection: apsw.Connection, session_id: int, command_key: str, limit: int) -> list[Ended]:
    """Return the last finished runs of a command in a session, the newest first."""
    found = db.rows(
        connection,
        "SELECT tool_use_id, tool, agent, called_at, command, command_key, file, edit, target, outcome FROM tool_call"
        " WHERE session_id = ? AND command_key = ? AND outcome <> 'running' ORDER BY called_at DESC LIMIT ?",
        (session_id, command_key, limit),
    )
    return [_ended(row) for row in found]


def _ended(row: tuple[Any, ...]) -> Ended:
    found = Ended(*row[:9])
    found.outcome = row[9]
    return found


def end(
    connection: apsw.Connection,
    session_id: int,
    tool_use_id: str,
    outcome: str,
    exit_code: int | None,
    at: int,
    message_id: int | None = None,
) -> bool:
    """Record how a call ended and return True; False if that is known already, then only the message is added."""
    connection.execute(
        "UPDATE tool_call SET outcome = ?, exit_code = ?, ended_at = ?, result_message_id = ?"
        " WHERE session_id = ? AND tool_use_id = ? AND outcome = 'running'",
        (outcome, exit_code, at, message_id, session_id, tool_use_id),
    )
    if connection.changes():
        return True
    if message_id is not None:
        connection.execute(
            "UPDATE tool_call SET result_message_id = coalesce(result_message_id, ?)"
            " WHERE session_id = ? AND tool_use_id = ?",
            (message_id, session_id, tool_use_id),
        )
    return False


PROMPTS_LOOKED_FOR = 200


def prompted_since(connection: apsw.Connection, session_id: int, at: int) -> bool:
    """Tell whether the user said something in a session after a time, as far as the transcript is known."""
    row = db.first(
        connection,
        "SELECT 1 FROM (SELECT message_id FROM membership WHERE session_id = ? ORDER BY place DESC LIMIT ?)"
        " JOIN message USING (message_id) WHERE kind = 'prompt' AND created_at > ? LIMIT 1",
        (session_id, PROMPTS_LOOKED_FOR, at),
    )
    return row is not None


def sessions_since(connection: apsw.Connection, project_id: int, at: int, limit: int) -> list[int]:
    """Return the sessions of a project that went on after a time, the latest first."""
    found = db.rows(
        connection,
        "SELECT session_id FROM session WHERE project_id = ? AND last_at > ? ORDER BY last_at DESC LIMIT ?",
        (project_id, at, limit),
    )
    return [session_id for (session_id,) in found]


def explored(connection: apsw.Connection, session_id: int, target: str, since: int, call: Call) -> bool:
    """Tell whether a session looked at this target from a time on, before this call."""
    row = db.first(
        connection,
        "SELECT 1 FROM tool_call WHERE session_id = ? AND target = ? AND called_at BETWEEN ? AND ?"
        " AND tool_use_id <> ? LIMIT 1",
        (session_id, target, since, call.called_at, call.tool_use_id),
    )
    return row is not None


def next_after(connection: apsw.Connection, session_id: int, agent: str, at: int) -> str | None:
    """Return the first tool call of a thread after a time, in words."""
    row = db.first(
        connection,
        "SELECT tool, coalesce(command, file, target, ''), outcome FROM tool_call"
        " WHERE session_id = ? AND agent = ? AND called_at > ? ORDER BY called_at LIMIT 1",
        (session_id, agent, at),
    )
    return " ".join(f"{row[0]} {row[1]} ({row[2]})".split()) if row else None


def delegate(
    connection: apsw.Connection, session_id: int, tool_use_id: str, agent_type: str, prompt: str, at: int
) -> None:
    """Store the task handed to a subagent."""
    connection.execute(
        "INSERT OR IGNORE INTO delegation (session_id, tool_use_id, agent_type, prompt, asked_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (session_id, tool_use_id, agent_type, prompt[:PROMPT_CHARS_MAX], at),
    )


def assign(connection: apsw.Connection, session_id: int, tool_use_id: str, agent: str) -> None:
    """Record who did a task that has ended, '' if nobody knows; nobody else may claim it then."""
    connection.execute(
        "UPDATE delegation SET agent = coalesce(nullif(agent, ''), ?) WHERE session_id = ? AND tool_use_id = ?",
        (agent, session_id, tool_use_id),
    )


class Delegation:
    """A task handed to a subagent: by which call, to which kind, and who took it, '' if that is not known."""

    __slots__ = ("agent", "agent_type", "prompt", "tool_use_id")

    def __init__(self, tool_use_id: str, agent_type: str, prompt: str, agent: str) -> None:
        self.tool_use_id, self.agent_type, self.prompt, self.agent = tool_use_id, agent_type, prompt, agent


def delegations(connection: apsw.Connection, session_id: int) -> list[Delegation]:
    """Return the tasks that a session handed on, in order."""
    rows = connection.execute(
        "SELECT tool_use_id, agent_type, prompt, coalesce(agent, '') FROM delegation WHERE session_id = ?"
        " ORDER BY asked_at, tool_use_id",
        (session_id,),
    )
    return [Delegation(*row) for row in rows]


def failures_by_thread(connection: apsw.Connection, session_id: int) -> dict[str, int]:
    """Count the failures of a session by the thread they happened in."""
    rows = connection.execute(
        "SELECT agent, count(*) FROM occurrence JOIN tool_call USING (session_id, tool_use_id)"
        " WHERE session_id = ? GROUP BY agent",
        (session_id,),
    )
    return dict(rows)


def claim(connection: apsw.Connection, session_id: int, agent_type: str, agent: str) -> str:
    """Give the oldest unclaimed task of this type to a subagent and return its prompt, '' if there is none."""
    row = db.first(
        connection,
        "SELECT tool_use_id, prompt FROM delegation WHERE session_id = ? AND agent_type = ? AND agent IS NULL"
        " ORDER BY asked_at LIMIT 1",
        (session_id, agent_type),
    )
    if row is None:
        return ""
    connection.execute(
        "UPDATE delegation SET agent = ? WHERE session_id = ? AND tool_use_id = ?", (agent, session_id, row[0])
    )
    return str(row[1])
