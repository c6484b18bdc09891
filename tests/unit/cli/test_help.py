"""What help says: whole lines, one word for one thing, and examples that can be typed as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
from fixtures.homes import SOURCE, Home

from codememory.cli import commands
from codememory.cli.program import program

COLUMNS = 80
LINES = 50
"""What one screen holds."""

HEAVY = {"rich", "jinja2", "msgspec", "mcp", "pathspec", "psycopg", "apsw.ext", "asyncio", "concurrent.futures"}
"""What only commands that need it may load."""


def tree() -> dict[str, Any]:
    """Return every command that is listed, by its words; the program itself is ''."""
    found: dict[str, Any] = {}

    def walk(words: str, command: Any) -> None:
        found[words] = command
        for name, inner in getattr(command, "commands", {}).items():
            if not inner.hidden:
                walk(f"{words} {name}".strip(), inner)

    walk("", program())
    return found


TREE = tree()
LEAVES = {words: command for words, command in TREE.items() if not hasattr(command, "commands")}


def examples(command: Any) -> list[str]:
    """Return the lines that a command's help gives as examples."""
    return [line.strip() for line in command.help.partition(commands.EXAMPLES)[2].splitlines() if line.strip()]


def help_of(words: str, command: Any) -> list[str]:
    """Return the lines of a help in a window of 80 columns."""
    context = command.context_class(command, info_name=f"codememory {words}".strip(), terminal_width=COLUMNS)
    return str(command.get_help(context)).splitlines()


@pytest.mark.parametrize("words", TREE)
def test_help_fits_the_window_and_cuts_nothing(words: str) -> None:
    lines = help_of(words, TREE[words])
    assert [line for line in lines if len(line) > COLUMNS] == []
    assert [line for line in lines if line.endswith("...") and "[ARGS]" not in line and "Usage" not in line] == []
    assert len(lines) <= LINES


@pytest.mark.parametrize("words", TREE)
def test_an_option_says_what_it_wants_in_words(words: str) -> None:
    text = "\n".join(help_of(words, TREE[words]))
    assert re.findall(r"-[-a-z]+ <(?:str|int|bool|list|float)\b", text) == []


@pytest.mark.parametrize("words", LEAVES)
def test_every_command_has_examples_that_can_be_typed(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = examples(LEAVES[words])
    assert lines
    assert words == "mcp" or all(f"codememory {words}" in line for line in lines)
    for line in lines:
        assert parsed(line, monkeypatch), line


def parsed(line: str, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what the commands in a line of a shell are called with; a wrong use is raised."""
    called: list[dict[str, Any]] = []
    for part in re.split(r"\s\|\s|\s&&\s", line):
        typed = [word for word in shlex.split(part) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
        typed = typed[typed.index("codememory") :] if "codememory" in typed else []
        typed = typed[: next((place for place, word in enumerate(typed) if word in ("<", ">")), None)]
        if not typed[1:]:
            continue
        if typed[1] == "--":  # another program's: `claude mcp add codememory -- codememory mcp`
            typed = typed[2:]
        whole = program()
        command = whole
        for word in typed[1:]:
            if hasattr(command, "commands"):
                command = command.commands[word]
        monkeypatch.setattr(command, "callback", lambda **given: called.append(given))
        whole(typed[1:], prog_name="codememory", standalone_mode=False)
    return called


def test_one_option_says_the_same_everywhere() -> None:
    said: dict[str, set[tuple[Any, ...]]] = {}
    for command in LEAVES.values():
        for one in command.params:
            for name in ("--json", "--quiet", "--yes", "--dry-run", "--limit", "--all-projects", "--force"):
                if name in one.opts:
                    said.setdefault(name, set()).add((one.help, one.metavar, tuple(sorted(one.opts))))
    alike = {name: words for name, words in said.items() if len(words) > 1}
    assert set(alike) <= {"--all-projects"}, alike  # an export is of every project anyway


@pytest.mark.parametrize(
    ("words", "usage"),
    [("grep", "QUERY"), ("import", "FILE..."), ("backfill", "[PATH]..."), ("mark", "KIND [TEXT]"), ("status", "")],
)
def test_usage_reads_as_in_manuals(words: str, usage: str) -> None:
    first = " ".join(help_of(words, LEAVES[words])[0].split())
    assert first == f"Usage: codememory {words} [OPTIONS] {usage}".strip()


@pytest.mark.parametrize("words", sorted(set(LEAVES) - {"mcp"}))
def test_every_command_has_json(words: str) -> None:
    assert any("--json" in one.opts for one in LEAVES[words].params)


def test_every_document_is_written_down() -> None:
    """Every command's JSON has a section in docs/JSON.md, by its words: `memory resolve, reopen, stale` names three."""
    written: set[str] = set()
    for line in (SOURCE / "docs" / "JSON.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            first, *others = line.removeprefix("## ").split(", ")
            written |= {first, *(f"{first.rpartition(' ')[0]} {other}".strip() for other in others)}
    assert LEAVES.keys() - {"mcp"} - written == set()


LONG = "backfill watch compact export import prune doctor view backup".split()


@pytest.mark.parametrize("words", LONG)
def test_long_work_can_be_quiet(words: str) -> None:
    assert any("--quiet" in one.opts and "-q" in one.opts for one in LEAVES[words].params)


@pytest.mark.parametrize("words", [["grep", "x"], ["check", "--file", "x"], ["memory", "list"], ["mark", "task", "x"]])
def test_a_command_loads_only_what_it_needs(home: Home, words: list[str]) -> None:
    script = (
        f"import sys; sys.path[:0] = [{str(SOURCE)!r}]; sys.argv[1:] = {words!r}\n"
        "from codememory.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, env=home.environment, cwd=home.project,
        timeout=60, check=True,
    )  # fmt: skip
    loaded = set(done.stderr.splitlines()[-1].split())
    assert HEAVY & loaded == set()
    own = {name for name in loaded if name.startswith("codememory.cli.")} - {
        f"codememory.cli.{name}" for name in ("main", "program", "commands", "context", "show", "nodes")
    }
    assert len(own) == 1, own


def test_a_command_that_draws_nothing_loads_nothing_that_draws(home: Home) -> None:
    """Its bar goes to standard error, which is no terminal here; a process that ends at once still says what it did."""
    script = (
        f"import atexit, sys; sys.path[:0] = [{str(SOURCE)!r}]; sys.argv[1:] = ['backfill', '--json', '.']\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from codememory.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, env=home.environment, cwd=home.project,
        timeout=60, check=True,
    )  # fmt: skip
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "codememory.cli.progress" in loaded
    assert {name for name in loaded if name.partition(".")[0] == "rich"} == set()
    assert '"lines": 0' in done.stdout


@pytest.mark.parametrize(("words", "helps"), [(["--help"], True), (["-h"], True), ([], False), (["Stop"], False)])
def test_a_hook_says_how_it_is_used_only_when_asked(home: Home, words: list[str], helps: bool) -> None:
    script = f"import sys; sys.path[:0] = [{str(SOURCE)!r}]; from codememory.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, "hook", *words], input=b"", capture_output=True, env=home.environment,
        cwd=home.project, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert (b"Usage: codememory hook" in done.stdout) is helps
    assert helps or done.stdout == b""
