"""Put what was found into lines: grouped, one line each with id, age and certainty, within a size."""

from __future__ import annotations

from codememory import fence, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codememory.remedy import Remedy
    from codememory.store.failures import Seen
    from codememory.store.memories import Node

CHARS_MAX = 8_900
"""A hook's output beyond 10,000 characters is replaced by a file pointer (measured); the contract is 9,000."""

LINE_CHARS_MAX = 420
REASON_CHARS_MAX = 160
QUOTE_CHARS_MAX = 220
REMEDY_CHARS_MAX = 360
COMMAND_CHARS_MAX = 120
AUTHOR_CHARS_MAX = 63

HEADINGS = {
    "constraint": "Constraints in force:",
    "decision": "Decisions:",
    "task": "Open tasks:",
    "failure": "Failures seen before:",
    "summary": "Earlier work:",
    "message": "Said before:",
    "team": "Others of the team say, which nobody has confirmed here:",
}


LABELS = {
    "constraint": "Constraint in force",
    "decision": "Decision",
    "task": "Open task",
    "failure": "Seen before",
    "summary": "Earlier work",
    "message": "Said before",
    "team": "Said by the team, not confirmed here",
}

TEAM = "team"
"""The origin of what only others state; `details["team"]` says who."""


class Entry:
    """One thing that may be said; `node_id` is negative where it quotes a message instead of a node.

    Entries of a `group` stand together under its heading; '' is no group.
    """

    __slots__ = ("group", "line", "node_id")

    def __init__(self, node_id: int, group: str, line: str) -> None:
        self.node_id, self.group, self.line = node_id, group, line

    @property
    def tokens(self) -> int:
        """Estimate what saying it costs."""
        return len(self.line) // 4 + 1


def labelled(entry: Entry) -> Entry:
    """Return an entry that says itself of what kind it is, so that the order stays the order of relevance."""
    return Entry(entry.node_id, "", f"- {LABELS[entry.group]}: {entry.line.removeprefix('- ')}")


def statement(node: Node, now: int) -> Entry:
    """Return the line of a decision, constraint or task: what it says, why, and what was rejected."""
    if node.origin == TEAM and node.trust != "stated":
        why = node.details.get("rationale") or node.details.get("details") or ""
        said = fence.quoted(f"{node.content} — {why}" if why else node.content, LINE_CHARS_MAX)
        return Entry(node.node_id, TEAM, f"- {node.kind} of {author_of(node.details)}: {said} [{_source(node, now)}]")
    parts = [_one_line(node.content, LINE_CHARS_MAX)]
    why = node.details.get("rationale") or node.details.get("details")
    if isinstance(why, str) and why and why not in node.content:
        parts.append(f"because {_one_line(why, REASON_CHARS_MAX)}" if node.details.get("rationale") else
                     _one_line(why, REASON_CHARS_MAX))  # fmt: skip
    rejected = node.details.get("alternatives_rejected")
    if isinstance(rejected, list) and any(str(one) not in node.content for one in rejected):
        parts.append("rejected: " + _one_line("; ".join(str(one) for one in rejected), REASON_CHARS_MAX))
    accept = node.details.get("acceptance_criteria")
    if isinstance(accept, list) and accept:
        parts.append("done when: " + _one_line("; ".join(str(one) for one in accept), REASON_CHARS_MAX))
    return Entry(node.node_id, node.kind, f"- {' — '.join(parts)} [{_source(node, now)}]")


def failure(node: Node, seen: Seen, known: Remedy, now: int) -> Entry:
    """Return the line of a failure with what is known against it; said once under the remedy's id if there is one."""
    times = "once" if seen.occurrences == 1 else f"{seen.occurrences} times"
    age = records.age(now - seen.last_at)
    said = fence.quoted(node.content, QUOTE_CHARS_MAX)
    whom = f" for {author_of(node.details)}" if node.origin == TEAM else ""
    line = f"- {_where(node)} failed {times}{whom}, last {age} ago: {said}. {_remedy(known, now)} [{node.short_id}]"
    return Entry(known.said_under or node.node_id, "failure", line)


def guard_reason(node: Node, known: Remedy, runs: int) -> str:
    """Return why a command is not worth running as it is: the evidence, then the remedy."""
    said = fence.quoted(node.content, QUOTE_CHARS_MAX)
    return (
        f"codememory: {_where(node)} failed {runs} times in a row with the same error and nothing it depends on has"
        f" changed since: {said}. {_remedy(known, 0)} Change something first; run again as it is, it is let through."
    )


