"""Write memories: mark."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from codememory import marking
from codememory.cli import context, show


class Kind(StrEnum):
    """What can be marked."""

    decision = "decision"
    constraint = "constraint"
    task = "task"


def mark(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="decision, constraint or task.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The decision, constraint or task in one sentence.")] = "",
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason.")] = "",
    details: Annotated[str, typer.Option(metavar="TEXT", help="More about it.")] = "",
    rejected: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="What was rejected (repeatable).")] = None,
    accept: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="When it is done or kept (repeatable).")
    ] = None,
    file: Annotated[list[str] | None, typer.Option(metavar="PATH", help="A file it is bound to (repeatable).")] = None,
    glob: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Files it is bound to (repeatable).")] = None,
    supersedes: Annotated[str, typer.Option(metavar="ID", help="The memory this one replaces.")] = "",
    session: Annotated[
        str, typer.Option(metavar="ID", envvar="CLAUDE_CODE_SESSION_ID", help="The session it belongs to.")
    ] = "",
    tool_use_id: Annotated[str, typer.Option(metavar="ID", help="The call that marks: twice is once.")] = "",
    stdin: Annotated[bool, typer.Option("--stdin", help="Read a JSON payload from standard input instead.")] = False,
    as_json: context.Json = False,
) -> None:
    """Remember a decision, constraint or task for good.

    Examples:
      codememory mark decision "Amounts are cents" --why "floats drift"
      codememory mark constraint "total() stays public" --file src/total.py
      codememory mark task "Port the importer" --accept "old fixtures pass"

    """
    origin = "model" if os.environ.get("CLAUDE_CODE_SESSION_ID") or os.environ.get("CLAUDECODE") else "user"
    wanted = marking.Mark(
        kind.value,
        text,
        rationale=why,
        details=details,
        alternatives_rejected=rejected,
        acceptance_criteria=accept,
        files=file,
        globs=glob,
        supersedes=supersedes,
        session=session,
        tool_use_id=tool_use_id,
        origin=origin,
    )
    if stdin:
        from codememory.cli import payload

        payload.fill(wanted, sys.stdin.buffer.read(payload.BYTES_MAX))
    elif not text:
        raise typer.BadParameter("give the text, or --stdin", param_hint="TEXT")
    made = marking.mark(context.opened(), wanted, os.getcwd())
    if as_json:
        context.print_json(made)
        return
    verb = "Remembered" if made["created"] else "Known already"
    show.lines(f"{verb}: {made['kind']} {show.short(made['id'])} ({made['status']})")
    for older in made["superseded"]:
        show.lines(f"It replaces {show.short(older)}.")
