"""Speak up before a command that is bound to fail as it just did: rarely, with evidence, and never twice.

It acts only when the same normalised command failed at least twice in a row with the same signature and nothing it
could depend on has changed since: no edit, no command that changes or may change something, the same commit, the same
content. A denial happens once; the repeat is let through.
"""

from __future__ import annotations

from codememory import repository, wire
from codememory.extract import calls as wording
from codememory.extract import effects
from codememory.extract.shell import parts_of
from codememory.store import calls, failures, guards, memories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.extract.calls import Call
    from codememory.moment import Moment
    from codememory.store.failures import Seen
    from codememory.store.memories import Node

OFF, WARN, ASK, DENY = "off", "warn", "ask", "deny"
RUNS_MIN = 2
RUNS_LOOKED_AT = 6
SPAN_CALLS_MAX = 200

FLEETING_TYPES = frozenset(("network", "timeout", "rate-limit", "lock", "killed", "port-in-use"))
"""Failures that can pass by themselves."""

FLEETING_CODES = ("ETIMEDOUT", "ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EADDRINUSE")
FLEETING_MARKS = (
    "timed out", "timeout exceeded", "connection refused", "connection reset", "temporarily unavailable",
    "temporary failure", "try again", "rate limit",
    "too many requests", "service unavailable", "bad gateway", "is locked", "index.lock", "resource busy",
    "could not resolve host", "network is unreachable", "no space left", "cannot allocate memory",
)  # fmt: skip

WAITING_HEADS = frozenset(
    """act aws az curl dig docker docker-compose flyctl gcloud gh glab helm heroku http httpie kubectl nc netlify
    nslookup
    open ping pg_isready podman psql redis-cli rsync scp sleep ssh telnet terraform vercel wait wget""".split()
)
"""Commands that ask something outside whether it is there yet."""


class Verdict:
    """What the guard found: how often in a row, and the failure."""

    __slots__ = ("node_id", "runs", "since")

    def __init__(self, node_id: int, runs: int, since: int) -> None:
        self.node_id, self.runs, self.since = node_id, runs, since


def verdict(moment: Moment, call: Call) -> Verdict | None:
    """Return why a command is bound to fail, None if that is not sure enough."""
    if not call.command_key or waits(call.command or ""):
        return None
    session_id = moment.session.session_id
    runs = calls.last_runs(moment.connection, session_id, call.command_key, RUNS_LOOKED_AT)
    streak = _streak(moment, runs)
    if len(streak) < RUNS_MIN:
        return None
    newest, held = streak[0]
    if changed_since(moment, session_id, newest.called_at):
        return None
    if calls.prompted_since(moment.connection, session_id, newest.called_at):
        return None  # the user may have changed something outside
    node_id = min(held)
    seen = failures.seen(moment.connection, node_id)
    node = memories.load(moment.connection, node_id)
    if node.trust == memories.QUARANTINED or is_fleeting(node, seen) or not same_ground(moment, seen):
        return None
    return Verdict(node_id, len(streak), streak[-1][0].called_at)


def _streak(moment: Moment, runs: list[calls.Ended]) -> list[tuple[calls.Ended, set[int]]]:
    """Return the newest runs that all failed alike, with the failures they held."""
    found: list[tuple[calls.Ended, set[int]]] = []
    for run in runs:
        held = failures.of_call(moment.connection, moment.session.session_id, run.tool_use_id)
        if run.outcome != wording.FAILED or not held or (found and held != found[0][1]):
            break
        found.append((run, held))
    return found


def is_fleeting(node: Node, seen: Seen) -> bool:
    """Tell whether a failure can pass by itself: the network, a lock, a limit, a port in use."""
    if seen.type in FLEETING_TYPES:
        return True
    text = " ".join((node.content, *(str(line) for line in node.details.get("lines", []))))
    lowered = text.lower()
    return any(code in text for code in FLEETING_CODES) or any(mark in lowered for mark in FLEETING_MARKS)


def waits(command: str) -> bool:
    """Tell whether a command asks something outside that may answer differently next time."""
    for part in parts_of(command):
        inner = effects.stripped(part.words)
        if part.head in WAITING_HEADS or (inner and inner[0].rpartition("/")[2] in WAITING_HEADS):
            return True
    return any(word in ("while", "until") for word in command.split())


def changed_since(moment: Moment, session_id: int, at: int, *, by_failing: bool = True) -> bool:
    """Tell whether a session edited something, or ran what may change something, after a time; in doubt it did.

    `by_failing` counts what a command of unknown effect may have done before it failed.
    """
    span = calls.changes_between(moment.connection, session_id, at, moment.now, SPAN_CALLS_MAX)
    if len(span) >= SPAN_CALLS_MAX:
        return True
    for one in span:
        if one.tool_use_id == moment.text("tool_use_id"):
            continue
        if one.edit is not None and one.outcome not in (wording.FAILED, wording.REFUSED):
            return True
        if one.command is not None and effects.may_change(one.command):
            is_known = effects.effect_of(one.command) == effects.CHANGES
            if by_failing or is_known or one.outcome != wording.FAILED:
                return True
    return False


def same_ground(moment: Moment, seen: Seen) -> bool:
    """Tell whether the commit and the files are still those a failure last happened with, as far as that is known."""
    _, _, head = failures.last_place(moment.connection, seen.node_id)
    if head and head != moment.place.branch_and_head()[1]:
        return False
    contents = wire.decoded(seen.contents)
    return all(repository.blob_hash(f"{moment.place.root}/{file}") == held for file, held in contents.items())


def denied_before(moment: Moment, call: Call, found: Verdict) -> bool:
    """Tell whether the guard spoke up in this streak already."""
    return guards.acted_since(moment.connection, moment.session.session_id, call.command_key or "", found.since)


def speak(moment: Moment, call: Call, found: Verdict, mode: str) -> str:
    """Record that the guard acts and return its reason: the evidence and the known remedy."""
    from codememory import remedy
    from codememory.retrieve import render

    guards.act(
        moment.connection, moment.session.session_id, call.tool_use_id, call.command_key or "", found.node_id, mode,
        moment.now,
    )  # fmt: skip
    node = memories.load(moment.connection, found.node_id)
    return render.guard_reason(node, remedy.of_failure(moment.connection, node), found.runs)
