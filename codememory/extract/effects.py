"""What a shell command is for: to look, to check, or to change something."""

from __future__ import annotations

READS, CHECKS, CHANGES, UNKNOWN = "reads", "checks", "changes", "unknown"

READING = frozenset(
    """awk basename cal cat cd comm cut date df diff dirname du echo egrep env false fd fgrep file find free git-diff grep
    head history hostname id jq less ls lsof man md5sum more nl od pgrep printenv printf ps pwd readlink realpath rg sed
    seq sha256sum sleep sort stat strings tail test top tr tree true type uname uniq wait wc which whoami xxd yq [""".split()
)
"""Commands that leave everything as it was; those with a writing form are looked at in `_reads`."""

READING_SUBCOMMANDS = {
    "git": "blame branch describe diff fetch grep log ls-files ls-tree reflog remote rev-parse shortlog show status tag",
    "docker": "images inspect logs ps stats version",
    "kubectl": "describe explain get logs top version",
    "gh": "api auth browse search status",
    "npm": "ls list outdated view why",
    "pip": "freeze list show",
    "cargo": "tree metadata search",
    "go": "doc env list version",
    "brew": "info list search",
}

CHECKING = frozenset(
    """biome clippy cmake ctest eslint flake8 gcc g++ clang clang++ golangci-lint gradle gradlew javac jest mocha mypy
    ninja nox oxlint phpunit playwright prettier pylint pyright pytest rspec rubocop ruff rustc shellcheck standard
    swiftc tox tsc ty unittest vet vitest""".split()
)
CHECKING_SUBCOMMANDS = {
    "go": "build test vet run",
    "cargo": "bench build check clippy run test nextest",
    "npm": "test run run-script t",
    "pnpm": "test run build lint",
    "yarn": "test run build lint",
    "bun": "test run build",
    "deno": "test check lint run",
    "mvn": "compile package test verify",
    "dotnet": "build test run",
    "swift": "build test",
    "make": "",
    "mage": "",
    "just": "",
    "python": "",
    "python3": "",
    "node": "",
    "tsx": "",
    "ruby": "",
    "bash": "",
    "sh": "",
}
"""With nothing named behind it, any use of the command checks what it runs."""

WRAPPERS = frozenset("sudo time timeout env nice npx bunx pnpx uvx command exec xvfb-run".split())
RUNNERS = frozenset(("uv", "poetry", "pipenv", "rye", "hatch", "pdm", "bundle"))

CHANGING = frozenset(
    """alembic apt apt-get brew chmod chown cp createdb curl-install dropdb install ln mkdir mkfifo mktemp mv patch pip
    pip3 pipx rm rmdir rsync tar touch truncate unzip wget""".split()
)
CHANGING_SUBCOMMANDS = {
    "git": "add am apply checkout cherry-pick clean clone commit init merge mv pull push rebase reset restore revert rm"
    " stash submodule switch worktree config",
    "npm": "ci i init install uninstall update link",
    "pnpm": "add i install remove update",
    "yarn": "add install remove upgrade",
    "bun": "add install remove",
    "uv": "add pip sync venv lock remove tool",
    "poetry": "add install lock remove update",
    "cargo": "add clean fix fmt install update new init",
    "go": "clean fmt generate get install mod",
    "docker": "build compose pull rm run start stop",
    "docker-compose": "",
    "systemctl": "restart start stop enable disable",
    "rails": "db:migrate generate",
    "prisma": "migrate generate db",
    "terraform": "apply init",
}
SEGMENTS_MAX = 20


def effect_of(command: str) -> str:
    """Return what a command line does, all its parts together: a part that changes outweighs one that checks."""
    found = {_effect_of_part(part) for part in parts_of(command)[:SEGMENTS_MAX]}
    for effect in (CHANGES, CHECKS, UNKNOWN):
        if effect in found:
            return effect
    return READS if found else UNKNOWN


def parts_of(command: str) -> list[list[str]]:
    """Return the words of each simple command, without wrappers and assignments. Quotes keep words together."""
    parts: list[list[str]] = [[]]
    for word in _words(command.partition("<<")[0]):
        if word in ("&&", "||", ";", "|", "&", "\n"):
            parts.append([])
        else:
            parts[-1].append(word)
    return [stripped for part in parts if (stripped := _stripped(part))]


def _words(command: str) -> list[str]:
    words: list[str] = []
    current: list[str] = []
    quote = ""
    for position, character in enumerate(command):
        if quote:
            if character == quote:
                quote = ""
            else:
                current.append(character)
        elif character in "'\"":
            quote = character
        elif character == "&" and (current[-1:] == [">"] or command[position + 1 : position + 2] == ">"):
            current.append(character)  # a redirection: 2>&1, &>
        elif character in " \t\n;|&":
            if current:
                words.append("".join(current))
                current = []
            if character not in " \t":
                if words and words[-1] == character and character in "|&":
                    words[-1] += character
                else:
                    words.append(character)
        else:
            current.append(character)
    if current:
        words.append("".join(current))
    return words


