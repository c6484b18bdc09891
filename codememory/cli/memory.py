"""Look after memories: list, show, move them through their life, decide on what is uncertain."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from codememory.cli import context, nodes, show
from codememory.errors import PayloadError
from codememory.explore import describe, shapes
from codememory.records import NODE, NODE_KINDS, NODE_STATUSES
from codememory.store import identity, memories


class NodeKind(StrEnum):
    """Kinds of memory."""

    task, constraint, decision, failure, fix_attempt, summary = NODE_KINDS


class Status(StrEnum):
    """Where a memory stands."""

    active, resolved, superseded, stale = NODE_STATUSES


def list_(
    kind: Annotated[NodeKind | None, typer.Option(help="Only this kind.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only with this status.")] = None,
    file: Annotated[str | None, typer.Option(metavar="PATH", help="Only bound to this file.")] = None,
    session: Annotated[str | None, typer.Option(metavar="ID", help="Only of this session.")] = None,
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
    found = memories.listed(
        connection,
        project_id=project_id,
        kind=kind.value if kind else None,
        status=status.value if status else None,
        file=context.file_in_project(connection, file),
        session_id=context.session_of(connection, session) if session else None,
        limit=limit,
    )
    listed = [shapes.node(connection, node) for node in found]
    if as_json:
        context.print_json({"nodes": listed})
        return
    rows = [[show.short(one["id"]), one["kind"], _standing(one), one["content"]] for one in listed]
    if rows:
        show.table("", ["id", "kind", "status", "what"], rows)
    elif kind or status or file or session:
        context.talk("No such memory in this project.")
    else:
        context.talk("Nothing is remembered of this project yet; `codememory backfill` takes in earlier sessions.")


def _standing(shape: dict[str, Any]) -> str:
    """Return a memory's status, and that it is kept back where it is."""
    return f"{shape['status']}, quarantined" if shape["trust"] == memories.QUARANTINED else shape["status"]


def show_(
    id_: Annotated[str, typer.Argument(metavar="ID", help="A memory's id or its beginning.")],
    as_json: context.Json = False,
) -> None:
    """Show one memory with its life and where it was said.

    Examples:
      codememory memory show mem_3f9a

    """
    connection = context.opened()
    kind, node_id = identity.resolve(connection, id_)
    if kind != NODE:
        raise PayloadError(f"{id_!r} is no memory; try `codememory describe {id_}`.")
    found = describe.node_of(connection, node_id)
    if as_json:
        context.print_json(found)
        return
    from codememory.cli import described

    described.shown(connection, found)


def events(id_: nodes.NodeId, as_json: context.Json = False) -> None:
    """Show the steps of a memory's life.

    Examples:
      codememory memory events mem_3f9a

    """
    connection = context.opened()
    node = nodes.node_of(connection, id_)
    steps = shapes.events(connection, node.node_id)
    if as_json:
        context.print_json({"id": node.id, "events": steps})
        return
    rows = [[show.when(one["at"]), one["verb"], one["actor"], _detail(one["detail"])] for one in steps]
    show.table("", ["when", "what", "who", "detail"], rows)


def _detail(detail: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in detail.items())


def relations(id_: nodes.NodeId, as_json: context.Json = False) -> None:
    """Show what a memory is linked with.

    Examples:
      codememory memory relations mem_3f9a

    """
    connection = context.opened()
    node = nodes.node_of(connection, id_)
    links = shapes.node(connection, node)["relations"]
    if as_json:
        context.print_json({"id": node.id, "relations": links})
        return
    rows = [[one["kind"], one["direction"], show.short(one["id"])] for one in links]
    if rows:
        show.table("", ["link", "direction", "memory"], rows)
    else:
        context.talk("It is linked with nothing.")


def why(id_: nodes.NodeId, as_json: context.Json = False) -> None:
    """Tell where a memory came from, when it was said, what followed.

    Examples:
      codememory why mem_3f9a

    """
    connection = context.opened()
    node = nodes.node_of(connection, id_)
    found = describe.origin_of(connection, node)
    if as_json:
        context.print_json(found)
        return
    show.lines(f"{found['kind']} {show.short(found['id'])}: {found['content']}")
    show.lines(f"origin: {found['origin']}, {round(found['confidence'] * 100)}% sure, trust: {found['trust']}")
    for one in found["evidence"]:
        show.lines(f"rests on {one['source']}{': ' + one['text'] if one['text'] else ''}")
    for one in found["said"]:
        seen = "confirmed by the client's own record" if one["confirmed_at"] else "no record of the client yet"
        show.lines(f"{show.when(one['at'])}  said at {one['event']} in {one['session']} ({seen})")
        show.lines(f"    then: {one['next'] or 'no call'}; reply: {one['reply'] or 'none'}")
    if not found["said"]:
        show.lines("It was never said to the model.")
