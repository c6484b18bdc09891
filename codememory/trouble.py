"""What the user is to hear at the next session's start: that nothing can be stored, or what was done about damage.

Kept in small files, because it is the database that is in trouble. On a full disk they count without a block of data:
a line that finds no room is a hole of one byte, and that something was said is a file's name.
"""

from __future__ import annotations

import os

FAILURES_MAX = 3
"""A capture that failed so often in a row is worth a word."""

BYTES_MAX = 8_000
HOLE = b"\0"
NO_ROOM = "there was no room to note why: is the disk full?"
CONSOLATION = "Nothing is lost yet: it reads the transcripts again once it can. `codememory doctor` tells more."


def fail(sentence: str) -> bool:
    """Note one more hook in a row that stored nothing; False if not even that can be noted, as on a read-only disk."""
    return _append(_path("failing"), sentence)


def work() -> None:
    """Note that a hook has stored what it had to: what was failing is over."""
    for name in ("said", "failing"):
        _remove(_path(name))


def announce(sentence: str) -> None:
    """Keep a sentence for the next session's start."""
    _append(_path("word"), sentence)


def word(unnoted: str = "") -> str:
    """Return what a session's start has to say, each thing once; '' for nothing.

    `unnoted` is why this very hook stored nothing, where that cannot be counted: it is said at once.
    """
    told = [line for line in _lines(_path("word"))[:FAILURES_MAX] if line != NO_ROOM]
    if told and not _remove(_path("word")):
        told = []
    failed = failing()
    if unnoted:
        told.append(f"CodeMemory cannot store anything ({unnoted}). {CONSOLATION}")
    elif len(failed) >= FAILURES_MAX and not os.path.exists(_path("said")):
        _append(_path("said"), "")
        told.append(f"CodeMemory stored nothing in the last {len(failed)} hooks ({failed[-1]}). {CONSOLATION}")
    return " ".join(told)


def failing() -> list[str]:
    """Return why the last hooks in a row stored nothing, the latest last."""
    return _lines(_path("failing"))


def _path(name: str) -> str:
    """Return where a note is kept, '' without a home folder: nothing is noted then."""
    from codememory import config
    from codememory.errors import SettingError

    try:
        return os.path.join(config.config_folder(), "codememory", name)
    except SettingError:
        return ""


def _append(path: str, line: str) -> bool:
    """Add a line to a file, or a hole where the disk has no room for one; False if neither can be."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        file = os.open(path, flags, 0o600)
    except OSError:
        return False
    try:
        if os.fstat(file).st_size < BYTES_MAX and line:
            _write_or_grow(file, f"{line}\n".encode("utf-8", "replace"))
        return True
    except OSError:
        return False
    finally:
        os.close(file)


def _write_or_grow(file: int, data: bytes) -> None:
    try:
        if os.write(file, data) == len(data):
            return
    except OSError:  # growing a file takes no block
        pass
    os.ftruncate(file, os.fstat(file).st_size + len(HOLE))


def _remove(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True


def _lines(path: str) -> list[str]:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return []
    try:
        data = os.read(file, 2 * BYTES_MAX).replace(HOLE, b"\n")
        return [line or NO_ROOM for line in data.decode("utf-8", "replace").splitlines()]
    except OSError:
        return []
    finally:
        os.close(file)
