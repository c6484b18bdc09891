"""Share what is durable with a team: join, look at what would go, exchange, trust."""

from __future__ import annotations

import os
from time import time
from typing import Annotated, Any

import apsw
import typer

from codememory import records
from codememory.budget import Deadline
from codememory.cli import context, nodes, show
from codememory.errors import PayloadError, TeamError
from codememory.explore import shapes
from codememory.store import erasure, projects
from codememory.store import team as store

SYNC_MS, BACKGROUND_MS = 300_000, 20_000
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]
Here = Annotated[str, typer.Argument(metavar="FOLDER", help="The project.", show_default="this folder")]


def init(
    name: Annotated[str, typer.Argument(metavar="TEAM", help="Lower-case letters, digits and _.")],
    member: Annotated[
        list[str] | None, typer.Option("--member", metavar="ROLE", help="Who may share (repeatable).")
    ] = None,
    as_json: context.Json = False,
) -> None:
    """Set a team up on a server, or bring its tables up to date.

    CODEMEMORY_TEAM_DSN names a role there that may create roles and schemas.

    Examples:
      CODEMEMORY_TEAM_DSN=postgresql://admin@db/memory codememory team init shop
      codememory team init shop --member ann --member bob

    """
    from codememory.team.server import connecting, schema

    context.opened()
    with connecting.connected() as server, server.transaction():
        version = schema.bring_up_to_date(server)
        role = schema.add_team(server, name, member or [])
    if as_json:
        context.print_json({"team": name, "role": role, "version": version, "members": member or []})
        return
    show.lines(f"The team {name} is set up: whoever has the role {role} is a member.")
    show.lines(f"A new member, in psql: CREATE ROLE ann LOGIN; \\password ann; GRANT {role} TO ann;")


def join(
    folder: Here = ".",
    team: Annotated[str, typer.Option("--team", metavar="TEAM", help="Which team, for a role of several.")] = "",
    project: Annotated[
        str, typer.Option("--project", metavar="NAME", help="Which project of the team it is: name or id.")
    ] = "",
    new: Annotated[bool, typer.Option("--new", help="It is none of the team's projects yet.")] = False,
    as_json: context.Json = False,
) -> None:
    """Share this project from now on.

    Its tasks, rules, decisions and failures with their remedies are shared, never messages. Look at what would go with
    `team push --dry-run` before the first exchange.

    Examples:
      codememory team join
      codememory team join ~/code/shop --team shop --new

    """
    from codememory.team import joining

    connection = context.opened()
    place = projects.place_of(connection, os.path.abspath(os.path.expanduser(folder)), nodes.now())
    shared = joining.join(connection, place, team, project, new)
    if as_json:
        context.print_json(_shape(shared))
    else:
        show.lines(f"Shared with the team {shared.team} as {shared.name}; you write as {shared.author}.")
        context.talk("`codememory team push --dry-run` shows what would go, `codememory team sync` exchanges it.")


def leave(
    folder: Here = ".",
    forget_others: Annotated[bool, typer.Option("--forget", help="Forget what only others told.")] = False,
    as_json: context.Json = False,
) -> None:
    """Share this project no longer.

    What others told stays, and so does on the server what was shared.

    Examples:
      codememory team leave

    """
    from codememory import forget

    connection = context.opened()
    shared = _here(connection, folder)
    connection.execute("BEGIN IMMEDIATE")
    gone = store.foreign_nodes(connection, shared.project_id) if forget_others else []
    reach = forget.Reach(0)
    reach.nodes.update(gone)
    if gone:
        forget.forget(connection, reach)
    store.leave(connection, shared.project_id)
    connection.execute("COMMIT")
    forget.clean(connection)
    if as_json:
        context.print_json({**_shape(shared), "forgotten": len(gone)})
    else:
        show.lines(f"{shared.name} is shared no longer; {show.counted(len(gone), 'memory')} of others forgotten.")


def status(as_json: context.Json = False) -> None:
    """Show what is shared, and what waits to be sent.

    And how the server last answered; it is not asked now.

    Examples:
      codememory team status

    """
    found = told(context.opened())
    if as_json:
        context.print_json(found)
        return
    if not found["projects"]:
        context.talk("No project is shared: `codememory team join` in its folder.")
        return
    for one in found["projects"]:
        show.lines(
            f"{one['name']}, team {one['team']}, as {one['author']}: {show.counted(one['waiting'], 'event')} to send,"
            f" {one['pushed']} sent, {show.counted(one['from_others'], 'memory')} of others"
        )
    show.lines(server_line(found["server"]))


def told(connection: apsw.Connection) -> dict[str, Any]:
    """Return what is shared and how the server answered, without asking it."""
    listed = []
    for shared in store.joined(connection):
        last = store.vector(connection, shared.project_id).get(shared.machine, 0)
        others = sum(count for _, count in store.count_foreign(connection, shared.project_id))
        listed.append(
            {**_shape(shared), "pushed": shared.pushed, "waiting": last - shared.pushed, "from_others": others}
        )
    tried_at, done_at, failed, sentence = store.server(connection)
    answered = {
        "tried_at": shapes.moment(tried_at) if tried_at else None,
        "done_at": shapes.moment(done_at) if done_at else None, "failures": failed, "sentence": sentence,
    }  # fmt: skip
    return {"projects": listed, "server": answered}


