"""Read a stretch of a transcript and make its lines ready for the store, as fast as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypedDict, Union

import msgspec

from codememory import codec, delta, transcript
from codememory.intake import stages

try:
    from isal import isal_zlib
except ImportError:  # not made for every kind of machine
    pass
else:
    codec.compress_with(lambda data: isal_zlib.compress(data, ISAL_LEVEL))

if TYPE_CHECKING:
    from collections.abc import Callable

    from codememory.delta import Delta
    from codememory.transcript import Line

STRETCH_BYTES = 1_000_000
"""Read at once: four times as many gained nothing more, a third of it took 8% longer."""

LINE_BYTES_MAX = 8_000_000
"""A longer line is left to the writing process: three of them at once would be too much."""

ISAL_LEVEL = 2
"""A third of zlib's time at its level 1, and what comes out is no larger, measured on real transcripts."""

Plain = Union[str, int, float, bool, list[Any], None]  # noqa: UP007 - read by msgspec while the program runs


class Message(TypedDict, total=False):
    """What is read of a line's `message`."""

    content: Any


class Result(TypedDict, total=False):
    """What is read of a line's `toolUseResult`."""

    structuredPatch: Any
    interrupted: Any
    returnCodeInterpretation: Any
    agentId: Any
    stdout: Any
    stderr: Any


class Attachment(TypedDict, total=False):
    """What is read of the client's record of an injection."""

    type: Any
    hookEvent: Any
    content: Any


class Value(TypedDict, total=False):
    """What is read of a line; over the rest of it, which is most, the decoder only passes."""

    type: Any
    subtype: Any
    uuid: Any
    sessionId: Any
    agentId: Any
    isSidechain: Any
    isMeta: Any
    isCompactSummary: Any
    isVisibleInTranscriptOnly: Any
    isApiErrorMessage: Any
    origin: Any
    cwd: Any
    gitBranch: Any
    timestamp: Any
    message: Message | Plain
    toolUseResult: Result | Plain
    attachment: Attachment | Plain


class Stretch(NamedTuple):
    """The lines of a file from byte `start` to byte `end`; a line begins at both."""

    path: str
    session: str
    agent: str
    start: int
    end: int


class Json:
    """Decodes lines as `transcript.decoded` does, faster; what it refuses goes the slow way.

    The fast encoder writes neither a number with a fraction as `delta.written` does, nor what only the slow decoder
    takes.
    """

    def __init__(self) -> None:
        self.decode = msgspec.json.Decoder(Value, float_hook=self._fraction).decode
        self.encode = msgspec.json.Encoder().encode
        self.is_plain = True

    def _fraction(self, text: str) -> float:
        self.is_plain = False
        return float(text)

    def decoded(self, raw: bytes) -> list[Any]:
        """Return the JSON values of one line, of an object only the fields that are read.

        Raises:
            ValueError: The line is broken.

        """
        self.is_plain = True
        try:
            return [self.decode(raw)]
        except (ValueError, RecursionError):  # strict: no second value, NaN, lone surrogate, byte order mark
            self.is_plain = False
            return transcript.decoded(raw)

    @property
    def written(self) -> Callable[[object], bytes]:
        """What writes a value of the line decoded last as it is stored."""
        return self.encode if self.is_plain else delta.written


_json = Json()


def stretches_of(path: str, session: str, agent: str, start: int, end: int) -> list[Stretch]:
    """Cut a file, from a line's beginning on and up to byte `end`, into stretches of whole lines.

    Raises:
        OSError: It cannot be read.

    """
    found = []
    with open(path, "rb") as file:
        while start < end:
            stop = start + STRETCH_BYTES
            stop = min(_line_end(file, stop - 1), end) if stop < end else end
            found.append(Stretch(path, session, agent, start, stop))
            start = stop
    return found


def _line_end(file: BinaryIO, offset: int) -> int:
    """Return where the line ends that byte `offset` is in."""
    file.seek(offset)
    while piece := file.readline(STRETCH_BYTES):
        offset += len(piece)
        if piece.endswith(b"\n"):
            break
    return offset


def read(stretch: Stretch, redacting: bool) -> Delta | None:
    """Read a stretch and make its lines ready for the store; None if it is too odd or too long, or the file is gone."""
    size = stretch.end - stretch.start
    if size > STRETCH_BYTES + LINE_BYTES_MAX:
        return None
    json = _json
    lines: dict[Callable[[object], bytes], list[Line]] = {json.encode: [], delta.written: []}

    def sort(line: Line) -> None:
        lines[json.written].append(line)

    try:
        with open(stretch.path, "rb", buffering=0) as file:
            file.seek(stretch.start)
            data = file.read(size)
        found = delta.read(data, stretch.start, stretch.session, stretch.agent, json.decoded, sort)
        # One stage for all lines before the next: what it needs stays in the processor's cache, which saves a sixth.
        for written, alike in lines.items():
            if redacting:
                delta.redact_lines(alike)
            for stage in stages(False, written):
                for line in alike:
                    stage(line)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return found
