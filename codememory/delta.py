"""Read a stretch of a transcript: what it holds, in order, before anything of it is stored. No database."""

from __future__ import annotations

from codememory import redact, tool_lines, transcript, wire
from codememory.codec import packed_bytes
from codememory.score import scored
from codememory.store import search, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from codememory.extract.calls import Call
    from codememory.extract.statements import Statement
    from codememory.score import Score
    from codememory.tool_lines import Result, Task
    from codememory.transcript import Line


class Delta:
    """Whole lines of a transcript from byte `start` on, `size` bytes of them.

    `items` are conversation lines, and decoded lines of other types that tell something.
    """

    __slots__ = ("broken_lines", "items", "lines", "other_lines", "rest", "size", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.size = self.lines = self.broken_lines = self.other_lines = 0
        self.items: list[Line | dict[str, Any]] = []
        self.rest: Delta | None = None
        """What was cut off."""

    def states_something(self) -> bool:
        """Tell whether a line that is ready holds what is meant to last, or the user's word that something works."""
        ready = [one.prepared for one in self.items if not isinstance(one, dict) and one.prepared is not None]
        return any(one.is_verdict or one.statements for one in ready)

    def cut(self, count: int, offset: int) -> None:
        """Keep so many items and leave what begins at byte `offset` to another delta, the counts of lines with it."""
        rest = self.rest = Delta(offset)
        rest.size, self.size = self.start + self.size - offset, offset - self.start
        rest.items, self.items = self.items[count:], self.items[:count]
        rest.lines, rest.broken_lines, rest.other_lines = self.lines, self.broken_lines, self.other_lines
        self.lines = self.broken_lines = self.other_lines = 0


def read(
    data: bytes,
    start: int,
    session: str,
    agent: str,
    decoded: Callable[[bytes], list[Any]] = transcript.decoded,
    met: Callable[[Line], None] | None = None,
) -> Delta:
    """Read the lines of `data`, which begins at byte `start`; a last line that is half written is left.

    `met` is called with each conversation line before the next one is decoded.
    """
    found = Delta(start)
    found.size = len(data)
    for offset, raw, ended in transcript.complete_lines(data, start):
        try:
            values = decoded(raw)
        except ValueError:
            if not ended:
                found.size = offset - start
                break
            values = [None]
        found.lines += bool(values)  # none: it is blank, or the end of a line that was taken without it
        for value in values:
            line = _read_value(value, len(raw), offset, session, agent, found)
            if line is not None and met is not None:
                met(line)
    return found


def _read_value(value: object, size: int, offset: int, session: str, agent: str, found: Delta) -> Line | None:
    if not isinstance(value, dict):
        found.broken_lines += 1
        return None
    line = transcript.conversation_line(value, session, agent, offset, size)
    if line is not None:
        found.items.append(line)
        return line
    found.other_lines += 1
    if transcript.is_boundary(value) or transcript.is_delivery(value):
        found.items.append(value)
    return None


class Prepared:
    """All of a line's way to the store that takes no look at the store: it can be gone in another process."""

    __slots__ = (
        "asked", "blocks", "detail", "extra", "is_verdict", "only_tools", "prose", "results", "score", "statements",
        "tasks",
    )  # fmt: skip

    score: Score

    def __init__(self, blocks: tuple[int, bytes], extra: tuple[int, bytes | None]) -> None:
        self.blocks, self.extra = blocks, extra
        self.prose = self.detail = ""
        self.asked: list[Call] = []
        self.tasks: list[Task] = []
        self.results: list[Result] = []
        self.only_tools = False
        """All that stands in it is calls, or results."""
        self.is_verdict = False
        """The user says that something works now."""
        self.statements: list[Statement] = []


def redact_line(line: Line) -> None:
    """Take the secrets out of a line.

    Raises:
        ValueError: It nests too deep to be looked through, as does RecursionError; or a rule of ours is at fault.

    """
    redact_lines([line])


def redact_lines(lines: list[Line]) -> None:
    """Take the secrets out of lines, as `redact_line` does."""
    more = [line for line in lines if line.extra is not None]
    try:
        found = redact.redacted_values([*(line.blocks for line in lines), *(line.extra for line in more)])
    except (LookupError, TypeError, AttributeError) as error:
        # A fault of ours must neither stop a transcript for good nor let through what nobody looked at.
        raise ValueError(f"It could not be looked through for secrets: {error!r}.") from error
    for line, blocks in zip(lines, found, strict=False):
        line.blocks = blocks
    for line, extra in zip(more, found[len(lines) :], strict=True):
        line.extra = extra


def written(value: object) -> bytes:
    """Return a decoded value as it is stored.

    Raises:
        ValueError: It nests too deep.

    """
    return wire.to_bytes(wire.encoded(value))


def pack(line: Line, written: Callable[[object], bytes]) -> None:
    """Write a redacted line down as it is stored.

    Raises:
        ValueError: It nests too deep to be written.

    """
    blocks = written(line.blocks)
    line.readable = wire.storable_value(line.blocks) if wire.holds_unstorable(blocks) else line.blocks
    extra = packed_bytes(written(line.extra)) if line.extra is not None else (0, None)
    line.prepared = Prepared(packed_bytes(blocks), extra)


def weigh(line: Line) -> None:
    """Score a line that is packed."""
    ready_of(line).score = scored(line.role, line.readable, line.is_meta, line.is_summary, line.is_sidechain)


def cut_into_words(line: Line) -> None:
    """Cut a line that is packed into words for the index."""
    found = ready_of(line)
    prose, detail = search.prose_and_detail(line.readable)
    found.prose, found.detail = words.indexable(prose), words.indexable(detail)


def take_apart(line: Line) -> None:
    """See what a line that is packed asks of tools, and tells of them."""
    if line.kind not in ("call", "result"):
        return
    found = ready_of(line)
    if line.kind == "call":
        found.asked = tool_lines.asked_in(line)
        found.tasks = tool_lines.tasks_in(line, found.asked)
    else:
        found.results = tool_lines.results_in(line)
    blocks = len([block for block in line.blocks if isinstance(block, dict)])
    found.only_tools = blocks <= (len(found.asked) or len(found.results))


def ready_of(line: Line) -> Prepared:
    """Return what a line was made into."""
    assert line.prepared is not None
    return line.prepared


def payloads(line: Line) -> tuple[tuple[int, bytes], tuple[int, bytes | None]]:
    """Return (codec, payload) of a line's blocks and of what its result says beyond them."""
    if line.prepared is not None:
        return line.prepared.blocks, line.prepared.extra
    extra = packed_bytes(written(line.extra)) if line.extra is not None else (0, None)
    return packed_bytes(written(line.blocks)), extra
