"""Write memories: mark."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from codememory import marking
from codememory.cli import context, show
from codememory.errors import PayloadError


class Kind(StrEnum):
    """What can be marked."""

    decision = "decision"
    constraint = "constraint"
    task = "task"


class Payload(msgspec.Struct):
    """What `mark --stdin` reads."""

    decision: str = ""
    requirement: str = ""
    task: str = ""
    kind: str = ""
    rationale: str = ""
    details: str = ""
    alternatives_rejected: list[str] | str = []
    acceptance_criteria: list[str] | str = []
    files: list[str] = []
    globs: list[str] = []
    supersedesNodeId: str | None = None  # noqa: N815 - the payload's own names
    sourceToolUseId: str | None = None  # noqa: N815


def mark(
    kind: Annotated[Kind, typer.Argument(help="What it is.")],
    text: Annotated[str, typer.Argument(help="The decision, constraint or task in one sentence.")] = "",
    why: Annotated[str, typer.Option(help="The reason.")] = "",
    details: Annotated[str, typer.Option(help="More about it.")] = "",
    rejected: Annotated[list[str] | None, typer.Option(help="An alternative that was rejected (repeatable).")] = None,
    accept: Annotated[list[str] | None, typer.Option(help="When it is done or kept (repeatable).")] = None,
    file: Annotated[list[str] | None, typer.Option(help="A file it is bound to (repeatable).")] = None,
    glob: Annotated[list[str] | None, typer.Option(help="Files it is bound to, as a glob (repeatable).")] = None,
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

      codememory mark decision "Amounts are integers in cents" --why "floats drift" --rejected "Decimal everywhere"

      codememory mark constraint "Never change the public signature of total()" --file total.py

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
        _fill(wanted, sys.stdin.buffer.read(1_000_000))
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


def _fill(wanted: marking.Mark, data: bytes) -> None:
    """Take what a JSON payload says; an option given beside it stays where the payload says nothing."""
    try:
        payload = msgspec.json.decode(data, type=Payload)
    except msgspec.DecodeError as error:
        raise PayloadError(f"The payload on standard input cannot be used: {error}.") from error
    wanted.text = payload.decision or payload.requirement or payload.task or wanted.text
    wanted.rationale = payload.rationale or wanted.rationale
    wanted.details = payload.details or wanted.details
    wanted.alternatives_rejected = _list(payload.alternatives_rejected) or wanted.alternatives_rejected
    wanted.acceptance_criteria = _list(payload.acceptance_criteria) or wanted.acceptance_criteria
    wanted.files, wanted.globs = payload.files or wanted.files, payload.globs or wanted.globs
    wanted.supersedes = payload.supersedesNodeId or wanted.supersedes
    wanted.tool_use_id = payload.sourceToolUseId or wanted.tool_use_id


def _list(value: list[str] | str) -> list[str]:
    return [value] if isinstance(value, str) and value else list(value)
