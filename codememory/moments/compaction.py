"""PreCompact, PostCompact, and SessionStart after a compaction: what the client must keep, kept, and brings back."""

from __future__ import annotations

from codememory import codec, config, fence, guard, redact, remedy, summarize, wire
from codememory.extract import effects
from codememory.moments import session_start
from codememory.retrieve import render
from codememory.score import text_tokens
from codememory.store import failures, memories, messages, spans, summaries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment
    from codememory.retrieve.render import Entry

REQUEST_CHARS_MAX = 1_500
PACKET_CHARS_MAX = 4_000
COMMANDS_MAX, FILES_MAX, CALLS_LOOKED_AT = 10, 20, 200
CONSTRAINTS_MAX, DECISIONS_MAX, FAILURES_MAX = 12, 6, 8


def request_to_the_client(moment: Moment) -> str:
    """Return, in plain text, what the client's summary must keep verbatim."""
    lines: list[str] = []
    for entry in [*_stated(moment), *_open_failures(moment)]:
        lines.append(entry.line)
    lines += [f"- ran {line}" for line in _commands(moment)]
    files = _files(moment)
    if files:
        lines.append("- files in flight: " + ", ".join(files))
    if not lines:
        return ""
    text = "Keep these verbatim in the summary (recorded by codememory):"
    for line in lines:
        safe = fence.neutralised(line)
        if len(text) + len(safe) + 1 > REQUEST_CHARS_MAX:
            break
        text += "\n" + safe
    return text


def packet(moment: Moment) -> str:
    """Return the evidence of what was going on, for a model whose context was just compacted."""
    facts = _facts(moment)
    room = PACKET_CHARS_MAX - len(facts) - 20
    said = moment.say([*_stated(moment), *_open_failures(moment)], max(room, 800), facts)
    return said or (fence.fenced(facts, f"codememory {moment.event}") if facts else "")


def keep_summary(moment: Moment) -> None:
    """Store the summary the client wrote; one text is one summary, however often it is told."""
    text = moment.text("compact_summary")
    if not text.strip():
        return
    text = wire.storable(redact.redacted(text) if config.setting("REDACT") else text)
    summaries.keep_client(
        moment.connection, moment.session.session_id, moment.payload["session_id"], text, text_tokens(text), moment.now
    )


def _stated(moment: Moment) -> list[Entry]:
    found: list[Entry] = []
    for kind, limit in (("constraint", CONSTRAINTS_MAX), ("decision", DECISIONS_MAX), ("task", DECISIONS_MAX)):
        found += session_start.stated(moment, kind, limit)
    return found


def _open_failures(moment: Moment) -> list[Entry]:
    """Return the unresolved failures of this session, with their state."""
    found = []
    for node_id in failures.of_session(moment.connection, moment.session.session_id, FAILURES_MAX * 3):
        node = memories.load(moment.connection, node_id)
        seen = failures.seen(moment.connection, node_id)
        in_shell = "command" in node.details and seen.type not in guard.FLEETING_TYPES
        if node.status == memories.ACTIVE and in_shell and seen.passed_at < seen.last_at:
            found.append(render.failure(node, seen, remedy.of_failure(moment.connection, node), moment.now))
    return found[:FAILURES_MAX]


def _facts(moment: Moment) -> str:
    """Return the last request, the last commands with exit codes and the files in flight."""
    lines: list[str] = []
    held = spans.latest_prompt(moment.connection, moment.session.session_id)
    if held:
        text = messages.text_of(wire.decoded(codec.unpacked(*held)))
        lines += ["Last request:", f"- {fence.quoted(text, 500)}"]
    commands = _commands(moment)
    if commands:
        lines += ["Last commands, the newest first:", *(f"- {one}" for one in commands)]
    files = _files(moment)
    if files:
        lines += ["Files in flight: " + ", ".join(files)]
    return fence.neutralised("\n".join(lines))


def _commands(moment: Moment) -> list[str]:
    """Return the last commands that changed or checked something, with how they ended."""
    found: dict[str, str] = {}
    for command, _, _, outcome, exit_code in spans.latest_calls(
        moment.connection, moment.session.session_id, CALLS_LOOKED_AT
    ):
        if not command or outcome not in ("ok", "failed") or effects.effect_of(command) == effects.READS:
            continue
        ended = "exit 0" if outcome == "ok" else f"exit {exit_code}" if exit_code else "failed"
        line = " ".join(command.split())
        found.setdefault(line, f"`{line if len(line) <= 160 else line[:159] + summarize.CUT}` → {ended}")
        if len(found) == COMMANDS_MAX:
            break
    return list(found.values())


def _files(moment: Moment) -> list[str]:
    """Return the files edited last, the newest first."""
    calls = spans.latest_calls(moment.connection, moment.session.session_id, CALLS_LOOKED_AT)
    edited = [file for _, file, has_edit, outcome, _ in calls if has_edit and file and outcome != "failed"]
    return list(dict.fromkeys(edited))[:FILES_MAX]
