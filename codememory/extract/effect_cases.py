"""The effects of commands that have asking and changing forms: git, gh, package managers, tasks of a project."""

from __future__ import annotations

from codememory.extract import effect_rules as rules

READS, CHECKS, BUILDS, CHANGES, UNKNOWN = "reads", "checks", "builds", "changes", "unknown"
BY_WEIGHT = (CHANGES, UNKNOWN, BUILDS, CHECKS, READS)

INTERPRETERS = frozenset(("node", "tsx", "ts-node", "ruby", "php", "deno", "bun", "perl", "Rscript", "lua", "julia"))
EDITORS_IN_PLACE = frozenset(("sed", "gsed", "perl", "yq", "ruby"))


def is_assignment(word: str) -> bool:
    """Tell whether a word sets a variable."""
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def unless_asking(head: str, rest: list[str]) -> str:
    """Return the effect of a changing command that has asking forms: lists, statuses, dry runs."""
    if "--dry-run" in rest or (head == "tar" and rest and "t" in rest[0] and "x" not in rest[0] and "c" not in rest[0]):
        return READS
    if head == "unzip" and "-l" in rest:
        return READS
    if head in ("docker", "podman") and rest[:1] == ["compose"]:
        following = next(
            (word for word in rest[1:] if not word.startswith("-") and not word.endswith((".yml", ".yaml"))), ""
        )
        if following in ("config", "images", "logs", "ps", "top"):
            return READS
        return UNKNOWN if following == "run" else CHANGES
    if head in ("docker", "podman") and rest[:1] and rest[0] in ("network", "system", "volume"):
        return READS if rest[1:2] and rest[1] in ("ls", "inspect", "df", "info") else CHANGES
    if head == "uv" and rest[:1] == ["pip"]:
        return READS if rest[1:2] and rest[1] in ("list", "show", "freeze", "check", "tree") else CHANGES
    if head == "uv" and rest[:2] == ["lock", "--check"]:
        return CHECKS
    if head == "cargo" and rest[:1] == ["fmt"] and "--check" in rest:
        return CHECKS
    if head == "ruff" and ("--check" in rest or "--diff" in rest):
        return CHECKS
    if head == "npm" and rest[:1] == ["audit"] and "fix" in rest:
        return CHANGES
    if head in ("kill", "pkill", "killall") and rest[:1] == ["-0"]:
        return READS
    return CHANGES


def rewrites(head: str, rest: list[str]) -> bool:
    """Tell whether a command that looks or checks is asked to rewrite files."""
    if head in EDITORS_IN_PLACE and any(
        word.startswith("--in-place") or (word.startswith("-") and not word.startswith("--") and "i" in word[:4])
        for word in rest
    ):
        return True
    if head == "find" and "-delete" in rest:
        return True
    if head in ("awk", "gawk") and (rest[:2] == ["-i", "inplace"] or any(">" in word and '"' in word for word in rest)):
        return True
    if head == "sort" and "-o" in rest:
        return True
    if head in ("jest", "vitest") and ("-u" in rest or "--update" in rest):
        return True
    if head == "rubocop" and ("-a" in rest or "-A" in rest):
        return True
    if head == "npm" and rest[:2] == ["audit", "fix"]:
        return True
    is_checker = head in rules.CHECKING or head in rules.CHECKING_SUBCOMMANDS
    return is_checker and any(word in rules.REPAIRING_FLAGS for word in rest) and head not in ("npm", "pnpm", "yarn")


def among(table: dict[str, str], head: str, rest: list[str]) -> bool:
    if head not in table:
        return False
    known = table[head].split()
    if any(word.startswith("-") and word in rest for word in known):
        return True
    following = next((word for word in rest if not word.startswith(("-", "+"))), "")
    return following in known or "*" in known


def is_known(head: str, words: list[str]) -> bool:
    rest = words[1:]
    tables = (
        rules.READING_SUBCOMMANDS, rules.CHECKING_SUBCOMMANDS, rules.BUILDING_SUBCOMMANDS, rules.CHANGING_SUBCOMMANDS,
    )  # fmt: skip
    sets = (rules.READING, rules.CHECKING, rules.BUILDING, rules.CHANGING)
    return (
        any(among(table, head, rest) for table in tables)
        or (any(head in one for one in sets) and head not in INTERPRETERS)
        or runs_task(head, rest)
        or rewrites(head, rest)
    )


