"""Shorten what was said to its gist: a request without what was pasted, a reply's conclusion, an edit's purpose.

Line by line with plain string methods: it runs inside a hook.
"""

from __future__ import annotations

from codememory.score import said_text, text_tokens

TEXT_CHARS_MAX = 20_000
REQUEST_CHARS_MAX, CONCLUSION_CHARS_MAX, INTENT_CHARS_MAX = 500, 420, 220
SENTENCE_CHARS_MIN = 12
PROSE_TOKENS_MIN = 3
NAMES_MAX = 6
"""Definitions named of one edit."""

ENDS = (". ", "。", "! ", "? ", "！", "？", "；")
QUESTION_ENDS = ("?", "？")
NO_PROSE = (
    "```", "~~~", "|", "{", "}", "<", "$ ", "> ", ">>>", "+++", "---", "@@", "at ", "File \"", "Traceback", "    ",
)  # fmt: skip
"""How a line begins that is code, a table, a log or a quotation."""

OPENERS = (
    "perfect", "great", "excellent", "good", "ok", "okay", "sure", "alright", "done", "now", "i see", "you're right",
    "you are right", "got it", "understood", "certainly", "of course", "let me check", "let me look", "let me see",
    "let me read", "let me examine", "i'll help", "好的", "好", "明白", "可以", "没问题", "完美", "让我看",
)  # fmt: skip
"""A sentence that only begins an answer starts so, if it is short."""

OPENER_CHARS_MAX = 40

PROCESS = (
    "let me", "now let me", "i'll ", "now i'll", "i will", "now i need", "i need to", "let's", "now let's",
    "first, let me", "next, ", "next, i", "now i ", "i'm going to", "i'm now", "i see ", "here's", "here is",
    "all done", "looking at",
    "让我", "我来", "现在我", "接下来", "我将", "我先",
)  # fmt: skip
"""How a sentence begins that says what is done next, and nothing of what was found."""

NOTICES = ("Full transcript available at:", "Read the output file to retrieve", "[Image: source", "[Image #")
"""What the client writes behind its own tags."""

DEFINITIONS = (
    "def ", "class ", "func ", "function ", "fn ", "interface ", "struct ", "enum ", "type ", "trait ", "impl ",
)  # fmt: skip
MODIFIERS = (
    "export ", "default ", "pub ", "public ", "private ", "protected ", "static ", "async ", "abstract ", "final ",
)  # fmt: skip


def request_of(text: str) -> str:
    """Return what a user's line asks for: without the client's own tags, with a slash command's words, no paste whole.

    '' if it asks for nothing: a shell command typed in passing, an interruption, a command of the client alone.
    """
    text = text[:TEXT_CHARS_MAX]
    if "<command-name>" in text:
        name, words = _between(text, "command-name"), _between(text, "command-args")
        return f"{name} {words}"[:REQUEST_CHARS_MAX] if words else ""
    said = said_text(text)
    if not said or said.startswith("<bash-") or said.startswith(NOTICES):
        return ""
    if len(said) <= REQUEST_CHARS_MAX and "\n" not in said:
        return said
    prose = " ".join(_prose(said))
    if text_tokens(prose) < PROSE_TOKENS_MIN:
        prose = " ".join(said.split())
    return prose if len(prose) <= REQUEST_CHARS_MAX else _both_ends(prose)


def conclusion_of(text: str) -> str:
    """Return the first sentences of a reply that say something."""
    return _leading(text, CONCLUSION_CHARS_MAX)


def intent_of(text: str) -> str:
    """Return what a reply says it is about to do: its last sentence, which stands right before the call."""
    found = list(_prose(text[-TEXT_CHARS_MAX:]))
    for line in reversed(found):
        parts = [part for part in _sentences(line) if not _is_opener(part)]
        if parts:
            return " ".join(parts[-2:])[:INTENT_CHARS_MAX].rstrip(" :：")
    return ""


def thought_in(blocks: object) -> str:
    """Return what the assistant thought in a line, '' if nothing is written down of it."""
    for block in blocks if isinstance(blocks, list) else ():
        thought = block.get("thinking") if isinstance(block, dict) and block.get("type") == "thinking" else None
        if isinstance(thought, str) and thought.strip():
            return thought
    return ""


