"""One hook event as it is handled: who fires it, where, in which session; and how something is said in it."""

from __future__ import annotations

from codememory import db
from codememory.store import ledger, projects, sessions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.budget import Deadline
    from codememory.retrieve.render import Entry

SOURCE = "codememory"


class Moment:
    """A hook event inside its transaction."""

    __slots__ = (
        "connection", "cwd", "decision", "event", "now", "payload", "place", "reason", "session", "thread",
    )  # fmt: skip

    def __init__(self, connection: apsw.Connection, event: str, payload: dict[str, Any], cwd: str, now: int) -> None:
        self.connection, self.event, self.payload, self.cwd, self.now = connection, event, payload, cwd, now
        place = projects.place_of(connection, cwd, now)
        client_id = payload["session_id"]
        session = sessions.find(connection, client_id)
        if session is None:
            session = sessions.create(connection, client_id, place.project_id, now)
        elif session.project_id != place.project_id:  # the session went to another folder: it stays in its project
            place = projects.Place(session.project_id, place.root, place.repository)
        self.place, self.session = place, session
        self.thread = self.text("agent_id")
        self.decision = self.reason = ""

    def refresh(self) -> None:
        """Look at the session again: what was ingested meanwhile may have told of a compaction."""
        self.session = sessions.find(self.connection, self.payload["session_id"]) or self.session

    def has_time(self, deadline: Deadline) -> bool:
        """Tell whether there is time for what another hook can do as well: not while others wait for their turn."""
        return not deadline.passed() and not db.is_awaited(self.connection)

    @property
    def project_id(self) -> int:
        """Return the session's project."""
        return self.place.project_id

    def text(self, name: str) -> str:
        """Return a text of the payload, '' if it is missing or no text."""
        value = self.payload.get(name)
        return value if isinstance(value, str) else ""

    def say(self, entries: list[Entry], chars_max: int, closing: str = "", tokens_max: int = 0) -> str:
        """Return the text for what this thread was not told yet, and record it as said; '' for nothing.

        `tokens_max` bounds the lines together, the best first; 0 leaves the bound to `chars_max`.
        """
        if not entries:
            return ""
        from codememory.retrieve.render import text_of

        session_id, epoch = self.session.session_id, self.session.epoch
        node_ids = [entry.node_id for entry in entries]
        unsaid = ledger.unsaid(self.connection, session_id, self.thread, epoch, node_ids)
        if not self.thread:  # a subagent has not seen what its parent said
            unsaid -= ledger.own(self.connection, session_id, self.session.compacted_at, node_ids)
        fresh: list[Entry] = []
        for entry in entries:
            if entry.node_id in unsaid:
                unsaid.discard(entry.node_id)
                fresh.append(entry)
        if tokens_max:
            fresh = _within(fresh, tokens_max)
        text, said = text_of(fresh, f"{SOURCE} {self.event}", chars_max, closing)
        for entry in said:
            ledger.say(
                self.connection, session_id, self.thread, epoch, entry.node_id, self.event, self.now, entry.tokens
            )
        return text


def _within(entries: list[Entry], tokens_max: int) -> list[Entry]:
    chosen = []
    for entry in entries:
        if entry.tokens <= tokens_max:
            tokens_max -= entry.tokens
            chosen.append(entry)
    return chosen
