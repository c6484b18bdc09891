"""How far long work is: on standard error, and only where a person looks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn


def bar(quiet: bool, *columns: ProgressColumn, stays: bool = True) -> Progress:
    """Return a bar for work whose size is known; at its end it stays, or is wiped away."""
    shown = (TextColumn("{task.description}"), BarColumn(), *columns, TimeRemainingColumn())
    return Progress(*shown, console=Console(stderr=True), disable=_hidden(quiet), transient=not stays)


@contextmanager
def busy(quiet: bool, sentence: str) -> Iterator[None]:
    """Show that work goes on whose size is not known."""
    if _hidden(quiet):
        yield
        return
    with Console(stderr=True).status(sentence):
        yield


def _hidden(quiet: bool) -> bool:
    return quiet or not sys.stderr.isatty()
