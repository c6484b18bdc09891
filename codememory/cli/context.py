"""What every command shares: the database, the project looked at, and one JSON document or talk."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import apsw
import typer

from codememory import config, db
from codememory.errors import PayloadError, UnknownIdError
from codememory.store import projects

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=10_000, metavar="COUNT", help="How many to list at most.")
]
AllProjects = Annotated[bool, typer.Option("--all-projects", help="Look at every project, not only this one.")]
ProjectPath = Annotated[
    str | None, typer.Option("--project", metavar="PATH", help="Look at the project of this folder instead.")
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def agreed(what: str, yes: bool) -> None:
    """Ask a person before something is done; where nobody can be asked, --yes must say so.

    Raises:
        PayloadError: Nobody can be asked.
        typer.Exit: The answer is no.

    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise PayloadError(f"{what} Say --yes to do it without being asked.")
    talk(what)
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        talk("Nothing was changed.")
        raise typer.Exit(1)


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
    import json

    text = json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        import json

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
