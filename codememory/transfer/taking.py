"""An import on its way: how the file's names map to the store's, and what keeps secrets and the forgotten out."""

from __future__ import annotations

from typing import Any

import apsw

from codememory import redact, wire
from codememory.store import erasure, incoming, sessions, tombstones
from codememory.store.merging import ADDED, CHANGED, KNOWN

KEPT_OUT = "kept_out"
"""It was forgotten."""

OUTCOMES = (ADDED, CHANGED, KNOWN, KEPT_OUT)


class Taking:
    """An import on its way: how the file's names map to the store's."""

    def __init__(self, connection: apsw.Connection, now: int, redacting: bool) -> None:
        self.connection, self.now, self.redacting = connection, now, redacting
        self.projects: dict[str, int] = {}
        self.sessions: dict[str, int] = {}
        self.touched: set[int] = set()
        self.kept_out_calls: set[tuple[int, str]] = set()

    def clean(self, text: str) -> str:
        """Return a text without secrets, fit for a column."""
        return wire.storable(redact.redacted(text) if self.redacting else text)

    def clean_value(self, value: Any) -> Any:
        """Return a JSON value without secrets."""
        return redact.redacted_value(value) if self.redacting else value

    def project(self, name: str) -> int:
        """Return the project that the file names so."""
        if name not in self.projects:
            raise ValueError(f"it names the project {name}, which no earlier line tells of")
        return self.projects[name]

    def session(self, client_id: str) -> int:
        """Return a session by the client's id."""
        client_id = wire.storable(client_id)
        if client_id not in self.sessions:
            found = sessions.find(self.connection, client_id)
            if found is None:
                raise ValueError(f"it names the session {client_id}, which no earlier line tells of")
            self.sessions[client_id] = found.session_id
        return self.sessions[client_id]

    def node(self, uid: str) -> int | None:
        """Return a memory by its uid, None for one that was forgotten."""
        found = incoming.node_with(self.connection, wire.encoded([uid]))
        if found is None and tombstones.node_until(self.connection, bytes.fromhex(uid)) == tombstones.NEVER:
            raise ValueError(f"it names the memory {uid}, which no earlier line tells of")
        return found

    def forgotten_until(self, node_id: int) -> int:
        """Return the time up to which a memory was forgotten under any of its uids."""
        uids, _ = erasure.uids_of(self.connection, node_id)
        return max(tombstones.node_until(self.connection, uid) for uid in uids)


def row_of(**columns: Any) -> dict[str, Any]:
    """Return columns with every text fit for one."""
    return {name: wire.storable(value) if isinstance(value, str) else value for name, value in columns.items()}
