"""Search messages, summaries and nodes, by words or by a regular expression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apsw

from codememory import records
from codememory.errors import PatternError
from codememory.explore import snippet
from codememory.explore.hits import message_hit, node_hit, summary_hit
from codememory.retrieve import ranking
from codememory.retrieve.question import Question, asked, tokens_of
from codememory.store import memories, messages, search, summaries

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
    def narrowing(self) -> search.Narrowing:
        """Return what narrows the messages."""
        return search.Narrowing(**self.filters, file=self.file)

    @property
    def filters(self) -> dict[str, Any]:
        """Return what narrows the messages, but for the file."""
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
    hits, total, note = finder(connection, wanted)
    if not hits and not note:
        note = _why_nothing(connection, wanted)
    return {
        "query": wanted.query,
        "mode": wanted.mode,
        "hits": hits[: wanted.limit],
        "total": total,
        "note": note,
    }


def _by_words(connection: apsw.Connection, wanted: Search) -> tuple[list[dict[str, Any]], int, str]:
    """Return the best hits, how many there are, and what hindered."""
    question = asked(wanted.query)
    if not question.terms:
        return [], 0, "The query holds no word to search for."
    hits: list[dict[str, Any]] = []
    unseen = 0
    if wanted.scope in ("messages", "both", "all"):
        rank = ranking.sessions if wanted.by == "session" else ranking.messages
        order = rank(connection, question, wanted.narrowing)
        unseen = max(0, len(order) - wanted.limit)
        hits += [_message_hit(connection, *one, question.terms) for one in order[: wanted.limit]]
    if wanted.scope in ("nodes", "all"):
        hits += _node_hits(connection, wanted, question)
    if wanted.scope in ("summaries", "both", "all"):
        hits += _summary_hits(connection, wanted, question)
    hits.sort(key=lambda hit: -hit["score"])
    if wanted.by == "session":
        hits = _best_of_each_session(hits)
    return hits, len(hits) + unseen, ""


def _by_expression(connection: apsw.Connection, wanted: Search) -> tuple[list[dict[str, Any]], int, str]:
    from codememory.explore import expressions

    if wanted.by == "session":
        hits, note = expressions.found_by(connection, wanted, SESSION_CANDIDATES)
        hits = _best_of_each_session(hits)
    else:
        hits, note = expressions.found_by(connection, wanted, wanted.limit)
    if note and not hits:
        note = f"Nothing that was read matches. {note}"
    return hits, len(hits), note


def _message_hit(
    connection: apsw.Connection, message_id: int, session_id: int, score: float, terms: list[str]
) -> dict[str, Any]:
    message = messages.load(connection, message_id)
    text = search.whole_text(message.blocks)
    return message_hit(connection, message, score, snippet.window(text, snippet.best_place(text, terms)), session_id)


def _node_hits(connection: apsw.Connection, wanted: Search, question: Question) -> Iterator[dict[str, Any]]:
    """Yield nodes in the index's order, scored by the share of the terms they hold, as summaries are."""
    for node_id, _ in search.match_nodes(
        connection, question.expression, project_id=wanted.project_id, limit=wanted.limit
    ):
        text = memories.spoken_text(memories.load(connection, node_id))
        share = max(1, _held(text, question.terms)) / len(question.terms)
        yield node_hit(connection, node_id, share, question.terms)


def _summary_hits(connection: apsw.Connection, wanted: Search, question: Question) -> Iterator[dict[str, Any]]:
    """Yield the summaries that hold a term; they are few, so they are read, not indexed."""
    for summary_id in summaries.all_ids(connection, wanted.project_id):
        summary = summaries.load(connection, summary_id)
        held = _held(summary.text, question.terms)
        if held and _allowed(summary.text, question):
            window = snippet.window(summary.text, snippet.best_place(summary.text, question.terms))
            yield summary_hit(connection, summary, held / len(question.terms), window)


def _held(text: str, terms: list[str]) -> int:
    """Count the terms that stand in a text."""
    lowered = text.lower()
    return sum(1 for term in terms if snippet.stem(term) in lowered)


def _allowed(text: str, question: Question) -> bool:
    """Tell whether a text holds what must be there and nothing that must not."""
    words = tokens_of(text)
    spoken = f" {' '.join(words)} "
    return all(f" {phrase} " in spoken for phrase in question.required) and not set(words).intersection(
        question.excluded
    )


def _best_of_each_session(hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    best: dict[str, dict[str, Any]] = {}
    for hit in hits:
        best.setdefault(hit["session"], hit)
    return list(best.values())


def _why_nothing(connection: apsw.Connection, wanted: Search) -> str:
    if search.newest_message(connection) == 0:
        return "Nothing is remembered yet: run `codememory backfill` to import earlier sessions."
    filtered = bool(wanted.since or wanted.before or wanted.role or wanted.file or wanted.session_id)
    if wanted.mode == "regex":
        if filtered:
            return "Nothing matches within these filters: leave one out."
        return "No text matches this expression; it is case-sensitive unless it begins with (?i)."
    question = asked(wanted.query)
    if not search.any_holds(connection, question.necessary, None):
        return _why_nowhere(connection, question)
    if wanted.project_id is not None and not search.any_holds(connection, question.necessary, wanted.project_id):
        return "Nothing in this project, but other projects have matches: add --all-projects."
    if filtered:
        return "Nothing matches within these filters: leave one out."
    return "Messages hold these words, but nothing of this scope does: leave out --scope."


def _why_nowhere(connection: apsw.Connection, question: Question) -> str:
    """Say which part of a query is too narrow."""
    if question.excluded and search.any_holds(connection, question.necessary.rpartition(" NOT (")[0], None):
        return f"Every match holds a word that must not be there: leave out -{question.excluded[0]}."
    if question.required:
        return f'No text holds "{question.required[0]}" word for word: leave out the quotes.'
    return "No stored text holds any of these words: try others, or --mode regex for a part of a word."


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
    raise PatternError(
        f"{text!r} is no time: give a date (2026-03-01), a time (2026-03-01T10:00Z) or an age (12h, 3d)."
    )
