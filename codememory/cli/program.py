"""The program as one command: its own options, and the branches under it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from codememory import __version__
from codememory.cli import commands

EPILOG = (
    "Every command that shows something takes --json; `codememory COMMAND --help` has examples."
    " Hooks run `codememory hook EVENT`."
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"codememory {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Stand for the options of the program itself."""


def program() -> Any:
    """Return the program as one command."""
    return commands.group(commands.ROOT, "codememory", root, add_completion=True, epilog=EPILOG)
