"""Write the page: the overview as markup, everything else as data that its own script shows.

What was stored comes into the page in three ways only, and is text in each: through the template, which escapes it;
as JSON whose `<` is escaped; and compressed, in the digits of base 64. The page's policy allows its own two scripts
and its one style by their hashes and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zlib
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codememory import wire
from codememory.errors import OutputError
from codememory.picture.gather import Picture
from codememory.report import charts, figures
from codememory.report.figures import Facts

ASSETS = os.path.join(os.path.dirname(__file__), "assets")
SCRIPTS = ("dom", "store", "message", "session", "memory", "summary", "search", "app")

SHELL_BYTES = 250_000
"""Room for what is no data: markup, style, script, and the overview."""

PLAIN_STORED_BYTES_MAX = 400_000
"""Where the messages, as stored, are no more than this, the data stays readable to any text search."""

GZIP_LEVEL = 6
SHORT_CHARS = 220


class Packer:
    """Turns JSON into what stands in a script element: as it is with `<` escaped, or compressed in base 64."""

    def __init__(self, plain: bool) -> None:
        self.plain = plain
        self.type = "application/json" if plain else "application/gzip"

    def __call__(self, text: str) -> bytes:
        """Return a JSON text as it stands in the page; lone surrogates become the escapes that JSON has for them."""
        if self.plain:
            return text.replace("<", "\\u003c").encode("utf-8", "backslashreplace")
        packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        return base64.b64encode(packer.compress(text.encode("utf-8", "backslashreplace")) + packer.flush())


def render(picture: Picture, packer: Packer, status: dict[str, Any], facts: Facts) -> bytes:
    """Return the page; `status` is the document of `status --json`."""
    index = {**picture.index, "at": facts.at, "left_out": picture.left_out}
    data = [("index", packer.type, packer(wire.encoded(index)).decode())]
    data += [(f"s{place}", packer.type, chunk.decode()) for place, chunk in enumerate(picture.chunks) if chunk]
    style, theme = _asset("view.css"), _asset("theme.js")
    script = '"use strict";\n(() => {\n' + "\n".join(_asset(f"{name}.js") for name in SCRIPTS) + "})();\n"
    text = _environment().get_template("page.html").render(
        **figures.overview(picture, status, facts),
        policy=_policy(style, [theme, script]), style=style, theme=theme, script=script, data=data,
        left_out=picture.left_out, made_at=facts.at,
    )  # fmt: skip
    return text.encode("utf-8", "replace")


def write(path: str, page: bytes) -> None:
    """Write the page whole or not at all, for its owner's eyes only.

    Raises:
        OutputError: The folder is missing, or cannot be written to.

    """
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder: give the name of a file.")
    try:
        handle, beside = tempfile.mkstemp(prefix=".codememory-view-", dir=folder)  # made with mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(page)
            os.replace(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
    except FileNotFoundError as error:
        raise OutputError(f"{path} cannot be written: there is no folder {folder}.") from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _asset(name: str) -> str:
    with open(os.path.join(ASSETS, name), encoding="utf-8") as file:
        return file.read()


def _policy(style: str, scripts: list[str]) -> str:
    allowed = " ".join(f"'sha256-{_hash(one)}'" for one in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'sha256-{_hash(style)}'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _environment() -> Environment:
    made = Environment(loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters |= {
        "number": _number,
        "counted": _counted,
        "short": _short,
        "moment": _moment,
        "day": _day,
        "folder": _folder,
    }
    return made


def _number(value: int) -> str:
    return f"{value:,}"


def _counted(value: int, one: str) -> str:
    return f"{value:,} {one if value == 1 else one + 's'}"


def _short(text: object, limit: int = SHORT_CHARS) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[:limit] + "…"


def _moment(at: int) -> str:
    found = charts.local(at)
    return f"{charts.day_name(found)}, {found:%H:%M}" if found else "at an unknown time"


def _day(at: int) -> str:
    found = charts.local(at)
    return charts.day_name(found) if found else ""


def _folder(path: str) -> str:
    return os.path.basename(path.rstrip("/\\")) or path
