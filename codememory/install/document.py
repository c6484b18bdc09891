"""A JSON file of the client: read whole, changed with its order and form kept, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from typing import Any

from codememory.errors import CodeMemoryError

INDENT = "  "
MODE = 0o600


class InstallError(CodeMemoryError):
    """The client's settings cannot be changed; the text says why and what to do."""


class Document:
    """A file as it was read: its real path (a symbolic link is followed), its bytes (None: no file), its value."""

    __slots__ = ("path", "raw", "value")

    def __init__(self, path: str) -> None:
        """Read the file.

        Raises:
            InstallError: It cannot be read, or is no JSON object in which every name stands once.

        """
        self.path = os.path.realpath(path)
        self.raw = read(self.path)
        self.value: dict[str, Any] = {}
        if self.raw is None or not self.raw.strip():
            return
        try:
            found = json.loads(self.raw.decode("utf-8-sig"), object_pairs_hook=_unique)
        except UnicodeDecodeError as error:
            raise InstallError(f"{path} is not UTF-8: put it right first; nothing was changed.") from error
        except (ValueError, RecursionError) as error:
            raise InstallError(
                f"{path} is not valid JSON ({error}): put it right first; nothing was changed."
            ) from error
        if not isinstance(found, dict):
            raise InstallError(f"{path} holds no JSON object: put it right first; nothing was changed.")
        self.value = found

    def written(self, value: dict[str, Any]) -> bytes:
        """Return a value in the form this file has: indentation, line ends, a byte order mark, the end of the file."""
        raw = self.raw or b""
        text = raw.decode("utf-8", "replace")
        indent = re.search(r'^([ \t]+)"', text, re.MULTILINE)
        one_line = bool(self.value) and "\n" not in text.strip()
        made = json.dumps(value, ensure_ascii=False, indent=None if one_line else indent[1] if indent else INDENT)
        if not raw or text.endswith("\n"):
            made += "\n"
        if "\r\n" in text:
            made = made.replace("\n", "\r\n")
        try:
            data = made.encode("utf-8")
        except UnicodeEncodeError:  # a lone surrogate, which JSON can hold only escaped
            data = json.dumps(value, indent=indent[1] if indent else INDENT).encode() + b"\n"
        return b"\xef\xbb\xbf" + data if raw.startswith(b"\xef\xbb\xbf") else data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands in it twice")
    return found


def read(path: str) -> bytes | None:
    """Return a file's bytes, None if there is none.

    Raises:
        InstallError: It is there and cannot be read.

    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InstallError(f"{path} cannot be read: {error.strerror}.") from error


def write(path: str, data: bytes, was: bytes | None) -> None:
    """Put a file in the place of what it was when it was read, keeping its mode.

    Raises:
        InstallError: It is another one by now, or cannot be written; then it is as it was.

    """
    if read(path) != was:
        raise InstallError(f"{path} was changed meanwhile: run this again.")
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
        mode = stat.S_IMODE(os.stat(path).st_mode) if was is not None else MODE
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{os.path.basename(path)}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise InstallError(f"{path} cannot be written: {error.strerror}.") from error


def remove(path: str, was: bytes | None) -> None:
    """Remove a file that is as it was read.

    Raises:
        InstallError: It is another one by now, or cannot be removed.

    """
    if read(path) != was:
        raise InstallError(f"{path} was changed meanwhile: run this again.")
    try:
        os.unlink(path)
    except OSError as error:
        raise InstallError(f"{path} cannot be removed: {error.strerror}.") from error
