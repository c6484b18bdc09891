"""Decide on changes of memories that were too uncertain to make alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from codememory import lifecycle
from codememory.cli import context, nodes, show
from codememory.explore import shapes
from codememory.store import memories, pending


class PendingState(StrEnum):
    """Where a proposed change stands."""

    open = "open"
    applied = "applied"
    dismissed = "dismissed"


def pending_list(
    status: Annotated[PendingState, typer.Option(help="Only with this state.")] = PendingState.open,
    limit: context.Limit = 50,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
) -> None:
    """List proposed changes, the latest first.

    Examples:
      codememory memory pending list

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


def pending_apply(id_: PendingId, as_json: context.Json = False) -> None:
    """Make a proposed change.

    Examples:
      codememory memory pending apply pen_19ab

    """
    _decide(id_, True, as_json)


def pending_dismiss(id_: PendingId, as_json: context.Json = False) -> None:
    """Drop a proposed change.

    Examples:
      codememory memory pending dismiss pen_19ab

    """
    _decide(id_, False, as_json)


def _decide(id_: str, apply: bool, as_json: bool) -> None:
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    proposed = lifecycle.find_pending(connection, id_)
    changed = lifecycle.decide(connection, proposed, apply, nodes.now())
    connection.execute("COMMIT")
    state = ("applied" if apply else "dismissed") if changed else proposed.state
    if as_json:
        context.print_json({"id": proposed.id, "state": state, "changed": changed})
    else:
        show.lines(f"{show.short(proposed.id)} is {state}{'' if changed else ' already'}.")
