"""What every command on one memory shares."""

from __future__ import annotations

from time import time
from typing import Annotated

import apsw
import typer

from codememory.errors import PayloadError
from codememory.records import NODE
from codememory.store import identity, memories

NodeId = Annotated[str, typer.Argument(metavar="ID", help="A memory's id or its beginning.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the step.")]


def node_of(connection: apsw.Connection, id_: str) -> memories.Node:
    """Return the memory with this id.

    Raises:
        UnknownIdError: Nothing has this id.
        AmbiguousIdError: It is the beginning of several ids.
        PayloadError: It is something else's.

    """
    kind, node_id = identity.resolve(connection, id_)
    if kind != NODE:
        raise PayloadError(f"{id_!r} is no memory.")
    return memories.load(connection, node_id)


def now() -> int:
    """Return the time, in milliseconds."""
    return int(time() * 1000)
