"""Ask a model through the client's own `claude -p`: safely, within limits, and never so that anything depends on it.

Each call is counted in the database before it begins and ended there after it; no transaction is open meanwhile. What
the model is sent is redacted once more, whatever the store was told to keep. The process gets a group of its own,
which is killed whole when its time is up, and can neither run a hook of ours nor leave a transcript.
"""

from __future__ import annotations

import os
from time import time

from codememory import child, config, db, redact, wire
from codememory.errors import CodeMemoryError
from codememory.score import text_tokens
from codememory.store import spending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    import apsw

ARGUMENTS = (
    "-p", "--setting-sources", "", "--strict-mcp-config", "--tools", "", "--disable-slash-commands",
    "--no-session-persistence", "--output-format", "json", "--model",
)  # fmt: skip
"""Measured: works with a subscription login (`--bare` does not), loads no settings, plugins, hooks or servers."""

OUTPUT_BYTES_MAX = 1_000_000
PROMPT_CHARS_MAX = 400_000
AT, AT_MASK = "@", "＠"
"""`@name` in a prompt makes the client attach that file (measured): stored text must not choose files."""

NOT_PASSED_ON = frozenset(
    "CLAUDECODE CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_SESSION_ID CLAUDE_CODE_SSE_PORT CLAUDE_PROJECT_DIR CLAUDE_ENV_FILE"
    " CLAUDE_PLUGIN_ROOT CLAUDE_PLUGIN_DATA".split()
)
"""What tells a client about the session it runs in; this one is a session of its own."""

LIMITS = {
    spending.BY_HOUR: "the limit of calls per hour is reached (CODEMEMORY_LLM_CALLS_PER_HOUR)",
    spending.BY_SESSION: "the limit of calls for this session is reached (CODEMEMORY_LLM_CALLS_PER_SESSION)",
    spending.BY_BREAKER: "the last calls failed, so none is made for an hour",
}


class NoModelError(CodeMemoryError):
    """No model was asked, and why."""


class Question:
    """What a model is to be asked: by whom, for what, and how long and how much it may answer."""

    __slots__ = ("model", "prompt", "purpose", "session_id", "target", "timeout_ms", "tokens_max")

    def __init__(
        self, purpose: str, model: str, prompt: str, timeout_ms: float, *, tokens_max: int = 4_000,
        session_id: int | None = None, target: bytes | None = None,
    ) -> None:  # fmt: skip
        self.purpose, self.model, self.prompt, self.timeout_ms = purpose, model, prompt, timeout_ms
        self.tokens_max, self.session_id, self.target = tokens_max, session_id, target


class Reply:
    """What came back: the text, '' with a reason if nothing usable did; `call_id` to reject it by."""

    __slots__ = ("call_id", "reason", "text")

    def __init__(self, call_id: int, text: str, reason: str) -> None:
        self.call_id, self.text, self.reason = call_id, text, reason


def switched_off() -> str:
    """Return why no model may be started at all, '' if one may."""
    if os.environ.get("CI"):
        return "CI is set"
    if config.setting("COMPACTION_DISABLE_LLM"):
        return "CODEMEMORY_COMPACTION_DISABLE_LLM is true"
    if not config.setting("ENABLED"):  # also inside a call of ours: a delegated question cannot delegate again
        return "CODEMEMORY_ENABLED is false"
    return "" if executable() else "there is no `claude` on PATH (CODEMEMORY_CLAUDE_BIN)"


def executable() -> str | None:
    """Return the client to run, None if there is none."""
    chosen: str = config.setting("CLAUDE_BIN")
    names = [os.path.expanduser(chosen)] if chosen else []
    if not chosen:
        names = [os.path.join(folder, "claude") for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return next((name for name in names if os.path.isfile(name) and os.access(name, os.X_OK)), None)


def asked(connection: apsw.Connection, question: Question) -> Reply:
    """Ask once and return the reply; a call that fails is a reply without text.

    Raises:
        NoModelError: Models are switched off, or a limit or the breaker forbids the call.

    """
    reason = switched_off()
    if reason:
        raise NoModelError(f"No model was asked: {reason}.")
    prompt = redact.redacted(question.prompt).replace(AT, AT_MASK)[:PROMPT_CHARS_MAX]
    call_id = _counted(connection, question, text_tokens(prompt))
    text, tokens, reason = "", None, "it was interrupted"
    try:
        text, tokens, reason = _answer_of(question, prompt)
    finally:
        outcome = spending.OK if text else spending.FAILED
        _committed(connection, lambda: spending.end(connection, call_id, outcome, tokens, reason, _now()))
    return Reply(call_id, text.replace(AT_MASK, AT), reason)


def reject(connection: apsw.Connection, reply: Reply, reason: str) -> None:
    """Record that a reply is of no use."""
    _committed(connection, lambda: spending.reject(connection, reply.call_id, reason))


def _counted(connection: apsw.Connection, question: Question, tokens: int) -> int:
    """Count the call, unless a limit forbids it: both in one transaction, so that two processes cannot exceed it."""
    now = _now()
    per_hour, per_session = config.setting("LLM_CALLS_PER_HOUR"), config.setting("LLM_CALLS_PER_SESSION")
    connection.execute("BEGIN IMMEDIATE")
    try:
        limit = spending.refusal(connection, question.session_id, per_hour, per_session, now)
        call_id = 0
        if limit:
            spending.refuse(connection, limit, now)
        else:
            call_id = spending.begin(
                connection, question.session_id, question.purpose, question.target, question.model, tokens, now
            )
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise
    if limit:
        raise NoModelError(f"No model was asked: {LIMITS[limit]}.")
    return call_id


def _committed(connection: apsw.Connection, write: Callable[[], None]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        write()
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise


def _answer_of(question: Question, prompt: str) -> tuple[str, tuple[int, int] | None, str]:
    """Return (text, tokens in and out as told, why there is no text)."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    environment |= {"CODEMEMORY_ENABLED": "false", "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(question.tokens_max)}
    words = [executable() or "claude", *ARGUMENTS, question.model]
    try:
        ended = child.run(
            words, wire.to_bytes(prompt), environment, _own_folder(), question.timeout_ms, OUTPUT_BYTES_MAX
        )
    except OSError as error:
        return "", None, f"the client cannot be started: {error.strerror or error}"
    return ("", None, ended.stopped) if ended.stopped else _read(ended.output, ended.exit_code)


def _own_folder() -> str:
    """Return a folder without a project: the client reads notes for the model from the one it is started in."""
    folder = os.path.dirname(os.path.abspath(config.log_path()))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return os.sep
    return folder


def _read(output: bytes, exit_code: int) -> tuple[str, tuple[int, int] | None, str]:
    """Return what the client's one JSON document says."""
    try:
        told = wire.decoded(wire.from_bytes(output))
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("result"), str):
        return "", None, f"the client printed no answer (exit code {exit_code})"
    usage = told.get("usage")
    tokens = _tokens(usage) if isinstance(usage, dict) else None
    text = wire.storable(redact.redacted(told["result"])).strip()
    if told.get("is_error") or exit_code:
        return "", tokens, f"the client answered with an error: {' '.join(text.split())[:200] or exit_code}"
    return text, tokens, "" if text else "the answer is empty"


def _tokens(usage: dict[str, object]) -> tuple[int, int]:
    def number(name: str) -> int:
        value = usage.get(name)
        return min(value, 2**31) if isinstance(value, int) and value > 0 else 0

    read = sum(map(number, ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")))
    return read, number("output_tokens")


def _now() -> int:
    return int(time() * 1000)
