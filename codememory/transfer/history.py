"""Take the lines of history in: projects, sessions, messages and calls. Earlier lines tell of what later ones name."""

from __future__ import annotations

from typing import Any

import apsw

from codememory import codec, forget, records, wire
from codememory.store import erasure, incoming, merging, messages, projects, search, sessions, tombstones, words
from codememory.store.merging import ADDED, CHANGED, KNOWN
from codememory.transfer import lines, merge, naming
from codememory.transfer.summaries import merge_summaries
from codememory.transfer.taking import KEPT_OUT, Taking, row_of

NAMES_BY_STRENGTH = (naming.REMOTE, "commit", projects.UID)
"""By which a project is known across machines. A path says nothing there, but where a uid was made from it."""

TIERS = "SMLN"


def take_project(store: Taking, line: lines.Project) -> str:
    """Take a project in: as a new one, or as one more description of a known one."""
    connection = store.connection
    aliases = [(wire.storable(kind), wire.storable(value)) for kind, value in line.aliases]
    known, done, before = _same_project(connection, aliases), KNOWN, connection.total_changes()
    if known is None:
        uid = bytes.fromhex(line.id)
        if incoming.project_with_uid(connection, uid) is not None:  # another repository, at the same path elsewhere
            uid = records.key_of("project", *(f"{kind} {value}" for kind, value in aliases if kind != projects.UID))
        known, done = incoming.project_with_uid(connection, uid), ADDED
        if known is None:
            root, name = wire.storable(line.root), wire.storable(line.name)
            known = incoming.create_project(connection, uid, name, root, line.created_at)
    store.projects[line.id] = known
    incoming.begin_project(connection, known, line.created_at)
    own = projects.uid_of(connection, known).hex()
    for kind, value in aliases:
        if (kind, value) != (projects.UID, own):
            projects.add_alias(connection, known, kind, value)
    return CHANGED if done == KNOWN and connection.total_changes() > before else done


def _same_project(connection: apsw.Connection, aliases: list[tuple[str, str]]) -> int | None:
    """Return the project that shares the strongest name; a weaker one counts only where the stronger are unknown."""
    theirs = {kind: {value for one, value in aliases if one == kind} for kind in NAMES_BY_STRENGTH}
    for rank, kind in enumerate(NAMES_BY_STRENGTH):
        for value in sorted(theirs[kind]):
            found = projects.by_alias(connection, kind, value)
            if found is None and kind == projects.UID:
                found = incoming.project_with_uid(connection, _digits(value))
            if found is None:
                continue
            ours = projects.aliases_of(connection, found)
            if not any(theirs[one] and any(k == one for k, _ in ours) for one in NAMES_BY_STRENGTH[:rank]):
                return found
    return None


def _digits(value: str) -> bytes:
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise ValueError(f"{value!r} is no uid") from None


def take_session(store: Taking, line: lines.Session) -> str:
    """Take a session in."""
    row = row_of(
        client_id=line.id, project_id=store.project(line.project), started_at=line.started_at, last_at=line.last_at,
        boundaries=line.boundaries, compactions=line.compactions, compacted_at=line.compacted_at,
    )  # fmt: skip
    done = merging.merged(store.connection, "session", row)
    tombstones.allow_again(store.connection, row["client_id"])
    return done


def take_transcript(store: Taking, line: lines.Transcript) -> str:
    """Take a transcript file in: another store took it in up to here."""
    session_id = store.session(line.session) if line.session is not None else None
    row = row_of(path=line.path, session_id=session_id, agent=line.agent, byte_offset=line.consumed)
    done = merging.merged(store.connection, "transcript", row)
    if done == CHANGED:
        incoming.reread(store.connection, row["path"])
    return done


def take_message(store: Taking, line: lines.Message) -> str:
    """Take a message in, at its place in a session."""
    connection = store.connection
    session_id = store.session(line.session)
    home_id = store.session(line.home)
    copy = _copy(store, line)
    known = incoming.message(connection, bytes.fromhex(line.id))
    if known is None:
        transcript_id = incoming.transcript_of(connection, wire.storable(line.path), line.agent)
        row = row_of(
            key=bytes.fromhex(line.id), uuid=line.uuid, session_id=home_id, agent=line.agent, role=line.role,
            kind=copy.kind, tier=copy.tier, tags=copy.tags, tokens=copy.tokens, created_at=copy.created_at,
            transcript_id=transcript_id, line_offset=line.offset, line_bytes=line.bytes,
        )  # fmt: skip
        message_id = incoming.add_message(connection, row, copy.blocks, copy.extra)
        _index(connection, message_id, copy)
        done = ADDED
    else:
        message_id = known[0]
        done = _merge_message(store, line, copy, known)
    return CHANGED if _enrolled(store, session_id, line.thread, message_id) and done == KNOWN else done


