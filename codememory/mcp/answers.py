"""What the tools answer: short text from the same functions that the command line uses."""

from __future__ import annotations

import os
from time import time
from typing import Any

import apsw

from codememory import config, fence, marking, wire
from codememory.errors import PayloadError, UnknownIdError
from codememory.records import SHORT_HEX
from codememory.store import identity, projects, scope, sessions

FAILURES_SHOWN = 5
HITS_SHOWN = 10
SHOWN_MAX = 100
LINE_CHARS_MAX = 300
DESCRIPTION_CHARS_MAX = 12_000
"""The client puts a result of more than 25,000 tokens into a file; this stays far below."""

ID_CHARS = SHORT_HEX + 4


class Call:
    """One call of a tool: on which store, from which folder, and by which tool use of the client."""

    __slots__ = ("connection", "folder", "now", "tool_use_id")

    def __init__(self, connection: apsw.Connection, folder: str, tool_use_id: str) -> None:
        self.connection, self.folder, self.tool_use_id = connection, folder, tool_use_id
        self.now = int(time() * 1000)

    @property
    def place(self) -> projects.Place | None:
        """Return the place of the call, None where nothing is known of its project."""
        return projects.find_place(self.connection, self.folder)

    @property
    def project_id(self) -> int:
        """Return the project; 0, which none has, where nothing is known of it."""
        return self.place.project_id if self.place else 0

    @property
    def session(self) -> str:
        """Return the client's session id, '' if none is known.

        The server outlives `/clear`, so its environment may name an old one: the hook before the call has written down
        whose it is.
        """
        return (
            sessions.client_id_of_call(self.connection, self.tool_use_id)
            or scope.latest_session(self.connection, self.project_id)
            or os.environ.get("CLAUDE_CODE_SESSION_ID", "")
        )


def recalled(text: str) -> str:
    """Fence stored text as data."""
    return fence.fenced(text, "codememory") if text else ""


def short(id_: str) -> str:
    """Return an id as shown; a session's stays whole."""
    return id_[:ID_CHARS] if id_[3:4] == "_" else id_


def check_prior_failures(call: Call, given: dict[str, Any]) -> str:
    """Return the failures that fit everything given; if there are none, those that fit any of it."""
    from codememory.explore.check import check

    wanted = {
        name: given[argument]
        for name, argument in (("file", "filePath"), ("command", "command"), ("symbol", "symbol"))
        if given.get(argument)
    }
    if not wanted:
        raise PayloadError("Give at least one of filePath, command and symbol.")
    place, limit = call.place, min(given.get("limit", FAILURES_SHOWN), SHOWN_MAX)
    found: dict[str, dict[str, Any]] = {}
    if place:
        sets = [wanted] if len(wanted) == 1 else [wanted, *({name: value} for name, value in wanted.items())]
        for filters in sets:
            if filters is wanted or len(found) < limit:
                listed = check(call.connection, place, call.folder, limit=limit, **filters)["failures"]
                found.update({one["id"]: one for one in listed if one["id"] not in found})
            if filters is wanted and found:
                break
    if not found:
        return f"No failure is remembered of {' or '.join(str(value) for value in wanted.values())} in this project."
    return recalled("\n".join(_failure(one) for one in list(found.values())[:limit]))


def _failure(one: dict[str, Any]) -> str:
    named = one["file"] or one["symbol"] or one["type"]
    what = fence.as_code(one["command"]) if one["command"] else fence.named(named)
    times = "once" if one["occurrences"] == 1 else f"{one['occurrences']} times"
    fix = one["fix"]
    if fix["summary"]:
        sure = "confirmed by the same check passing" if fix["state"] == "confirmed" else "not confirmed"
        whose = f" by {fix['author']} of the team" if fix.get("author") else ""
        remedy = f"Fix{whose} ({sure}): {fence.quoted(fix['summary'], LINE_CHARS_MAX)}"
    elif one["tried"]:
        remedy = "Tried in vain: " + "; ".join(fence.quoted(tried, LINE_CHARS_MAX) for tried in one["tried"])
    else:
        remedy = "No fix known"
    said = fence.quoted(one["content"], LINE_CHARS_MAX)
    return f"- {what} failed {times}, last {one['last_at']}, {one['status']}: {said}. {remedy}. [{short(one['id'])}]"


def mark_decision(call: Call, given: dict[str, Any]) -> str:
    """Remember a decision."""
    return _marked(
        call,
        marking.Mark(
            "decision",
            given["decision"],
            rationale=given.get("rationale", ""),
            alternatives_rejected=given.get("alternatives_rejected"),
            supersedes=given.get("supersedesNodeId", ""),
        ),
    )


def mark_requirement(call: Call, given: dict[str, Any]) -> str:
    """Remember a constraint or task."""
    return _marked(
        call,
        marking.Mark(
            given["kind"],
            given["requirement"],
            details=given.get("details", ""),
            acceptance_criteria=given.get("acceptance_criteria"),
            supersedes=given.get("supersedesNodeId", ""),
        ),
    )


def _marked(call: Call, wanted: marking.Mark) -> str:
    """Mark once: the text tells whether it is known, not the tool use, which is new each time a model repeats it."""
    wanted.origin, wanted.session, wanted.source = "model", call.session, call.tool_use_id
    made = marking.mark(call.connection, wanted, call.folder)
    verb = "Remembered" if made["created"] else "Known already"
    replaced = "".join(f" It replaces {short(one)}." for one in made["superseded"])
    return f"{verb}: {made['kind']} {short(made['id'])}.{replaced}"


