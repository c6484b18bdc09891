"""Share a project with a team, or no longer."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from codememory.cli import context, nodes, show
from codememory.cli.team import Here, here, shape
from codememory.store import crowding, foreign, projects
from codememory.store import team as store


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
        context.print_json(shape(shared))
    else:
        show.lines(f"Shared with the team {shared.team} as {shared.name}; you write as {shared.author}.")
        context.talk("`codememory team push --dry-run` shows what would go, `codememory team sync` exchanges it.")


def leave(
    folder: Here = ".",
    forget_others: Annotated[bool, typer.Option("--forget", help="Forget what only others told.")] = False,
    as_json: context.Json = False,
) -> None:
    """Share this project no longer.

    What others told stays, and so does on the server what was shared: `team withdraw` takes it back before.

    Examples:
      codememory team leave

    """
    from codememory import forget

    connection = context.opened()
    shared = here(connection, folder)
    connection.execute("BEGIN IMMEDIATE")
    gone = foreign.foreign_nodes(connection, shared.project_id) if forget_others else []
    crowding.erase(connection, gone)
    store.leave(connection, shared.project_id)
    connection.execute("COMMIT")
    forget.clean(connection)
    if as_json:
        context.print_json({**shape(shared), "forgotten": len(gone)})
    else:
        show.lines(f"{shared.name} is shared no longer; {show.counted(len(gone), 'memory')} of others forgotten.")
