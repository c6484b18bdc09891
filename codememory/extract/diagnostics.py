"""Read what compilers, linkers, linters and sanitizers print: a place, a verdict, a message."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output

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
DETAIL_LINES_MAX = 6


def located(line: str) -> tuple[str, bool, str] | None:
    """Split `path:3:5: rest`, `path(3,5): rest`, `path:3: rest`, `path:[3,5] rest`: path, had a column, rest."""
    text = line.strip()
    start = 2 if text[1:3] in (":\\", ":/") else 0
    colon = text.find(":", start)
    paren = text.find("(", start)
    if paren > 0 and (colon < 0 or paren < colon):
        position, close, rest = text[paren + 1 :].partition(")")
        if close and position.replace(",", "").isdigit() and rest.startswith(":"):
            return text[:paren], "," in position, rest[1:].strip()
    if colon <= 0:
        return None
    path = text[:colon]
    rest = text[colon + 1 :]
    if rest.startswith("["):
        position, close, tail = rest[1:].partition("]")
        if close and position.replace(",", "").isdigit():
            return path, True, tail.strip()
        return None
    numbers = 0
    while numbers < 2:
        at = 0
        while at < len(rest) and at < 7 and rest[at] in "0123456789":
            at += 1
        if not at:
            break
        numbers += 1
        follow = rest[at : at + 1]
        if follow == ":":
            rest = rest[at + 1 :]
        elif rest[at : at + 3] == " - ":
            return path, numbers > 1, rest[at + 3 :].strip()
        elif follow == "-" and numbers == 2:
            rest = rest[at + 1 :].lstrip("0123456789:").strip()
            break
        elif follow == " " and numbers == 2:
            return path, True, rest[at:].strip()
        else:
            return None
    if not numbers or not path or len(path) > 300:
        return None
    return path, numbers > 1, rest.strip()


def is_path(path: str) -> bool:
    """Tell whether a word looks like a file with an ending, or a path; spaces only inside an absolute path."""
    name = path.replace("\\", "/").rpartition("/")[2]
    if " " in path and not path.startswith(("/", "~", "../", "C:")):
        return False
    return bool(name) and ("." in name[1:] or "/" in path) and not name[:1].isspace() and not path.endswith((")", "]"))


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
            failure = _rust(output, at)
            if failure:
                (errors if line.startswith("error") else warnings).append(failure)
            continue
        bare = line.strip()
        if bare[:1].isdigit():
            if header and (" error " in bare or " warning " in bare):
                failure = _eslint_row(output, at, header)
                if failure:
                    (errors if " error " in bare else warnings).append(failure)
            continue
        if at + 1 < count and lines[at + 1].lstrip().startswith("--> ") and _code(bare.partition(" ")[0].rstrip(":")):
            errors.append(_ruff(output, at))
            continue
        if is_path(bare) and ":" not in bare[2:] and len(bare) < 260 and not bare.endswith((",", ";")):
            header = bare
            continue
        if "undefined reference to " in bare or "multiple definition of " in bare:
            continue
        place = located(_unprefixed(line))
        if place is None or not is_path(place[0]):
            continue
        path, column, rest = place
        maven = line.startswith("[ERROR] ") and "[" in line[8:]
        verdict = _verdict(rest, column, path, maven)
        if verdict is None:
            continue
        mild, code, message, function_matters = verdict
        message, end, symbol = _with_details(output, at, message, path)
        if not code and symbol and path.endswith((".py", ".pyi")):
            code = symbol
        kind = "lint" if mild or _is_lint(path, code) else "compile"
        if rest.startswith("runtime error"):
            kind, message = "sanitizer", message.partition(": ")[0]
        failure = output.failure(
            kind,
            [code, message, function if function_matters else "", _file_key(path, output.cwd)],
            symbol=code or symbol or None,
            files=[path],
            lines=[line, *lines[at + 1 : end]],
        )
        output.take(at, end)
        (warnings if mild else errors).append(failure)
        at = end - 1
    return unique(errors or warnings)


def _unprefixed(line: str) -> str:
    """Cut off the `[name] ` that task runners, and `vet: ` that go puts before a diagnostic."""
    if line[:1] == "[":
        end = line.find("] ", 0, 40)
        if end > 0:
            line = line[end + 2 :]
    return line.removeprefix("vet: ")


def _file_key(path: str, cwd: str) -> str:
    """Identify the file by its name alone: tools print the same file absolute, relative or relative to elsewhere."""
    return path.replace("\\", "/").rpartition("/")[2]


def unique(failures: list[Failure]) -> list[Failure]:
    seen: set[str] = set()
    kept = []
    for failure in failures:
        if failure.signature not in seen:
            seen.add(failure.signature)
            kept.append(failure)
    return kept


def _is_lint(path: str, code: str) -> bool:
    if path.endswith(".go"):
        return bool(code) and code != "typecheck"
    return path.endswith((".py", ".sh", ".rb", ".yml", ".yaml", ".md", ".css")) or (bool(code) and "-" in code)


def _code(word: str) -> bool:
    """Tell whether a word is a rule's code: E0602, TS2322, C0114, SC2086, invalid-syntax."""
    if word == "invalid-syntax":
        return True
    letters = word.rstrip("0123456789")
    return 0 < len(letters) <= 6 and letters.isalpha() and letters.isupper() and len(letters) < len(word) <= 10


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
            code = code if _code(code) else ""
        message = message.strip()
        if message.endswith("]") and "[" in message:
            start = message.rfind("[")
            tail = message[start + 1 : -1]
            if "/" in tail or tail.startswith(("-W", "-f")):
                message = message[:start].strip()
            elif tail.replace("-", "").isalnum():
                code, message = tail, message[:start].strip()
        first, colon, after = message.partition(": ")
        if not code and colon and _code(first):
            code, message = first, after
        c_like = path.endswith((".c", ".cc", ".cpp", ".cxx", ".h", ".hpp"))
        return mild, code, message, c_like
    if maven:
        return False, "", rest, False
    first, _, after = rest.partition(" ")
    if column and _code(first.rstrip(":")):
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


