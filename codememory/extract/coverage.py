"""Whether a check that passes speaks for one that failed: the same, a wider one, or one that names its test."""

from __future__ import annotations

from codememory.extract.command import normalised_command
from codememory.extract.effects import BUILDS, CHECKS, UNKNOWN, effect_of_part, stripped
from codememory.extract.shell import Part, parts_of

FILTERS = frozenset("awk cut egrep grep jq rg sed sort tr uniq wc xargs column perl".split())
"""A pipe into one of these ends as they do, and may hide a summary."""

NARROWING = frozenset(
    """-k -m -run --run -t --testNamePattern --test-name-pattern --filter -p --package --grep -g --tests -Dtest --only
    --exact --deselect --ignore --skip --lf --last-failed -short""".split()
)
"""Flags with which a test runner leaves tests out; their value is the next word, or stands behind `=`."""

EVERYTHING = frozenset((".", "./...", "all", "--", "...", "./"))
SUBJECT_FIRST = frozenset("python python3 node tsx ruby bash sh make just rake task".split())
NAMED_SUBCOMMANDS = frozenset(
    """alembic biome bun cargo dart deno dotnet flutter go golangci-lint gradle gradlew mise mix mvn nx npm pnpm
    ruff swift
    terraform uv yarn""".split()
)
RUN_WORDS = ("run", "run-script", "task", "exec")


REMEMBERED_MAX = 500
_remembered: dict[str, list[Check]] = {}
_normal_forms: dict[str, str] = {}


class Check:
    """One checking command: what runs, on what, and by what it is narrowed."""

    __slots__ = ("narrowing", "runner", "targets", "words")

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.runner, rest = _runner_of(words)
        self.targets: list[str] = []
        self.narrowing: list[str] = []
        take_value = False
        for word in rest:
            name = word.partition("=")[0]
            if take_value or name in NARROWING or name.lstrip("-") in ("run", "Dtest"):
                self.narrowing.append(word)
                take_value = not take_value and name == word
            elif not word.startswith("-") and word not in EVERYTHING:
                self.targets.append(word.removeprefix("./").removesuffix("/...").rstrip("/"))


def covers(passing: str, failing: str, check: str) -> bool:
    """Tell whether a command line that passes speaks for a failing one: the same, its test named, or all of its run.

    `check` is the test that failed, '' where the failure was none.
    """
    if not passing:
        return False
    if _normal_form(passing) == _normal_form(failing):
        return True
    wide = _checks_in(passing)
    if check and any(_names(one, check) for one in wide):
        return True
    narrow = _checks_in(failing)
    return bool(narrow) and any(
        one.runner == other.runner and _is_wider(one, other, check) for one in wide for other in narrow
    )


def tells_outcome(command: str) -> bool:
    """Tell whether exit code 0 of a command line means that what it checks passed.

    It does not where the check's end is swallowed: `check || true`, `check; echo done`, `check | grep FAIL`.
    """
    parts = parts_of(command)
    at = max((place for place, part in enumerate(parts) if _is_check(part)), default=-1)
    if at < 0:
        return True
    for part in parts[at + 1 :]:
        if part.joint in ("||", ";", "&") or (part.joint == "|" and part.head in FILTERS):
            return "set -e" in command and part.joint == ";"
    return True


def _is_check(part: Part) -> bool:
    return bool(part.words) and effect_of_part(part) in (CHECKS, BUILDS)


def _normal_form(command: str) -> str:
    known = _normal_forms.get(command)
    if known is None:
        if len(_normal_forms) >= REMEMBERED_MAX:
            _normal_forms.clear()
        known = _normal_forms[command] = normalised_command(command)
    return known


def _checks_in(command: str) -> list[Check]:
    known = _remembered.get(command)
    if known is None:
        if len(_remembered) >= REMEMBERED_MAX:
            _remembered.clear()
        known = _remembered[command] = [
            Check(words)
            for part in parts_of(command)
            if part.words and effect_of_part(part) in (CHECKS, BUILDS, UNKNOWN) and (words := stripped(part.words))
        ]
    return known


def _runner_of(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return (what identifies a checking command, its other words): a name, with its task, script or subcommand."""
    head = words[0].rpartition("/")[2]
    rest = words[1:]
    if head.startswith("python") and "-m" in rest[:4]:
        at = rest.index("-m")
        return _runner_of(rest[at + 1 :]) if rest[at + 1 :] else ((head,), [])
    if head == "py.test":
        head = "pytest"
    if head in SUBJECT_FIRST:
        return (head, *rest), []
    named = [word for word in rest if not word.startswith("-")]
    if head in NAMED_SUBCOMMANDS and named:
        take = named[:2] if named[0] in RUN_WORDS else named[:1]
        remaining = list(rest)
        for word in take:
            remaining.remove(word)
        task = [word for word in take if word not in RUN_WORDS]
        return (head, *(task or take)), remaining
    return (head,), rest


def _names(one: Check, check: str) -> bool:
    """Tell whether a check is asked for a test by name: whole, or by the file or group it lies in."""
    wanted = {check, check.partition("[")[0]}
    for mark in ("::", "/", " > ", "#"):
        wanted |= {check.partition(mark)[0], check.rpartition(mark)[2]}
    wanted = {name for name in wanted if len(name) > 3}
    said = [word.strip("^$'\"") for word in one.narrowing + one.targets]
    for word in said:
        alternatives = {part.strip("^$() ") for part in word.split("=")[-1].split("|")}
        if alternatives & wanted or word in wanted:
            return True
    return False


def _is_wider(passing: Check, failing: Check, check: str) -> bool:
    """Tell whether everything that the failing check ran is in what the passing one ran."""
    if passing.narrowing and sorted(passing.narrowing) != sorted(failing.narrowing):
        return False
    if not passing.targets:
        return True
    wanted = failing.targets or ([check.partition("::")[0]] if "::" in check else [])
    return bool(wanted) and all(any(_lies_in(target, wide) for wide in passing.targets) for target in wanted)


def _lies_in(target: str, wide: str) -> bool:
    return target == wide or target.startswith((f"{wide}/", f"{wide}::", f"{wide}["))
