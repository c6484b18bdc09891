"""The JSON payload that `mark --stdin` reads."""

from __future__ import annotations

import msgspec

from codememory import marking
from codememory.errors import PayloadError

BYTES_MAX = 1_000_000


class Payload(msgspec.Struct):
    """What `mark --stdin` reads."""

    decision: str = ""
    requirement: str = ""
    task: str = ""
    kind: str = ""
    rationale: str = ""
    details: str = ""
    alternatives_rejected: list[str] | str = []
    acceptance_criteria: list[str] | str = []
    files: list[str] = []
    globs: list[str] = []
    supersedesNodeId: str | None = None  # noqa: N815 - the payload's own names
    sourceToolUseId: str | None = None  # noqa: N815


def fill(wanted: marking.Mark, data: bytes) -> None:
    """Take what a JSON payload says; an option given beside it stays where the payload says nothing."""
    try:
        payload = msgspec.json.decode(data, type=Payload)
    except msgspec.DecodeError as error:
        raise PayloadError(f"The payload on standard input cannot be used: {error}.") from error
    wanted.text = payload.decision or payload.requirement or payload.task or wanted.text
    wanted.rationale = payload.rationale or wanted.rationale
    wanted.details = payload.details or wanted.details
    wanted.alternatives_rejected = _list(payload.alternatives_rejected) or wanted.alternatives_rejected
    wanted.acceptance_criteria = _list(payload.acceptance_criteria) or wanted.acceptance_criteria
    wanted.files, wanted.globs = payload.files or wanted.files, payload.globs or wanted.globs
    wanted.supersedes = payload.supersedesNodeId or wanted.supersedes
    wanted.tool_use_id = payload.sourceToolUseId or wanted.tool_use_id


def _list(value: list[str] | str) -> list[str]:
    return [value] if isinstance(value, str) and value else list(value)
