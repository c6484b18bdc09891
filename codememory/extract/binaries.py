"""Read what linkers, sanitizers and valgrind say about a program."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output
from codememory.extract.normalise import essence
from codememory.extract.places import is_path, located, unique

LINK_NEEDLES = (
    "undefined reference to ",
    "multiple definition of ",
    "undefined symbol: ",
    "cannot find -l",
    "Undefined symbols for",
    "duplicate symbol ",
    "cannot open output file",
    "unresolved external symbol",
    "cannot find entry symbol",
)
SANITIZER = "SUMMARY: "


def link_failures(output: Output) -> list[Failure]:
    """Read what a linker misses or finds twice, one failure for each symbol."""
    found = []
    for at, line in enumerate(output.lines):
        needle = next((needle for needle in LINK_NEEDLES if needle in line), "")
        if not needle or output.taken[at]:
            continue
        symbol = essence(line.partition(needle)[2]).strip(" '\";:,").partition("';")[0].partition("'")[0].strip()
        if needle == "Undefined symbols for" and at + 1 < len(output.lines):
            symbol = output.lines[at + 1].strip().partition('"')[2].partition('"')[0]
        if needle == "cannot find -l":
            symbol = line.partition(needle)[2].partition(":")[0].strip()
        files = []
        place = line.partition(needle)[0].rpartition("ld: ")[2].partition(":")[0]
        if is_path(place) and not place.endswith(".o"):
            files.append(place)
        output.take(at, at + 1)
        found.append(output.failure("link", [needle.strip(), symbol], symbol=symbol or None, files=files, lines=[line]))
    return unique(found)


def sanitizer_failures(output: Output) -> list[Failure]:
    """Read sanitizer and valgrind reports: the kind and the first function of the program itself."""
    found = []
    lines = output.lines
    for at, line in enumerate(lines):
        if line.startswith(SANITIZER) and "Sanitizer: " in line:
            kind = line.partition("Sanitizer: ")[2]
            name, _, rest = kind.partition(" ")
            function = rest.rpartition(" in ")[2].strip() if " in " in rest else ""
            files = [place[0]] if (place := located(rest.partition(" in ")[0] + ": x")) else []
            if "leaked" in kind:
                name, function, files = "leak", _frame_function(lines, 0), []
            start = next(
                (near for near in range(at) if "ERROR: " in lines[near] or "WARNING: Thread" in lines[near]), at
            )
            output.take(start, at + 1)
            output.take(at, len(lines))
            if name in ("undefined-behavior", "signed-integer-overflow") and not function:
                continue
            found.append(
                output.failure(
                    "sanitizer", [name, function], symbol=function or None, files=files, lines=[lines[start], line]
                )
            )
        elif line.startswith("==") and line.rstrip().endswith("Memcheck, a memory error detector"):
            failure = _valgrind(output, at)
            if failure:
                found.append(failure)
    return unique(found)


def _frame_function(lines: list[str], start: int) -> str:
    """Name the first stack frame that is not the allocator's or the sanitizer's."""
    for line in lines[start:]:
        bare = line.strip()
        if bare.startswith("#") and " in " in bare:
            name = bare.partition(" in ")[2].partition(" ")[0]
            if name not in ("malloc", "calloc", "realloc", "free", "operator") and not name.startswith(
                ("__", "operator")
            ):
                return name
    return ""


def _valgrind(output: Output, at: int) -> Failure | None:
    lines = output.lines
    for near in range(at + 1, len(lines) - 1):
        body = lines[near].partition("== ")[2]
        frame = lines[near + 1].partition("== ")[2].strip()
        if body and body[:1] != " " and frame.startswith("at 0x"):
            function = frame.partition(": ")[2].partition(" ")[0]
            output.take(at, len(lines))
            return output.failure("sanitizer", [body, function], symbol=function, lines=[lines[near], lines[near + 1]])
    return None
