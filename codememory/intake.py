"""Take one conversation line into the store: redact, score, keep, index, and see what its tool calls led to."""

from __future__ import annotations

import apsw

from codememory import config, delta, records, repository, wire
from codememory.extract import calls as wording
from codememory.store import calls, counters, messages, projects, search, sessions, tombstones

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from codememory.delta import Prepared
    from codememory.store.sessions import Session
    from codememory.tool_lines import Result
    from codememory.transcript import Line

HISTORY_ONLY = "N"

SEARCHED_BYTES_MAX = 4_000_000
"""A longer line is kept, and no hook ever loads it: it would take more memory than a hook may have."""

COMPACTED = ("M", "L")
"""Tiers whose tokens count towards a compaction."""

SPOKEN = ("prompt", "reply", "call")
"""Kinds of lines in which somebody says something."""


def stages(redacting: bool, written: Callable[[object], bytes] = delta.written) -> list[Callable[[Line], None]]:
    """Return what a line goes through before it meets the store, in this order; no line of it asks for another.

    Each of them raises ValueError or RecursionError for what nests too deep.
    """

    def pack(line: Line) -> None:
        delta.pack(line, written)

    found: list[Callable[[Line], None]] = [delta.redact_line] if redacting else []
    return [*found, pack, delta.weigh, delta.cut_into_words, delta.take_apart, _listen]


def make_ready(line: Line, redacting: bool) -> Prepared:
    """Have one line go all of its way to the store that takes no look at the store.

    Raises:
        ValueError: It nests too deep, as does RecursionError.

    """
    try:
        for stage in stages(redacting):
            stage(line)
    except BaseException:
        line.prepared = None
        raise
    return delta.ready_of(line)


def _listen(line: Line) -> None:
    """Hear what is meant to last, and the user's word that something works."""
    words = messages.text_of(line.readable) if line.kind in SPOKEN else ""
    if not words:
        return
    ready = delta.ready_of(line)
    if line.kind == "prompt":
        from codememory.extract.verdicts import says_it_works

        ready.is_verdict = says_it_works(words)
    if not line.thread:  # a subagent's words are not read for what is meant to last
        from codememory.extract.statements import statements_in

        ready.statements = statements_in(words, role=line.role)


class Open:
    """A session that lines are being added to; those up to `away_until` were forgotten or pruned, and stay away."""

    __slots__ = ("away_until", "first_at", "last_at", "open_tokens", "place_next", "session")

    def __init__(self, session: Session, place_next: int, at: int, away_until: int) -> None:
        self.session, self.place_next, self.first_at, self.last_at = session, place_next, at, at
        self.open_tokens = 0
        self.away_until = away_until


