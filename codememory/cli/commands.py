"""Every command by its words: what a call does not run, it does not import."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from codememory.errors import TransferError

SETTINGS = {"help_option_names": ["-h", "--help"]}
EXAMPLES = "\n\nExamples:\n"
SHORT_CHARS = 64
"""Of a line of help in a list, so that it stands on one line of 80 columns."""

HIDDEN = ""
"""The panel of what help does not list."""


class Branch(NamedTuple):
    """A command with commands under it."""

    help: str
    panels: dict[str, dict[str, Any]]
    """By panel, then by name: a `module.function` of this package, or a branch."""


PENDING = Branch(
    "Decide on changes too uncertain to make alone.",
    {
        "Commands": {
            "list": "memory_pending.pending_list",
            "apply": "memory_pending.pending_apply",
            "dismiss": "memory_pending.pending_dismiss",
        }
    },
)
MEMORY = Branch(
    "Look after memories: list, show, move them through their life.",
    {
        "Look": {
            "list": "memory.list_",
            "show": "memory.show_",
            "events": "memory.events",
            "relations": "memory.relations",
        },
        "Change": {
            "resolve": "memory_life.resolve",
            "reopen": "memory_life.reopen",
            "supersede": "memory_life.supersede",
            "stale": "memory_life.stale",
            "maintain": "memory_life.maintain",
            "pending": PENDING,
        },
        "Keep back": {
            "quarantine": "memory_life.quarantine",
            "release": "memory_life.release",
            "private": "team_trust.private",
            "forget": "forgetting.forget",
        },
    },
)
PROJECT = Branch(
    "List projects, and make two of them one.",
    {"Commands": {"list": "projects.list_", "link": "projects.link"}},
)
TEAM = Branch(
    "Share what is durable with a team, through PostgreSQL.",
    {
        "Join": {"join": "team_joining.join", "leave": "team_joining.leave"},
        "Look": {"status": "team.status", "members": "team.members"},
        "Exchange": {"sync": "team_exchange.sync", "push": "team_exchange.push", "pull": "team_exchange.pull"},
        "Judge": {"trust": "team_trust.trust", "withdraw": "team_trust.withdraw"},
        "Administer": {"init": "team_joining.init", "repair": "team_exchange.repair"},
    },
)
ROOT = Branch(
    "Durable engineering memory for Claude Code: decisions, constraints, failures and every message, in one local"
    " SQLite file.",
    {
        "Look": {
            "status": "overview.status",
            "grep": "look.grep",
            "ask": "asking.ask",
            "check": "failures.check",
            "describe": "look.describe",
            "expand": "look.expand",
            "why": "memory.why",
            "view": "view.view",
        },
        "Remember": {"mark": "remember.mark", "memory": MEMORY, "project": PROJECT},
        "Keep": {
            "backfill": "keep.backfill",
            "watch": "follow.watch",
            "compact": "keep.compact",
            "prune": "moving.prune",
            "doctor": "keep.doctor",
        },
        "Move": {"export": "moving.export", "import": "moving.import_", "backup": "moving.backup", "team": TEAM},
        "Wire": {
            "install": "installing.install",
            "uninstall": "installing.uninstall",
            "mcp": "serving.mcp",
            "signature": "failures.signature",
        },
        HIDDEN: {"expand-query": "asking.ask", "hook": "serving.hook"},
    },
)


@contextmanager
def _printing() -> Iterator[None]:
    """Do what prints, to the last byte; Ctrl-C is no error, nor that a reader has seen enough and closed the pipe.

    Raises:
        TransferError: The disk that standard output goes to is full.

    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise typer.Exit(130) from None
    except OSError as failed:
        if failed.errno not in (errno.EPIPE, errno.ENOSPC) or failed.filename:  # a file's, not standard output's
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left has nowhere to go
        if failed.errno == errno.ENOSPC:
            raise TransferError("The output could not be written: its disk is full.") from failed
        ended = failed.__context__
        raise (ended if isinstance(ended, typer.Exit) else typer.Exit(0)) from None


class Command(TyperCommand):
    """A command whose examples are shown as they are to be typed."""

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command does, then its examples, no line of them broken."""
        whole = self.help or ""
        self.help, _, examples = whole.partition(EXAMPLES)
        super().format_help_text(ctx, formatter)
        self.help = whole
        with formatter.section("Examples"):
            for line in filter(None, examples.splitlines()):
                formatter.write(f"{line}\n")

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Name arguments as manuals do: plainly, with dots where several may stand."""
        options, *pieces = super().collect_usage_pieces(ctx)
        several = [one.nargs != 1 for one in self.get_params(ctx) if isinstance(one, TyperArgument)]
        return [options, *(piece.strip("{}") + "..." * many for piece, many in zip(pieces, several, strict=True))]


class Group(TyperGroup):
    """A branch: its help stands in panels."""

    panels: dict[str, dict[str, Any]]

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Read the words of a call, which may be to print help."""
        with _printing():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run what the words call."""
        with _printing():
            return super().invoke(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a panel for each sort of command; their names take the same room in all."""
        listed = [name for panel, names in self.panels.items() if panel != HIDDEN for name in names]
        width = max(map(len, listed))
        for panel, names in self.panels.items():
            if panel != HIDDEN:
                with formatter.section(panel):
                    rows = [(name.ljust(width), self.commands[name].get_short_help_str(SHORT_CHARS)) for name in names]
                    formatter.write_dl(rows)


class _Loading(dict[str, Any]):
    """Commands by name, each imported when it is first asked for."""

    def __init__(self, panels: dict[str, dict[str, Any]]) -> None:
        self.panels = panels
        super().__init__((name, target) for names in panels.values() for name, target in names.items())

    def __getitem__(self, name: str) -> Any:
        target = super().__getitem__(name)
        if isinstance(target, str):
            module, _, function = target.partition(".")
            run = getattr(import_module(f"codememory.cli.{module}"), function)
            self[name] = target = leaf(name, run, name in self.panels.get(HIDDEN, ()))
        elif isinstance(target, Branch):
            self[name] = target = group(target, name)
        return target

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            return default
        return self[name]

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        return [self[name] for name in self]


def leaf(name: str, run: Callable[..., None], hidden: bool = False) -> Any:
    """Return one command."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=Command, hidden=hidden, context_settings=dict(SETTINGS))(run)
    return typer.main.get_command(app)


def group(branch: Branch, name: str, callback: Callable[..., None] = lambda: None, **settings: Any) -> Any:
    """Return a command with those under it, none of them imported yet."""
    app = typer.Typer(
        name=name, cls=Group, help=branch.help, no_args_is_help=True, rich_markup_mode=None,
        context_settings=dict(SETTINGS), **{"add_completion": False, **settings},
    )  # fmt: skip
    app.callback()(callback)
    made: Any = typer.main.get_command(app)
    made.panels, made.commands = branch.panels, _Loading(branch.panels)
    return made
