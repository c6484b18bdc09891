"""Put a text so that it may leave the machine: no secrets, nothing private, no path outside of the project."""

from __future__ import annotations

import re
from typing import Any

from codememory import redact, wire
from codememory.redact_private import MARKER

PART = r"[^\s'\"`:;,<>|()\[\]{}*?=&$\\/]+"
PATH = re.compile(rf"(?<![\w.)\]}}/\\~$-])(?:file://)?(?:~[\w.-]*(?:/{PART})+|(?:/{PART}){{2,}})/?")
WINDOWS_PATH = re.compile(r"(?<!\w)[A-Za-z]:[\\/][^\s'\"`:;,<>|()\[\]{}*?=&$]+|\\\\\w[^\s'\"`:;,<>|()]+")
HARMLESS = ("/dev/null", "/bin/sh", "/bin/bash", "/usr/bin/env")
OUTSIDE = "[elsewhere]/"
"""Stands for the folders of a path outside of the project; its last name stays, because errors are told by it."""


class PrivateError(Exception):
    """The text has to do with what is private: what it belongs to is not shared."""


class Wording:
    """What a project's texts are put into: `roots` are the folders that its paths are told relative to."""

    def __init__(self, roots: list[str]) -> None:
        bare = {root.rstrip("/\\") for root in roots}
        self.roots = sorted((one for one in bare if len(one) > 1), key=len, reverse=True)

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
        name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
        return OUTSIDE + ("" if name.startswith("~") else name)
