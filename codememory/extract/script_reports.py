"""Read jest, vitest, mocha and TAP reports, and uncaught JavaScript errors."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output
from codememory.extract.tracebacks import exception_of

VALUE_CHARS_MAX = 60
BLOCK_LINES_MAX = 40
NOT_OURS = ("node:", "node_modules", "(internal/", "<anonymous>)", "internal/")


def jest_failures(output: Output) -> list[Failure]:
    """Read the `●` blocks of a jest run."""
    found: list[Failure] = []
    lines = output.lines
    file = ""
    seen: set[str] = set()
    at = 0
    count = len(lines)
    while at < count:
        bare = lines[at].strip()
        if bare.startswith(("FAIL ", "PASS ")):
            file = bare[5:].strip().partition(" (")[0].rpartition("./")[2] or file
        if not bare.startswith("● ") or bare == "● Console":
            at += 1
            continue
        title = bare[2:].strip()
        end = at + 1
        while end < count and not lines[end].lstrip().startswith(("● ", "Test Suites:", "FAIL ", "PASS ")):
            end += 1
        if " › " not in title and end - at > 1 and not any(lines[near].strip() for near in range(at + 1, end)):
            at = end
            continue
        body = [line.strip() for line in lines[at + 1 : end] if line.strip()]
        message = next((line for line in body if not line.startswith(("console.", "at "))), "")
        values = _values(body)
        files = _stack_files(lines, at, end)
        check = f"{file}::{title}" if file else title
        kind = "suite" if title == "Test suite failed to run" else _script_kind(message, body)
        failure = output.failure(
            kind,
            [_bare_message(message), *values],
            symbol=title,
            files=[*files, file],
            lines=[message, *values, lines[at]],
            check=check if kind != "suite" else file,
        )
        output.take(at, end)
        if failure.signature not in seen:
            seen.add(failure.signature)
            found.append(failure)
        at = end
    if found:
        output.take(0, count)
    return found


def _values(body: list[str]) -> list[str]:
    """Keep short expected and received values: they tell two failures of one assertion apart."""
    values = [line for line in body[:BLOCK_LINES_MAX] if line.startswith(("Expected", "Received")) and ":" in line]
    return [" ".join(line.split()) for line in values if len(line) <= VALUE_CHARS_MAX][:2]


def _script_kind(message: str, body: list[str]) -> str:
    head = exception_of(message)
    if head and head[0] != "AssertionError":
        return head[0]
    return "assertion" if message.startswith(("expect(", "assert", "Assertion", "Expected")) or head else "error"


def _bare_message(message: str) -> str:
    return message.partition(" // ")[0]


def _stack_files(lines: list[str], start: int, end: int) -> list[str]:
    """List the project's files of a JavaScript stack, innermost first."""
    files = []
    for line in lines[start:end]:
        bare = line.strip()
        if bare.startswith(("at ", "❯ ")) and not any(mark in bare for mark in NOT_OURS):
            place = bare.rpartition("(")[2].rstrip(")") if "(" in bare else bare[2:].strip().rpartition(" ")[2]
            path = place.removeprefix("file://")
            for _ in range(2):
                name, colon, number = path.rpartition(":")
                if colon and number.isdigit():
                    path = name
            if "." in path:
                files.append(path)
    return files


def vitest_failures(output: Output) -> list[Failure]:
    """Read the `FAIL  file > suite > test` blocks of a vitest run."""
    found: list[Failure] = []
    lines = output.lines
    count = len(lines)
    pending: list[str] = []
    seen: set[str] = set()
    at = 0
    while at < count:
        bare = lines[at].strip()
        if not bare.startswith("FAIL  "):
            at += 1
            continue
        pending = [bare[6:].strip()]
        at += 1
        while at < count and (not lines[at].strip() or lines[at].strip().startswith("FAIL  ")):
            if lines[at].strip():
                pending.append(lines[at].strip()[6:].strip())
            at += 1
        end = at
        while end < count and not lines[end].strip().startswith(("FAIL  ", "⎯⎯", "Test Files ")):
            end += 1
        message = lines[at].strip() if at < count else ""
        files = _stack_files(lines, at, end)
        for title in pending:
            file, _, name = title.partition(" > ")
            file = file.partition(" [")[0].rpartition("| ")[2].strip()
            name = " > ".join(part.strip() for part in name.split(" > "))
            head = exception_of(message)
            kind = head[0] if head and head[0] != "AssertionError" else "assertion" if name else "suite"
            failure = output.failure(
                kind,
                [_bare_message(message)],
                symbol=name or file,
                files=[*files, file],
                lines=[message, title],
                check=f"{file}::{name}" if name else file,
            )
            if failure.signature not in seen:
                seen.add(failure.signature)
                found.append(failure)
        at = end
    if found:
        output.take(0, count)
    return found


