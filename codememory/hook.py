"""The face of the client's hooks: JSON on stdin, JSON or nothing on stdout, exit code 0 whatever happens."""

from __future__ import annotations

import os
import sys
from time import perf_counter, process_time, time

from codememory import exchange
from codememory.budget import HOOK_SECONDS_MAX, tire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import apsw

    from codememory.budget import Deadline
    from codememory.delta import Delta
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

COMMAND_MODULES = {
    "PreToolUse": ("extract.command",),
    "PostToolUse": ("extract.command", "outcomes"),
    "PostToolUseFailure": (
        "extract.command", "outcomes", "extract.reading", "extract.shells", "extract.error_rules", "store.attempts",
    ),
}  # fmt: skip
"""Event → what every command needs at it."""


def main() -> None:
    """Handle one hook and leave at once: without interpreter teardown, and never with an error."""
    started = perf_counter() - process_time()  # the interpreter's own start, as processor time, counts too
    event = sys.argv[2] if len(sys.argv) > 2 else ""
    held: list[apsw.Connection] = []
    try:
        os.umask(0o077)
        _watch_the_clock(HOOK_SECONDS_MAX)
        answer(event, sys.argv[3:], exchange.read(), started, held)
    except BaseException as error:  # whatever it is, the client must not notice
        _own_up(event, error)
    os._exit(0)


def answer(event: str, words: list[str], raw: bytes, started: float, held: list[apsw.Connection] | None = None) -> None:
    """Print what there is to say, nothing if there is nothing; what is `held` need not be closed."""
    from codememory import config, repository, wire

    if event not in EVENTS or not config.setting("ENABLED"):
        return
    storable = not wire.may_hold_unstorable(raw)
    try:
        payload = exchange.decoded(raw)
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
        handle(event, payload, cwd, started, held)
    except Exception as error:
        if type(error).__name__ not in DAMAGE:
            raise
        from codememory import mishap

        mishap.clear_the_way(event, error)
        handle(event, payload, cwd, started, held)


def handle(
    event: str, payload: dict[str, Any], cwd: str, started: float, held: list[apsw.Connection] | None = None
) -> None:
    """Handle one event in one transaction; what is said is committed before it is printed."""
    _load_sqlite()
    from codememory import config, db
    from codememory.budget import Deadline
    from codememory.moment import Moment
    from codememory.store import counters

    connection = db.connect(config.database_path(), busy_ms=db.HOOK_BUSY_MS)
    ahead = _read_ahead(connection, payload)
    _load(event, payload, ahead)
    db.begin(connection, db.HOOK_BUSY_MS)
    now = int(time() * 1000)
    moment = Moment(connection, event, payload, cwd, now)
    deadline = Deadline(config.setting("HOOK_BUDGET_MS"))
    stored = _attempt(moment, "ingest", lambda: ingest_delta(moment, deadline, ahead))
    said: list[str] = []
    well = _attempt(moment, event, lambda: said.append(told(moment, deadline))) and stored
    counters.count_hook(connection, event, (perf_counter() - started) * 1000, not well, now)
    connection.execute("COMMIT")
    word = _word(event, stored)
    text = said[0] if said else ""
    if text or moment.decision or word:
        _print(exchange.wrapped(event, text, moment.decision, moment.reason, word))
    try:
        if event in COMPACTING_EVENTS and well:
            _compact(moment, deadline)
        db.shorten_wal(connection, db.WAL_BYTES_IDLE if event in IDLE_EVENTS else db.WAL_BYTES_MAX)
    except Exception as error:  # all is said: not to be done again
        from codememory import mishap

        mishap.log(event, error)
    if held is not None:  # to close it does nothing that the end of the process does not
        held.append(connection)


def _word(event: str, stored: bool) -> str:
    """Note that what was failing works again, and return what a session's start has to tell the user."""
    from codememory import config
    from codememory.errors import SettingError

    try:
        failing = os.path.join(config.config_folder(), "codememory", "failing")
    except SettingError:  # no home folder, and a database somewhere else
        return ""
    if event != "SessionStart" and not os.path.exists(failing):
        return ""
    from codememory import trouble

    if stored:
        trouble.work()
    return trouble.word() if event == "SessionStart" else ""


