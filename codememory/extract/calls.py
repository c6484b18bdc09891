"""Tool calls in a conversation: what was asked, of what, and how it ended."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SHELL_TOOLS = frozenset(("Bash", "PowerShell"))
EDIT_TOOLS = frozenset(("Edit", "Write", "MultiEdit", "NotebookEdit"))
DELEGATION_TOOLS = frozenset(("Task", "Agent"))

COMMAND_CHARS_MAX = 2_000
EDIT_CHARS_MAX = 2_000

RUNNING, OK, FAILED, REFUSED, INTERRUPTED = "running", "ok", "failed", "refused", "interrupted"


INTERRUPTED_START = "[Request interrupted by user"


class Call:
    """A tool call as asked."""

    __slots__ = ("agent", "called_at", "command", "command_key", "edit", "file", "target", "tool", "tool_use_id")

    def __init__(
        self,
        tool_use_id: str,
        tool: str,
        agent: str,
        called_at: int,
        command: str | None = None,
        command_key: str | None = None,
        file: str | None = None,
        edit: str | None = None,
        target: str | None = None,
    ) -> None:
        self.tool_use_id, self.tool, self.agent, self.called_at = tool_use_id, tool, agent, called_at
        self.command, self.command_key, self.file, self.edit, self.target = command, command_key, file, edit, target


def asked(tool_use_id: str, tool: str, given: dict[str, Any], *, agent: str = "", at: int = 0) -> Call:
    """Return the call that a tool's name and input stand for, its file as it was written."""
    call = Call(tool_use_id, tool, agent, at)
    command = given.get("command")
    if tool in SHELL_TOOLS and isinstance(command, str):
        from codememory.extract.command import normalised_command

        call.command, call.command_key = command[:COMMAND_CHARS_MAX], normalised_command(command)
    path = given.get("file_path") or given.get("notebook_path")
    if isinstance(path, str):
        call.file = path
    if tool in EDIT_TOOLS:
        call.edit = edit_text(given)
    return call


def call_of(
    tool_use_id: str, tool: str, given: dict[str, Any], *, root: str, cwd: str, agent: str = "", at: int = 0
) -> Call:
    """Return the call that a tool's name and input stand for, its file relative to `root`."""
    call = asked(tool_use_id, tool, given, agent=agent, at=at)
    if call.file is not None:
        call.file = relative(call.file, root, cwd)
    return call


def task_of(given: dict[str, Any]) -> tuple[str, str] | None:
    """Return (the kind of subagent, its task) that the input of a delegation tool names."""
    kind, prompt = given.get("subagent_type"), given.get("prompt")
    if not isinstance(prompt, str):
        return None
    return kind if isinstance(kind, str) else "", prompt


def relative(path: str, root: str, cwd: str) -> str:
    """Return a path relative to the root where it lies inside, else absolute: `./x` and `/root/x` are one file."""
    whole = os.path.normpath(os.path.join(cwd or root or "/", path))
    inside = root.rstrip("/\\")
    if inside and whole.startswith(inside) and whole[len(inside) : len(inside) + 1] in ("/", "\\"):
        return whole[len(inside) + 1 :].replace("\\", "/")
    return whole


def edit_text(given: dict[str, Any]) -> str:
    """Return an edit's change as lines with - and +, within `EDIT_CHARS_MAX`; a whole new file as + lines."""
    edits = given.get("edits")
    pairs = edits if isinstance(edits, list) else [given]
    lines: list[str] = []
    for pair in pairs:
        if not isinstance(pair, dict):
            continue
        old = pair.get("old_string") or ""
        new = pair.get("new_string") or pair.get("content") or pair.get("new_source") or ""
        if isinstance(old, str) and isinstance(new, str):
            removed, added = _changed_lines(old.splitlines(), new.splitlines())
            lines += ["- " + line for line in removed[:EDIT_CHARS_MAX]]
            lines += ["+ " + line for line in added[:EDIT_CHARS_MAX]]
    return shortened("\n".join(lines), EDIT_CHARS_MAX)


def _changed_lines(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines that only one of two texts has, in order; both whole where only their order differs."""
    if not old:
        return old, new
    kept: dict[str, int] = {}
    for line in new:
        kept[line] = kept.get(line, 0) + 1
    removed = []
    for line in old:
        if kept.get(line, 0):
            kept[line] -= 1
        else:
            removed.append(line)
    spare: dict[str, int] = {}
    for line in old:
        spare[line] = spare.get(line, 0) + 1
    added = []
    for line in new:
        if spare.get(line, 0):
            spare[line] -= 1
        else:
            added.append(line)
    return (removed, added) if removed or added or old == new else (old, new)


def shortened(edit: str, chars_max: int) -> str:
    """Cut an edit to a size so that what was added is kept before what was removed."""
    if len(edit) <= chars_max:
        return edit
    removed = "\n".join(line for line in edit.split("\n") if not line.startswith("+"))
    added = "\n".join(line for line in edit.split("\n") if line.startswith("+"))
    if not added or not removed:
        return edit[:chars_max]
    room_for_removed = max(chars_max // 3, chars_max - len(added) - 1)
    removed = removed[:room_for_removed]
    return f"{removed}\n{added[: chars_max - len(removed) - 1]}"


def undoes(later: str, earlier: str) -> bool:
    """Tell whether an edit takes back another: what one added the other removes, and the reverse."""
    if not later or not earlier:
        return False
    removed, added = _sides(later)
    removed_before, added_before = _sides(earlier)
    return bool(added) and removed == added_before and added == removed_before


def _sides(edit: str) -> tuple[list[str], list[str]]:
    lines = edit.split("\n")
    removed = [line[2:].strip() for line in lines if line.startswith("-")]
    return removed, [line[2:].strip() for line in lines if line.startswith("+")]


def outcome_of(output: str, is_error: bool, interrupted: bool = False) -> tuple[str, int | None]:
    """Return (outcome, exit code if known) of a tool result."""
    if interrupted or output.startswith(INTERRUPTED_START):
        return INTERRUPTED, None
    if not is_error:
        return OK, 0
    from codememory.extract.outcome import refused, unwrapped

    text, exit_code = unwrapped(output)
    return (REFUSED, None) if refused(text) else (FAILED, exit_code)