def _copy(store: Taking, line: lines.Message) -> merge.Copy:
    """Return the file's copy of a message: without secrets, and empty if its session was forgotten."""
    if not isinstance(line.blocks, list) or line.tier not in TIERS:
        raise ValueError("its blocks are no list, or its tier is unknown")
    away = tombstones.session_until(store.connection, wire.storable(line.home), forgotten_only=True)
    if messages.FORGOTTEN in line.tags.split() or line.created_at <= away:
        return merge.Copy(False, False, "[]", "", line.kind, "N", messages.FORGOTTEN, 0, line.created_at)
    blocks = wire.encoded(store.clean_value(line.blocks))
    extra = wire.encoded(store.clean_value(line.extra)) if line.extra is not None else ""
    return _ranked(blocks, extra, line.kind, line.tier, line.tags, line.tokens, line.created_at)


def _ranked(blocks: str, extra: str, kind: str, tier: str, tags: str, tokens: int, created_at: int) -> merge.Copy:
    pruned, unredacted = messages.PRUNED in tags.split(), "[redacted:" not in blocks + extra
    return merge.Copy(pruned, unredacted, blocks, extra, kind, tier, tags, tokens, created_at)


def _merge_message(store: Taking, line: lines.Message, theirs: merge.Copy, known: tuple[Any, ...]) -> str:
    connection = store.connection
    message_id, home, path, offset, size, *marks, blocks_codec, blocks, extra_codec, extra = known
    ours = _ranked(
        codec.unpacked(blocks_codec, blocks), codec.unpacked(extra_codec, extra) if extra is not None else "", *marks
    )
    origin = min((path, offset, size), (wire.storable(line.path), line.offset, line.bytes))
    first = min(home, wire.storable(line.home))
    moved = (home, path, offset, size) != (first, *origin)
    if moved:
        transcript_id = incoming.transcript_of(connection, origin[0], line.agent)
        incoming.set_origin(connection, message_id, store.session(first), transcript_id, *origin[1:])
    best = merge.better(ours, theirs)
    if best == ours:
        return CHANGED if moved else KNOWN
    if messages.FORGOTTEN in best.tags.split():
        reach = forget.Reach(0)
        forget.widen(connection, reach, [message_id])
        forget.forget(connection, reach)
    else:
        incoming.set_content(connection, message_id, best[4:], best.blocks, best.extra)
        search.unindex(connection, message_id)
        _index(connection, message_id, best)
    store.touched.update(erasure.holding(connection, [message_id]))
    return CHANGED


def _index(connection: apsw.Connection, message_id: int, copy: merge.Copy) -> None:
    if copy.tier != "N":
        prose, detail = search.prose_and_detail(wire.storable_value(wire.decoded(copy.blocks)))
        search.index(connection, [(message_id, words.indexable(prose), words.indexable(detail))])


def _enrolled(store: Taking, session_id: int, thread: str, message_id: int) -> bool:
    place = sessions.next_place(store.connection, session_id)
    if not sessions.enroll(store.connection, session_id, place, wire.storable(thread), message_id):
        return False
    sessions.take_place(store.connection, session_id, place)
    return True


def take_member(store: Taking, line: lines.Member) -> str:
    """Put a message into one more session."""
    message_id = messages.id_by_key(store.connection, bytes.fromhex(line.message))
    if message_id is None:
        raise ValueError(f"it names the message {line.message}, which no earlier line tells of")
    return ADDED if _enrolled(store, store.session(line.session), line.thread, message_id) else KNOWN


def take_call(store: Taking, line: lines.Call) -> str:
    """Take a tool call in, unless its line was forgotten."""
    connection, session_id = store.connection, store.session(line.session)
    ids = [key and messages.id_by_key(connection, bytes.fromhex(key)) for key in (line.message, line.result)]
    away = tombstones.session_until(connection, wire.storable(line.session), forgotten_only=True)
    if line.called_at <= away or (ids[0] and messages.is_forgotten(connection, ids[0])):
        store.kept_out_calls.add((session_id, line.id))
        return KEPT_OUT
    row = row_of(
        session_id=session_id, tool_use_id=line.id, agent=line.agent, tool=line.tool,
        file=line.file, outcome=line.outcome, exit_code=line.exit_code, called_at=line.called_at,
        ended_at=line.ended_at, message_id=ids[0], result_message_id=ids[1],
    )  # fmt: skip
    for name in ("command", "command_key", "edit", "target"):
        text = getattr(line, name)
        row[name] = text and store.clean(text)
    return merging.merged(connection, "tool_call", row)


def take_delegation(store: Taking, line: lines.Delegation) -> str:
    """Take a task for a subagent in."""
    session_id = store.session(line.session)
    away = tombstones.session_until(store.connection, wire.storable(line.session), forgotten_only=True)
    if line.asked_at <= away or (session_id, line.id) in store.kept_out_calls:
        return KEPT_OUT
    row = row_of(
        session_id=session_id, tool_use_id=line.id, agent_type=line.agent_type, prompt=store.clean(line.prompt),
        asked_at=line.asked_at, agent=line.agent,
    )  # fmt: skip
    return merging.merged(store.connection, "delegation", row)


def take_summaries(store: Taking, line: lines.Summaries) -> str:
    """Take a session's summaries in, or leave the store its own."""
    session_id = store.session(line.session)
    line.session = wire.storable(line.session)
    for one in (*line.of, *line.client):
        one.text, one.thread = store.clean(one.text), wire.storable(one.thread)
    changed = merge_summaries(store.connection, session_id, line)
    store.touched.add(session_id)
    return CHANGED if changed else KNOWN
