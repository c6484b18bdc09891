"""A memory's life by other means than a check: the user's word, changed content, a person's hand."""

from __future__ import annotations

from codememory import records, redact
from codememory.errors import AmbiguousIdError, PayloadError, UnknownIdError
from codememory.store import calls, failures, memories, pending

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

    from codememory.store.memories import Node

STALE_AGE_MS = 45 * 86_400_000
"""A failure nobody met for this long, with nothing known against it, is taken to be gone (see `maintain`)."""

TARGETS_LOOKED_AT = 5
MAINTAINED_MAX = 5_000


def hear_success(connection: apsw.Connection, session_id: int, evidence: str, at: int) -> None:
    """Let the user's word ("works now") resolve what was worked on last; if that is not clear, propose it.

    The target is an unresolved failure of this session that edits have followed.
    """
    targets = []
    for node_id in failures.of_session(connection, session_id, TARGETS_LOOKED_AT):
        node = memories.load(connection, node_id)
        last_session, last_at, _ = failures.last_place(connection, node_id)
        if node.status == memories.ACTIVE and last_session == session_id and last_at < at:
            changes = calls.changes_between(connection, session_id, last_at, at, 50)
            if any(one.edit is not None for one in changes):
                targets.append((last_at, node))
    targets.sort(key=lambda one: -one[0])
    if len(targets) == 1:
        memories.set_status(connection, targets[0][1], memories.RESOLVED, "resolved", at, "user", {"message": evidence})
        return
    for _, node in targets:
        reason = "the user said that it works; several failures could be meant"
        pending.propose(connection, node.node_id, node.uid, memories.RESOLVED, reason, evidence, at)


def go_stale(connection: apsw.Connection, node: Node, at: int) -> None:
    """Take a memory out of use because what it hung on has moved on."""
    memories.set_status(connection, node, memories.STALE, "staled", at, "extracted", {"reason": "content changed"})


def move(connection: apsw.Connection, node: Node, status: str, verb: str, at: int, reason: str) -> bool:
    """Move a memory to a status by hand; False if it is there already."""
    if node.status == status:
        return False
    memories.set_status(connection, node, status, verb, at, "user", {"reason": redact.kept(reason)} if reason else None)
    return True


def quarantine(connection: apsw.Connection, node: Node, at: int, reason: str) -> bool:
    """Keep a memory from ever being told until it is released; False if it is kept back already."""
    if node.trust == memories.QUARANTINED:
        return False
    detail = {"trust": node.trust} | ({"reason": redact.kept(reason)} if reason else {})
    memories.set_trust(connection, node, memories.QUARANTINED, "quarantined", at, "user", detail)
    return True


def release(connection: apsw.Connection, node: Node, at: int, reason: str) -> bool:
    """Trust a memory as before it was quarantined; False if it was not."""
    if node.trust != memories.QUARANTINED:
        return False
    steps = memories.events_of(connection, node.node_id)
    before = [detail["trust"] for verb, _, _, detail in steps if verb == "quarantined" and "trust" in detail]
    trust = before[-1] if before else memories.OBSERVED
    detail = {"reason": redact.kept(reason)} if reason else {}
    memories.set_trust(connection, node, trust, "released", at, "user", detail)
    return True


def supersede(connection: apsw.Connection, older: Node, newer: Node, at: int) -> None:
    """Put one memory in another's place.

    Raises:
        PayloadError: They are the same, or of different kinds.

    """
    if older.node_id == newer.node_id or older.kind != newer.kind:
        raise PayloadError(
            f"A {newer.kind} cannot supersede {'itself' if older.uid == newer.uid else f'a {older.kind}'}."
        )
    if older.status != memories.SUPERSEDED:
        by = {"by": records.id_of(records.NODE, newer.uid)}
        memories.set_status(connection, older, memories.SUPERSEDED, "superseded", at, "user", by)
    memories.relate(connection, newer.node_id, "supersedes", older.node_id, at)


def maintain(connection: apsw.Connection, project_id: int | None, now: int) -> list[Node]:
    """Let unresolved failures that nobody met for long, with no remedy, and summaries nobody was told of, go stale."""
    from codememory import lasting, remedy

    found = []
    listed = memories.listed(
        connection, project_id=project_id, kind="failure", status=memories.ACTIVE, file=None, session_id=None,
        limit=MAINTAINED_MAX,
    )  # fmt: skip
    for node in listed:
        if now - failures.seen(connection, node.node_id).last_at < STALE_AGE_MS:
            continue
        if remedy.of_failure(connection, node).state == remedy.NONE:
            detail = {"reason": f"not seen for {STALE_AGE_MS // 86_400_000} days"}
            memories.set_status(connection, node, memories.STALE, "staled", now, "extracted", detail)
            found.append(node)
    told = memories.listed(
        connection, project_id=project_id, kind="summary", status=memories.ACTIVE, file=None, session_id=None,
        limit=MAINTAINED_MAX,
    )  # fmt: skip
    return found + lasting.go_stale(connection, told, now)


def find_pending(connection: apsw.Connection, wanted: str) -> pending.Pending:
    """Return the proposed change with this id or the beginning of it.

    Raises:
        UnknownIdError: There is none.
        AmbiguousIdError: There are several.

    """
    from codememory.store.identity import key_range

    bounds = key_range(wanted.removeprefix("pen_"))
    found = pending.by_key(connection, *bounds) if bounds else []
    if not found:
        raise UnknownIdError(f"No pending update has the id {wanted!r}.")
    if len(found) > 1:
        raise AmbiguousIdError(f"The id {wanted!r} is not unique: give more of it.")
    return found[0]


def decide(connection: apsw.Connection, proposed: pending.Pending, apply: bool, at: int, reason: str = "") -> bool:
    """Apply or dismiss a proposed change; False if that was decided before."""
    if proposed.state != pending.OPEN:
        return False
    if apply:
        node = memories.load(connection, proposed.node_id)
        verb = {"resolved": "resolved", "stale": "staled", "superseded": "superseded"}.get(proposed.status, "changed")
        move(connection, node, proposed.status, verb, at, reason or proposed.reason)
    pending.decide(connection, proposed.pending_id, pending.APPLIED if apply else pending.DISMISSED, at)
    return True
