"""The numbers behind the page's charts: heights in percent of a bar's room, names, and the words beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from codememory.store import counters

BARS_MAX = 92
"""More days are drawn as weeks, more weeks as spans of so many more days."""

DAYS_MIN = 14
CLASSES_MIN = 14
"""So that the bars of a hook that always takes the same time are no wider than those of another."""

SMALLEST_PERCENT = 3.0
"""A bar that stands for something can be seen."""


def local(at: int) -> datetime | None:
    """Return a time where the page is made, None for one that no calendar has."""
    try:
        return datetime.fromtimestamp(at / 1000).astimezone() if at > 0 else None
    except (OverflowError, ValueError, OSError):
        return None


def day_name(day: date) -> str:
    """Return a day as 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def by_day(times: Iterable[int]) -> dict[str, Any]:
    """Return the bars of sessions by day, or by spans of days where there are many."""
    days = Counter(moment.date() for at in times if (moment := local(at)))
    if not days:
        return {"bars": [], "label": "", "first": "", "last": ""}
    last = max(days)
    first = min(min(days), last - timedelta(DAYS_MIN - 1))
    whole = (last - first).days + 1
    size = 1 if whole <= BARS_MAX else 7 * -(-whole // (7 * BARS_MAX))
    counts = Counter((last - day).days // size for day in days.elements())
    top = max(counts.values())
    bars = []
    for back in range((whole - 1) // size, -1, -1):
        start = max(first, last - timedelta(back * size + size - 1))
        end = last - timedelta(back * size)
        name = day_name(end) if size == 1 else f"{day_name(start)} to {day_name(end)}"
        bars.append({"name": name, "count": counts[back], "height": _percent(counts[back], top)})
    span = "a day" if size == 1 else "a week" if size == 7 else f"{size} days"
    return {"bars": bars, "label": f"at most {top} in {span}", "first": day_name(first), "last": day_name(last)}


def durations(event: str, hook: dict[str, Any], rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """Return a hook's figures with a bar for each class of durations; the median and the slowest are marked."""
    counts = {bucket: count for name, bucket, count in rows if name == event}
    top = max(counts.values(), default=1)
    bars = []
    first = min(counts, default=0)
    for bucket in range(first, max(first + CLASSES_MIN, max(counts, default=0) + 1)):
        upto = round(counters.upper_ms(bucket), 1)
        tone = "median" if upto == hook["p50_ms"] else "slow" if upto >= hook["p95_ms"] else ""
        bars.append(
            {"upto": upto, "count": counts.get(bucket, 0), "tone": tone,
             "height": _percent(counts.get(bucket, 0), top) / 5}
        )  # fmt: skip
    return {"event": event, **hook, "bars": bars}


def _percent(count: int, top: int) -> float:
    return round(max(SMALLEST_PERCENT, 100 * count / top), 1) if count else 0
