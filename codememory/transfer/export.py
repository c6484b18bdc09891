"""Write everything durable as lines, one after the other out of one snapshot: the store's size does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw

from codememory import __version__, codec, records, wire
from codememory.store import memories, outgoing, projects, sessions, tombstones
from codememory.transfer import lines, merge, naming

ALL, PROJECT, MEMORIES = "all", "project", "memories"


def exported(
    connection: apsw.Connection, project_id: int | None = None, *, memories_only: bool = False
) -> Iterator[lines.AnyLine]:
    """Yield the lines of an export, of a project or of all. Nothing is read that is written meanwhile."""
    naming.name_by_remotes(connection)
    connection.execute("BEGIN")
    count = 0
    try:
        for line in _lines(connection, project_id, memories_only):
            count += 1
            yield line
    finally:
        connection.execute("COMMIT")
    yield lines.End(count)


def _lines(connection: apsw.Connection, project_id: int | None, memories_only: bool) -> Iterator[lines.AnyLine]:
    scope = MEMORIES if memories_only else PROJECT if project_id is not None else ALL
    yield lines.Header(lines.FORMAT, lines.VERSION, scope, __version__)
    for kind, key, at in tombstones.shared(connection):
        yield lines.Tombstone(kind, key.hex(), at)
    ids: dict[int, str] = {}
    for line, known_id in _projects(connection, project_id):
        ids[known_id] = line.id
        yield line
    session_ids = []
    for session_id, client_id, project, *rest in outgoing.sessions(connection, project_id, memories_only):
        session_ids.append(session_id)
        yield lines.Session(client_id, ids[project], *rest)
    if not memories_only:
        for path, client_id, agent, consumed in outgoing.transcripts(connection, project_id):
            yield lines.Transcript(path, client_id, agent, consumed)
        for session_id in session_ids:
            yield from _session(connection, session_id, project_id)
    yield from _memories(connection, project_id, ids)


def _projects(connection: apsw.Connection, project_id: int | None) -> Iterator[tuple[lines.Project, int]]:
    """Yield projects under the smallest of their uids, which is the same in every store that knows them all."""
    for known_id, uid, name, root, created_at in outgoing.projects(connection, project_id):
        named = projects.aliases_of(connection, known_id)
        uids = sorted({uid.hex(), *(value for kind, value in named if kind == projects.UID)})
        aliases = sorted({*((projects.UID, one) for one in uids), *named})
        yield lines.Project(uids[0], *_shown(named, name, root), aliases, created_at), known_id


def _shown(named: list[tuple[str, str]], name: str, root: str) -> tuple[str, str]:
    """Return the name and root that a store shows which has no folder of its own for a project."""
    folders = sorted(value.removesuffix("/.git") for kind, value in named if kind in ("repository", "folder"))
    if not folders:
        return name, root
    return folders[0].rstrip("/\\").replace("\\", "/").rpartition("/")[2] or folders[0], folders[0]


def _session(connection: apsw.Connection, session_id: int, project_id: int | None) -> Iterator[lines.AnyLine]:
    client_id = sessions.client_id_of(connection, session_id)
    yield from _members(connection, session_id, client_id, project_id)
    for *call, message, result in outgoing.calls(connection, session_id):
        line = lines.Call(client_id, *call)
        line.message, line.result = message and message.hex(), result and result.hex()
        yield line
    for row in outgoing.delegations(connection, session_id):
        yield lines.Delegation(client_id, *row)
    found = summaries_of(connection, session_id, client_id)
    if found.of or found.client:
        yield found


def _members(
    connection: apsw.Connection, session_id: int, client_id: str, project_id: int | None
) -> Iterator[lines.Message | lines.Member]:
    for row in outgoing.members(connection, session_id, project_id):
        key, thread, told, uuid, home, agent, role, kind, tier, tags, tokens, created_at, path, offset, size = row[:15]
        if told:
            yield lines.Member(client_id, key.hex(), thread)
            continue
        yield lines.Message(
            key.hex(), client_id, home if project_id is None else client_id, role, kind, tier, tokens, created_at, path,
            offset, size, lines.raw_json(codec.unpacked(row[15], row[16])),
            lines.raw_json(codec.unpacked(row[17], row[18])) if row[18] is not None else None, uuid, thread, agent,
            tags,
        )  # fmt: skip


def summaries_of(connection: apsw.Connection, session_id: int, client_id: str) -> lines.Summaries:
    """Return a session's summaries as one line."""
    found: dict[bool, list[lines.Summary]] = {True: [], False: []}
    for row in outgoing.summaries(connection, session_id):
        uid, kind, method, depth, first, last, source_tokens, tokens, text_codec, text, created_at, thread, parent = row
        found[method == "client"].append(
            lines.Summary(
                uid.hex(), kind, method, depth, first.hex(), last.hex(), source_tokens, tokens,
                codec.unpacked(text_codec, text), created_at, thread, parent and parent.hex(),
            )
        )  # fmt: skip
    keys = outgoing.forgotten_keys(connection, session_id)
    forgotten = records.key_of(*(key.hex() for key in keys)).hex() if keys else ""
    return lines.Summaries(client_id, found[False], found[True], forgotten)


def _memories(connection: apsw.Connection, project_id: int | None, ids: dict[int, str]) -> Iterator[lines.AnyLine]:
    for row in outgoing.nodes(connection, project_id):
        yield node_line(connection, row, ids[row[3]])
    for node_id, *rest in outgoing.occurrences(connection, project_id):
        yield lines.Occurrence(_uid(connection, node_id), *rest)
    for node_id, kind, other_id, at in outgoing.relations(connection, project_id):
        yield lines.Relation(_uid(connection, node_id), kind, _uid(connection, other_id), at)
    for uid, node_id, *rest in outgoing.pending(connection, project_id):
        yield lines.Pending(uid.hex(), _uid(connection, node_id), *rest)


def node_line(connection: apsw.Connection, row: tuple[Any, ...], project: str) -> lines.Node:
    """Return a memory with all that belongs to it alone, from a row of `outgoing.nodes`."""
    (
        node_id, uid, kind, _, content, details, confidence, origin, trust, branch, head, created_at, updated_at,
        client_id,
    ) = row  # fmt: skip
    steps = [
        merge.Step(one, verb, at, actor, wire.decoded(detail))
        for one, verb, at, actor, detail in outgoing.events(connection, node_id)
    ]
    uids = sorted({uid, *outgoing.other_uids(connection, node_id)})
    failed, tried = outgoing.failure(connection, node_id), outgoing.attempt(connection, node_id)
    return lines.Node(
        uids[0].hex(), kind, project, content, confidence, origin, merge.first_trust(trust, steps), created_at,
        updated_at, [lines.Event(one.uid.hex(), one.verb, one.at, one.actor, one.detail) for one in steps],
        [one.hex() for one in uids[1:]], client_id, wire.decoded(details), branch, head,
        memories.tags_of(connection, node_id), memories.evidence_of(connection, node_id),
        lines.Failure(*failed) if failed else None,
        lines.Attempt(_uid(connection, tried[0]), *tried[1:]) if tried else None,
    )  # fmt: skip


def _uid(connection: apsw.Connection, node_id: int) -> str:
    return outgoing.uid_of(connection, node_id).hex()
