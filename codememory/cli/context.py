"""What every command shares: the database, the project looked at, and one JSON document or talk."""

from __future__ import annotations

import json
import os
import sys
from typing import Annotated, Any

import apsw
import typer

from codememory import config, db
from codememory.errors import UnknownIdError
from codememory.store import projects

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many to list at most.")]
AllProjects = Annotated[bool, typer.Option("--all-projects", help="Look at every project, not only this one.")]
ProjectPath = Annotated[
    str | None, typer.Option("--project", metavar="PATH", help="Look at the project of this folder instead.")
]


def opened() -> apsw.Connection:
    """Check the settings and open the database, creating it if there is none.

    Raises:
        SettingError: A variable has a bad value.
        DatabaseError: The database cannot be used.

    """
    config.checked()
    return db.connect(config.database_path())


def project_scope(connection: apsw.Connection, all_projects: bool, path: str | None) -> int | None:
    """Return the project to look at, None for all; 0, which no project has, where this folder has none.

    Raises:
        UnknownIdError: The folder given is of no known project.

    """
    if all_projects:
        return None
    folder = os.path.abspath(os.path.expanduser(path)) if path else os.getcwd()
    place = projects.find_place(connection, folder)
    if place is None:
        if path:
            raise UnknownIdError(f"Nothing is remembered of a project at {path}.")
        return 0
    return place.project_id


def print_json(value: Any) -> None:
    """Print one JSON document; lone surrogates, which transcripts can hold, are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, ensure_ascii=True)
    try:
        sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough; click would make it exit 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def talk(sentence: str) -> None:
    """Say something to a person that is not the result."""
    print(sentence, file=sys.stderr)
