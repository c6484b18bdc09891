"""What is read of a project is read from files alone, however it was made: a project can come from anybody."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures.homes import Home

from codememory import git, repository
from codememory.transfer import naming

READ = ("HEAD", "commondir", "packed-refs", "refs/heads/main", "config")


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """End a test that waits for ever."""
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it waits for what never comes"))
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def odd(path: Path, kind: str) -> None:
    """Put something that is no file in a file's place."""
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"device": "/dev/zero", "loop": path.name, "nothing": "gone"}[kind])


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "loop", "nothing"])
@pytest.mark.parametrize("name", READ)
def test_a_repository_with_something_else_in_a_files_place(tmp_path: Path, name: str, kind: str) -> None:
    folder = tmp_path / ".git"
    (folder / "refs" / "heads").mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    odd(folder / name, kind)
    found = repository.found_from(str(tmp_path))
    assert found is not None and found.common == str(folder)
    assert repository.branch_and_head(found) == ("" if name == "HEAD" else "main", "")
    assert naming.remote_of(found.common) == ""
    assert git._is_partial(found) is False


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "loop", "nothing"])
def test_what_is_no_file_has_no_content(tmp_path: Path, kind: str) -> None:
    odd(tmp_path / "a.py", kind)
    assert repository.contents_of(str(tmp_path), ["a.py", "a.py\0", "a" * 5_000]) == {}


@pytest.mark.parametrize("content", [b"", b"x = 1\n", b"\r\n\xff\0"])
def test_a_files_hash_is_that_of_git(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.py").write_bytes(content)
    told = subprocess.run(["git", "hash-object", "--no-filters", "--stdin"], input=content, capture_output=True)
    assert repository.blob_hash(str(tmp_path / "a.py")) == told.stdout.decode().strip()


def test_a_very_large_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.bin").open("wb") as file:
        file.truncate(repository.CONTENT_BYTES_MAX + 1)
    assert repository.blob_hash(str(tmp_path / "a.bin")) == ""


def test_a_project_full_of_pipes_holds_nobody_up(home: Home) -> None:
    folder = home.project / ".git"
    folder.mkdir()
    for name in ("HEAD", "commondir", "packed-refs", "config", "index"):
        os.mkfifo(folder / name)
    made = home.conversation()
    for event in ("SessionStart", "UserPromptSubmit", "Stop"):
        home.told(event, made.session, prompt="go on", source="startup")
    assert home.problems() == []
    assert home.json("status")["counts"]["messages"] > 0
