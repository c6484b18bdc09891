"""Ask a question of memory."""

from __future__ import annotations

import os
from time import time
from typing import Annotated

import typer

from codememory import config
from codememory.cli import context, show
from codememory.store import sessions


def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know, in your own words.")],
    delegate: Annotated[
        bool, typer.Option("--delegate", help="Let a model answer; its citations are checked.")
    ] = False,
    token_budget: Annotated[
        int | None,
        typer.Option(min=0, metavar="TOKENS", help="Tokens of evidence; 0 is no limit.", show_default="4000"),
    ] = None,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
    fenced: context.Fenced = False,
) -> None:
    """Answer a question from memory, citing what it rests on.

    `expand-query` is another name of it.

    Examples:
      codememory ask "why do we round after summing?"
      codememory ask "how was the login test fixed?" --delegate --json

    """
    from codememory.ask import ask as answered

    connection = context.opened()
    session = sessions.find(connection, os.environ.get("CLAUDE_CODE_SESSION_ID", ""))
    found = answered(
        connection,
        question,
        project_id=context.project_scope(connection, all_projects, project),
        token_budget=config.setting("MAX_EXPAND_TOKENS") if token_budget is None else token_budget,
        delegate=delegate,
        now=int(time() * 1000),
        session_id=session.session_id if session else None,
    )
    if as_json:
        context.print_json(found)
        return
    if found["answer"]:
        show.lines(found["answer"])
    if found["note"]:
        context.talk(found["note"])
