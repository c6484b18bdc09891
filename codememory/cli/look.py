"""Look things up: grep, describe, expand."""

from __future__ import annotations

from enum import StrEnum
from time import time
from typing import Annotated, Any

import typer

from codememory import config
from codememory.cli import context, show


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
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help='Words or a question; "a phrase"; -word leaves out (after -- where it comes first).'
        ),
    ],
    mode: Annotated[Mode, typer.Option(help="How the query is read.")] = Mode.full_text,
    scope: Annotated[Scope, typer.Option(help="What is searched.")] = Scope.messages,
    by: Annotated[By, typer.Option(help="List messages, or sessions by their best message.")] = By.message,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only later: 2026-03-01T10:00Z, 2026-03-01, 12h.")
    ] = None,
    before: Annotated[str | None, typer.Option(metavar="TIME", help="Only earlier.")] = None,
    role: Annotated[Role | None, typer.Option(help="Only messages of this role.")] = None,
    file: Annotated[str | None, typer.Option(metavar="PATH", help="Only messages that touch this file.")] = None,
    session: Annotated[str | None, typer.Option(metavar="ID", help="Only this session.")] = None,
    limit: context.Limit = 20,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
    fenced: context.Fenced = False,
) -> None:
    """Search what was said and done.

    Examples:
      codememory grep "why did we drop redis"
      codememory grep '"connection refused" -docker' --since 7d
      codememory grep 'def \\w+_total' --mode regex --by session
      codememory grep -- '-docker refused'

    """
    from codememory.explore import grep as search
    from codememory.explore.hits import whose

    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    session_id = context.session_of(connection, session) if session else None
    now = int(time() * 1000)
    found = search.grep(
        connection,
        search.Search(
            query,
            mode=mode.value,
            scope=scope.value,
            by=by.value,
            project_id=None if session else project_id,
            session_id=session_id,
            role=role.value if role else None,
            file=context.file_in_project(connection, file),
            since=search.since_of(since, now),
            before=search.since_of(before, now),
            limit=limit,
        ),
    )
    if as_json:
        context.print_json(found)
        return
    rows = [[show.short(hit["id"]), show.when(hit["created_at"]), whose(hit), hit["snippet"]] for hit in found["hits"]]
    if rows:
        show.table("", ["id", "when", "who", "text"], rows)
    if found["note"]:
        context.talk(found["note"])


def describe(
    id_: Annotated[str, typer.Argument(metavar="ID", help="An id or its beginning, or a message's uuid.")],
    as_json: context.Json = False,
    fenced: context.Fenced = False,
) -> None:
    """Show one message, summary, memory or session whole.

    Examples:
      codememory describe mem_3f9a
      codememory describe 7c9e6679-7425-40de-944b-e07fc1f90ae7 --json

    """
    from codememory.cli import described
    from codememory.explore.describe import describe as look

    connection = context.opened()
    found = look(connection, id_)
    if as_json:
        context.print_json(found)
    else:
        described.shown(connection, found)


def expand(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="A session, summary or message, or the beginning of its id.")
    ],
    depth: Annotated[
        int, typer.Option(min=0, max=100, metavar="LEVELS", help="How many levels of summaries to open.")
    ] = 1,
    include_messages: Annotated[
        bool, typer.Option("--include-messages/--no-messages", help="Give the messages themselves.")
    ] = True,
    token_budget: Annotated[
        int | None,
        typer.Option(min=0, metavar="TOKENS", help="Tokens a page may hold; 0 is no limit.", show_default="4000"),
    ] = None,
    cursor: Annotated[str | None, typer.Option(metavar="TEXT", help="Continue where the page before ended.")] = None,
    as_json: context.Json = False,
    fenced: context.Fenced = False,
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
        show.lines(f"── {show.short(message['id'])} {message['role']} {show.when(message['created_at'])}")
        show.lines(_readable(message["blocks"]) + "\n")
    if found["next_cursor"]:
        context.talk(f"More: codememory expand {id_} --cursor {found['next_cursor']}")


def _readable(blocks: Any) -> str:
    from codememory.store.search import prose_and_detail

    prose, detail = prose_and_detail(blocks if isinstance(blocks, list) else [], whole=True)
    return "\n".join(part for part in (prose, detail) if part)
