"""Look after projects: which are known, and which are one."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from codememory import linking
from codememory.cli import context, show
from codememory.explore import shapes
from codememory.store import projects
from codememory.store.projects import Known


def list_(limit: context.Limit = 100, as_json: context.Json = False) -> None:
    """List projects and what they hold, the latest first.

    Examples:
      codememory project list
      codememory project list --json

    """
    connection = context.opened()
    place = projects.find_place(connection, os.getcwd())
    here = place.project_id if place else 0
    found = projects.listed(connection)
    if as_json:
        listed = [{**_shape(one), "current": one.project_id == here} for one in found[:limit]]
        context.print_json({"projects": listed, "total": len(found)})
        return
    rows = [
        [
            show.short(one.id), one.sessions, one.messages, one.memories, (shapes.moment(one.last_at) or "")[:10],
            one.root + (" (this one)" if one.project_id == here else "" if os.path.isdir(one.root) else " (gone)"),
        ]
        for one in found[:limit]
    ]  # fmt: skip
    if rows:
        show.table("", ["id", "sessions", "messages", "memories", "last", "root"], rows)
    else:
        context.talk("No project is known yet.")


def link(
    moved: Annotated[str, typer.Argument(metavar="PROJECT", help="What moved or is the same: folder, name or id.")],
    kept: Annotated[
        str, typer.Argument(metavar="INTO", help="The project it is now.", show_default="this folder's")
    ] = ".",
    yes: context.Yes = False,
    dry_run: context.DryRun = False,
    as_json: context.Json = False,
) -> None:
    """Make one project a part of another, as after a move.

    Or after a new clone, or in a container. Everything remembered of the first then belongs to the second; the same
    failure in both becomes one, the same decision or rule in both is told once. It cannot be undone.

    Examples:
      cd ~/new/shop && codememory project link ~/old/shop
      codememory project link prj_3f9a ~/code/shop --dry-run

    """
    connection = context.opened()
    planned = linking.link(connection, moved, kept, dry_run=True)
    if not dry_run:
        one, other = planned.moved, planned.kept
        question = f"{one.root} ({_holds(one)}) becomes a part of {other.root} ({_holds(other)})."
        context.agreed(question, yes)
        planned = linking.link(connection, moved, kept, dry_run=False)
    if as_json:
        context.print_json(
            {
                "moved": _shape(planned.moved),
                "kept": _shape(planned.kept),
                "failures_merged": planned.failures_merged,
                "statements_superseded": planned.statements_superseded,
                "dry_run": dry_run,
            }
        )
        return
    show.lines(
        f"{planned.moved.root} {'would become' if dry_run else 'is now'} a part of {planned.kept.root}:"
        f" {_holds(planned.moved)}; {show.counted(planned.failures_merged, 'failure')} that both knew,"
        f" {show.counted(planned.statements_superseded, 'statement')} said twice."
    )


def _holds(one: Known) -> str:
    return f"{show.counted(one.sessions, 'session')}, {show.counted(one.memories, 'memory')}"


def _shape(one: Known) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "root": one.root,
        "aliases": [{"kind": kind, "value": value} for kind, value in one.aliases],
        "sessions": one.sessions,
        "messages": one.messages,
        "memories": one.memories,
        "created_at": shapes.moment(one.created_at),
        "last_at": shapes.moment(one.last_at),
    }
