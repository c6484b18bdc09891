"""Tell whether an output proves a failure that exit code 0 hides: a runner's count, a tool's verdict, its last word."""

from __future__ import annotations

from codememory.extract.signature import SPOKEN_STARTS

SUMMARY_LINES = 15
LINES_SCANNED = 60
# A test runner's own verdict, at the start of one of the last lines.
RUNNER_STARTS = ("FAILED (", "test result: FAILED", "FAIL\t", "--- FAIL: ")
TEST_STARTS = ("FAILED ", "ERROR ")
# A build tool's own verdict, in one of the last lines.
TOOL_VERDICTS = (
    "ERROR task failed", "error: could not compile `", "make: *** ", "]: *** ", "ninja: build stopped", "ELIFECYCLE",
    "npm ERR! code", "npm error code", "error Command failed with exit code", "BUILD FAILED", "BUILD FAILURE",
)  # fmt: skip
FORGIVEN = ("(ignored)", " 0 remaining")
# A count line starts like this, or with a number of one of these.
COUNT_STARTS = ("=", "Tests:", "Tests ", "Test Suites:", "Test Files", "Found ", "✖ ")
COUNTED = frozenset((
    "failed", "passed", "error", "errors", "failing", "test", "tests", "doctest", "doctests", "example", "examples",
    "run", "runs", "spec", "specs", "skipped", "property", "properties",
))  # fmt: skip
FAILED_WORDS = (" failed", " failing", " error", " failure")


def proven(lines: list[str], masked: bool) -> bool:
    """Tell whether one of the last lines is a verdict of failure, or a masked program ends or begins with its own."""
    told = [bare for line in lines[-LINES_SCANNED:] if (bare := line.strip())]
    if not told:
        return False
    if any(_verdict(line) for line in told[-SUMMARY_LINES:]):
        return True
    first = next(bare for line in lines if (bare := line.strip()))
    return masked and (first.startswith(SPOKEN_STARTS) or told[-1].startswith(SPOKEN_STARTS))


def _verdict(line: str) -> bool:
    if line.startswith(RUNNER_STARTS) or line == "FAIL":
        return True
    if line.startswith(TEST_STARTS) and ("::" in line or ".py" in line):
        return True
    if line.startswith("# fail "):
        return line[7:] != "0"
    if any(mark in line for mark in FORGIVEN):
        return False
    if any(mark in line for mark in TOOL_VERDICTS):
        return True
    if line.endswith(" issues:"):
        return line[:-8].isdigit() and line[0] != "0"
    return _counts(line) and _count_before(line, FAILED_WORDS)


def _counts(line: str) -> bool:
    """Tell whether a line is a summary's count: `2 failed, 3 passed in 0.1s`, `12 tests, 1 failure`."""
    if line.startswith(COUNT_STARTS):
        return True
    number, _, rest = line.partition(" ")
    return number.isdigit() and rest.partition(" ")[0].rstrip(",;") in COUNTED


def _count_before(line: str, words: tuple[str, ...]) -> bool:
    """Tell whether a count above zero stands before one of the words."""
    for word in words:
        at = line.find(word)
        while at > 0:
            number = line[:at].rpartition(" ")[2].strip("=|(")
            if number.isdigit() and int(number) > 0:
                return True
            at = line.find(word, at + 1)
    return False