class Intake:
    """Adds lines to the store inside one transaction; `close` writes what was held back."""

    __slots__ = (
        "connection", "failures_added", "folder", "known", "messages_added", "now", "off", "opened", "places",
        "redacting", "rereading", "searchable", "transcript_id", "weight", "window_ms",
    )  # fmt: skip

    def __init__(self, connection: apsw.Connection, transcript_id: int, folder: str, now: int, rereading: bool) -> None:
        self.connection, self.transcript_id, self.folder, self.now = connection, transcript_id, folder, now
        self.rereading = rereading
        self.redacting: bool = config.setting("REDACT")
        self.window_ms: int = config.setting("EXPLORED_TARGET_WINDOW_MS")
        self.opened: dict[str, Open] = {}
        self.places: dict[str, projects.Place] = {}
        self.off: dict[str, bool] = {}
        self.known: dict[bytes, int | None] = {}
        """Keys that were looked for, and the messages stored under them."""
        self.searchable: list[tuple[int, str, str]] = []
        """Messages and their texts, which are put into the index together."""
        self.messages_added = self.failures_added = 0
        self.weight = (HISTORY_ONLY, 0)
        """Tier and tokens of the message added last."""

    def look_for(self, lines: list[Line]) -> None:
        """See at once which of many lines are stored already."""
        keys = [line.key for line in lines]
        self.known.update(dict.fromkeys(keys))
        self.known.update(messages.ids_by_key(self.connection, keys))

    def take(self, line: Line) -> None:
        """Store a line, or only enroll it in its session if its message is known; nothing of a switched-off project."""
        if self._switched_off(line.cwd):
            return
        entry = self.session_of(line.session, line.cwd, line.created_at)
        if line.created_at <= entry.away_until:
            return
        if line.key not in self.known:
            self.known[line.key] = messages.id_by_key(self.connection, line.key)
        message_id = self.known[line.key]
        if self.redacting and line.prepared is None and (message_id is None or self.rereading):
            delta.redact_line(line)
        is_new = message_id is None
        if message_id is None:
            message_id = self.known[line.key] = self._added(line, entry)
        elif self.rereading:
            self._replace(message_id, line)
        if sessions.enroll(self.connection, entry.session.session_id, entry.place_next, line.thread, message_id):
            if line.is_summary and not line.thread:
                self._summarised(line, entry, message_id)
            entry.place_next += 1
            tier, tokens = self.weight if is_new else messages.weight_of(self.connection, message_id)
            if tier in COMPACTED:
                entry.open_tokens += tokens
        if line.created_at:
            entry.first_at = min(entry.first_at or line.created_at, line.created_at)
            entry.last_at = max(entry.last_at, line.created_at)

    def _switched_off(self, folder: str) -> bool:
        known = self.off.get(folder)
        if known is None:
            known = self.off[folder] = bool(folder) and repository.switched_off(folder)
        return known

    def session_of(self, client_id: str, cwd: str, at: int) -> Open:
        """Return the open session of this id, making it and its project known if they are new."""
        entry = self.opened.get(client_id)
        if entry is None:
            session = sessions.find(self.connection, client_id)
            if session is None:
                place = self._place(cwd)
                session = sessions.create(self.connection, client_id, place.project_id, at or self.now)
            place_next = sessions.next_place(self.connection, session.session_id)
            away_until = tombstones.session_until(self.connection, client_id)
            entry = self.opened[client_id] = Open(session, place_next, at, away_until)
        return entry

    def close(self) -> None:
        """Make what was added searchable, and record how far each session has come."""
        self._index()
        for entry in self.opened.values():
            first_at, last_at = entry.first_at or self.now, entry.last_at
            sessions.advance(
                self.connection, entry.session.session_id, entry.place_next, first_at, last_at, entry.open_tokens
            )

    def _index(self) -> None:
        search.index(self.connection, self.searchable)
        self.searchable.clear()

    def _place(self, cwd: str) -> projects.Place:
        folder = cwd or self.folder
        place = self.places.get(folder)
        if place is None:
            place = projects.place_of(self.connection, folder, self.now)
            self.places[folder] = place
        return place

    def _added(self, line: Line, entry: Open) -> int:
        """Store a new message; one that cannot be made sense of is kept all the same, and does not hold up the rest.

        Raises:
            ValueError: It nests too deep to be written.

        """
        try:
            return self._add(line, entry)
        except apsw.Error:
            raise
        except Exception as error:
            counters.report_problem(self.connection, "ingest", f"{type(error).__name__}: {error}", self.now)
            message_id = messages.id_by_key(self.connection, line.key)
            if message_id is None:
                blocks, extra = delta.payloads(line)
                message_id = messages.add(
                    self.connection, line, entry.session.session_id, self.transcript_id, HISTORY_ONLY, "", 0, blocks,
                    extra,
                )  # fmt: skip
                self.messages_added += 1
                self.weight = (HISTORY_ONLY, 0)
            return message_id

    def _add(self, line: Line, entry: Open) -> int:
        ready = line.prepared or make_ready(line, False)
        session_id = entry.session.session_id
        asked = self._placed(line, ready.asked) if line.kind == "call" else []
        ended = [(result, self._call_of(result, line, session_id)) for result in ready.results]
        tier = ready.score.tier
        if line.bytes > SEARCHED_BYTES_MAX or (
            ready.only_tools and self._only_repeats(session_id, asked or [call for _, call in ended])
        ):
            tier = HISTORY_ONLY
        message_id = messages.add(
            self.connection, line, session_id, self.transcript_id, tier, " ".join(ready.score.tags), ready.score.tokens,
            ready.blocks, ready.extra,
        )  # fmt: skip
        self.messages_added += 1
        self.weight = (tier, ready.score.tokens)
        if tier != HISTORY_ONLY:
            self.searchable.append((message_id, ready.prose, ready.detail))
        for call in asked:
            calls.record(self.connection, session_id, call, message_id)
        for task in ready.tasks:
            calls.delegate(self.connection, session_id, *task, line.created_at or self.now)
        if (ready.is_verdict or ready.statements) and tier != HISTORY_ONLY:
            self._hear(line, ready, entry)
        for result, call in ended:
            self._settle(line, entry, message_id, result, call)
        return message_id

    def _replace(self, message_id: int, line: Line) -> None:
        if messages.is_emptied(self.connection, message_id):
            return
        ready = line.prepared or make_ready(line, False)
        if messages.replace(
            self.connection, message_id, line, self.transcript_id, ready.score.tokens, ready.blocks, ready.extra
        ):
            self._index()
            search.unindex(self.connection, message_id)
            if messages.tier_of(self.connection, message_id) != HISTORY_ONLY:
                self.searchable.append((message_id, ready.prose, ready.detail))

    def _summarised(self, line: Line, entry: Open, message_id: int) -> None:
        """Take note of the client's own summary of what stands before a line, once whoever tells of it first."""
        from codememory.store import client_summaries

        held = messages.load(self.connection, message_id)
        client_summaries.settle(
            self.connection, entry.session.session_id, line.session, entry.place_next, wire.storable(held.text),
            held.tokens, line.created_at or self.now,
        )  # fmt: skip

    def _placed(self, line: Line, asked: list[wording.Call]) -> list[wording.Call]:
        """Return calls with their files where the project has them, and their time where the line had none."""
        root = self._place(line.cwd).root
        for call in asked:
            call.called_at = line.created_at
            if call.file is not None:
                call.file = wording.relative(call.file, root, line.cwd)
        return asked

    def _call_of(self, result: Result, line: Line, session_id: int) -> wording.Call:
        tool_use_id = result[0]
        call = calls.find(self.connection, session_id, tool_use_id)
        return call or wording.Call(tool_use_id, "", line.thread, line.created_at)

    def _only_repeats(self, session_id: int, asked: list[wording.Call]) -> bool:
        """Tell whether calls only look again at what their session looked at inside the window."""
        return bool(asked) and all(
            call.target
            and calls.explored(self.connection, session_id, call.target, call.called_at - self.window_ms, call)
            for call in asked
        )

    def _settle(self, line: Line, entry: Open, message_id: int, result: Result, call: wording.Call) -> None:
        _, is_error, output = result
        extra = line.extra or {}
        if call.tool in wording.DELEGATION_TOOLS:
            agent = extra.get("agentId")
            calls.assign(
                self.connection, entry.session.session_id, call.tool_use_id,
                wire.storable(agent) if isinstance(agent, str) else "",
            )  # fmt: skip
        if call.tool or is_error:
            from codememory import outcomes

            ending = outcomes.Ending(
                output,
                is_error=is_error,
                at=line.created_at or self.now,
                cwd=line.cwd,
                interrupted=extra.get("interrupted") is True,
                harmless=bool(extra.get("returnCodeInterpretation")),
                message_id=message_id,
                evidence=records.id_of(records.MESSAGE, line.key),
            )
            place = self._settling_place(line, entry)
            new = outcomes.settle(self.connection, call, ending, session_id=entry.session.session_id, place=place)
            self.failures_added += len(new)

    def _hear(self, line: Line, ready: Prepared, entry: Open) -> None:
        """Take note of what is meant to last, and of the user's own words on what became of the work."""
        from codememory import lifecycle, recognise

        evidence = records.id_of(records.MESSAGE, line.key)
        session = entry.session
        if ready.is_verdict:
            lifecycle.hear_success(self.connection, session.session_id, evidence, line.created_at)
        recognise.remember(
            self.connection, ready.statements, line.role, project_id=session.project_id,
            session_id=session.session_id, client_id=line.session, evidence=evidence, at=line.created_at or self.now,
        )  # fmt: skip

    def _settling_place(self, line: Line, entry: Open) -> projects.Place:
        """Return where a result came from, in the session's project whatever folder it had gone to."""
        place = self._place(line.cwd)
        if place.project_id == entry.session.project_id:
            return place
        return projects.Place(entry.session.project_id, place.root, place.repository)
