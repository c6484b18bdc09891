"""Read diagnostics that take several lines: rustc, ruff, eslint, and what follows one of tsc, mypy or javac."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output
from codememory.extract.places import file_key, located

DETAIL_LINES_MAX = 6


def with_details(output: Output, at: int, message: str, path: str) -> tuple[str, int, str]:
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


def rust_diagnostic(output: Output, at: int) -> Failure | None:
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
        [code, f"{message}: {label}" if label else message, "", file_key(file, output.cwd)],
        symbol=code or None,
        files=[file],
        lines=[lines[at], place, label],
    )


def ruff_diagnostic(output: Output, at: int) -> Failure:
    line = output.lines[at].strip()
    code, _, message = line.partition(" ")
    place = located(output.lines[at + 1].strip()[4:] + ": x")
    path = place[0] if place else ""
    output.take(at, at + 2)
    code = code.rstrip(":")
    return output.failure(
        "lint",
        [code, message.removeprefix("[*] "), "", file_key(path, output.cwd)],
        symbol=code,
        files=[path],
        lines=[line, output.lines[at + 1]],
    )


def eslint_row(output: Output, at: int, header: str) -> Failure | None:
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
        [rule.strip(), message.strip(), "", file_key(header, output.cwd)],
        symbol=rule.strip() or None,
        files=[header],
        lines=[row, header],
    )