def _own_up(event: str, error: BaseException) -> None:
    """Keep that a hook failed; a session's start tells the user of the third in a row."""
    try:
        from codememory import mishap

        mishap.log(event, error)
        word = mishap.word_on(event, error)
        if word:
            _print(exchange.wrapped(event, "", "", "", word))
    except BaseException:  # there is no place to note it, and nobody to tell
        return


def _watch_the_clock(seconds: float) -> None:
    """Have this process interrupted after so many seconds, and each second from then on; 0 ends that."""
    try:
        from _signal import ITIMER_REAL, SIGALRM, setitimer, signal  # type: ignore[import-not-found]
    except ImportError:  # Windows
        return

    def interrupt(_number: int, _frame: object) -> None:
        tire()
        raise TimeoutError(f"the hook took longer than {HOOK_SECONDS_MAX} s")

    signal(SIGALRM, interrupt)
    setitimer(ITIMER_REAL, seconds, 1.0 if seconds else 0.0)


def _load_sqlite() -> None:
    """Import apsw without the package `collections`, which costs as much as apsw itself.

    All that apsw wants of it is the abstract class of mappings, and hooks bind no others than dictionaries.
    """
    names = ("collections", "collections.abc")
    if "apsw" in sys.modules or any(name in sys.modules for name in names):
        return
    stand_in = type(sys)("collections.abc")
    stand_in.Mapping = dict  # type: ignore[attr-defined]
    sys.modules.update(dict.fromkeys(names, stand_in))
    try:
        import apsw  # noqa: F401 - wanted loaded
    except (ImportError, AttributeError):  # another apsw wants more: it is imported as usual
        sys.modules.pop("apsw", None)
    finally:
        for name in names:
            del sys.modules[name]


def _load(event: str, payload: dict[str, Any], ahead: Delta | None) -> None:
    """Import what an event needs before the database is locked for it: nobody is to wait for an import."""
    from codememory import config, ingest  # noqa: F401 - wanted loaded
    from codememory.store import counters, transcripts  # noqa: F401

    module = MOMENTS.get(event)
    if module:
        __import__(f"codememory.moments.{module}")
    if payload.get("tool_name") == "Bash":
        for name in COMMAND_MODULES.get(event, ()):
            __import__(f"codememory.{name}")
    if ahead is not None and ahead.states_something():
        from codememory import lifecycle, recognise  # noqa: F401


def _compact(moment: Moment, deadline: Deadline) -> None:
    """Compact what has grown beyond the threshold, as far as the hook's budget goes; later hooks go on.

    Before a compaction of the client everything outside the fresh tail gets its leaf.
    """
    from codememory import config
    from codememory.store import sessions

    everything = moment.event == "PreCompact"
    open_tokens = sessions.open_tokens(moment.connection, moment.session.session_id)
    if not config.setting("COMPACTION_ENABLED"):
        return
    if (everything or open_tokens > config.setting("COMPACTION_TOKEN_THRESHOLD")) and moment.has_time(deadline):
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
        if type(error).__name__ in DAMAGE or not connection.in_transaction:  # a full disk has ended it
            raise
        connection.execute("ROLLBACK TO part; RELEASE part")
        from codememory import mishap
        from codememory.store import counters

        counters.report_problem(connection, place, mishap.sentence_of(error), moment.now)
        mishap.log(moment.event, error)
        if place == "ingest":
            from codememory import trouble

            trouble.fail(mishap.sentence_of(error))
        return False


def _read_ahead(connection: apsw.Connection, payload: dict[str, Any]) -> Delta | None:
    """Read what the transcript has gained, before the database is locked."""
    from codememory import ingest

    path = payload.get("transcript_path")
    if not isinstance(path, str) or not path:
        return None
    return ingest.read_ahead(connection, path, *ingest.pace())


def ingest_delta(moment: Moment, deadline: Deadline, ahead: Delta | None = None) -> None:
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

    total, (bytes_max, line_bytes_max) = ingest.Progress(), ingest.pace()
    while not ingest.step(
        moment.connection, path, moment.now, total, folder=moment.cwd, ahead=ahead, bytes_max=bytes_max,
        line_bytes_max=line_bytes_max,
    ):  # fmt: skip
        if not moment.has_time(deadline):
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


def _print(text: str) -> None:
    data = text.encode("utf-8", "replace")
    while data:
        data = data[os.write(1, data) :]
