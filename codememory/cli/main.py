"""The command line: one sentence for an expected error, a traceback in the log for an unexpected one."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer

from codememory import __version__, wire
from codememory.cli import commands
from codememory.errors import CodeMemoryError

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


def main() -> None:
    """Run the command line: exit 0 done, 1 an expected error, 2 usage, 3 internal."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # no code page holds every sign
    os.umask(0o077)  # whatever is written is its owner's
    sys.argv[1:] = [wire.storable(word) for word in sys.argv[1:]]  # what is no UTF-8 fits no column
    try:
        program()(prog_name="codememory")
    except CodeMemoryError as error:
        print(f"codememory: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        path = _keep_traceback()
        where = f"the traceback is in {path}" if path else "set CODEMEMORY_LOG_PATH to keep the traceback"
        print(f"codememory: internal error: {type(error).__name__}: {error}; {where}", file=sys.stderr)
        sys.exit(3)


def _keep_traceback() -> str | None:
    import traceback

    from codememory import config

    path = config.log_path()
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(file, "a", encoding="utf-8", errors="replace") as log:
            log.write(traceback.format_exc())
    except OSError:
        return None
    return path
