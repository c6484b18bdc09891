"""One failure, and the output it was read from."""

from __future__ import annotations

from _blake2 import blake2b

from codememory.extract.normalise import essence, short_path

# A longer line, or a line further down, is no message anyone wrote.
LINE_SCAN_CHARS = 2000
LINES_SCANNED_MAX = 20_000
LINES_MAX = 5
LINE_CHARS_MAX = 300
FILES_MAX = 8
CHECK_CHARS_MAX = 300


class Failure:
    """One recognised failure.

    `signature` is `fs_` and 16 hex digits; `lines` are verbatim apart from terminal colours; `files` are most specific
    first, relative to the working directory where possible; `check` is the test that failed, or an empty string.
    """

    __slots__ = ("check", "files", "lines", "signature", "symbol", "type")

    def __init__(
        self, signature: str, kind: str, symbol: str | None, files: list[str], lines: list[str], check: str
    ) -> None:
        self.signature = signature
        self.type = kind
        self.symbol = symbol
        self.files = files
        self.lines = lines
        self.check = check

    def __repr__(self) -> str:
        return f"Failure({self.signature}, {self.type}, {self.symbol}, {self.files}, {self.lines[:1]}, {self.check!r})"


class Output:
    """One tool output, colours and wrappers removed, and which of its lines a reader has already explained."""

    __slots__ = ("command", "cwd", "exit_code", "lines", "subject", "taken", "text", "tool")

    def __init__(
        self,
        text: str,
        command: str = "",
        cwd: str = "",
        exit_code: int | None = None,
        tool: str = "",
        subject: str = "",
    ) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.taken = bytearray(len(self.lines))
        self.command = command
        self.cwd = cwd
        self.exit_code = exit_code
        self.tool = tool
        # What a tool other than a shell was asked about: its refusals seldom name the file or address.
        self.subject = subject

    def take(self, start: int, end: int) -> None:
        """Mark the lines from `start` up to `end` (not included) as explained."""
        end = min(end, len(self.lines))
        if end > start:
            self.taken[start:end] = b"\x01" * (end - start)

    def failure(
        self,
        kind: str,
        essentials: list[str],
        *,
        symbol: str | None = None,
        files: list[str] | None = None,
        lines: list[str] | None = None,
        check: str = "",
        family: str = "",
    ) -> Failure:
        """Build a failure whose signature covers `family` (or `kind`), `check` and the normalised `essentials`."""
        cwd = self.cwd
        digest = blake2b(digest_size=8)
        for part in (family or kind, check, self.subject, *essentials):
            digest.update(essence(part, cwd).encode("utf-8", "replace"))
            digest.update(b"\x00")
        seen: list[str] = []
        for path in files or ():
            path = short_path(path, cwd)
            if path and path not in seen:
                seen.append(path)
        kept: list[str] = []
        for line in lines if lines is not None else essentials:
            line = line.strip()[:LINE_CHARS_MAX]
            if line and line not in kept:
                kept.append(line)
        return Failure(
            "fs_" + digest.hexdigest(),
            kind,
            symbol[:CHECK_CHARS_MAX] if symbol else None,
            seen[:FILES_MAX],
            kept[:LINES_MAX],
            essence(check, cwd)[:CHECK_CHARS_MAX] if check else "",
        )
