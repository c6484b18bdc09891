"""What the user is to hear at the next session's start: that nothing can be stored, or what was done about damage.

Kept in two small files, because it is the database that is in trouble.
"""

from __future__ import annotations

import os

FAILURES_MAX = 3
"""A capture that failed so often in a row is worth a word."""

BYTES_MAX = 8_000
SAID = "said"


def fail(sentence: str) -> None:
    """Note one more hook in a row that stored nothing."""
    _append(_path("failing"), sentence)


def work() -> None:
    """Note that a hook has stored what it had to: what was failing is over."""
    try:
        os.unlink(_path("failing"))
    except OSError:
        return


def announce(sentence: str) -> None:
    """Keep a sentence for the next session's start."""
    _append(_path("word"), sentence)


def word() -> str:
    """Return what a session's start has to say, each thing once; '' for nothing."""
    told = [line for line in _lines(_path("word"))[:FAILURES_MAX] if line]
    if told:
        try:
            os.unlink(_path("word"))
        except OSError:
            return ""
    failing = _lines(_path("failing"))
    if len(failing) >= FAILURES_MAX and SAID not in failing:
        _append(_path("failing"), SAID)
        told.append(
            f"CodeMemory stored nothing in the last {len(failing)} hooks ({failing[-1]}). Nothing is lost yet: it reads"
            " the transcripts again once it can. `codememory doctor` tells more."
        )
    return " ".join(told)


def failing() -> list[str]:
    """Return why the last hooks in a row stored nothing, the latest last."""
    return [line for line in _lines(_path("failing")) if line != SAID]


def _path(name: str) -> str:
    from codememory import config

    return os.path.join(config.config_folder(), "codememory", name)


def _append(path: str, line: str) -> None:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.open(path, flags, 0o600)
    try:
        if os.fstat(file).st_size < BYTES_MAX:
            os.write(file, f"{line}\n".encode("utf-8", "replace"))
    finally:
        os.close(file)


def _lines(path: str) -> list[str]:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return []
    try:
        return os.read(file, 2 * BYTES_MAX).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    finally:
        os.close(file)
