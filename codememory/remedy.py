"""What is known to help against a failure, how sure that is, and what was tried in vain."""

from __future__ import annotations

from codememory import records
from codememory.store import attempts, calls, failures, memories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.store.memories import Node

CONFIRMED, UNCONFIRMED, NONE = "confirmed", "unconfirmed", "none"
TRIED_MAX = 3
HUNK_CHARS_MAX = 260
SPAN_CALLS_MAX = 50


class Remedy:
    """A remedy; `details` as in `repair.remedy_details`, `attempt` None where nothing was checked.

    `said_under` is the node that the ledger knows it by.
    """

    __slots__ = ("attempt", "details", "reopened", "said_under", "state", "tried")

    def __init__(
        self, state: str, attempt: Node | None, details: dict[str, Any], tried: list[str], reopened: bool
    ) -> None:
        self.state, self.attempt, self.details, self.tried, self.reopened = state, attempt, details, tried, reopened
        self.said_under = attempt.node_id if attempt else 0

    @property
    def summary(self) -> str | None:
        """Return the remedy in one line: the change and where, or the command; None where none is known."""
        return summary_of(self.details) if self.state != NONE else None

    @property
    def id(self) -> str | None:
        """Return the id of the attempt that showed it."""
        return records.id_of(records.NODE, self.attempt.uid) if self.attempt else None


def of_failure(connection: apsw.Connection, node: Node) -> Remedy:
    """Return what is known against a failure: a change after which its check passed, else one not confirmed."""
    made = attempts.against(connection, node.node_id)
    nodes = memories.load_all(connection, [one.node_id for one in made])
    known = [one for one in made if nodes[one.node_id].trust != memories.QUARANTINED]
    tried = [summary_of(nodes[one.node_id].details) for one in known if one.outcome == attempts.FAILED][:TRIED_MAX]
    for wanted, state in ((attempts.SUCCEEDED, CONFIRMED), (attempts.PARTIAL, UNCONFIRMED)):
        for one in known:
            held = nodes[one.node_id]
            if one.outcome == wanted and held.status == memories.ACTIVE:
                reopened = state == CONFIRMED and node.status == memories.ACTIVE
                found = Remedy(state, held, held.details, tried, reopened)
                alike = [nodes[other.node_id] for other in known if other.outcome == wanted]
                found.said_under = _first_alike(alike, held)
                return found
    details = {} if tried or len(known) < len(made) else _unchecked(connection, node)
    return Remedy(UNCONFIRMED if details else NONE, None, details, tried, False)


def _first_alike(held: list[Node], newest: Node) -> int:
    """Return the oldest of the attempts that did the same: who was told of one was told of all."""
    summary = summary_of(newest.details)
    return int(min(one.node_id for one in held if summary_of(one.details) == summary))


def _unchecked(connection: apsw.Connection, node: Node) -> dict[str, Any]:
    """Return the edits of its own files that followed a failure in its session and that no check has judged."""
    session_id, at, _ = failures.last_place(connection, node.node_id)
    span = calls.changes_between(connection, session_id, at, 1 << 62, SPAN_CALLS_MAX)
    if not span:
        return {}
    from codememory import repair
    from codememory.extract import relevance

    subject = repair.subject_of(node)
    own = [one for one in span if one.outcome == "ok" and relevance.is_of(one.file or "", subject.files)]
    edits = repair.relevant_edits(subject, own)
    return repair.remedy_details(node, edits, []) if edits else {}


def summary_of(details: dict[str, Any]) -> str:
    """Return an attempt's change in one line: files with the first hunk, or commands."""
    from codememory.extract.calls import shortened

    parts = []
    hunks = details.get("hunks") or []
    if hunks:
        edit = shortened(str(hunks[0]["edit"]), HUNK_CHARS_MAX)
        shown = " / ".join(" ".join(line.split()) for line in edit.splitlines() if line.strip(" +-"))
        if edit != hunks[0]["edit"]:
            shown += "…"
        verb = "rewrite" if hunks[0].get("rewrite") else "edit"
        parts.append(f"{verb} {hunks[0]['file']}: {shown}")
        others = [file for file in details.get("files", []) if file != hunks[0]["file"]]
        if others:
            parts.append("also " + ", ".join(others))
    commands = details.get("commands") or []
    if commands:
        parts.append("run " + "; ".join(str(command) for command in commands))
    return "; ".join(parts)
