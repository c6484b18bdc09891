"""Read pytest and unittest reports."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output
from codememory.extract.normalise import essence
from codememory.extract.tracebacks import NOT_OURS, SYNTAX, TRACEBACK, essential_message, exception_of, traceback_at


def pytest_failures(output: Output) -> list[Failure]:
    """Read every failing or erroring test of a pytest run, from its sections and its short summary."""
    summary = _pytest_summary(output)
    found: list[Failure] = []
    named: set[str] = set()
    titles = {place.partition("::")[2].replace("::", "."): place for place in reversed(summary)}
    for title, start, end in _pytest_sections(output):
        place = _of_section(title, titles)
        failure = _pytest_section(output, title, place, summary.get(place, ("", 0))[0], start, end)
        if failure.check not in named:
            named.add(failure.check)
            found.append(failure)
        output.take(start - 1, end)
        summary.pop(place, None)
    for place, (message, at) in summary.items():
        output.take(at, at + 1)
        if essence(place, output.cwd) in named:
            continue
        kind, name, rest = _pytest_message(message.removesuffix("...") if message.endswith("...") else message)
        if message.endswith("..."):
            rest = ""
        found.append(
            output.failure(
                kind,
                [name, essential_message(name, rest)],
                symbol=place,
                files=[place.partition("::")[0]],
                lines=[output.lines[at]],
                check=place,
            )
        )
    return found


def _pytest_summary(output: Output) -> dict[str, tuple[str, int]]:
    """Map each test id of the short summary to its message and line."""
    summary: dict[str, tuple[str, int]] = {}
    for at, line in enumerate(output.lines):
        if not line.startswith(("FAILED ", "ERROR ")):
            continue
        place, _, message = line.partition(" ")[2].partition(" - ")
        place = place.strip()
        if ("::" in place or place.endswith(".py")) and not place.endswith("%]"):
            summary[place] = (message.strip(), at)
    return summary


def _pytest_sections(output: Output) -> list[tuple[str, int, int]]:
    """List title, first and last line of the blocks under FAILURES and ERRORS."""
    sections: list[tuple[str, int, int]] = []
    inside = False
    title = ""
    start = 0
    for at, line in enumerate(output.lines):
        if line.startswith("===") and line.rstrip().endswith("==="):
            if title:
                sections.append((title, start, at))
                title = ""
            name = line.strip("= \r")
            inside = name in ("FAILURES", "ERRORS")
        elif inside and line.startswith("___") and line.rstrip().endswith("___"):
            if title:
                sections.append((title, start, at))
            title = line.strip("_ \r")
            start = at + 1
    if title:
        sections.append((title, start, len(output.lines)))
    return sections


def _of_section(title: str, titles: dict[str, str]) -> str:
    """Find the test id that a section's title stands for; the title itself if the summary does not hold it."""
    for lead in ("ERROR at setup of ", "ERROR at teardown of "):
        title = title.removeprefix(lead)
    if title.startswith("ERROR collecting "):
        return title[17:].strip()
    return titles.get(title, title)


