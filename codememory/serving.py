"""Be the process that reads stretches of transcripts for the one that writes: orders in, what was read out."""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys

SIZE_BYTES = 8
"""Before each answer its size."""


def serve() -> None:
    """Be a process that reads: an interrupt is its parent's business, and it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(10)  # hooks come first: somebody waits for them
    gc.disable()  # what is decoded holds no cycles, and is gone with its stretch
    answers = os.dup(1)
    os.dup2(2, 1)  # what anything prints is no answer
    from codememory.packing import packed
    from codememory.stretch import Stretch, read

    try:
        _say(answers, b"")
        while True:
            words, redacting = marshal.load(sys.stdin.buffer)
            _say(answers, packed(read(Stretch(*words), redacting)))
    except (EOFError, OSError):
        os._exit(0)


def _say(answers: int, data: bytes) -> None:
    for part in (len(data).to_bytes(SIZE_BYTES, "little"), data):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(answers, rest) :]