def server_line(server: dict[str, Any]) -> str:
    """Return how the server answered, in one line."""
    when = f"last exchange {server['done_at'][:16]}" if server["done_at"] else "never exchanged"
    return f"{when}; {server['sentence']} ({server['failures']} times in a row)" if server["failures"] else when


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
    _run(context.opened(), as_json, push=False)


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
    _run(context.opened(), as_json, limit_ms=BACKGROUND_MS if background else SYNC_MS)


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
        rest = "" if one.whole else "; there is more: run it again"
        show.lines(f"{one.name}: {show.counted(one.pulled, 'event')} taken in, {one.pushed:,} sent{rest}.")


def _show_planned(connection: apsw.Connection, as_json: bool) -> None:
    from codememory import wire
    from codememory.team import sync as syncing

    listed = []
    for shared in store.joined(connection):
        found = syncing.planned(connection, shared)
        sent = [
            {"kind": one.kind, "memory": one.node.hex(), "says": wire.decoded(one.payload) if one.payload else None}
            for one in found.made
        ]
        kept = [{"memory": name.hex(), "why": why} for name, why in found.withheld.items() if why]
        listed.append({**_shape(shared), "events": sent, "withheld": kept})
    if as_json:
        context.print_json({"projects": listed})
        return
    for one in listed:
        show.lines(f"{one['name']}: {len(one['events'])} events would be sent to {one['team']},"
                   f" {len(one['withheld'])} memories kept back.")  # fmt: skip
        for event in one["events"]:
            show.lines(f"  {event['kind']} {event['memory'][:10]} {wire.encoded(event['says'])}")


def trust(
    whom: Annotated[str, typer.Argument(metavar="AUTHOR|ID", help="A role of the team, or one memory.")],
    undo: Undo = False,
    as_json: context.Json = False,
) -> None:
    """Let what an author says, or one memory, count as said here.

    A rule is then in force.

    Examples:
      codememory team trust ann
      codememory team trust mem_3f9a

    """
    from codememory.team import taking

    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    kind, value, project_ids = store.AUTHOR, whom, [one.project_id for one in store.joined(connection)]
    if whom.startswith(f"{records.NODE}_"):
        node = nodes.node_of(connection, whom)
        if node.origin != store.ORIGIN:
            raise PayloadError(f"{show.short(node.id)} was said here: it needs no trust.")
        kind, value, project_ids = store.MEMORY, node.uid.hex(), [node.project_id]
    for project_id in project_ids:
        store.set_trusted(connection, project_id, kind, value, not undo)
        shared = store.find(connection, project_id)
        if shared is not None:
            taking.take(connection, shared, set(store.named_in(connection, project_id)), int(time() * 1000))
    connection.execute("COMMIT")
    if kind == store.AUTHOR and whom not in store.authors(connection):
        context.talk(f"Nobody has said anything as {whom} yet.")
    if as_json:
        context.print_json({"kind": kind, "trusted": whom, "changed": not undo})
    else:
        show.lines(f"{whom} is {'no longer trusted' if undo else 'trusted'} here.")


def members(folder: Here = ".", as_json: context.Json = False) -> None:
    """List who shares this project, from how many machines, and when.

    Examples:
      codememory team members

    """
    from codememory.team.server import connecting, log

    connection = context.opened()
    shared = _here(connection, folder)
    with connecting.connected() as server:
        machines = log.machines(server, shared.shared)
    trusted = store.trusted(connection, shared.project_id)
    listed = [
        {
            "author": author, "machines": len(own), "events": sum(one.last for one in own),
            "pushed_at": shapes.moment(max(one.pushed_at for one in own)),
            "trusted": author == shared.author or (store.AUTHOR, author) in trusted,
        }
        for author in sorted({one.author for one in machines})
        if (own := [one for one in machines if one.author == author])
    ]  # fmt: skip
    if as_json:
        context.print_json({**_shape(shared), "members": listed})
        return
    rows = [
        [one["author"], one["machines"], one["events"], str(one["pushed_at"] or "")[:16], one["trusted"]]
        for one in listed
    ]
    show.table("", ["author", "machines", "events", "last", "trusted here"], rows)


def private(id_: nodes.NodeId, undo: Undo = False, as_json: context.Json = False) -> None:
    """Keep a memory from every team.

    What was shared of it is withdrawn from everyone at the next exchange.

    Examples:
      codememory memory private mem_3f9a
      codememory memory private mem_3f9a --undo

    """
    connection = context.opened()
    connection.execute("BEGIN IMMEDIATE")
    node = nodes.node_of(connection, id_)
    if node.origin == store.ORIGIN:
        raise PayloadError(f"{show.short(node.id)} is somebody else's: only who shared it can withdraw it.")
    uids, _ = erasure.uids_of(connection, node.node_id)
    store.set_private(connection, uids, not undo)
    shared = store.find(connection, node.project_id)
    if undo and shared is not None:
        shared.collected = 0  # what was passed over is looked at again
        store.note_progress(connection, shared)
    connection.execute("COMMIT")
    if as_json:
        context.print_json({"id": node.id, "kind": node.kind, "private": not undo})
    else:
        show.lines(f"{show.short(node.id)} is {'shared again' if undo else 'kept private'}.")


def _here(connection: apsw.Connection, folder: str) -> store.Shared:
    place = projects.find_place(connection, os.path.abspath(os.path.expanduser(folder)))
    shared = store.find(connection, place.project_id) if place else None
    if shared is None:
        raise TeamError("This project is not shared: `codememory team join` in its folder.")
    return shared


def _shape(shared: store.Shared) -> dict[str, Any]:
    return {"name": shared.name, "team": shared.team, "author": shared.author, "id": shared.shared.hex()}
