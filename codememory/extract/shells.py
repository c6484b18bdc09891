"""Read what shells, basic commands and the client itself refuse."""

from __future__ import annotations

from codememory.extract import error_rules as rules
from codememory.extract.failure import LINE_SCAN_CHARS, LINES_SCANNED_MAX, Failure, Output
from codememory.extract.normalise import essence
from codememory.extract.places import is_path

# The client notes its own working directory there, and a sandboxed shell cannot.
CLIENT_SCRATCH = "/tmp/claude-"


def client_failures(output: Output) -> list[Failure]:
    """Read the client's own refusals of a tool call: an edit that does not fit, a file that is not there."""
    text = output.text.strip()
    first = text.partition("\n")[0]
    subject = output.subject
    for mark, kind, alone in rules.CLIENT_REFUSALS:
        if mark in first:
            essentials = [mark] if alone else [first, text.partition("\n")[2][:200].strip()]
            return [
                output.failure(
                    kind, essentials, symbol=output.tool or None, files=[subject] if subject else [], lines=[first]
                )
            ]
    return []


def shell_failures(output: Output) -> list[Failure]:
    """Read what a shell or a basic command says about a command, a file or a permission; each line is its own."""
    found: list[Failure] = []
    seen: set[str] = set()
    for at, line in enumerate(output.lines[:LINES_SCANNED_MAX]):
        if output.taken[at] or len(line) > LINE_SCAN_CHARS or line[:2] in ("+ ", "++"):
            continue
        kind = next((kind for mark, kind in rules.SHELL_MARKS if mark in line), "")
        bare = line.strip()
        if not kind or CLIENT_SCRATCH in bare or bare.startswith(rules.STRONG) or bare.startswith(rules.NOISE_STARTS):
            continue
        if kind == "missing-command" and ": not found" in bare and not bare.endswith(": not found"):
            continue
        body = without_script(bare)
        subject = _subject(body, kind)
        output.take(at, at + 1)
        files = [subject] if kind in ("missing-file", "permission", "file-exists") and subject else []
        essential = f"{subject}: command not found" if kind == "missing-command" and subject else body
        failure = output.failure(kind, [essential], symbol=subject or None, files=files, lines=[bare])
        if failure.signature not in seen:
            seen.add(failure.signature)
            found.append(failure)
    return found


def without_script(line: str) -> str:
    """Cut off the script and line that a shell puts before its own messages."""
    at = line.find(": line ")
    if 0 <= at < 200:
        number, colon, rest = line[at + 7 :].partition(":")
        if colon and number.isdigit():
            line = rest.strip()
    head, colon, rest = line.partition(":")
    name = head.rpartition("/")[2]
    if colon and name in ("bash", "sh", "zsh", "dash", "ksh", "fish", "(eval)"):
        number, colon, after = rest.partition(":")
        line = after.strip() if colon and number.strip().isdigit() else rest.strip()
    first, _, rest = line.partition(" ")
    return rest.strip().replace(" (core dumped)", "") if first.isdigit() else line


def _subject(body: str, kind: str) -> str:
    """Name the command or file that a shell's message is about."""
    if kind == "missing-command":
        if "command not found: " in body:
            return body.rpartition("command not found: ")[2].strip()
        if "is not recognized" in body:
            return body.partition("is not recognized")[0].strip(" '\"")
        return (
            body.rpartition(": command not found")[0].strip()
            or body.rpartition(": not found")[0].rpartition(": ")[2].strip()
        )
    parts = body.split(": ")
    if len(parts) >= 2:
        subject = parts[-2]
        if "'" in subject or "‘" in subject:
            subject = essence(subject).partition("'")[2].rpartition("'")[0] or subject
        return subject.strip("'\"") if is_path(subject) or " " not in subject else ""
    return ""
