"""Put what was found into lines: grouped, one line each with id, age and certainty, within a size."""

from __future__ import annotations

from codememory import fence, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.store.failures import Seen
    from codememory.store.memories import Node

CHARS_MAX = 8_900
"""A hook's output beyond 10,000 characters is replaced by a file pointer (measured); the contract is 9,000."""

LINE_CHARS_MAX = 420
REASON_CHARS_MAX = 160
QUOTE_CHARS_MAX = 220
COMMAND_CHARS_MAX = 120

HEADINGS = {
    "constraint": "Constraints in force:",
    "decision": "Decisions:",
    "task": "Open tasks:",
    "failure": "Failures seen before:",
    "message": "Said before:",
}


class Entry:
    """One thing that may be said; `node_id` is negative where it quotes a message instead of a node."""

    __slots__ = ("group", "line", "node_id")

    def __init__(self, node_id: int, group: str, line: str) -> None:
        self.node_id, self.group, self.line = node_id, group, line

    @property
    def tokens(self) -> int:
        """Estimate what saying it costs."""
        return len(self.line) // 4 + 1


def statement(node: Node, now: int) -> Entry:
    """Return the line of a decision, constraint or task: what it says, why, and what was rejected."""
    parts = [_one_line(node.content, LINE_CHARS_MAX)]
    why = node.details.get("rationale") or node.details.get("details")
    if isinstance(why, str) and why:
        parts.append(f"because {_one_line(why, REASON_CHARS_MAX)}" if node.details.get("rationale") else
                     _one_line(why, REASON_CHARS_MAX))  # fmt: skip
    rejected = node.details.get("alternatives_rejected")
    if isinstance(rejected, list) and rejected:
        parts.append("rejected: " + _one_line("; ".join(str(one) for one in rejected), REASON_CHARS_MAX))
    accept = node.details.get("acceptance_criteria")
    if isinstance(accept, list) and accept:
        parts.append("done when: " + _one_line("; ".join(str(one) for one in accept), REASON_CHARS_MAX))
    return Entry(node.node_id, node.kind, f"- {' — '.join(parts)} [{_source(node, now)}]")


def failure(node: Node, seen: Seen, now: int) -> Entry:
    """Return the line of a failure: what was run, what it printed, how often, and what is known of a fix."""
    command, file = node.details.get("command"), node.details.get("file")
    where = f"`{_one_line(str(command), COMMAND_CHARS_MAX)}`" if command else str(file or "a tool call")
    times = "once" if seen.occurrences == 1 else f"{seen.occurrences} times"
    state = "no fix known" if node.status == "active" else node.status
    said = fence.quoted(node.content, QUOTE_CHARS_MAX)
    age = records.age(now - seen.last_at)
    return Entry(
        node.node_id, "failure",
        f"- {fence.neutralised(where)} failed {times}, last {age} ago: {said}; {state} [{node.short_id}]",
    )  # fmt: skip


def quotation(message_id: int, short_id: str, role: str, text: str, age_ms: int) -> Entry:
    """Return the line that quotes an earlier message."""
    who = "you" if role == "assistant" else "the user"
    quote = fence.quoted(text, QUOTE_CHARS_MAX)
    return Entry(-message_id, "message", f"- {who}, {records.age(age_ms)} ago: {quote} [{short_id}]")


def text_of(entries: list[Entry], source: str, chars_max: int = CHARS_MAX, closing: str = "") -> tuple[str, list[Entry]]:
    """Return the fenced text and the entries in it: the first ones, as many as fit."""
    room = chars_max - len(fence.fenced("", source)) - len(closing) - 1
    chosen: list[Entry] = []
    groups: set[str] = set()
    for entry in entries:
        cost = len(fence.neutralised(entry.line)) + 1
        if entry.group not in groups:
            cost += len(HEADINGS[entry.group]) + 1
        if cost > room:
            continue
        room -= cost
        groups.add(entry.group)
        chosen.append(entry)
    if not chosen:
        return "", []
    lines: list[str] = []
    for group in dict.fromkeys(entry.group for entry in chosen):
        lines.append(HEADINGS[group])
        lines += [entry.line for entry in chosen if entry.group == group]
    if closing:
        lines.append(closing)
    return fence.fenced("\n".join(lines), source), chosen


def _source(node: Node, now: int) -> str:
    sure = {"user": "stated by the user", "model": "marked by the model"}.get(
        node.origin, f"{node.origin}, {round(node.confidence * 100)}% sure"
    )
    return f"{node.short_id}, {sure}, {records.age(now - node.updated_at)} ago"


def _one_line(text: str, chars_max: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= chars_max else line[: chars_max - 1].rstrip() + "…"