def question_of(text: str) -> str:
    """Return the question a reply ends with, '' if it ends with none."""
    lines = [line.strip() for line in text[-2_000:].splitlines() if line.strip()]
    if not lines or not lines[-1].rstrip("*_`) ").endswith(QUESTION_ENDS):
        return ""
    return _sentences(lines[-1].lstrip("#*-> ").rstrip("*_"))[-1]


def names_in(edit: str) -> list[str]:
    """Return the functions and types that an edit's lines define, added ones first."""
    found: list[str] = []
    for sign in "+-":
        for line in edit.splitlines():
            if line[:1] != sign:
                continue
            bare = line[1:].lstrip()
            while bare.startswith(MODIFIERS):
                bare = bare.partition(" ")[2].lstrip()
            if not bare.startswith(DEFINITIONS):
                continue
            rest = bare.partition(" ")[2].lstrip()
            if rest.startswith("("):  # a method's receiver
                rest = rest.partition(")")[2].lstrip()
            rest = rest[:60]
            end = next((at for at, char in enumerate(rest) if not (char.isalnum() or char in "_$")), len(rest))
            name = rest[:end]
            if len(name) > 1 and name not in found:
                found.append(name)
                if len(found) == NAMES_MAX:
                    return found
    return found


def look_of(target: str) -> str:
    """Return in a few words what an exploring call looked at (`score.exploration_target`)."""
    tool, _, rest = target.partition(":")
    what, *scopes = rest.split("|")
    path = next((scope[5:] for scope in scopes if scope.startswith("path=")), "")
    if tool in ("Grep", "Glob"):
        return f"“{what[:80]}”" + (f" in {path}" if path else "")
    return what


def _between(text: str, tag: str) -> str:
    return " ".join(text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0].split())


def _prose(text: str) -> list[str]:
    """Return the lines of a text that are sentences: no code, table, log or quotation; lists without their marks."""
    found: list[str] = []
    fenced = False
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith(("```", "~~~")):
            fenced = not fenced
            continue
        if fenced or not line or raw.startswith(NO_PROSE) or line.startswith(NO_PROSE) or line.startswith("#"):
            continue
        letters = sum(1 for char in line[:200] if char.isalpha() or char == " ")
        if letters * 10 < min(len(line), 200) * 6:  # mostly signs and digits
            continue
        found.append(_plain(line))
    return [line for line in found if line]


def _plain(line: str) -> str:
    """Return a line without the marks of a list and of emphasis."""
    bare = line.lstrip("*-•+ ").strip()
    head, dot, rest = bare.partition(". ")
    if dot and head.isdigit():
        bare = rest
    return bare.replace("**", "").strip()


def _leading(text: str, chars_max: int) -> str:
    chosen = ""
    for line in _prose(text[:TEXT_CHARS_MAX]):
        for sentence in _sentences(line):
            if _is_opener(sentence) or sentence.lower().replace("’", "'").startswith(PROCESS):
                continue
            if chosen and len(chosen) + len(sentence) + 1 > chars_max:
                return chosen
            chosen = f"{chosen} {sentence}" if chosen else sentence[:chars_max]
    return chosen


def _sentences(line: str) -> list[str]:
    parts = [line]
    for end in ENDS:
        parts = [piece for part in parts for piece in _split(part, end)]
    return [part.strip() for part in parts if part.strip()]


def _split(text: str, end: str) -> list[str]:
    pieces = text.split(end)
    kept = end.strip()
    return [piece + kept for piece in pieces[:-1]] + [pieces[-1]]


def _is_opener(sentence: str) -> bool:
    low = sentence.lower()
    return (len(sentence) < SENTENCE_CHARS_MIN and low.isascii()) or (
        len(sentence) <= OPENER_CHARS_MAX and low.startswith(OPENERS)
    )


def _both_ends(text: str) -> str:
    """Cut a long request in the middle: people ask first or last."""
    head, tail = REQUEST_CHARS_MAX * 2 // 3, REQUEST_CHARS_MAX // 3 - 3
    return f"{text[:head].rstrip()} … {text[-tail:].lstrip()}"
