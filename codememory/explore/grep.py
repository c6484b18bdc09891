"""Search messages, summaries and nodes, by words or by a regular expression."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import apsw

from codememory import records
from codememory.errors import PatternError
from codememory.explore import shapes
from codememory.retrieve import plan as planning
from codememory.store import memories, messages, projects, scope, search, summaries, words
from codememory.store.messages import Message

SCOPES = ("messages", "summaries", "both", "nodes", "all")
MODES = ("full_text", "regex")
SNIPPET_CHARS = 240
REGEX_SECONDS_MAX = 10.0
SESSION_CANDIDATES = 400


class Search:
    """What is searched for, and where; None leaves a filter out."""

    def __init__(
        self,
        query: str,
        *,
        mode: str = "full_text",
        scope: str = "messages",
        by: str = "message",
        project_id: int | None = None,
        session_id: int | None = None,
        role: str | None = None,
        file: str | None = None,
        since: int | None = None,
        before: int | None = None,
        limit: int = 20,
    ) -> None:
        self.query, self.mode, self.scope, self.by = query, mode, scope, by
        self.project_id, self.session_id, self.role, self.file = project_id, session_id, role, file
        self.since, self.before, self.limit = since, before, limit

    @property
    def filters(self) -> dict[str, Any]:
        """Return what narrows the messages."""
        return {
            "project_id": self.project_id,
            "session_id": self.session_id,
            "role": self.role,
            "since": self.since,
            "before": self.before,
        }


def grep(connection: apsw.Connection, wanted: Search) -> dict[str, Any]:
    """Return `{query, mode, hits, total, note}`; `note` says why nothing matched.

    Raises:
        PatternError: The regular expression cannot be used, or takes too long.

    """
    finder = _by_expression if wanted.mode == "regex" else _by_words
    hits, note = finder(connection, wanted)
    if wanted.by == "session":
        hits = _best_of_each_session(hits)
    if not hits and not note:
        note = _why_nothing(connection, wanted)
    return {
        "query": wanted.query,
        "mode": wanted.mode,
        "hits": hits[: wanted.limit],
        "total": len(hits),
        "note": note,
    }


def expression_of(query: str) -> tuple[str, list[str]]:
    """Return the FTS5 expression for a query, and the terms to show in snippets.

    Words are OR-ed without stop words, "quotes" make a phrase that must be there, -word excludes.
    """
    wanted, required, excluded, terms = [], [], [], []
    for part, quoted in _parts(query):
        if quoted:
            phrase = " ".join(_tokens(part))
            if phrase:
                required.append(f'"{phrase}"')
                terms.append(part.lower())
        elif part.startswith("-") and len(part) > 1:
            excluded += [f'"{token}"' for token in _tokens(part[1:])]
        else:
            found = planning.terms_of(part)
            terms += found
            wanted += [f'"{term}"' for term in found]
    if not wanted and not required:
        bare = [token for part, _ in _parts(query) if not part.startswith("-") for token in _tokens(part)]
        wanted, terms = [f'"{token}"' for token in bare], [token.lower() for token in bare]
    clauses = list(required)
    if wanted and not required:
        clauses.append("(" + " OR ".join(dict.fromkeys(wanted)) + ")")
    expression = " AND ".join(clauses)
    if expression and excluded:
        expression = f"({expression}) NOT ({' OR '.join(excluded)})"
    return expression, list(dict.fromkeys(terms))


def _parts(query: str) -> Iterator[tuple[str, bool]]:
    for position, piece in enumerate(query.split('"')):
        if position % 2:
            yield piece, True
        else:
            for word in piece.split():
                yield word, False


def _tokens(text: str) -> list[str]:
    """Return a text's tokens as the index holds them, stop words included."""
    return "".join(one if one.isalnum() else " " for one in words.indexable(text)).split()


