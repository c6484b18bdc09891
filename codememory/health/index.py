"""Do the full-text indexes hold what they should."""

from __future__ import annotations

from collections.abc import Iterator

import apsw

from codememory import db, wire
from codememory.health.finding import Finding
from codememory.store import indexes, memories, messages, scope, search, words


def look(connection: apsw.Connection) -> Finding:
    """Compare the full-text indexes with what they are made of."""
    broken = indexes.damaged(connection)
    if broken:
        return Finding(False, f"{', '.join(broken)} is damaged")
    wanted, held = scope.count_indexed(connection)
    lost = sum(1 for _ in _unindexed(connection))
    nodes = len(indexes.unindexed_nodes(connection))
    strays = sum(indexes.strays(connection))
    return Finding(
        not (lost or nodes or strays),
        f"{held} of {wanted} searchable messages hold text; {lost} messages and {nodes} memories are missing,"
        f" {strays} entries are of what is gone",
    )


def _unindexed(connection: apsw.Connection) -> Iterator[tuple[int, str, str]]:
    """Yield (message, prose, detail) of what should be in the index and is not."""
    for message_id in indexes.unindexed_messages(connection):
        try:
            blocks = wire.storable_value(messages.load(connection, message_id).blocks)
        except ValueError:
            continue
        prose, detail = (words.indexable(text) for text in search.prose_and_detail(blocks))
        if prose or detail:
            yield message_id, prose, detail


def fill(connection: apsw.Connection) -> None:
    """Put into the indexes what is missing, take out what is gone; a damaged one is made anew."""
    if indexes.damaged(connection):
        indexes.empty(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        indexes.drop_strays(connection)
        for message_id, prose, detail in _unindexed(connection):
            search.index(connection, [(message_id, prose, detail)])
        for node_id in indexes.unindexed_nodes(connection):
            memories.index_again(connection, memories.load(connection, node_id))
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise
