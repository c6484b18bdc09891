"""Search by a regular expression, the newest first.

The newest messages are read. If these do not fill a page, older ones are looked up by the words that the expression
needs; and if these do not fill it either, or it tells no word, all are read: with words where that does not take long,
else as far as the time goes.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any

import apsw

from codememory import codec, wire
from codememory.errors import PatternError
from codememory.explore import literal, snippet
from codememory.explore.hits import message_hit, node_hit, summary_hit
from codememory.store import memories, messages, scope, search, summaries

if TYPE_CHECKING:
    from codememory.explore.grep import Search

    Found = list[tuple[int, str, int]]
    """Messages that match, with their text and the place in it."""

SECONDS_MAX = 10.0

READ_FIRST = 3_000
"""The newest messages, which are read in any case."""

READ_MAX = 100_000
"""Messages that are read though an expression has words by which they can be looked up: a third of a second."""

READ_TOGETHER = 10_000
"""Messages that are read before the time is looked at."""

LOOKED_UP_TOGETHER = 2_000
"""Messages that the index has under an expression's words, before the time is looked at."""

FILE_MESSAGES_MAX = 100_000
NODES_MAX = 100_000

LOOKED_UP = (
    "Of {older:,} messages older than the newest {newest:,}, only what the index has under the expression's words was"
    " read: narrow it with --session, --since or --before to read all."
)
STOPPED = "Stopped after {seconds:.0f} s, with {read:,} of {all:,} messages read: narrow it with --since or --session."


def found_by(connection: apsw.Connection, wanted: Search, many: int) -> tuple[list[dict[str, Any]], str]:
    """Return so many hits, and what is to be said about how far was looked.

    Raises:
        PatternError: The regular expression cannot be used, or takes too long.

    """
    try:
        pattern = re.compile(wanted.query)
    except (re.error, RecursionError, OverflowError) as error:
        raise PatternError(f"The regular expression cannot be used: {error}.") from error
    hits: list[dict[str, Any]] = []
    note = ""
    with _time_limit(SECONDS_MAX, wanted.query):
        if wanted.scope in ("messages", "both", "all"):
            found, note = _messages(connection, wanted, pattern, many)
            for message_id, text, at in found:
                hits.append(
                    message_hit(connection, messages.load(connection, message_id), 1.0, snippet.window(text, at))
                )
        for hit in _others(connection, wanted, pattern):
            if len(hits) >= many:
                break
            hits.append(hit)
    return hits, note


def _messages(connection: apsw.Connection, wanted: Search, pattern: re.Pattern[str], many: int) -> tuple[Found, str]:
    """Return so many messages that match, if there are, and what is to be said about how far was looked."""
    narrowing, can_match = wanted.narrowing, literal.as_written(pattern)
    if wanted.file is not None:
        touching = search.touching(connection, wanted.file, FILE_MESSAGES_MAX)
        return list(islice(_matching(scope.contents_of(connection, touching, narrowing), pattern, can_match), many)), ""
    ends = monotonic() + SECONDS_MAX
    low, high = search.id_range(connection, narrowing)
    found: Found = []
    top, bottom = high, max(low, high - READ_FIRST + 1)
    while True:
        read = scope.contents_newest_first(connection, bottom, top, narrowing)
        found += islice(_matching(read, pattern, can_match), many - len(found))
        if len(found) >= many or bottom <= low:
            return found, ""
        if top == high and (words := literal.index_expression(pattern)):
            reads_all = bottom - low <= READ_MAX
            read = _looked_up(connection, words, low, bottom - 1, narrowing, monotonic() if reads_all else ends)
            older = list(islice(_matching(read, pattern, can_match), many - len(found)))
            found_all = found + older
            if len(found_all) >= many or not (reads_all or monotonic() > ends):
                return found_all, LOOKED_UP.format(older=bottom - low, newest=high - bottom + 1)
            found = found if reads_all else found_all
        if monotonic() > ends:
            return found, STOPPED.format(seconds=SECONDS_MAX, read=high - bottom + 1, all=high - low + 1)
        top, bottom = bottom - 1, max(low, bottom - READ_TOGETHER)


def _looked_up(
    connection: apsw.Connection, words: str, low: int, high: int, narrowing: search.Narrowing, ends: float
) -> Iterator[tuple[int, int, bytes]]:
    """Yield the contents of the messages that the index has under some words, newest first; some, then until a time."""
    while True:
        message_ids = search.newest_holding(connection, words, low, high, LOOKED_UP_TOGETHER)
        yield from scope.contents_of(connection, message_ids, narrowing)
        if len(message_ids) < LOOKED_UP_TOGETHER or monotonic() > ends:
            return
        high = message_ids[-1] - 1


def _matching(
    contents: Iterable[tuple[int, int, bytes]], pattern: re.Pattern[str], can_match: Callable[[bytes], bool]
) -> Iterator[tuple[int, str, int]]:
    for message_id, kind, packed in contents:
        written = codec.unpacked_bytes(kind, packed)
        if can_match(written):
            text = search.whole_text(wire.decoded(wire.from_bytes(written)))
            found = pattern.search(text)
            if found:
                yield message_id, text, found.start()


def _others(connection: apsw.Connection, wanted: Search, pattern: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    """Yield the memories and summaries that match."""
    if wanted.scope in ("nodes", "all"):
        for node in memories.listed(
            connection, project_id=wanted.project_id, kind=None, status=None, file=wanted.file,
            session_id=wanted.session_id, limit=NODES_MAX,
        ):  # fmt: skip
            text = memories.spoken_text(node)
            found = pattern.search(text)
            if found:
                yield node_hit(connection, node.node_id, 1.0, [text[found.start() : found.start() + 20].lower()])
    if wanted.scope in ("summaries", "both", "all"):
        for summary_id in summaries.all_ids(connection, wanted.project_id):
            summary = summaries.load(connection, summary_id)
            found = pattern.search(summary.text)
            if found:
                yield summary_hit(connection, summary, 1.0, snippet.window(summary.text, found.start()))


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
