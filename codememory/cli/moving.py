"""Move what is remembered and keep it: export, import, backup, prune."""

from __future__ import annotations

import os
import sys
from functools import partial
from time import monotonic, time
from typing import Annotated, Any

import apsw
import typer

from codememory.cli import context, show, streams
from codememory.errors import DatabaseError, PayloadError, SettingError
from codememory.store import scope


def export(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output.")
    ] = "-",
    memories_only: Annotated[
        bool, typer.Option("--memories", "--nodes-only", help="Only memories and what belongs to them.")
    ] = False,
    project: context.ProjectPath = None,
    everything: Annotated[bool, typer.Option("--all", "--all-projects", help="Every project; the default.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Write what is remembered as JSON Lines, to import elsewhere.

    A file whose name ends in .gz is compressed.

    Examples:
      codememory export --output memory.jsonl
      codememory export --memories --project . | ssh other codememory import -

    """
    from codememory.cli.progress import bar
    from codememory.transfer import export as exporting
    from codememory.transfer import lines

    if as_json and output == streams.STANDARD:
        raise PayloadError("--json tells of what was exported: say with --output FILE where the export itself goes.")
    connection = context.opened()
    project_id = None if everything else context.project_scope(connection, project is None, project)
    started, counts = monotonic(), dict[str, int]()
    size = 0
    with (
        bar(quiet or (output == streams.STANDARD and sys.stdout.isatty())) as shown,
        streams.written(output, force) as file,
    ):
        task = shown.add_task("exporting", total=scope.count_messages(connection))
        try:
            for line in exporting.exported(connection, project_id, memories_only=memories_only):
                size += file.write(lines.written(line))
                kind = type(line).__name__.lower()
                counts[kind] = counts.get(kind, 0) + 1
                if kind == "message":
                    shown.advance(task)
        except KeyboardInterrupt:
            context.talk("Stopped: the export is not whole.")
            raise typer.Exit(130) from None
    made = {"output": output, "lines": counts, "bytes": size, "seconds": round(monotonic() - started, 3)}
    if as_json:
        context.print_json(made)
    elif output != streams.STANDARD:
        kept = f"{show.counted(counts.get('node', 0), 'memory')}, {show.counted(counts.get('message', 0), 'message')}"
        show.lines(f"{kept}, {show.counted(sum(counts.values()), 'line')}, {show.size(size)} written to {output}.")


def import_(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Exports; - is standard input.")],
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Take in exports of this or another machine.

    What is here stays, what both know is merged, and importing twice is importing once.

    Examples:
      codememory import memory.jsonl
      codememory import laptop.jsonl.gz desktop.jsonl --json

    """
    from codememory.cli.progress import bar
    from codememory.transfer import importing

    connection = context.opened()
    started = monotonic()
    total = importing.Done()
    with bar(quiet, in_bytes=True) as shown:
        for name in files:
            with streams.read(name) as (file, size):
                task = shown.add_task(os.path.basename(name), total=size)
                try:
                    total.add(importing.imported(connection, name, file, partial(shown.advance, task)))
                except KeyboardInterrupt:
                    context.talk("Stopped. What was taken in is kept; run it again to go on.")
                    raise typer.Exit(130) from None
    _clean_after(connection)
    made = {
        "files": len(files),
        "lines": total.lines,
        **{kind: dict(counts) for kind, counts in total.counts.items()},
        "skipped": total.skipped,
        "problems": total.problems,
        "seconds": round(monotonic() - started, 3),
    }
    for problem in total.problems:
        context.talk(problem)
    if as_json:
        context.print_json(made)
    else:
        new = total.counts["added"]
        show.lines(
            f"{show.counted(new['node'], 'memory')} and {show.counted(new['message'], 'message')} added,"
            f" {show.counted(total.counts['changed'].total(), 'thing')} merged,"
            f" {total.counts['known'].total():,} known already, {show.counted(total.skipped, 'line')} skipped."
        )
    if total.problems:
        raise typer.Exit(1)


def _clean_after(connection: apsw.Connection) -> None:
    """Overwrite what an import had to forget; where that cannot be now, `memory forget` does it later."""
    from codememory import forget

    try:
        forget.clean(connection)
    except DatabaseError as error:
        context.talk(str(error))


def backup(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; else beside the database, with the time.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Copy the database while hooks go on writing to it.

    The copy is checked, and only you can read it. To use it, put it at the database's path while no session of the
    client runs.

    Examples:
      codememory backup
      codememory backup --output ~/backups/memory.db --force

    """
    from codememory import backup as copying
    from codememory.cli.progress import bar

    connection = context.opened()
    started = monotonic()
    path = output or copying.default_path(connection.filename)
    with bar(quiet) as shown:
        task = shown.add_task("copying", total=None)
        try:
            size = copying.backup(
                connection,
                path,
                force=force,
                advance=lambda done, pages: shown.update(task, completed=done, total=pages),
            )
        except KeyboardInterrupt:
            context.talk("Stopped: no copy was kept.")
            raise typer.Exit(130) from None
    made = {
        "path": os.path.abspath(os.path.expanduser(path)),
        "bytes": size,
        "seconds": round(monotonic() - started, 3),
    }
    if as_json:
        context.print_json(made)
    else:
        show.lines(f"{show.size(size)} written to {made['path']}.")


def prune(
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="Such as 90d or 12w; else CODEMEMORY_RETENTION_DAYS.")
    ] = "",
    payloads: Annotated[bool, typer.Option("--payloads", help="Drop what tools returned; the default.")] = False,
    sessions: Annotated[bool, typer.Option("--sessions", help="Drop whole sessions, their memories apart.")] = False,
    dry_run: context.DryRun = False,
    yes: context.Yes = False,
    quiet: context.Quiet = False,
    as_json: context.Json = False,
) -> None:
    """Make room: drop what tools returned, or whole old sessions.

    Memories, facts and words stay. Shows what would go, and asks. Reading a transcript again does not bring it back;
    importing an export does.

    Examples:
      codememory prune --older-than 90d
      codememory prune --sessions --older-than 1y --yes

    """
    from codememory import prune as pruning

    if payloads and sessions:
        raise SettingError(
            "Choose one of --payloads and --sessions: whole sessions take what tools returned with them."
        )
    connection = context.opened()
    days = pruning.days_of(older_than) if older_than else pruning.days_kept()
    if not older_than and not days:
        raise SettingError("How long to keep is not said: add --older-than 90d, or set CODEMEMORY_RETENTION_DAYS.")
    before = int(time() * 1000) - days * pruning.DAY_MS
    plan = pruning.planned(connection, before, sessions=sessions)
    what = (
        f"Sessions: {plan.sessions:,}, with {show.counted(plan.messages, 'message')}"
        if sessions
        else f"Results of tools: {plan.messages:,}"
    )
    if not as_json:
        show.lines(f"{what}, {show.size(plan.bytes)}, older than {show.counted(days, 'day')}.")
    sure = not dry_run and bool(plan.messages or plan.sessions)
    if sure and not yes:
        sure = not as_json and sys.stdin.isatty() and typer.confirm("Drop them?", err=True)
        if not sure and not as_json:
            context.talk("Nothing was dropped." if sys.stdin.isatty() else "Nothing was dropped: add --yes.")
            raise typer.Exit(1)
    made: dict[str, Any] = {"days": days, "mode": "sessions" if sessions else "payloads", "sessions": plan.sessions,
            "messages": plan.messages, "bytes": plan.bytes, "pruned": sure}  # fmt: skip
    if sure:
        made |= _pruned(connection, before, sessions, plan.sessions if sessions else plan.messages, quiet)
    if as_json:
        context.print_json(made)
    elif sure:
        show.lines(f"Dropped. The database takes {show.size(made['file_bytes_before'] - made['file_bytes'])} less.")


def _pruned(connection: apsw.Connection, before: int, sessions: bool, total: int, quiet: bool) -> dict[str, Any]:
    from codememory import prune as pruning
    from codememory.cli.progress import bar

    size = os.stat(connection.filename).st_size
    with bar(quiet) as shown:
        task = shown.add_task("pruning", total=total)
        try:
            if sessions:
                found = pruning.prune_sessions(connection, before, lambda count: shown.advance(task, count))
            else:
                found, _ = pruning.prune_results(connection, before, advance=lambda count: shown.advance(task, count))
            pruning.give_back(connection)
        except KeyboardInterrupt:
            context.talk("Stopped. What was dropped stays dropped; run it again to go on.")
            raise typer.Exit(130) from None
    return {
        "sessions": found.sessions,
        "messages": found.messages,
        "bytes": found.bytes,
        "file_bytes_before": size,
        "file_bytes": os.stat(connection.filename).st_size,
    }
