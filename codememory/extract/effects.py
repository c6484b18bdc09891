"""What a shell command is for: to look, to check, to build, or to change something. In doubt it is unknown."""

from __future__ import annotations

from codememory.extract import effect_cases as cases
from codememory.extract import effect_rules as rules
from codememory.extract.effect_cases import INTERPRETERS
from codememory.extract.shell import Part, parts_of

READS, CHECKS, BUILDS, CHANGES, UNKNOWN = cases.READS, cases.CHECKS, cases.BUILDS, cases.CHANGES, cases.UNKNOWN
BY_WEIGHT = cases.BY_WEIGHT
COMMAND_CHARS_MAX = 2_000
"""A stored command of this length was cut off (see `calls.COMMAND_CHARS_MAX`): what it ends with is not known."""

REMEMBERED_MAX = 4_000
_remembered: dict[str, str] = {}

SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh", "fish"))
PYTHONS = ("python", "pypy")
ENVIRONMENT_SCRIPTS = ("activate", "nvm.sh", "rc", ".profile", ".env", "env.sh", "setup.bash", "env", "conda.sh")
WRITERS = frozenset(
    ("cat", "echo", "printf", "sed", "awk", "jq", "head", "tail", "sort", "base64", "xxd", "curl", "tr")
)
"""Their redirected output is a file's content; that of any other command is a record of its run."""

RECORD_ENDINGS = (".log", ".out", ".txt", ".err", ".tmp")


def effect_of(command: str) -> str:
    """Return what a command line does, all its parts together: the part that may change most outweighs the others."""
    held = _remembered.get(command)
    if held is None:
        if len(_remembered) >= REMEMBERED_MAX:
            _remembered.clear()
        held = _remembered[command] = _effect_of_line(command, 0)
    return held


def may_change(command: str) -> bool:
    """Tell whether a command may have changed anything that another one depends on."""
    return effect_of(command) in (CHANGES, UNKNOWN, BUILDS)


def _effect_of_line(command: str, depth: int) -> str:
    found = {effect_of_part(part, depth) for part in parts_of(command)}
    if not found or len(command) >= COMMAND_CHARS_MAX:
        found.add(UNKNOWN)
    return next(effect for effect in BY_WEIGHT if effect in found)


def effect_of_part(part: Part, depth: int = 0) -> str:
    """Return what one simple command does."""
    own = _effect_of_words(part.words, depth) if part.words else READS
    if own == UNKNOWN and part.heredoc and not part.words:
        return UNKNOWN
    head = part.head
    written = [one for one in part.writes if not _is_record(one, head in WRITERS)]
    if head == "tee":
        written += [one for one in part.words[1:] if not one.startswith("-") and not _is_record(one, False)]
        own = READS
    return CHANGES if written else own


def _is_record(target: str, is_content: bool) -> bool:
    """Tell whether a file written to only keeps what a command printed."""
    if target.startswith("/dev/"):
        return True
    name = target.rpartition("/")[2]
    return not is_content and (target.endswith(RECORD_ENDINGS) or (target.startswith("/tmp/") and "." not in name))


def stripped(words: list[str]) -> list[str]:
    """Return the words that really run: without wrappers, their flags, and a project runner's `run`."""
    for _ in range(8):
        head = words[0].rpartition("/")[2] if words else ""
        if head in rules.WRAPPERS:
            with_value = rules.WRAPPERS[head].split()
            words = _after_flags(words[1:], with_value, head in ("timeout", "env", "nice", "npx", "dotenv"))
        elif head in rules.INNER_RUNS and (at := _place_of(words, rules.INNER_RUNS[head])):
            words = _after_flags(words[at + 1 :], rules.INNER_FLAGS_WITH_VALUE, False)
            if words[:1] == ["-m"] or words[:1] == ["--module"]:
                words = ["python", *words]
        elif head in ("docker", "podman", "docker-compose", "kubectl") and (at := _place_of(words, ("exec",))):
            words = _after_flags(words[at + 1 :], rules.INNER_FLAGS_WITH_VALUE, False)[1:]
            words = words[1:] if words[:1] == ["--"] else words
        elif head == "git":
            return _without_git_flags(words)
        else:
            break
    return words


def _place_of(words: list[str], subcommands: tuple[str, ...]) -> int:
    """Return where one of these subcommands stands, 0 if it does not or other words stand before it."""
    for at, word in enumerate(words[1:6], start=1):
        if word in subcommands:
            return at
        if not word.startswith("-") and word != "compose" and words[at - 1] not in rules.INNER_FLAGS_WITH_VALUE:
            return 0
    return 0


def _after_flags(words: list[str], with_value: frozenset[str] | list[str], takes_word: bool) -> list[str]:
    """Drop leading flags, their values, and what only a wrapper takes: a duration, assignments, `-y`."""
    while words:
        word = words[0]
        if word == "-m" and not takes_word:
            break
        if word == "--":
            return words[1:]
        if word in with_value:
            words = words[2:]
        elif word.startswith("-") or (takes_word and (cases.is_assignment(word) or word.rstrip("smhd").isdecimal())):
            words = words[1:]
        else:
            break
    return words