def _by_words(connection: apsw.Connection, wanted: Search) -> tuple[list[dict[str, Any]], str]:
    expression, terms = expression_of(wanted.query)
    if not expression:
        return [], "The query holds no word to search for."
    hits: list[dict[str, Any]] = []
    many = SESSION_CANDIDATES if wanted.by == "session" or wanted.file else wanted.limit
    if wanted.scope in ("messages", "both", "all"):
        for message_id, score in search.match_messages(connection, expression, limit=many, **wanted.filters):
            if wanted.file is None or scope.touches_file(connection, message_id, wanted.file):
                hits.append(_message_hit(connection, message_id, score, terms))
    if wanted.scope in ("nodes", "all"):
        for node_id, score in search.match_nodes(
            connection, expression, project_id=wanted.project_id, limit=wanted.limit
        ):
            hits.append(_node_hit(connection, node_id, score, terms))
    if wanted.scope in ("summaries", "both", "all"):
        hits += _summary_hits(connection, wanted, terms)
    hits.sort(key=lambda hit: -hit["score"])
    return hits, ""


def _by_expression(connection: apsw.Connection, wanted: Search) -> tuple[list[dict[str, Any]], str]:
    try:
        pattern = re.compile(wanted.query)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(f"The regular expression cannot be used: {error}.") from error
    hits: list[dict[str, Any]] = []
    many = SESSION_CANDIDATES if wanted.by == "session" else wanted.limit
    started = monotonic()
    with _time_limit(REGEX_SECONDS_MAX, wanted.query):
        for hit in _expression_hits(connection, wanted, pattern):
            hits.append(hit)
            if len(hits) >= many:
                break
            if monotonic() - started > REGEX_SECONDS_MAX:
                return hits, f"Stopped after {REGEX_SECONDS_MAX:.0f} s: narrow it with --since, --session or --role."
    return hits, ""


