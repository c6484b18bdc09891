"""What the overview shows: numbers, the latest memories, and the charts' bars."""

from __future__ import annotations

from collections import Counter
from typing import Any

from codememory.picture.gather import Picture
from codememory.records import NODE_STATUSES
from codememory.report import charts

LISTED_MAX = 6
PROJECTS_MAX = 20


class Facts:
    """What the page is of: what was filtered, in words, whether nothing was, when, and how long hooks took."""

    def __init__(self, scope: str, everything: bool, at: int, durations: list[tuple[Any, ...]]) -> None:
        self.scope, self.everything, self.at, self.durations = scope, everything, at, durations


def overview(picture: Picture, status: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """Return the values of the overview's template; where nothing is filtered out, the numbers are `status`'s."""
    nodes = picture.index["nodes"]
    failures = [node for node in nodes if node["kind"] == "failure"]
    kinds = status["counts"]["nodes"] if facts.everything else picture.kinds
    figures = _of_store(status) if facts.everything else _of_picture(picture)
    projects = _projects(picture.index)
    return {
        "title": f"Only {facts.scope}" if facts.scope else "What is remembered",
        "scope": facts.scope,
        "everything": facts.everything,
        "status": status,
        "figures": {
            **figures,
            "memories": sum(sum(one.values()) for one in kinds.values()),
            "fixed": kinds.get("failure", {}).get("resolved", 0),
            "open": kinds.get("failure", {}).get("active", 0),
        },
        "statuses": NODE_STATUSES,
        "kinds": [
            {"name": name, "counts": [(one, counts.get(one, 0)) for one in NODE_STATUSES]}
            for name, counts in sorted(kinds.items())
        ],
        "days": charts.by_day(one["started_at"] for one in picture.index["sessions"]),
        "open": [one for one in failures if one["verdict"]["state"] in ("open", "back")][:LISTED_MAX],
        "fixed": [one for one in failures if one["verdict"]["state"] == "fixed"][:LISTED_MAX],
        "constraints": [one for one in nodes if one["kind"] == "constraint" and one["status"] == "active"][:LISTED_MAX],
        "decisions": [one for one in nodes if one["kind"] == "decision"][:LISTED_MAX],
        "told": _shares(picture.told),
        "hooks": [charts.durations(event, hook, facts.durations) for event, hook in status["hooks"].items()],
        "projects": projects[:PROJECTS_MAX],
        "projects_left": len(projects[PROJECTS_MAX:]),
    }


def _of_store(status: dict[str, Any]) -> dict[str, int]:
    counts, told = status["counts"], status["injected"]
    return {
        **{name: counts[name] for name in ("sessions", "messages", "summaries")},
        "injected": told["count"],
        "tokens": told["tokens"],
        "again": told["again"],
    }


def _of_picture(picture: Picture) -> dict[str, int]:
    sessions = picture.index["sessions"]
    return {
        "sessions": len(sessions),
        **{name: sum(one[name] for one in sessions) for name in ("messages", "summaries")},
        "injected": sum(one["count"] for one in picture.told),
        "tokens": sum(one["tokens"] for one in picture.told),
        "again": picture.again,
    }


def _shares(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    whole = sum(one["tokens"] for one in told) or 1
    return [{**one, "share": round(100 * one["tokens"] / whole, 1)} for one in told]


def _projects(index: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the projects with what they hold, those with something in this view, the latest first."""
    memories = Counter(node["project"] for node in index["nodes"])
    found: dict[str, dict[str, Any]] = {
        one["root"]: {**one, "sessions": 0, "messages": 0, "last_at": 0, "memories": memories[one["root"]]}
        for one in index["projects"]
    }
    for session in index["sessions"]:
        one = found[session["project"]]
        one["sessions"] += 1
        one["messages"] += session["messages"]
        one["last_at"] = max(one["last_at"], session["last_at"])
    held = [one for one in found.values() if one["sessions"] or one["memories"]]
    return sorted(held, key=lambda one: -one["last_at"])
