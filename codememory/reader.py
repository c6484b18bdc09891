"""A process that reads stretches of transcripts beside the one that writes: orders go in, what was read comes out."""

from __future__ import annotations

import marshal
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING

from codememory import config
from codememory.serving import SIZE_BYTES

if TYPE_CHECKING:
    from codememory.stretch import Stretch

START = "import sys; sys.path[:] = {path!r}; from codememory.serving import serve; serve()"

WORTH_BYTES = 8_000_000
"""Less is taken in before another process has begun."""

PROCESSES_MAX = 3
"""One that writes keeps no more of them busy."""

ORDERS_MAX = 8
"""Given at a time, so that the process has something to do while the other one writes, and moves a long log."""

PIPE_BYTES = 1 << 20
"""What it may be ahead of who takes it; most systems give a pipe less, and it waits the sooner."""


class Reader:
    """Another process that reads. One that dies, or cannot be reached, is gone: its stretches are to be read anew."""

    def __init__(self) -> None:
        """Start it.

        Raises:
            OSError: It cannot be started.

        """
        program = START.format(path=sys.path)
        words = [sys.executable, "-I", "-S", "-c", program]
        with _uninterrupted():
            self.process = Popen(words, stdin=PIPE, stdout=PIPE, bufsize=0)
        self.orders = 0
        self.is_up = self.is_gone = False
        _widen(self.process)

    def order(self, stretch: Stretch, redacting: bool) -> bool:
        """Have a stretch read; False if the process has enough to do, has not begun yet, or is gone."""
        if self.is_gone or self.orders >= ORDERS_MAX or not (self.is_up or self._greets()):
            return False
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(marshal.dumps((tuple(stretch), redacting)))
        except OSError:
            self.is_gone = True
            return False
        self.orders += 1
        return True

    def is_ready(self) -> bool:
        """Tell whether there is an answer that needs no waiting for, or never will be one."""
        if self.is_gone:
            return True
        assert self.process.stdout is not None
        try:
            import select

            return bool(select.select([self.process.stdout], [], [], 0)[0])
        except (OSError, ValueError):  # Windows can only wait
            return False

    def answer(self) -> bytes | bytearray | None:
        """Return what was read of the oldest order, None from a process that is gone."""
        self.orders -= 1
        return self._taken()

    def end(self) -> None:
        """End the process, whatever it does."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.kill()
        self.process.wait()

    def _greets(self) -> bool:
        """Tell whether the process has begun: the first thing it says is nothing."""
        self.is_up = (self.is_ready() or os.name == "nt") and self._taken() is not None
        return self.is_up

    def _taken(self) -> bytes | bytearray | None:
        try:
            head = None if self.is_gone else self._exactly(SIZE_BYTES)
            data = self._exactly(int.from_bytes(head, "little")) if head else None
        except (OSError, MemoryError):
            data = None
        self.is_gone = data is None
        return data

    def _exactly(self, size: int) -> bytes | bytearray | None:
        """Return so many bytes; None if the process has ended before."""
        assert self.process.stdout is not None
        found = bytearray(size)
        rest = memoryview(found)
        while rest:
            count = self.process.stdout.readinto(rest)  # type: ignore[attr-defined]
            if not count:
                return None
            rest = rest[count:]
        return found


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold an interrupt back for a moment; a process that is started then never hears of one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_early: list[Reader] = []


def get_ready(words: list[str]) -> None:
    """Start a process if the command line of a backfill names much: it is ready when this process is."""
    if not {"--help", "-h", "--dry-run"}.isdisjoint(words):
        return
    paths = [word for word in words if word[:1] != "-"] or [os.path.join(config.config_folder(), "projects")]
    if _hold_much(map(os.path.expanduser, paths)):
        start_early()


def _hold_much(paths: Iterable[str]) -> bool:
    """Tell whether there is enough below some paths; a look at the sizes, while nothing else is imported yet."""
    size = 0
    for path in paths:
        for file in _files_below(path) if os.path.isdir(path) else (path,):
            with suppress(OSError):  # whoever takes it in meets it again
                size += os.path.getsize(file)
            if size >= WORTH_BYTES:
                return True
    return False


def _files_below(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        yield from (os.path.join(parent, name) for name in names if name.endswith(".jsonl"))


def start_early() -> None:
    """Start a process before it is known how much of what there is was read before."""
    if processes():
        with suppress(OSError, ValueError):
            _early.append(Reader())


def started() -> Reader:
    """Return a process that was started early, or start one.

    Raises:
        OSError: It cannot be started.

    """
    return _early.pop() if _early else Reader()


def end_early() -> None:
    """End what was started early and for nothing."""
    while _early:
        _early.pop().end()


def processes() -> int:
    """Return how many processes may read beside the one that writes."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable - 1, PROCESSES_MAX)


def _widen(process: Popen[bytes]) -> None:
    try:
        import fcntl

        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)  # type: ignore[arg-type]
    except (ImportError, AttributeError, OSError):
        return
