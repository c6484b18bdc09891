"""What a tool call led to: its outcome, the failures in it, and what it shows to be repaired.

A hook or the transcript, whichever tells of it first, settles a call; the other only adopts it.
"""

from __future__ import annotations

from codememory import records, wire
from codememory.extract import calls as wording
from codememory.store import calls, failures, memories

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.extract.calls import Call
    from codememory.extract.failure import Failure
    from codememory.store.projects import Place

FAILURE_CONFIDENCE = 0.9
"""A failure is what a tool printed; what remains uncertain is whether the signature grouped it rightly."""

LINE_CHARS_MAX = 300
FILES_TAGGED_MAX = 8


class Ending:
    """How a call ended, as the client tells it."""

    __slots__ = ("at", "cwd", "evidence", "harmless", "interrupted", "is_error", "live", "message_id", "output")

    def __init__(
        self, output: str, *, is_error: bool, at: int, cwd: str, interrupted: bool = False, harmless: bool = False,
        live: bool = False, message_id: int | None = None, evidence: str = "",
    ) -> None:  # fmt: skip
        self.output, self.is_error, self.at, self.cwd = output, is_error, at, cwd
        self.interrupted = interrupted
        self.harmless = harmless
        """The client's own word that a non-zero exit means nothing (`returnCodeInterpretation`)."""
        self.live = live
        """Told by a hook, so that the files are still as they were."""
        self.message_id, self.evidence = message_id, evidence


def settle(connection: apsw.Connection, call: Call, ending: Ending, *, session_id: int, place: Place) -> list[int]:
    """Record how a call ended and return the failure nodes its output holds.

    A call settled before keeps what was found then; told by a hook once more, the hook still learns of it.
    """
    outcome, exit_code = wording.outcome_of(ending.output, ending.is_error and not ending.harmless, ending.interrupted)
    if not call.tool:  # a result whose call is in no transcript
        calls.record(connection, session_id, call)
    first = calls.end(connection, session_id, call.tool_use_id, outcome, exit_code, ending.at, ending.message_id)
    if not first:
        return _adopted(connection, call, ending, session_id, place) if ending.live else []
    if ending.harmless or outcome in (wording.REFUSED, wording.INTERRUPTED):
        return []
    passed = outcome == wording.OK
    if passed and call.command and "mv " in call.command:
        from codememory import renames

        renames.hear(connection, call, ending.at, place.root, ending.cwd, place.project_id)
    if passed and call.tool not in wording.SHELL_TOOLS:
        return []
    open_before: list[int] = []
    if _tells_something(call):
        open_before = failures.open_for(connection, session_id, place.project_id, call.command_key)
    nodes = _failures(connection, call, ending, exit_code, passed, session_id=session_id, place=place)
    if open_before:
        from codememory import repair

        check = repair.Check(
            call, passed and not nodes, nodes, session_id=session_id, project_id=place.project_id, at=ending.at
        )
        repair.close(connection, check, open_before)
    return nodes


def _tells_something(call: Call) -> bool:
    """Tell whether how a call ended can say anything of a failure; a command that only looks cannot."""
    if not call.command_key:
        return False
    from codememory.extract import effects

    return effects.effect_of(call.command or "") != effects.READS


def _adopted(connection: apsw.Connection, call: Call, ending: Ending, session_id: int, place: Place) -> list[int]:
    """Return the failures that the transcript told of first, and add what only a hook sees: the files as they are."""
    nodes = sorted(failures.of_call(connection, session_id, call.tool_use_id))
    if nodes:
        failures.place_at(connection, session_id, call.tool_use_id, *place.branch_and_head())
    for node_id in nodes:
        node = memories.load(connection, node_id)
        files = [str(one) for one in (node.details.get("file"), *node.details.get("files", [])) if one]
        _keep_contents(connection, node_id, place, files[:FILES_TAGGED_MAX])
    return nodes


def _keep_contents(connection: apsw.Connection, node_id: int, place: Place, files: list[str]) -> None:
    from codememory import repository

    failures.keep_contents(connection, node_id, wire.encoded(repository.contents_of(place.root, files)))


