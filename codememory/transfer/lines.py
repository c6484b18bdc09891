"""The lines of an export: one JSON object each, told apart by `type`; things name each other by global ids only."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec

from codememory import wire

FORMAT = "codememory-export"
VERSION = 1
"""A reader refuses a newer one. Fields may be added within a version: what is unknown is skipped."""

Id = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
"""16 bytes: a uid or key of the database, in hexadecimal digits."""

Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A count, or a time in UTC milliseconds."""


class Line(msgspec.Struct, omit_defaults=True):
    """What every line has: its type."""


class Header(Line, tag="header"):
    """The first line."""

    format: str
    version: int
    scope: str = "all"  # all, project, memories
    program: str = ""


class End(Line, tag="end"):
    """The last line: without it the file was cut off."""

    lines: Number


class Tombstone(Line, tag="tombstone"):
    """A memory (by its uid) or session (by a hash) that was forgotten, with everything of that time or before."""

    kind: str
    key: Id
    at: Number


class Project(Line, tag="project"):
    """A project with the names it is known by: [kind, value], kind being remote, commit, uid, repository or folder."""

    id: Id
    name: str
    root: str
    aliases: list[tuple[str, str]]
    created_at: Number


class Session(Line, tag="session"):
    """A session, by the client's own id."""

    id: str
    project: Id
    started_at: Number
    last_at: Number
    boundaries: Number = 0
    compactions: Number = 0
    compacted_at: Number = 0


class Transcript(Line, tag="transcript"):
    """A transcript file, and the bytes of it that are taken in."""

    path: str
    session: str | None = None
    agent: str = ""
    consumed: Number = 0


class Message(Line, tag="message"):
    """A message, at its place in a session: lines of one session follow each other in the session's order."""

    id: Id
    session: str
    home: str  # the session it came to first, where its calls are recorded
    role: str
    kind: str
    tier: str
    tokens: Number
    created_at: Number
    path: str
    offset: Number
    bytes: Number
    blocks: Any  # a list
    extra: Any = None
    uuid: str | None = None
    thread: str = ""
    agent: str = ""
    tags: str = ""


class Member(Line, tag="member"):
    """A message of an earlier line in one more session: a fork, or a resumed copy."""

    session: str
    message: Id
    thread: str = ""


class Call(Line, tag="call"):
    """A tool call."""

    session: str
    id: str
    tool: str
    called_at: Number
    outcome: str
    agent: str = ""
    command: str | None = None
    command_key: str | None = None
    file: str | None = None
    edit: str | None = None
    target: str | None = None
    exit_code: Number | None = None
    ended_at: Number | None = None
    message: Id | None = None
    result: Id | None = None


class Delegation(Line, tag="delegation"):
    """A task handed to a subagent."""

    session: str
    id: str
    agent_type: str
    prompt: str
    asked_at: Number
    agent: str | None = None


class Summary(msgspec.Struct, omit_defaults=True):
    """A summary of a session; `first` and `last` are the messages at the ends of what it covers."""

    id: Id
    kind: str
    method: str
    depth: Number
    first: Id
    last: Id
    source_tokens: Number
    tokens: Number
    text: str
    created_at: Number
    thread: str = ""
    parent: Id | None = None


class Summaries(Line, tag="summaries"):
    """All of a session's summaries: one store's partition takes the place of another's only as a whole.

    `forgotten` is a hash of the forgotten messages that the texts were written without.
    """

    session: str
    of: list[Summary]
    client: list[Summary]
    forgotten: str = ""


class Event(msgspec.Struct, omit_defaults=True):
    """A step in a memory's life."""

    id: Id
    verb: str
    at: Number
    actor: str
    detail: dict[str, Any] = {}


class Failure(msgspec.Struct, omit_defaults=True):
    """What makes a failure recognisable."""

    signature: str
    kind: str
    first_at: Number
    last_at: Number
    passed_at: Number = 0
    symbol: str | None = None
    contents: str = "{}"


class Attempt(msgspec.Struct, omit_defaults=True):
    """What came of an attempt, against which failure."""

    failure: Id
    session: str
    outcome: str
    check: str
    ended_at: Number


class Node(Line, tag="node"):
    """A memory; its status follows from its events. `trust` is what it was given at its beginning."""

    id: Id
    kind: str
    project: Id
    content: str
    confidence: float
    origin: str
    trust: str
    created_at: Number
    updated_at: Number
    events: list[Event]
    also: list[Id] = []
    session: str | None = None
    details: dict[str, Any] = {}
    branch: str = ""
    head: str = ""
    tags: list[tuple[str, str, float]] = []
    evidence: list[str] = []
    failure: Failure | None = None
    attempt: Attempt | None = None


class Occurrence(Line, tag="occurrence"):
    """One time a failure happened."""

    failure: Id
    session: str
    call: str
    ordinal: Number
    at: Number
    branch: str = ""
    head: str = ""


class Relation(Line, tag="relation"):
    """A link between two memories."""

    node: Id
    kind: str
    other: Id
    created_at: Number


class Pending(Line, tag="pending"):
    """A change of status that waits for a decision, or waited."""

    id: Id
    node: Id
    status: str
    reason: str
    evidence: str
    created_at: Number
    state: str = "open"
    decided_at: Number | None = None


AnyLine = (
    Header | End | Tombstone | Project | Session | Transcript | Message | Member | Call | Delegation | Summaries
    | Node | Occurrence | Relation | Pending
)  # fmt: skip


def written(line: AnyLine) -> bytes:
    """Return a line as the file holds it, with its end."""
    try:
        return msgspec.json.encode(line) + b"\n"
    except (UnicodeEncodeError, ValueError):  # a lone surrogate, which JSON can only hold escaped
        return json.dumps(msgspec.to_builtins(line), ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def read(data: bytes) -> AnyLine:
    """Return what a line of a file says; the text fields fit columns.

    Raises:
        ValueError: It is broken, of no known type, or lacks a field; the text says which.

    """
    value = wire.decoded(data.decode("utf-8", "strict"))
    try:
        found: AnyLine = msgspec.convert(value, AnyLine)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return found


def raw_json(text: str) -> Any:
    """Return stored JSON as part of a line, as it stands unless that is no UTF-8."""
    try:
        return msgspec.Raw(text.encode("utf-8"))
    except UnicodeEncodeError:
        return msgspec.Raw(json.dumps(wire.decoded(text), ensure_ascii=True, separators=(",", ":")).encode())
