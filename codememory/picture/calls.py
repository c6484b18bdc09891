"""The tool calls a picture points at, and what was done after a moment."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import apsw

from codememory import records
from codememory.store import whole

MESSAGE_HEX = 12
"""Digits of a message's id in a picture: 48 bits tell a million messages apart, and save the half of its size."""

WORDS_CHARS_MAX = 400


def message_id(key: bytes) -> str:
    """Return a message's id as a picture names it; any command takes it."""
    return f"{records.MESSAGE}_{key.hex()[:MESSAGE_HEX]}"


class Calls:
    """The calls of some sessions, by their ids, by their messages, and in the order of their starts."""

    def __init__(self, connection: apsw.Connection, clients: dict[int, str]) -> None:
        self.clients = clients
        self.by_id: dict[str, tuple[Any, ...]] = {}
        self.of_message: dict[int, list[tuple[Any, ...]]] = {}
        self.named: set[str] = set()
        self._starts: dict[tuple[int, str], list[int]] = {}
        self._deeds: dict[tuple[int, str], list[str]] = {}
        for row in whole.calls(connection, list(clients)):
            session_id, call_id, tool, what, outcome, _, called_at, _, message, _, _, thread = row
            self.by_id[call_id] = row
            if message is not None:
                self.of_message.setdefault(message, []).append(row)
            if what:
                self._starts.setdefault((session_id, thread), []).append(called_at)
                self._deeds.setdefault((session_id, thread), []).append(f"{tool} {what[:WORDS_CHARS_MAX]} ({outcome})")

    def name(self, call_id: str) -> bool:
        """Note that a picture points at this call; False if it is not known."""
        if call_id in self.by_id:
            self.named.add(call_id)
            return True
        return False

    def next_after(self, session_id: int, thread: str, at: int) -> str | None:
        """Return the first edit or command of a thread after a time, in words."""
        starts = self._starts.get((session_id, thread), [])
        place = bisect_right(starts, at)
        return self._deeds[session_id, thread][place] if place < len(starts) else None

    def messages_named(self) -> set[int]:
        """Return the messages of the calls pointed at, and of their results."""
        rows = [self.by_id[call_id] for call_id in self.named]
        return {message for row in rows for message in (row[8], row[9]) if message is not None}

    def shown(self, keys: dict[int, tuple[bytes, int]]) -> dict[str, dict[str, Any]]:
        """Return the calls pointed at, by id; `keys` tell the keys of their messages."""
        found = {}
        for call_id in sorted(self.named):
            session_id, _, tool, what, outcome, code, called_at, ended_at, message, result, edits = self.by_id[call_id][
                :11
            ]
            found[call_id] = {
                "session": self.clients[session_id], "tool": tool, "what": (what or "")[:WORDS_CHARS_MAX],
                "outcome": outcome, "exit": code, "at": ended_at or called_at, "edit": bool(edits),
                "message": message_id(keys[message][0]) if message in keys else None,
                "result": message_id(keys[result][0]) if result in keys else None,
            }  # fmt: skip
        return found