def tap_failures(output: Output) -> list[Failure]:
    """Read `not ok` lines and the failing list of node's own test runner; the innermost tests only."""
    found: list[Failure] = []
    lines = output.lines
    names: list[tuple[str, int]] = []
    seen: set[str] = set()
    listed = False
    for at, line in enumerate(lines):
        bare = line.strip()
        if bare.startswith("not ok "):
            name = bare[7:].lstrip("0123456789").lstrip(" -").partition(" # ")[0].strip()
            directive = bare.partition(" # ")[2].lower()
            follow = "\n".join(lines[at : at + 12])
            if (
                name
                and not directive.startswith(("todo", "skip"))
                and "subtestsFailed" not in follow.partition("\n  ...")[0]
            ):
                names.append((name, at))
        elif "failing tests:" in bare:
            listed = True
        elif listed and bare.startswith("✖ ") and bare.endswith("ms)"):
            names.append((bare[2:].rpartition(" (")[0], at))
    for name, at in names:
        if name in seen:
            continue
        seen.add(name)
        below = [line.strip() for line in lines[at + 1 : at + 16]]
        message = next((line for line in below if line.startswith("error:") or exception_of(line)), "")
        place = next((line.partition("'")[2].rstrip("'") for line in below if line.startswith("location:")), "")
        place = place.rpartition(":")[0].rpartition(":")[0]
        found.append(output.failure("test", [], symbol=name, files=[place], lines=[message, lines[at]], check=name))
    if found:
        output.take(0, len(lines))
    return found


def uncaught_failures(output: Output) -> list[Failure]:
    """Read JavaScript errors with a stack: name, message, and the first function of the project."""
    found: list[Failure] = []
    lines = output.lines
    count = len(lines)
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if output.taken[at] or len(line) > 2000 or (":" not in line and "Error" not in line):
            continue
        bare = line.strip().removeprefix("Uncaught ").removeprefix("[cause]: ")
        plain = bare
        bracket = bare.find(" [")
        if 0 < bracket < 60 and "]" in bare[bracket : bracket + 60]:
            plain = bare[:bracket] + bare[bare.find("]", bracket) + 1 :]
        head = exception_of(plain)
        if head is None or not (head[0].endswith(("Error", "Exception")) or head[0] in ("Error", "AbortSignal")):
            continue
        first = next((near for near in range(at + 1, min(at + 8, count)) if lines[near].lstrip().startswith("at ")), -1)
        if first < 0 or (lines[first].startswith("\tat ") and ".java:" in lines[first]):
            continue
        end = first
        while end < count and lines[end].lstrip().startswith(("at ", "...")):
            end += 1
        frames = end
        if lines[end - 1].rstrip().endswith("{"):
            # The error's own fields and causes follow, up to the closing brace.
            end = next((near for near in range(end, min(end + 60, count)) if lines[near].startswith("}")), end)
        function, files = _stack_function(lines, first, frames), _stack_files(lines, first, frames)
        source = ""
        if head[0] == "SyntaxError" and at > 3:
            source, place = lines[at - 3].strip(), lines[at - 4].strip().rpartition(":")[0]
            files = [place, *files] if "." in place else files
        failure = output.failure(
            head[0], [head[0], head[1], function, source], symbol=function or None, files=files, lines=[bare]
        )
        output.take(max(at - 5, 0), end)
        if failure.signature not in seen:
            seen.add(failure.signature)
            found.append(failure)
    return found


def _stack_function(lines: list[str], start: int, end: int) -> str:
    """Name the innermost function of the project; empty when only module level code is on the stack."""
    for line in lines[start:end]:
        bare = line.strip()[3:]
        if any(mark in bare for mark in NOT_OURS) or "(" not in bare:
            continue
        name = bare.partition(" (")[0].removeprefix("async ").removeprefix("new ").partition(" [as ")[0]
        return "" if name.endswith("<anonymous>") else name.rpartition(".")[2]
    return ""