def _pytest_section(output: Output, title: str, place: str, message: str, start: int, end: int) -> Failure:
    """Build the failure of one block: the last exception's first line and the innermost place of the project."""
    lines = output.lines
    groups: list[list[int]] = []
    files: list[str] = []
    located = ""
    native = ""
    for at in range(start, end):
        line = lines[at]
        if line.startswith("E ") or line == "E":
            if groups and groups[-1][-1] == at - 1:
                groups[-1].append(at)
            else:
                groups.append([at])
        elif line.startswith(("--- Captured", "---- Captured", "-----")):
            if "Captured" in line:
                break
        elif line[:1] not in " >\t":
            name, colon, rest = line.partition(":")
            number, _, error = rest.partition(":")
            if colon and number.isdigit() and " " not in name.replace(" ", "", name.count("/")):
                files.append(name)
                located = error.strip() if not error.startswith(" in ") else located
            elif exception_of(line) and TRACEBACK in "\n".join(lines[max(start, at - 60) : at]):
                native = line
        elif line.lstrip().startswith('File "'):
            files.append(line.partition('"')[2].partition('"')[0])
    chosen = native
    shown = [native] if native else []
    if groups:
        group = groups[-1]
        texts = [text for at in group if (text := lines[at][1:].strip())] or [""]
        chosen = next(
            (text for text in texts if text.startswith(("assert ", "fixture ")) or exception_of(text)), texts[0]
        )
        shown = [chosen, *[text for text in texts if text != chosen]]
        source = _source_of(texts)
        head = exception_of(chosen)
        if head and head[0] in SYNTAX and source:
            chosen = f"{head[0]}: {source}"
    elif not chosen:
        chosen = message
    kind, name, rest = _pytest_message(chosen, located)
    ours = [path for path in files if not any(mark in path for mark in NOT_OURS)]
    if "::" not in place and not place.endswith(".py") and ours:
        place = f"{ours[0]}::{place.replace('.', '::')}" if " " not in place.partition("[")[0] else place
    if title.startswith("ERROR collecting"):
        kind = "collection"
    return output.failure(
        kind,
        [name, essential_message(name, rest)],
        symbol=place,
        files=[*reversed(ours), place.partition("::")[0] if ".py" in place else ""],
        lines=[*shown, title],
        check=place,
    )


def _pytest_message(message: str, located: str = "") -> tuple[str, str, str]:
    """Split a message into the failure's type, the exception's name and the rest."""
    head = exception_of(message)
    if head is None or head[0] == "AssertionError":
        rest = head[1] if head else message
        if head or message.startswith("assert ") or located in ("AssertionError", ""):
            if message.startswith("fixture "):
                return "fixture", "fixture", message
            return "assertion", "AssertionError", rest
        return located or "assertion", located, message
    name, rest = head
    return ("assertion" if name == "Failed" else name), name, rest


def _source_of(lines: list[str]) -> str:
    """Give the source line shown between `File "…", line N` and its caret."""
    for at in range(len(lines) - 1, -1, -1):
        if lines[at].startswith('File "') and at + 1 < len(lines):
            source = lines[at + 1].strip()
            return "" if source.startswith(SYNTAX) else source
    return ""


def unittest_failures(output: Output) -> list[Failure]:
    """Read the `FAIL:` and `ERROR:` blocks of a unittest run."""
    found = []
    lines = output.lines
    count = len(lines)
    for at in range(1, count):
        line = lines[at]
        if not line.startswith(("FAIL: ", "ERROR: ")) or not lines[at - 1].startswith("======"):
            continue
        if not any(rule.startswith("-----") for rule in lines[at + 1 : at + 4]):
            continue  # pytest's usage errors also follow a rule; only unittest draws a second one below.
        end = at + 1
        while end < count and not lines[end].startswith("======") and not lines[end].startswith("Ran "):
            end += 1
        place = _unittest_place(line.partition(": ")[2])
        chain = traceback_at(output, at, end)
        name, message, _, files, shown = chain or ("", "", "", [], [])
        kind = "assertion" if name == "AssertionError" or line.startswith("FAIL") else name or "error"
        message = message.partition(" : ")[0]
        found.append(
            output.failure(
                kind,
                [name, essential_message(name, message)],
                symbol=place,
                files=files,
                lines=[*shown, line],
                check=place,
            )
        )
        output.take(at - 1, end)
    return found


def _unittest_place(title: str) -> str:
    """Turn `test_x (mod.Class.test_x)` of any Python version into `mod.Class.test_x`, keeping a subtest's values."""
    name, _, rest = title.strip().partition(" ")
    owner = rest.partition("(")[2].partition(")")[0]
    values = rest.partition(")")[2].strip()
    if owner and not owner.endswith("." + name):
        owner = f"{owner}.{name}"
    return f"{owner or name} {values}".strip()
