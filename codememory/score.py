"""Score a conversation line into a tier: what is injected, compacted, reduced to facts or only kept."""

from __future__ import annotations

from codememory import score_rules as rules
from codememory.store.words import may_hold_cjk
from codememory.transcript import result_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TIER_ORDER = "NLMS"


class Score:
    """One line's tier (S, M, L or N), tags and estimated tokens."""

    __slots__ = ("tags", "tier", "tokens")

    def __init__(self, tier: str, tags: list[str], tokens: int) -> None:
        self.tier = tier
        self.tags = tags
        self.tokens = tokens


def scored(
    role: str,
    content: list[dict[str, Any]] | str,
    is_meta: bool = False,
    is_summary: bool = False,
    is_sidechain: bool = False,
) -> Score:
    """Score message.content of one transcript line; the best block decides the tier, every block adds its tag.

    A sidechain's first prompt was written by the model, so it is a delegation, not the user's words. Anything that is
    not a block is skipped.
    """
    tokens = content_tokens(content)
    if is_meta:
        return Score("N", ["scaffolding"], tokens)
    if is_summary:
        return Score("L", ["summary"], tokens)
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    tier = "N"
    tags: list[str] = []
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        block_tier, tag = _block_score(role, block, is_sidechain)
        if _TIER_ORDER.index(block_tier) > _TIER_ORDER.index(tier):
            tier = block_tier
        if tag not in tags:
            tags.append(tag)
    if tier != "N" and "scaffolding" in tags:
        tags.remove("scaffolding")
    return Score(tier, tags or ["scaffolding"], tokens)


def _block_score(role: str, block: dict[str, Any], is_sidechain: bool) -> tuple[str, str]:
    kind = block.get("type")
    if kind == "text":
        text = block.get("text")
        if not isinstance(text, str):
            return "N", "scaffolding"
        return _prompt_score(text, is_sidechain) if role == "user" else _reply_score(text)
    if kind == "tool_use":
        return _call_score(block)
    if kind == "tool_result":
        return _result_score(block)
    if kind == "image" or kind == "document":
        return ("S", "prompt") if role == "user" and not is_sidechain else ("L", "exploration")
    if kind == "thinking":
        thinking = block.get("thinking")
        return _thinking_score(thinking) if isinstance(thinking, str) else ("N", "scaffolding")
    return "N", "scaffolding"


def _prompt_score(text: str, is_sidechain: bool) -> tuple[str, str]:
    said = said_text(text)
    if not said:
        return "N", "scaffolding"
    if is_sidechain:
        return "M", "delegation"
    if said.startswith("<bash-input>"):
        return "M", "command"
    return "S", "correction" if _is_correction(said) else "prompt"


def said_text(text: str) -> str:
    """Return what is left of a user line without what the client wrote into it; empty if nothing is."""
    rest = text.strip()
    while rest.startswith("<"):
        for tag in rules.SCAFFOLDING_TAGS:
            if rest.startswith((f"<{tag}>", f"<{tag} ")):
                end = rest.find(f"</{tag}>")
                rest = rest[end + len(tag) + 3 :].lstrip() if end >= 0 else ""
                break
        else:
            break
    return "" if rest.startswith(rules.SCAFFOLDING_STARTS) else rest


def _is_correction(said: str) -> bool:
    if len(said) > rules.CORRECTION_CHARS_MAX:
        return False
    lowered = said.lower().replace("’", "'")
    return lowered.startswith(rules.CORRECTION_STARTS) or any(map(lowered.__contains__, rules.CORRECTION_CUES))


def _reply_score(text: str) -> tuple[str, str]:
    text = text.strip()
    if not text or text in rules.SCAFFOLDING_REPLIES or text.startswith("API Error"):
        return "N", "scaffolding"
    if _is_decision(text):
        return "M", "decision"
    return ("M", "analysis") if _is_analysis(text) else ("L", "talk")


def _thinking_score(text: str) -> tuple[str, str]:
    if not text.strip():
        return "N", "scaffolding"
    return ("M", "decision") if _is_decision(text) else ("L", "thinking")


def _is_decision(text: str) -> bool:
    lowered = text.lower().replace("’", "'")
    holds = lowered.__contains__
    if any(map(holds, rules.DECISION_STRONG)):
        return True
    cues = sum(map(holds, rules.DECISION_CUES))
    if may_hold_cjk(lowered):
        if any(map(holds, rules.DECISION_STRONG_CJK)):
            return True
        cues += sum(map(holds, rules.DECISION_CUES_CJK))
    return cues >= rules.DECISION_CUES_MIN


def _is_analysis(text: str) -> bool:
    tokens = text_tokens(text)
    if tokens < rules.ANALYSIS_TOKENS_MIN:
        return False
    structured = sum(line.lstrip().startswith(rules.STRUCTURE_STARTS) for line in text.split("\n"))
    return structured >= rules.STRUCTURE_LINES_MIN or tokens >= rules.ESSAY_TOKENS_MIN


def _call_score(block: dict[str, Any]) -> tuple[str, str]:
    name = block.get("name")
    if not isinstance(name, str):
        return "L", "exploration"
    if name in rules.EDIT_TOOLS:
        return "M", "edit"
    if name in rules.COMMAND_TOOLS:
        return "M", "command"
    if name in rules.DECISION_TOOLS:
        return "M", "decision"
    if name in rules.DELEGATION_TOOLS:
        return "M", "delegation"
    if name in rules.TRACKING_TOOLS:
        return "L", "tracking"
    return "L", "exploration"


def _result_score(block: dict[str, Any]) -> tuple[str, str]:
    text = result_text(block)
    if text.startswith(rules.REFUSAL_STARTS):
        # The user's own words after a refusal say what should have been done.
        return ("S", "correction") if "the user said:" in text else ("L", "refusal")
    if block.get("is_error") is True or any(map(text.__contains__, rules.FAILURE_SIGNS)):
        return "M", "failure"
    return "L", "result"


def exploration_target(block: dict[str, Any]) -> str | None:
    """Return a stable key of what a Read, Grep, Glob or LS call looks at; None for any other block."""
    name = block.get("name")
    wanted = rules.TARGET_FIELDS.get(name) if isinstance(name, str) else None
    given = block.get("input")
    if block.get("type") != "tool_use" or wanted is None or not isinstance(given, dict):
        return None
    target = next((value for field in wanted if isinstance(value := given.get(field), str) and value), None)
    if target is None:
        return f"{name}:." if name == "LS" else None
    scopes = [f"{field}={given[field]}" for field in rules.TARGET_SCOPES if field not in wanted and field in given]
    return "|".join([f"{name}:{target}", *scopes])


def text_tokens(text: str) -> int:
    """Estimate tokens: four Latin characters each, one for a CJK character (three bytes in UTF-8)."""
    if text.isascii():
        return (len(text) + 3) // 4
    wide = (len(text.encode("utf-8", "surrogatepass")) - len(text)) // 2
    return (len(text) - min(wide, len(text)) + 3) // 4 + wide


def content_tokens(content: object) -> int:
    """Estimate the tokens of message.content, tool input and results included, an image at a flat rate."""
    tokens = 0
    met = [content]
    for value in met:  # and what is met on the way
        if isinstance(value, str):
            tokens += (len(value) + 3) // 4 if value.isascii() else text_tokens(value)
        elif isinstance(value, dict):
            if value.get("type") == "image":
                tokens += rules.IMAGE_TOKENS
            else:
                met += value.values()
        elif isinstance(value, list):
            met += value
        elif value is not None:
            tokens += 1
    return tokens