def _without_git_flags(words: list[str]) -> list[str]:
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] not in ("--version", "--help"):
        at += 2 if words[at] in ("-C", "-c", "--git-dir", "--work-tree") else 1
    return [words[0], *words[at:]]


def _effect_of_words(words: list[str], depth: int) -> str:
    words = stripped(words)
    if not words:
        return UNKNOWN
    head = words[0].rpartition("/")[2]
    if (
        words[1:]
        and all(word in ("--version", "-V", "--help", "-version", "-v", "version") for word in words[1:2])
        and (len(words) == 2 and not (words[1] == "-v" and head in rules.CHECKING))
    ):
        return READS
    if head == "eval" or (head in SHELLS and any(word.startswith("-") and word.endswith("c") for word in words[1:3])):
        return _effect_of_line(words[-1], depth + 1) if depth < 2 and len(words) > 1 else UNKNOWN
    if head.startswith(PYTHONS):
        return _effect_of_python(words, depth)
    if head in SHELLS or (head in INTERPRETERS and not cases.is_known(head, words)):
        return _effect_of_script(words)
    if head in ("source", "."):
        return READS if words[-1].endswith(ENVIRONMENT_SCRIPTS) else UNKNOWN
    if words[0].startswith(("./", "../", "/")) and not cases.is_known(head, words):
        return cases.by_name(head)
    return _effect_of_known(head, words)


def _effect_of_known(head: str, words: list[str]) -> str:
    rest = words[1:]
    if head == "git":
        return cases.of_git(words)
    if cases.rewrites(head, rest):
        return CHANGES
    if head == "find":
        return _effect_of_find(words)
    if head == "gh":
        return cases.of_gh(rest)
    checking = cases.among(rules.CHECKING_SUBCOMMANDS, head, rest)
    if checking and not (head in ("uv", "docker", "claude") and rest[:1] == ["plugin"]):
        return CHECKS
    if head in rules.CHANGING or cases.among(rules.CHANGING_SUBCOMMANDS, head, rest):
        return cases.unless_asking(head, rest)
    if head in rules.READING or cases.among(rules.READING_SUBCOMMANDS, head, rest):
        return READS
    if head in rules.BUILDING or cases.among(rules.BUILDING_SUBCOMMANDS, head, rest):
        return CHECKS if "--noEmit" in rest or "-fsyntax-only" in rest else BUILDS
    if head in rules.CHECKING:
        return CHECKS
    if cases.runs_task(head, rest):
        return cases.of_task(head, rest)
    return UNKNOWN


def _effect_of_find(words: list[str]) -> str:
    for flag in ("-exec", "-execdir", "-ok"):
        if flag in words:
            inner = words[words.index(flag) + 1 :]
            end = next((at for at, word in enumerate(inner) if word in (";", "+")), len(inner))
            return _effect_of_words(inner[:end], 1) if inner[:end] else UNKNOWN
    return READS


def _effect_of_python(words: list[str], depth: int) -> str:
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] not in ("-m", "-c", "-"):
        at += 2 if words[at] in ("-W", "-X") else 1
    if words[at : at + 1] == ["-m"]:
        module = words[at + 1 : at + 2]
        rest = words[at + 2 :]
        if module == ["unittest"] or (module and module[0].startswith("pytest")):
            return CHECKS
        if module == ["json.tool"]:
            return READS
        if module == ["build"]:
            return BUILDS
        return _effect_of_words([*module, *rest], depth + 1) if module and depth < 2 else UNKNOWN
    if at >= len(words) or words[at] in ("-c", "-"):
        return UNKNOWN
    if words[at].endswith("manage.py"):
        following = words[at + 1] if len(words) > at + 1 else ""
        if following in ("test", "check"):
            return CHECKS
        changes = following.endswith("migrate") or following in ("makemigrations", "collectstatic", "loaddata", "flush")
        return CHANGES if changes else UNKNOWN
    if words[at].endswith("setup.py"):
        return {"test": CHECKS, "build": BUILDS, "install": CHANGES, "develop": CHANGES}.get(
            words[at + 1] if len(words) > at + 1 else "", UNKNOWN
        )
    return cases.by_name(words[at].rpartition("/")[2])


def _effect_of_script(words: list[str]) -> str:
    """Return the effect of a script run by its interpreter: only its name can tell."""
    rest = words[1:]
    if rest[:1] in (["-n"], ["--check"], ["-c"]) and words[0].rpartition("/")[2] in (*SHELLS, "node", "ruby", "php"):
        return CHECKS
    if rest[:1] == ["--test"]:
        return CHECKS
    script = next((word for word in rest if not word.startswith("-")), "")
    if not script or any(word in ("-e", "--eval", "-p", "-r") for word in rest):
        return UNKNOWN
    return cases.by_name(script.rpartition("/")[2])
