"""Reduce a line of tool output to what stays the same when the same thing happens again.

Every function here is linear in its input and uses no regular expression: compiling one costs more than the scan.
"""

from __future__ import annotations

ESSENCE_CHARS_MAX = 600
DIGITS = "0123456789"
HEX = frozenset("0123456789abcdefABCDEF")
QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "`": "'", "´": "'", "\u00a0": " ", "\t": " "})
LEAD = "([{<\"'"
TRAIL = ")]}>\"',;:.!?"
# After one of these words a number counts, places or identifies; it never says what went wrong.
COUNTED = frozenset(
    "line lines column col pid process thread tid after took attempt offset in: job goroutine section elapsed".split()
)
# Before one of these words a number is a duration, a size or a count.
UNITS = frozenset(
    "ms s sec secs second seconds minute minutes min mins hours us µs ns bytes byte kb mb gb kib mib gib"
    " errors error warnings warning problems problem issues issue failures files file lines line times retries".split()
)
DURATION_SUFFIXES = (
    "ms",
    "s",
    "µs",
    "us",
    "ns",
    "sec",
    "m",
    "h",
    "kB",
    "KB",
    "MB",
    "GB",
    "KiB",
    "MiB",
    "GiB",
    "B",
    "%",
)
PATH_QUOTES = (("'", "'"), ('"', '"'), ("(", ")"))
TEMPORARY = ("/tmp", "/var/tmp", "/var/folders", "/private")
NUMBERED_NAMES = frozenset("thread task process worker pool forkpoolworker spawnpoolworker threadpoolexecutor".split())
# What a tool adds to be helpful differs between its versions.
HINTS = (
    ". Did you mean",
    "; did you mean",
    " (did you mean",
    ", did you mean",
    "; have you",
    " (from versions:",
    " -> [Help",
    " [-W",
    " [-f",
    " (did you forget",
)


def strip_ansi(text: str) -> str:
    """Remove terminal escape sequences, and what a carriage return overwrote."""
    if "\x1b" in text:
        first, *parts = text.split("\x1b")
        text = first + "".join([_after_escape(part) for part in parts])
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _after_escape(part: str) -> str:
    if not part:
        return ""
    if part[0] == "[":
        for at in range(1, min(len(part), 64)):
            if "@" <= part[at] <= "~":
                return part[at + 1 :]
        return part[1:]
    if part[0] == "]":
        end = part.find("\x07")
        if end >= 0:
            return part[end + 1 :]
        return part.partition("\\")[2]
    if part[0] in "()":
        return part[2:]
    return part[1:]


def short_path(path: str, cwd: str) -> str:
    """Give a path relative to `cwd`; an absolute one outside of it keeps its last two parts."""
    path = path.strip("\"'`")
    if "://" in path and not path.startswith("file://"):
        return path
    if path.startswith("file://"):
        path = path[7:]
    if "\\" in path:
        path = path.replace("\\", "/")
    if cwd:
        cwd = cwd.rstrip("/")
        if path == cwd:
            return "."
        if path.startswith(cwd + "/"):
            path = path[len(cwd) + 1 :]
    while path.startswith("./"):
        path = path[2:]
    if path.startswith(("/", "~/")) or path[1:3] == ":/":
        return "/".join(path.split("/")[-2:])
    return path


def essence(line: str, cwd: str = "") -> str:
    """Normalise one line: quotes, folders, positions, addresses, times, ids and counts no longer matter."""
    line = line[:ESSENCE_CHARS_MAX].translate(QUOTES)
    for hint in HINTS:
        at = line.find(hint)
        if at > 0:
            line = line[:at]
    line = line.replace(" [*]", "")
    if cwd and len(cwd) > 1 and cwd in line:
        line = line.replace(cwd.rstrip("/") + "/", "").replace(cwd.rstrip("/"), ".")
    if "/" in line:
        line = _shorten_quoted_paths(line)
    words = line.split()
    last = len(words) - 1
    kept = []
    previous = ""
    for at, word in enumerate(words):
        if word.isalpha():
            kept.append(word)
        else:
            kept.append(_word(word, previous, words[at + 1] if at < last else ""))
        previous = word
    return " ".join(kept)


def _shorten_quoted_paths(line: str) -> str:
    """Shorten absolute paths in quotes first: only the quotes tell where a path with spaces ends."""
    for opening, closing in PATH_QUOTES:
        start = line.find(opening + "/")
        while start >= 0:
            end = line.find(closing, start + 1)
            if end < 0:
                break
            name = line[start + 1 : end].rstrip("/").rpartition("/")[2]
            line = line[: start + 1] + name + line[end:]
            start = line.find(opening + "/", start + len(name) + 2)
    return line


