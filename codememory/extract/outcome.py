"""Decide whether an output can be a failure at all, before anything looks into it."""

from __future__ import annotations

# Tools of the client whose text is what was asked for, never a program's verdict.
QUIET_TOOLS = frozenset(
    "Read Grep Glob LS Edit Write MultiEdit NotebookEdit NotebookRead WebFetch WebSearch Task Agent TodoWrite Skill"
    " ExitPlanMode EnterPlanMode AskUserQuestion TaskOutput TaskUpdate TaskCreate TaskList TaskGet KillShell"
    " SlashCommand ToolSearch".split()
)
# A person or the client's permissions said no, or another call took this one down: nothing broke.
REFUSED = (
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "[Request interrupted by user",
    "Request interrupted by user",
    "User rejected",
    "User chose to",
    "User declined",
    "The user rejected",
    "This command requires approval",
    "This Bash command contains multiple operations",
    "Claude requested permissions to",
    "Permission to use ",
    "Permission for this action",
    "Permission denied by user",
    "Sibling tool call errored",
    "Sibling tool call",
    "Cancelled: parallel tool call",
    "Tool use was rejected",
    "The tool use was rejected",
    "Interrupted by user",
    "No tools needed for suggestion",
    "Execute skill:",
    "Tool permission request",
    "Entering plan mode",
    "Exit plan mode?",
)
REFUSED_WITHIN = (
    "haven't granted it yet",
    "but you haven't granted",
    "requires approval",
    "has been denied by",
    "has been auto-denied",
    "was blocked. For security, Claude Code",
    "denied this tool",
    "blocked by hook",
    "hook blocked",
    "hook denied",
    "denied by hook",
    "denied by the user",
    "hook error: [",
    "operation blocked by hook",
    "is in a directory that is denied by your permission settings",
    "automatically denied",
    "not allowed in plan mode",
    "Glob patterns are not allowed in write operations",
)
REFUSAL_CHARS = 400
# These exit 1 to say "no" or "different"; only above 1, or with a complaint, did they fail.
ANSWERING = frozenset(
    "grep egrep fgrep zgrep rg ag ack diff cmp colordiff test [ [[ pgrep pkill pidof which type command whereis lsof"
    " findstr where killall expr comm false systemctl ps fd find locate fuser hash tmux screen ls kill".split()
)
ANSWERING_PAIRS = frozenset(
    (
        "git diff",
        "git grep",
        "git config",
        "git check-ignore",
        "git merge-base",
        "git show-ref",
        "git ls-files",
    )
)
LOOKUPS = frozenset(("which", "type", "command", "where", "where.exe", "hash"))
COMPLAINTS = (
    "error",
    "fatal",
    "cannot",
    "can't",
    "no such",
    "denied",
    "usage:",
    "invalid",
    "unrecognized",
    "not found",
    "unknown",
    "failed",
    "not a ",
    "unable",
    "refused",
    "could not",
    "couldn't",
    "missing",
    "traceback",
    "no matches found",
    "ignored by",
)
# These print what is stored: a traceback in their output happened elsewhere, or never.
PRINTING = frozenset(
    "cat head tail less more sed awk grep egrep fgrep rg ag jq yq ls echo printf find fd wc sort uniq cut tr tee xxd od"
    " strings diff bat column nl tac zcat zgrep gh journalctl dmesg history man tree stat file curl wget".split()
)
PRINTING_PAIRS = frozenset(
    (
        "git log",
        "git show",
        "git diff",
        "git grep",
        "git blame",
        "git stash",
        "git status",
        "docker logs",
        "kubectl logs",
        "podman logs",
        "docker-compose logs",
        "gcloud logging",
        "kubectl describe",
        "gh run",
        "heroku logs",
    )
)
IDLE = frozenset(
    (
        "cd",
        "export",
        "source",
        ".",
        "sleep",
        "set",
        "true",
        "pwd",
        "wait",
        "date",
        "mkdir",
        "unset",
        "clear",
        "for",
        "done",
        "fi",
        "esac",
        "}",
        ")",
    )
)
# They let all through, and their exit code says nothing of what comes before them.
PASSING = frozenset(("head", "tail", "tee", "cat", "less", "more"))
# The author did not want to hear why: a failure without a word is the answer.
SILENCED = ("2>/dev/null", "2> /dev/null", "2>nul", "2>$null", "SilentlyContinue")
COMMAND_SCAN_CHARS = 4000
PREFIXES = frozenset(
    (
        "sudo",
        "time",
        "(",
        "{",
        "env",
        "nohup",
        "timeout",
        "command",
        "do",
        "then",
        "else",
        "if",
        "while",
        "until",
        "!",
    )
)