def _stripped(words: list[str]) -> list[str]:
    """Drop assignments, wrappers with their flags, and a project runner's `run`."""
    while words:
        head = words[0].rpartition("/")[2]
        name, equals, _ = words[0].partition("=")
        if (equals and name.isidentifier()) or words[0] in ("(", "{", "!", "then", "do", "if", "else"):
            words = words[1:]
        elif head in WRAPPERS:
            words = words[1:]
            while words and (words[0].startswith("-") or words[0].rstrip("smh").isdecimal()):
                words = words[1:]
        elif head in RUNNERS and "run" in words[1:3]:
            words = words[words.index("run") + 1 :]
        elif head in RUNNERS and words[1:2] == ["exec"]:
            words = words[2:]
        else:
            return words
    return []


def _effect_of_part(words: list[str]) -> str:
    head = words[0].rpartition("/")[2]
    following = next((word for word in words[1:] if not word.startswith("-")), "")
    if head in ("python", "python3") and "-m" in words:
        module = words[words.index("-m") + 1 : words.index("-m") + 2]
        return _effect_of_part([*module, *words[words.index("-m") + 2 :]]) if module else UNKNOWN
    if head in CHANGING or _among(CHANGING_SUBCOMMANDS, head, following) or _writes(words):
        return CHANGES
    if _reads(head, words, following):
        return READS
    if head in CHECKING or _among(CHECKING_SUBCOMMANDS, head, following) or words[0].startswith(("./", "../")):
        return CHECKS
    return UNKNOWN


def _among(table: dict[str, str], head: str, following: str) -> bool:
    return head in table and (not table[head] or following in table[head].split())


def _reads(head: str, words: list[str], following: str) -> bool:
    if head in ("sed", "perl") and any(word.startswith("-") and "i" in word for word in words[1:]):
        return False
    if head == "find" and any(word in ("-delete", "-exec", "-execdir") for word in words):
        return False
    return head in READING or _among(READING_SUBCOMMANDS, head, following)


def _writes(words: list[str]) -> bool:
    """Tell whether a part writes a file by redirection, or edits one in place."""
    head = words[0].rpartition("/")[2]
    if head in ("sed", "perl") and any(word.startswith("-") and "i" in word for word in words[1:]):
        return True
    if head == "find" and "-delete" in words:
        return True
    if head == "tee":
        return True
    for position, word in enumerate(words):
        target = word.lstrip("012>")
        if word.startswith((">", "1>")) and not word.startswith((">&", "1>&")):
            target = target or (words[position + 1] if position + 1 < len(words) else "")
            if target not in ("/dev/null", "") and not target.startswith(("&", "/tmp/")):
                return True
    return False


def covers(passing: str, failing: str, check: str) -> bool:
    """Tell whether a command that passes speaks for a failing one: it is the same, names its test, or runs it all."""
    if not passing:
        return False
    if passing == failing:
        return True
    if check and check in passing:
        return True
    runner = _runner(passing)
    return bool(runner) and runner == _runner(failing) and _runs_everything(passing, runner)


def _runner(command: str) -> tuple[str, ...]:
    """Return what identifies a checking command: its name, and the script or subcommand it is asked to run."""
    for words in parts_of(command):
        if _effect_of_part(words) != CHECKS:
            continue
        head = words[0].rpartition("/")[2]
        if head in ("python", "python3") and "-m" in words:
            words = words[words.index("-m") + 1 :]
            head = words[0] if words else ""
        if head in ("python", "python3", "node", "tsx", "ruby", "bash", "sh", "make"):
            return tuple(words)
        named = [word for word in words[1:] if not word.startswith("-")]
        if head in CHECKING_SUBCOMMANDS:
            take = 2 if named[:1] in (["run"], ["run-script"]) else 1
            return (head, *named[:take])
        return (head,)
    return ()


def _runs_everything(command: str, runner: tuple[str, ...]) -> bool:
    for words in parts_of(command):
        head = words[0].rpartition("/")[2]
        if head in ("python", "python3") and "-m" in words:
            words = words[words.index("-m") + 1 :]
        if not words or words[0].rpartition("/")[2] != runner[0]:
            continue
        narrowing = {"-k", "-m", "-run", "--run", "-t", "--testNamePattern", "--filter", "-p", "--package", "--grep"}
        rest = [word for word in words[len(runner) :] if word not in ("./...", ".", "--", "all")]
        return not any(word in narrowing or not word.startswith("-") for word in rest)
    return False
