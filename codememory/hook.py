"""The face of the client's hooks: JSON on stdin, JSON or nothing on stdout, exit code 0 whatever happens."""

from __future__ import annotations

import os
import sys
from time import perf_counter, process_time, time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.budget import Deadline
    from codememory.moment import Moment

EVENTS = frozenset(
    (
        "SessionStart", "UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure", "SubagentStart",
        "SubagentStop", "Stop", "PreCompact", "PostCompact", "SessionEnd",
    )
)  # fmt: skip

IDLE_EVENTS = frozenset(("Stop", "SubagentStop", "SessionStart", "PostCompact"))
"""Moments at which nobody waits for a tool or an answer."""

COMPACTING_EVENTS = frozenset(("UserPromptSubmit", "PreCompact", "Stop"))

STDIN_BYTES_MAX = 64_000_000
LOG_BYTES_MAX = 1_000_000


def main() -> None:
    """Handle one hook and leave at once: without interpreter teardown, and never with an error."""
    started = perf_counter() - process_time()  # the interpreter's own start, as processor time, counts too
    event = sys.argv[2] if len(sys.argv) > 2 else ""
    try:
        os.umask(0o077)
        answer(event, sys.argv[3:], _stdin(), started)
    except BaseException as error:  # whatever it is, the client must not notice
        _log(event, error)
    os._exit(0)


def answer(event: str, words: list[str], raw: bytes, started: float) -> None:
    """Print what there is to say, nothing if there is nothing."""
    from codememory import config, repository, wire

    if event not in EVENTS or not config.setting("ENABLED"):
        return
    try:
        payload = wire.decoded(wire.from_bytes(raw))
    except ValueError:
        return
    if not isinstance(payload, dict) or not isinstance(payload.get("session_id"), str) or not payload["session_id"]:
        return
    cwd = payload.get("cwd")
    cwd = cwd if isinstance(cwd, str) and cwd else os.environ.get("CLAUDE_PROJECT_DIR") or "/"
    if wire.may_hold_unstorable(raw):
        payload, cwd = wire.storable_value(payload), wire.storable(cwd)
    if any(repository.switched_off(one) for one in (cwd, os.environ.get("CLAUDE_PROJECT_DIR")) if one):
        return
    if "--background" in words:
        from codememory.moments import background

        background.work(payload, cwd)
        return
    handle(event, payload, cwd, started)


def handle(event: str, payload: dict[str, Any], cwd: str, started: float) -> None:
    """Handle one event in one transaction; what is said is committed before it is printed."""
    from codememory import db
    from codememory.budget import Deadline
    from codememory.moment import Moment

    connection = opened(db.HOOK_BUSY_MS)
    connection.execute("BEGIN IMMEDIATE")
    now = int(time() * 1000)
    moment = Moment(connection, event, payload, cwd, now)
    from codememory import config

    deadline = Deadline(config.setting("HOOK_BUDGET_MS"))
    failed = not _attempt(moment, "ingest", lambda: ingest_delta(moment, deadline))
    said: list[str] = []
    failed |= not _attempt(moment, event, lambda: said.append(told(moment, deadline)))
    from codememory.store import counters

    counters.count_hook(connection, event, (perf_counter() - started) * 1000, failed, now)
    connection.execute("COMMIT")
    text = said[0] if said else ""
    if text or moment.decision:
        _print(_wrapped(event, text, moment.decision, moment.reason))
    if event in COMPACTING_EVENTS and not failed:
        _compact(moment, deadline)
    db.shorten_wal(connection, db.WAL_BYTES_IDLE if event in IDLE_EVENTS else db.WAL_BYTES_MAX)


def _compact(moment: Moment, deadline: Deadline) -> None:
    """Compact what has grown beyond the threshold, as far as the hook's budget goes; later hooks go on.

    Before a compaction of the client everything outside the fresh tail gets its leaf.
    """
    from codememory import config
    from codememory.store import sessions

    everything = moment.event == "PreCompact"
    open_tokens = sessions.open_tokens(moment.connection, moment.session.session_id)
    if not config.setting("COMPACTION_ENABLED") or deadline.passed():
        return
    if everything or open_tokens > config.setting("COMPACTION_TOKEN_THRESHOLD"):
        from codememory import compact

        compact.compact(moment.connection, moment.session.session_id, compact.Plan(everything), moment.now, deadline)


