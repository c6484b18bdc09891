"""Failures that a prompt quotes: tool output pasted into it is looked up by signature, as a hook looks it up."""

from __future__ import annotations

from codememory.store import failures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.moment import Moment

MARKS = (
    "Traceback (most recent call last)", "Error: ", "error: ", "Exception: ", "FAILED ", "FAIL: ", "FAIL ", "panic: ",
    "panicked at", "fatal: ", "npm ERR!", "npm error", "error[", "error TS", " error ", "*** ", "WARNING: DATA RACE",
)  # fmt: skip
"""What pasted output has and talk about errors has not; without one nothing is read."""

CHARS_MAX = 20_000
TEXTS_MAX = 4
FENCE = "```"


def seen_before(moment: Moment, prompt: str) -> list[int]:
    """Return the project's failures that the output pasted into a prompt shows."""
    prompt = prompt[:CHARS_MAX]
    if not any(mark in prompt for mark in MARKS):
        return []
    from codememory.extract.signature import failures_in

    found: dict[int, None] = {}
    for text in _pasted(prompt):
        for failure in failures_in(text, tool="Bash", cwd=moment.cwd, is_error=True):
            seen = failures.by_signature(moment.connection, moment.project_id, failure.signature)
            if seen:
                found[seen.node_id] = None
    return list(found)


def _pasted(prompt: str) -> list[str]:
    """Return the parts of a prompt that may be output: fenced blocks, else from the first mark on, by paragraphs."""
    fenced = [part.strip() for part in prompt.split(FENCE)[1::2] if part.strip()]
    if fenced:
        return fenced[:TEXTS_MAX]
    start = min(at for mark in MARKS if (at := prompt.find(mark)) >= 0)
    line = prompt.rfind("\n", 0, start) + 1
    rest = prompt[line:].strip()
    paragraph = rest.partition("\n\n")[0]
    return list(dict.fromkeys([rest, paragraph, prompt.strip()]))[:TEXTS_MAX]
