"""The tools as the model sees them. Every word here is paid for in every request: none is there for completeness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codememory.errors import PayloadError
from codememory.mcp import answers, upkeep
from codememory.mcp.answers import Call

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 1}
FLAG: dict[str, Any] = {"type": "boolean"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
STATEMENT: dict[str, Any] = {**TEXT, "description": "One sentence that is understood without this session"}
REPLACED: dict[str, Any] = {**TEXT, "description": "Id (mem_…) of what it replaces"}


class Tool:
    """One tool: its name and arguments, when to call it, and what answers."""

    __slots__ = ("answer", "arguments", "description", "name", "required")

    def __init__(
        self, name: str, description: str, answer: Callable[[Call, dict[str, Any]], str], required: str,
        **arguments: dict[str, Any],
    ) -> None:  # fmt: skip
        self.name, self.description, self.answer = f"codememory_{name}", description, answer
        self.required, self.arguments = required.split(), arguments

    @property
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the arguments."""
        required = {"required": self.required} if self.required else {}
        return {"type": "object", "properties": self.arguments, **required}

    def call(self, call: Call, given: dict[str, Any]) -> str:
        """Answer a call whose arguments fit the schema; null counts as left out.

        Raises:
            PayloadError: There is an argument that the tool does not have.

        """
        unknown = [name for name in given if name not in self.arguments]
        if unknown:
            raise PayloadError(f"{self.name} has no argument {unknown[0]!r}: it has {', '.join(self.arguments)}.")
        return self.answer(call, {name: value for name, value in given.items() if value is not None})


def one_of(*words: str) -> dict[str, Any]:
    """Return the schema of a choice."""
    return {"type": "string", "enum": list(words)}


TOOLS = (
    Tool(
        "check_prior_failures",
        "What failed before with a file, command or symbol of this project, and what fixed it. Call before a risky"
        " edit, and before trying again what just failed.",
        answers.check_prior_failures,
        "",
        filePath=TEXT, command=TEXT, symbol=TEXT, limit=COUNT,
    ),
    Tool(
        "mark_decision",
        "Remember a technical decision for later sessions. Call once, right after it is made or reversed.",
        answers.mark_decision,
        "decision",
        decision=STATEMENT, rationale=TEXT, alternatives_rejected=TEXTS, supersedesNodeId=REPLACED,
    ),
    Tool(
        "mark_requirement",
        "Remember a rule for all later work (constraint), or work that outlives this session (task). Call as soon as"
        " it is stated.",
        answers.mark_requirement,
        "kind requirement",
        kind=one_of("constraint", "task"), requirement=STATEMENT, details=TEXT, acceptance_criteria=TEXTS,
        supersedesNodeId=REPLACED,
    ),
    Tool(
        "compact",
        "Put a session's stored history under summaries; nothing is lost. Call only when asked to.",
        answers.compact,
        "",
        sessionId=TEXT,
    ),
)  # fmt: skip

DEBUG_TOOLS = (
    Tool(
        "grep",
        "Search everything said and done in earlier sessions, by words or a regular expression.",
        answers.grep,
        "query",
        query=TEXT, mode=one_of("full_text", "regex"), scope=one_of("messages", "summaries", "both", "nodes", "all"),
        since=TEXT, before=TEXT, limit=COUNT,
    ),
    Tool(
        "describe",
        "Show one message, summary, memory or session by its id: where it came from and what it leads to.",
        answers.describe,
        "id",
        id=TEXT,
    ),
    Tool(
        "expand",
        "Give back the verbatim messages under a summary or session.",
        answers.expand,
        "summaryId",
        summaryId=TEXT, depth=NUMBER, includeMessages=FLAG, tokenCap=NUMBER,
    ),
    Tool(
        "expand_query",
        "Gather cited evidence from history for a question; `delegate` lets another model answer from it.",
        answers.expand_query,
        "query",
        query=TEXT, tokenBudget=NUMBER, maxDepth=NUMBER, delegate=FLAG, queryLanguage=TEXT,
    ),
    Tool(
        "memory_pending",
        "List, apply or dismiss changes of memories that were too uncertain to make alone.",
        upkeep.memory_pending,
        "action",
        action=one_of("list", "apply", "dismiss"), pendingId=TEXT, targetNodeId=TEXT, reason=TEXT,
        status=one_of("pending", "applied", "dismissed"), limit=COUNT,
    ),
    Tool(
        "memory_lifecycle",
        "Inspect or correct the life of a memory. The supersede actions take oldNodeId and newNodeId,"
        " stale_maintenance nothing, all others nodeId.",
        upkeep.memory_lifecycle,
        "action",
        action=one_of(*upkeep.ACTIONS), nodeId=TEXT, oldNodeId=TEXT, newNodeId=TEXT, reason=TEXT, limit=COUNT,
    ),
)  # fmt: skip