def compact(call: Call, given: dict[str, Any]) -> str:
    """Make every summary that can be made of a session, without a model."""
    from codememory.compact import Plan, why_nothing
    from codememory.compact import compact as run

    wanted = given.get("sessionId") or call.session
    if not wanted:
        raise UnknownIdError("There is no session to compact: give sessionId.")
    kind, session_id = identity.resolve(call.connection, wanted)
    if kind != identity.SESSION:
        raise UnknownIdError(f"{wanted!r} is no session.")
    plan = Plan(everything=True)
    created = run(call.connection, session_id, plan, call.now)
    if not created:
        return why_nothing(call.connection, [session_id], plan.tail)
    return f"{len(created)} summaries made: {', '.join(map(short, created))}."


def grep(call: Call, given: dict[str, Any]) -> str:
    """Return one line for each hit in this project."""
    from codememory.explore import grep as search
    from codememory.explore.hits import whose

    found = search.grep(
        call.connection,
        search.Search(
            given["query"],
            mode=given.get("mode", "full_text"),
            scope=given.get("scope", "both"),
            by="message",
            project_id=call.project_id,
            session_id=None,
            role=None,
            file=None,
            since=search.since_of(given.get("since"), call.now),
            before=search.since_of(given.get("before"), call.now),
            limit=min(given.get("limit", HITS_SHOWN), SHOWN_MAX),
        ),
    )
    lines = [
        f"- {(hit['created_at'] or '')[:16]} {whose(hit)}: {fence.quoted(hit['snippet'], LINE_CHARS_MAX)}"
        f" [{short(hit['id'])}]"
        for hit in found["hits"]
    ]
    return "\n".join(part for part in (recalled("\n".join(lines)), found["note"]) if part)


def describe(call: Call, given: dict[str, Any]) -> str:
    """Return everything about one thing, one field a line."""
    from codememory.explore.describe import describe as look

    found = look(call.connection, given["id"])
    lines = [
        f"{name}: {value if isinstance(value, (str, int, float)) else wire.encoded(value)}"
        for name, value in found.items()
        if value not in (None, "", [], {}) and name not in ("blocks", "extra")
    ]
    return recalled(_cut("\n".join(lines), DESCRIPTION_CHARS_MAX))


def expand(call: Call, given: dict[str, Any]) -> str:
    """Return summaries and the verbatim messages under them, as many as fit."""
    from codememory.explore.expand import expand as look
    from codememory.store.search import prose_and_detail

    found = look(
        call.connection,
        given["summaryId"],
        token_budget=given.get("tokenCap", config.setting("MAX_EXPAND_TOKENS")),
        cursor=None,
        depth=given.get("depth", 1),
        include_messages=given.get("includeMessages", True),
    )
    parts = [f"{short(one['id'])} {one['method']} {one['kind']}:\n{one['text']}" for one in found["summaries"]]
    for one in found["messages"]:
        blocks = one["blocks"] if isinstance(one["blocks"], list) else []
        said = "\n".join(part for part in prose_and_detail(blocks, whole=True) if part)
        parts.append(f"{short(one['id'])} {one['role']}, {one['created_at'] or ''}:\n{said}")
    if "node" in found:
        parts.append(f"{short(found['id'])} {found['node']['kind']}: {found['node']['content']}")
    text = recalled("\n\n".join(parts)) or f"There is nothing under {given['summaryId']}."
    more = f"\nThere is more: a larger tokenCap, or `codememory expand {found['id']} --cursor {found['next_cursor']}`."
    return text + (more if found["truncated"] else "")


def expand_query(call: Call, given: dict[str, Any]) -> str:
    """Return the evidence for a question, or another model's answer from it."""
    from codememory.ask import ask

    budget = given.get("tokenBudget", config.setting("MAX_EXPAND_TOKENS"))
    session = sessions.find(call.connection, call.session)
    found = ask(
        call.connection,
        given["query"],
        project_id=call.project_id,
        token_budget=budget,
        delegate=given.get("delegate", False),
        now=call.now,
        session_id=session.session_id if session else None,
        language=given.get("queryLanguage", ""),
    )
    parts = [found["answer"], *_opened(call, found, given.get("maxDepth", 0), budget)]
    return "\n".join(part for part in (recalled("\n\n".join(filter(None, parts))), found["note"]) if part)


def _opened(call: Call, found: dict[str, Any], depth: int, budget: int) -> list[str]:
    """Return what stands under the cited summaries, so many levels down, as far as the budget goes."""
    from codememory.explore.expand import expand as look

    opened: list[str] = []
    left = (budget - found["tokens"]) * 4 if budget else DESCRIPTION_CHARS_MAX
    cited = [one["id"] for one in found["citations"] if one["type"] == "summary"] if depth else []
    for id_ in cited:
        below = look(call.connection, id_, token_budget=0, cursor=None, depth=depth + 1, include_messages=False)
        for one in below["summaries"][1:]:
            text = f"Under {short(id_)}, {short(one['id'])}:\n{one['text']}"
            if len(text) <= left:
                left -= len(text)
                opened.append(text)
    return opened


def _cut(text: str, chars_max: int) -> str:
    return text if len(text) <= chars_max else f"{text[:chars_max]}\n… (cut)"
