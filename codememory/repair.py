"""When a check ends, see what the edits and commands before it did to the failures it speaks for.

A fix attempt is a span: what changed since a failure last happened, then the check. Everything is read from the stored
calls, so the same check told twice, by a hook and by the transcript, makes the same attempt.
"""

from __future__ import annotations

from codememory import records
from codememory.extract import calls as wording
from codememory.extract import coverage, relevance
from codememory.extract.command import normalised_command
from codememory.store import attempts, calls, failures, memories, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.extract.calls import Call
    from codememory.extract.relevance import Subject
    from codememory.store.calls import Ended
    from codememory.store.failures import Before
    from codememory.store.memories import Node

SPAN_CALLS_MAX = 200
HUNKS_MAX, HUNK_CHARS_MAX = 5, 600
COMMANDS_MAX = 3
REWRITE_LINES_MIN = 2
"""Fewer telling lines of a file written anew say less than its beginning."""

CONFIRMED_CONFIDENCE, UNCONFIRMED_CONFIDENCE = 0.9, 0.5


class Check:
    """A check that ended: the call, whether it passed, and the failures its output held."""

    __slots__ = ("at", "call", "found", "passed", "project_id", "session_id")

    def __init__(
        self, call: Call, passed: bool, found: list[int], *, session_id: int, project_id: int, at: int
    ) -> None:
        self.call, self.passed, self.found = call, passed, found
        self.session_id, self.project_id, self.at = session_id, project_id, at

    @property
    def command(self) -> str:
        """Return the command, '' for a tool that is no shell."""
        return self.call.command or ""


def close(connection: apsw.Connection, check: Check, open_before: list[int]) -> None:
    """Record the attempts that end with this check, and resolve what it shows to be repaired.

    `open_before` are the failures that were unresolved before it.
    """
    if check.passed and not coverage.tells_outcome(check.command):
        return
    for node_id in open_before:
        before = failures.last_before(connection, node_id, check.session_id, check.call.tool_use_id, check.at)
        if before is None:
            continue
        if node_id in check.found or coverage.covers(
            check.command, before.command, failures.test_of(connection, node_id)
        ):
            _judge(connection, check, memories.load(connection, node_id), before)


def _judge(connection: apsw.Connection, check: Check, node: Node, before: Before) -> None:
    outcome = _outcome(connection, check, node.node_id, before)
    if not outcome:
        return
    subject = subject_of(node)
    span = calls.changes_between(connection, check.session_id, before.at, check.at, SPAN_CALLS_MAX)
    span = [one for one in span if one.outcome == wording.OK and one.tool_use_id != check.call.tool_use_id]
    edits = relevant_edits(subject, span)
    commands = _repairing_commands(subject, span, {before.command_key, check.call.command_key or "", _key_of(node)})
    if outcome != attempts.FAILED:
        failures.pass_at(connection, node.node_id, check.at)
    seen_here = before.session_id == check.session_id or any(
        relevance.is_of(one.file or "", subject.files) for one in edits
    )
    if outcome != attempts.SUCCEEDED and not seen_here:
        return  # edits before this session saw it fail, and of other files, were no attempt
    if not edits and not commands:
        if outcome == attempts.SUCCEEDED:
            detail = {"call": check.call.tool_use_id}
            memories.note(connection, node.node_id, node.uid, "passed", check.at, "extracted", detail)
        return
    takes_back = outcome == attempts.FAILED and _takes_back(connection, check.session_id, edits, before.at)
    attempt_id = _write(connection, check, node, outcome, edits, commands, takes_back)
    if not attempt_id:  # forgotten
        return
    if outcome == attempts.SUCCEEDED:
        by = {
            "by": records.id_of(records.NODE, memories.load(connection, attempt_id).uid),
            "call": check.call.tool_use_id,
        }
        memories.set_status(connection, node, memories.RESOLVED, "resolved", check.at, "extracted", by)
        memories.relate(connection, attempt_id, "resolves", node.node_id, check.at)


def _outcome(connection: apsw.Connection, check: Check, node_id: int, before: Before) -> str:
    """Return what a check says of one failure, '' for nothing.

    A check that fails otherwise than before may have ended before it came to this failure. So a failure is gone from
    it only where all that it still holds was there beside this failure the last time, and nothing was cut off.
    """
    if node_id in check.found:
        return attempts.FAILED
    if check.passed:
        return attempts.SUCCEEDED
    beside = failures.of_call(connection, before.session_id, before.tool_use_id)
    is_whole = check.command == before.command or "|" not in check.command
    return attempts.PARTIAL if check.found and is_whole and set(check.found) <= beside else ""


