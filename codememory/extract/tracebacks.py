"""Read Python tracebacks."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output

TRACEBACK = "Traceback (most recent call last)"
MESSAGE_CHARS_MAX = 60
NOT_OURS = ("site-packages", "dist-packages", "<frozen", "/lib/python", "\\lib\\", "/usr/lib/", "<string>", "_pytest")
NAMELESS = ("<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>", "<lambda>")
# The words of these messages differ between Python versions; the source line does not.
SYNTAX = ("SyntaxError", "IndentationError", "TabError")


def exception_of(line: str) -> tuple[str, str] | None:
    """Split `pkg.SomeError: message` into its last name and the message; None if it is no such line."""
    head, colon, message = line.partition(": ")
    if not colon:
        head = line.rstrip().removesuffix(":")
        message = ""
    if not head or len(head) > 120 or not head.replace(".", "").replace("_", "").isalnum():
        return None
    name = head.rpartition(".")[2]
    if not name[:1].isupper() or name.isupper() or name.isdigit():
        return None
    if not colon and not name.endswith(
        ("Error", "Exception", "Exit", "Interrupt", "Warning", "Failed", "Timeout", "Iteration")
    ):
        return None
    return name, message.strip()


def essential_message(name: str, message: str) -> str:
    """Keep of a message what another verbosity or Python version would print as well."""
    if name in ("AssertionError", "assertion") and len(message) > MESSAGE_CHARS_MAX:
        return message[:12] if message.startswith("assert ") else ""
    if name == "TypeError" and "() " in message:
        # Python 3.10 began to qualify the function's name.
        function, _, rest = message.partition("() ")
        return f"{function.rpartition('.')[2]}() {rest}"
    if name == "RecursionError":
        return "maximum recursion depth exceeded"
    return message


def traceback_at(output: Output, start: int, end: int) -> tuple[str, str, str, list[str], list[str]] | None:
    """Read the last traceback between two lines: exception, message, function, files (innermost first), its lines."""
    lines = output.lines
    function = source = ""
    files: list[str] = []
    last: tuple[str, str, int] | None = None
    grouped: list[str] = []
    at = start
    for at in range(start, end):
        raw = lines[at]
        line = raw.lstrip(" |+-") if "|" in raw[:12] or "+" in raw[:8] else raw
        stripped = line.strip()
        if TRACEBACK in line:
            if line is raw or "Exception Group" in raw:
                function, files = "", []
        elif stripped.startswith('File "'):
            path, _, rest = stripped[6:].partition('"')
            owner = rest.partition(", in ")[2].strip()
            ours = not any(mark in path for mark in NOT_OURS) or path == "<string>"
            if ours:
                if owner and owner not in NAMELESS:
                    function = "" if owner == "<module>" else owner.rpartition(".")[2]
                if path != "<string>" and (line is raw or not raw.startswith("    ")):
                    files.append(path)
            source = lines[at + 1].strip(" |") if at + 1 < end else ""
        elif line is not raw or raw[:1] not in (" ", "\t", ""):
            head = exception_of(stripped)
            if head:
                if line is not raw and last and raw.startswith("    "):
                    grouped.append(": ".join(head))
                else:
                    last = (head[0], head[1], at)
    if last is None:
        return None
    name, message, where = last
    shown = [lines[where].strip(" |")]
    if name in SYNTAX:
        message = source
        shown.append(source)
    if name.endswith("ExceptionGroup"):
        message = " ".join([message.partition(" (")[0], *sorted(set(grouped))])
        shown += grouped
    return name, message, function, list(reversed(files)), shown


def traceback_failures(output: Output, near_end: bool = False) -> list[Failure]:
    """Read Python tracebacks outside of test reports; with `near_end` only one that ends the output."""
    found = []
    lines = output.lines
    at = 0
    count = len(lines)
    while at < count:
        line = lines[at]
        starts = TRACEBACK in line or (
            line.startswith('  File "')
            and any(lines[near].startswith(SYNTAX) for near in range(at, min(at + 6, count)))
        )
        if not starts or output.taken[at]:
            at += 1
            continue
        end = _chain_end(lines, at)
        chain = traceback_at(output, at, end)
        if chain and (not near_end or sum(1 for rest in lines[end:] if rest.strip()) <= 3):
            name, message, function, files, shown = chain
            essentials = [name, essential_message(name, message), "" if name in SYNTAX else function]
            if name == "ModuleNotFoundError":
                essentials[2] = ""
            found.append(output.failure(name, essentials, symbol=function or None, files=files, lines=shown))
            output.take(at, end)
        at = end
    return found


def _chain_end(lines: list[str], at: int) -> int:
    """Find the line after a traceback and all that it is chained to."""
    count = len(lines)
    grouped = "Exception Group" in lines[at]
    at += 1
    while at < count:
        line = lines[at]
        if line[:1] in (" ", "\t") or (grouped and line[:1] in ("+", "|")):
            at += 1
            continue
        if grouped:
            break
        if not line.strip():
            connector = next((lines[near] for near in range(at, min(at + 3, count)) if lines[near].strip()), "")
            if not _is_chained(connector):
                break
            at = _after_next_head(lines, at)
            continue
        at += 1
        if TRACEBACK in line or not exception_of(line):
            continue
        if not _is_chained("\n".join(lines[at : at + 3])):
            break
        at = _after_next_head(lines, at)
    return min(at, count)


def _is_chained(text: str) -> bool:
    """Tell whether a text says that another traceback follows from this one."""
    return "direct cause" in text or "During handling" in text


def _after_next_head(lines: list[str], at: int) -> int:
    """Return the line after the first line of the next traceback."""
    while at < len(lines) and TRACEBACK not in lines[at]:
        at += 1
    return at + 1
