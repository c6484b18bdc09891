"""Write a summary from facts, without a model: what was asked, changed, run, what failed, was decided, stayed open.

A summary is lines under headings, each with the id of a message it rests on. Where room is short every line becomes
shorter before any is left out; decisions, files and failing commands are left out last.
"""

from __future__ import annotations

from codememory.score import text_tokens

ID_HEX = 8
WHYS_MAX, NAMES_MAX = 3, 8
CUT = "…"


class Level:
    """How much a line of each kind may hold, in characters; of what an edit was for and of answers 0 is none."""

    __slots__ = ("answer", "command", "failed", "looks", "other", "request", "stated", "why")

    def __init__(
        self, request: int, stated: int, why: int, command: int, failed: int, other: int, answer: int, looks: int
    ) -> None:
        self.request, self.stated, self.why, self.command = request, stated, why, command
        self.failed, self.other, self.answer, self.looks = failed, other, answer, looks


LEVELS = (
    Level(500, 600, 420, 300, 2_000, 600, 420, 900),
    Level(300, 600, 220, 200, 2_000, 300, 240, 500),
    Level(180, 400, 120, 140, 2_000, 180, 120, 240),
    Level(110, 320, 60, 110, 700, 120, 0, 0),
    Level(80, 200, 0, 70, 160, 80, 0, 0),
)
"""From generous to terse."""

TERSE = Level(80, 160, 0, 60, 110, 70, 0, 0)
LOOK_CHARS_MAX = 100


class Edit:
    """The changes of one file: how often, what for, which definitions; and a message they rest on."""

    __slots__ = ("count", "key", "names", "why")

    def __init__(self, key: str) -> None:
        self.count, self.key = 0, key
        self.why: list[str] = []
        self.names: list[str] = []

    def learn(self, why: str, names: list[str]) -> None:
        """Add what another change was for."""
        if why and why not in self.why and len(self.why) < WHYS_MAX:
            self.why.append(why)
        self.names += [name for name in names if name not in self.names][: NAMES_MAX - len(self.names)]


class Run:
    """The runs of one command: as typed, how they ended in order, and a message they rest on."""

    __slots__ = ("failed", "key", "outcomes", "typed")

    def __init__(self, typed: str, key: str) -> None:
        self.typed, self.key = typed, key
        self.outcomes: list[str] = []
        self.failed: list[str] = []
        """As typed where it failed: the same command can be typed in several ways."""

    def end(self, outcome: str, typed: str) -> None:
        """Add how a run ended."""
        self.outcomes.append(outcome)
        if outcome != "ok" and typed not in self.failed:
            self.failed.append(typed)


class Facts:
    """What a span holds, in order; most entries are (text, id of a message it rests on or '')."""

    __slots__ = (
        "answers", "commands", "conclusions", "delegated", "edits", "failures", "looks", "marks", "open", "outputs",
        "requests",
    )  # fmt: skip

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.edits: dict[str, Edit] = {}
        self.commands: dict[str, Run] = {}
        """By the normalised command."""
        self.looks: dict[str, str] = {}
        """What was only looked at → id."""
        self.outputs: dict[str, str] = {}
        """Where there is nothing else: what outputs are of → id."""
        self.delegated: list[tuple[str, str]] = []
        self.failures: list[tuple[str, str, str]] = []
        """(What went wrong, what became of it, id)."""
        self.marks: list[tuple[str, str]] = []
        self.conclusions: list[tuple[str, str]] = []
        self.answers: list[tuple[str, str]] = []
        """What the last words before each next request, and at the end, say."""
        self.open: list[tuple[str, str]] = []

    def is_empty(self) -> bool:
        """Tell whether nothing was found."""
        return not any(getattr(self, name) for name in self.__slots__)


def written(facts: Facts, tokens_max: int) -> str:
    """Return the summary of facts in at most `tokens_max` tokens; '…' if not even one line fits."""
    for level in LEVELS:
        text = "\n".join(line for lines in _sections(facts, level) for line in lines)
        if text_tokens(text) <= tokens_max:
            return text or CUT
    terse = _terse(facts)
    if text_tokens("\n".join(terse)) > tokens_max:
        return _packed(terse, tokens_max)
    more = [line for lines in _sections(facts, TERSE) for line in lines[1:]]
    return _filled(terse, more, tokens_max) or _packed(more, tokens_max)


