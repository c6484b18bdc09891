"""Look after memories: list, show, move them through their life, decide on what is uncertain."""

from __future__ import annotations

import os
from enum import StrEnum
from time import time
from typing import Annotated, Any

import typer

from codememory import lifecycle
from codememory.cli import context, show
from codememory.errors import PayloadError
from codememory.explore import describe, shapes
from codememory.records import NODE, NODE_KINDS, NODE_STATUSES
from codememory.store import identity, memories, pending, projects

commands = typer.Typer(no_args_is_help=True, help="Look after memories: list, show, and move them through their life.")


class NodeKind(StrEnum):
    """Kinds of memory."""

    task, constraint, decision, failure, fix_attempt, summary = NODE_KINDS


class Status(StrEnum):
    """Where a memory stands."""

    active, resolved, superseded, stale = NODE_STATUSES


@commands.command("list")
def list_(
    kind: Annotated[NodeKind | None, typer.Option(help="Only this kind.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only with this status.")] = None,
    file: Annotated[str | None, typer.Option(help="Only bound to this file.")] = None,
    session: Annotated[str | None, typer.Option(help="Only of this session.")] = None,
    limit: context.Limit = 50,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
) -> None:
    """List memories, the latest first.

    Examples:

      codememory memory list --kind constraint --status active

      codememory memory list --file src/total.py --json

    """
    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    session_id = None
    if session:
        sort, session_id = identity.resolve(connection, session)
        if sort != identity.SESSION:
            raise PayloadError(f"{session!r} is no session.")
    found = memories.listed(
        connection,
        project_id=project_id,
        kind=kind.value if kind else None,
        status=status.value if status else None,
        file=_relative(connection, file),
        session_id=session_id,
        limit=limit,
    )
    nodes = [shapes.node(connection, node) for node in found]
    if as_json:
        context.print_json({"nodes": nodes})
        return
    rows = [[show.short(one["id"]), one["kind"], one["status"], one["content"]] for one in nodes]
    if rows:
        show.table("", ["id", "kind", "status", "what"], rows)
    else:
        context.talk("No such memory in this project.")


def _relative(connection: Any, file: str | None) -> str | None:
    if file is None:
        return None
    from codememory.extract.calls import relative

    place = projects.find_place(connection, os.getcwd())
    return relative(file, place.root, os.getcwd()) if place else file


@commands.command("show")
def show_(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A memory's id or its beginning.")],
    as_json: context.Json = False,
) -> None:
    """Show one memory with its life and where it was said.

    Example: codememory memory show mem_3f9a
    """
    connection = context.opened()
    kind, node_id = identity.resolve(connection, id_)
    if kind != NODE:
        raise PayloadError(f"{id_!r} is no memory; try `codememory describe {id_}`.")
    found = describe.node_of(connection, node_id)
    if as_json:
        context.print_json(found)
        return
    show.pairs({name: found[name] for name in ("id", "kind", "status", "content", "confidence", "origin", "trust")})
    for name, value in found["details"].items():
        show.lines(f"{name}: {value}")
    for step in found["lifecycle"]:
        show.lines(f"{step['at']}  {step['verb']} by {step['actor']}")
    for one in found["said"]:
        show.lines(f"{one['at']}  said at {one['event']} in {one['session']}")


def _node_of(connection: Any, id_: str) -> memories.Node:
    kind, node_id = identity.resolve(connection, id_)
    if kind != NODE:
        raise PayloadError(f"{id_!r} is no memory.")
    return memories.load(connection, node_id)


NodeId = Annotated[str, typer.Argument(metavar="ID", help="A memory's id or its beginning.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the step.")]


def _move(id_: str, status: str, verb: str, reason: str, as_json: bool) -> None:
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    node = _node_of(connection, id_)
    moved = lifecycle.move(connection, node, status, verb, _now(), reason)
    connection.execute("COMMIT")
    done = {"id": node.id, "kind": node.kind, "status": status, "changed": moved}
    if as_json:
        context.print_json(done)
    else:
        show.lines(f"{show.short(node.id)} is {status}{'' if moved else ' already'}.")


@commands.command("resolve")
def resolve_(id_: NodeId, reason: Reason = "", as_json: context.Json = False) -> None:
    """Say that a failure is repaired, or a task done.

    Example: codememory memory resolve mem_3f9a --reason "fixed upstream"
    """
    _move(id_, memories.RESOLVED, "resolved", reason, as_json)


@commands.command("reopen")
def reopen_(id_: NodeId, reason: Reason = "", as_json: context.Json = False) -> None:
    """Put a memory back in force.

    Example: codememory memory reopen mem_3f9a
    """
    _move(id_, memories.ACTIVE, "reopened", reason, as_json)


@commands.command("stale")
def stale_(id_: NodeId, reason: Reason = "", as_json: context.Json = False) -> None:
    """Take a memory out of use: what it hung on has moved on.

    Example: codememory memory stale mem_3f9a --reason "module removed"
    """
    _move(id_, memories.STALE, "staled", reason, as_json)


