"""How far long work is: on standard error, and only where a person looks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress


class Unseen:
    """A bar that nobody sees: it needs none of the libraries that draw."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def add_task(self, description: str, total: float | None) -> Any:
        """Take no note of some work."""

    def update(self, task: Any, **told: Any) -> None:
        """Take no note of how far it is."""

    def advance(self, task: Any, count: float = 1) -> None:
        """Take no note that it went on."""

    def track(self, of: Iterable[Any], description: str) -> Iterable[Any]:
        """Return what is worked through."""
        return of


def bar(quiet: bool, *, in_bytes: bool = False, stays: bool = True) -> Progress | Unseen:
    """Return a bar for work whose size is known; at its end it stays, or is wiped away."""
    if _hidden(quiet):
        return Unseen()
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    size = [DownloadColumn()] if in_bytes else []
    shown = (TextColumn("{task.description}"), BarColumn(), *size, TimeRemainingColumn())
    return Progress(*shown, console=Console(stderr=True), transient=not stays)


@contextmanager
def busy(quiet: bool, sentence: str) -> Iterator[None]:
    """Show that work goes on whose size is not known."""
    if _hidden(quiet):
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(sentence):
        yield


def _hidden(quiet: bool) -> bool:
    return quiet or not sys.stderr.isatty()
