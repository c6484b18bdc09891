"""The command line: one sentence for an expected error, a traceback in the log for an unexpected one."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from codememory import __version__, wire
from codememory.cli import asking, keep, look, memory, remember
from codememory.errors import CodeMemoryError

app = typer.Typer(
    name="codememory",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Durable engineering memory for Claude Code: decisions, constraints, failures and every message, in one"
    " local SQLite file.",
    epilog="Hooks run `codememory hook EVENT`; everything else is for you. Every command that shows something takes"
    " --json.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"codememory {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Durable engineering memory for Claude Code."""


app.command()(keep.status)
app.command()(look.grep)
app.command()(look.describe)
app.command()(look.expand)
app.command()(asking.ask)
app.command("expand-query", help="The same as `ask`.")(asking.ask)
app.command()(look.check)
app.command()(look.signature)
app.command()(remember.mark)
app.command()(memory.why)
app.add_typer(memory.commands, name="memory")
app.command()(keep.backfill)
app.command()(keep.compact)
app.command()(keep.doctor)


@app.command(hidden=True)
def hook(event: str) -> None:
    """Handle one hook of the client: JSON on stdin, JSON or nothing on stdout.

    Reached only through `--help`: see `codememory.__main__`.
    """


def main() -> None:
    """Run the command line: exit 0 done, 1 an expected error, 2 usage, 3 internal."""
    sys.argv[1:] = [wire.storable(word) for word in sys.argv[1:]]  # what is no UTF-8 fits no column
    try:
        app()
    except CodeMemoryError as error:
        print(f"codememory: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
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
