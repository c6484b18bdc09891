"""Read test reports and crashes of Go, Rust and the Java world."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output
from codememory.extract.places import located

VALUE_CHARS_MAX = 80
NAME_CHARS_MAX = 300
JAVA_OWN = (
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.sun.",
    "org.junit.",
    "junit.",
    "org.gradle.",
    "org.apache.maven.",
    "kotlin.",
    "scala.",
    "org.opentest4j.",
    "org.hamcrest.",
    "org.assertj.",
    "org.testng.",
    "worker.org.gradle",
)


def go_test_failures(output: Output) -> list[Failure]:
    """Read `--- FAIL:` lines with what their tests said, before the line with `-v` and after it without."""
    lines = output.lines
    said: dict[str, list[str]] = {}
    failed: dict[str, int] = {}
    current = ""
    for at, line in enumerate(lines):
        bare = line.strip()
        if bare.startswith(("=== RUN ", "=== CONT ", "=== NAME ", "=== PAUSE ")):
            current = bare[9:].strip()
        elif bare.startswith("--- FAIL: "):
            current = bare[10:].partition(" (")[0][:NAME_CHARS_MAX]
            failed.setdefault(current, at)
        elif bare.startswith(("--- PASS: ", "--- SKIP: ")):
            current = ""
        elif bare.startswith("panic: ") and current:
            said.setdefault(current, []).append(bare.partition(" [recovered")[0])
        elif current and ".go:" in bare[:120]:
            place = located(bare)
            if place and place[0].endswith(".go"):
                rest = place[2]
                if rest == "" or rest.startswith("Error Trace:"):
                    rest = _testify(lines, at)
                said.setdefault(current, []).append(rest)
    found = []
    parents = {name[:end] for name in failed for end in range(len(name)) if name[end] == "/"}
    for name, at in failed.items():
        if name in parents:
            continue
        messages = said.get(name) or said.get(name.rpartition("/")[0]) or []
        message = messages[0] if messages else ""
        kind = "panic" if message.startswith("panic: ") else "assertion"
        files = [place[0] for near in range(at, min(at + 6, len(lines))) if (place := located(lines[near]))]
        found.append(output.failure(kind, [message], symbol=name, files=files, lines=[message, lines[at]], check=name))
    if not found:
        found = [
            output.failure("test", [], symbol=line.split("\t")[1], lines=[line], check=line.split("\t")[1])
            for line in lines
            if line.startswith("FAIL\t") and not line.endswith("failed]")
        ]
    if found:
        output.take(0, len(lines))
    return found


def _testify(lines: list[str], at: int) -> str:
    for near in range(at, min(at + 12, len(lines))):
        label, _, text = lines[near].strip().partition(":")
        if label == "Error":
            return text.strip()
    return ""


def go_panic_failures(output: Output) -> list[Failure]:
    """Read a Go program's panic or fatal error: message and first function outside the runtime."""
    lines = output.lines
    for at, line in enumerate(lines):
        if output.taken[at] or not line.startswith(("panic: ", "fatal error: ")):
            continue
        start = next((near for near in range(at, len(lines)) if lines[near].startswith("goroutine ")), -1)
        if start < 0:
            continue
        function = file = ""
        for near in range(start + 1, min(start + 60, len(lines))):
            frame = lines[near]
            if (
                frame.startswith("\t")
                or not frame.strip()
                or frame.startswith(("panic(", "runtime.", "testing.", "goroutine "))
            ):
                continue
            function = frame.partition("(0x")[0].partition("({")[0].partition("(...")[0].removesuffix("()")
            place = located(lines[near + 1].strip().partition(" +0x")[0] + ": x") if near + 1 < len(lines) else None
            file = place[0] if place else ""
            break
        output.take(at, len(lines))
        message = line.partition(" [recovered")[0]
        return [
            output.failure(
                "panic", [message, function], symbol=function or None, files=[file], lines=[message, function]
            )
        ]
    return []


