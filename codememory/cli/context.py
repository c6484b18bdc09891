"""What every command shares: the database, the project looked at, and one JSON document or talk."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import apsw
import typer

from codememory import config, db
from codememory.cli import show
from codememory.errors import PayloadError, UnknownIdError
from codememory.store import identity, projects

if TYPE_CHECKING:
    from io import BytesIO

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=10_000, metavar="COUNT", help="How many to list at most.")
]
AllProjects = Annotated[bool, typer.Option("--all-projects", help="Look at every project, not only this one.")]
ProjectPath = Annotated[
    str | None, typer.Option("--project", metavar="PATH", help="Look at the project of this folder instead.")
]


def _fence(ctx: typer.Context, wanted: bool) -> bool:
    """Hold back what a command prints, to put the fence around it: for text that goes to the model as it is."""
    if wanted:
        import io

        told, held = sys.stdout, io.BytesIO()
        sys.stdout = io.TextIOWrapper(held, "utf-8", "backslashreplace")
        ctx.call_on_close(lambda: _print_fenced(told, held, f"codememory {ctx.info_name}"))
    return wanted


def _print_fenced(told: TextIO, held: BytesIO, source: str) -> None:
    from codememory import fence

    shown, sys.stdout = sys.stdout, told
    shown.flush()
    text = held.getvalue().decode("utf-8", "replace").rstrip()
    if text:
        print(fence.fenced(text, source), flush=True)


Fenced = Annotated[bool, typer.Option("--fenced", hidden=True, callback=_fence)]
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


def session_of(connection: apsw.Connection, given: str) -> int:
    """Return the session with this id.

    Raises:
        UnknownIdError: Nothing has this id.
        AmbiguousIdError: It is the beginning of several ids.
        PayloadError: It is something else's.

    """
    kind, session_id = identity.resolve(connection, given)
    if kind != identity.SESSION:
        raise PayloadError(f"{given!r} is no session.")
    return session_id


def file_in_project(connection: apsw.Connection, file: str | None) -> str | None:
    """Return a file as memories name it: relative to the project of this folder."""
    place = projects.find_place(connection, os.getcwd()) if file else None
    if file is None or place is None:
        return file
    from codememory.extract.calls import relative

    return relative(file, place.root, os.getcwd())


def print_json(value: Any) -> None:
    """Print one JSON document; lone surrogates, which transcripts can hold, are escaped."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = json.dumps(value).encode()
    sys.stdout.flush()
    sys.stdout.buffer.write(data + b"\n")


def talk(sentence: str) -> None:
    """Say something to a person that is not the result; it can quote names that hold control characters."""
    print(show.printable(sentence), file=sys.stderr)
