"""Show what is shared with a team, with whom, and how the server answered."""

from __future__ import annotations

import os
from typing import Annotated, Any

import apsw
import typer

from codememory.cli import context, show
from codememory.errors import TeamError
from codememory.explore import shapes
from codememory.store import foreign, projects, team_log
from codememory.store import team as store

Here = Annotated[str, typer.Argument(metavar="FOLDER", help="The project.", show_default="this folder")]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]


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
        from_others = sum(count for _, count in foreign.count_foreign(connection, shared.project_id))
        listed.append(
            {**shape(shared), "pushed": shared.pushed, "waiting": last - shared.pushed, "from_others": from_others}
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


def members(folder: Here = ".", as_json: context.Json = False) -> None:
    """List who shares this project, from how many machines, and when.

    Examples:
      codememory team members

    """
    from codememory.team import repairing
    from codememory.team.server import connecting, log

    connection = context.opened()
    shared = here(connection, folder)
    with connecting.connected() as server:
        machines = log.machines(server, shared.shared)
    trusted = store.trusted(connection, shared.project_id)
    lost: dict[str, int] = {}
    vector = store.vector(connection, shared.project_id)
    for lack in repairing.lacking(machines, vector, shared.machine):
        author = team_log.author_of_machine(connection, shared.project_id, lack.machine)
        lost[author] = lost.get(author, 0) + lack.events
    listed = []
    for author in sorted({one.author for one in machines} | set(lost)):
        own = [one for one in machines if one.author == author]
        listed.append({
            "author": author, "machines": len(own), "events": sum(one.last for one in own),
            "lacking": lost.get(author, 0),
            "pushed_at": shapes.moment(max(one.pushed_at for one in own)) if own else None,
            "trusted": author == shared.author or (store.AUTHOR, author) in trusted,
        })  # fmt: skip
    if as_json:
        context.print_json({**shape(shared), "members": listed})
        return
    rows = [
        [
            one["author"], one["machines"], one["events"], one["lacking"], str(one["pushed_at"] or "")[:16],
            one["trusted"],
        ]
        for one in listed
    ]  # fmt: skip
    show.table("", ["author", "machines", "events", "lost there", "last", "trusted here"], rows)


def here(connection: apsw.Connection, folder: str) -> store.Shared:
    """Return how the project of a folder is shared.

    Raises:
        TeamError: It is not.

    """
    place = projects.find_place(connection, os.path.abspath(os.path.expanduser(folder)))
    shared = store.find(connection, place.project_id) if place else None
    if shared is None:
        raise TeamError("This project is not shared: `codememory team join` in its folder.")
    return shared


def shape(shared: store.Shared) -> dict[str, Any]:
    """Return a shared project as JSON."""
    return {"name": shared.name, "team": shared.team, "author": shared.author, "id": shared.shared.hex()}