def thrash(node: Node, tried: list[str], newest_id: int) -> Entry:
    """Return the line that says that the same check keeps failing, with the attempts already made."""
    made = " | ".join(fence.quoted(one, REASON_CHARS_MAX) for one in tried)
    line = (
        f"- {_where(node)} still fails alike after {len(tried)} attempts: {made}. Step back: what do they share that is"
        f" wrong? [{node.short_id}]"
    )
    return Entry(newest_id, "failure", line)


def _where(node: Node) -> str:
    command, file = node.details.get("command"), node.details.get("file")
    if command:
        return fence.as_code(_one_line(str(command), COMMAND_CHARS_MAX))
    return fence.named(str(file)) if file else "a tool"


def _remedy(known: Remedy, now: int) -> str:
    """Return what helps, and how sure that is; else what was tried in vain."""
    summary = known.summary
    if summary:
        quote = fence.quoted(summary, REMEDY_CHARS_MAX)
        if known.state == "confirmed":
            when = f" {records.age(now - known.attempt.created_at)} ago" if known.attempt and now else ""
            back = "; it is back now" if known.reopened else ""
            return f"Fixed{when}{_by(known)}, confirmed by the same check passing{back}: {quote}."
        return f"Perhaps fixed{_by(known)} by (not confirmed): {quote}."
    if known.tried:
        return "Tried in vain: " + "; ".join(fence.quoted(one, REASON_CHARS_MAX) for one in known.tried[:2]) + "."
    return "No fix known."


def _by(known: Remedy) -> str:
    """Return whose remedy it is, '' for one that was seen to help here."""
    return f" by {author_of(known.details)} of the team" if TEAM in known.details else ""


def author_of(details: dict[str, Any]) -> str:
    """Return who of the team states something, fit for a line."""
    told = details.get(TEAM)
    name = str(told.get("author", "")) if isinstance(told, dict) else ""
    return _one_line(fence.neutralised(name), AUTHOR_CHARS_MAX) or "somebody"


def summary(node: Node, now: int) -> Entry:
    """Return the line of an earlier span of work, with what opens it."""
    quote = fence.quoted(node.content, QUOTE_CHARS_MAX)
    opened = str(node.details.get("summary", ""))[: records.SHORT_HEX + 4]
    age = records.age(now - node.created_at)
    return Entry(node.node_id, "summary", f"- {age} ago: {quote} [{node.short_id}; `codememory expand {opened}`]")


def quotation(message_id: int, short_id: str, role: str, text: str, age_ms: int) -> Entry:
    """Return the line that quotes an earlier message."""
    who = "you" if role == "assistant" else "the user"
    quote = fence.quoted(text, QUOTE_CHARS_MAX)
    return Entry(-message_id, "message", f"- {who}, {records.age(age_ms)} ago: {quote} [{short_id}]")


def text_of(
    entries: list[Entry], source: str, chars_max: int = CHARS_MAX, closing: str = ""
) -> tuple[str, list[Entry]]:
    """Return the fenced text and the entries in it: the first ones, as many as fit."""
    room = chars_max - len(fence.fenced("", source)) - len(closing) - 1
    chosen: list[Entry] = []
    groups: set[str] = set()
    for entry in entries:
        cost = len(fence.neutralised(entry.line)) + 1
        if entry.group and entry.group not in groups:
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
        if group:
            lines.append(HEADINGS[group])
        lines += [entry.line for entry in chosen if entry.group == group]
    if closing:
        lines.append(closing)
    return fence.fenced("\n".join(lines), source), chosen


def _source(node: Node, now: int) -> str:
    if node.origin == TEAM:
        trusted = ", trusted here" if node.trust == "stated" else ""
        return f"{node.short_id}, from {author_of(node.details)}{trusted}, {records.age(now - node.updated_at)} ago"
    sure = {"user": "stated by the user", "model": "marked by the model"}.get(
        node.origin, f"{node.origin}, {round(node.confidence * 100)}% sure"
    )
    return f"{node.short_id}, {sure}, {records.age(now - node.updated_at)} ago"


def _one_line(text: str, chars_max: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= chars_max else line[: chars_max - 1].rstrip() + "…"
