"""Gather a picture of the store that fits into a size: memories and their evidence first, then the newest sessions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import apsw

from codememory import wire
from codememory.picture import memories, messages, sessions
from codememory.picture.calls import Calls, message_id
from codememory.picture.cut import Cutter
from codememory.store import whole

CHARS_GENEROUS, CHARS_SPARING = 100_000, 2_000
"""How long a text may be before it is cut: where there is room for everything, and where there is not."""

ROOMY_FACTOR = 4
"""There is room where the messages as stored take less than this part of the size."""

INDEX_SHARE = 0.5
"""The memories and the list of sessions take at most this part of the size."""

MISSES_MAX = 12
"""So many sessions in a row that do not fit end the search for one that does."""


class Wanted:
    """What a picture is to show; None leaves a filter out. `since` in milliseconds, by a session's or memory's end."""

    def __init__(
        self, bytes_max: int, *, project_id: int | None = None, session_id: int | None = None, since: int | None = None
    ) -> None:
        self.bytes_max, self.project_id, self.session_id, self.since = bytes_max, project_id, session_id, since

    @property
    def everything(self) -> bool:
        """Tell whether no session and no memory is filtered out."""
        return self.project_id is None and self.session_id is None and self.since is None


class Picture:
    """Gathered and packed: the index, and each session's messages in the order of `index["sessions"]`, b'' for none.

    `kinds` counts all memories by kind and status, `told` what was said by moment, `again` what of it was said before.
    """

    def __init__(self, index: dict[str, Any], kinds: dict[str, dict[str, int]]) -> None:
        self.index, self.kinds = index, kinds
        self.chunks: list[bytes] = []
        self.left_out: dict[str, int] = {}
        self.told: list[dict[str, Any]] = []
        self.again = 0


def stored_bytes(connection: apsw.Connection, wanted: Wanted) -> int:
    """Return how much room the messages wanted take in the store."""
    found = whole.sessions(connection, wanted.project_id, wanted.session_id, wanted.since)
    return whole.stored_bytes(connection, [row[0] for row in found])


def gather(connection: apsw.Connection, wanted: Wanted, pack: Callable[[str], bytes]) -> Picture:
    """Return what fits into `wanted.bytes_max`, as `pack` writes it into the file."""
    found = whole.sessions(connection, wanted.project_id, wanted.session_id, wanted.since)
    node_ids = whole.node_ids(connection, wanted.project_id, wanted.session_id, wanted.since)
    roots = {project_id: root for project_id, _, root in whole.projects(connection)}
    clients = {row[0]: row[1] for row in found}
    calls = Calls(connection, clients)
    around = memories.Around(connection, node_ids, clients)
    nodes = [memories.shown(connection, around, around.nodes[one], calls, roots) for one in node_ids]
    quoted = memories.quotations(around, calls)
    keys = whole.message_keys(connection, [*calls.messages_named(), *quoted])
    needed = _needed(around, calls, keys, quoted)
    listed = sessions.rows(connection, found, roots)
    index: dict[str, Any] = {
        "projects": [
            {"root": root, "name": name}
            for project_id, name, root in whole.projects(connection)
            if wanted.project_id in (None, project_id)
        ],
        "sessions": listed,
        "nodes": nodes,
        "calls": calls.shown(keys),
        "quoted": [
            {"message": message_id(keys[one][0]), "session": clients.get(keys[one][1]), "said": said}
            for one, said in quoted.items()
            if one in keys
        ],
        "agents": _agents(connection, clients),
    }
    picture = Picture(index, _kinds(nodes))
    picture.told, picture.again = memories.told(around)
    roomy = whole.stored_bytes(connection, list(clients)) * ROOMY_FACTOR < wanted.bytes_max
    cutter = Cutter(CHARS_GENEROUS if roomy else CHARS_SPARING)
    left_nodes = _shorten(index, int(wanted.bytes_max * INDEX_SHARE), pack)
    room = wanted.bytes_max - len(pack(wire.encoded(index)))
    picture.chunks, counts = _fill(connection, [row[0] for row in found], needed, calls, cutter, room, pack)
    for one, count in zip(listed, counts, strict=True):
        one["kept"] = count
    picture.left_out = {
        "memories": left_nodes,
        "sessions": sum(one["kept"] < one["messages"] for one in listed),
        "messages": sum(one["messages"] - one["kept"] for one in listed),
        "characters": cutter.left_out,
    }
    return picture


def _kinds(nodes: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (kind, status), count in sorted(Counter((node["kind"], node["status"]) for node in nodes).items()):
        found.setdefault(kind, {})[status] = count
    return found


def _needed(
    around: memories.Around, calls: Calls, keys: dict[int, tuple[bytes, int]], quoted: dict[int, Any]
) -> dict[int, set[int]]:
    """Return session → the messages that memories rest on."""
    found: dict[int, set[int]] = defaultdict(set)
    for message, session_id in around.messages.values():
        found[session_id].add(message)
    for message in (*calls.messages_named(), *quoted):
        if message in keys:
            found[keys[message][1]].add(message)
    return found


def _agents(connection: apsw.Connection, clients: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {"session": clients[session_id], "call": call_id, "type": kind, "agent": agent, "at": at}
        for session_id, call_id, kind, agent, at in whole.delegations(connection)
        if session_id in clients
    ]


def _shorten(index: dict[str, Any], bytes_max: int, pack: Callable[[str], bytes]) -> int:
    """Leave out the oldest memories, then the oldest sessions, until the index fits; return how many memories."""
    whole_count = len(index["nodes"])
    while len(pack(wire.encoded(index))) > bytes_max and index["nodes"]:
        del index["nodes"][len(index["nodes"]) // 2 :]
    return whole_count - len(index["nodes"])


def _fill(
    connection: apsw.Connection, session_ids: list[int], needed: dict[int, set[int]], calls: Calls, cutter: Cutter,
    room: int, pack: Callable[[str], bytes],
) -> tuple[list[bytes], list[int]]:  # fmt: skip
    """Return each session's packed messages and how many they are: evidence everywhere, then whole sessions."""
    kept = [(b"", 0, 0)] * len(session_ids)

    def keep(position: int, rows: Iterable[tuple[Any, ...]], *, summarised: bool = True) -> bool:
        nonlocal room
        cutter.left_out = 0
        text, count = messages.chunk_of(
            connection, session_ids[position], rows, calls, cutter, summarised=summarised
        )  # fmt: skip
        packed = pack(text)
        more = len(packed) - len(kept[position][0])
        if more > room:
            return False
        room -= more
        kept[position] = packed, count, cutter.left_out
        return True

    for position, session_id in enumerate(session_ids):
        if session_id in needed:
            rows = list(whole.chosen_messages(connection, session_id, sorted(needed[session_id])))
            _ = keep(position, rows) or keep(position, rows, summarised=False)
    misses = 0
    for position, session_id in enumerate(session_ids):
        if misses < MISSES_MAX:
            misses = 0 if keep(position, whole.messages_of(connection, session_id)) else misses + 1
    cutter.left_out = sum(left_out for _, _, left_out in kept)
    return [packed for packed, _, _ in kept], [count for _, count, _ in kept]
