"""Put a text so that it may leave the machine: no secrets, nothing private, no name of a person or a machine in it.

No path outside of the project, no home folder, no address of mail, not this machine's own name.
"""

from __future__ import annotations

import re
from typing import Any

from codememory import redact, wire
from codememory.redact.private import MARKER

PART = r"[^\s'\"`:;,<>|()\[\]{}*?=&$\\/]+"
PATH = re.compile(rf"(?<![\w.)\]}}/\\~$-])(?:file://)?(?:~[\w.-]*(?:/{PART})+|(?:/{PART}){{2,}})/?")
WINDOWS_PATH = re.compile(r"(?<!\w)[A-Za-z]:[\\/][^\s'\"`:;,<>|()\[\]{}*?=&$]+|\\\\\w[^\s'\"`:;,<>|()]+")
HOMES = ("home", "users")
ADDRESS = re.compile(
    r"(?<![\w.+-])(?!git@)[\w.+-]+@(?:[\w-]+\.)+"
    r"(?:[a-z]{2}|com|org|net|edu|gov|info|dev|app|corp|local|internal|lan)\b",
    re.IGNORECASE,
)
MAILBOX, HOST = "[address]", "[host]"
HOST_CHARS_MIN = 4
"""A machine with a shorter name has one that is a word of anything."""

HARMLESS = ("/dev/null", "/bin/sh", "/bin/bash", "/usr/bin/env")
OUTSIDE = "[elsewhere]/"
"""Stands for the folders of a path outside of the project; its last name stays, because errors are told by it."""


class PrivateError(Exception):
    """The text has to do with what is private: what it belongs to is not shared."""


class Wording:
    """What a project's texts are put into: `roots` are the folders that its paths are told relative to.

    `host` is this machine's name.
    """

    def __init__(self, roots: list[str], host: str = "") -> None:
        bare = {root.rstrip("/\\") for root in roots}
        self.roots = sorted((one for one in bare if len(one) > 1), key=len, reverse=True)
        named = host.partition(".")[0]
        self.host = named if len(named) >= HOST_CHARS_MIN and named != "localhost" else ""

    def text(self, text: str) -> str:
        """Return a text as it may be shared.

        Raises:
            PrivateError: It was said beside something private.

        """
        text = redact.redacted(wire.storable(text))
        if MARKER in text:
            raise PrivateError
        for root in self.roots:
            if root in text:
                text = re.sub(re.escape(root) + r"[/\\]", "", text)
                text = re.sub(re.escape(root) + r"(?![\w.-])", ".", text)
        if "/" in text:
            text = PATH.sub(self._named, text)
        if "\\" in text or ":/" in text:
            text = WINDOWS_PATH.sub(self._named, text)
        if "@" in text:
            text = ADDRESS.sub(MAILBOX, text)
        if self.host and self.host.lower() in text.lower():
            text = re.sub(rf"(?<!\w){re.escape(self.host)}(?:\.[\w-]+)*(?!\w)", HOST, text, flags=re.IGNORECASE)
        return text

    def path(self, path: str) -> str:
        """Return a file's path relative to the project, '' for one outside of it."""
        path = self.text(path)
        return "" if OUTSIDE in path or path.startswith("..") else path

    def value(self, value: Any) -> Any:
        """Return a JSON value with every text in it as it may be shared."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {self.text(name): self.value(one) for name, one in redact.redacted_value(value).items()}
        return value

    @staticmethod
    def _named(found: re.Match[str]) -> str:
        path = found[0].removeprefix("file://")
        if path in HARMLESS:
            return path
        folder, _, name = path.replace("\\", "/").rstrip("/").rpartition("/")
        of_person = name.startswith("~") or folder.rpartition("/")[2].lower() in HOMES
        return OUTSIDE + ("" if of_person else name)
