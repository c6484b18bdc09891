"""Take a shell command line apart: its simple commands, how they are joined, and which files they write."""

from __future__ import annotations

SCAN_CHARS_MAX = 20_000
PARTS_MAX = 60
DEPTH_MAX = 3
"""Substitutions in substitutions beyond this are not looked into."""

KEYWORDS = frozenset("then do else if elif while until ! { } ( ) done fi esac".split())
HEADERS = frozenset(("for", "select", "case", "function", "coproc"))
"""What follows these is a list of words, not a command."""

SPECIAL = frozenset("\\'\"`$<>#&;|()\n \t")


REMEMBERED_MAX = 500
_remembered: dict[str, list[Part]] = {}


class Part:
    """One simple command: words as the shell would pass them, and the files its output is sent to.

    `joint` is what stands before it: '' at the beginning, else one of `&& || ; | &`, or `$(` for a substitution.
    """

    __slots__ = ("heredoc", "joint", "words", "writes")

    def __init__(self, joint: str) -> None:
        self.joint = joint
        self.words: list[str] = []
        self.writes: list[str] = []
        self.heredoc = False

    @property
    def head(self) -> str:
        """Return the command's name without its folder."""
        return self.words[0].rpartition("/")[2] if self.words else ""


def parts_of(command: str) -> list[Part]:
    """Return the simple commands of a command line in order, those of substitutions before the one that uses them.

    Keywords, loop headers and assignments are left out; bodies of here-documents are skipped. They are remembered:
    one command line is looked at from several sides, and again whenever it is run again.
    """
    known = _remembered.get(command)
    if known is not None:
        return known
    found: list[Part] = []
    for part in _Scanner(command[:SCAN_CHARS_MAX], "", 0).scanned()[:PARTS_MAX]:
        part.words = _without_keywords(part.words)
        if part.words or part.writes:
            found.append(part)
    if len(_remembered) >= REMEMBERED_MAX:
        _remembered.clear()
    _remembered[command] = found
    return found


def _without_keywords(words: list[str]) -> list[str]:
    while words:
        name, equals, _ = words[0].partition("=")
        if words[0] in KEYWORDS or (equals and name.removesuffix("+").isidentifier()):
            words = words[1:]
        elif words[0] in HEADERS:
            return []
        else:
            break
    return words


