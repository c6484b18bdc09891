"""What a tool call led to: its outcome and the failures in it, whether a hook or the transcript tells of it first."""

from __future__ import annotations

from codememory import records
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


def settle(
    connection: apsw.Connection,
    call: Call,
    output: str,
    *,
    session_id: int,
    place: Place,
    cwd: str,
    at: int,
    is_error: bool,
    interrupted: bool = False,
    harmless: bool = False,
    message_id: int | None = None,
    evidence: str = "",
) -> list[int]:
    """Record how a call ended and each failure in its output; return the failure nodes that are new occurrences.

    The first to tell (a hook or the transcript) writes the occurrences, the second adopts them. `harmless` is the
    client's own word that a non-zero exit means nothing (`returnCodeInterpretation`).
    """
    outcome, exit_code = wording.outcome_of(output, is_error and not harmless, interrupted)
    calls.end(connection, session_id, call.tool_use_id, outcome, exit_code, at, message_id)
    if outcome in (wording.REFUSED, wording.INTERRUPTED) or harmless:
        return []
    if outcome == wording.OK and call.tool not in wording.SHELL_TOOLS:
        return []
    if failures.recorded(connection, session_id, call.tool_use_id):
        return []
    from codememory.extract.signature import failures_in

    found = failures_in(
        output, tool=call.tool, command=call.command or "", cwd=cwd, exit_code=exit_code, is_error=outcome != wording.OK
    )
    if not found:
        return []
    branch, head = place.branch_and_head()
    nodes = []
    for ordinal, failure in enumerate(found):
        node_id = _node_of(connection, failure, call, session_id, place.project_id, branch, head, at, evidence)
        failures.occur(connection, node_id, session_id, call.tool_use_id, ordinal, at, branch, head)
        nodes.append(node_id)
    return nodes


def _node_of(
    connection: apsw.Connection,
    failure: Failure,
    call: Call,
    session_id: int,
    project_id: int,
    branch: str,
    head: str,
    at: int,
    evidence: str,
) -> int:
    """Return the node of a failure in this project, written on its first occurrence."""
    from codememory.store import projects

    seen = failures.by_signature(connection, project_id, failure.signature)
    uid = records.key_of("failure", projects.uid_of(connection, project_id).hex(), failure.signature)
    draft = memories.Draft(
        uid,
        "failure",
        said_of(failure, call),
        project_id,
        session_id,
        origin="extracted",
        trust=memories.OBSERVED,
        confidence=FAILURE_CONFIDENCE,
        details={"type": failure.type, "command": call.command, "file": call.file, "lines": failure.lines},
        tags=_tags(failure, call),
        evidence=[source for source in (evidence, call.tool_use_id) if source],
        branch=branch,
        head=head,
    )
    if seen is None:
        node_id, _ = memories.add(connection, draft, at)
        failures.describe(connection, node_id, project_id, failure.signature, failure.type, failure.symbol, at)
        return node_id
    for kind, value, weight in draft.tags:
        memories.tag(connection, project_id, seen.node_id, kind, value, weight)
    for source in draft.evidence:
        memories.rest_on(connection, seen.node_id, source)
    _recur(connection, seen.node_id, session_id, at)
    return seen.node_id


def _recur(connection: apsw.Connection, node_id: int, session_id: int, at: int) -> None:
    """Reopen a failure that was thought to be gone."""
    node = memories.load(connection, node_id)
    if node.status != memories.ACTIVE and at > node.updated_at:
        memories.set_status(connection, node, memories.ACTIVE, "reopened", at, "extracted", {"session": session_id})


def said_of(failure: Failure, call: Call) -> str:
    """Return a failure in one sentence: what was run and the line that tells what went wrong."""
    line = failure.lines[0].strip()[:LINE_CHARS_MAX] if failure.lines else failure.type
    if failure.symbol and failure.symbol not in line:
        line = f"{failure.symbol}: {line}"
    return line


def _tags(failure: Failure, call: Call) -> list[tuple[str, str, float]]:
    tags = [("signature", failure.signature, 1.0)]
    if call.command_key:
        tags.append(("command", call.command_key, 1.0))
    if call.file:
        tags.append(("file", call.file, 1.0))
    tags += [("file", file, 1.0 if position == 0 else 0.6) for position, file in enumerate(failure.files[:8])]
    if failure.symbol:
        tags.append(("symbol", failure.symbol, 1.0))
    if failure.check:
        tags.append(("check", failure.check, 1.0))
    return tags
