"""Keep a memory from every team: what was shared of it is withdrawn with the next exchange."""

from __future__ import annotations

import apsw

from codememory.store import attempts, erasure
from codememory.store import team as store
from codememory.store.memories import Node

ATTEMPTS_MAX = 10_000


def keep(connection: apsw.Connection, node: Node, private: bool) -> None:
    """Keep a memory private, or no longer, in the caller's transaction."""
    store.set_private(connection, uids_of(connection, node), private)
    shared = store.find(connection, node.project_id)
    if not private and shared is not None:
        shared.collected = 0  # what was passed over is looked at again
        store.note_progress(connection, shared)


def uids_of(connection: apsw.Connection, node: Node) -> list[bytes]:
    """Return what a memory is called, and with a failure its attempts: they tell of it."""
    made = attempts.against(connection, node.node_id, ATTEMPTS_MAX) if node.kind == "failure" else []
    node_ids = [node.node_id, *(one.node_id for one in made)]
    return [uid for node_id in node_ids for uid in erasure.uids_of(connection, node_id)[0]]
