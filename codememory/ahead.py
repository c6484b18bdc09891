"""Read transcripts ahead of their ingest, in processes beside the one that writes.

Most of an ingest takes no look at the store: decoding, redacting, scoring, packing, cutting into words. It is the same
work whoever does it (`delta`), so a process that dies or cannot be started costs time, nothing else.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
import threading
from collections import Counter, deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection as pipes
from multiprocessing import get_context, parent_process
from operator import attrgetter
from types import TracebackType
from typing import Any, NamedTuple

import msgspec

from codememory import delta, transcript
from codememory.delta import Delta, Prepared
from codememory.extract.statements import Statement, statements_in
from codememory.intake import SPOKEN, may_state
from codememory.score import Score
from codememory.store import messages
from codememory.transcript import Line, result_text

STRETCH_BYTES = 300_000
"""Taken in at once: other processes wait for the lock that long."""

LINE_BYTES_MAX = 8_000_000
"""A longer line is left to the writing process: three of them at once would be too much."""

WORTH_BYTES = 8_000_000
"""Less is taken in before another process has begun."""

OWN_STRETCHES = 3
"""The first ones, read by the writing process itself while the others start."""

AHEAD_MAX = 8
"""Stretches read or being read at a time, which bounds the memory."""

PROCESSES_MAX = 3
"""One that writes keeps no more of them busy."""

SWITCH_SECONDS = 0.0005
"""How long the writing thread may keep the one that receives from doing so."""

MARSHAL_VERSION = 2  # without a table of what was met before, which costs more than it saves here

FIELDS = (
    "key", "odd_uuid", "session", "role", "offset", "bytes", "branch", "created_at", "cwd", "is_meta", "is_sidechain",
    "is_summary", "kind", "thread",
)  # fmt: skip
"""Of a line, what is handed on as it is."""

EXTRA_READ = ("agentId", "interrupted", "returnCodeInterpretation")
"""Of what a result says beyond itself, what is looked at; all of it is packed already."""

UNREAD_BLOCKS = ("thinking", "redacted_thinking", "image", "document")
"""Blocks of which nobody reads more than that they are there."""

_fields = attrgetter(*FIELDS)
_statement_fields = attrgetter(*Statement.__slots__)


class Stretch(NamedTuple):
    """The lines of a file that begin from byte `start` on and before `end`; `cut`: a line may reach over its start."""

    path: str
    session: str
    agent: str
    start: int
    end: int
    cut: bool


class Json:
    """Decodes lines and writes what they hold as `transcript.decoded` and `delta.written` do, faster.

    What the fast decoder refuses goes the slow way, and what the fast encoder would write otherwise: numbers with a
    fraction, and all that only the slow decoder takes.
    """

    def __init__(self) -> None:
        self.decode = msgspec.json.Decoder(float_hook=self._fraction).decode
        self.encode = msgspec.json.Encoder().encode
        self.is_plain = True

    def _fraction(self, text: str) -> float:
        self.is_plain = False
        return float(text)

    def decoded(self, raw: bytes) -> list[Any]:
        """Return the JSON values of one line.

        Raises:
            ValueError: The line is broken.

        """
        self.is_plain = True
        try:
            return [self.decode(raw)]
        except (ValueError, RecursionError):  # strict: no second value, NaN, lone surrogate, byte order mark
            self.is_plain = False
            return transcript.decoded(raw)

    def written(self, value: object) -> bytes:
        """Return a value of the line decoded last as it is stored.

        Raises:
            ValueError: It nests too deep.

        """
        return self.encode(value) if self.is_plain else delta.written(value)


def stretches_of(path: str, session: str, agent: str, start: int, end: int) -> list[Stretch]:
    """Cut a file from a line's beginning to its end into stretches."""
    return [
        Stretch(path, session, agent, at, min(at + STRETCH_BYTES, end), at > start)
        for at in range(start, end, STRETCH_BYTES)
    ]


def read(stretch: Stretch, redacting: bool) -> Delta | None:
    """Read a stretch and make its lines ready for the store; None if one is too odd for that, or the file is gone."""
    json = Json()

    def make_ready(line: Line) -> None:
        if redacting:
            delta.redact_line(line)
        line.prepared = delta.prepare(line, json.written)
        if may_state(line):
            line.prepared.statements = statements_in(messages.text_of(line.readable), role=line.role)

    try:
        start, data = _lines_beginning(stretch)
        return delta.read(data, start, stretch.session, stretch.agent, json.decoded, make_ready)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _lines_beginning(stretch: Stretch) -> tuple[int, bytes]:
    with open(stretch.path, "rb") as file:
        start = stretch.start
        if stretch.cut:
            file.seek(start - 1)
            start += len(file.readline(STRETCH_BYTES + 2)) - 1
        else:
            file.seek(start)
        if start >= stretch.end:
            return start, b""
        data = file.read(stretch.end - start)
        return start, data if data.endswith(b"\n") else data + file.readline(LINE_BYTES_MAX)


def packed(found: Delta | None) -> bytes:
    """Return a delta as bytes, for another process; nothing if there is none, or none that could be written down."""
    if found is None:
        return b""
    items = [item if isinstance(item, dict) else _row(item) for item in found.items]
    head = (found.start, found.size, found.lines, found.broken_lines, found.other_lines)
    try:
        return marshal.dumps((head, items), MARSHAL_VERSION)
    except ValueError:
        return b""


def _row(line: Line) -> tuple[Any, ...]:
    ready = line.prepared
    assert ready is not None
    score = ready.score
    return (
        *_fields(line),
        {name: line.extra[name] for name in EXTRA_READ if name in line.extra} if line.extra else None,
        [_read_of(block, line.kind) for block in line.readable if isinstance(block, dict)],
        (score.tier, score.tags, score.tokens, ready.blocks, ready.extra, ready.prose, ready.detail),
        [_statement_fields(one) for one in ready.statements] if ready.statements is not None else None,
    )


