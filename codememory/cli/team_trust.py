"""Say whom of a team to trust, and what of one's own to keep from it."""

from __future__ import annotations

from typing import Annotated

import apsw
import typer

from codememory import records
from codememory.budget import Deadline
from codememory.cli import context, nodes, show
from codememory.cli.team import Undo
from codememory.errors import PayloadError, TeamError
from codememory.store import memories, team_log
from codememory.store import team as store

WITHDRAW_MS = 30_000
NAMES_AT_ONCE = 1_000


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
    connection = context.opened()
    project_ids = [one.project_id for one in store.joined(connection)]
    if not project_ids:
        raise TeamError("No project is shared: `codememory team join` in its folder.")
    kind = store.MEMORY if whom.startswith(f"{records.NODE}_") else store.AUTHOR
    if kind == store.MEMORY:
        _trust_memory(connection, nodes.node_of(connection, whom), not undo)
    else:
        for project_id in project_ids:
            store.set_trusted(connection, project_id, kind, whom, not undo)
            _take_again(connection, project_id, team_log.named_by(connection, project_id, whom))
        if whom not in store.authors(connection):
            context.talk(f"Nobody has said anything as {whom} yet.")
    if as_json:
        context.print_json({"kind": kind, "trusted": whom, "changed": not undo})
    else:
        show.lines(f"{whom} is {'no longer trusted' if undo else 'trusted'} here.")


def _trust_memory(connection: apsw.Connection, node: memories.Node, trusted: bool) -> None:
    """Trust the words of one memory as they stand here, or whatever was trusted of it no longer."""
    from codememory.team import taking

    shared = store.find(connection, node.project_id)
    if node.origin != store.ORIGIN or shared is None:
        raise PayloadError(f"{show.short(node.id)} was said here: it needs no trust.")
    store.distrust(connection, node.project_id, node.uid)
    words = taking.words_here(connection, shared, node.uid)
    if trusted and words:
        store.set_trusted(connection, node.project_id, store.MEMORY, words, True)
    _take_again(connection, node.project_id, [node.uid])


def _take_again(connection: apsw.Connection, project_id: int, names: list[bytes]) -> None:
    """Let memories stand as they do now that somebody is trusted, or no longer; hooks get their turn between."""
    from codememory.team import taking

    shared = store.find(connection, project_id)
    if shared is None:
        return
    for first in range(0, len(names), NAMES_AT_ONCE):
        connection.execute("BEGIN IMMEDIATE")
        taking.take(connection, shared, set(names[first : first + NAMES_AT_ONCE]), nodes.now())
        connection.execute("COMMIT")


def withdraw(id_: nodes.NodeId, as_json: context.Json = False) -> None:
    """Take back from everyone what was shared from here.

    It stays in this store, kept private: `memory private ID --undo` shares it again. The server forgets its words now,
    every other store when it next exchanges.

    Examples:
      codememory team withdraw mem_3f9a

    """
    from codememory.team import keeping, sync

    connection = context.opened()
    node = nodes.node_of(connection, id_)
    shared = store.find(connection, node.project_id)
    if shared is None or not team_log.stated_by(
        connection, shared.project_id, keeping.uids_of(connection, node), shared.author
    ):
        raise PayloadError(f"{show.short(node.id)} was not shared from here; `memory private` keeps it back.")
    connection.execute("BEGIN IMMEDIATE")
    keeping.keep(connection, node, True)
    connection.execute("COMMIT")
    try:
        sync.run(connection, Deadline(WITHDRAW_MS), pull=False)
    except TeamError as error:
        raise TeamError(
            f"{error} It is kept private here, and withdrawn with the next exchange that goes well."
        ) from None
    if as_json:
        context.print_json({"id": node.id, "kind": node.kind, "private": True, "withdrawn": True})
    else:
        show.lines(f"{show.short(node.id)} is withdrawn: the server has emptied it, others do when they exchange.")


def private(id_: nodes.NodeId, undo: Undo = False, as_json: context.Json = False) -> None:
    """Keep a memory from every team.

    What was shared of it is withdrawn from everyone at the next exchange.

    Examples:
      codememory memory private mem_3f9a
      codememory memory private mem_3f9a --undo

    """
    from codememory.team import keeping

    connection = context.opened()
    node = nodes.node_of(connection, id_)
    if node.origin == store.ORIGIN:
        raise PayloadError(f"{show.short(node.id)} is somebody else's: only who shared it can withdraw it.")
    connection.execute("BEGIN IMMEDIATE")
    keeping.keep(connection, node, not undo)
    connection.execute("COMMIT")
    if as_json:
        context.print_json({"id": node.id, "kind": node.kind, "private": not undo})
    else:
        show.lines(f"{show.short(node.id)} is {'shared again' if undo else 'kept private'}.")
