"""Forget for good: show what goes, then take it out and its bytes with it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import apsw
import typer

from codememory import forget as forgetting
from codememory.cli import context, nodes, show
from codememory.store import memories, sessions

SHOWN_MAX = 20
TEXT_CHARS = 80


def forget(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Messages, memories or sessions.", show_default=False)
    ] = None,
    yes: context.Yes = False,
    dry_run: context.DryRun = False,
    as_json: context.Json = False,
) -> None:
    """Forget messages, memories or whole sessions for good.

    Their rows go, what the search finds them by, what rests on them, and their bytes in the file.
    Nothing brings them back: not their transcript read again, nor an import. Without an ID, bytes that an earlier
    call had to leave in the file are overwritten. Backups and exports made before still hold them.

    Examples:
      codememory memory forget mem_3f9a --dry-run
      codememory memory forget msg_77c1 7c9e6679 --yes

    """
    connection = context.opened()
    now = nodes.now()
    reach = forgetting.reach_of(connection, ids or [], now)
    made = _shape(connection, reach)
    if not as_json:
        _show(made, bool(ids))
    sure = bool(ids) and not reach.is_empty() and not dry_run
    if sure and not yes:
        sure = not as_json and sys.stdin.isatty() and typer.confirm("Forget all this for good?", err=True)
        if not sure and not as_json:
            context.talk("Nothing was forgotten." if sys.stdin.isatty() else "Nothing was forgotten: add --yes.")
            raise typer.Exit(1)
    try:
        if sure:
            connection.execute("BEGIN IMMEDIATE")
            forgetting.forget(connection, forgetting.reach_of(connection, ids or [], now))
            connection.execute("COMMIT")
        cleaned = False if dry_run else forgetting.clean(connection)
    except KeyboardInterrupt:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
            context.talk("Stopped: nothing was forgotten.")
        else:
            context.talk("Stopped: it is forgotten. `codememory memory forget` overwrites the bytes it left.")
        raise typer.Exit(130) from None
    if as_json:
        context.print_json({**made, "forgotten": sure, "cleaned": cleaned})
    elif sure:
        show.lines("Forgotten, and overwritten in the file. Backups and exports made before still hold it.")
    elif cleaned:
        show.lines("The bytes that an earlier call left in the file are overwritten.")
    elif not ids:
        show.lines("Name what to forget; no bytes of an earlier call are left in the file.")


def _shape(connection: apsw.Connection, reach: forgetting.Reach) -> dict[str, Any]:
    gone = [memories.load(connection, node_id) for node_id in sorted(reach.nodes)]
    return {
        "sessions": [sessions.client_id_of(connection, session_id) for session_id in sorted(reach.sessions)],
        "messages": [
            {"id": one.id, "kind": one.kind, "text": one.text[:TEXT_CHARS]} for one in reach.messages.values()
        ],
        "memories": [{"id": one.id, "kind": one.kind, "content": one.content} for one in gone],
        "stays": sorted(
            {
                source
                for one in gone
                for source in memories.evidence_of(connection, one.node_id)
                if source.startswith("msg_")
            }
            - {one.id for one in reach.messages.values()}
        ),
    }


def _show(made: dict[str, Any], wanted: bool) -> None:
    for client_id in made["sessions"]:
        show.lines(f"session {client_id}, whole")
    for name, text in (("messages", "text"), ("memories", "content")):
        for one in made[name][:SHOWN_MAX]:
            show.lines(f"{show.short(one['id'])}  {one['kind']}  {' '.join(one[text].split())[:TEXT_CHARS]}")
        if len(made[name]) > SHOWN_MAX:
            show.lines(f"… and {len(made[name]) - SHOWN_MAX} more {name}")
    if made["stays"]:
        context.talk(f"Messages they rest on stay, forget them by their ids: {', '.join(made['stays'][:SHOWN_MAX])}")
    if wanted and not (made["sessions"] or made["messages"] or made["memories"]):
        context.talk("That is forgotten already.")