def _with_details(output: Output, at: int, message: str, path: str) -> tuple[str, int, str]:
    """Add what the tool prints below a diagnostic and needs to tell two apart; give message, end line, symbol."""
    lines = output.lines
    end = at + 1
    symbol = ""
    limit = min(at + 1 + DETAIL_LINES_MAX, len(lines))
    if path.endswith((".py", ".pyi")) and not lines[at].rstrip().endswith("]"):
        # mypy --pretty wraps at the terminal's width; the rule in brackets ends the message.
        near = at + 1
        while near < limit and lines[near][:1] not in (" ", "") and located(lines[near]) is None:
            tail = lines[near].rstrip()
            if tail.endswith("]") and ("  [" in tail or tail.startswith("[")):
                joined = " ".join([message, *[part.strip() for part in lines[at + 1 : near + 1]]])
                start = joined.rfind("[")
                return joined[:start].rstrip(), near + 1, joined[start + 1 : -1]
            near += 1
    elif path.endswith((".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".vue")):
        while (
            end < limit and lines[end].startswith("  ") and lines[end].strip() and not lines[end].strip()[:1].isdigit()
        ):
            if set(lines[end].strip()) <= set("~^ "):
                break
            message += " " + lines[end].strip()
            end += 1
    elif path.endswith((".java", ".kt", ".scala")):
        for near in range(at + 1, limit):
            bare = lines[near].removeprefix("[ERROR]").strip()
            if bare.startswith("symbol:"):
                symbol = bare.rpartition(" ")[2]
                return f"{message} {bare}", near + 1, symbol
            if located(lines[near].removeprefix("[ERROR] ")) is not None:
                break
    return message, end, symbol


def _rust(output: Output, at: int) -> Failure | None:
    """Read `error[E0308]: message`, its `-->` place and the label under the caret."""
    lines = output.lines
    limit = min(at + 40, len(lines))
    place = ""
    for near in range(at + 1, min(at + 5, limit)):
        bare = lines[near].lstrip()
        if bare.startswith("--> "):
            place = bare[4:].strip()
            break
        if not bare:
            break
    if not place:
        return None
    head, _, message = lines[at].partition(": ")
    code = head.partition("[")[2].rstrip("]")
    label = ""
    end = at + 1
    while end < limit and lines[end].strip():
        caret = lines[end].rfind("^")
        if caret >= 0 and not label and "|" in lines[end][:caret]:
            label = lines[end][caret + 1 :].strip(" -_|")
        end += 1
    path = located(place + ": x")
    file = path[0] if path else place
    output.take(at, end)
    return output.failure(
        "compile",
        [code, f"{message}: {label}" if label else message, "", _file_key(file, output.cwd)],
        symbol=code or None,
        files=[file],
        lines=[lines[at], place, label],
    )


def _ruff(output: Output, at: int) -> Failure:
    line = output.lines[at].strip()
    code, _, message = line.partition(" ")
    place = located(output.lines[at + 1].strip()[4:] + ": x")
    path = place[0] if place else ""
    output.take(at, at + 2)
    code = code.rstrip(":")
    return output.failure(
        "lint",
        [code, message.removeprefix("[*] "), "", _file_key(path, output.cwd)],
        symbol=code,
        files=[path],
        lines=[line, output.lines[at + 1]],
    )


def _eslint_row(output: Output, at: int, header: str) -> Failure | None:
    row = output.lines[at].strip()
    position, _, rest = row.partition(" ")
    if not position.replace(":", "").isdigit() or ":" not in position:
        return None
    verdict, _, message = rest.strip().partition(" ")
    if verdict not in ("error", "warning"):
        return None
    message, _, rule = message.strip().rpartition("  ")
    if not message:
        message, rule = rule, ""
    output.take(at, at + 1)
    return output.failure(
        "lint",
        [rule.strip(), message.strip(), "", _file_key(header, output.cwd)],
        symbol=rule.strip() or None,
        files=[header],
        lines=[row, header],
    )
