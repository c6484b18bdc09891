"""Fill and look after the store: backfill, compact, doctor."""

from __future__ import annotations

import os
import shlex
from time import monotonic, time
from typing import Annotated

import apsw
import typer

from codememory import ingest
from codememory.budget import Deadline
from codememory.cli import context, show
from codememory.errors import UnknownIdError
from codememory.store import scope, summaries

REFINING_LIMIT_MS = 600_000
"""No call of a model is begun after this time; what is left, the next `compact` does."""


def backfill(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Transcripts or folders of them.", show_default="all")
    ] = None,
    dry_run: context.DryRun = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Then follow, until Ctrl-C: see `watch`.")] = False,
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Import existing transcripts; safe to repeat.

    Examples:
      codememory backfill
      codememory backfill ~/.claude/projects/-home-me-shop --dry-run

    """
    if follow:
        from codememory.cli.follow import watch

        if dry_run:
            raise typer.BadParameter("--follow takes in what is there: `watch --status` only says what is behind")
        watch(paths, quiet=quiet, as_json=as_json)
        return
    from codememory import backfill as importing

    connection = context.opened()
    started = monotonic()
    files = importing.files_of(paths or [])
    pending = importing.behind(connection, files)
    size = sum(os.stat(path).st_size for path in pending)
    total, problems = ingest.Progress(), list[str]()
    if not dry_run:
        total, problems = _taken_in(connection, pending, size, quiet)
    for problem in problems:
        context.talk(problem)
    made = {
        "files": len(pending if dry_run else files),
        "lines": total.lines,
        "messages_added": total.messages_added,
        "failures_added": total.failures_added,
        "bytes": size if dry_run else total.bytes,
        "seconds": 0.0 if dry_run else round(monotonic() - started, 3),
        **({"dry_run": True} if dry_run else {"problems": problems}),
    }
    if as_json:
        context.print_json(made)
    elif not files:
        show.lines(f"There is no transcript in {', '.join(paths) if paths else importing.folder_of_all()}.")
    elif dry_run:
        show.lines(f"{len(pending)} of {show.counted(len(files), 'file')}, {show.size(size)} to read.")
    else:
        show.lines(
            f"{show.counted(total.messages_added, 'message')} and {show.counted(total.failures_added, 'failure')} added"
            f" from {show.counted(len(files), 'file')} ({show.counted(total.lines, 'line')}, {made['seconds']:.1f} s)."
        )


def _taken_in(
    connection: apsw.Connection, pending: list[str], size: int, quiet: bool
) -> tuple[ingest.Progress, list[str]]:
    """Take in what is behind, of so many bytes together, and show how far it is."""
    from codememory import backfill as importing
    from codememory.cli.progress import bar

    with bar(quiet, in_bytes=True) as shown:
        task = shown.add_task(show.counted(len(pending), "transcript"), total=size)
        try:
            return importing.backfill(connection, pending, lambda _path, taken: shown.advance(task, taken))
        except KeyboardInterrupt:
            left = len(importing.behind(connection, pending))
            context.talk(
                f"Stopped, {left} of {show.counted(len(pending), 'transcript')} to go. What was taken in is kept."
            )
            raise typer.Exit(130) from None


def compact(
    session: Annotated[
        str, typer.Option(metavar="ID", envvar="CLAUDE_CODE_SESSION_ID", help="The session; else the project's latest.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Every session of the project.")] = False,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Call no model: summaries stay as written.")] = False,
    quiet: context.Quiet = False,
    all_projects: context.AllProjects = False,
    project: context.ProjectPath = None,
    as_json: context.Json = False,
) -> None:
    """Compact history into summaries now; every message stays.

    Examples:
      codememory compact --session 7c9e6679
      codememory compact --all

    """
    from codememory.cli.progress import bar
    from codememory.compact import Plan, why_nothing
    from codememory.compact import compact as run
    from codememory.refine import refine

    connection = context.opened()
    project_id = context.project_scope(connection, all_projects, project)
    if every:
        chosen = summaries.sessions_over(connection, project_id, -1)  # leaves may wait for a condensed one over them
    else:
        wanted = session or scope.latest_session(connection, project_id)
        if not wanted:
            raise UnknownIdError(
                "No session of this project is known: give one with --session, or a folder with --project."
            )
        chosen = [context.session_of(connection, wanted)]
    plan = Plan(everything=True)
    created: list[str] = []
    try:
        with bar(quiet or not every) as shown:
            for session_id in shown.track(chosen, description="sessions"):
                created += run(connection, session_id, plan, int(time() * 1000))
        reason = "" if created else why_nothing(connection, chosen, plan.tail)
        refined = refine(connection, [] if no_llm else chosen, Deadline(REFINING_LIMIT_MS))
    except KeyboardInterrupt:
        context.talk(f"Stopped. {show.counted(len(created), 'summary')} made so far, and kept; run it again to go on.")
        raise typer.Exit(130) from None
    if as_json:
        context.print_json(
            {"created": created, "reason": reason, "refined": refined.refined, "llm_reason": refined.reason}
        )
        return
    show.lines(f"{show.counted(len(created), 'summary')} made." if created else reason)
    if refined.refined:
        show.lines(f"{show.counted(len(refined.refined), 'summary')} refined by a model.")
    if refined.reason:
        context.talk(f"Not every summary was refined: {refined.reason}")


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Put right what can be, behind a backup.")] = False,
    scan: Annotated[bool, typer.Option("--scan", help="Also look for secrets that older versions let in.")] = False,
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Check that the store is whole and that hooks fire.

    The exit code is 1 if something is wrong.

    Examples:
      codememory doctor --json
      codememory doctor --repair
      codememory doctor --scan --repair

    """
    from codememory import doctor as checking
    from codememory.cli.progress import bar
    from codememory.secrets_scan import copies

    try:
        with bar(quiet, stays=False) as shown:
            task = shown.add_task("checking", total=None)

            def advance(done: int, total: int) -> None:
                shown.update(task, description="looking for secrets", completed=done, total=total)

            looked = advance if scan else None
            if repair:
                connection, aside = checking.opened()
                for path in aside:
                    context.talk(f"The database could not be used. It was set aside as {path} and a new one begun.")
                backup, repaired = checking.repair(connection, scan=looked)
            else:
                connection, backup, repaired = context.opened(), "", []
            found = checking.examine(connection, scan=looked)
    except KeyboardInterrupt:
        context.talk(
            f"Stopped. {'What was put right stays so; run it again to go on.' if repair else 'Nothing was changed.'}"
        )
        raise typer.Exit(130) from None
    if repaired:
        context.talk(f"Repaired: {', '.join(repaired)}. The database as it was: {backup}")
    if "secrets" in repaired:
        context.talk("That copy holds the secrets still, as may older ones. Delete them once all is well:")
        for path in copies(connection):
            context.talk(f"  rm {shlex.quote(path)}")
    if as_json:
        context.print_json({**found, "repaired": repaired, "backup": backup})
    else:
        rows = [["ok" if one["ok"] else "WRONG", one["name"], one["detail"]] for one in found["checks"]]
        show.table("", ["", "check", "detail"], rows)
    if not found["ok"]:
        raise typer.Exit(1)
