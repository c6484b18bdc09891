"""Say what this store knows of a shared project as events: what is new in it, and what is to be taken back."""

from __future__ import annotations

import os
import platform
from typing import Any

import apsw

from codememory import records, wire
from codememory.store import attempts, failures, foreign, incoming, memories, outgoing, projects
from codememory.store import team as store
from codememory.store.memories import Node
from codememory.team import clock, events
from codememory.team.events import Event
from codememory.team.wording import PrivateError, Wording

CONFIDENCE_MIN = 0.6
"""What was only recognised must be this sure to be told to others."""

DETAILS = {
    "task": ("details", "acceptance_criteria"),
    "constraint": ("rationale", "details"),
    "decision": ("rationale", "details", "alternatives_rejected"),
    "failure": ("type", "command", "file", "files", "lines"),
    "fix_attempt": ("files", "hunks", "commands", "outcome", "check", "takes_back"),
}
"""Kind → what is shared of its details, and nothing else."""

FILE_TAGS = ("file", "glob")
LINES_MAX = 8
"""Of a failure's output only its essential lines are kept at all; of these so many are shared."""


class Sharing:
    """A project on its way out: how texts are put, and the events made so far."""

    def __init__(self, connection: apsw.Connection, shared: store.Shared, now: int) -> None:
        self.connection, self.shared, self.now = connection, shared, now
        until = (now + clock.DRIFT_MS_MAX) << clock.COUNTER_BITS
        self.stamp = store.newest_stamp(connection, shared.project_id, until)
        self.number = store.vector(connection, shared.project_id).get(shared.machine, 0)
        self.made: list[Event] = []
        self.withheld: dict[bytes, str] = {}
        self.said: set[int] = set()
        self.wording = Wording(_roots(connection, shared.project_id), platform.node())

    def say(self, kind: str, node: bytes, other: bytes, payload: dict[str, Any]) -> None:
        """Make an event."""
        text = wire.encoded(payload)
        if len(text.encode()) > events.PAYLOAD_BYTES_MAX:
            self.withheld[node] = "it is too long"
            return
        self.number += 1
        self.stamp = clock.after(self.stamp, self.now)
        shared = self.shared
        self.made.append(Event(shared.machine, self.number, self.stamp, shared.author, kind, node, other, text))

    def known(self, node: bytes) -> list[Event]:
        """Return what is said of a memory so far."""
        before = [Event(*row) for row in store.events_of(self.connection, self.shared.project_id, node)]
        return [*before, *(one for one in self.made if one.node == node)]


def _roots(connection: apsw.Connection, project_id: int) -> list[str]:
    """Return the folders of a project, as written and as they really are."""
    named = [root for _, root in [projects.name_and_root(connection, project_id)]]
    for kind, value in projects.aliases_of(connection, project_id):
        if kind in (projects.REPOSITORY, projects.FOLDER):
            named.append(value.removesuffix("/.git"))
    return [*named, *(os.path.realpath(one) for one in named)]


def collected(connection: apsw.Connection, shared: store.Shared, now: int) -> Sharing:
    """Return the events of what happened in a project since the last time, in the caller's transaction."""
    sharing = Sharing(connection, shared, now)
    for node in store.forgotten_statements(connection, shared):
        withdraw(sharing, node)
    for node_id in foreign.adopt_failures(connection, shared.project_id):
        _tell(sharing, memories.load(connection, node_id))
    for node_id, event_id in store.changed_nodes(connection, shared.project_id, shared.collected):
        _tell(sharing, memories.load(connection, node_id))
        shared.collected = max(shared.collected, event_id)
    return sharing


def withdraw(sharing: Sharing, node: bytes) -> bool:
    """Take back what the author said of a memory; False if nothing of it is left."""
    own = [one for one in sharing.known(node) if one.author == sharing.shared.author]
    gone = max((one.stamp for one in own if one.kind == events.GONE), default=0)
    if not any(one.kind != events.GONE and one.stamp > gone for one in own):
        return False
    sharing.say(events.GONE, node, b"", {})
    return True


def shared_id(connection: apsw.Connection, shared: store.Shared, node: Node) -> bytes:
    """Return what a memory is called in the team."""
    if node.kind == "failure":
        return events.failure_id(shared.shared, failures.seen(connection, node.node_id).signature)
    return bytes(node.uid)


def _tell(sharing: Sharing, node: Node) -> None:
    """Say what is new of a memory: what it states, the steps it took, its links."""
    if node.node_id in sharing.said or node.kind not in events.NODE_KINDS:
        return
    sharing.said.add(node.node_id)
    connection, shared = sharing.connection, sharing.shared
    name = shared_id(connection, shared, node)
    if node.origin != store.ORIGIN:
        reason = _withheld(connection, node, name)
        try:
            payload = {} if reason else _statement(sharing, node)
        except PrivateError:
            reason, payload = "it stands beside something private", {}
        if payload:
            _state(sharing, node, name, payload)
        else:
            sharing.withheld[name] = reason
    told = events.told(sharing.known(name))
    if told is not None:
        _tell_steps(sharing, node, name)
        _tell_links(sharing, node, name, {(kind, other) for kind, other, _ in told.relations})


