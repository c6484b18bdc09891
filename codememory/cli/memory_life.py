"""Move memories through their life by hand, and keep back those that are not to be trusted."""

from __future__ import annotations

from typing import Annotated

import typer

from codememory import lifecycle, renames
from codememory.cli import context, nodes, show
from codememory.store import memories


def _move(id_: str, status: str, verb: str, reason: str, as_json: bool) -> None:
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    node = nodes.node_of(connection, id_)
    moved = lifecycle.move(connection, node, status, verb, nodes.now(), reason)
    connection.execute("COMMIT")
    done = {"id": node.id, "kind": node.kind, "status": status, "changed": moved}
    if as_json:
        context.print_json(done)
    else:
        show.lines(f"{show.short(node.id)} is {status}{'' if moved else ' already'}.")


def resolve(id_: nodes.NodeId, reason: nodes.Reason = "", as_json: context.Json = False) -> None:
    """Say that a failure is repaired, or a task done.

    Examples:
      codememory memory resolve mem_3f9a --reason "fixed upstream"

    """
    _move(id_, memories.RESOLVED, "resolved", reason, as_json)


def reopen(id_: nodes.NodeId, reason: nodes.Reason = "", as_json: context.Json = False) -> None:
    """Put a memory back in force.

    Examples:
      codememory memory reopen mem_3f9a

    """
    _move(id_, memories.ACTIVE, "reopened", reason, as_json)


def stale(id_: nodes.NodeId, reason: nodes.Reason = "", as_json: context.Json = False) -> None:
    """Take a memory out of use: what it hung on has moved on.

    Examples:
      codememory memory stale mem_3f9a --reason "module removed"

    """
    _move(id_, memories.STALE, "staled", reason, as_json)


def supersede(
    id_: nodes.NodeId,
    by: Annotated[str, typer.Option("--by", metavar="ID", help="The memory that takes its place.")],
    as_json: context.Json = False,
) -> None:
    """Put one memory in another's place.

    Examples:
      codememory memory supersede mem_3f9a --by mem_77c1

    """
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    older, newer = nodes.node_of(connection, id_), nodes.node_of(connection, by)
    lifecycle.supersede(connection, older, newer, nodes.now())
    connection.execute("COMMIT")
    done = {"id": older.id, "status": memories.SUPERSEDED, "by": newer.id}
    if as_json:
        context.print_json(done)
    else:
        show.lines(f"{show.short(older.id)} is superseded by {show.short(newer.id)}.")


def maintain(
    all_projects: context.AllProjects = False, project: context.ProjectPath = None, as_json: context.Json = False
) -> None:
    """Let old failures go stale, and follow the renames of files.

    A failure goes stale when nobody met it for long; statements bound to a file follow the renames that git knows of.

    Examples:
      codememory memory maintain

    """
    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    renamed = renames.look_everywhere(connection, project_id, nodes.now())
    connection.execute("BEGIN IMMEDIATE")
    staled = lifecycle.maintain(connection, project_id, nodes.now())
    connection.execute("COMMIT")
    if as_json:
        context.print_json({"staled": [node.id for node in staled], "renames": renamed})
    else:
        show.lines(
            f"{show.counted(len(staled), 'memory')} gone stale; {show.counted(renamed, 'rename')} since the last time."
        )


def quarantine(id_: nodes.NodeId, reason: nodes.Reason = "", as_json: context.Json = False) -> None:
    """Keep a memory from ever being told to the model.

    It stays listed, marked as quarantined.

    Examples:
      codememory memory quarantine mem_3f9a --reason "came from a web page"

    """
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    node = nodes.node_of(connection, id_)
    changed = lifecycle.quarantine(connection, node, nodes.now(), reason)
    connection.execute("COMMIT")
    _tell_trust(node, memories.QUARANTINED, changed, as_json)


def release(id_: nodes.NodeId, reason: nodes.Reason = "", as_json: context.Json = False) -> None:
    """Trust a quarantined memory as before.

    Examples:
      codememory memory release mem_3f9a

    """
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    node = nodes.node_of(connection, id_)
    changed = lifecycle.release(connection, node, nodes.now(), reason)
    connection.execute("COMMIT")
    _tell_trust(node, memories.load(connection, node.node_id).trust, changed, as_json)


def _tell_trust(node: memories.Node, trust: str, changed: bool, as_json: bool) -> None:
    if as_json:
        context.print_json({"id": node.id, "kind": node.kind, "trust": trust, "changed": changed})
    else:
        word = "quarantined" if trust == memories.QUARANTINED else f"trusted as {trust}"
        show.lines(f"{show.short(node.id)} is {word}{'' if changed else ' already'}.")
