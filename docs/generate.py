"""Write the parts of the documentation that the code itself tells; `--check` names those that are stale.

    .venv/bin/python -m docs.generate [--check]

A generated part stands between `<!-- generated: NAME -->` and `<!-- /generated -->`; the text around it is written by
hand. The excerpts of what the model is told come from the demonstration, `tests/demo.py`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
HELP_COLUMNS = 100
EXCERPT_COLUMNS = 120
TOLD = ("told at ", "memories told at ")
REGION = re.compile(r"(<!-- generated: (?P<name>[^>]+?) -->\n)(?P<body>.*?)(<!-- /generated -->)", re.DOTALL)
STATEMENT = re.compile(
    r"(?P<says>(?:--[^\n]*\n)+)(?P<sql>CREATE (?P<what>[A-Z ]+?) (?P<name>[a-z_]+).*?;)\n", re.DOTALL
)
RUN_BY_RUN = re.compile(r"\b(?P<prefix>m(?:em|sg)_)[0-9a-f]+|\b\d+[smhdw]\s+ago|\s+")
"""What differs from one demonstration to the next: ids, ages, and where a line breaks for them."""


def settings() -> str:
    """Return the table of environment variables."""
    from codememory.config import SETTINGS

    heads = ("variable", "default", "value", "what it does")
    return _settings(heads, " to ", " or ", {name: one.meaning for name, one in SETTINGS.items()})


def settings_in_chinese() -> str:
    """Return the same table in Chinese; a setting that has no Chinese meaning ends the program."""
    from codememory.config import SETTINGS
    from docs.settings_zh import MEANINGS

    if missing := SETTINGS.keys() - MEANINGS.keys():
        sys.exit(f"docs.generate: docs/settings_zh.py lacks {', '.join(sorted(missing))}.")
    return _settings(("变量", "默认值", "取值", "作用"), " 至 ", " 或 ", MEANINGS)


def _settings(heads: tuple[str, ...], to: str, either: str, meanings: dict[str, str]) -> str:
    from codememory.config import SETTINGS

    lines = [f"| {' | '.join(heads)} |", "|---|---|---|---|"]
    for one in SETTINGS.values():
        if one.kind is bool:
            values, default = f"`true`{either}`false`", str(one.default).lower()
        elif one.kind is int:
            values = either.join([f"{one.minimum}{to}{one.maximum}", *(f"`{choice}`" for choice in one.choices)])
            default = str(one.default)
        else:
            values, default = ", ".join(f"`{choice}`" for choice in one.choices) or "text", one.default
        lines.append(f"| `{one.variable}` | {f'`{default}`' if default else ''} | {values} | {meanings[one.name]} |")
    return "\n".join(lines)


def version() -> str:
    """Return how the schema's version stands in a database."""
    from codememory import schema

    whole = schema.SCHEMA_MAJOR * schema.VERSION_STEP + schema.SCHEMA_MINOR
    return (
        f"Schema {schema.SCHEMA_MAJOR}.{schema.SCHEMA_MINOR}: `PRAGMA user_version` is {whole},"
        f" `PRAGMA application_id` is {schema.APPLICATION_ID} (`CMEM`)."
    )


def tables() -> str:
    """Return every table with its comment and definition, the indexes under the table they serve."""
    from codememory.schema import ADDED_1_1, SCHEMA

    parts: list[str] = []
    for found in STATEMENT.finditer(SCHEMA + ADDED_1_1):
        sql = f"```sql\n{found['sql']}\n```"
        if "INDEX" in found["what"]:
            parts.append(f"{_sentence(found['says'])}\n\n{sql}")
        else:
            parts.append(f"### {found['name']}\n\n{_sentence(found['says'])}\n\n{sql}")
    return "\n\n".join(parts)


def _sentence(comment: str) -> str:
    text = " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
    return text[:1].upper() + text[1:] + "."


def commands() -> dict[str, Any]:
    """Return every command a person may type, by its words."""
    from codememory.cli.program import program

    found: dict[str, Any] = {}

    def walk(words: list[str], command: Any) -> None:
        found[" ".join(words)] = command
        for name, inner in getattr(command, "commands", {}).items():
            if not inner.hidden:
                walk([*words, name], inner)

    walk(["codememory"], program())
    return found


def command_help() -> str:
    """Return the help of every command as plain text of a fixed width."""
    parts = []
    for words, command in commands().items():
        command.rich_markup_mode = None
        context = command.context_class(
            command, info_name=words, terminal_width=HELP_COLUMNS, max_content_width=HELP_COLUMNS,
            **command.context_settings,
        )  # fmt: skip
        text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"## {words}\n\n```text\n{text}\n```")
    return "\n\n".join(parts)


_told: dict[str, str] = {}


def excerpt(moment: str, *, memories_only: bool) -> str:
    """Return what the model is told at a moment in the demonstration; `memories_only` leaves the fence out."""
    if not _told:
        words = [sys.executable, str(REPOSITORY / "tests" / "demo.py"), "--json"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            sys.exit(f"docs.generate: the demonstration fails, so there is no excerpt to take.{done.stderr}")
        _told.update((one["moment"], one["text"]) for one in json.loads(done.stdout)["told"])
    lines = []
    for line in _told[moment].splitlines():
        if memories_only and not line.startswith("- "):
            continue
        behind = "  " if line.startswith("- ") else ""
        lines += textwrap.wrap(line, EXCERPT_COLUMNS, subsequent_indent=behind, break_on_hyphens=False)
    return "```text\n" + "\n".join(lines) + "\n```"


GENERATORS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "settings in Chinese": settings_in_chinese,
    "version": version,
    "tables": tables,
    "help": command_help,
}


def body_of(name: str) -> str:
    """Return the generated part of this name."""
    if name.startswith(TOLD):
        return excerpt(name.rpartition(" at ")[2], memories_only=name.startswith("memories "))
    return GENERATORS[name]()


def same(old: str, new: str) -> bool:
    """Tell whether two texts say the same apart from what every demonstration makes anew."""

    def settled(text: str) -> str:
        return RUN_BY_RUN.sub(lambda found: found["prefix"] or " ", text)

    return old == new or settled(old) == settled(new)


def documents() -> Iterator[Path]:
    """Yield every document with a generated part."""
    for path in sorted([*REPOSITORY.glob("README*.md"), *REPOSITORY.glob("docs/*.md")]):
        if REGION.search(path.read_text("utf-8")):
            yield path


def renewed(path: Path) -> str:
    """Return a document with its generated parts as they should be."""

    def replaced(found: re.Match[str]) -> str:
        body = body_of(found["name"]) + "\n"
        kept = found["name"].startswith(TOLD) and same(found["body"], body)
        return found[1] + (found["body"] if kept else body) + found[4]

    return REGION.sub(replaced, path.read_text("utf-8"))


def main() -> None:
    """Write what is stale, or with `--check` name it and exit 1."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a document is stale")
    given = parser.parse_args()
    stale = False
    for path in documents():
        text = renewed(path)
        if text == path.read_text("utf-8"):
            continue
        stale = True
        name = path.relative_to(REPOSITORY)
        if given.check:
            print(f"{name} is stale: run `make docs`.", file=sys.stderr)
        else:
            path.write_text(text, "utf-8")
            print(f"{name} is renewed.")
    sys.exit(1 if stale and given.check else 0)


if __name__ == "__main__":
    main()
