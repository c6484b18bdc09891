"""When a check ends, see what the edits and commands before it did to the failures it speaks for.

A fix attempt is a span: what changed since a failure last happened, then the check. Everything is read from the stored
calls, so the same check told twice, by a hook and by the transcript, makes the same attempt.
"""

from __future__ import annotations

from codememory import records
from codememory.extract import calls as wording
from codememory.extract import effects
from codememory.store import attempts, calls, failures, memories, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.extract.calls import Call
    from codememory.store.calls import Ended
    from codememory.store.memories import Node

SPAN_CALLS_MAX = 200
HUNKS_MAX, HUNK_CHARS_MAX = 5, 600
COMMANDS_MAX = 3

CONFIRMED_CONFIDENCE, UNCONFIRMED_CONFIDENCE = 0.9, 0.5

ENVIRONMENT_TYPES = frozenset(
    ("ModuleNotFoundError", "ImportError", "missing-command", "missing-file", "permission", "file-exists", "package", "not-found", "network")
)
"""Kinds of failure that a command repairs more often than an edit; an edit only if it is of the file in question."""


def close(
    connection: apsw.Connection, call: Call, passed: bool, open_before: list[int], found: list[int], *,
    session_id: int, project_id: int, at: int,
) -> None:  # fmt: skip
    """Record the attempts that end with this check, and resolve what it shows to be repaired.

    `open_before` are the failures that were unresolved before it, `found` those its own output holds.
    """
    if not call.command_key or effects.effect_of(call.command or "") == effects.READS:
        return
    for node_id in open_before:
        before = failures.last_before(connection, node_id, session_id, call.tool_use_id, at)
        if before is None:
            continue
        failed_at, failed_command, failed_session = before
        covered = effects.covers(call.command_key, failed_command, _check_of(connection, node_id))
        if covered or node_id in found:
            node = memories.load(connection, node_id)
            _judge(connection, call, node, passed, found, failed_at, failed_command,
                   failed_session == session_id, session_id, project_id, at)  # fmt: skip


def _judge(
    connection: apsw.Connection, call: Call, node: Node, passed: bool, found: list[int], failed_at: int,
    failed_command: str, failed_here: bool, session_id: int, project_id: int, at: int,
) -> None:  # fmt: skip
    span = calls.changes_between(connection, session_id, failed_at, at, SPAN_CALLS_MAX)
    edits = [one for one in span if one.edit and one.file and one.outcome == wording.OK]
    if node.details.get("type") in ENVIRONMENT_TYPES:
        edits = [one for one in edits if one.file in files_of(node)]
    commands = _commands_that_changed(span, failed_command, call.command_key or "")
    if node.node_id in found:
        outcome = attempts.FAILED
    else:
        outcome = attempts.SUCCEEDED if passed else attempts.PARTIAL
        failures.pass_at(connection, node.node_id, at)
    meant = failed_here or any(one.file in files_of(node) for one in edits)
    if outcome != attempts.SUCCEEDED and not meant:
        return  # edits before this session saw it fail, and of other files, were no attempt
    if not edits and not commands:
        if outcome == attempts.SUCCEEDED:
            memories.note(connection, node.node_id, node.uid, "passed", at, "extracted", {"call": call.tool_use_id})
        return
    attempt_id = _write(connection, call, node, outcome, edits, commands, session_id, project_id, at)
    if outcome == attempts.SUCCEEDED:
        detail = {"by": records.id_of(records.NODE, memories.load(connection, attempt_id).uid), "call": call.tool_use_id}
        memories.set_status(connection, node, memories.RESOLVED, "resolved", at, "extracted", detail)
        memories.relate(connection, attempt_id, "resolves", node.node_id, at)


def _write(
    connection: apsw.Connection, call: Call, node: Node, outcome: str, edits: list[Ended], commands: list[Ended],
    session_id: int, project_id: int, at: int,
) -> int:  # fmt: skip
    details = remedy_details(node, edits, commands)
    details["outcome"], details["check"] = outcome, call.command
    client_id = sessions.client_id_of(connection, session_id)
    draft = memories.Draft(
        records.key_of("attempt", node.uid.hex(), client_id, call.tool_use_id), "fix_attempt",
        _sentence(details), project_id, session_id, origin="extracted", trust=memories.OBSERVED,
        confidence=CONFIRMED_CONFIDENCE if outcome == attempts.SUCCEEDED else UNCONFIRMED_CONFIDENCE, details=details,
        tags=[("file", file, 1.0) for file in details["files"]],
        evidence=[one.tool_use_id for one in (*edits, *commands)] + [call.tool_use_id],
    )  # fmt: skip
    attempt_id, _ = memories.add(connection, draft, at)
    attempts.add(connection, attempt_id, node.node_id, session_id, outcome, call.tool_use_id, at)
    memories.relate(connection, attempt_id, "attemptedFixFor", node.node_id, at)
    return attempt_id


def files_of(node: Node) -> set[str]:
    """Return the files a failure was about."""
    return {str(node.details.get("file") or ""), *(str(one) for one in node.details.get("files", []))} - {""}


def remedy_details(node: Node, edits: list[Ended], commands: list[Ended]) -> dict[str, Any]:
    """Return what an attempt consisted of: the edits, those of the failing files first, and the commands."""
    failing = files_of(node)
    ordered = sorted(edits, key=lambda one: (one.file not in failing, -one.called_at))
    commands_first = node.details.get("type") in ENVIRONMENT_TYPES
    return {
        "files": list(dict.fromkeys(one.file for one in ordered if one.file))[:HUNKS_MAX],
        "hunks": [
            {"file": one.file, "edit": (one.edit or "")[:HUNK_CHARS_MAX]} for one in ordered[:HUNKS_MAX]
        ],
        "commands": [one.command for one in commands if one.command] if commands_first or not edits else [],
    }


def _commands_that_changed(span: list[Ended], failed_command: str, check: str) -> list[Ended]:
    """Return the commands of a span that changed something and went well; never the failing command itself."""
    chosen = [
        one
        for one in span
        if one.command
        and one.outcome == wording.OK
        and one.command_key not in (failed_command, check)
        and effects.effect_of(one.command) == effects.CHANGES
        and not one.command.startswith(("git add", "git commit", "git push"))
    ]
    return chosen[-COMMANDS_MAX:]


def _sentence(details: dict[str, Any]) -> str:
    parts = []
    if details["files"]:
        parts.append("edited " + ", ".join(details["files"]))
    if details["commands"]:
        parts.append("ran " + "; ".join(details["commands"]))
    return " and ".join(parts)


def _check_of(connection: apsw.Connection, node_id: int) -> str:
    checks = [value for kind, value, _ in memories.tags_of(connection, node_id) if kind == "check"]
    return checks[0] if checks else ""