def _read_of(block: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return what the writing process looks at of a block."""
    name = block.get("type")
    if name == "tool_result":
        return {
            "type": name, "tool_use_id": block.get("tool_use_id"), "is_error": block.get("is_error"),
            "content": result_text(block),
        }  # fmt: skip
    return {"type": name} if name in UNREAD_BLOCKS or (name == "text" and kind not in SPOKEN) else block


def unpacked(data: bytes) -> Delta | None:
    """Return the delta that `packed` wrote down."""
    if not data:
        return None
    head, items = marshal.loads(data)
    found = Delta(head[0])
    found.size, found.lines, found.broken_lines, found.other_lines = head[1:]
    found.items = [item if isinstance(item, dict) else _line(item) for item in items]
    return found


def _line(row: tuple[Any, ...]) -> Line:
    line = Line(*row[:6])
    (
        line.branch, line.created_at, line.cwd, line.is_meta, line.is_sidechain, line.is_summary, line.kind,
        line.thread, line.extra, line.readable, (tier, tags, tokens, blocks, extra, prose, detail), statements,
    ) = row[6:]  # fmt: skip
    line.blocks = line.readable
    ready = line.prepared = Prepared(Score(tier, tags, tokens), blocks, extra)
    ready.prose, ready.detail = prose, detail
    ready.statements = [_statement(one) for one in statements] if statements is not None else None
    return line


def _statement(fields: tuple[Any, ...]) -> Statement:
    found = Statement.__new__(Statement)
    for name, value in zip(Statement.__slots__, fields, strict=True):
        setattr(found, name, value)
    return found


def read_packed(stretch: Stretch, redacting: bool) -> bytes:
    """Read a stretch in another process."""
    return packed(read(stretch, redacting))


def begin() -> None:
    """Make a process one that reads ahead: an interrupt is its parent's business, and it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)  # hooks come first: somebody waits for them
    gc.disable()  # what is decoded holds no cycles, and is gone with its stretch
    parent = parent_process()
    if parent is None:
        return

    def leave() -> None:
        pipes.wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=leave, daemon=True).start()


def processes() -> int:
    """Return how many processes may read beside the one that writes."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable - 1, PROCESSES_MAX)


class Ahead:
    """Gives stretches of files in order, those that other processes have read ready for the store."""

    def __init__(self, stretches: list[Stretch], redacting: bool) -> None:
        self.redacting = redacting
        self.left = deque(stretches)
        self.planned = Counter(one.path for one in stretches)
        self.window: deque[tuple[Stretch, Future[bytes] | Delta | None]] = deque()
        self.pool: ProcessPoolExecutor | None = None
        self.own = OWN_STRETCHES
        self.switch_before = sys.getswitchinterval()

    def __enter__(self) -> Ahead:
        size = sum(one.end - one.start for one in self.left)
        if size >= WORTH_BYTES and processes() > 0:
            try:
                self.pool = ProcessPoolExecutor(processes(), get_context("spawn"), begin)
                sys.setswitchinterval(SWITCH_SECONDS)
            except (OSError, ImportError, ValueError):  # a system without semaphores
                self.pool = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.setswitchinterval(self.switch_before)
        if self.pool is not None:
            self.pool.shutdown(wait=False, cancel_futures=True)

    def is_ready(self) -> bool:
        """Tell whether the next stretch can be had without waiting for another process."""
        next_one = self.window[0][1] if self.window else None
        return not isinstance(next_one, Future) or next_one.done()

    def next_of(self, path: str) -> Delta | None:
        """Return what the next stretch of a file holds; None if no more was planned of it, or it must be read anew."""
        while self.planned[path]:
            self._fill()
            stretch, future = self.window.popleft()
            self.planned[stretch.path] -= 1
            if stretch.path != path:  # what is left of a file that had its end sooner than it was planned
                continue
            found = self._result(stretch, future)
            if found is None or found.size:  # one long line fills whole stretches, in which none begins
                return found
        return None

    def help(self) -> bool:
        """Read a stretch here that nobody has begun with; False if the others are well ahead, or at all of them."""
        self._fill()
        done = sum(not isinstance(future, Future) or future.done() for _, future in self.window)
        return done <= AHEAD_MAX // 2 and self._read_waiting()

    def _read_waiting(self) -> bool:
        for place in range(len(self.window) - 1, -1, -1):
            stretch, future = self.window[place]
            if isinstance(future, Future) and future.cancel():
                self.window[place] = (stretch, read(stretch, self.redacting))
                return True
        return False

    def _fill(self) -> None:
        while self.left and len(self.window) < AHEAD_MAX:
            stretch = self.left.popleft()
            future: Future[bytes] | None = None
            if self.own > 0:
                self.own -= 1
            elif self.pool is not None:
                try:
                    future = self.pool.submit(read_packed, stretch, self.redacting)
                except (BrokenProcessPool, RuntimeError, OSError):
                    self.pool = None
            self.window.append((stretch, future))

    def _result(self, stretch: Stretch, future: Future[bytes] | Delta | None) -> Delta | None:
        """Return what a stretch holds; instead of waiting for it, read one here that nobody has begun with."""
        if isinstance(future, Delta):
            return future
        while future is not None and not future.done() and self._read_waiting():
            pass
        if future is not None and not future.cancel():
            try:
                return unpacked(future.result())
            except (BrokenProcessPool, OSError, EOFError, MemoryError):
                self.pool = None
        return read(stretch, self.redacting)
