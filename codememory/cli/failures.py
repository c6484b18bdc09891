"""Failures: which are remembered, and which are in an output."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from codememory import wire
from codememory.cli import context, show
from codememory.errors import PayloadError
from codememory.store import projects

OUTPUT_BYTES_MAX = 50_000_000


def check(
    file: Annotated[str | None, typer.Option(metavar="PATH", help="A file that is about to be changed.")] = None,
    command: Annotated[str | None, typer.Option(metavar="TEXT", help="A command that is about to be run.")] = None,
    symbol: Annotated[str | None, typer.Option(metavar="NAME", help="A function, test or rule.")] = None,
    error: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The error itself; - reads it from standard input.")
    ] = None,
    limit: context.Limit = 20,
    as_json: context.Json = False,
) -> None:
    """Ask what failed before, by file, command, symbol or error.

    Examples:
      codememory check --file src/total.py
      pytest 2>&1 | codememory check --error - --json

    """
    from codememory.explore.check import check as look

    if not (file or command or symbol or error):
        raise typer.BadParameter("give one of --file, --command, --symbol, --error")
    if error == "-":
        error = _stdin_text()
    connection = context.opened()
    cwd = os.getcwd()
    place = projects.find_place(connection, cwd)
    found: dict[str, Any] = {"failures": []}
    if place is not None:
        found = look(connection, place, cwd, file=file, command=command, symbol=symbol, error=error, limit=limit)
    if as_json:
        context.print_json(found)
        return
    rows = [
        [show.short(one["id"]), one["occurrences"], show.when(one["last_at"]), one["status"], one["content"]]
        for one in found["failures"]
    ]
    if rows:
        show.table("", ["id", "times", "last", "status", "failure"], rows)
    else:
        context.talk("No such failure is remembered in this project.")


def signature(
    tool: Annotated[str, typer.Option(metavar="NAME", help="The tool that printed it.")] = "Bash",
    command: Annotated[str, typer.Option(metavar="TEXT", help="The command that was run.")] = "",
    cwd: Annotated[str, typer.Option(metavar="PATH", help="The folder it was run in.")] = "",
    exit_code: Annotated[int | None, typer.Option(metavar="CODE", help="Its exit code, if known.")] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help="Read {output, tool, command, cwd, exit_code} on each line."),
    ] = False,
    as_json: context.Json = False,
) -> None:
    """Tell which failures are in a tool's output.

    The output is read from standard input; an empty list means that nothing failed.

    Examples:
      pytest 2>&1 | codememory signature --command pytest --exit-code 1
      codememory signature --jsonl < outputs.jsonl > signatures.jsonl

    """
    if jsonl:
        for line in sys.stdin.buffer:
            given = _object(line)
            output = given.get("output", given.get("content", ""))
            context.print_json({**{k: v for k, v in given.items() if k not in ("output", "content")},
                                **_failures_in(str(output), given)})  # fmt: skip
        return
    found = _failures_in(_stdin_text(), {"tool": tool, "command": command, "cwd": cwd, "exit_code": exit_code})
    if as_json:
        context.print_json(found)
        return
    for one in found["failures"]:
        show.lines(f"{one['signature']}  {one['type']}  {one['symbol'] or ''}  {' '.join(one['files'])}")
        for text in one["lines"]:
            show.lines(f"    {text}")
    if not found["failures"]:
        context.talk("No failure in it.")


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = wire.decoded(wire.from_bytes(line))
    except ValueError as error:
        raise PayloadError(f"A line of the input is no JSON object: {error}.") from error
    if not isinstance(value, dict):
        raise PayloadError("A line of the input is no JSON object.")
    return value


def _failures_in(output: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the document on an output, of which a caller says what it knows."""
    from codememory.extract.signature import failures_in

    code = given.get("exit_code")
    found = failures_in(
        output,
        tool=str(given.get("tool") or ""),
        command=str(given.get("command") or ""),
        cwd=str(given.get("cwd") or ""),
        exit_code=code if isinstance(code, int) else None,
        is_error=given.get("is_error"),
    )
    names = ("signature", "type", "symbol", "files", "lines", "check")
    return {"failures": [{name: getattr(one, name) for name in names} for one in found]}


def _stdin_text() -> str:
    return wire.from_bytes(sys.stdin.buffer.read(OUTPUT_BYTES_MAX))
