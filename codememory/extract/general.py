"""Read the errors of tools that no other reader knows: the set of their error lines."""

from __future__ import annotations

from codememory.extract import error_rules as rules
from codememory.extract.blocks import BOX, block_failures
from codememory.extract.command import normalised_command
from codememory.extract.failure import LINE_SCAN_CHARS, LINES_SCANNED_MAX, Failure, Output
from codememory.extract.normalise import essence
from codememory.extract.places import is_path
from codememory.extract.shells import without_script

SET_LINES_MAX = 12
FALLBACK_LINES = 3
TELLING_LETTERS = 8
PROSE_LINES = 2
TIMEOUT_CODES = (124, 143, 137)
INTERRUPTED = 130
CLIENT_TIMEOUT = "Command timed out after "


def general_failures(output: Output) -> list[Failure]:
    """Read an unknown tool's output: its blocks, else its error lines as a set, else its last lines."""
    blocks = block_failures(output)
    if blocks:
        return blocks
    if CLIENT_TIMEOUT in output.text:
        return _nothing_said(output, "timeout")
    strong, weak, wrappers = _sorted_lines(output)
    chosen = strong or weak or wrappers
    if not chosen:
        if output.exit_code == INTERRUPTED:
            return []
        if (
            output.exit_code is None
            and output.tool in ("", "Bash")
            and len(output.text.strip().split("\n")) <= PROSE_LINES
            and not _names_place(output.text)
        ):
            return []  # No exit code and nothing like an error: somebody's words, not a program's.
        chosen = _last_lines(output)
    if not chosen:
        return _nothing_said(output)
    alone = [line for line in chosen if line.startswith(rules.SEPARATE_STARTS)]
    if alone:
        return [_of_lines(output, [line]) for line in alone]
    return [_of_lines(output, chosen)]


def verdict_failures(output: Output) -> list[Failure]:
    """Read what tools say with `error:`, `fatal:` or their name in front, besides failures found already."""
    strong = [line for line in _sorted_lines(output)[0] if line.startswith(rules.VERDICT_STARTS)]
    if any(line.startswith(rules.SEPARATE_STARTS) for line in strong):
        return [_of_lines(output, [line]) for line in strong]
    return [_of_lines(output, strong)] if strong else []


def _names_place(text: str) -> bool:
    """Tell whether a word is a file with a line in it, as programs write and people seldom do."""
    for word in text[:LINE_SCAN_CHARS].split():
        path, _, rest = word.partition(":")
        if rest[:1].isdigit() and is_path(path):
            return True
    return False


def _of_lines(output: Output, chosen: list[str]) -> Failure:
    essentials = sorted({essence(_essential(line), output.cwd) for line in chosen[:SET_LINES_MAX]})
    if all(line in rules.BARE_VERDICTS or line.endswith(rules.BARE_ENDS) for line in chosen):
        essentials.append(normalised_command(output.command, output.cwd))
    kind = _kind(chosen, output)
    files = []
    for line in chosen:
        for word in line.replace("'", " ").replace('"', " ").split()[:40]:
            word = word.strip("()[]<>,;:`‘’")
            if "/" in word and is_path(word) and "://" not in word and len(word) > 3:
                files.append(word)
    return output.failure(kind, essentials, files=files, lines=chosen, family="general")


def _sorted_lines(output: Output) -> tuple[list[str], list[str], list[str]]:
    """Sort the error-looking lines into the tool's verdicts, weaker signs, and what wrappers repeat."""
    strong: list[str] = []
    weak: list[str] = []
    wrappers: list[str] = []
    lines = output.lines
    for at, line in enumerate(lines[:LINES_SCANNED_MAX]):
        if output.taken[at] or len(line) > LINE_SCAN_CHARS:
            continue
        bare = without_lead(line)
        if len(bare) < 4 or bare == "[ERROR]" or bare.startswith(rules.NOISE_STARTS):
            continue
        if any(mark in bare for mark in rules.NOISE_WITHIN):
            continue
        if any(mark in bare for mark in rules.WRAPPERS) and "No rule" not in bare:
            _add(wrappers, _make_target(bare))
            continue
        rest = bare.partition(": ")[2]
        if bare.startswith(rules.STRONG) or (
            rest.startswith(rules.STRONG) and " " not in bare.partition(": ")[0].removesuffix(")").partition(" (")[0]
        ):
            if bare.endswith(":") and at + 1 < len(lines):
                bare = f"{bare} {without_lead(lines[at + 1])}"
            _add(strong, bare)
        else:
            low = bare.lower()
            if any(word in low for word in rules.WEAK):
                if bare.endswith(":") and at + 1 < len(lines):
                    bare = f"{bare} {without_lead(lines[at + 1])}"
                _add(weak, bare)
    return strong, weak, wrappers


def _add(kept: list[str], line: str) -> None:
    if len(kept) < SET_LINES_MAX and line not in kept:
        kept.append(line)


def without_lead(line: str) -> str:
    """Cut off frames, bullets, a time stamp and a log level's brackets before a message."""
    bare = line.strip().lstrip(BOX)
    for _ in range(3):
        first, _, rest = bare.partition(" ")
        inner = first.strip("[]()")
        if (
            rest
            and inner[:1].isdigit()
            and len(inner) >= 5
            and inner.replace(":", "")
            .replace("-", "")
            .replace(".", "")
            .replace("T", "")
            .replace("Z", "")
            .replace(",", "")
            .replace("+", "")
            .replace("/", "")
            .isdigit()
        ):
            bare = rest.lstrip()
        else:
            break
    if bare.startswith("[ERROR] "):
        bare = bare[8:].partition(" -> [Help")[0]
    elif bare[:1] in "EF" and bare[1:5].isdigit() and "] " in bare[:120]:
        bare = bare.partition("] ")[2]
    return bare.removeprefix("PHP ")


def _essential(line: str) -> str:
    return without_script(line).removeprefix("Error: ").removeprefix("error: ").removeprefix("ERROR: ")


def _make_target(line: str) -> str:
    """Reduce `make[2]: *** [dir/Makefile:12: target] Error 4` to make, target and code."""
    if "*** [" not in line:
        return line
    inside, _, rest = line.partition("*** [")[2].partition("]")
    return f"make: *** [{inside.rpartition(': ')[2]}]{rest}"


def _last_lines(output: Output) -> list[str]:
    """Give the last line that is not noise, and two more where it says too little."""
    said = [bare for line in output.lines[-400:] if 2 < len(bare := without_lead(line)) < LINE_SCAN_CHARS]
    said = [bare for bare in said if not bare.startswith(("+ ", "++ "))]
    kept = [bare for bare in said if not bare.startswith(rules.NOISE_STARTS)] or said
    if not kept or sum(1 for letter in kept[-1] if letter.isalpha()) >= TELLING_LETTERS:
        return kept[-1:]
    return kept[-FALLBACK_LINES:] if len(kept) >= FALLBACK_LINES else []


def _nothing_said(output: Output, kind: str = "exit") -> list[Failure]:
    command = normalised_command(output.command, output.cwd)
    code = output.exit_code
    kind = "timeout" if code in TIMEOUT_CODES else kind
    return [
        output.failure(
            kind,
            [f"exit {code}", command],
            lines=[f"exit code {code}: {command}"] if command else [f"exit code {code}"],
        )
    ]


def _kind(lines: list[str], output: Output) -> str:
    joined = "\n".join(lines)
    for word, kind in rules.TYPE_WORDS:
        if word in joined:
            return kind
    head = normalised_command(output.command, output.cwd).split(" ")[0].rpartition("/")[2]
    return rules.COMMAND_TYPES.get(head, "error")
