"""Pictures of measurements, as SVG written by hand: a few lines each, and no library to keep."""

from __future__ import annotations

from html import escape

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 170, 60, 40, 26


def strips(title: str, times: dict[str, list[float]]) -> str:
    """Draw every single time as a mark, a row for each name, the median as a long one."""
    most = max(max(values) for values in times.values())
    scale = (WIDTH - LEFT - RIGHT) / most
    parts = []
    for number, (name, values) in enumerate(times.items()):
        y = TOP + number * ROW
        middle = sorted(values)[len(values) // 2]
        parts += [f'<line x1="{LEFT + value * scale:.1f}" x2="{LEFT + value * scale:.1f}" y1="{y + 6}" y2="{y + 18}"'
                  ' stroke="#4477aa" stroke-opacity="0.35" stroke-width="2"/>' for value in values]  # fmt: skip
        x = LEFT + middle * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y + 1}" y2="{y + 23}" stroke="#aa3377" stroke-width="2"/>')
        parts.append(_label(name, y) + _value(f"{middle:.1f}", y))
    return _page(title, parts, len(times))


def bars(title: str, values: dict[str, float]) -> str:
    """Draw a bar for each value."""
    scale = (WIDTH - LEFT - RIGHT) / max(values.values())
    parts = []
    for number, (name, value) in enumerate(values.items()):
        y = TOP + number * ROW
        parts.append(f'<rect x="{LEFT}" y="{y + 4}" width="{value * scale:.1f}" height="16" fill="#4477aa"/>')
        parts.append(_label(name, y) + _value(f"{value:.2f}", y))
    return _page(title, parts, len(values))


def _label(text: str, y: int) -> str:
    return f'<text x="{LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(text)}</text>'


def _value(text: str, y: int) -> str:
    return f'<text x="{WIDTH - 6}" y="{y + 16}" text-anchor="end">{escape(text)}</text>'


def _page(title: str, parts: list[str], rows: int) -> str:
    height = TOP + rows * ROW + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif"'
        f' font-size="13"><rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<text x="12" y="24" font-size="15">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )
