"""Render results on a terminal, or as plain text in a pipe."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

ID_CHARS = 14


def console() -> Console:
    """Return a console that keeps lines whole in a pipe; NO_COLOR is honoured by rich."""
    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 200, soft_wrap=False)


def table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Print a table: the last column takes the room that is left."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(_plain(cell) for cell in row))
        return
    grid = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        last = position == len(columns) - 1
        grid.add_column(column, no_wrap=not last, overflow="fold" if last else "ellipsis", ratio=1 if last else None)
    for row in rows:
        grid.add_row(*[escape(_plain(cell)) for cell in row])
    console().print(grid)


def lines(text: str) -> None:
    """Print text as it is; control characters of stored text do not reach the terminal."""
    printable = "".join(one if one.isprintable() or one in "\n\t" else "�" for one in text)
    console().print(Text(printable), soft_wrap=True)


def pairs(values: dict[str, Any]) -> None:
    """Print names and values, one a line."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        lines(f"{name.ljust(width)}  {value}")


def short(identifier: str | None) -> str:
    """Return an id as shown: its beginning."""
    return (identifier or "")[:ID_CHARS]


def _plain(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return " ".join("".join(one if one.isprintable() or one in "\n\t" else "�" for one in text).split())
