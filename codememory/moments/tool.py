"""PreToolUse, PostToolUse and PostToolUseFailure: record what the tool did, warn of what failed before."""

from __future__ import annotations

from codememory import config, redact
from codememory.extract import calls as wording
from codememory.retrieve import render
from codememory.store import calls, failures, memories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codememory.extract.calls import Call
    from codememory.moment import Moment
    from codememory.retrieve.render import Entry

WARNING_CHARS_MAX = 1_500
FAILURES_MAX, STATEMENTS_MAX = 2, 3
OUTPUT_CHARS_MAX = 400_000


def told_before(moment: Moment) -> str:
    """Record a call and return the failures and constraints bound to its file or command."""
    call = _recorded(moment)
    if call is None:
        return ""
    if call.tool in wording.DELEGATION_TOOLS:
        _delegate(moment, call)
        return ""
    found: list[int] = []
    if call.file and call.tool in wording.EDIT_TOOLS:
        from codememory.retrieve.search import bound_to

        found = bound_to(moment.connection, moment.project_id, call.file)
    elif call.command_key:
        found = memories.tagged(moment.connection, moment.project_id, "command", call.command_key, 10)
    return moment.say(_entries(moment, found), WARNING_CHARS_MAX) if found else ""


def _entries(moment: Moment, node_ids: list[int]) -> list[Entry]:
    """Return the lines of what is still in force among nodes, constraints first, newest first."""
    nodes = [
        node
        for node in memories.load_all(moment.connection, node_ids).values()
        if node.status == memories.ACTIVE and node.trust != memories.QUARANTINED
    ]
    nodes.sort(key=lambda node: -node.updated_at)
    stated = [node for node in nodes if node.kind in ("constraint", "decision")]
    stated.sort(key=lambda node: node.kind != "constraint")
    failed = [node for node in nodes if node.kind == "failure"]
    return [render.statement(node, moment.now) for node in stated[:STATEMENTS_MAX]] + [
        render.failure(node, failures.seen(moment.connection, node.node_id), moment.now)
        for node in failed[:FAILURES_MAX]
    ]


def told_after(moment: Moment) -> str:
    """Record how a call ended; say something only if its output shows a failure that exit code 0 hid."""
    call = _recorded(moment)
    if call is None:
        return ""
    response = moment.payload.get("tool_response")
    extra = response if isinstance(response, dict) else {}
    return _settled(
        moment,
        call,
        _output_of(response),
        is_error=False,
        interrupted=extra.get("interrupted") is True,
        harmless=bool(extra.get("returnCodeInterpretation")),
    )


def told_after_failure(moment: Moment) -> str:
    """Record a failed call and say what is known of this failure from before."""
    call = _recorded(moment)
    if call is None:
        return ""
    interrupted = moment.payload.get("is_interrupt") is True
    return _settled(moment, call, moment.text("error"), is_error=True, interrupted=interrupted)


def _settled(
    moment: Moment, call: Call, output: str, *, is_error: bool, interrupted: bool, harmless: bool = False
) -> str:
    from codememory import outcomes

    if config.setting("REDACT"):
        output = redact.redacted(output[:OUTPUT_CHARS_MAX])
    nodes = outcomes.settle(
        moment.connection,
        call,
        output,
        session_id=moment.session.session_id,
        place=moment.place,
        cwd=moment.cwd,
        at=moment.now,
        is_error=is_error,
        interrupted=interrupted,
        harmless=harmless,
    )
    return moment.say(_seen_before(moment, call, nodes), WARNING_CHARS_MAX)


def _seen_before(moment: Moment, call: Call, node_ids: list[int]) -> list[Entry]:
    """Return the lines of those failures that happened before this call."""
    found = []
    for node_id in node_ids:
        before = failures.happened_before(moment.connection, node_id, moment.session.session_id, call.tool_use_id)
        if before is not None:
            seen = failures.seen(moment.connection, node_id)
            seen.last_at, seen.occurrences = before, seen.occurrences - 1
            found.append(render.failure(memories.load(moment.connection, node_id), seen, moment.now))
    return found[:FAILURES_MAX]


def _recorded(moment: Moment) -> Call | None:
    """Store the call that the payload tells of and return it; None if it tells of none."""
    tool_use_id, tool, given = moment.text("tool_use_id"), moment.text("tool_name"), moment.payload.get("tool_input")
    if not tool_use_id or not tool or not isinstance(given, dict):
        return None
    if config.setting("REDACT"):
        given = redact.redacted_value(given)
        moment.payload["tool_input"] = given
    call = wording.call_of(
        tool_use_id, tool, given, root=moment.place.root, cwd=moment.cwd, agent=moment.thread, at=moment.now
    )
    calls.record(moment.connection, moment.session.session_id, call)
    return call


def _delegate(moment: Moment, call: Call) -> None:
    given = moment.payload["tool_input"]
    kind, prompt = given.get("subagent_type"), given.get("prompt")
    if isinstance(prompt, str):
        kind = kind if isinstance(kind, str) else ""
        calls.delegate(moment.connection, moment.session.session_id, call.tool_use_id, kind, prompt, moment.now)


def _output_of(response: Any) -> str:
    """Return what a tool printed, however the client wraps it."""
    if isinstance(response, str):
        return response
    if not isinstance(response, dict):
        return ""
    parts = [response.get(name) for name in ("stdout", "stderr", "output", "content")]
    return "\n".join(part for part in parts if isinstance(part, str) and part)
