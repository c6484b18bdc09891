"""What a hook does about an error: a line in the log, a word for the user, and a damaged database out of the way."""

from __future__ import annotations

import os
from time import time

from codememory import config, faults, redact, trouble
from codememory.budget import LOG_BYTES_MAX
from codememory.errors import NewerSchemaError


def word_on(event: str, error: BaseException) -> str:
    """Note that a hook failed, and return what a session's start has to tell the user: of the third in a row."""
    if isinstance(error, NewerSchemaError) or not config.setting("ENABLED"):
        return ""
    sentence = faults.sentence(error, config.database_path()).rstrip(".") or sentence_of(error)
    noted = trouble.fail(sentence)
    return trouble.word("" if noted else sentence) if event == "SessionStart" else ""


def clear_the_way(event: str, error: Exception) -> None:
    """Set a damaged database aside, so that a fresh one takes its place; the next session's start says so."""
    from codememory import salvage

    log(event, error)
    sentence = salvage.clear_the_way(config.database_path(), error)
    if sentence:
        trouble.announce(sentence)


def sentence_of(error: BaseException) -> str:
    """Return what went wrong and where, in one line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__}: {redact.kept(' '.join(str(error)[:4_000].split()))[:300]} ({where})"


def log(event: str, error: BaseException) -> None:
    """Append one line to the log; without a place for it there is none."""
    try:
        path = config.log_path()
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        file = os.open(path, flags, 0o600)
        try:
            if os.fstat(file).st_size > LOG_BYTES_MAX:
                os.ftruncate(file, 0)
            line = "".join([char if char.isprintable() else "?" for char in f"{event[:40]} {sentence_of(error)}"])
            os.write(file, f"{int(time() * 1000)} hook {line}\n".encode("utf-8", "replace"))
        finally:
            os.close(file)
    except BaseException:  # there is nobody left to tell
        return
