"""Fill and look after the store: backfill, status, doctor."""

from __future__ import annotations

import os
import sys
from time import monotonic, time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from codememory import backfill as importing
from codememory import config
from codememory.budget import Deadline
from codememory.cli import context, show
from codememory.errors import UnknownIdError
from codememory.store import identity, scope, summaries

REFINING_LIMIT_MS = 600_000
"""No call of a model is begun after this time; what is left, the next `compact` does."""


def backfill(
    paths: Annotated[
        list[str] | None, typer.Argument(help="Transcripts or folders of them.", show_default="all")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken in.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    as_json: context.Json = False,
) -> None:
    """Import existing transcripts; safe to repeat.

    Examples:

      codememory backfill

      codememory backfill ~/.claude/projects/-home-me-shop --dry-run

    """
    connection = context.opened()
    started = monotonic()
    files = importing.files_of(paths or [])
    pending = importing.behind(connection, files)
    size = sum(os.stat(path).st_size for path in pending)
    if dry_run:
        made = {
            "files": len(pending),
            "lines": 0,
            "messages_added": 0,
            "failures_added": 0,
            "bytes": size,
            "seconds": 0.0,
        }
        _print_backfill(
            {**made, "dry_run": True}, as_json, f"{len(pending)} of {len(files)} files, {size} bytes to read."
        )
        return
    problems: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    hidden = quiet or not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as bar:
        task = bar.add_task(f"{len(pending)} transcripts", total=size)
        try:
            total, problems = importing.backfill(connection, pending, lambda _path, taken: bar.advance(task, taken))
        except KeyboardInterrupt:
            context.talk("Stopped. What was taken in is kept; run it again to go on.")
            raise typer.Exit(130) from None
    made = {
        "files": len(files),
        "lines": total.lines,
        "messages_added": total.messages_added,
        "failures_added": total.failures_added,
        "bytes": total.bytes,
        "seconds": round(monotonic() - started, 3),
    }
    for problem in problems:
        context.talk(problem)
    sentence = (
        f"{made['messages_added']} messages and {made['failures_added']} failures added from {made['files']} files"
        f" ({made['lines']} lines, {made['seconds']} s)."
    )
    _print_backfill({**made, "problems": problems}, as_json, sentence)


def _print_backfill(made: dict[str, Any], as_json: bool, sentence: str) -> None:
    if as_json:
        context.print_json(made)
    else:
        show.lines(sentence)


def status(
    as_json: context.Json = False,
) -> None:
    """Show health at a glance: what is stored, what hooks did, what was said.

    Example: codememory status --json
    """
    from codememory.overview import overview

    settings = config.checked()
    connection = context.opened()
    found = overview(connection, settings, context.project_scope(connection, False, None))
    if as_json:
        context.print_json(found)
        return
    database, counts, ingested = found["database"], found["counts"], found["ingest"]
    show.pairs(
        {
            "codememory": found["version"],
            "database": f"{database['path']} ({database['bytes'] / 1e6:.1f} MB, schema {database['schema_version']})",
            "sessions": counts["sessions"],
            "messages": counts["messages"],
            "summaries": counts["summaries"],
            "transcripts": f"{ingested['transcripts']} ({ingested['behind_bytes']} bytes not yet taken in)",
            "told the model": f"{found['injected']['count']} memories, {found['injected']['tokens']} tokens,"
            f" {found['injected']['repeats']} of them again after a compaction or in a subagent",
        }
    )
    llm = found["llm"]
    if llm["calls"] or llm["refused"]:
        state = f"{llm['calls']} calls, {llm['tokens']} tokens, {llm['refused']} refused, breaker {llm['breaker']}"
        show.pairs({"asked a model": f"{state}; last: {llm['last_reason']}" if llm["last_reason"] else state})
    if database["foreign"]:
        show.lines(f"\n{database['foreign']} belongs to another program and is left alone.")
    if counts["nodes"]:
        rows = [[kind, name, count] for kind, named in counts["nodes"].items() for name, count in named.items()]
        show.lines("")
        show.table("", ["memory", "status", "count"], rows)
    if found["hooks"]:
        rows = [
            [event, one["count"], one["p50_ms"], one["p95_ms"], one["errors"], one["last_at"]]
            for event, one in found["hooks"].items()
        ]
        show.lines("")
        show.table("", ["hook", "runs", "p50 ms", "p95 ms", "errors", "last"], rows)
    else:
        show.lines("\nNo hook has run yet.")
    for problem in found["problems"]:
        show.lines(f"{problem['at']}  {problem['place']}: {problem['sentence']}")


def compact(
    session: Annotated[
        str, typer.Option(metavar="ID", envvar="CLAUDE_CODE_SESSION_ID", help="The session; else the project's latest.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Every session of the project.")] = False,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Call no model: summaries stay as written.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
) -> None:
    """Compact history into summaries now; every message stays.

    Examples:

      codememory compact --session 7c9e6679

      codememory compact --all

    """
    from codememory.compact import Plan, why_nothing
    from codememory.compact import compact as run
    from codememory.refine import refine

    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    if every:
        chosen = summaries.sessions_over(connection, project_id, 0)
    else:
        wanted = session or scope.latest_session(connection, project_id)
        if not wanted:
            raise UnknownIdError("There is no session to compact: give one with --session.")
        kind, session_id = identity.resolve(connection, wanted)
        if kind != identity.SESSION:
            raise UnknownIdError(f"{wanted!r} is no session.")
        chosen = [session_id]
    plan = Plan(everything=True)
    created: list[str] = []
    hidden = quiet or not every or not sys.stderr.isatty()
    with Progress(console=Console(stderr=True), disable=hidden) as bar:
        for session_id in bar.track(chosen, description="sessions"):
            created += run(connection, session_id, plan, int(time() * 1000))
    reason = "" if created else why_nothing(connection, chosen, plan.tail)
    refined = refine(connection, [] if no_llm else chosen, Deadline(REFINING_LIMIT_MS))
    if as_json:
        context.print_json(
            {"created": created, "reason": reason, "refined": refined.refined, "llm_reason": refined.reason}
        )
        return
    show.lines(f"{len(created)} summaries made." if created else reason)
    if refined.refined:
        show.lines(f"{len(refined.refined)} summaries refined by a model.")
    if refined.reason:
        context.talk(f"Not every summary was refined: {refined.reason}")


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Put right what can be, behind a backup.")] = False,
    as_json: context.Json = False,
) -> None:
    """Check that the store is whole and that hooks fire; exit code 1 if something is wrong.

    Examples:

      codememory doctor --json

      codememory doctor --repair

    """
    from codememory import doctor as checking

    connection = context.opened()
    backup, repaired = checking.repair(connection) if repair else ("", [])
    found = checking.examine(connection)
    if repaired:
        context.talk(f"Repaired: {', '.join(repaired)}. The database as it was: {backup}")
    if as_json:
        context.print_json({**found, "repaired": repaired, "backup": backup})
    else:
        rows = [["ok" if one["ok"] else "WRONG", one["name"], one["detail"]] for one in found["checks"]]
        show.table("", ["", "check", "detail"], rows)
    if not found["ok"]:
        raise typer.Exit(1)