def _expression_hits(connection: apsw.Connection, wanted: Search, pattern: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    if wanted.scope in ("messages", "both", "all"):
        for message_id in scope.messages_newest_first(connection, **wanted.filters):
            message = messages.load(connection, message_id)
            text = _whole_text(message)
            found = pattern.search(text)
            if found and (wanted.file is None or scope.touches_file(connection, message_id, wanted.file)):
                yield _hit_of(connection, message, 1.0, _window(text, found.start()))
    if wanted.scope in ("nodes", "all"):
        for node in memories.listed(
            connection, project_id=wanted.project_id, kind=None, status=None, file=wanted.file,
            session_id=wanted.session_id, limit=100_000,
        ):  # fmt: skip
            text = memories.spoken_text(node)
            found = pattern.search(text)
            if found:
                yield _node_hit(connection, node.node_id, 1.0, [text[found.start() : found.start() + 20].lower()])
    if wanted.scope in ("summaries", "both", "all"):
        for summary_id in summaries.all_ids(connection, wanted.project_id):
            summary = summaries.load(connection, summary_id)
            found = pattern.search(summary.text)
            if found:
                yield _summary_hit(connection, summary, 1.0, _window(summary.text, found.start()))


@contextmanager
def _time_limit(seconds: float, query: str) -> Iterator[None]:
    """Interrupt an expression that explodes; the matcher looks for signals, where the system has timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise PatternError(f"The regular expression {query!r} takes too long (over {seconds:.0f} s): make it simpler.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds * 1.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _message_hit(connection: apsw.Connection, message_id: int, score: float, terms: list[str]) -> dict[str, Any]:
    message = messages.load(connection, message_id)
    text = _whole_text(message)
    return _hit_of(connection, message, score, _window(text, _first(text, terms)))


def _hit_of(connection: apsw.Connection, message: Message, score: float, snippet: str) -> dict[str, Any]:
    _, _, _, root, *_ = scope.session_details(connection, message.session_id)
    return {
        "id": message.id,
        "type": "message",
        "session": message.session,
        "project": root,
        "role": message.role,
        "kind": message.kind,
        "created_at": shapes.moment(message.created_at),
        "score": round(score, 4),
        "snippet": snippet,
    }


def _node_hit(connection: apsw.Connection, node_id: int, score: float, terms: list[str]) -> dict[str, Any]:
    node = memories.load(connection, node_id)
    text = memories.spoken_text(node)
    session = scope.session_details(connection, node.session_id)[0] if node.session_id else None
    return {
        "id": node.id,
        "type": "node",
        "session": session,
        "project": projects.name_and_root(connection, node.project_id)[1],
        "role": None,
        "kind": node.kind,
        "status": node.status,
        "created_at": shapes.moment(node.created_at),
        "score": round(score, 4),
        "snippet": _window(text, _first(text, terms)),
    }


def _summary_hits(connection: apsw.Connection, wanted: Search, terms: list[str]) -> list[dict[str, Any]]:
    """Summaries are few: they are read, not indexed; the score is the share of the terms they hold."""
    found = []
    for summary_id in summaries.all_ids(connection, wanted.project_id):
        summary = summaries.load(connection, summary_id)
        lowered = summary.text.lower()
        held = sum(1 for term in terms if term in lowered)
        if held:
            found.append(
                _summary_hit(connection, summary, held / len(terms), _window(summary.text, _first(summary.text, terms)))
            )
    return found


def _summary_hit(connection: apsw.Connection, summary: summaries.Summary, score: float, snippet: str) -> dict[str, Any]:
    return {
        "id": summary.id,
        "type": "summary",
        "session": summary.session,
        "project": summary.project,
        "role": None,
        "kind": summary.kind,
        "created_at": shapes.moment(summary.created_at),
        "score": round(score, 4),
        "snippet": snippet,
    }


def _whole_text(message: Message) -> str:
    prose, detail = search.prose_and_detail(message.blocks, whole=True)
    return f"{prose}\n{detail}" if prose and detail else prose or detail


def _first(text: str, terms: list[str]) -> int:
    lowered = text.lower()
    places = [place for term in terms if (place := lowered.find(term)) >= 0]
    return min(places, default=0)


def _window(text: str, at: int) -> str:
    start = max(0, at - SNIPPET_CHARS // 3)
    piece = " ".join(text[start : start + SNIPPET_CHARS].split())
    return ("…" if start else "") + piece + ("…" if start + SNIPPET_CHARS < len(text) else "")


def _best_of_each_session(hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    best: dict[str, dict[str, Any]] = {}
    for hit in hits:
        best.setdefault(hit["session"], hit)
    return list(best.values())


def _why_nothing(connection: apsw.Connection, wanted: Search) -> str:
    total = scope.count_messages(connection)
    if total == 0:
        return "Nothing is remembered yet: run `codememory backfill` to import earlier sessions."
    if wanted.project_id is not None and _elsewhere(connection, wanted):
        return "Nothing in this project, but other projects have matches: add --all-projects."
    if wanted.since or wanted.before or wanted.role or wanted.file or wanted.session_id:
        return "Nothing matches within these filters: leave one out."
    if wanted.mode == "regex":
        return "No text matches this expression; it is case-sensitive unless it begins with (?i)."
    return "No stored text holds any of these words: try others, or --mode regex for a part of a word."


def _elsewhere(connection: apsw.Connection, wanted: Search) -> bool:
    expression, _ = expression_of(wanted.query)
    return wanted.mode == "full_text" and bool(search.match_messages(connection, expression, limit=1))


def since_of(text: str | None, now: int) -> int | None:
    """Return the time a filter means: an ISO date or time, or an age such as 90m, 12h, 3d, 2w.

    Raises:
        PatternError: It is neither.

    """
    if not text:
        return None
    at = records.milliseconds(text)
    if at is not None:
        return at
    units = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
    if text[:-1].isdecimal() and text[-1] in units:
        return now - int(text[:-1]) * units[text[-1]] * 1000
    raise PatternError(f"{text!r} is no time: give a date (2026-03-01), a time (2026-03-01T10:00Z) or an age (12h, 3d).")
