"""SessionStart: catch up what was missed, then say what is in force."""

from __future__ import annotations

import os

from codememory import ingest, wire
from codememory.errors import TranscriptError
from codememory.retrieve import render
from codememory.store import failures, memories, sessions, transcripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.budget import Deadline
    from codememory.moment import Moment
    from codememory.retrieve.render import Entry
    from codememory.store.memories import Node

BRIEF_CHARS_MAX = 2_400
"""600 tokens."""

CONSTRAINTS_MAX, TASKS_MAX, FAILURES_MAX, DECISIONS_MAX = 8, 4, 3, 4
FAILURES_LOOKED_AT = 12
LOOKED_AT = 4
"""Nodes looked at for each that may be told."""

FOLDERS_OF_SESSIONS = 200
"""The project's latest sessions, whose folders may hold more of it: those of other work trees."""

RECOGNISED_MIN = 0.6
ORIGINS_LAST = "extracted team"
"""What nobody here has said stands behind what was, in this order."""

FAILURE_AGE_MS_MAX = 14 * 86_400_000
CLOSING = "More: `codememory grep WORDS`, `codememory check --file F`, `codememory describe ID`."


def told(moment: Moment, deadline: Deadline) -> str:
    """Return the brief; after a compaction of the client everything may be said again."""
    catch_up(moment, deadline)
    follow_renames(moment)
    if moment.text("source") == "compact":
        from codememory.moments import compaction

        sessions.count_compaction(moment.connection, moment.session.session_id, moment.now)
        moment.session = sessions.find(moment.connection, moment.payload["session_id"]) or moment.session
        text = compaction.packet(moment)
        sessions.note_packet(moment.connection, moment.session.session_id, moment.now if text else 0)
        return text
    if not deadline.passed():
        from codememory.store import provisional

        provisional.drop(moment.connection, moment.project_id, moment.now)
    return moment.say(brief(moment), BRIEF_CHARS_MAX, CLOSING)


def follow_renames(moment: Moment) -> None:
    """Let statements follow renames that came in while no session ran, as by a pull; git is given little time."""
    from codememory import renames

    if renames.due(moment.connection, moment.place):
        told = renames.asked(moment.connection, moment.place, renames.WAITED_MS)
        if told is not None:
            renames.learn(moment.connection, moment.place, told, moment.now)


def brief(moment: Moment) -> list[Entry]:
    """Return constraints in force, open tasks, unresolved failures and the latest decisions of the project."""
    found: list[Entry] = []
    for kind, limit in (("constraint", CONSTRAINTS_MAX), ("task", TASKS_MAX)):
        found += stated(moment, kind, limit)
    found += _unresolved(moment)
    return found + stated(moment, "decision", DECISIONS_MAX)


def stated(moment: Moment, kind: str, limit: int) -> list[Entry]:
    """Return the lines of the latest nodes of a kind, those that were marked before those only recognised or told.

    The same words in several sessions are one line.
    """
    nodes = memories.newest_own_first(moment.connection, moment.project_id, kind, memories.ACTIVE, limit * LOOKED_AT)
    by_words = {node.content.casefold(): node for node in reversed(nodes) if _told_unasked(node)}
    ranked = sorted(by_words.values(), key=lambda node: (ORIGINS_LAST.find(node.origin), -node.updated_at))
    return [render.statement(node, moment.now) for node in ranked[:limit]]


def _told_unasked(node: Node) -> bool:
    """Tell whether a node belongs into a brief: what was recognised must be quite sure, and a task of it is none."""
    if node.origin != "extracted":
        return True
    return bool(node.confidence >= RECOGNISED_MIN) and node.kind != "task"


def _unresolved(moment: Moment) -> list[Entry]:
    """Return the latest failures of commands whose check has not passed since."""
    from codememory import guard, remedy

    found: list[Entry] = []
    nodes = memories.newest_own_first(
        moment.connection, moment.project_id, "failure", memories.ACTIVE, FAILURES_LOOKED_AT
    )
    for node in nodes:
        seen = failures.seen(moment.connection, node.node_id)
        recent = moment.now - seen.last_at <= FAILURE_AGE_MS_MAX
        if not node.details.get("command") or seen.passed_at >= seen.last_at or not recent:
            continue
        if guard.is_fleeting(node, seen) or not guard.same_ground(moment, seen):
            continue
        known = remedy.of_failure(moment.connection, node)
        found.append(render.failure(node, seen, known, moment.now))
        if len(found) == FAILURES_MAX:
            break
    return found


def catch_up(moment: Moment, deadline: Deadline) -> None:
    """Ingest what other sessions of the project left behind, newest first, while there is time and nobody waits."""
    now, (bytes_max, line_bytes_max) = moment.now, ingest.pace()
    for path in behind(moment.connection, moment.project_id, os.path.dirname(moment.text("transcript_path"))):
        total = ingest.Progress()
        try:
            while moment.has_time(deadline) and not ingest.step(
                moment.connection, path, now, total, folder=moment.cwd, bytes_max=bytes_max,
                line_bytes_max=line_bytes_max,
            ):  # fmt: skip
                pass
        except TranscriptError:
            continue
        if not moment.has_time(deadline):
            return


def behind(connection: apsw.Connection, project_id: int, folder: str) -> list[str]:
    """Return the transcripts of a project that are ahead of their cursors, newest first.

    Looked for in the folder of the session's own transcript and wherever those of the project's latest sessions are.
    """
    folders = {folder} if folder else set()
    for path in transcripts.latest_paths(connection, project_id, FOLDERS_OF_SESSIONS):
        parent, _, _ = path.partition("/subagents/")
        folders.add(os.path.dirname(path) if parent == path else os.path.dirname(parent))
    found: list[tuple[int, str]] = []
    for one in folders:
        below = transcripts_below(one)
        known = transcripts.positions_of(connection, below)
        ahead = [path for path in below if ingest.needs_ingest(path, known.get(path))]
        found += [(os.stat(path).st_mtime_ns, path) for path in ahead]
    return [path for _, path in sorted(found, reverse=True)]


def transcripts_below(folder: str) -> list[str]:
    """Return the transcript files of a project folder of the client, the subagents' among them."""
    found: list[str] = []
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return found
    for entry in entries:
        if wire.storable(entry.name) != entry.name:  # no UTF-8: the client names nothing so
            continue
        if entry.name.endswith(ingest.SUFFIX):
            found.append(entry.path)
        elif "." not in entry.name and entry.is_dir(follow_symlinks=False):
            try:
                names = os.listdir(os.path.join(entry.path, "subagents"))
            except OSError:
                continue
            found += [os.path.join(entry.path, "subagents", name) for name in names if name.endswith(ingest.SUFFIX)]
    return found
