"""PreCompact, PostCompact, and SessionStart after a compaction: what the client must keep, kept, and brings back."""

from __future__ import annotations

from codememory import codec, config, fence, guard, redact, remedy, wire
from codememory.extract import effects, gist
from codememory.moment import SOURCE
from codememory.moments import session_start
from codememory.retrieve import render
from codememory.score import text_tokens
from codememory.store import client_summaries, failures, memories, messages, spans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment
    from codememory.retrieve.render import Entry

REQUEST_CHARS_MAX = 1_500
PACKET_CHARS_MAX = 4_000
COMMANDS_MAX, FILES_MAX, CALLS_LOOKED_AT = 10, 60, 600
CONSTRAINTS_MAX, DECISIONS_MAX, FAILURES_MAX = 24, 6, 16
KEEP = "Keep these verbatim in the summary (recorded by codememory):"
CUT = "…"

SIZES = ((600, 420, 900, 2_000), (500, 300, 400, 1_200), (400, 200, 200, 800), (300, 140, 120, 500), (160, 76, 56, 220))
"""Characters of the request, of a line, of a command and of all files, from generous to terse."""

FAILURE_CHARS_MIN = 150
"""A failure is its command and its error."""
SOURCE_WHOLE_CHARS_MIN = 120
"""A shorter line names only the id of its memory."""


class Evidence:
    """What was going on: statements and failures as entries, and what is no memory of its own."""

    __slots__ = ("commands", "entries", "files", "request")

    def __init__(self, moment: Moment) -> None:
        self.request = _request(moment)
        # The order in which they are said as far as there is room: constraints and failures before decisions.
        self.entries = _distinct(
            [*_stated(moment, "constraint", CONSTRAINTS_MAX), *_open_failures(moment),
             *_stated(moment, "decision", DECISIONS_MAX), *_stated(moment, "task", DECISIONS_MAX)]
        )  # fmt: skip
        calls = spans.latest_calls(moment.connection, moment.session.session_id, CALLS_LOOKED_AT)
        self.commands = _commands(calls)
        edited = [file for _, file, has_edit, outcome, _ in calls if has_edit and file and outcome != "failed"]
        self.files = list(dict.fromkeys(edited))[:FILES_MAX]


def request_to_the_client(moment: Moment) -> str:
    """Return, in plain text, what the client's summary must keep verbatim."""
    found = Evidence(moment)
    for _, line_chars, command_chars, files_chars in SIZES:
        lines = [_said(entry, line_chars) for entry in found.entries]
        lines += [f"- ran {_command(one, command_chars)}" for one in found.commands]
        lines += _files_line(found.files, files_chars, "- files in flight: ")
        if not lines:
            return ""
        text = _asked_for("\n".join(lines), moment)
        if len(text) <= REQUEST_CHARS_MAX:
            return text
    return _asked_for(_as_far_as_it_fits(found, REQUEST_CHARS_MAX - len(_asked_for("", moment))), moment)


def _asked_for(lines: str, moment: Moment) -> str:
    return f"{KEEP}\n{fence.fenced(lines, f'{SOURCE} {moment.event}')}"


