"""Read the client's transcript lines: only the fields used, everything optional, unknown skipped, never an error."""

from __future__ import annotations

from codememory import records, wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from codememory.delta import Prepared

CONVERSATION = ("user", "assistant")

RESULT_FIELDS_KEPT = ("structuredPatch", "interrupted", "returnCodeInterpretation", "agentId")
"""What `toolUseResult` says beyond the tool_result block beside it."""

PREFIX_CHARS_COMPARED = 200

ORIGINS_OF_CLIENT = ("task-notification",)
"""What a user line's `origin` names where nobody typed it."""


class Line:
    """One conversation line."""

    __slots__ = (
        "blocks", "branch", "bytes", "created_at", "cwd", "extra", "is_meta", "is_sidechain", "is_summary", "key",
        "kind", "odd_uuid", "offset", "prepared", "readable", "role", "session", "thread",
    )  # fmt: skip

    blocks: list[Any]
    branch: str
    created_at: int
    cwd: str
    extra: dict[str, Any] | None
    is_meta: bool
    is_sidechain: bool
    is_summary: bool
    kind: str
    prepared: Prepared | None
    readable: list[Any]  # `blocks`, made fit for text columns
    thread: str

    def __init__(self, key: bytes, odd_uuid: str | None, session: str, role: str, offset: int, size: int) -> None:
        self.key, self.odd_uuid, self.session, self.role, self.offset, self.bytes = (
            key, odd_uuid, session, role, offset, size,
        )  # fmt: skip
        self.prepared = None


def complete_lines(data: bytes, start: int) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (offset, line, ended) of the lines in `data`, which begins at byte `start` of the file.

    Only the last one can be without its end: it may be half written.
    """
    position, end = 0, len(data)
    while position < end:
        newline = data.find(b"\n", position)
        if newline < 0:
            yield start + position, data[position:], False
            return
        yield start + position, data[position:newline], True
        position = newline + 1


def decoded(raw: bytes) -> list[Any]:
    """Return the JSON values of one line; none for a blank one.

    Raises:
        ValueError: The line is broken.

    """
    text = wire.from_bytes(raw)
    if text.startswith("\ufeff"):
        text = text[1:]
    return wire.decoded_all(text)


def is_boundary(value: dict[str, Any]) -> bool:
    """Tell whether a line says that the client compacted its context here."""
    return value.get("type") == "system" and value.get("subtype") == "compact_boundary"


def is_delivery(value: dict[str, Any]) -> bool:
    """Tell whether a line is the client's own record of a hook's injection: it proves the delivery."""
    attachment = value.get("attachment")
    return (
        value.get("type") == "attachment"
        and isinstance(attachment, dict)
        and attachment.get("type") == "hook_additional_context"
    )


def conversation_line(value: dict[str, Any], file_session: str, file_agent: str, offset: int, size: int) -> Line | None:
    """Return the conversation line a decoded value stands for, None if it is of another type.

    A message is every `user` or `assistant` line with a `uuid` and a `message`. The session is the line's own, else
    the file's; the thread is the file's subagent, else the line's.
    """
    role = value.get("type")
    given, message = value.get("uuid"), value.get("message")
    if role not in CONVERSATION or not given or message is None:
        return None
    uuid: str = given if isinstance(given, str) else wire.encoded(given)
    content = message.get("content") if isinstance(message, dict) else message
    blocks = _blocks(content)
    named = value.get("sessionId")
    session = wire.storable(named) if isinstance(named, str) and named else file_session
    key = records.uuid_bytes(uuid)
    odd_uuid = None if key is not None and uuid == uuid.lower() else wire.storable(uuid)
    if key is None:
        key = records.key_of("message", session, uuid, wire.encoded(blocks))
    line = Line(key, odd_uuid, session, role, offset, size)
    line.blocks = blocks
    agent = value.get("agentId")
    line.is_sidechain = value.get("isSidechain") is True
    line.is_summary = value.get("isCompactSummary") is True
    line.is_meta = value.get("isMeta") is True or (not line.is_summary and _is_the_clients(value))
    line.thread = file_agent or (wire.storable(agent) if isinstance(agent, str) and line.is_sidechain else "")
    if line.is_sidechain and not line.thread:
        line.thread = "sidechain"
    cwd, branch = value.get("cwd"), value.get("gitBranch")
    line.cwd = wire.storable(cwd) if isinstance(cwd, str) else ""
    line.branch = wire.storable(branch) if isinstance(branch, str) else ""
    line.created_at = records.milliseconds(value.get("timestamp")) or 0
    line.extra = _extra(value.get("toolUseResult"), blocks)
    line.kind = _kind(line)
    return line


def _is_the_clients(value: dict[str, Any]) -> bool:
    """Tell whether the client put a line in the user's or the model's place: an error, a notice, a note to be seen."""
    if value.get("isVisibleInTranscriptOnly") is True or value.get("isApiErrorMessage") is True:
        return True
    origin = value.get("origin")
    return isinstance(origin, dict) and origin.get("kind") in ORIGINS_OF_CLIENT


def _blocks(content: Any) -> list[Any]:
    """Return `message.content` as it came; anything but a list becomes one text block, nothing becomes none."""
    if isinstance(content, list):
        return content
    if content is None:
        return []
    return [{"type": "text", "text": content if isinstance(content, str) else wire.encoded(content)}]


def _kind(line: Line) -> str:
    """Return what a line is; only a `prompt` is the user's own words."""
    if line.is_summary:
        return "summary"
    if line.is_meta:
        return "meta"
    types = [block.get("type") for block in line.blocks if isinstance(block, dict)]  # of any type themselves
    if line.role == "assistant":
        return "call" if "tool_use" in types else "reply"
    if "tool_result" in types:
        return "result"
    return "task" if line.is_sidechain or line.thread else "prompt"


def _extra(result: Any, blocks: list[Any]) -> dict[str, Any] | None:
    """Return what a `toolUseResult` adds to its tool_result block."""
    if not isinstance(result, dict):
        return None
    found = {name: result[name] for name in RESULT_FIELDS_KEPT if result.get(name)}
    shown = None
    for name in ("stdout", "stderr"):
        output = result.get(name)
        if isinstance(output, str) and (bare := output.strip()):
            if shown is None:
                shown = "\n".join(result_text(block) for block in blocks if isinstance(block, dict))
            if bare[:PREFIX_CHARS_COMPARED] not in shown:
                found[name] = output
    return found or None


def result_text(block: dict[str, Any]) -> str:
    """Return the text of a tool_result block, '' for any other."""
    if block.get("type") != "tool_result":
        return ""
    content = block.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(part for part in parts if isinstance(part, str))
    return ""