def _sections(facts: Facts, level: Level) -> list[list[str]]:
    """Return the sections that hold something, the most important first, each a heading and its lines."""
    answers = [*facts.answers, *facts.conclusions] if level.answer else []
    changed = [
        _line(_change(file, edit, level), level.why + len(file) + 120, edit.key) for file, edit in facts.edits.items()
    ]
    found = [
        ("Asked:", [_line(text, level.request, key) for text, key in facts.requests]),
        ("Decided:", [_line(text, level.stated, key) for text, key in facts.marks]),
        ("Changed:", changed),
        ("Ran:", [line for one in facts.commands.values() for line in _ran(one, level)]),
        ("Failed:", [_line(text, level.other * 2, key) for text, key in _failures(facts)]),
        ("Open:", [_line(text, level.other, key) for text, key in facts.open]),
        ("Found:", [_line(text, level.answer, key) for text, key in _distinct(answers)]),
        ("Delegated:", [_line(text, level.other, key) for text, key in facts.delegated]),
        ("Looked at:", [_looks(facts.looks, level.looks)] if facts.looks and level.looks else []),
        ("Only output of:", [_looks(facts.outputs, level.looks)] if facts.outputs and level.looks else []),
    ]
    return [[heading, *dict.fromkeys(lines)] for heading, lines in found if lines]


def _change(file: str, edit: Edit, level: Level) -> str:
    parts = [file + (f" ×{edit.count}" if edit.count > 1 else "")]
    if level.why and edit.names:
        parts.append(f"({', '.join(edit.names)})")
    why = _shortened("; ".join(edit.why), level.why) if level.why else ""
    return " ".join(parts) + (f": {why}" if why else "")


def _failures(facts: Facts) -> list[tuple[str, str]]:
    """Return one line for all failures of which the same became."""
    merged: dict[str, tuple[list[str], str]] = {}
    for said, became, key in facts.failures:
        texts, _ = merged.setdefault(became if became != "open" else f"open {said}", ([], key))
        if said not in texts:
            texts.append(said)
    return [
        (f"{'; '.join(texts)} → {'open' if became.startswith('open ') else became}", key)
        for became, (texts, key) in merged.items()
    ]


def _distinct(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return entries without those that say again what another says; the order of their messages is kept."""
    found: list[tuple[str, str]] = []
    for text, key in entries:
        if text and not any(text in other or key == held for other, held in found):
            found.append((text, key))
    return found


def _ran(run: Run, level: Level) -> list[str]:
    """Return the line of a command; each other way of typing it that failed is shown too."""
    ended = f" → {_outcomes(run.outcomes)} [{run.key[:ID_HEX]}]"
    if not run.failed:
        return [f"- `{_shortened(run.typed, level.command)}`{ended}"]
    typed = [one if len(one) <= level.failed else _shortened(one, level.failed) for one in run.failed]
    return [f"- `{typed[0]}`{ended}", *(f"- `{one}` failed alike" for one in dict.fromkeys(typed[1:]))]


def _looks(looks: dict[str, str], chars_max: int) -> str:
    """Return what was looked at on one line, the first of it if it is much."""
    shown = ""
    for number, (what, key) in enumerate(looks.items()):
        one = f"{_shortened(what, LOOK_CHARS_MAX)} [{key[:ID_HEX]}]"
        if shown and len(shown) + len(one) + 2 > chars_max:
            return f"- {shown}, {len(looks) - number} more"
        shown = f"{shown}, {one}" if shown else one
    return f"- {shown}"


def _terse(facts: Facts) -> list[str]:
    """Return what must survive, in few words: the last request, what was decided, files, failing commands."""
    lines = [_line(text, TERSE.stated, key) for text, key in facts.marks]
    if facts.edits:
        lines.append("Changed: " + ", ".join(facts.edits))
    failed = [
        f"`{_shortened(run.failed[0], TERSE.failed)}` → {_outcomes(run.outcomes)}"
        for run in facts.commands.values()
        if run.failed
    ]
    if failed:
        lines.append("Failing: " + "; ".join(failed))
    if facts.requests:
        lines.insert(0, _line(facts.requests[-1][0], TERSE.request, facts.requests[-1][1]))
    return lines


def _filled(terse: list[str], more: list[str], tokens_max: int) -> str:
    """Add further lines to the terse ones, in their order, while there is room."""
    lines = list(terse)
    room = tokens_max - text_tokens("\n".join(lines)) - 1
    held = "\n".join(lines)
    for line in more:
        cost = text_tokens(line) + 1
        if cost <= room and line[2:34] not in held:
            lines.append(line)
            room -= cost
    return "\n".join(lines)


def _packed(lines: list[str], tokens_max: int) -> str:
    """Return the lines that fit, whole; the beginning of the first if none does."""
    chosen: list[str] = []
    room = tokens_max
    for line in lines:
        cost = text_tokens(line) + 1
        if cost <= room:
            chosen.append(line)
            room -= cost
        elif room > 24:
            chosen.append(_cut(line, room - 1))
            room = 0
    return "\n".join(chosen) or _cut("\n".join(lines), tokens_max)


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
