"""What to say before a tool runs: only what is likely to come true, or binds the file at hand."""

from __future__ import annotations

from codememory import guard, remedy
from codememory.store import calls, failures, memories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.extract.calls import Call
    from codememory.moment import Moment
    from codememory.retrieve.render import Entry
    from codememory.store.memories import Node

CANDIDATES_MAX = 10
FAILURES_MAX = 2
STATEMENTS_MAX = 3
AGE_MS_MAX = 30 * 86_400_000
"""An unresolved failure older than this, with nothing known against it, is not worth a line."""

SYMBOLS_MAX = 100
SYMBOL_CHARS_MIN = 3
CONFIDENCE_MIN = 0.5
SESSIONS_LOOKED_AT = 12
"""More sessions than this since a failure have certainly changed something."""


def for_command(moment: Moment, call: Call) -> list[Entry]:
    """Return the failures that a command ended with in an earlier session, if nothing has changed since.

    A command that failed is warned of only while its last run is that failure, because otherwise it fails no more
    often than any other (measured by `benchmarks/replay.py`).
    """
    from codememory.retrieve import render

    node_ids = memories.tagged(moment.connection, moment.project_id, "command", call.command_key or "", CANDIDATES_MAX)
    if not node_ids or guard.waits(call.command or ""):
        return []
    found = []
    for node in _usable(moment, node_ids, "failure"):
        seen = failures.seen(moment.connection, node.node_id)
        last_session, last_at, _ = failures.last_place(moment.connection, node.node_id)
        if last_session == moment.session.session_id or seen.passed_at >= last_at:
            continue
        if guard.is_fleeting(node, seen) or not guard.same_ground(moment, seen):
            continue
        if _changed_anywhere(moment, {last_session, moment.session.session_id}, last_at):
            continue
        found.append(render.failure(node, seen, remedy.of_failure(moment.connection, node), moment.now))
    return found[:FAILURES_MAX]


def _changed_anywhere(moment: Moment, session_ids: set[int], at: int) -> bool:
    """Tell whether one of these sessions, or any later one of the project, changed something; in doubt one did."""
    later = calls.sessions_since(moment.connection, moment.project_id, at, SESSIONS_LOOKED_AT + 1)
    if len(later) > SESSIONS_LOOKED_AT:
        return True
    return any(guard.changed_since(moment, session_id, at, by_failing=False) for session_id in session_ids.union(later))


def for_file(moment: Moment, call: Call) -> list[Entry]:
    """Return what binds an edit: constraints and decisions on its file or on what it names, then failures in the file.

    Failures are other sessions' unresolved ones.
    """
    from codememory.retrieve import render
    from codememory.retrieve.search import bound_to

    node_ids = bound_to(moment.connection, moment.project_id, call.file or "")
    symbols = _symbols_in(call.edit or "")
    named = memories.tagged_any(moment.connection, moment.project_id, "symbol", symbols, CANDIDATES_MAX)
    if not node_ids and not named:
        return []
    binding = list(dict.fromkeys([*node_ids, *named]))
    stated = [*_usable(moment, binding, "constraint"), *_usable(moment, binding, "decision")]
    stated.sort(key=lambda node: node.origin == "team" and node.trust != memories.STATED)
    found = [render.statement(node, moment.now) for node in stated[:STATEMENTS_MAX]]
    failed = []
    for node in _usable(moment, node_ids, "failure"):
        last_session, last_at, _ = failures.last_place(moment.connection, node.node_id)
        if last_session == moment.session.session_id and last_at >= moment.session.compacted_at:
            continue
        known = remedy.of_failure(moment.connection, node)
        if known.state == remedy.NONE and not known.tried and moment.now - last_at > AGE_MS_MAX:
            continue
        seen = failures.seen(moment.connection, node.node_id)
        if not guard.same_ground(moment, seen):
            from codememory import lifecycle

            lifecycle.go_stale(moment.connection, node, moment.now)
            continue
        failed.append(render.failure(node, seen, known, moment.now))
    return found + failed[:FAILURES_MAX]


def _symbols_in(edit: str) -> list[str]:
    """Return the identifiers of an edit that no plain word looks like: with an inner capital or `_`, or called."""
    text = "".join([character if character.isalnum() or character in "_(" else " " for character in edit])
    found: dict[str, None] = {}
    for word in text.replace("(", "( ").split():
        name = word.rstrip("(")
        telling = word != name or "_" in name.strip("_") or name[1:] not in (name[1:].lower(), name[1:].upper())
        if telling and len(name) >= SYMBOL_CHARS_MIN and name.isidentifier():
            found[name] = None
    return list(found)[:SYMBOLS_MAX]


def _usable(moment: Moment, node_ids: list[int], kind: str) -> list[Node]:
    nodes = memories.load_all(moment.connection, node_ids).values()
    found = [
        node
        for node in nodes
        if node.kind == kind
        and node.status == memories.ACTIVE
        and node.trust != memories.QUARANTINED
        and node.confidence >= CONFIDENCE_MIN
        and (kind != "failure" or node.details.get("command"))
    ]
    return sorted(found, key=lambda node: (node.origin == "team", -node.updated_at))