def unwrapped(output: str) -> tuple[str, int | None]:
    """Take off the client's wrappers: the error tag and the `Exit code N` line. Gives the text and that code."""
    text = output
    if text.startswith("<tool_use_error>"):
        text = text[16:]
        end = text.rfind("</tool_use_error>")
        if end >= 0:
            text = text[:end]
    elif text.startswith("Error: Exit code "):
        text = text[7:]
    if text.startswith("Exit code "):
        first, _, rest = text.partition("\n")
        number = first[10:].strip()
        if number.isdigit():
            return rest, int(number)
    return text, None


def refused(text: str) -> bool:
    """Tell whether a person, a permission rule or a cancelled neighbour stopped the call."""
    head = text[:REFUSAL_CHARS].lstrip()
    if head.startswith("Error: "):
        head = head[7:]
    if head.startswith(REFUSED):
        return True
    return any(mark in head for mark in REFUSED_WITHIN)


def answered(text: str, command: str, exit_code: int | None) -> bool:
    """Tell whether a non-zero exit is an ordinary answer: nothing found, files differ, still pending."""
    if "gh pr checks" in command and "\t" in text:
        return True
    if exit_code is None or exit_code > 1 or not command:
        return False
    names = [(head, tail) for head, tail in _ends(command) if head.split(" ")[0] not in IDLE]
    if not names:
        return False
    if not text.strip():
        return _unanswered(command)
    if any(tail.split(" ")[0] in LOOKUPS for _, tail in names) and all(
        line.startswith("/") or line.rstrip().endswith(" not found") for line in text.strip().split("\n")
    ):
        return True
    head, tail = names[-1]
    if tail.split(" ")[0] in ("diff", "cmp", "colordiff") or tail in ("git diff", "git grep"):
        return not text.lstrip().startswith(("diff: ", "cmp: ", "fatal: ", "usage: "))
    low = text[:2000].lower()
    return (_answering(head) or _answering(tail)) and not any(word in low for word in COMPLAINTS)


def _unanswered(command: str) -> bool:
    """Tell whether silence and exit code 1 only mean no: the last statement asks, or was told to keep quiet."""
    for statement in reversed(_statements(command)):
        names = [(head, tail) for head, tail in _ends(statement) if head.split(" ")[0] not in IDLE]
        if names:
            return any(_answering(head) or _answering(tail) for head, tail in names) or (
                any(mark in statement for mark in SILENCED) and ">/dev/null" not in statement.replace("2>/dev/null", "")
            )
    return False


def _statements(command: str) -> list[str]:
    """Split a command line where the exit code of what comes before is lost."""
    whole = command[:COMMAND_SCAN_CHARS].replace("\\\n", " ").replace("\n", ";")
    return [part for part in whole.split(";") if part.strip()]


def masked(command: str) -> bool:
    """Tell whether the exit code is only that of a filter that lets everything through, whatever ran before it."""
    if "||" in command:
        return False
    busy = [
        statement
        for statement in _statements(command)
        if any(head.split(" ")[0] not in IDLE for head, _ in _ends(statement))
    ]
    if len(busy) != 1:
        return False
    filters = busy[0].rpartition("&&")[2].split("|")[1:]
    return bool(filters) and all(_name(part).split(" ")[0] in PASSING for part in filters)


def _answering(name: str) -> bool:
    return name.split(" ")[0] in ANSWERING or name in ANSWERING_PAIRS


def only_prints(command: str) -> bool:
    """Tell whether every part of a command line only shows what is stored somewhere."""
    heads = _heads(command)
    busy = [head for head in heads if head.split(" ")[0] not in IDLE]
    return bool(busy) and all(head.split(" ")[0] in PRINTING or head in PRINTING_PAIRS for head in busy)


def _heads(command: str) -> list[str]:
    """List what feeds the output: the first command of each pipeline, by its first two words."""
    return [head for head, _ in _ends(command)]


def _ends(command: str) -> list[tuple[str, str]]:
    """List the first and the last command of every pipeline of a command line, each by its first two words."""
    ends = []
    command = command[:COMMAND_SCAN_CHARS].replace("\\\n", " ").replace("\\|", " ")
    for joint in ("&&", "||", ";", "\n"):
        command = command.replace(joint, "\x00")
    for part in command.split("\x00"):
        pipeline = part.split("|")
        head = _name(pipeline[0])
        if head:
            ends.append((head, _name(pipeline[-1]) or head))
    return ends


def _name(part: str) -> str:
    words = part.split()
    while words and (("=" in words[0] and words[0].partition("=")[0].isidentifier()) or words[0] in PREFIXES):
        words = words[1:]
    if not words:
        return ""
    name = words[0].lstrip("(").rpartition("/")[2]
    if name == "git" and len(words) > 3 and words[1] == "-C":
        words = [name, *words[3:]]
    follow = words[1] if len(words) > 1 and not words[1].startswith("-") else ""
    return f"{name} {follow}" if follow else name