def _word(word: str, previous: str, following: str) -> str:
    core = word.lstrip(LEAD)
    lead = word[: len(word) - len(core)]
    bare = core.rstrip(TRAIL)
    trail = core[len(bare) :]
    if bare.startswith("./") and len(bare) > 2:
        bare = bare[2:]
    if "/" in bare or "\\" in bare:
        bare = _path(bare)
    if any(digit in bare for digit in DIGITS):
        equals = bare.rfind("=", 0, -1)
        if equals > 0 and bare[equals + 1] in DIGITS and bare[equals - 1] not in "=<>!~":
            bare = bare[: equals + 1] + _masked(bare[equals + 1 :], bare[:equals], "")
        else:
            bare = _masked(bare, previous, following)
    if trail:
        trail = trail.rstrip(".,;:")
    return lead + bare + trail


def _path(path: str) -> str:
    """Shorten a path or an address inside a message."""
    if "://" in path and not path.startswith("file://"):
        return path.partition("?")[0]
    if path[:1] in "/~" or path.startswith("file://") or path[1:2] == ":":
        folder, _, name = path.replace("\\", "/").rstrip("/").rpartition("/")
        return "<tmp>" if folder.startswith(TEMPORARY) and name.startswith(("cc", "tmp")) else name
    return path


def _masked(word: str, previous: str, following: str) -> str:
    """Mask a number, an address, an id, a time or a position within one word."""
    if word.startswith(("0x", "0X")):
        return "<addr>"
    if word.isdigit():
        counted = previous.strip(LEAD + TRAIL).lower() in COUNTED or following.strip(LEAD + TRAIL).lower() in UNITS
        return "<n>" if counted or len(word) >= 5 else word
    if word[0] in DIGITS or (word[0] in "-+." and len(word) > 1 and word[1] in DIGITS):
        return _masked_number(word, following)
    if ":" in word:
        located = _without_position(word)
        if located != word:
            return located
    if "(" in word and word[-1:] in DIGITS:
        head, _, position = word.rpartition("(")
        if head and all(part.isdigit() for part in position.split(",")):
            return head
    plain = word.replace("-", "")
    if len(plain) >= 7 and all(letter in HEX for letter in plain) and not plain.isalpha():
        return "<id>"
    if word.startswith(("tmp", "cc")) and len(word) >= 8 and not word.isalpha() and "_" not in word[3:]:
        return "<tmp>"
    name, dash, number = word.rpartition("-")
    if dash and number.isdigit() and name.lower() in NUMBERED_NAMES:
        return name
    if "0x" in word:
        return _mask_addresses(word)
    run = _longest_digits(word)
    return word.replace(run, "<n>") if len(run) >= 5 else word


def _masked_number(word: str, following: str) -> str:
    for suffix in DURATION_SUFFIXES:
        if word.endswith(suffix) and word[: -len(suffix)].replace(".", "", 1).isdigit():
            return "<t>"
    plain = word.replace("-", "")
    if ":" in word and word.replace(":", "").replace(".", "").replace("-", "").replace("T", "").rstrip("Z+").isdigit():
        return "<time>"
    if len(word) >= 10 and word[4:5] == "-" and word[7:8] == "-" and word[:4].isdigit():
        return "<time>"
    if len(plain) >= 7 and all(letter in HEX for letter in plain) and not plain.isdigit():
        return "<id>"
    whole, dot, decimals = word.lstrip("-+").partition(".")
    if dot and whole.isdigit() and decimals.isdigit() and (len(decimals) >= 4 or following.lower() in UNITS):
        return "<n>"
    run = _longest_digits(word)
    return word.replace(run, "<n>") if len(run) >= 5 else word


def _without_position(word: str) -> str:
    """Cut the numbers of `name.c:12:5` or `name.rb:5:in`."""
    named = [part for part in word.split(":") if not part.isdigit()]
    return ":".join(named) if any("." in part or "/" in part or part.endswith("file") for part in named) else word


def _mask_addresses(word: str) -> str:
    parts = word.split("0x")
    kept = [parts[0]]
    for part in parts[1:]:
        at = 0
        while at < len(part) and part[at] in HEX:
            at += 1
        kept.append(part[at:])
    return "<addr>".join(kept)


def _longest_digits(word: str) -> str:
    longest = run = ""
    for letter in word:
        run = run + letter if letter in DIGITS else ""
        if len(run) > len(longest):
            longest = run
    return longest