@commands.command("supersede")
def supersede_(
    id_: NodeId,
    by: Annotated[str, typer.Option("--by", metavar="ID", help="The memory that takes its place.")],
    as_json: context.Json = False,
) -> None:
    """Put one memory in another's place.

    Example: codememory memory supersede mem_3f9a --by mem_77c1
    """
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    older, newer = _node_of(connection, id_), _node_of(connection, by)
    lifecycle.supersede(connection, older, newer, _now())
    connection.execute("COMMIT")
    done = {"id": older.id, "status": memories.SUPERSEDED, "by": newer.id}
    if as_json:
        context.print_json(done)
    else:
        show.lines(f"{show.short(older.id)} is superseded by {show.short(newer.id)}.")


@commands.command("events")
def events_(id_: NodeId, as_json: context.Json = False) -> None:
    """Show the steps of a memory's life.

    Example: codememory memory events mem_3f9a
    """
    connection = context.opened()
    node = _node_of(connection, id_)
    steps = shapes.events(connection, node.node_id)
    if as_json:
        context.print_json({"id": node.id, "events": steps})
        return
    show.table("", ["when", "what", "who", "detail"],
               [[one["at"], one["verb"], one["actor"], one["detail"] or ""] for one in steps])  # fmt: skip


@commands.command("relations")
def relations_(id_: NodeId, as_json: context.Json = False) -> None:
    """Show what a memory is linked with.

    Example: codememory memory relations mem_3f9a
    """
    connection = context.opened()
    node = _node_of(connection, id_)
    links = shapes.node(connection, node)["relations"]
    if as_json:
        context.print_json({"id": node.id, "relations": links})
        return
    rows = [[one["kind"], one["direction"], show.short(one["id"])] for one in links]
    if rows:
        show.table("", ["link", "direction", "memory"], rows)
    else:
        context.talk("It is linked with nothing.")


@commands.command("maintain")
def maintain_(
    all_projects: context.AllProjects = False, project: context.ProjectPath = None, as_json: context.Json = False
) -> None:
    """Let failures that nobody met for long go stale.

    Example: codememory memory maintain
    """
    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    connection.execute("BEGIN IMMEDIATE")
    staled = lifecycle.maintain(connection, project_id, _now())
    connection.execute("COMMIT")
    if as_json:
        context.print_json({"staled": [node.id for node in staled]})
    else:
        show.lines(f"{len(staled)} memories went stale.")


waiting = typer.Typer(no_args_is_help=True, help="Decide on changes too uncertain to make alone.")
commands.add_typer(waiting, name="pending")


class PendingState(StrEnum):
    """Where a proposed change stands."""

    open = "open"
    applied = "applied"
    dismissed = "dismissed"


@waiting.command("list")
def pending_list(
    status: Annotated[PendingState, typer.Option(help="Only with this state.")] = PendingState.open,
    limit: context.Limit = 50,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
) -> None:
    """List proposed changes, the latest first.

    Example: codememory memory pending list
    """
    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    found = [
        {
            "id": one.id,
            "node": memories.load(connection, one.node_id).id,
            "content": memories.load(connection, one.node_id).content,
            "status": one.status,
            "reason": one.reason,
            "evidence": one.evidence,
            "state": one.state,
            "created_at": shapes.moment(one.created_at),
        }
        for one in pending.listed(connection, project_id, status.value, limit)
    ]
    if as_json:
        context.print_json({"pending": found})
    elif found:
        rows = [[show.short(one["id"]), one["status"], one["reason"], one["content"]] for one in found]
        show.table("", ["id", "would be", "because", "memory"], rows)
    else:
        context.talk("Nothing waits for a decision.")


PendingId = Annotated[str, typer.Argument(metavar="ID", help="A pending update's id or its beginning.")]


@waiting.command("apply")
def pending_apply(id_: PendingId, as_json: context.Json = False) -> None:
    """Make a proposed change.

    Example: codememory memory pending apply pen_19ab
    """
    _decide(id_, True, as_json)


@waiting.command("dismiss")
def pending_dismiss(id_: PendingId, as_json: context.Json = False) -> None:
    """Drop a proposed change.

    Example: codememory memory pending dismiss pen_19ab
    """
    _decide(id_, False, as_json)


def _decide(id_: str, apply: bool, as_json: bool) -> None:
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    proposed = lifecycle.find_pending(connection, id_)
    changed = lifecycle.decide(connection, proposed, apply, _now())
    connection.execute("COMMIT")
    state = ("applied" if apply else "dismissed") if changed else proposed.state
    if as_json:
        context.print_json({"id": proposed.id, "state": state, "changed": changed})
    else:
        show.lines(f"{show.short(proposed.id)} is {state}{'' if changed else ' already'}.")


def why(id_: NodeId, as_json: context.Json = False) -> None:
    """Tell where a memory came from, when it was said, and what followed.

    Example: codememory why mem_3f9a
    """
    connection = context.opened()
    node = _node_of(connection, id_)
    found = describe.origin_of(connection, node)
    if as_json:
        context.print_json(found)
        return
    show.lines(f"{found['kind']} {show.short(found['id'])}: {found['content']}")
    show.lines(f"origin: {found['origin']}, {round(found['confidence'] * 100)}% sure, trust: {found['trust']}")
    for one in found["evidence"]:
        show.lines(f"rests on {one['source']}{': ' + one['text'] if one['text'] else ''}")
    for one in found["said"]:
        show.lines(f"{one['at']}  said at {one['event']} in {one['session']}; then: {one['next'] or 'nothing'}")
    if not found["said"]:
        show.lines("It was never said to the model.")


def _now() -> int:
    return int(time() * 1000)
