"""Read transcripts ahead of their ingest, in processes beside the one that writes.

Most of an ingest takes no look at the store: decoding, redacting, scoring, packing, cutting into words. It is the same
work whoever does it (`intake.make_ready`), so a process that dies or cannot be started costs time, nothing else.
"""

from __future__ import annotations

from collections import Counter, deque
from types import TracebackType
from typing import TYPE_CHECKING

from codememory import reader
from codememory.packing import unpacked
from codememory.stretch import Stretch, read

if TYPE_CHECKING:
    from codememory.delta import Delta

AHEAD_MAX = 24
"""Stretches read or being read at a time, which bounds the memory."""


class Wanted:
    """A stretch that is wanted soon: by whom it is being read, or what it was found to hold."""

    __slots__ = ("found", "is_read", "reader", "stretch")

    def __init__(self, stretch: Stretch) -> None:
        self.stretch = stretch
        self.reader: reader.Reader | None = None
        self.is_read = False
        self.found: Delta | None = None


class Ahead:
    """Gives stretches of files in order, those that other processes have read ready for the store."""

    def __init__(self, stretches: list[Stretch], redacting: bool) -> None:
        self.redacting = redacting
        self.left = deque(stretches)
        self.planned = Counter(one.path for one in stretches)
        self.starts = {one.path: one.start for one in reversed(stretches)}
        self.window: deque[Wanted] = deque()
        self.readers: list[reader.Reader] = []

    def __enter__(self) -> Ahead:
        if sum(one.end - one.start for one in self.left) >= reader.WORTH_BYTES:
            try:
                for _ in range(reader.processes()):
                    self.readers.append(reader.started())
            except (OSError, ValueError):  # as many as can be had
                pass
        reader.end_early()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self.readers:
            each.end()

    def is_ready(self) -> bool:
        """Tell whether the next stretch can be had at once: nobody has to read it first."""
        self._fill()
        return self.window[0].is_read if self.window else True

    def next_of(self, path: str, taken: int) -> Delta | None:
        """Return what comes next in a file of which so many bytes were taken; None if that is not planned, or odd."""
        offset = self.starts.get(path, 0) + taken
        while self.planned[path]:
            self._fill()
            one = self.window[0]
            if one.stretch.path == path and one.stretch.start > offset:
                return None
            # Another one is what is left of a file that had its end sooner than it was planned.
            is_wanted = one.stretch.path == path and one.stretch.start == offset
            if is_wanted or one.reader is not None:
                self._read(one)
            self.window.popleft()
            self.planned[one.stretch.path] -= 1
            if is_wanted:
                return one.found
        return None

    def help(self) -> bool:
        """Read a stretch here that nobody has begun with; False if there is none, or enough is read already."""
        self._fill()
        return sum(one.is_read for one in self.window) <= AHEAD_MAX // 2 and self._read_waiting()

    def _read(self, one: Wanted) -> None:
        """Have a stretch read; instead of waiting for it, read one here that nobody has begun with."""
        while one.reader is not None and not one.reader.is_ready() and self._read_waiting():
            self._fill()
        if one.reader is not None:
            self._take(one.reader, one)
        if not one.is_read:
            one.found, one.is_read = read(one.stretch, self.redacting), True

    def _read_waiting(self) -> bool:
        for one in reversed(self.window):
            if not one.is_read and one.reader is None:
                one.found, one.is_read = read(one.stretch, self.redacting), True
                return True
        return False

    def _fill(self) -> None:
        while self.left and len(self.window) < AHEAD_MAX:
            self.window.append(Wanted(self.left.popleft()))
        for each in self.readers:
            for one in [one for one in self.window if one.reader is each]:
                if not each.is_ready():  # what is ready a moment later is the answer to this one, to no later one
                    break
                self._take(each, one)
            for one in self.window:
                if not one.is_read and one.reader is None:
                    if not each.order(one.stretch, self.redacting):
                        break
                    one.reader = each

    def _take(self, reader: reader.Reader, one: Wanted) -> None:
        """Take what another process has read, its oldest order; if it is gone, so is all that it was to read."""
        data = reader.answer()
        if data is not None:
            one.found, one.is_read, one.reader = unpacked(data), True, None
            return
        for other in self.window:
            if other.reader is reader:
                other.reader = None