def rust_panic_failures(output: Output) -> list[Failure]:
    """Read `thread '…' panicked at …`, old and new wording; a test's thread carries the test's name."""
    lines = output.lines
    found: list[Failure] = []
    named: set[str] = set()
    for at, line in enumerate(lines):
        if not line.startswith("thread '") or "panicked at" not in line:
            continue
        thread = line[8:].partition("'")[0]
        where = line.partition("panicked at ")[2]
        if where.startswith("'"):
            message, _, where = where[1:].rpartition("', ")
        else:
            message = lines[at + 1].strip() if at + 1 < len(lines) else ""
        message = message.replace("`(left == right)`", "`left == right` failed").replace(
            "assertion failed: `left", "assertion `left"
        )
        values = []
        for follow in lines[at + 1 : at + 6]:
            bare = follow.strip()
            if bare.startswith(("left:", "right:")) and len(bare) <= VALUE_CHARS_MAX:
                values.append(bare.rstrip(",").replace("`", ""))
        place = located(where.rstrip(":") + ": x")
        file = place[0] if place else ""
        test = thread if thread not in ("main", "<unnamed>") and not thread.startswith("tokio-") else ""
        kind = "assertion" if message.startswith("assertion") else "panic"
        found.append(
            output.failure(
                kind,
                [message, *values, file.replace("\\", "/")],
                symbol=test or None,
                files=[file],
                lines=[message, *values, line],
                check=test,
            )
        )
        named.add(test)
        output.take(at, at + 2)
    for line in lines:
        if line.startswith("test ") and line.rstrip().endswith(" ... FAILED"):
            test = line[5:].rpartition(" ... ")[0].strip()
            if test.partition(" - ")[0] not in named and test not in named:
                found.append(output.failure("test", [], symbol=test, lines=[line], check=test))
    if found:
        output.take(0, len(lines))
    return found


def java_failures(output: Output) -> list[Failure]:
    """Read JVM stack traces and the failing tests of surefire and Gradle."""
    tests = [*_surefire(output), *_gradle(output)]
    if tests:
        output.take(0, len(output.lines))
        return tests
    lines = output.lines
    found = []
    at = 0
    while at + 1 < len(lines):
        at += 1
        if output.taken[at - 1] or not lines[at].lstrip().startswith("at ") or "(" not in lines[at]:
            continue
        top = lines[at - 1].strip()
        end = at
        while end < len(lines) and lines[end].lstrip().startswith(("at ", "... ", "Caused by: ", "Suppressed: ")):
            end += 1
        frames = [line.strip()[3:] for line in lines[at:end] if line.lstrip().startswith("at ")]
        if not any(
            ".java:" in frame or ".kt:" in frame or ".scala:" in frame or "Native Method" in frame for frame in frames
        ):
            at = end
            continue
        causes = [line.strip() for line in lines[at:end] if line.lstrip().startswith("Caused by: ")]
        top = top.removeprefix("Caused by: ")
        if top.startswith("Exception in thread "):
            top = top.partition('" ')[2] or top
        frame = next((frame for frame in frames if not _jvm(frame)), "")
        function = frame.partition("(")[0].rpartition("/")[2]
        file = frame.partition("(")[2].partition(":")[0]
        name = top.partition(":")[0].rpartition(".")[2]
        found.append(
            output.failure(
                name or "exception",
                [top, *causes[-1:], function],
                symbol=function or None,
                files=[file],
                lines=[top, *causes[-1:]],
            )
        )
        output.take(at - 1, end)
        at = end
    return found


def _jvm(frame: str) -> bool:
    return frame.rpartition("/")[2].startswith(JAVA_OWN) or frame.startswith("java.base/")


def _surefire(output: Output) -> list[Failure]:
    found = []
    lines = output.lines
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if "<<< FAILURE!" not in line and "<<< ERROR!" not in line:
            continue
        title = line.removeprefix("[ERROR]").strip().partition("<<<")[0]
        title = title.partition(" -- ")[0].partition("  Time elapsed")[0].partition(" Time elapsed")[0].strip()
        if title.startswith("Tests run:") or not title:
            continue
        method, paren, owner = title.partition("(")
        name = f"{owner.rstrip(') ')}.{method.strip()}" if paren and "." in owner else title
        message = lines[at + 1].removeprefix("[ERROR]").strip() if at + 1 < len(lines) else ""
        if name in seen:
            continue
        seen.add(name)
        kind = message.partition(":")[0].rpartition(".")[2]
        kind = "assertion" if "Assert" in kind or "Comparison" in kind or not kind else kind
        found.append(output.failure(kind, [message], symbol=name, lines=[message, line], check=name))
    return found


def _gradle(output: Output) -> list[Failure]:
    found = []
    lines = output.lines
    for at, line in enumerate(lines):
        if not line.rstrip().endswith(" FAILED") or " > " not in line or line.startswith((">", "FAILED")):
            continue
        name = line.strip().removesuffix(" FAILED")
        message = lines[at + 1].strip() if at + 1 < len(lines) else ""
        head, _, place = message.partition(" at ")
        kind = head.partition(":")[0].rpartition(".")[2]
        kind = "assertion" if "Assert" in kind or not kind else kind
        found.append(
            output.failure(
                kind,
                [head],
                symbol=name,
                files=[place.partition(":")[0]],
                lines=[message, line],
                check=" > ".join(part.removesuffix("()") for part in name.split(" > ")),
            )
        )
    return found
