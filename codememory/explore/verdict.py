"""Say in one sentence where a failure stands and what that rests on."""

from __future__ import annotations

from typing import Any

FIXED, BACK, OPEN, GONE = "fixed", "back", "open", "gone"


def verdict(node: dict[str, Any]) -> dict[str, Any]:
    """Return `{state, sentence, by, call, message}` of a failure as `memory show` describes it.

    `by` is the attempt that repaired it, `call` the check that told so, `message` what the user said; None where none.
    """
    steps = [step for step in node["lifecycle"] if step["verb"] != "created"]
    last = steps[-1] if steps else None
    if node["status"] == "resolved":
        return _fixed(node, next((step for step in reversed(steps) if step["verb"] == "resolved"), None))
    if node["status"] in ("stale", "superseded"):
        reason = last["detail"].get("reason", "") if last else ""
        return _of(GONE, f"Set aside as {node['status']}{f': {reason}' if reason else ''}.")
    outcomes = [one["outcome"] for one in node["attempts"]]
    if any(step["verb"] == "reopened" for step in steps) or "succeeded" in outcomes:
        fix = next((one["id"] for one in node["attempts"] if one["outcome"] == "succeeded"), None)
        return _of(BACK, "It was fixed once and is back: the fix did not hold, or this has another cause.", by=fix)
    if "partial" in outcomes:
        fix = next(one["id"] for one in node["attempts"] if one["outcome"] == "partial")
        return _of(OPEN, "Still open: a change made this error go, but its check never passed as a whole.", by=fix)
    if last and last["verb"] == "passed":
        sentence = "Still open: its check passed later with no change in between, so what helped is not known."
        return _of(OPEN, sentence, call=last["detail"].get("call"))
    if outcomes:
        times = "once" if len(outcomes) == 1 else f"{len(outcomes)} times"
        return _of(OPEN, f"Still open: a fix was tried {times}, and it failed again each time.")
    if node["fix"]["state"] == "unconfirmed":
        return _of(OPEN, "Still open: its files were edited afterwards, but no check has told whether that helped.")
    return _of(OPEN, "Still open: no attempt to fix it is known.")


def _fixed(node: dict[str, Any], step: dict[str, Any] | None) -> dict[str, Any]:
    detail = step["detail"] if step else {}
    if "by" in detail:
        checked = next((one.get("check") for one in node["attempts"] if one["id"] == detail["by"]), None)
        same = checked is None or checked == node["details"].get("command")
        check = "the same command that had failed passed" if same else "a check that covers it passed"
        return _of(
            FIXED, f"Considered fixed because {check} right after a change to what it depends on.",
            by=detail["by"], call=detail.get("call"),
        )  # fmt: skip
    if "message" in detail:
        return _of(FIXED, "Considered fixed because the user said so.", message=detail["message"])
    if step and step["actor"] == "user":
        reason = detail.get("reason", "")
        return _of(FIXED, f"Considered fixed because it was resolved by hand{f': {reason}' if reason else ''}.")
    return _of(FIXED, "Considered fixed; nothing is kept on why.")


def _of(
    state: str, sentence: str, *, by: str | None = None, call: str | None = None, message: str | None = None
) -> dict[str, Any]:
    return {"state": state, "sentence": sentence, "by": by, "call": call, "message": message}
