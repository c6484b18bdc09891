"""The face of the client's hooks: JSON on stdin, JSON or nothing on stdout, exit code 0 whatever happens."""

from __future__ import annotations

import os
import sys
from time import perf_counter, process_time, time

from codememory.budget import HOOK_SECONDS_MAX, LOG_BYTES_MAX, PAYLOAD_BYTES_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

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

DAMAGE = frozenset(("CorruptError", "NotADBError", "DamagedError", "GarbageError"))
"""Errors by which a database shows that it is of no use as it is; by name, because their modules may not be loaded."""

MOMENTS = {
    "SessionStart": "session_start", "UserPromptSubmit": "prompt", "PreToolUse": "tool", "PostToolUse": "tool",
    "PostToolUseFailure": "tool", "SubagentStart": "subagent", "SubagentStop": "subagent", "PreCompact": "compaction",
    "PostCompact": "compaction",
}  # fmt: skip
"""Event → the module of `moments` that handles it."""

HEAD_BYTES = 64_000
PARTS_MAX = 500_000
"""Commas: more small values than these would take too much memory, whatever their length."""

LONG_BYTES, TEXT_CHARS_MAX = 1_000_000, 500_000
"""In a payload longer than this, texts are cut in their middle; the transcript brings them whole."""


def main() -> None:
    """Handle one hook and leave at once: without interpreter teardown, and never with an error."""
    started = perf_counter() - process_time()  # the interpreter's own start, as processor time, counts too
    event = sys.argv[2] if len(sys.argv) > 2 else ""
    try:
        os.umask(0o077)
        _watch_the_clock(HOOK_SECONDS_MAX)
        answer(event, sys.argv[3:], _stdin(), started)
    except BaseException as error:  # whatever it is, the client must not notice
        _log(event, error)
        _own_up(event, error)
    os._exit(0)


def answer(event: str, words: list[str], raw: bytes, started: float) -> None:
    """Print what there is to say, nothing if there is nothing."""
    from codememory import config, repository, wire

    if event not in EVENTS or not config.setting("ENABLED"):
        return
    storable = not wire.may_hold_unstorable(raw)
    try:
        payload = _payload(raw)
    except ValueError:
        return
    del raw
    if not isinstance(payload, dict) or not isinstance(payload.get("session_id"), str) or not payload["session_id"]:
        return
    cwd = payload.get("cwd")
    cwd = cwd if isinstance(cwd, str) and cwd else os.environ.get("CLAUDE_PROJECT_DIR") or "/"
    if not storable:
        payload, cwd = wire.storable_value(payload), wire.storable(cwd)
    if any(repository.switched_off(one) for one in (cwd, os.environ.get("CLAUDE_PROJECT_DIR")) if one):
        return
    if "--background" in words:
        from codememory.moments import background

        _watch_the_clock(0)  # it has limits of its own
        background.work(payload, cwd)
        return
    try:
        handle(event, payload, cwd, started)
    except Exception as error:
        if type(error).__name__ not in DAMAGE:
            raise
        _clear_the_way(event, error)
        handle(event, payload, cwd, started)


def _payload(raw: bytes) -> Any:
    """Decode what the client sent; of too much of it only the fields at its beginning.

    Raises:
        ValueError: It is no JSON.

    """
    from codememory import wire

    if len(raw) <= LONG_BYTES:
        return wire.decoded(wire.from_bytes(raw))
    if len(raw) >= PAYLOAD_BYTES_MAX or raw.count(b",") > PARTS_MAX or raw.count(b"[") > PARTS_MAX:
        return wire.leading_fields(wire.from_bytes(raw[:HEAD_BYTES]))
    return _shortened(wire.decoded(wire.from_bytes(raw)))


def _shortened(value: Any) -> Any:
    """Return a decoded value with its longest texts cut in their middle: how they begin and end is what tells."""
    if isinstance(value, str):
        half = TEXT_CHARS_MAX // 2
        return value if len(value) <= TEXT_CHARS_MAX else f"{value[:half]}\n[…]\n{value[-half:]}"
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    return value


def handle(event: str, payload: dict[str, Any], cwd: str, started: float) -> None:
    """Handle one event in one transaction; what is said is committed before it is printed."""
    _load_sqlite()
    from codememory import config, db
    from codememory.budget import Deadline
    from codememory.moment import Moment
    from codememory.store import counters

    connection = db.connect(config.database_path(), busy_ms=db.HOOK_BUSY_MS)
    _load(event)
    connection.execute("BEGIN IMMEDIATE")
    now = int(time() * 1000)
    moment = Moment(connection, event, payload, cwd, now)
    deadline = Deadline(config.setting("HOOK_BUDGET_MS"))
    stored = _attempt(moment, "ingest", lambda: ingest_delta(moment, deadline))
    said: list[str] = []
    well = _attempt(moment, event, lambda: said.append(told(moment, deadline))) and stored
    counters.count_hook(connection, event, (perf_counter() - started) * 1000, not well, now)
    connection.execute("COMMIT")
    word = _word(event, stored)
    text = said[0] if said else ""
    if text or moment.decision or word:
        _print(_wrapped(event, text, moment.decision, moment.reason, word))
    try:
        if event in COMPACTING_EVENTS and well:
            _compact(moment, deadline)
        db.shorten_wal(connection, db.WAL_BYTES_IDLE if event in IDLE_EVENTS else db.WAL_BYTES_MAX)
    except Exception as error:  # all is said: not to be done again
        _log(event, error)


