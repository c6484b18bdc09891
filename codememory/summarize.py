"""Write a summary from facts, without a model: what was asked, changed, run, what failed, was decided, stayed open.

A summary is lines under headings, each with the id of a message it rests on. Where room is short every line becomes
shorter before any is left out, and files and failing commands are left out last.
"""

from __future__ import annotations

from codememory.score import text_tokens

ID_HEX = 8
DETAIL_CHARS = ((500, 300, 300, 2_000), (250, 200, 180, 700), (110, 120, 100, 200), (60, 70, 60, 80))
"""Characters of a request, a command, any other line and a command that failed, from generous to terse."""

CUT = "…"


class Facts:
    """What a span holds, in order; each entry is (text, id of a message it rests on or '')."""

    __slots__ = ("commands", "conclusions", "edits", "failures", "marks", "open", "requests")

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.edits: dict[str, tuple[int, str, str]] = {}
        """File → (edits, why, id)."""
        self.commands: dict[str, tuple[str, list[str], str]] = {}
        """Normalised command → (as typed, outcomes in order, id)."""
        self.failures: list[tuple[str, str]] = []
        self.marks: list[tuple[str, str]] = []
        self.conclusions: list[tuple[str, str]] = []
        self.open: list[tuple[str, str]] = []


def written(facts: Facts, tokens_max: int) -> str:
    """Return the summary of facts in at most `tokens_max` tokens; '…' if not even one line fits."""
    for level in range(len(DETAIL_CHARS)):
        lines = _lines(facts, level)
        text = "\n".join(line for _, line in lines)
        if text_tokens(text) <= tokens_max:
            return text or CUT
    terse = _terse(facts)
    text = "\n".join(terse)
    if text_tokens(text) <= tokens_max:
        return _filled(terse, _lines(facts, len(DETAIL_CHARS) - 1), tokens_max)
    return _cut(text, tokens_max)


def _lines(facts: Facts, level: int) -> list[tuple[int, str]]:
    """Return (importance, line) of everything at a level of detail; headings carry the importance of their lines."""
    request_chars, command_chars, other_chars, failed_chars = DETAIL_CHARS[level]
    found: list[tuple[int, str]] = []
    found += _section(1, "Asked:", [_line(text, request_chars, key) for text, key in facts.requests])
    found += _section(0, "Decided:", [_line(text, other_chars * 2, key) for text, key in facts.marks])
    edits = [
        _line(f"{file}{f' ×{count}' if count > 1 else ''}{f': {why}' if why else ''}", other_chars + len(file), key)
        for file, (count, why, key) in facts.edits.items()
    ]
    found += _section(0, "Changed:", edits)
    commands = [
        f"- `{_command(typed, outcomes, command_chars, failed_chars)}` → {_outcomes(outcomes)} [{key[:ID_HEX]}]"
        for typed, outcomes, key in facts.commands.values()
    ]
    found += _section(0, "Ran:", commands)
    found += _section(0, "Failed:", [_line(text, other_chars * 2, key) for text, key in facts.failures])
    found += _section(2, "Found:", [_line(text, other_chars, key) for text, key in facts.conclusions])
    return found + _section(1, "Open:", [_line(text, other_chars, key) for text, key in facts.open])


def _section(importance: int, heading: str, lines: list[str]) -> list[tuple[int, str]]:
    return [(importance, heading), *((importance, line) for line in lines)] if lines else []


def _terse(facts: Facts) -> list[str]:
    """Return what must survive in as few words as possible: files, failing commands, marks, the last request."""
    lines = []
    if facts.requests:
        lines.append(_line(facts.requests[-1][0], 100, facts.requests[-1][1]))
    lines += [_line(text, 100, key) for text, key in facts.marks]
    if facts.edits:
        lines.append("Changed: " + ", ".join(facts.edits))
    failed = [
        f"`{_command(typed, outcomes, 70, 120)}` → {_outcomes(outcomes)}"
        for typed, outcomes, _ in facts.commands.values()
        if any(outcome != "ok" for outcome in outcomes)
    ]
    if failed:
        lines.append("Failing: " + "; ".join(failed))
    return lines


def _filled(terse: list[str], more: list[tuple[int, str]], tokens_max: int) -> str:
    """Add further lines to the terse ones, the important first, while there is room."""
    lines = list(terse)
    room = tokens_max - text_tokens("\n".join(lines))
    for importance in (0, 1, 2):
        for rank, line in more:
            cost = text_tokens(line) + 1
            if rank == importance and not line.endswith(":") and line.startswith("- ") and cost <= room:
                if any(line[2:40] in one for one in lines):
                    continue
                lines.append(line)
                room -= cost
    return "\n".join(lines)


def _cut(text: str, tokens_max: int) -> str:
    """Return the beginning of a text that fits."""
    if tokens_max < 2:
        return CUT
    chars = tokens_max * 4
    while chars > 0 and text_tokens(text[:chars] + CUT) > tokens_max:
        chars = chars * 3 // 4
    return text[:chars].rstrip() + CUT


def _line(text: str, chars_max: int, key: str) -> str:
    return f"- {_shortened(text, chars_max)}{f' [{key[:ID_HEX]}]' if key else ''}"


def _command(typed: str, outcomes: list[str], chars_max: int, failed_chars_max: int) -> str:
    """Return a command as typed where it failed and there is room, else on one line."""
    if any(outcome != "ok" for outcome in outcomes):
        return typed if len(typed) <= failed_chars_max else _shortened(typed, failed_chars_max)
    return _shortened(typed, chars_max)


def _shortened(text: str, chars_max: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= chars_max else line[: chars_max - 1].rstrip() + CUT


def _outcomes(outcomes: list[str]) -> str:
    """Return a run of outcomes with repetitions counted: `exit 1 ×2, ok`."""
    runs: list[tuple[str, int]] = []
    for outcome in outcomes:
        if runs and runs[-1][0] == outcome:
            runs[-1] = (outcome, runs[-1][1] + 1)
        else:
            runs.append((outcome, 1))
    shown = runs if len(runs) <= 4 else [*runs[:2], (CUT, 1), runs[-1]]
    return ", ".join(outcome if count == 1 else f"{outcome} ×{count}" for outcome, count in shown)


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, without headings, lists' marks and code."""
    for raw in text.splitlines():
        line = raw.strip().lstrip("#*->0123456789. ").strip()
        if len(line) > 12 and not line.startswith(("`", "|", "{", "<")):
            for end in (". ", "。", "! ", "? ", "！", "？"):
                head, found, _ = line.partition(end)
                if found and len(head) > 12:
                    return head + end.strip()
            return line
    return ""
