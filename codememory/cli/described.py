"""What `describe` shows of a memory, summary, session or message: the gist first, then what it hangs together with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import apsw
from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from codememory.cli import show
from codememory.explore.describe import describe
from codememory.store.search import prose_and_detail

LINE_CHARS_MAX = 400
LISTED_MAX = 12
SPAN_CELLS = 24
TONES = {"fixed": "green", "back": "red", "open": "red", "gone": "dim", "succeeded": "green", "failed": "red"}
TITLES = {"rationale": "why", "alternatives_rejected": "rejected", "acceptance_criteria": "done when"}
SHOWN_ABOVE = ("type", "files", "hunks", "outcome")
"""Details that the tags and the tree of attempts tell."""


def shown(connection: apsw.Connection, found: dict[str, Any]) -> None:
    """Print a described thing."""
    kinds: dict[str, Callable[[apsw.Connection, dict[str, Any]], Iterable[RenderableType]]] = {
        "node": _node,
        "summary": _summary,
        "session": _session,
        "message": _message,
    }
    for part in kinds[found["type"]](connection, found):
        if isinstance(part, Text):
            show.text(part)
        else:
            show.block(part)


def _head(*words: str, style: str = "") -> Text:
    return Text(" ").join([Text(words[0], style="bold"), *(Text(word, style=style) for word in words[1:] if word)])


def _line(text: object) -> str:
    line = " ".join(show.printable(str(text)).split())
    return line if len(line) <= LINE_CHARS_MAX else line[:LINE_CHARS_MAX] + "…"


def _node(connection: apsw.Connection, found: dict[str, Any]) -> Iterable[RenderableType]:
    state = found.get("verdict", {}).get("state") or found.get("attempt", {}).get("outcome") or found["status"]
    yield _head(found["kind"].replace("_", " "), state, show.short(found["id"]), style=TONES.get(state, ""))
    yield Text(show.printable(found["content"]))
    yield Text("")
    if "verdict" in found:
        yield Text(found["verdict"]["sentence"], style=TONES[state])
        yield _chain(found)
        yield Text("")
    facts: dict[str, Any] = {}
    for name, value in found["details"].items():
        if name not in SHOWN_ABOVE:
            facts[TITLES.get(name, name)] = "\n".join(map(str, value)) if isinstance(value, list) else value
    if "attempt" in found and found["attempt"]["failure"]:
        facts["against"] = _line(describe(connection, found["attempt"]["failure"])["content"])
    facts["from"] = (
        f"{found['origin']}, {found['trust']}, {found['confidence']:.0%} sure; session {found['session'] or 'unknown'}"
    )
    facts["project"] = found["project"]
    facts["written"] = show.when(found["created_at"]) + (f" on {found['branch']}" if found["branch"] else "")
    facts["found by"] = ", ".join(f"{one['kind']} {one['value']}" for one in found["tags"][:LISTED_MAX])
    facts["rests on"] = ", ".join(found["evidence"][:LISTED_MAX])
    facts["told"] = _told(found["said"])
    yield show.facts({name: value for name, value in facts.items() if value})
    links = [one for one in found["relations"] if one["kind"] not in ("attemptedFixFor", "resolves")]
    if links:
        yield _links(connection, links)
    if found["kind"] != "failure":
        yield _life(found["lifecycle"])


def _chain(found: dict[str, Any]) -> Tree:
    """Return what happened to a failure, in order: when it was met, what was tried, what came of it."""
    failure = found["failure"]
    times = "once" if failure["occurrences"] == 1 else f"{failure['occurrences']} times"
    tree = Tree(Text(f"failed {times}, first {show.when(failure['first_at'])}, last {show.when(failure['last_at'])}"))
    words = {
        "succeeded": "changed, and the check passed", "failed": "changed, and it failed again",
        "partial": "changed; this error was gone, another was there",
    }  # fmt: skip
    steps: list[tuple[str, Text, list[str]]] = []
    for one in reversed(found["attempts"]):
        head = Text.assemble((words.get(one["outcome"], one["outcome"]), TONES.get(one["outcome"], "yellow")))
        below = [_line(one["summary"]), f"checked by `{_line(one['check'])}`" if one["check"] else "", one["id"]]
        steps.append((one["at"] or "", head, below))
    for step in found["lifecycle"]:
        if step["verb"] != "created" and "by" not in step["detail"]:
            reason = step["detail"].get("reason") or step["detail"].get("message") or step["detail"].get("call") or ""
            steps.append((step["at"] or "", Text(step["verb"]), [str(reason)]))
    for at, head, below in sorted(steps, key=lambda one: one[0])[-LISTED_MAX:]:
        branch = tree.add(Text.assemble((f"{show.when(at)}  ", "dim"), head))
        for text in below:
            if text:
                branch.add(Text(text))
    return tree


def _told(said: list[dict[str, Any]]) -> str:
    if not said:
        return "never to the model"
    last = said[-1]
    times = "once" if len(said) == 1 else f"{len(said)} times"
    return f"{times}, last {show.when(last['at'])} at {last['event']} in {last['session']}"


def _links(connection: apsw.Connection, links: list[dict[str, Any]]) -> Tree:
    tree = Tree("linked with")
    for one in links[:LISTED_MAX]:
        other = describe(connection, one["id"])
        kind = f"{one['kind']} {'→' if one['direction'] == 'out' else '←'} "
        tree.add(Text.assemble((kind, "dim"), f"{_line(other['content'])} ", (show.short(one["id"]), "dim")))
    return tree


def _life(steps: list[dict[str, Any]]) -> Tree:
    tree = Tree("its life")
    for step in steps[-LISTED_MAX:]:
        detail = ", ".join(f"{name} {value}" for name, value in step["detail"].items())
        tree.add(
            Text.assemble((f"{show.when(step['at'])}  ", "dim"), f"{step['verb']} by {step['actor']} {_line(detail)}")
        )
    return tree


def _session(connection: apsw.Connection, found: dict[str, Any]) -> Iterable[RenderableType]:
    yield _head("session", found["id"])
    yield show.facts(
        {
            "project": found["project"],
            "from": show.when(found["started_at"]),
            "to": show.when(found["last_at"]),
            "messages": f"{found['messages']:,}, {found['expand_tokens']:,} tokens",
            "compactions": found["compactions"],
            "subagents": len([thread for thread in found["threads"] if thread]),
        }
    )
    yield Text("")
    whole = max(1, found["messages"])
    tree = Tree(f"{len(found['summaries']):,} summaries, {len(found['tail']):,} messages not compacted")
    for root in found["roots"]:
        _branch(connection, tree, root, whole)
    yield tree


def _branch(connection: apsw.Connection, tree: Tree, summary_id: str, whole: int) -> None:
    """Add a summary with those under it: what it covers of the session, and from how much to how little."""
    one = describe(connection, summary_id)
    first, last = one["places"]
    start = SPAN_CELLS * first // whole
    size = max(1, SPAN_CELLS * (last - first + 1) // whole)
    span = ("·" * start + "█" * size + "·" * SPAN_CELLS)[:SPAN_CELLS]
    sizes = f"{one['messages']:,} messages, {one['source_tokens']:,} → {one['tokens']:,} tokens"
    branch = tree.add(Text.assemble((span, "cyan"), f"  {one['kind']} ", (f"{show.short(one['id'])}  {sizes}", "dim")))
    if one["kind"] != "leaf":
        for child in one["children"]:
            _branch(connection, branch, child, whole)


def _summary(connection: apsw.Connection, found: dict[str, Any]) -> Iterable[RenderableType]:
    yield _head("summary", found["kind"], found["method"], show.short(found["id"]))
    yield show.facts(
        {
            "session": found["session"],
            "covers": f"{found['messages']:,} messages, {found['expand_tokens']:,} tokens to expand",
            "size": f"{found['source_tokens']:,} → {found['tokens']:,} tokens",
            "under": ", ".join(map(show.short, found["parents"])) or "nothing",
            "over": f"{len(found['children']):,} {'messages' if found['kind'] == 'leaf' else 'summaries'}",
        }
    )
    yield Text("")
    yield Text(show.printable(found["text"]))


def _message(connection: apsw.Connection, found: dict[str, Any]) -> Iterable[RenderableType]:
    yield _head("message", found["kind"], show.short(found["id"]))
    facts = {
        "by": found["role"] + (f", subagent {found['thread']}" if found["thread"] else ""),
        "at": show.when(found["created_at"]),
        "session": ", ".join(found["sessions"]),
        "place": f"{found['seq']}, tier {found['tier']}, {found['tokens']:,} tokens",
        "transcript": f"{found['transcript']['path']} at byte {found['transcript']['offset']:,}",
        "remembered": ", ".join(map(show.short, found["nodes"])),
    }
    yield show.facts({name: value for name, value in facts.items() if value})
    yield Text("")
    blocks = found["blocks"] if isinstance(found["blocks"], list) else []
    yield Text(show.printable("\n".join(part for part in prose_and_detail(blocks, whole=True) if part)))
