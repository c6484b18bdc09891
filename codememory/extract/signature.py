"""From raw tool output to failures: is it one, which ones, and a signature for each.

Nothing below is imported until an output shows that it could be a failure; no regular expression is used at all.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.extract.failure import Failure

FAILURES_MAX = 20
INPUT_CHARS_MAX = 200_000
HEAD_CHARS = 50_000
TAIL_CHARS = 150_000

# What exit code 0 may hide: the marks of a verdict or a traceback, looked for near the end only.
HIDDEN_MARKS = (
    "Traceback (most recent call last)",
    " failed",
    "FAILED",
    "FAIL",
    "panicked at",
    "ERROR ",
    "failing",
    "not ok ",
    "goroutine ",
    " failure",
    "could not compile",
    "*** ",
    "build stopped",
    "ELIFECYCLE",
    "npm ERR!",
    "npm error",
    " issues:",
    "Found ",
    " problem",
)
HIDDEN_TAIL_CHARS = 6000
SPOKEN_STARTS = ("error: ", "Error: ", "fatal: ")
OWN_TOOLS = "codememory__codememory_"
"""What the names of our own tools hold: that one was called wrongly is no failure of the project."""
WRAPPED = ("<tool_use_error>", "Exit code ", "Error: Exit code ")


def failures_in(
    output: str,
    *,
    tool: str = "",
    command: str = "",
    cwd: str = "",
    exit_code: int | None = None,
    is_error: bool | None = None,
) -> list[Failure]:
    """List the failures in one tool output, most telling first; an empty list means it is none.

    Without an error flag or a non-zero exit code only verdicts of test runs and builds, a piped program's own word and
    tracebacks near the end count, and only in a shell's output.
    """
    if OWN_TOOLS in tool:
        return []
    if not is_error and not exit_code and not may_tell(output):
        return []
    from codememory.extract import outcome

    if len(output) > INPUT_CHARS_MAX:
        output = output[:HEAD_CHARS] + "\n" + output[-TAIL_CHARS:]
    refusal = output.startswith("<tool_use_error>")
    text, written_code = outcome.unwrapped(output)
    if exit_code is None:
        exit_code = written_code
    flagged = bool(is_error) or refusal or (exit_code is not None and exit_code != 0)
    if not flagged:
        if tool in outcome.QUIET_TOOLS or tool.startswith("mcp__") or outcome.only_prints(command):
            return []
    elif outcome.refused(text):
        return []
    from codememory.extract.normalise import strip_ansi

    text = strip_ansi(text)
    if flagged and outcome.answered(text, command, exit_code):
        return []
    from codememory.extract import reading

    found = reading.read(text, tool=tool, command=command, cwd=cwd, exit_code=exit_code, flagged=flagged)
    return found[:FAILURES_MAX]


def may_tell(output: str) -> bool:
    """Tell whether an output can hold a failure, or tell how its call ended, though nobody calls it an error."""
    if output.startswith(WRAPPED):
        return True
    tail = output[-HIDDEN_TAIL_CHARS:]
    return any(map(tail.__contains__, HIDDEN_MARKS)) or _speaks(output)


def _speaks(output: str) -> bool:
    """Tell whether an output begins or ends with a program's own word that it failed."""
    text = output.strip()
    return text.startswith(SPOKEN_STARTS) or text.rpartition("\n")[2].lstrip().startswith(SPOKEN_STARTS)