def of_git(words: list[str]) -> str:
    subcommand, rest = (words[1], words[2:]) if len(words) > 1 else ("", [])
    names = [word for word in rest if not word.startswith("-")]
    if subcommand == "branch":
        asks = not rest or any(
            word
            in ("-a", "-r", "-v", "-vv", "-av", "--all", "--list", "-l", "--show-current", "--contains", "--merged")
            for word in rest
        )
        return READS if asks or (not names and "-d" not in rest and "-D" not in rest) else CHANGES
    if subcommand == "tag":
        return READS if not names or "-l" in rest or "--list" in rest else CHANGES
    if subcommand == "remote":
        return READS if not names or names[0] in ("show", "get-url") else CHANGES
    if subcommand == "config":
        asks = any(word in ("--get", "--get-all", "--list", "-l", "--get-regexp") for word in rest)
        return (
            READS
            if asks or names[:1] in (["get"], ["list"]) or (len(names) == 1 and "--unset" not in rest)
            else CHANGES
        )
    if subcommand in ("stash", "worktree", "submodule", "bisect", "notes", "lfs", "sparse-checkout"):
        return READS if names[:1] and names[0] in ("list", "show", "status", "log", "summary", "ls-files") else CHANGES
    if subcommand == "reflog":
        return CHANGES if names[:1] in (["expire"], ["delete"]) else READS
    if subcommand in rules.READING_SUBCOMMANDS["git"].split() or not subcommand:
        return READS
    if subcommand in rules.CHANGING_SUBCOMMANDS["git"].split():
        return READS if "--dry-run" in rest or (subcommand == "apply" and "--check" in rest) else CHANGES
    return UNKNOWN


def of_gh(rest: list[str]) -> str:
    if rest[:1] == ["api"]:
        sends = any(
            word.startswith(("-X", "--method", "-f", "-F", "--field", "--raw-field", "--input")) for word in rest
        )
        return UNKNOWN if sends else READS
    asks = rest[1:2] and rest[1] in ("view", "list", "diff", "status", "checks", "watch", "ls")
    return READS if asks or rest[:1] in (["search"], ["status"], ["browse"]) else UNKNOWN


def by_name(name: str) -> str:
    """Return the effect that a script's or program's name tells of: to test or check something; else unknown."""
    stem = name.rpartition(".")[0] or name
    said = _words_of(stem)
    if said & rules.CHANGE_WORDS:
        return UNKNOWN
    if said & rules.CHECK_WORDS:
        return CHECKS
    return BUILDS if said & {"build", "compile"} else UNKNOWN


def runs_task(head: str, rest: list[str]) -> bool:
    table = rules.RUNNING_SUBCOMMANDS
    if head not in table:
        return False
    following = next((word for word in rest if not word.startswith("-")), "")
    return not table[head] or following in table[head].split() or head in ("pnpm", "yarn", "bun", "turbo", "nx")


def of_task(head: str, rest: list[str]) -> str:
    """Return the effect of a task of the project, by its name."""
    before = rest[: rest.index("--")] if "--" in rest else rest
    flags_with_value = ("-C", "-f", "-j", "--prefix", "-w", "--workspace", "--filter", "-F", "--cwd", "-p")
    names = [
        word
        for at, word in enumerate(before)
        if not word.startswith("-") and not is_assignment(word) and (at == 0 or before[at - 1] not in flags_with_value)
        and not word.isdecimal()
    ]  # fmt: skip
    if names[:1] and names[0] in rules.RUNNING_SUBCOMMANDS[head].split():
        names = names[1:2]
    elif head in ("pnpm", "yarn", "bun", "nx"):
        names = names[:1]
    if head == "yarn" and not names:
        return CHANGES
    if head in ("make", "gmake", "ant", "mage", "just", "task", "rake") and not names:
        return UNKNOWN if head in ("just", "task") else BUILDS
    found = {_effect_of_name(name) for name in names} or {UNKNOWN}
    if any(word in rules.REPAIRING_FLAGS for word in rest):
        found.add(CHANGES)
    return next(effect for effect in BY_WEIGHT if effect in found)


def _effect_of_name(name: str) -> str:
    said = _words_of(name)
    if said & {"check", "dry", "ci"} and said & {"format", "fmt"}:
        return CHECKS
    if said & rules.CHANGE_WORDS:
        return CHANGES
    if said & rules.BUILD_WORDS:
        return BUILDS
    return CHECKS if said & rules.CHECK_WORDS else UNKNOWN


def _words_of(name: str) -> set[str]:
    for mark in ":-_./":
        name = name.replace(mark, " ")
    return set(name.lower().split())