class _Scanner:
    """Reads one command line, or a substitution in it up to its closing bracket."""

    def __init__(self, text: str, joint: str, depth: int, at: int = 0) -> None:
        self.text, self.at, self.depth = text, at, depth
        self.found: list[Part] = []
        self.part = Part(joint)
        self.word: list[str] | None = None
        self.target = ""  # 'write' or 'read': the next word is a redirection's
        self.heredocs: list[str] = []

    def scanned(self) -> list[Part]:
        """Read to the end, or to the bracket that closes this substitution."""
        open_brackets = 0
        while self.at < len(self.text) and len(self.found) <= PARTS_MAX:
            character = self.text[self.at]
            if character == ")" and self.depth and not open_brackets:
                self.at += 1
                break
            open_brackets += (character == "(") - (character == ")" and open_brackets > 0)
            self._take(character)
        self._end_part("")
        return self.found

    def _take(self, character: str) -> None:
        if character not in SPECIAL:
            self._plain()
        elif character == "\\":
            if self.text[self.at + 1 : self.at + 2] != "\n":
                self._append(self.text[self.at + 1 : self.at + 2])
            self.at += 2
        elif character == "'":
            end = self._position("'", self.at + 1)
            self._append(self.text[self.at + 1 : end])
            self.at = end + 1
        elif character == '"':
            self._quoted()
        elif character == "`" or self.text.startswith("$(", self.at):
            self._substitution()
        elif character == "#" and self.word is None:
            self.at = self._position("\n", self.at)
        elif character in "<>" or self.text.startswith("&>", self.at):
            self._redirection()
        elif character in " \t":
            self._end_word()
            self.at += 1
        elif character in "$#":
            self._append(character)
            self.at += 1
        else:
            self._operator(character)

    def _plain(self) -> None:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in SPECIAL:
            self.at += 1
        self._append(self.text[start : self.at])

    def _quoted(self) -> None:
        self.at += 1
        self._append("")
        while self.at < len(self.text) and self.text[self.at] != '"':
            if self.text[self.at] == "\\":
                self._append(self.text[self.at + 1 : self.at + 2])
                self.at += 2
            elif self.text[self.at] == "`" or self.text.startswith("$(", self.at):
                self._substitution()
            else:
                ends = [end for mark in '"\\`' if (end := self.text.find(mark, self.at)) >= 0]
                dollar = self.text.find("$(", self.at)
                end = min([*ends, *([dollar] if dollar >= 0 else []), len(self.text)])
                self._append(self.text[self.at : end])
                self.at = end
        self.at += 1

    def _substitution(self) -> None:
        """Read `$(…)`, `<(…)` or `` `…` ``, whose commands run before this one; the word keeps a place for it."""
        self._append("$()")
        if self.text.startswith("$((", self.at):  # arithmetic
            self.at = self._position("))", self.at) + 2
            return
        if self.text[self.at] == "`":
            end = self._position("`", self.at + 1)
            inner = _Scanner(self.text[self.at + 1 : end], "$(", self.depth + 1)
            self.at = end + 1
        else:
            inner = _Scanner(self.text, "$(", self.depth + 1, self.at + 2)
        if self.depth >= DEPTH_MAX:
            self.at = len(self.text)
            return
        self.found += inner.scanned()
        if inner.text is self.text:
            self.at = inner.at

    def _redirection(self) -> None:
        if self.text[self.at + 1 : self.at + 2] == "(" and self.text[self.at] != "&":
            self._substitution()
            return
        if self.word is not None and "".join(self.word).isdecimal():
            self.word = None  # the number of the stream
        self._end_word()
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "<>&|" and self.at - start < 3:
            self.at += 1
        mark = self.text[start : self.at]
        if mark in (">&", "<&") and self.text[self.at : self.at + 1] in tuple("0123456789-"):
            self.at += 1
        elif mark == "<<":
            self._heredoc()
        else:
            self.target = "write" if ">" in mark else "read"

    def _heredoc(self) -> None:
        self.at += self.text.startswith("-", self.at)
        while self.text.startswith(" ", self.at):
            self.at += 1
        end = self.at
        while end < len(self.text) and self.text[end] not in " \t\n;|&<>)":
            end += 1
        self.heredocs.append(self.text[self.at : end].strip("'\"\\"))
        self.part.heredoc = True
        self.at = end

    def _operator(self, character: str) -> None:
        self._end_word()
        double = character in "&|" and self.text.startswith(character * 2, self.at)
        mark = character * 2 if double else {"\n": ";", "(": ";", ")": ";"}.get(character, character)
        self.at += 2 if double or self.text.startswith(("|&", ";;"), self.at) else 1
        self._end_part(mark)
        if character == "\n":
            for delimiter in self.heredocs:
                self._skip_heredoc(delimiter)
            self.heredocs = []

    def _skip_heredoc(self, delimiter: str) -> None:
        while self.at < len(self.text):
            end = self._position("\n", self.at)
            line = self.text[self.at : end].strip()
            self.at = end + 1
            if line == delimiter:
                return

    def _position(self, mark: str, start: int) -> int:
        end = self.text.find(mark, start)
        return end if end >= 0 else len(self.text)

    def _append(self, text: str) -> None:
        if self.word is None:
            self.word = []
        self.word.append(text)

    def _end_word(self) -> None:
        if self.word is None:
            return
        word, self.word = "".join(self.word), None
        if self.target == "write":
            self.part.writes.append(word)
        elif not self.target:
            self.part.words.append(word)
        self.target = ""

    def _end_part(self, mark: str) -> None:
        self._end_word()
        if self.part.words or self.part.writes or self.part.heredoc:
            self.found.append(self.part)
            self.part = Part(mark)
        elif mark:
            self.part.joint = self.part.joint if self.part.joint == "$(" else mark
