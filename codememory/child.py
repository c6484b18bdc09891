"""Run a child process within limits of time and output, and leave nothing of its process group behind."""

from __future__ import annotations

import os
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import Popen
    from typing import Any

POLL_SECONDS = 0.05
GRACE_SECONDS = 2.0
"""How long a child that has closed its output may take to leave."""

READ_BYTES = 1 << 16

TOO_SLOW = "it took too long"
TOO_MUCH = "it printed too much"


class Ended:
    """What a child left: its output, its exit code, and why it was stopped, '' if it ended by itself."""

    __slots__ = ("exit_code", "output", "stopped")

    def __init__(self, output: bytes, exit_code: int, stopped: str) -> None:
        self.output, self.exit_code, self.stopped = output, exit_code, stopped


def run(
    words: list[str], given: bytes, environment: dict[str, str], folder: str, timeout_ms: float, output_bytes_max: int
) -> Ended:
    """Run a program with `given` on its standard input; its whole group is killed at the latest when time is up.

    Raises:
        OSError: It cannot be started.

    """
    import subprocess

    deadline = monotonic() + timeout_ms / 1000
    started = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder, env=environment,
        start_new_session=True, bufsize=0,
    )  # fmt: skip
    with _nothing_left(started) as process:
        output, stopped = _exchanged(process, given, deadline, output_bytes_max)
        if not stopped:
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                return Ended(output, 0, "")
    return Ended(output, process.returncode, stopped)


class _nothing_left:  # noqa: N801 - reads as a statement
    """Kill the group of a process at the end, also where this process is told to stop meanwhile."""

    def __init__(self, process: Popen[bytes]) -> None:
        self.process = process
        self.handled: list[tuple[int, Any]] = []

    def __enter__(self) -> Popen[bytes]:
        import signal

        def stop(_number: int, _frame: object) -> None:
            raise SystemExit(1)

        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                self.handled.append((number, signal.signal(number, stop)))
            except ValueError:  # not in the main thread: nobody tells this one to stop
                break
        return self.process

    def __exit__(self, *_: object) -> None:
        import signal

        try:  # a group keeps its number as long as anybody is in it
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # nobody is left, or only the dead
            self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream and not stream.closed:
                stream.close()
        self.process.wait()
        for number, handler in self.handled:
            signal.signal(number, handler)


def _exchanged(process: Popen[bytes], given: bytes, deadline: float, output_bytes_max: int) -> tuple[bytes, str]:
    """Write the input and read the output until it ends, or the program has left; return it and why it was cut."""
    import selectors

    assert process.stdin is not None
    assert process.stdout is not None
    os.set_blocking(process.stdin.fileno(), False)
    rest = memoryview(given)
    parts: list[bytes] = []
    size = 0
    gone = False
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        ready.register(process.stdin, selectors.EVENT_WRITE)
        while monotonic() < deadline:
            for key, _ in ready.select(POLL_SECONDS):
                if key.fileobj is process.stdin:
                    rest = _write(process.stdin.fileno(), rest)
                    if not rest:
                        ready.unregister(process.stdin)
                        process.stdin.close()
                    continue
                part = os.read(process.stdout.fileno(), READ_BYTES)
                if not part:
                    return b"".join(parts), ""
                parts.append(part)
                size += len(part)
                if size > output_bytes_max:
                    return b"", TOO_MUCH
                break
            else:
                if gone:  # a grandchild may hold the output open; what the program itself wrote is read
                    return b"".join(parts), ""
                gone = process.poll() is not None
    return b"", TOO_SLOW


def _write(file: int, rest: memoryview) -> memoryview:
    """Write what fits now and return the rest; nothing is left where nobody reads."""
    try:
        return rest[os.write(file, rest[:READ_BYTES]) :]
    except BlockingIOError:
        return rest
    except OSError:
        return rest[:0]
