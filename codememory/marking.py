"""Mark a decision, constraint or task: the same mark twice is one node."""

from __future__ import annotations

from time import time

from codememory import db, records, redact
from codememory.errors import PayloadError
from codememory.extract.calls import relative
from codememory.retrieve import plan as planning
from codememory.store import identity, memories, projects, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

KINDS = ("decision", "constraint", "task")
CONFIDENCE = 1.0
MENTION_WEIGHT = 0.5
"""A file or symbol that the text names, against one the mark is bound to outright."""

TEXT_CHARS_MAX = 2_000
LIST_MAX = 20


class Mark:
    """What is to be marked, and by whom."""

    __slots__ = (
        "acceptance_criteria", "alternatives_rejected", "details", "files", "globs", "kind", "origin", "rationale",
        "session", "source", "supersedes", "text", "tool_use_id",
    )  # fmt: skip

    def __init__(
        self, kind: str, text: str, *, rationale: str = "", details: str = "",
        alternatives_rejected: list[str] | None = None, acceptance_criteria: list[str] | None = None,
        files: list[str] | None = None, globs: list[str] | None = None, supersedes: str = "", session: str = "",
        tool_use_id: str = "", origin: str = "user",
    ) -> None:  # fmt: skip
        self.kind, self.text, self.rationale, self.details = kind, text, rationale, details
        self.alternatives_rejected = (alternatives_rejected or [])[:LIST_MAX]
        self.acceptance_criteria = (acceptance_criteria or [])[:LIST_MAX]
        self.files, self.globs, self.supersedes = files or [], globs or [], supersedes
        self.session, self.tool_use_id, self.origin = session, tool_use_id, origin
        self.source = ""
        """The call it rests on where that is not what makes it known again."""


def mark(connection: apsw.Connection, wanted: Mark, cwd: str) -> dict[str, Any]:
    """Write the mark and return `{id, kind, status, created, superseded[]}`.

    Raises:
        PayloadError: The text is empty, or the kind is none of KINDS.
        UnknownIdError: There is nothing to supersede under this id.
        AmbiguousIdError: It is the beginning of several ids.

    """
    text = " ".join(redact.kept(wanted.text).split())[:TEXT_CHARS_MAX]
    if wanted.kind not in KINDS:
        raise PayloadError(f"{wanted.kind!r} cannot be marked: it is one of {', '.join(KINDS)}.")
    if not text:
        raise PayloadError(f"The text of the {wanted.kind} is empty.")
    now = int(time() * 1000)
    connection.execute("BEGIN IMMEDIATE")
    try:
        place = projects.place_of(connection, cwd, now)
        session = _session(connection, wanted.session, place.project_id, now)
        project_id = session.project_id if session else place.project_id
        draft = _draft(connection, wanted, text, place, project_id, session, cwd)
        node_id, created = memories.add(connection, draft, now)
        superseded = _supersede(connection, wanted, node_id, now)
        node = memories.load(connection, node_id)
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise
    return {
        "id": node.id,
        "kind": node.kind,
        "status": node.status,
        "created": created,
        "superseded": superseded,
        "content": node.content,
    }


def _session(connection: apsw.Connection, client_id: str, project_id: int, now: int) -> sessions.Session | None:
    if not client_id:
        return None
    return sessions.find(connection, client_id) or sessions.create(connection, client_id, project_id, now)


def _draft(
    connection: apsw.Connection, wanted: Mark, text: str, place: projects.Place, project_id: int,
    session: sessions.Session | None, cwd: str,
) -> memories.Draft:  # fmt: skip
    if wanted.tool_use_id:
        uid = records.key_of("mark", wanted.kind, "call", wanted.tool_use_id)
    else:
        project_uid = projects.uid_of(connection, project_id).hex()
        uid = records.key_of("mark", project_uid, wanted.session, wanted.kind, text.casefold().rstrip(".!。"))
    details = {
        "rationale": redact.kept(wanted.rationale),
        "details": redact.kept(wanted.details),
        "alternatives_rejected": [redact.kept(one) for one in wanted.alternatives_rejected],
        "acceptance_criteria": [redact.kept(one) for one in wanted.acceptance_criteria],
    }
    branch, head = place.branch_and_head()
    rests_on = wanted.tool_use_id or wanted.source
    return memories.Draft(
        uid, wanted.kind, text, project_id, session.session_id if session else None, origin=wanted.origin,
        trust=memories.STATED, confidence=CONFIDENCE, details={name: value for name, value in details.items() if value},
        tags=_tags(wanted, text, place.root, cwd), evidence=[rests_on] if rests_on else [],
        branch=branch, head=head,
    )  # fmt: skip


def _tags(wanted: Mark, text: str, root: str, cwd: str) -> list[tuple[str, str, float]]:
    found = [("file", relative(redact.kept(file), root, cwd), 1.0) for file in wanted.files]
    found += [("glob", redact.kept(glob), 1.0) for glob in wanted.globs]
    named = planning.planned(f"{text} {redact.kept(wanted.rationale)}")
    found += [("file", relative(file, root, cwd), MENTION_WEIGHT) for file in named.files]
    return found + [("symbol", symbol, MENTION_WEIGHT) for symbol in named.symbols]


def _supersede(connection: apsw.Connection, wanted: Mark, node_id: int, now: int) -> list[str]:
    """Mark the older node as superseded, once; return the ids this mark has superseded."""
    if wanted.supersedes:
        kind, other_id = identity.resolve(connection, wanted.supersedes)
        if kind != records.NODE or other_id == node_id:
            raise PayloadError(f"{wanted.supersedes!r} cannot be superseded: it is no other memory.")
        older = memories.load(connection, other_id)
        if older.status != memories.SUPERSEDED:
            by = {"by": records.id_of(records.NODE, memories.load(connection, node_id).uid)}
            memories.set_status(connection, older, memories.SUPERSEDED, "superseded", now, wanted.origin, by)
        memories.relate(connection, node_id, "supersedes", other_id, now)
    return [
        records.id_of(records.NODE, uid)
        for kind, direction, uid, _ in memories.relations_of(connection, node_id)
        if kind == "supersedes" and direction == "out"
    ]
