"""Recall crosses from one folder to another only where both are one project; through the real hook."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.homes import Home

RULE = "Exchange rates are frozen at invoice time"
PROMPT = "are exchange rates frozen when an invoice is made?"


def repository(folder: Path) -> Path:
    """Make what a repository is known by."""
    (folder / ".git" / "refs" / "heads").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return folder


def worktree(main: Path, folder: Path) -> Path:
    """Make what a linked worktree is known by."""
    own = main / ".git" / "worktrees" / folder.name
    own.mkdir(parents=True)
    (own / "commondir").write_text("../..\n")
    (own / "HEAD").write_text("ref: refs/heads/other\n")
    folder.mkdir(parents=True)
    (folder / ".git").write_text(f"gitdir: {own}\n")
    return folder


def told(home: Home, folder: Path, session: str) -> str:
    """Return what a prompt brings in a folder."""
    return home.told("UserPromptSubmit", session, cwd=str(folder), prompt=PROMPT)


def remember(home: Home, folder: Path) -> None:
    """Mark the rule in a folder."""
    home.monkeypatch.chdir(folder)
    home.mark("constraint", RULE, "--file", "rates.py")


def test_the_project_itself_and_the_folders_below_it(home: Home) -> None:
    (repository(home.project) / "src").mkdir()
    remember(home, home.project)
    assert RULE in told(home, home.project, "s1")
    assert RULE in told(home, home.project / "src", "s2")


@pytest.mark.parametrize("with_git", [True, False], ids=["repositories", "folders"])
def test_two_projects_of_one_name_do_not_see_each_other(home: Home, with_git: bool) -> None:
    one, other = home.root / "work" / "shop", home.root / "private" / "shop"
    for folder in (one, other):
        folder.mkdir(parents=True)
        if with_git:
            repository(folder)
    remember(home, one)
    assert RULE in told(home, one, "s1")
    assert told(home, other, "s2") == ""


def test_a_worktree_and_its_main_checkout_share(home: Home) -> None:
    main = repository(home.project)
    linked = worktree(main, home.root / "elsewhere" / "linked")
    remember(home, linked)
    assert RULE in told(home, main, "s1")
    assert RULE in told(home, linked, "s2")


def test_a_git_file_that_names_another_project_opens_nothing(home: Home) -> None:
    main = repository(home.project)
    linked = worktree(main, home.root / "elsewhere" / "linked")
    own = main / ".git" / "worktrees" / "linked"
    (own / "gitdir").write_text(f"{linked / '.git'}\n")
    remember(home, main)
    for number, named in enumerate((main / ".git", own)):
        unpacked = home.root / f"unpacked{number}"
        unpacked.mkdir()
        (unpacked / ".git").write_text(f"gitdir: {named}\n")
        assert told(home, unpacked, f"u{number}") == ""
    assert RULE in told(home, linked, "s1"), "its own worktree does"
    linked.rename(home.root / "moved")
    assert RULE in told(home, home.root / "moved", "s2"), "also moved by hand"


def test_a_repository_inside_another_is_a_project_of_its_own(home: Home) -> None:
    outer = repository(home.project)
    inner = repository(outer / "vendor" / "library")
    remember(home, inner)
    assert RULE in told(home, inner, "s1")
    assert told(home, outer, "s2") == ""


def test_a_file_of_the_same_name_in_another_project_brings_nothing(home: Home) -> None:
    other = repository(home.root / "other")
    remember(home, repository(home.project))
    assert home.told("UserPromptSubmit", "s1", cwd=str(other), prompt="what holds for src/rates.py and rates.py?") == ""
    assert RULE in home.told("UserPromptSubmit", "s2", prompt="what holds for rates.py?")


def test_what_was_said_in_another_project_is_not_quoted(home: Home) -> None:
    said = home.transcript()
    said.say("user", "the zebra crossing detector misses ponchos at twilight, calibrate the lidar exposure")
    said.write()
    home.told("Stop", said.session)
    asked = "does the zebra detector still miss ponchos at twilight?"
    assert "ponchos" in home.told("UserPromptSubmit", "s1", prompt=asked)
    other = repository(home.root / "other")
    assert home.told("UserPromptSubmit", "s2", cwd=str(other), prompt=asked) == ""
