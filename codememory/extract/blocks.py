"""Read errors that a tool sets off as a block: CMake, Gradle, terraform, npm."""

from __future__ import annotations

from codememory.extract.failure import Failure, Output

# What a tool draws around its messages.
BOX = " \t│|╷╵╭╰┃▌├└"


def block_failures(output: Output) -> list[Failure]:
    """Read the blocks of every tool that prints its errors so."""
    return [*_cmake(output), *_gradle(output), *_boxed(output)] or _npm(output)


def _cmake(output: Output) -> list[Failure]:
    """Read `CMake Error at file:line (command):` with the paragraph below it."""
    found = []
    lines = output.lines
    for at, line in enumerate(lines):
        if not line.startswith("CMake Error") or output.taken[at]:
            continue
        paragraph: list[str] = []
        near = at + 1
        while near < len(lines) and near < at + 30:
            bare = lines[near].strip()
            if bare:
                if not lines[near].startswith(" "):
                    break
                paragraph.append(bare)
            elif paragraph and not paragraph[-1].endswith(":"):
                break
            near += 1
        head, _, function = line.partition(" (")
        place = head.partition(" at ")[2].partition(":")[0]
        title = line if not place else f"CMake Error {function.rstrip('):')}"
        found.append(
            output.failure(
                "cmake",
                [title, " ".join(paragraph)],
                symbol=function.rstrip("):") or None,
                files=[place],
                lines=[line, *paragraph],
            )
        )
        output.take(at, near)
    return found


def _boxed(output: Output) -> list[Failure]:
    """Read terraform's `Error: title`, with the paragraph that says which thing it is about."""
    if "│ Error: " not in output.text and ".tf line " not in output.text:
        return []
    found = []
    lines = [line.strip().lstrip(BOX) for line in output.lines]
    for at, line in enumerate(lines):
        if not line.startswith("Error: "):
            continue
        said = []
        for near in range(at + 1, min(at + 30, len(lines))):
            bare = lines[near]
            if bare.startswith(("Error: ", "Warning: ")) or "╵" in output.lines[near]:
                break
            if bare and not (bare.startswith("on ") and " line " in bare) and not bare.partition(":")[0].isdigit():
                said.append(bare)
        place = next((bare[3:].partition(" line ")[0] for bare in lines[at + 1 : at + 5] if bare.startswith("on ")), "")
        found.append(output.failure("error", [line, " ".join(said), place], files=[place], lines=[line, *said]))
    return found


def _gradle(output: Output) -> list[Failure]:
    """Read the paragraph below Gradle's `* What went wrong:`."""
    lines = output.lines
    found = []
    for at, line in enumerate(lines):
        if line.strip() == "* What went wrong:":
            said = []
            for near in range(at + 1, min(at + 8, len(lines))):
                if not lines[near].strip():
                    break
                said.append(lines[near].strip())
            found.append(output.failure("build", said, lines=said))
    return found


def _npm(output: Output) -> list[Failure]:
    """Read npm's own errors: its code and the first thing it says; a failing script is not npm's."""
    said = []
    code = ""
    for at, line in enumerate(output.lines):
        rest = line.removeprefix("npm error").removeprefix("npm ERR!")
        if rest == line or output.taken[at]:
            continue
        bare = rest.strip()
        if bare.startswith("code "):
            code = bare[5:]
        elif (
            bare
            and not bare.isdigit()
            and not bare.startswith(("A complete log", "errno", "syscall", "path ", "Lifecycle"))
        ):
            said.append(bare)
    if not said or code in ("ELIFECYCLE", "1") or said[0].startswith(("Test failed", "command failed")):
        return []
    return [
        output.failure(
            "package", [code, said[0]], symbol=code or None, lines=[f"npm error code {code}" if code else "", *said]
        )
    ]
