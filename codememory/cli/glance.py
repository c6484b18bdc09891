"""What `status` shows: what is stored, what is remembered, and what hooks did."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import apsw
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from codememory import config, records
from codememory.cli import show
from codememory.records import NODE_STATUSES
from codememory.store import whole

DAYS_SHOWN = 30
DURATIONS_SHOWN = 12
NARROW_COLUMNS, SLIM_COLUMNS = 76, 50
"""Below these a terminal has no room for all columns; those that say least go."""


def shown(connection: apsw.Connection, found: dict[str, Any]) -> None:
    """Print the state of a store."""
    started = [row[3] for row in whole.sessions(connection)]
    width = show.console().width
    show.block(_stored(found, started))
    if found["counts"]["nodes"]:
        show.block("", _memories(found["counts"]["nodes"], width))
    if found["hooks"]:
        show.block("", _hooks(found["hooks"], whole.hook_durations(connection), width))
    else:
        show.lines("\nNo hook has run yet.")
    for warning in found["warnings"]:
        show.lines(f"Warning: {warning}.")
    for problem in found["problems"]:
        show.lines(f"{show.when(problem['at'])}  {problem['place']}: {problem['sentence']}")


def _stored(found: dict[str, Any], started: list[int]) -> RenderableType:
    database, counts, ingested, told = found["database"], found["counts"], found["ingest"], found["injected"]
    path = database["path"].replace(os.path.expanduser("~"), "~", 1)
    days = by_day(started, int(time() * 1000))
    rows: dict[str, Any] = {
        "codememory": found["version"],
        "database": f"{path} ({database['bytes'] / 1e6:.1f} MB, schema {database['schema_version']})",
        "room": ", ".join(f"{part} {size / 1e6:.1f} MB" for part, size in database["bytes_by"].items()),
        "sessions": f"{counts['sessions']:,}  {show.spark(days, '·')}  the last {DAYS_SHOWN} days"
        if any(days)
        else f"{counts['sessions']:,}",
        "messages": f"{counts['messages']:,}",
        "summaries": f"{counts['summaries']:,}",
        "transcripts": f"{ingested['transcripts']:,} ({ingested['behind_bytes']:,} bytes not yet taken in)",
        "told the model": f"{told['count']:,} memories, {told['tokens']:,} tokens; {told['again']:,} of them again,"
        " after a compaction or in a subagent;"
        f" {told['confirmed']:,} confirmed by the client's records, {told['repeats']:,} twice",
    }
    guard, llm = found["guard"], found["llm"]
    if guard["acted"]:
        right = "" if guard["precision"] is None else f", right in {guard['precision']:.0%}"
        rows["guard"] = f"spoke up {guard['acted']:,} times{right}"
    if llm["calls"] or llm["refused"]:
        state = f"{llm['calls']} calls, {llm['tokens']} tokens, {llm['refused']} refused, breaker {llm['breaker']}"
        rows["asked a model"] = f"{state}; last: {llm['last_reason']}" if llm["last_reason"] else state
    shared = found["team"]
    if shared["projects"]:
        when = f"last exchange {show.when(shared['done_at'])}" if shared["done_at"] else "never exchanged"
        trouble = f"; {shared['sentence']}" if shared["failures"] else ""
        rows["team"] = f"{show.counted(shared['projects'], 'project')}, {when}{trouble}"
    changed = _changed(found["configuration"])
    if changed:
        rows["settings"] = ", ".join(changed)
    if database["foreign"]:
        rows["left alone"] = f"{database['foreign']}, which belongs to another program"
    return show.facts(rows)


def _changed(settings: dict[str, Any]) -> list[str]:
    """Return the variables that have another value than their default."""
    defaults = {one.variable: one.default for one in config.SETTINGS.values()}
    return [
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in settings.items()
        if value != defaults[name]
    ]


def by_day(started: list[int], now: int) -> list[int]:
    """Return how many sessions began on each of the last days, the oldest first."""
    today = datetime.fromtimestamp(now / 1000).astimezone().date()
    oldest = int((datetime.now(UTC) - timedelta(DAYS_SHOWN + 1)).timestamp() * 1000)
    recent = (at for at in started if oldest <= at <= now)
    days = Counter(datetime.fromtimestamp(at / 1000).astimezone().date() for at in recent)
    return [days[today - timedelta(back)] for back in range(DAYS_SHOWN - 1, -1, -1)]


def _memories(kinds: dict[str, dict[str, int]], width: int) -> Table:
    statuses = NODE_STATUSES if width >= SLIM_COLUMNS else NODE_STATUSES[:2]
    table = _table(["memory", *statuses])
    for kind, counts in kinds.items():
        shown = [counts.get(one, 0) for one in statuses]
        cells = [Text(f"{count:,}") if count else Text("·", style="dim") for count in shown]
        table.add_row(kind.replace("_", " "), *cells)
    return table


def _hooks(hooks: dict[str, dict[str, Any]], durations: list[tuple[Any, ...]], width: int) -> Table:
    columns = ["hook", "runs", "p50 ms", "p95 ms", "errors", "durations", "last"]
    if width < SLIM_COLUMNS:
        columns = ["hook", "runs", "errors"]
    elif width < NARROW_COLUMNS:
        columns = columns[:5]
    table = _table(columns)
    now = int(time() * 1000)
    for event, one in hooks.items():
        errors = Text(str(one["errors"]), style="bold red" if one["errors"] else "dim")
        last = records.milliseconds(one["last_at"])
        cells: dict[str, Any] = {
            "hook": event,
            "runs": f"{one['count']:,}",
            "p50 ms": str(one["p50_ms"]),
            "p95 ms": str(one["p95_ms"]),
            "errors": errors,
            "durations": show.spark(_shape(event, durations)),
            "last": f"{records.age(now - last)} ago" if last else "",
        }
        table.add_row(*(cells[name] for name in columns))
    return table


def _shape(event: str, durations: list[tuple[Any, ...]]) -> list[int]:
    """Return how many runs fell into each class of durations, from the quickest on, the slow ones together."""
    counts = {bucket: count for name, bucket, count in durations if name == event}
    first = min(bucket for _, bucket, _ in durations)
    shape = [counts.get(first + place, 0) for place in range(DURATIONS_SHOWN - 1)]
    return [*shape, sum(count for bucket, count in counts.items() if bucket >= first + DURATIONS_SHOWN - 1)]


def _table(columns: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if 0 < place < 5 else "left", no_wrap=True)
    return table
