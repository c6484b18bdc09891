"""Make the README's terminal picture from what the demonstration really printed.

.venv/bin/python -m docs.picture
"""

from __future__ import annotations

import re
import subprocess
import sys
from io import StringIO

from rich.console import Console
from rich.text import Text

from docs.generate import REPOSITORY

PICTURE = REPOSITORY / "docs" / "images" / "demo.svg"
MOMENTS = ("UserPromptSubmit", "PreToolUse", "PostToolUseFailure")
COLUMNS = 80
FENCE = ("│ <codememory", "│ Recalled from", "│ before relying on it.", "│ </codememory>")
"""The same frame at every moment, left out of the picture."""

HEADING = re.compile(r"  │ [A-Z][a-z ]+:")
REMOTE_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Left out too: the picture asks nobody for anything."""


def printed() -> str:
    """Return what `make demo` prints.

    Raises:
        SystemExit: The demonstration fails, so there is no picture to make.

    """
    words = [sys.executable, str(REPOSITORY / "tests" / "demo.py")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        sys.exit(f"docs.picture: the demonstration fails.{done.stderr}")
    return done.stdout


def scenes(text: str) -> list[list[str]]:
    """Return the lines of the moments shown: a title, then what the model is told."""
    found: list[list[str]] = []
    for paragraph in text.split("\n\n"):
        lines = [line for line in paragraph.splitlines() if not line.strip().startswith(FENCE)]
        if lines and lines[0].startswith("●") and lines[0][2:].split(":")[0] in MOMENTS:
            found.append(lines)
    return found[:4]


def drawn(chosen: list[list[str]]) -> str:
    """Return the picture as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    for lines in chosen:
        for line in lines:
            style = "bold cyan" if not line.startswith("  │") else "dim" if HEADING.fullmatch(line) else ""
            console.print(Text(line, style=style), highlight=False)
        console.print()
    return REMOTE_FONT.sub("", console.export_svg(title="make demo: what the model is told"))


def main() -> None:
    """Write the picture."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(scenes(printed())), "utf-8")
    print(f"{PICTURE.relative_to(REPOSITORY)} is made.")


if __name__ == "__main__":
    main()
