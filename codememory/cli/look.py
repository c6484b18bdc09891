"""Look things up: grep, describe, expand, check, signature."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from time import time
from typing import Annotated, Any

import typer

from codememory import config, wire
from codememory.cli import context, show
from codememory.errors import PayloadError
from codememory.store import identity, projects

OUTPUT_BYTES_MAX = 50_000_000


class Mode(StrEnum):
    """How a query is read."""

    full_text = "full_text"
    regex = "regex"


class Scope(StrEnum):
    """What is searched."""

    messages = "messages"
    summaries = "summaries"
    both = "both"
    nodes = "nodes"
    all = "all"


class By(StrEnum):
    """What a hit is."""

    message = "message"
    session = "session"


class Role(StrEnum):
    """Who wrote a message."""

    user = "user"
    assistant = "assistant"


def grep(
    query: Annotated[str, typer.Argument(help='Words or a question; "a phrase"; -word leaves out.')],
    mode: Annotated[Mode, typer.Option(help="How the query is read.")] = Mode.full_text,
    scope: Annotated[Scope, typer.Option(help="What is searched.")] = Scope.messages,
    by: Annotated[By, typer.Option(help="List messages, or sessions by their best message.")] = By.message,
    since: Annotated[str | None, typer.Option(help="Only later than: 2026-03-01, 2026-03-01T10:00Z, 12h, 3d.")] = None,
    before: Annotated[str | None, typer.Option(help="Only earlier than.")] = None,
    role: Annotated[Role | None, typer.Option(help="Only messages of this role.")] = None,
    file: Annotated[str | None, typer.Option(help="Only messages that touch this file.")] = None,
    session: Annotated[str | None, typer.Option(help="Only this session.")] = None,
    limit: context.Limit = 20,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
) -> None:
    """Search what was said and done.

    Examples:

      codememory grep "why did we drop redis"

      codememory grep '"connection refused" -docker' --since 7d

      codememory grep 'def \\w+_total' --mode regex --by session

    """
    from codememory.explore import grep as search

    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    now = int(time() * 1000)
    session_id = None
    if session:
        kind, session_id = identity.resolve(connection, session)
        if kind != identity.SESSION:
            raise PayloadError(f"{session!r} is no session.")
        project_id = None
    place = projects.find_place(connection, os.getcwd())
    if file and place:
        from codememory.extract.calls import relative

        file = relative(file, place.root, os.getcwd())
    found = search.grep(
        connection,
        search.Search(
            query,
            mode=mode.value,
            scope=scope.value,
            by=by.value,
            project_id=project_id,
            session_id=session_id,
            role=role.value if role else None,
            file=file,
            since=search.since_of(since, now),
            before=search.since_of(before, now),
            limit=limit,
        ),
    )
    if as_json:
        context.print_json(found)
        return
    rows = [
        [show.short(hit["id"]), (hit["created_at"] or "")[:16], hit["role"] or hit["type"], hit["snippet"]]
        for hit in found["hits"]
    ]
    if rows:
        show.table("", ["id", "when", "who", "text"], rows)
    if found["note"]:
        context.talk(found["note"])


def describe(
    id_: Annotated[str, typer.Argument(metavar="ID", help="An id or its beginning, or a message's uuid.")],
    as_json: context.Json = False,
) -> None:
    """Show one message, summary, memory or session whole.

    Examples:

      codememory describe mem_3f9a

      codememory describe 7c9e6679-7425-40de-944b-e07fc1f90ae7 --json

    """
    from codememory.explore.describe import describe as look

    found = look(context.opened(), id_)
    if as_json:
        context.print_json(found)
        return
    show.pairs({name: value for name, value in found.items() if not isinstance(value, (list, dict)) and name != "text"})
    for name, value in found.items():
        if name == "text" and value:
            show.lines("\n" + value)
        elif name == "tail":
            show.lines(f"\n{name}: {len(value)} messages not compacted (see `codememory expand`)")
        elif isinstance(value, (list, dict)) and value:
            show.lines(f"\n{name}:")
            for one in value if isinstance(value, list) else [value]:
                show.lines("  " + (one if isinstance(one, str) else wire.encoded(one)))


def expand(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="A session, summary or message, or the beginning of its id.")
    ],
    depth: Annotated[int, typer.Option(min=0, max=100, help="How many levels of summaries to open.")] = 1,
    include_messages: Annotated[
        bool, typer.Option("--include-messages/--no-messages", help="Give the messages themselves.")
    ] = True,
    token_budget: Annotated[
        int | None, typer.Option(min=0, help="Tokens a page may hold; 0 is no limit.", show_default="4000")
    ] = None,
    cursor: Annotated[str | None, typer.Option(help="Continue where the page before ended.")] = None,
    as_json: context.Json = False,
) -> None:
    """Give back the messages under a session or summary, verbatim.

    Examples:

      codememory expand 7c9e6679 --token-budget 0 --json

      codememory expand sum_19ab --cursor 40

    """
    from codememory.explore.expand import expand as look

    budget = config.setting("MAX_EXPAND_TOKENS") if token_budget is None else token_budget
    found = look(
        context.opened(), id_, token_budget=budget, cursor=cursor, depth=depth, include_messages=include_messages
    )
    if as_json:
        context.print_json(found)
        return
    for summary in found["summaries"]:
        show.lines(f"── {show.short(summary['id'])} {summary['method']} {summary['kind']}\n{summary['text']}\n")
    for message in found["messages"]:
        show.lines(f"── {show.short(message['id'])} {message['role']} {message['created_at'] or ''}")
        show.lines(_readable(message["blocks"]) + "\n")
    if found["next_cursor"]:
        context.talk(f"More: codememory expand {id_} --cursor {found['next_cursor']}")


def _readable(blocks: Any) -> str:
    from codememory.store.search import prose_and_detail

    prose, detail = prose_and_detail(blocks if isinstance(blocks, list) else [], whole=True)
    return "\n".join(part for part in (prose, detail) if part)


def check(
    file: Annotated[str | None, typer.Option(help="A file that is about to be changed.")] = None,
    command: Annotated[str | None, typer.Option(help="A command that is about to be run.")] = None,
    symbol: Annotated[str | None, typer.Option(help="A function, test or rule.")] = None,
    error: Annotated[str | None, typer.Option(help="The error itself; - reads it from standard input.")] = None,
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
        [show.short(one["id"]), one["occurrences"], (one["last_at"] or "")[:16], one["status"], one["content"]]
        for one in found["failures"]
    ]
    if rows:
        show.table("", ["id", "times", "last", "status", "failure"], rows)
    else:
        context.talk("No such failure is remembered in this project.")


def signature(
    tool: Annotated[str, typer.Option(help="The tool that printed it.")] = "Bash",
    command: Annotated[str, typer.Option(help="The command that was run.")] = "",
    cwd: Annotated[str, typer.Option(help="The folder it was run in.")] = "",
    exit_code: Annotated[int | None, typer.Option(help="Its exit code, if known.")] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help="Read and write one JSON object a line: {output, tool, command, cwd, exit_code}."),
    ] = False,
    as_json: context.Json = False,
) -> None:
    """Read tool output on standard input and tell which failures are in it; no failure is an empty list.

    Examples:

      pytest 2>&1 | codememory signature --command pytest --exit-code 1

      codememory signature --jsonl < outputs.jsonl > signatures.jsonl

    """
    from codememory.extract.signature import failures_in

    def shapes(output: str, given: dict[str, Any]) -> dict[str, Any]:
        code = given.get("exit_code")
        return {
            "failures": [
                {
                    "signature": one.signature,
                    "type": one.type,
                    "symbol": one.symbol,
                    "files": one.files,
                    "lines": one.lines,
                    "check": one.check,
                }
                for one in failures_in(
                    output,
                    tool=str(given.get("tool") or ""),
                    command=str(given.get("command") or ""),
                    cwd=str(given.get("cwd") or ""),
                    exit_code=code if isinstance(code, int) else None,
                    is_error=given.get("is_error"),
                )
            ]
        }

    if jsonl:
        for line in sys.stdin.buffer:
            given = _object(line)
            output = given.get("output", given.get("content", ""))
            context.print_json({**{k: v for k, v in given.items() if k not in ("output", "content")},
                                **shapes(str(output), given)})  # fmt: skip
        return
    found = shapes(_stdin_text(), {"tool": tool, "command": command, "cwd": cwd, "exit_code": exit_code})
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


def _stdin_text() -> str:
    return wire.from_bytes(sys.stdin.buffer.read(OUTPUT_BYTES_MAX))
