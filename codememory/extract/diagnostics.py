"""Read what compilers, linkers, linters and sanitizers print: a place, a verdict, a message."""

from __future__ import annotations

from codememory.extract.diagnostic_blocks import eslint_row, ruff_diagnostic, rust_diagnostic, with_details
from codememory.extract.failure import Failure, Output
from codememory.extract.places import file_key, is_code, is_path, is_ruled, located, unique

VERDICTS = ("error", "fatal error", "Error", "ERROR", "runtime error", "e:", "err")
MILD = ("warning", "Warning", "WARNING", "warn", "W:")
SILENT = (
    ": #",
    "too many errors",
    "note",
    "info",
    "help",
    "hint",
    "remark",
    "In function",
    "in ",
    "undefined reference",
    "multiple definition",
    "(.text",
    "first defined",
    "more undefined",
    "required from",
    "required by",
    "from ",
)


def diagnostic_failures(output: Output) -> list[Failure]:
    """Read located diagnostics; warnings count only where no error is among them, several in one place once."""
    errors: list[Failure] = []
    warnings: list[Failure] = []
    lines = output.lines
    function = ""
    header = ""
    at = -1
    count = len(lines)
    while at + 1 < count:
        at += 1
        line = lines[at]
        if output.taken[at] or not line or len(line) > 4000:
            continue
        if ": In function " in line or ": In member function " in line or ": In static member" in line:
            function = line.partition(": In ")[2].rstrip(": ")
            continue
        if ": At global scope" in line or ": At top level" in line:
            function = ""
            continue
        if line.startswith(("error", "warning")) and (line[5:6] in ("[", ":") or line[7:8] in ("[", ":")):
            failure = rust_diagnostic(output, at)
            if failure:
                (errors if line.startswith("error") else warnings).append(failure)
            continue
        bare = line.strip()
        if bare[:1].isdigit():
            if header and (" error " in bare or " warning " in bare):
                failure = eslint_row(output, at, header)
                if failure:
                    (errors if " error " in bare else warnings).append(failure)
            continue
        if at + 1 < count and lines[at + 1].lstrip().startswith("--> ") and is_ruled(bare):
            errors.append(ruff_diagnostic(output, at))
            continue
        if is_path(bare) and ":" not in bare[2:] and len(bare) < 260 and not bare.endswith((",", ";")):
            header = bare
            continue
        if "undefined reference to " in bare or "multiple definition of " in bare:
            continue
        read = _one_line(output, at, function)
        if read is None:
            continue
        failure, mild, end = read
        (warnings if mild else errors).append(failure)
        output.take(at, end)
        at = end - 1
    return unique(errors or warnings)


def _one_line(output: Output, at: int, function: str) -> tuple[Failure, bool, int] | None:
    """Read a diagnostic that names its place first: the failure, whether it is a warning, and the line after it."""
    line = output.lines[at]
    place = located(_unprefixed(line))
    if place is None or not is_path(place[0]):
        return None
    path, column, rest = place
    verdict = _verdict(rest, column, path, line.startswith("[ERROR] ") and "[" in line[8:])
    if verdict is None:
        return None
    mild, code, message, function_matters = verdict
    message, end, symbol = with_details(output, at, message, path)
    if not code and symbol and path.endswith((".py", ".pyi")):
        code = symbol
    kind = "lint" if mild or _is_lint(path, code) else "compile"
    if rest.startswith("runtime error"):
        kind, message = "sanitizer", message.partition(": ")[0]
    failure = output.failure(
        kind,
        [code, message, function if function_matters else "", file_key(path, output.cwd)],
        symbol=code or symbol or None,
        files=[path],
        lines=[line, *output.lines[at + 1 : end]],
    )
    return failure, mild, end


def _unprefixed(line: str) -> str:
    """Cut off the `[name] ` that task runners, and `vet: ` that go puts before a diagnostic."""
    if line[:1] == "[":
        end = line.find("] ", 0, 40)
        if end > 0:
            line = line[end + 2 :]
    return line.removeprefix("vet: ")


def _is_lint(path: str, code: str) -> bool:
    if path.endswith(".go"):
        return bool(code) and code != "typecheck"
    return path.endswith((".py", ".sh", ".rb", ".yml", ".yaml", ".md", ".css")) or (bool(code) and "-" in code)


def _verdict(rest: str, column: bool, path: str, maven: bool) -> tuple[bool, str, str, bool] | None:
    """Judge what follows a place: (is a warning, code, message, does the enclosing function matter)."""
    if rest.startswith(SILENT):
        return None
    mild = rest.startswith(MILD)
    if mild or rest.startswith(VERDICTS):
        head, colon, message = rest.partition(": ")
        if not colon or len(head) > 40:
            head, _, message = rest.partition(" ")
        code = ""
        if "[" in head:
            code = head.partition("[")[2].rstrip("]")
        elif " " in head:
            code = head.rpartition(" ")[2]
            code = code if is_code(code) else ""
        message = message.strip()
        if message.endswith("]") and "[" in message:
            start = message.rfind("[")
            tail = message[start + 1 : -1]
            if "/" in tail or tail.startswith(("-W", "-f")):
                message = message[:start].strip()
            elif tail.replace("-", "").isalnum():
                code, message = tail, message[:start].strip()
        first, colon, after = message.partition(": ")
        if not code and colon and is_code(first):
            code, message = first, after
        c_like = path.endswith((".c", ".cc", ".cpp", ".cxx", ".h", ".hpp"))
        return mild, code, message, c_like
    if maven:
        return False, "", rest, False
    first, _, after = rest.partition(" ")
    if column and is_code(first.rstrip(":")):
        return False, first.rstrip(":"), after.removeprefix("[*] "), False
    if not column and not path.endswith(".go"):
        return None
    if rest.endswith(")") and "(" in rest:
        rule = rest[rest.rfind("(") + 1 : -1]
        if rule.replace("-", "").replace("_", "").isalnum() and not rule.isdigit():
            return False, rule, rest[: rest.rfind("(")].strip(), False
    if rest.endswith("]") and "[" in rest:
        rule = rest[rest.rfind("[") + 1 : -1]
        level, slash, name = rule.partition("/")
        if slash and level in ("Error", "Warning"):
            return level == "Warning", name, rest[: rest.rfind("[")].strip(), False
    if path.endswith(".go") and not path.endswith("_test.go") and rest:
        return False, "", rest, False
    return (False, "", rest, False) if column and path.endswith((".go", ".swift", ".zig", ".hs", ".elm")) else None
