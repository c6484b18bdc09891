"""The life of memories, by hand: the two tools that change what is remembered."""

from __future__ import annotations

from typing import Any

from codememory import db, lifecycle, wire
from codememory.errors import PayloadError
from codememory.explore import shapes
from codememory.explore.describe import node_of
from codememory.mcp.answers import SHOWN_MAX, Call, recalled, short
from codememory.records import NODE
from codememory.store import identity, memories, pending

LISTED = 20

MOVES = {
    "resolve_node": (memories.RESOLVED, "resolved"),
    "reopen_failure": (memories.ACTIVE, "reopened"),
    "mark_stale": (memories.STALE, "staled"),
}
SUPERSEDE, MAINTAIN = ("supersede_decision", "supersede_node"), "stale_maintenance"
LOOKS = ("list_events", "list_relations", "show")
ACTIONS = ("resolve_node", "reopen_failure", *SUPERSEDE, "mark_stale", MAINTAIN, *LOOKS)

STATES = {"pending": pending.OPEN, "applied": pending.APPLIED, "dismissed": pending.DISMISSED}


def memory_pending(call: Call, given: dict[str, Any]) -> str:
    """List changes that wait for a decision, or decide on one, named by its own id or by its memory's."""
    connection = call.connection
    limit = min(given.get("limit", LISTED), SHOWN_MAX)
    if given["action"] == "list":
        state = STATES[given.get("status", "pending")]
        lines = [_proposed(call, one) for one in pending.listed(connection, call.project_id, state, limit)]
        return recalled("\n".join(lines)) or "Nothing waits for a decision."
    connection.execute("BEGIN IMMEDIATE")
    try:
        proposed = _chosen(call, given)
        changed = lifecycle.decide(connection, proposed, given["action"] == "apply", call.now, given.get("reason", ""))
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise
    state = ("applied" if given["action"] == "apply" else "dismissed") if changed else f"{proposed.state} already"
    return f"{short(proposed.id)} is {state}."


def _proposed(call: Call, one: pending.Pending) -> str:
    node = memories.load(call.connection, one.node_id)
    return f"- {short(one.id)}: {short(node.id)} would be {one.status}, because {one.reason}: {node.content}"


def _chosen(call: Call, given: dict[str, Any]) -> pending.Pending:
    """Return the proposed change that is meant; a target given beside its id must be its own."""
    target = _node(call, given, "targetNodeId") if given.get("targetNodeId") else None
    if given.get("pendingId"):
        proposed = lifecycle.find_pending(call.connection, given["pendingId"])
        if target and proposed.node_id != target.node_id:
            raise PayloadError(f"{short(proposed.id)} is about another memory than {short(target.id)}.")
        return proposed
    if target is None:
        raise PayloadError("Give pendingId, as action list shows it.")
    listed = pending.listed(call.connection, target.project_id, pending.OPEN, SHOWN_MAX)
    found = [one for one in listed if one.node_id == target.node_id]
    if len(found) != 1:
        raise PayloadError(f"{len(found)} changes wait for {short(target.id)}: give pendingId.")
    return found[0]


def memory_lifecycle(call: Call, given: dict[str, Any]) -> str:
    """Show a memory's life or move it on."""
    action = given["action"]
    if action in LOOKS:
        return recalled(_looked(call, action, _node(call, given, "nodeId"), min(given.get("limit", LISTED), SHOWN_MAX)))
    call.connection.execute("BEGIN IMMEDIATE")
    try:
        said = _moved(call, action, given)
        call.connection.execute("COMMIT")
    except BaseException:
        db.roll_back(call.connection)
        raise
    return said


def _moved(call: Call, action: str, given: dict[str, Any]) -> str:
    if action == MAINTAIN:
        staled = lifecycle.maintain(call.connection, call.project_id, call.now)
        return f"{len(staled)} memories went stale{': ' if staled else ''}{', '.join(short(one.id) for one in staled)}."
    if action in SUPERSEDE:
        older, newer = _node(call, given, "oldNodeId"), _node(call, given, "newNodeId")
        if action == "supersede_decision" and older.kind != "decision":
            raise PayloadError(f"{short(older.id)} is no decision but a {older.kind}: use supersede_node.")
        lifecycle.supersede(call.connection, older, newer, call.now)
        return f"{short(older.id)} is superseded by {short(newer.id)}."
    node = _node(call, given, "nodeId")
    if action == "reopen_failure" and node.kind != "failure":
        raise PayloadError(f"{short(node.id)} is no failure but a {node.kind}.")
    status, verb = MOVES[action]
    changed = lifecycle.move(call.connection, node, status, verb, call.now, given.get("reason", ""))
    return f"{short(node.id)} is {status}{'' if changed else ' already'}."


def _looked(call: Call, action: str, node: memories.Node, limit: int) -> str:
    if action == "show":
        found = node_of(call.connection, node.node_id)
        kept = ("id", "kind", "status", "content", "details", "confidence", "origin", "tags", "relations", "lifecycle")
        return "\n".join(f"{name}: {wire.encoded(found[name])}" for name in kept if found[name])
    if action == "list_events":
        steps = shapes.events(call.connection, node.node_id)[:limit]
        return "\n".join(f"- {one['at']} {one['verb']} by {one['actor']} {_said(one['detail'])}" for one in steps)
    links = shapes.node(call.connection, node)["relations"][:limit]
    lines = [f"- {one['kind']} {one['direction']} {short(one['id'])}" for one in links]
    return "\n".join(lines) or f"{short(node.id)} is linked with nothing."


def _said(detail: Any) -> str:
    return wire.encoded(detail) if detail else ""


def _node(call: Call, given: dict[str, Any], argument: str) -> memories.Node:
    if not given.get(argument):
        raise PayloadError(f"{given['action']} needs {argument}.")
    kind, node_id = identity.resolve(call.connection, given[argument])
    if kind != NODE:
        raise PayloadError(f"{given[argument]!r} is no memory.")
    return memories.load(call.connection, node_id)
