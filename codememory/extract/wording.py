"""See a sentence as words: lower case, punctuation apart, quoted values whole."""

from __future__ import annotations

SEPARATORS = ((",", " , "), *((mark, " , ") for mark in ";:()—–"), *((mark, " ") for mark in "!?"))
"""What stands for each mark; the comma first, because others become one."""
ENDS = ".!?*"
QUOTES = "'\"`"
VALUE_CHARS_MAX = 48
EXTENSIONS = frozenset(
    """py pyi js jsx ts tsx mjs cjs go rs java kt swift c cc cpp h hpp cs rb php sh sql md rst txt json yaml yml toml
    ini cfg css scss html vue svelte lock proto tf gradle xml env""".split()
)


def phrases(*phrases_: str) -> dict[str, tuple[str, ...]]:
    """Index phrases by their first word, so that a sentence is looked up word by word."""
    found: dict[str, list[str]] = {}
    for phrase in phrases_:
        found.setdefault(phrase.partition(" ")[0], []).append(phrase)
    return {first: tuple(each) for first, each in found.items()}


class Wording:
    """The words of a sentence, and the same joined by blanks with one at each end, for phrases."""

    __slots__ = ("_subject", "_values", "padded", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        low = text.lower()
        for mark, apart in SEPARATORS:
            if mark in low:
                low = low.replace(mark, apart)
        self.words = [word for raw in low.split() if (word := raw.strip(ENDS))] or [""]
        self.padded = " " + " ".join(self.words) + " "
        self._subject: str | None = None
        self._values: list[tuple[int, str]] | None = None

    @property
    def values(self) -> list[tuple[int, str]]:
        """What stands in quotes, with its place."""
        if self._values is None:
            self._values = values_of(self.text)
        return self._values

    @property
    def subject(self) -> str:
        """What the sentence is about, as a key."""
        if self._subject is None:
            from codememory.extract.subjects import subject_of

            self._subject = subject_of(self)
        return self._subject

    def has(self, index: dict[str, tuple[str, ...]]) -> bool:
        """Tell whether a phrase of an index stands here, from word to word."""
        if index.keys().isdisjoint(self.words):
            return False
        for word in self.words:
            for phrase in index.get(word, ()):
                if phrase == word or f" {phrase} " in self.padded:
                    return True
        return False


def values_of(text: str) -> list[tuple[int, str]]:
    """Give what stands in quotes or backticks, with its place: names, affixes, modules, commands."""
    found = []
    at = 0
    size = len(text)
    while at < size:
        quote = text[at]
        if quote in QUOTES and (at == 0 or not text[at - 1].isalnum()):
            end = text.find(quote, at + 1, at + VALUE_CHARS_MAX)
            while end > 0 and end + 1 < size and text[end + 1].isalnum():
                end = text.find(quote, end + 1, at + VALUE_CHARS_MAX)
            if end > at + 1:
                found.append((at, text[at + 1 : end].strip(" .,")))
                at = end
        at += 1
    return found


def is_chinese(text: str) -> bool:
    """Tell whether a text has a Chinese character."""
    if text.isascii() or max(text) < "\u4e00":
        return False
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def tags_of(text: str) -> tuple[list[str], list[str], list[str]]:
    """Give the files, symbols and globs that a sentence names."""
    files: list[str] = []
    symbols: list[str] = []
    globs: list[str] = []
    for raw in text.split():
        word = raw.rstrip(".,;:!?。，；：)").strip("`'\"()[]{},;:!?。，；：").rstrip(".")
        if not word or len(word) > 200 or "://" in word:
            continue
        name, dot, extension = word.rpartition(".")
        if "*" in word:
            if ("/" in word or "." in word) and word.strip("*") and word not in globs:
                globs.append(word)
        elif (dot and name and extension.lower() in EXTENSIONS) or ("/" in word and is_path(word, raw[:1] == "`")):
            if word not in files:
                files.append(word)
        elif is_symbol(word.removesuffix("()"), raw[:1] == "`") and word not in symbols:
            symbols.append(word.removesuffix("()"))
    return files, symbols, globs


def is_file(word: str) -> bool:
    """Tell a file or folder by its ending."""
    name, dot, extension = word.rpartition(".")
    return bool(dot and name and extension in EXTENSIONS) or (word.endswith("/") and len(word) > 2)


def is_path(word: str, marked: bool) -> bool:
    """Tell a path from two words with a slash between them: it was set in backticks, or no words look so."""
    if "(" in word or not word.strip("/"):
        return False
    return marked or word.endswith("/") or "." in word or word.count("/") > 1


def is_symbol(word: str, marked: bool) -> bool:
    """Tell an identifier from a word: it was set in backticks, has an inner capital, underscore or call."""
    bare = word.lstrip("@").replace(".", "_")
    if len(bare) < 3 or not bare.isidentifier():
        return False
    if marked:
        return True
    tail = word[1:]
    return "_" in word.strip("_") or (tail != tail.lower() and not word.isupper() and word.isascii())