def opened(busy_ms: int) -> apsw.Connection:
    """Open the database; garbage in its place is set aside first."""
    from codememory import config, db
    from codememory.errors import GarbageError

    path = config.database_path()
    try:
        return db.connect(path, busy_ms=busy_ms)
    except GarbageError:
        from codememory import salvage

        salvage.set_aside(path)
        return db.connect(path, busy_ms=busy_ms)


def _attempt(moment: Moment, place: str, work: Any) -> bool:
    """Do a part of the work whole or not at all; False, a problem kept and a line in the log if it failed."""
    connection = moment.connection
    connection.execute("SAVEPOINT part")
    try:
        work()
        connection.execute("RELEASE part")
        return True
    except Exception as error:  # one part failing must not take the other with it
        connection.execute("ROLLBACK TO part; RELEASE part")
        from codememory.store import counters

        counters.report_problem(connection, place, _sentence(error), moment.now)
        _log(moment.event, error)
        return False


def ingest_delta(moment: Moment, deadline: Deadline) -> None:
    """Ingest what the transcript has gained; a missing one is normal."""
    path = moment.text("transcript_path")
    if not path:
        return
    from codememory.store import transcripts

    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return
    if transcripts.position_of(moment.connection, path) == (found.st_size, found.st_ino, found.st_mtime_ns):
        return
    from codememory import ingest

    total = ingest.Progress()
    while not ingest.step(
        moment.connection, path, moment.now, total, folder=moment.cwd, bytes_max=ingest.HOOK_STEP_BYTES
    ):
        if deadline.passed():
            break
    moment.refresh()


def told(moment: Moment, deadline: Deadline) -> str:
    """Do what the event asks for beyond ingesting, and return the text for the model."""
    event = moment.event
    if event == "UserPromptSubmit":
        from codememory.moments import prompt

        return prompt.told(moment)
    if event in ("PreToolUse", "PostToolUse", "PostToolUseFailure"):
        from codememory.moments import tool

        if event == "PreToolUse":
            return tool.told_before(moment)
        return tool.told_after(moment) if event == "PostToolUse" else tool.told_after_failure(moment)
    if event == "SessionStart":
        from codememory.moments import session_start

        return session_start.told(moment, deadline)
    if event in ("SubagentStart", "SubagentStop"):
        from codememory.moments import subagent

        if event == "SubagentStart":
            return subagent.told_at_start(moment)
        subagent.ingest_own_transcript(moment, deadline)
    if event in ("PreCompact", "PostCompact"):
        from codememory.moments import compaction

        if event == "PreCompact":
            return compaction.request_to_the_client(moment)
        compaction.keep_summary(moment)
    return ""


def _wrapped(event: str, text: str, decision: str, reason: str) -> str:
    """Return the only shape that reaches the model (measured; plain text on PreCompact)."""
    from codememory import wire

    if event == "PreCompact":
        return text
    inner = {"hookEventName": event}
    if text:
        inner["additionalContext"] = text
    if decision:
        inner["permissionDecision"], inner["permissionDecisionReason"] = decision, reason
    return wire.encoded({"hookSpecificOutput": inner})


def _stdin() -> bytes:
    """Read the payload; a terminal or a closed stream is an empty one."""
    parts: list[bytes] = []
    size = 0
    try:
        if os.isatty(0):
            return b""
        while size < STDIN_BYTES_MAX and (part := os.read(0, 1 << 20)):
            parts.append(part)
            size += len(part)
    except OSError:
        return b""
    return b"".join(parts)


def _print(text: str) -> None:
    data = text.encode("utf-8", "replace")
    while data:
        data = data[os.write(1, data) :]


def _sentence(error: BaseException) -> str:
    """Return what went wrong and where, in one line."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]} ({where})"


def _log(event: str, error: BaseException) -> None:
    """Append one line to the log; without a place for it there is none."""
    try:
        from codememory import config

        path = config.log_path()
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        file = os.open(path, flags, 0o600)
        try:
            if os.fstat(file).st_size > LOG_BYTES_MAX:
                os.ftruncate(file, 0)
            os.write(file, f"{int(time() * 1000)} hook {event[:40]} {_sentence(error)}\n".encode("utf-8", "replace"))
        finally:
            os.close(file)
    except BaseException:  # there is nobody left to tell
        return