def _failures(
    connection: apsw.Connection, call: Call, ending: Ending, exit_code: int | None, passed: bool, *, session_id: int,
    place: Place,
) -> list[int]:  # fmt: skip
    from codememory.extract.signature import failures_in

    found = failures_in(
        ending.output, tool=call.tool, command=call.command or call.file or "", cwd=ending.cwd, exit_code=exit_code,
        is_error=not passed,
    )  # fmt: skip
    if not found:
        return []
    branch, head = place.branch_and_head() if ending.live else ("", "")
    nodes = []
    for ordinal, failure in enumerate(found):
        node_id = _node_of(connection, failure, call, ending, session_id, place.project_id, branch, head)
        if not node_id:
            continue
        failures.occur(connection, node_id, session_id, call.tool_use_id, ordinal, ending.at, branch, head)
        if ending.live:
            _keep_contents(connection, node_id, place, _files(failure, call))
        if node_id not in nodes:
            nodes.append(node_id)
    return nodes


def _node_of(
    connection: apsw.Connection, failure: Failure, call: Call, ending: Ending, session_id: int, project_id: int,
    branch: str, head: str,
) -> int:  # fmt: skip
    """Return the node of a failure in this project, written on its first occurrence; 0 for one that was forgotten."""
    from codememory.store import projects

    evidence = [source for source in (ending.evidence, call.tool_use_id) if source]
    seen = failures.by_signature(connection, project_id, failure.signature)
    if seen is not None:
        if failures.has_room_for_tags(connection, seen.node_id, memories.TAGS_MAX):
            for kind, value, weight in _tags(failure, call):
                memories.tag(connection, project_id, seen.node_id, kind, value, weight)
        for source in evidence:
            memories.rest_on(connection, seen.node_id, source)
        _recur(connection, seen.node_id, session_id, ending.at)
        return seen.node_id
    uid = records.key_of("failure", projects.uid_of(connection, project_id).hex(), failure.signature)
    details = {"type": failure.type, "command": call.command, "file": call.file, "files": failure.files,
               "lines": failure.lines}  # fmt: skip
    draft = memories.Draft(
        uid, "failure", said_of(failure), project_id, session_id, origin="extracted", trust=memories.OBSERVED,
        confidence=FAILURE_CONFIDENCE, details={name: value for name, value in details.items() if value},
        tags=_tags(failure, call), evidence=evidence, branch=branch, head=head,
    )  # fmt: skip
    node_id, _ = memories.add(connection, draft, ending.at)
    if node_id:
        failures.describe(connection, node_id, project_id, failure.signature, failure.type, failure.symbol, ending.at)
    return node_id


def _recur(connection: apsw.Connection, node_id: int, session_id: int, at: int) -> None:
    """Reopen a failure that was thought to be gone."""
    node = memories.load(connection, node_id)
    if node.status != memories.ACTIVE and at > node.updated_at:
        memories.set_status(connection, node, memories.ACTIVE, "reopened", at, "extracted", {"session": session_id})


def said_of(failure: Failure) -> str:
    """Return a failure in one line: the one that tells what went wrong, and where if it does not say so itself."""
    line = failure.lines[0].strip()[:LINE_CHARS_MAX] if failure.lines else failure.type
    if failure.symbol and failure.symbol not in line:
        line = f"{failure.symbol}: {line}"
    return line


def _files(failure: Failure, call: Call) -> list[str]:
    return list(dict.fromkeys(([call.file] if call.file else []) + failure.files))[:FILES_TAGGED_MAX]


def _tags(failure: Failure, call: Call) -> list[tuple[str, str, float]]:
    tags = [("signature", failure.signature, 1.0)]
    if call.command_key:
        tags.append(("command", call.command_key, 1.0))
    tags += [("file", file, 1.0 if position == 0 else 0.6) for position, file in enumerate(_files(failure, call))]
    if failure.symbol:
        tags.append(("symbol", failure.symbol, 1.0))
    if failure.check:
        tags.append(("check", failure.check, 1.0))
    return tags