def _state(sharing: Sharing, node: Node, name: bytes, payload: dict[str, Any]) -> None:
    """Say what a memory states, an attempt behind the failure that it is against."""
    connection, other = sharing.connection, b""
    if node.kind == "fix_attempt":
        failure = memories.load(connection, outgoing.attempt(connection, node.node_id)[0])  # type: ignore[index]
        _tell(sharing, failure)
        other = shared_id(connection, sharing.shared, failure)
        if events.told(sharing.known(other)) is None:
            sharing.withheld[name] = "its failure is not shared"
            return
    if node.kind == "failure":
        incoming.name_also(connection, node.node_id, name)
    _say_once(sharing, name, other, payload)


def _say_once(sharing: Sharing, name: bytes, other: bytes, payload: dict[str, Any]) -> None:
    own = [one for one in sharing.known(name) if one.author == sharing.shared.author]
    latest = max((one for one in own if one.kind != events.STEP and one.kind != events.RELATION),
                 key=lambda one: one.stamp, default=None)  # fmt: skip
    if latest is None or latest.kind == events.GONE or latest.payload != wire.encoded(payload):
        sharing.say(events.STATEMENT, name, other, payload)


def _withheld(connection: apsw.Connection, node: Node, name: bytes) -> str:
    """Return why a memory is not shared, '' if it is."""
    if store.is_private(connection, [node.uid, name]):
        return "it is kept private"
    if node.trust == memories.QUARANTINED:
        return "it is quarantined"
    if node.status in (memories.SUPERSEDED, memories.STALE):
        return f"it is {node.status}"
    if node.kind in ("task", "constraint", "decision") and node.origin == "extracted":
        return "" if node.confidence >= CONFIDENCE_MIN else "it is not sure enough"
    if node.kind == "failure" and not attempts.against(connection, node.node_id, 1):
        return "nothing is known against it"
    return ""


def _statement(sharing: Sharing, node: Node) -> dict[str, Any]:
    """Return what a memory states, fit to be shared; nothing if nothing is left of it.

    Raises:
        PrivateError: It has to do with what is private.

    """
    connection, wording = sharing.connection, sharing.wording
    details = {name: node.details[name] for name in DETAILS[node.kind] if name in node.details}
    details = wording.value({name: value for name, value in details.items() if name not in ("file", "files", "hunks")})
    if file := wording.path(str(node.details.get("file") or "")):
        details["file"] = file
    if "files" in node.details:
        details["files"] = [path for one in node.details["files"] if (path := wording.path(str(one)))]
    if "lines" in details:
        details["lines"] = details["lines"][:LINES_MAX]
    hunks = [one for one in node.details.get("hunks") or [] if isinstance(one, dict)]
    if hunks:
        put = [{**wording.value(one), "file": wording.path(str(one.get("file", "")))} for one in hunks]
        details["hunks"] = [one for one in put if one["file"]]
        if not details["hunks"] and not details.get("commands"):
            return {}
    said: dict[str, Any] = {
        "kind": node.kind, "content": wording.text(node.content), "details": details, "origin": node.origin,
        "confidence": node.confidence, "created_at": node.created_at,
        "tags": _tags(wording, memories.tags_of(connection, node.node_id)),
    }  # fmt: skip
    if node.kind == "failure":
        seen = failures.seen(connection, node.node_id)
        said["failure"] = {
            "signature": wording.text(seen.signature), "type": seen.type,
            "symbol": seen.symbol and wording.text(seen.symbol),
            "head": failures.last_place(connection, node.node_id)[2],
            "first_at": seen.first_at, "last_at": seen.last_at,
        }  # fmt: skip
        if said["failure"]["signature"] != seen.signature:
            return {}
    if node.kind == "fix_attempt":
        _, _, outcome, _, ended_at = outgoing.attempt(connection, node.node_id)  # type: ignore[misc]
        said["attempt"] = {"outcome": outcome, "ended_at": ended_at}
    return said


def _tags(wording: Wording, tags: list[tuple[str, str, float]]) -> list[list[Any]]:
    put = [
        (kind, wording.path(value) if kind in FILE_TAGS else wording.text(value), weight)
        for kind, value, weight in tags
    ]
    return [list(one) for one in sorted(set(put)) if one[1]]


def _tell_steps(sharing: Sharing, node: Node, name: bytes) -> None:
    connection, shared = sharing.connection, sharing.shared
    for uid, verb, _, actor, detail in store.steps_of(connection, node.node_id):
        own = verb in events.VERBS and (verb != "staled" or actor == "user")
        if not own or store.knows_step(connection, shared.project_id, uid):
            continue
        told: dict[str, Any] = {}
        try:
            if isinstance(reason := detail.get("reason"), str) and reason:
                told["reason"] = sharing.wording.text(reason)
        except PrivateError:
            pass
        if isinstance(by := detail.get("by"), str) and by.startswith(f"{records.NODE}_"):
            told["by"] = by
        sharing.say(events.STEP, name, uid, {"verb": verb, "detail": told})


def _tell_links(sharing: Sharing, node: Node, name: bytes, known: set[tuple[str, bytes]]) -> None:
    connection, shared = sharing.connection, sharing.shared
    for kind, other_id, at in store.links_of(connection, node.node_id):
        other = shared_id(connection, shared, memories.load(connection, other_id)) if kind in events.RELATIONS else b""
        if not other or (kind, other) in known or events.told(sharing.known(other)) is None:
            continue
        sharing.say(events.RELATION, name, other, {"kind": kind, "at": at})
