"""What a conversation line asks of tools, and what it tells of how calls ended: as far as the line alone says it."""

from __future__ import annotations

from codememory.extract import calls as wording
from codememory.score import exploration_target
from codememory.transcript import result_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codememory.extract.calls import Call
    from codememory.transcript import Line

    Task = tuple[str, str, str]
    """By which call, to which kind of subagent, and what."""

    Result = tuple[str, bool, str]
    """Of which call, whether the client calls it an error, and the output."""


def asked_in(line: Line) -> list[Call]:
    """Return the calls that a line asks for, their files as the model wrote them."""
    found = []
    for block, given in _calls(line):
        call = wording.asked(block["id"], block["name"], given, agent=line.thread, at=line.created_at)
        call.target = exploration_target(block)
        found.append(call)
    return found


def tasks_in(line: Line, asked: list[Call]) -> list[Task]:
    """Return the tasks that a line, which asks for these calls, hands to subagents."""
    if not any(call.tool in wording.DELEGATION_TOOLS for call in asked):
        return []
    return [
        (block["id"], *task)
        for block, given in _calls(line)
        if block["name"] in wording.DELEGATION_TOOLS and (task := wording.task_of(given))
    ]


def results_in(line: Line) -> list[Result]:
    """Return how calls ended that a line tells of."""
    return [
        (tool_use_id, block.get("is_error") is True, result_text(block))
        for block in line.readable
        if isinstance(block, dict)
        and block.get("type") == "tool_result"
        and isinstance(tool_use_id := block.get("tool_use_id"), str)
    ]


def _calls(line: Line) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the blocks of a line that call tools, each with what the tool is given."""
    return [
        (block, given)
        for block in line.readable
        if isinstance(block, dict)
        and block.get("type") == "tool_use"
        and isinstance(block.get("id"), str)
        and isinstance(block.get("name"), str)
        and isinstance(given := block.get("input"), dict)
    ]
