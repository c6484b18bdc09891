"""Exchange events with a team's server, and see before what would go."""

from __future__ import annotations

from typing import Annotated

import apsw
import typer

from codememory.budget import Deadline
from codememory.cli import context, show
from codememory.cli.team import Here, here, shape
from codememory.errors import DatabaseError, TeamError
from codememory.store import team as store

SYNC_MS, BACKGROUND_MS = 300_000, 20_000


def push(
    dry_run: context.DryRun = False,
    as_json: context.Json = False,
) -> None:
    """Send what is new here; --dry-run shows it word for word.

    Examples:
      codememory team push --dry-run
      codememory team push

    """
    connection = context.opened()
    if dry_run:
        _show_planned(connection, as_json)
    else:
        _run(connection, as_json, pull=False)


def pull(as_json: context.Json = False) -> None:
    """Take in what others told.

    Examples:
      codememory team pull

    """
    connection = context.opened()
    _run(connection, as_json, push=False)
    _overwrite_withdrawn(connection)


def sync(
    background: Annotated[bool, typer.Option("--background", hidden=True)] = False, as_json: context.Json = False
) -> None:
    """Take in what others told, and send what is new here.

    Examples:
      codememory team sync

    """
    if background:
        from codememory.team import child_sync

        child_sync.limit_memory()
    connection = context.opened()
    _run(connection, as_json, limit_ms=BACKGROUND_MS if background else SYNC_MS)
    if not background:
        _overwrite_withdrawn(connection)


def _overwrite_withdrawn(connection: apsw.Connection) -> None:
    """Leave no bytes in the file of what its author withdrew; a person waits for that, background work does not."""
    from codememory import forget

    try:
        forget.clean(connection)
    except DatabaseError as error:
        context.talk(str(error))


def _run(
    connection: apsw.Connection, as_json: bool, *, pull: bool = True, push: bool = True, limit_ms: int = SYNC_MS
) -> None:
    from codememory.team import sync as syncing

    if not store.joined(connection):
        raise TeamError("No project is shared: `codememory team join` in its folder.")
    done = syncing.run(connection, Deadline(limit_ms), pull=pull, push=push)
    if as_json:
        context.print_json({"projects": [one.shape() for one in done]})
        return
    for one in done:
        if not one.shown:
            show.lines(f"{one.name}: this server does not show it.")
            continue
        rest = "" if one.whole else "; there is more: run it again"
        show.lines(f"{one.name}: {show.counted(one.pulled, 'event')} taken in, {one.pushed:,} sent{rest}.")
        if one.lacking:
            show.lines(f"The server lacks {show.counted(one.lacking, 'event')} that this store holds: it was restored"
                       " from a backup. Who said them sends them again, or `codememory team repair` does.")  # fmt: skip


def _show_planned(connection: apsw.Connection, as_json: bool) -> None:
    from codememory import wire
    from codememory.team import sync as syncing

    listed = []
    for shared in store.joined(connection):
        found = syncing.planned(connection, shared)
        sent = [
            {
                "kind": one.kind,
                "memory": one.node.hex(),
                "other": one.other.hex(),
                "says": wire.decoded(one.payload) if one.payload else None,
            }
            for one in found.made
        ]
        kept = [{"memory": name.hex(), "why": why} for name, why in found.withheld.items() if why]
        listed.append({**shape(shared), "events": sent, "withheld": kept})
    if as_json:
        context.print_json({"projects": listed})
        return
    for one in listed:
        show.lines(f"{one['name']}: {show.counted(len(one['events']), 'event')} would be sent to {one['team']},"
                   f" {show.counted(len(one['withheld']), 'memory')} kept back.")  # fmt: skip
        for event in one["events"]:
            show.lines(f"  {event['kind']} {event['memory'][:10]} {wire.encoded(event['says'])}")
        for kept in one["withheld"]:
            show.lines(f"  kept back {kept['memory'][:10]}: {kept['why']}")


def repair(folder: Here = ".", dry_run: context.DryRun = False, as_json: context.Json = False) -> None:
    """Give a restored server back what it lost.

    After a restore from a backup every machine sends again what it said, at its next exchange. This does it for those
    that are gone: what this store pulled of them is written as theirs. So CODEMEMORY_TEAM_DSN names the role that set
    the team up here, and this store is believed: look at what it holds first.

    Examples:
      CODEMEMORY_TEAM_DSN=postgresql://admin@db/memory codememory team repair
      codememory team repair --dry-run

    """
    from codememory.team import repairing

    connection = context.opened()
    shared = here(connection, folder)
    given = repairing.repair(connection, shared, dry_run=dry_run)
    if as_json:
        listed = [{"author": one.author, "machine": one.machine.hex(), "events": one.events, "why": one.why}
                  for one in given]  # fmt: skip
        context.print_json({**shape(shared), "given": listed, "dry_run": dry_run})
        return
    if not given:
        show.lines(f"The server lacks nothing of {shared.name} that this store holds.")
    for one in given:
        verb = "would be given back" if dry_run else "given back"
        rest = f"; {one.why}" if one.why else ""
        show.lines(f"{one.author}: {show.counted(one.events, 'event')} {verb}{rest}.")
