"""Has this failed before? By file, command, symbol or the error itself."""

from __future__ import annotations

from typing import Any

import apsw

from codememory import remedy
from codememory.explore import shapes
from codememory.extract.calls import relative
from codememory.retrieve.render import TEAM, author_of
from codememory.store import failures, memories
from codememory.store.projects import Place

LINES_MAX, LINE_CHARS_MIN = 40, 8
"""Of an error, how many of its last lines are looked for one by one, and what a line must have to tell something."""

TERMS_MAX, NEAR_MAX = 12, 20


def check(
    connection: apsw.Connection,
    place: Place,
    cwd: str,
    *,
    file: str | None = None,
    command: str | None = None,
    symbol: str | None = None,
    error: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """Return `{failures[…]}` of a project, the latest first; what is given narrows the search together."""
    wanted: list[set[int]] = []
    if file:
        wanted.append(_tagged(connection, place, "file", relative(file, place.root, cwd)))
    if command:
        from codememory.extract.command import normalised_command

        wanted.append(_tagged(connection, place, "command", normalised_command(command)))
    if symbol:
        wanted.append(_tagged(connection, place, "symbol", symbol))
    if error:
        wanted.append(_same_error(connection, place, cwd, error, command or ""))
    node_ids = set.intersection(*wanted) if wanted else set()
    nodes = [node for node in memories.load_all(connection, list(node_ids)).values() if node.kind == "failure"]
    found = [_shape(connection, node) for node in nodes]
    found.sort(key=lambda one: one["last_at"] or "", reverse=True)
    return {"failures": found[:limit]}


def _tagged(connection: apsw.Connection, place: Place, kind: str, value: str) -> set[int]:
    return set(memories.tagged(connection, place.project_id, kind, value, 500))


def _same_error(connection: apsw.Connection, place: Place, cwd: str, error: str, command: str) -> set[int]:
    from codememory.extract.signature import failures_in

    found = set()
    for failure in failures_in(error, tool="Bash", command=command, cwd=cwd, is_error=True):
        seen = failures.by_signature(connection, place.project_id, failure.signature)
        if seen:
            found.add(seen.node_id)
    return found or _same_line(connection, place, cwd, error)


def _same_line(connection: apsw.Connection, place: Place, cwd: str, error: str) -> set[int]:
    """Return the failures that hold a line of an error: people copy the last one without what stands above it."""
    from codememory.extract.normalise import essence
    from codememory.retrieve.plan import planned
    from codememory.store import search

    lines = [line for line in error.splitlines()[-LINES_MAX:] if len(line.strip()) >= LINE_CHARS_MIN]
    said = {essence(line, cwd) for line in lines}
    near: set[int] = set()
    for line in lines:
        expression = " OR ".join(f'"{term}"' for term in planned(line).terms[:TERMS_MAX])
        if expression:
            found = search.match_nodes(connection, expression, project_id=place.project_id, limit=NEAR_MAX)
            near |= {node_id for node_id, _ in found}
    return {
        node.node_id
        for node in memories.load_all(connection, list(near)).values()
        if said & {essence(line, cwd) for line in (node.content, *node.details.get("lines", []))}
    }


def _shape(connection: apsw.Connection, node: memories.Node) -> dict[str, Any]:
    seen = failures.seen(connection, node.node_id)
    known = remedy.of_failure(connection, node)
    return {
        "id": node.id,
        "type": seen.type,
        "signature": seen.signature,
        "file": node.details.get("file") or _first_tag(connection, node, "file"),
        "command": node.details.get("command"),
        "symbol": seen.symbol,
        "content": node.content,
        "lines": node.details.get("lines", []),
        "occurrences": seen.occurrences,
        "last_at": shapes.moment(seen.last_at),
        "status": node.status,
        "confidence": node.confidence,
        "fix": {
            "state": known.state,
            "summary": known.summary,
            "id": known.id,
            "author": author_of(known.details) if TEAM in known.details else None,
        },
        "tried": known.tried,
    }


def _first_tag(connection: apsw.Connection, node: memories.Node, kind: str) -> str | None:
    tags = memories.tags_of(connection, node.node_id)
    weighed = sorted((-weight, value) for one, value, weight in tags if one == kind)
    return weighed[0][1] if weighed else None
