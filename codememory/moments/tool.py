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
    from codememory.store.attempts import Attempt
    from codememory.store.memories import Node

WARNING_CHARS_MAX = 1_500
FAILURES_MAX = 2
THRASH_MIN, THRASH_ATTEMPTS = 2, 3
OUTPUT_CHARS_MAX = 400_000


def told_before(moment: Moment) -> str:
    """Record a call and return what binds its file, or what its command is likely to end with."""
    call = _recorded(moment)
    if call is None:
        return ""
    if call.tool in wording.DELEGATION_TOOLS:
        _delegate(moment, call)
        return ""
    if call.file and call.tool in wording.EDIT_TOOLS:
        from codememory import warning

        return moment.say(warning.for_file(moment, call), WARNING_CHARS_MAX)
    if not call.command_key or not memories.tagged(
        moment.connection, moment.project_id, "command", call.command_key, 1
    ):
        return ""
    from codememory import warning

    said = moment.say(warning.for_command(moment, call), WARNING_CHARS_MAX)
    return said or _guarded(moment, call)


def _guarded(moment: Moment, call: Call) -> str:
    """Let the guard speak up: in words, or by a decision on the call."""
    from codememory import guard

    mode = config.setting("GUARD")
    found = guard.verdict(moment, call) if mode != guard.OFF else None
    if found is None or guard.denied_before(moment, call, found):
        return ""
    reason = guard.speak(moment, call, found, mode)
    if mode == guard.WARN:
        from codememory import fence

        return fence.fenced(reason, f"codememory {moment.event}")
    moment.decision, moment.reason = mode, reason
    return ""


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

    output = output[:OUTPUT_CHARS_MAX]
    if config.setting("REDACT"):
        output = redact.redacted(output)
    ending = outcomes.Ending(
        output, is_error=is_error, at=moment.now, cwd=moment.cwd, interrupted=interrupted, harmless=harmless, live=True
    )
    nodes = outcomes.settle(moment.connection, call, ending, session_id=moment.session.session_id, place=moment.place)
    return moment.say(_seen_before(moment, nodes), WARNING_CHARS_MAX) if nodes else ""


def _seen_before(moment: Moment, node_ids: list[int]) -> list[Entry]:
    """Return the lines of those failures that the session does not remember itself, those with a remedy first."""
    ranked = []
    for node_id in node_ids:
        node = memories.load(moment.connection, node_id)
        session = moment.session
        elsewhere = failures.happened_elsewhere(moment.connection, node_id, session.session_id, session.compacted_at)
        made = _failed_attempts(moment, node_id)
        if node.trust == memories.QUARANTINED or (elsewhere is None and len(made) < THRASH_MIN):
            continue
        from codememory import remedy

        known = remedy.of_failure(moment.connection, node)
        entry = _thrash(moment, node, made)
        if entry is None and elsewhere is not None:
            seen = failures.seen(moment.connection, node_id)
            seen.last_at, seen.occurrences = elsewhere
            entry = render.failure(node, seen, known, moment.now)
        if entry:
            ranked.append((known.state != remedy.CONFIRMED, known.state == remedy.NONE, entry))
    ranked.sort(key=lambda one: one[:2])
    return [entry for _, _, entry in ranked[:FAILURES_MAX]]


def _failed_attempts(moment: Moment, node_id: int) -> list[Attempt]:
    """Return what this session tried in vain against a failure, the newest first."""
    from codememory.store import attempts

    made = attempts.against(moment.connection, node_id)
    session_id = moment.session.session_id
    return [one for one in made if one.session_id == session_id and one.outcome == attempts.FAILED]


def _thrash(moment: Moment, node: Node, made: list[Attempt]) -> Entry | None:
    """Return the word on a check that goes on failing alike after several attempts of this session.

    It is said at the third, and when for the first time an attempt only took an earlier edit back.
    """
    if len(made) < THRASH_MIN:
        return None
    from codememory.remedy import summary_of

    nodes = memories.load_all(moment.connection, [one.node_id for one in made])
    if any(held.trust == memories.QUARANTINED for held in nodes.values()):
        return None
    reversals = [bool(nodes[one.node_id].details.get("takes_back")) for one in made]
    if len(made) != THRASH_ATTEMPTS and not (reversals[0] and sum(reversals) == 1):
        return None
    tried = [summary_of(nodes[one.node_id].details) for one in made[:THRASH_ATTEMPTS]]
    return render.thrash(node, tried, made[0].node_id)


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
    task = wording.task_of(moment.payload["tool_input"])
    if task:
        calls.delegate(moment.connection, moment.session.session_id, call.tool_use_id, *task, moment.now)


def _output_of(response: Any) -> str:
    """Return what a tool printed, however the client wraps it."""
    if isinstance(response, str):
        return response
    if not isinstance(response, dict):
        return ""
    parts = [response.get(name) for name in ("stdout", "stderr", "output", "content")]
    return "\n".join(part for part in parts if isinstance(part, str) and part)
