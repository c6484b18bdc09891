"""Give a shell command a stable form, so that "the same command" can be asked."""

from __future__ import annotations

COMMAND_CHARS_MAX = 500
# Pipes to these only cut what is shown.
SHOWING = frozenset(("tail", "head", "cat", "less", "more", "tee"))
REDIRECTIONS = ("2>&1", "2>/dev/null", ">/dev/null", "1>/dev/null", "&>/dev/null", "2>", ">&2", "|&")


def normalised_command(command: str, cwd: str = "") -> str:
    """Reduce a command to its stable form.

    White space, a leading `cd`, assignments, trailing pipes that only cut the output, redirections of the error stream
    and the absolute path of the project go; arguments stay. At most 500 characters.
    """
    text = command[: 20 * COMMAND_CHARS_MAX].replace("\\\n", " ").strip()
    folder = cwd.rstrip("/")
    while True:
        rest, target = _without_cd(text)
        if rest is None:
            break
        text = rest
        if target.startswith("/"):
            folder = target.rstrip("/")
    if folder and len(folder) > 1:
        text = text.replace(folder + "/", "")
    if cwd and len(cwd) > 1:
        text = text.replace(cwd.rstrip("/") + "/", "")
    text = _without_shown_pipes(text)
    words = text.split()
    while words and _is_assignment(words[0]):
        words = words[1:]
    kept: list[str] = []
    for word in words:
        if word in REDIRECTIONS:
            continue
        if word.startswith("./") and len(word) > 2 and kept:
            word = word[2:]
        kept.append(word)
    return " ".join(kept).rstrip(";& ")[:COMMAND_CHARS_MAX]


def _without_cd(text: str) -> tuple[str | None, str]:
    if not text.startswith("cd "):
        return None, ""
    ends = [at for at in (text.find("&&"), text.find(";"), text.find("\n")) if at > 0]
    if not ends:
        return None, ""
    end = min(ends)
    target = text[3:end].strip().strip("\"'")
    return text[end:].lstrip("&;\n "), target


def _without_shown_pipes(text: str) -> str:
    while True:
        head, bar, last = text.rpartition("|")
        words = last.split()
        if not bar or head.endswith("|") or not words or words[0] not in SHOWING or "'" in last or '"' in last:
            return text
        if any(mark in last for mark in ("&&", ";", ">")):
            return text
        text = head.rstrip("& ")


def _is_assignment(word: str) -> bool:
    name, equals, value = word.partition("=")
    return bool(equals) and name.isidentifier() and not value.startswith(("$(", "`", '"', "'"))