def _word(event: str, stored: bool) -> str:
    """Note that what was failing works again, and return what a session's start has to tell the user."""
    from codememory import config

    if event != "SessionStart" and not os.path.exists(os.path.join(config.config_folder(), "codememory", "failing")):
        return ""
    from codememory import trouble

    if stored:
        trouble.work()
    return trouble.word() if event == "SessionStart" else ""


def _own_up(event: str, error: BaseException) -> None:
    """Note that a hook failed; a session's start tells the user of the third in a row."""
    try:
        from codememory import config, trouble
        from codememory.errors import NewerSchemaError

        if isinstance(error, NewerSchemaError) or not config.setting("ENABLED"):
            return
        trouble.fail(_sentence(error))
        word = trouble.word() if event == "SessionStart" else ""
        if word:
            _print(_wrapped(event, "", "", "", word))
    except BaseException:  # there is no place to note it, and nobody to tell
        return


def _clear_the_way(event: str, error: Exception) -> None:
    """Set a damaged database aside, so that a fresh one takes its place; the next session's start says so."""
    from codememory import config, salvage, trouble

    _log(event, error)
    sentence = salvage.clear_the_way(config.database_path(), error)
    if sentence:
        trouble.announce(sentence)


def _watch_the_clock(seconds: float) -> None:
    """Have this process interrupted after so many seconds, and each second from then on; 0 ends that."""
    try:
        from _signal import ITIMER_REAL, SIGALRM, setitimer, signal  # type: ignore[import-not-found]
    except ImportError:  # Windows
        return

    def interrupt(_number: int, _frame: object) -> None:
        raise TimeoutError(f"the hook took longer than {HOOK_SECONDS_MAX} s")

    signal(SIGALRM, interrupt)
    setitimer(ITIMER_REAL, seconds, 1.0 if seconds else 0.0)


def _load_sqlite() -> None:
    """Import apsw without the package `collections`, which costs as much as apsw itself.

    All that apsw wants of it are the abstract classes, and the interpreter has these loaded from its start.
    """
    stand_in = sys.modules.get("_collections_abc")
    names = ("collections", "collections.abc")
    if stand_in is None or "apsw" in sys.modules or any(name in sys.modules for name in names):
        return
    sys.modules.update(dict.fromkeys(names, stand_in))
    try:
        import apsw  # noqa: F401 - wanted loaded
    except (ImportError, AttributeError):  # another apsw wants more: it is imported as usual
        sys.modules.pop("apsw", None)
    finally:
        for name in names:
            del sys.modules[name]


def _load(event: str) -> None:
    """Import what an event needs before the database is locked for it: nobody is to wait for an import."""
    from codememory import config, ingest  # noqa: F401 - wanted loaded
    from codememory.store import counters, transcripts  # noqa: F401

    module = MOMENTS.get(event)
    if module:
        __import__(f"codememory.moments.{module}")


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


def _attempt(moment: Moment, place: str, work: Any) -> bool:
    """Do a part of the work whole or not at all; False, a problem kept and a line in the log if it failed."""
    connection = moment.connection
    connection.execute("SAVEPOINT part")
    try:
        work()
        connection.execute("RELEASE part")
        return True
    except Exception as error:  # one part failing must not take the other with it
        if type(error).__name__ in DAMAGE:
            raise
        connection.execute("ROLLBACK TO part; RELEASE part")
        from codememory.store import counters

        counters.report_problem(connection, place, _sentence(error), moment.now)
        _log(moment.event, error)
        if place == "ingest":
            from codememory import trouble

            trouble.fail(_sentence(error))
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


def _wrapped(event: str, text: str, decision: str, reason: str, word: str = "") -> str:
    """Return the only shape that reaches the model (measured; plain text on PreCompact), and a word for the user."""
    from codememory import wire

    if event == "PreCompact":
        return text
    inner = {"hookEventName": event}
    if text:
        inner["additionalContext"] = text
    if decision:
        inner["permissionDecision"], inner["permissionDecisionReason"] = decision, reason
    whole: dict[str, Any] = {"systemMessage": word} if word else {}
    if len(inner) > 1:
        whole["hookSpecificOutput"] = inner
    return wire.encoded(whole)


def _stdin() -> bytes:
    """Read the payload; a terminal or a closed stream is an empty one."""
    parts: list[bytes] = []
    size = 0
    try:
        if os.isatty(0):
            return b""
        while part := os.read(0, 1 << 20):
            if size < PAYLOAD_BYTES_MAX:  # what is longer is read too: the client must not write to a closed pipe
                parts.append(part)
                size += len(part)
    except TimeoutError:
        raise
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
    from codememory import redact  # an error can quote what it stumbled over

    return f"{type(error).__name__}: {redact.kept(' '.join(str(error)[:4_000].split()))[:300]} ({where})"


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