def _as_far_as_it_fits(found: Evidence, chars_max: int) -> str:
    """Return the most important lines: what was stated and failed on one half, what was done on the rest."""
    _, line_chars, command_chars, files_chars = SIZES[-1]
    stated = [_said(entry, line_chars) for entry in found.entries]
    done = [f"- ran {_command(one, command_chars)}" for one in found.commands]
    files = _files_line(found.files, files_chars, "- files in flight: ")
    text = ""
    for lines, room in ((stated, chars_max // 2), (files, chars_max), (done, chars_max)):
        for line in map(fence.neutralised, lines):
            if len(text) + len(line) + 1 <= room:
                text += line + "\n"
    return text.rstrip("\n")


def packet(moment: Moment) -> str:
    """Return the evidence of what was going on, for a model whose context was just compacted."""
    found = Evidence(moment)
    source = f"{SOURCE} {moment.event}"
    facts, entries = "", found.entries
    for sizes in SIZES:
        facts = _facts(found, sizes)
        entries = [render.Entry(one.node_id, one.group, _said(one, sizes[1])) for one in found.entries]
        if len(fence.fenced("\n".join([*render.HEADINGS.values(), *(one.line for one in entries), facts]), source)) <= (
            PACKET_CHARS_MAX
        ):
            break
    said = moment.say(entries, PACKET_CHARS_MAX, facts)
    return said or (fence.fenced(facts, source) if facts else "")


def keep_summary(moment: Moment) -> None:
    """Store the summary the client wrote; one text is one summary, however often it is told."""
    text = moment.text("compact_summary")
    if not text.strip():
        return
    text = wire.storable(redact.redacted(text) if config.setting("REDACT") else text)
    client_summaries.keep(
        moment.connection, moment.session.session_id, moment.payload["session_id"], text, text_tokens(text), moment.now
    )


def _stated(moment: Moment, kind: str, limit: int) -> list[Entry]:
    return session_start.stated(moment, kind, limit)


def _distinct(entries: list[Entry]) -> list[Entry]:
    """Return the entries without those that say in other groups what another says already."""
    found: list[Entry] = []
    said: set[str | int] = set()
    for entry in entries:
        words = entry.line.rpartition(" [")[0].casefold() or entry.line
        if words not in said and entry.node_id not in said:
            found.append(entry)
        said |= {words, entry.node_id}
    return found


def _open_failures(moment: Moment) -> list[Entry]:
    """Return the unresolved failures of this session, with their state."""
    found = []
    for node_id in failures.of_session(moment.connection, moment.session.session_id, FAILURES_MAX * 3):
        node = memories.load(moment.connection, node_id)
        seen = failures.seen(moment.connection, node_id)
        in_shell = "command" in node.details and not guard.is_fleeting(node, seen)
        told = node.status == memories.ACTIVE and node.trust != memories.QUARANTINED
        if told and in_shell and seen.passed_at < seen.last_at:
            found.append(render.failure(node, seen, remedy.of_failure(moment.connection, node), moment.now))
    return found[:FAILURES_MAX]


def _facts(found: Evidence, sizes: tuple[int, int, int, int]) -> str:
    """Return the last request, the last commands with exit codes and the files in flight."""
    request_chars, _, command_chars, files_chars = sizes
    lines: list[str] = []
    if found.request:
        lines += ["Last request:", f"- {fence.quoted(found.request, request_chars)}"]
    if found.commands:
        lines += ["Last commands, the newest first:", *(f"- {_command(one, command_chars)}" for one in found.commands)]
    lines += _files_line(found.files, files_chars, "Files in flight: ")
    return fence.neutralised("\n".join(lines))


def _request(moment: Moment) -> str:
    held = spans.latest_prompt(moment.connection, moment.session.session_id)
    if not held:
        return ""
    text = messages.text_of(wire.decoded(codec.unpacked(*held)))
    return wire.storable(gist.request_of(text) or text)


def _commands(calls: list[tuple[str | None, str | None, int, str, int | None]]) -> list[tuple[str, list[str]]]:
    """Return the last commands that changed or checked something, each with how its runs ended, the newest first."""
    found: dict[str, list[str]] = {}
    for command, _, _, outcome, exit_code in calls:
        if not command or outcome not in ("ok", "failed") or effects.effect_of(command) == effects.READS:
            continue
        typed = command.strip()
        if typed not in found and len(found) == COMMANDS_MAX:
            break
        ended = "exit 0" if outcome == "ok" else f"exit {exit_code}" if exit_code else "failed"
        runs = found.setdefault(typed, [])
        if not runs or runs[-1] != ended:
            runs.append(ended)
    return list(found.items())


def _command(one: tuple[str, list[str]], chars_max: int) -> str:
    typed, runs = one
    shown = typed if len(typed) <= chars_max and "\n" not in typed else _one_line(typed, chars_max)
    before = f" (before: {', '.join(runs[1:3])})" if len(runs) > 1 else ""
    return f"{fence.as_code(shown)} → {runs[0]}{before}"


def _files_line(files: list[str], chars_max: int, heading: str) -> list[str]:
    """Return one line of the files, the newest first; how many more there are where they do not fit."""
    shown: list[str] = []
    for number, file in enumerate(files):
        short = fence.named(file if len(file) <= chars_max else CUT + file[-chars_max + 1 :])
        if shown and sum(map(len, shown)) + 2 * len(shown) + len(short) > chars_max:
            return [f"{heading}{', '.join(shown)} and {len(files) - number} more"]
        shown.append(short)
    return [heading + ", ".join(shown)] if shown else []


def _said(entry: Entry, chars_max: int) -> str:
    """Return an entry's line in about so many characters."""
    return _shortened(entry.line, max(chars_max, FAILURE_CHARS_MIN) if entry.group == "failure" else chars_max)


def _shortened(line: str, chars_max: int) -> str:
    """Cut a line before its source, which stays, to look it up by; a command that it begins with is cut first."""
    if len(line) <= chars_max:
        return line
    if line.startswith("- `"):
        ticks = line[2 : len(line) - len(line[2:].lstrip("`"))]
        command, tick, rest = line[2 + len(ticks) :].partition(ticks)
        line = f"- {ticks}{_one_line(command, chars_max // 3)}{tick}{rest}"
    body, bracket, source = line.rpartition(" [")
    if chars_max < SOURCE_WHOLE_CHARS_MIN:
        source = source.partition(",")[0].rstrip("]") + "]"
    if not bracket or len(source) + 20 > chars_max:
        return line[: chars_max - 1].rstrip() + CUT
    return f"{body[: chars_max - len(source) - 3].rstrip()}{CUT} [{source}"


def _one_line(text: str, chars_max: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= chars_max else line[: chars_max - 1].rstrip() + CUT