def _write(
    connection: apsw.Connection, check: Check, node: Node, outcome: str, edits: list[Ended], commands: list[Ended],
    takes_back: bool,
) -> int:  # fmt: skip
    details = remedy_details(node, edits, commands)
    details["outcome"], details["check"] = outcome, check.command
    if takes_back:
        details["takes_back"] = True
    client_id = sessions.client_id_of(connection, check.session_id)
    draft = memories.Draft(
        records.key_of("attempt", node.uid.hex(), client_id, check.call.tool_use_id), "fix_attempt",
        _sentence(details), check.project_id, check.session_id, origin="extracted", trust=memories.OBSERVED,
        confidence=CONFIRMED_CONFIDENCE if outcome == attempts.SUCCEEDED else UNCONFIRMED_CONFIDENCE, details=details,
        tags=[("file", file, 1.0) for file in details["files"]],
        evidence=[one.tool_use_id for one in (*edits, *commands)] + [check.call.tool_use_id],
    )  # fmt: skip
    attempt_id, _ = memories.add(connection, draft, check.at)
    if not attempt_id:
        return 0
    attempts.add(connection, attempt_id, node.node_id, check.session_id, outcome, check.call.tool_use_id, check.at)
    memories.relate(connection, attempt_id, "attemptedFixFor", node.node_id, check.at)
    return attempt_id


def _takes_back(connection: apsw.Connection, session_id: int, edits: list[Ended], before_at: int) -> bool:
    """Tell whether an edit takes back one that the session made before the failure last happened (A→B→A)."""
    earlier = [one for one in calls.changes_between(connection, session_id, 0, before_at, SPAN_CALLS_MAX) if one.edit]
    for one in edits:
        same_file = [each for each in earlier if each.file == one.file and each.outcome == wording.OK]
        if any(wording.undoes(one.edit or "", each.edit or "") for each in same_file):
            return True
        if one.tool == "Write" and any(each.edit == one.edit for each in same_file[:-1]):
            return True
    return False


def files_of(node: Node) -> set[str]:
    """Return the files a failure was about."""
    return {str(node.details.get("file") or ""), *(str(one) for one in node.details.get("files", []))} - {""}


def subject_of(node: Node) -> Subject:
    """Return what a failure is about, as far as its message tells."""
    lines = [str(line) for line in node.details.get("lines", [])]
    return relevance.Subject(str(node.details.get("type", "")), files_of(node), [node.content, *lines])


def relevant_edits(subject: Subject, span: list[Ended]) -> list[Ended]:
    """Return the edits of a span that could have repaired a failure, those that have most to do with it first."""
    scored = []
    for place, one in enumerate(span):
        if one.edit and one.file:
            score = relevance.score_of(subject, one.file, one.edit)
            if relevance.may_repair(subject, one.file, one.edit, score):
                scored.append((score, place, one))
    scored.sort(key=lambda each: (-each[0], -each[1]))
    unrelated = [each for each in scored if each[0] == 0]
    if len(unrelated) < len(scored) and len(unrelated) > relevance.UNRELATED_EDITS_MAX:
        scored = [each for each in scored if each[0] > 0]
    return [one for _, _, one in scored]


def remedy_details(node: Node, edits: list[Ended], commands: list[Ended]) -> dict[str, Any]:
    """Return what an attempt consisted of: the edits in the order given, and the commands.

    Where edits did it, commands are left out, except for a failure that commands repair more often.
    """
    kind = node.details.get("type")
    words = subject_of(node).words
    told = commands if kind in relevance.ENVIRONMENT_TYPES or not edits else []
    return {
        "files": list(dict.fromkeys(one.file for one in edits if one.file))[:HUNKS_MAX],
        "hunks": [_hunk(one, words) for one in edits[:HUNKS_MAX]],
        "commands": [one.command for one in told if one.command],
    }


def _hunk(one: Ended, words: set[str]) -> dict[str, Any]:
    """Return an edit as kept with a remedy; of a file written anew the lines that have to do with the failure."""
    edit = one.edit or ""
    if one.tool != "Write":
        return {"file": one.file, "edit": wording.shortened(edit, HUNK_CHARS_MAX)}
    lines = edit.split("\n")
    telling = [line for line in lines if any(word in line for word in words)]
    shown = telling if len(telling) >= REWRITE_LINES_MIN else lines
    return {"file": one.file, "edit": "\n".join(shown)[:HUNK_CHARS_MAX], "rewrite": True}


def _repairing_commands(subject: Subject, span: list[Ended], never: set[str]) -> list[Ended]:
    """Return the commands of a span that could have repaired a failure; never the failing command or its check."""
    chosen = [
        one
        for one in span
        if one.command and one.command_key not in never and relevance.changes_something(subject, one.command)
    ]
    return chosen[-COMMANDS_MAX:]


def _key_of(node: Node) -> str:
    return normalised_command(str(node.details.get("command") or ""))


def _sentence(details: dict[str, Any]) -> str:
    parts = []
    if details["files"]:
        parts.append("edited " + ", ".join(details["files"]))
    if details["commands"]:
        parts.append("ran " + "; ".join(details["commands"]))
    return " and ".join(parts)
