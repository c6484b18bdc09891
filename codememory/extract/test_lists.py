"""Read failing tests from the lists that runners without a reader of their own print; the formats are data."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output
from codememory.extract.places import located
from codememory.extract.tracebacks import exception_of

# (start, end, what follows the name, runner): a line with both ends names one failing test.
NAMED = (
    ("Failed ", "s]", " [", "dotnet test"),
    ("[  FAILED  ] ", "ms)", " (", "googletest"),
    ("(fail) ", "s]", " [", "bun test"),
    ("(fail) ", "", "", "bun test"),
    ("rspec ./", "", "", "rspec"),
    ("Test Case '", "seconds).", "' failed", "xctest"),
    ("✘ Test ", "", " failed after", "swift testing"),
    ("test ", "... FAIL", " ...", "nose"),
    ("", " (Failed)", " (Failed)", "ctest"),
    ("", " (Timeout)", " (Timeout)", "ctest"),
    ("", " (SEGFAULT)", " (SEGFAULT)", "ctest"),
    ("", " (Subprocess aborted)", " (", "ctest"),
    ("", "ms)", " ... FAILED", "deno test"),
)
MARKS = (
    "Failed ",
    "FAILED",
    "(fail) ",
    "rspec ./",
    "' failed",
    "✘ Test ",
    "(Failed)",
    "(Timeout)",
    "(SEGFAULT)",
    "... FAIL",
)
COUNTS = (" failing", " failure", " failed", "FAILURES!", " errors,", "ERRORS!")
BLOCK_LINES_MAX = 30
RULES = "─━═-—"
SUITE_SEPARATORS = (" › ", " > ")


def named_failures(output: Output) -> list[Failure]:
    """Read lines that name a failing test; what the test said is shown beside it but names nothing."""
    found: list[Failure] = []
    seen: set[str] = set()
    lines = output.lines
    for at, line in enumerate(lines):
        if output.taken[at] or len(line) > 500 or not any(mark in line for mark in MARKS):
            continue
        name = _name_in(line.strip())
        if not name or name in seen:
            continue
        seen.add(name)
        file = name.partition(".rb")[0] + ".rb" if line.startswith("rspec ./") else ""
        found.append(output.failure("test", [], symbol=name, files=[file], lines=[line, *_said(lines, at)], check=name))
    if found:
        output.take(0, len(lines))
    return found


def _name_in(line: str) -> str:
    for start, end, behind, runner in NAMED:
        if not line.startswith(start) or not line.endswith(end):
            continue
        body = line[len(start) :]
        name = body.partition(behind)[0] if behind else body
        if behind and behind not in body:
            continue
        if runner == "rspec":
            place, _, title = body.partition(" # ")
            return f"{place.partition(':')[0].partition('[')[0]} {title}".strip()
        if runner == "ctest":
            number, dash, name = name.partition(" - ")
            if not dash or not number.strip().isdigit():
                continue
        name = name.strip()
        if name and "listed below" not in name and not name[:1].isdigit():
            return name
    return ""


def _said(lines: list[str], at: int) -> list[str]:
    """Give what stands next to a test's name: below it, where the runner reports it."""
    return [line.strip() for line in lines[at + 1 : at + 5] if line.strip()][:3]


def numbered_failures(output: Output) -> list[Failure]:
    """Read `1) name` blocks, as mocha, rspec, minitest, PHPUnit, ExUnit and Playwright print them."""
    lines = output.lines
    if not any(count in output.text for count in COUNTS):
        return []
    # mocha numbers its tests once in the run and once in the report below the count.
    first = next((at for at, line in enumerate(lines) if line.endswith(" failing") and line.strip()[:1].isdigit()), 0)
    nested = first > 0
    starts = [at for at, line in enumerate(lines) if at >= first and not output.taken[at] and _number(line)]
    found: list[Failure] = []
    seen: set[str] = set()
    for index, at in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else min(len(lines), at + BLOCK_LINES_MAX)
        failure = _numbered(output, at, end, nested)
        if failure and failure.signature not in seen and failure.check not in seen:
            seen.update((failure.signature, failure.check))
            found.append(failure)
    if found:
        output.take(0, len(lines))
    return found


def _number(line: str) -> bool:
    number, paren, title = line.strip()[:12].partition(")")
    return bool(paren) and number.isdigit() and title.startswith(" ")


def _numbered(output: Output, at: int, end: int, nested: bool) -> Failure | None:
    lines = output.lines
    title = lines[at].strip().partition(") ")[2].strip(RULES + " ")
    names = [title.rstrip(":")]
    body = at + 1
    if title in ("Failure:", "Error:") and body < end:
        names = [lines[body].strip().partition(" [")[0]]
        body += 1
    elif nested:
        while (
            body < end
            and lines[body].strip()
            and not lines[body - 1].rstrip().endswith(":")
            and _continues(lines, body, end)
        ):
            names.append(lines[body].strip().rstrip(":"))
            body += 1
    name = " > ".join(part for part in names if part)
    for separator in SUITE_SEPARATORS:
        parts = [located(part + ": x") for part in name.split(separator)]
        name = separator.join(
            place[0] if place else part for place, part in zip(parts, name.split(separator), strict=True)
        )
    said = [line.strip() for line in lines[body:end] if line.strip() and not located(line.strip() + ": x")]
    message = said[0].removeprefix("Failure/Error: ") if said else ""
    if not message or message.startswith(("at ", "# ")):
        return None
    head = exception_of(message.replace(" [ERR_ASSERTION]", ""))
    kind = head[0] if head and head[0] not in ("AssertionError", "Error") else "assertion"
    files = [place[0] for line in lines[body:end] if (place := located(_bare_place(line) + ": x"))]
    return output.failure(
        kind,
        [message.partition(" // ")[0]],
        symbol=name,
        files=[path for path in files if "." in path and " " not in path],
        lines=[message, *said[1:3], name],
        check=name,
    )


def _bare_place(line: str) -> str:
    return line.strip().removeprefix("# ").removeprefix("at ").strip("()")


def _continues(lines: list[str], body: int, end: int) -> bool:
    """Tell whether a line goes on with a test's title: mocha indents each level and ends the last with a colon."""
    for near in range(body, min(body + 6, end)):
        if not lines[near].strip():
            return False
        if lines[near].rstrip().endswith(":"):
            return not exception_of(lines[near].strip())
    return False
