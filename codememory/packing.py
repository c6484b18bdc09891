"""What was read of a transcript as bytes, for another process: all that the writing one needs of it, and no more."""

from __future__ import annotations

import marshal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from codememory.delta import Delta, Prepared
from codememory.extract.calls import INTERRUPTED_START, SHELL_TOOLS, Call
from codememory.extract.signature import may_tell
from codememory.extract.statements import Statement
from codememory.score import Score
from codememory.transcript import Line

if TYPE_CHECKING:
    from codememory.tool_lines import Result

MARSHAL_VERSION = 2  # without a table of what was met before, which costs more than it saves here

EXTRA_READ = ("agentId", "interrupted", "returnCodeInterpretation")
"""Of what a result says beyond itself, what is looked at; all of it is packed already."""

_line_fields = attrgetter(
    "key", "odd_uuid", "session", "role", "offset", "bytes", "branch", "created_at", "cwd", "is_meta", "is_sidechain",
    "is_summary", "kind", "thread",
)  # fmt: skip
_prepared_fields = attrgetter("blocks", "extra", "prose", "detail", "tasks", "only_tools", "is_verdict")
_call_fields = attrgetter(
    "tool_use_id", "tool", "agent", "called_at", "command", "command_key", "file", "edit", "target"
)
_statement_fields = attrgetter(*Statement.__slots__)


def packed(found: Delta | None) -> bytes:
    """Return a delta as bytes; nothing if there is none, or none that could be written down."""
    if found is None:
        return b""
    tools: dict[str, str] = {}
    items = [item if isinstance(item, dict) else _row(item, tools) for item in found.items]
    head = (found.start, found.size, found.lines, found.broken_lines, found.other_lines)
    try:
        return marshal.dumps((head, items), MARSHAL_VERSION)
    except ValueError:
        return b""


def _row(line: Line, tools: dict[str, str]) -> tuple[Any, ...]:
    """Return what the writing process needs of a line; `tools` are those that earlier lines called, by their calls."""
    ready = line.prepared
    assert ready is not None
    for call in ready.asked:
        tools[call.tool_use_id] = call.tool
    return (
        *_line_fields(line),
        {name: line.extra[name] for name in EXTRA_READ if name in line.extra} if line.extra else None,
        (ready.score.tier, ready.score.tags, ready.score.tokens),
        *_prepared_fields(ready),
        [_call_fields(one) for one in ready.asked],
        [_told(one, tools) for one in ready.results],
        [_statement_fields(one) for one in ready.statements],
    )


def _told(result: Result, tools: dict[str, str]) -> Result:
    """Return a result, without its output if nobody would find anything in it."""
    tool_use_id, is_error, output = result
    if is_error or output.startswith(INTERRUPTED_START):
        return result
    is_read = tools.get(tool_use_id, "Bash") in SHELL_TOOLS and may_tell(output)
    return result if is_read else (tool_use_id, False, "")


def unpacked(data: bytes | bytearray) -> Delta | None:
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
        line.thread, line.extra, score,
    ) = row[6:16]  # fmt: skip
    ready = line.prepared = Prepared(*row[16:18])
    ready.score = Score(*score)
    ready.prose, ready.detail, ready.tasks, ready.only_tools, ready.is_verdict, asked, ready.results, stated = row[18:]
    ready.asked = [Call(*one) for one in asked]
    ready.statements = [_statement(one) for one in stated]
    return line


def _statement(fields: tuple[Any, ...]) -> Statement:
    found = Statement.__new__(Statement)
    for name, value in zip(Statement.__slots__, fields, strict=True):
        setattr(found, name, value)
    return found
