"""Render results on a terminal, or as plain text in a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

ID_CHARS = 14
ROOMY_CHARS = 30
"""A last column that has less room stands on lines of its own."""

CELL_CHARS_MAX = 300
PIPE_COLUMNS = 10_000
"""No line is broken for a reader that is a program."""


def console() -> Console:
    """Return a console that keeps lines whole in a pipe; NO_COLOR is honoured by rich."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 200, soft_wrap=False)


def table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    """Print a table; its last column takes the room that is left, or lines of its own where that is little."""
    cells = [[_plain(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            print("\t".join(row))
        return
    from rich.markup import escape
    from rich.padding import Padding
    from rich.table import Table

    target = console()
    widths = [max(map(len, column)) for column in list(zip(columns, *cells, strict=True))[:-1]]
    if target.width - sum(widths) - 2 * len(widths) < min(ROOMY_CHARS, max(len(row[-1]) for row in cells)):
        for row in [columns, *cells]:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            target.print(escape(line.rstrip()), style="bold" if row is columns else "", soft_wrap=True)
            target.print(Padding(escape(cut(row[-1])), (0, 0, 0, 2)), style="bold" if row is columns else "")
        return
    grid = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns[:-1]:
        grid.add_column(column, no_wrap=True)
    grid.add_column(columns[-1], overflow="fold", ratio=1)
    for row in cells:
        grid.add_row(*map(escape, (*row[:-1], cut(row[-1]))))
    target.print(grid)


def cut(text: str) -> str:
    """Return the beginning of a long text for a terminal; `describe` shows it whole."""
    return text if len(text) <= CELL_CHARS_MAX else text[:CELL_CHARS_MAX].rstrip() + "…"


def when(at: str | None) -> str:
    """Return a time to the minute."""
    return (at or "")[:16].replace("T", " ")


def counted(count: int, noun: str) -> str:
    """Return a number of things in words: 1 memory, 1,200 memories."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    if count < 1_000:
        return counted(count, "byte")
    return f"{count / 1_000:,.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def lines(text: str) -> None:
    """Print text as it is; control characters of stored text do not reach the terminal."""
    print(printable(text))


BARS = "▁▂▃▄▅▆▇█"


def spark(values: list[int], nothing: str = " ") -> str:
    """Return values as bars of eight heights; the smallest something is a bar, and nothing is none."""
    top = max(values, default=0)
    return "".join(BARS[-(-value * len(BARS) // top) - 1] if value else nothing for value in values).rstrip()


def block(*shown: RenderableType) -> None:
    """Print tables, trees and texts; in a pipe without the blanks that fill their lines."""
    if sys.stdout.isatty():
        console().print(*shown, sep="\n")
        return
    from io import StringIO

    from rich.console import Console

    taken = StringIO()
    Console(file=taken, highlight=False, width=PIPE_COLUMNS).print(*shown, sep="\n")
    for line in taken.getvalue().splitlines():
        print(line.rstrip())


def text(shown: Text) -> None:
    """Print a text; the terminal breaks its lines, so that they are copied whole."""
    if sys.stdout.isatty():
        console().print(shown, soft_wrap=True)
    else:
        print(shown.plain)


def facts(values: dict[str, Any]) -> RenderableType:
    """Return names and values, a long value wrapped beside its name."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in values.items():
        grid.add_row(Text(name), value if isinstance(value, Text) else Text(printable(str(value))))
    return grid


def printable(text: str) -> str:
    """Return text without control characters: what is stored does not reach the terminal's own commands."""
    return "".join(one if one.isprintable() or one in "\n\t" else "�" for one in text)


def short(identifier: str | None) -> str:
    """Return an id as shown: its beginning."""
    return (identifier or "")[:ID_CHARS]


def _plain(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return " ".join(printable(text).split())
