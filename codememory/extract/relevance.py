"""Which edits and commands could have repaired a failure: by its files, its test's subject, the words both share."""

from __future__ import annotations

from codememory.extract import effects
from codememory.extract.shell import parts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

DOCUMENT_ENDINGS = (".md", ".mdx", ".rst", ".adoc", ".txt", ".log", ".html.bak", ".orig")
MANIFESTS = (
    "requirements", "constraints", "pyproject.toml", "setup.py", "setup.cfg", "package.json", "package-lock.json",
    "go.mod",
    "go.sum", "Cargo.toml", "Cargo.lock", "Gemfile", "pom.xml", "build.gradle", "composer.json", "tsconfig",
    "CMakeLists.txt",
    "Dockerfile", "environment.y", "Pipfile", "mix.exs", "pubspec.yaml",
)  # fmt: skip
"""Files that say what is installed and how things are found, by how their names begin."""

ENVIRONMENT_TYPES = frozenset(
    """ModuleNotFoundError ImportError missing-command missing-file permission file-exists package not-found network
    shell port-in-use FileNotFoundError PermissionError ConnectionError""".split()
)
"""Kinds of failure that a command repairs more often than an edit; an edit only of what the failure names."""

LOCATED_TYPES = frozenset(("compile", "lint", "SyntaxError", "IndentationError", "type"))
"""Kinds of failure that name the place of the mistake: only an edit there, or of what they name, repairs it."""

WORD_CHARS_MIN = 4
WORDS_MAX = 60
SHARED_WORDS_MAX = 3
UNRELATED_EDITS_MAX = 2
COMMON_WORDS = frozenset(
    """assert error errors expected actual fail failed failure test tests self return import from class const
    function func
    string value none null true false with this that have type types line file files undefined cannot could found module
    message lines string object array call called name names must should been when then else path home user users
    exit code status want index""".split()
)

FILE, SUBJECT, NAMED = 4, 2, 2


class Subject:
    """What a failure is about: its kind, its files and the words of its message."""

    __slots__ = ("files", "kind", "text", "words")

    def __init__(self, kind: str, files: Iterable[str], texts: Iterable[str]) -> None:
        self.kind = kind
        self.files = {file for file in files if file}
        self.text = "\n".join(texts)
        self.words = words_of(self.text)


def words_of(text: str) -> set[str]:
    """Return the words of a text that could be names in a program, at most 60."""
    found: dict[str, None] = {}
    spoken = " ".join(
        token.rpartition("::")[2] if "/" in token else token for token in text.split() if _is_spoken(token)
    )
    for word in spoken.translate(_BLANKS).split():
        if len(word) >= WORD_CHARS_MIN and not word.isdigit() and word.lower() not in COMMON_WORDS:
            found[word] = None
            if len(found) >= WORDS_MAX:
                break
    return set(found)


def _is_spoken(token: str) -> bool:
    """Tell whether a token is more than a path, whose folders name nothing in a program."""
    return "/" not in token or "::" in token


_BLANKS = {ord(mark): " " for mark in "()[]{}<>.,;:!?'\"`|/\\=+-*&^%$#@~\t\n"}


def score_of(subject: Subject, file: str, edit: str) -> int:
    """Return how much an edit has to do with a failure; 0 for nothing that shows."""
    score = 0
    if is_of(file, subject.files):
        score += FILE
    elif any(_stem(file) == _stem(one) for one in subject.files):
        score += SUBJECT
    elif file.rpartition("/")[2] in subject.text:
        score += NAMED
    shared = sum(1 for word in subject.words if word in edit)
    return score + min(SHARED_WORDS_MAX, shared)


def is_of(file: str, files: Iterable[str]) -> bool:
    """Tell whether a file is one of these; a report may name it by the end of its path only."""
    return any(file == one or file.endswith("/" + one) or one.endswith("/" + file) for one in files)


def _stem(file: str) -> str:
    """Return what a file is about: its name without endings and without what makes it a test."""
    stem = file.rpartition("/")[2].partition(".")[0].lower()
    for affix in ("test_", "tests_", "spec_"):
        stem = stem.removeprefix(affix)
    for affix in ("_test", "_tests", "_spec", "-test", "test", "spec"):
        stem = stem.removesuffix(affix)
    return stem


def is_document(file: str) -> bool:
    """Tell whether a file is prose, which repairs no program."""
    name = file.rpartition("/")[2]
    return name.lower().endswith(DOCUMENT_ENDINGS) and not name.startswith(MANIFESTS)


def is_manifest(file: str) -> bool:
    """Tell whether a file says what is installed and how things are found."""
    return file.rpartition("/")[2].startswith(MANIFESTS)


def may_repair(subject: Subject, file: str, edit: str, score: int) -> bool:
    """Tell whether an edit could have repaired a failure of this kind at all."""
    if is_document(file) and not is_of(file, subject.files):
        return False
    if subject.kind in ENVIRONMENT_TYPES:
        return score >= NAMED or is_manifest(file)
    return score > 0 if subject.kind in LOCATED_TYPES and subject.files else True


def changes_something(subject: Subject, command: str) -> bool:
    """Tell whether a command could have repaired a failure: it changed more than scratch files or the history."""
    effect = effects.effect_of(command)
    if effect == effects.BUILDS:
        return subject.kind in ENVIRONMENT_TYPES
    if effect != effects.CHANGES:
        return False
    for part in parts_of(command):
        if effects.effect_of_part(part) != effects.CHANGES:
            continue
        words = effects.stripped(part.words)
        named = [*part.writes, *(word for word in words[1:] if not word.startswith("-"))]
        if words[:1] == ["git"]:
            if subject.kind == "git" or words[1:2] in (["submodule"], ["lfs"]):
                return True
        elif not named or not all(word.startswith(("/tmp/", "$TMPDIR", "/dev/")) for word in named):
            return True
    return False
