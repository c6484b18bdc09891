"""Tell places in files, files and rules apart from prose, for every reader."""

from __future__ import annotations

from codememory.extract.failure import Failure
from codememory.extract.normalise import short_path


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


def file_key(path: str, cwd: str) -> str:
    """Identify a file by its folder and name: tools run from here or there print more or less of the path.

    Outside of `cwd` the name alone counts, because versions and users name the folders.
    """
    short = short_path(path, cwd)
    inside = not path.startswith(("/", "~", "file:")) or short != short_path(path, "")
    return "/".join(short.split("/")[-2:]) if inside else short.rpartition("/")[2]


def unique(failures: list[Failure]) -> list[Failure]:
    seen: set[str] = set()
    kept = []
    for failure in failures:
        if failure.signature not in seen:
            seen.add(failure.signature)
            kept.append(failure)
    return kept


def is_code(word: str) -> bool:
    """Tell whether a word is a rule's code: E0602, TS2322, C0114, SC2086, invalid-syntax."""
    if word == "invalid-syntax":
        return True
    letters = word.rstrip("0123456789")
    return 0 < len(letters) <= 6 and letters.isalpha() and letters.isupper() and len(letters) < len(word) <= 10


def is_ruled(line: str) -> bool:
    """Tell whether a line starts with a rule: `F821 …`, `invalid-syntax: …`, `unformatted: …`."""
    first = line.partition(" ")[0]
    return is_code(first.rstrip(":")) or (
        first.endswith(":") and first[:-1].replace("-", "").isalpha() and first.islower()
    )
