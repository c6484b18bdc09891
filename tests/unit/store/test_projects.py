"""What a project is: a repository with all its worktrees, else a folder; never a name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import apsw
import pytest
from fixtures.homes import Home

from codememory import repository
from codememory.store import projects


def make_repository(folder: Path, branch: str = "main", commit: str = "1" * 40) -> None:
    """Write the files of a repository that matter here, by hand."""
    (folder / ".git" / "refs" / "heads").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    if commit:
        (folder / ".git" / "refs" / "heads" / branch).parent.mkdir(parents=True, exist_ok=True)
        (folder / ".git" / "refs" / "heads" / branch).write_text(f"{commit}\n")


def make_worktree(main: Path, folder: Path, branch: str = "other") -> None:
    """Write the files of a linked worktree."""
    own = main / ".git" / "worktrees" / folder.name
    own.mkdir(parents=True)
    (own / "commondir").write_text("../..\n")
    (own / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    (main / ".git" / "refs" / "heads" / branch).write_text("2" * 40 + "\n")
    folder.mkdir(parents=True)
    (folder / ".git").write_text(f"gitdir: {own}\n")


def project_of(connection: apsw.Connection, folder: Path | str) -> int:
    """Return the project of a folder."""
    return projects.place_of(connection, str(folder), 1).project_id


def test_a_worktree_and_its_main_checkout_are_one_project(connection: apsw.Connection, tmp_path: Path) -> None:
    main, linked = tmp_path / "shop", tmp_path / "elsewhere" / "shop-2"
    make_repository(main)
    make_worktree(main, linked)
    (linked / "src").mkdir()
    assert project_of(connection, main) == project_of(connection, linked) == project_of(connection, linked / "src")
    place = projects.place_of(connection, str(linked / "src"), 1)
    assert place.root == str(linked)
    assert place.branch_and_head() == ("other", "2" * 40)
    assert projects.place_of(connection, str(main), 1).branch_and_head() == ("main", "1" * 40)


def test_real_worktrees_of_git(connection: apsw.Connection, tmp_path: Path) -> None:
    """The same with what git itself writes."""
    main, linked = tmp_path / "shop", tmp_path / "linked"
    main.mkdir()
    base = ["git", "-C", str(main), "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    try:
        subprocess.run([*base, "init", "-q"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git is not installed")
    subprocess.run([*base, "commit", "-q", "--allow-empty", "-m", "x"], check=True, capture_output=True)
    subprocess.run([*base, "worktree", "add", "-q", "-b", "feature/x", str(linked)], check=True, capture_output=True)
    head = subprocess.run([*base, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert project_of(connection, main) == project_of(connection, linked)
    assert projects.place_of(connection, str(linked), 1).branch_and_head() == ("feature/x", head)
    subprocess.run([*base, "pack-refs", "--all"], check=True, capture_output=True)
    assert projects.place_of(connection, str(linked), 1).branch_and_head() == ("feature/x", head)
    subprocess.run([*base, "checkout", "-q", "--detach"], check=True, capture_output=True)
    assert projects.place_of(connection, str(main), 1).branch_and_head() == ("", head)


def test_two_folders_of_one_name_are_two_projects(connection: apsw.Connection, tmp_path: Path) -> None:
    for parent in ("a", "b"):
        make_repository(tmp_path / parent / "shop")
        (tmp_path / parent / "plain" / "shop").mkdir(parents=True)
    assert project_of(connection, tmp_path / "a" / "shop") != project_of(connection, tmp_path / "b" / "shop")
    assert project_of(connection, tmp_path / "a/plain/shop") != project_of(connection, tmp_path / "b/plain/shop")


def test_a_folder_inside_a_repository_belongs_to_it_and_one_without_stands_alone(
    connection: apsw.Connection, tmp_path: Path
) -> None:
    make_repository(tmp_path / "shop")
    (tmp_path / "shop" / "src" / "deep").mkdir(parents=True)
    (tmp_path / "plain" / "src").mkdir(parents=True)
    assert project_of(connection, tmp_path / "shop") == project_of(connection, tmp_path / "shop/src/deep")
    assert project_of(connection, tmp_path / "plain") != project_of(connection, tmp_path / "plain/src")


def test_a_folder_keeps_its_project_when_git_comes(connection: apsw.Connection, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    before = project_of(connection, tmp_path / "shop")
    make_repository(tmp_path / "shop")
    assert project_of(connection, tmp_path / "shop") == before
    assert connection.execute("SELECT count(*) FROM project").get == 1


@pytest.mark.parametrize("folder", ["/nowhere/at/all", "relative", "", "/a\ud800b", "/a\0b", "/" + "x" * 5000])
def test_a_folder_that_is_not_there_is_a_project_of_its_own(connection: apsw.Connection, folder: str) -> None:
    first = project_of(connection, folder)
    assert project_of(connection, folder) == first
    assert project_of(connection, "/nowhere/else") != first
    found = projects.find_place(connection, folder)
    assert found is not None
    assert found.project_id == first


@pytest.mark.parametrize(
    ("git", "expected"),
    [
        pytest.param("gitdir: nowhere\n", None, id="a link to nothing"),
        pytest.param("", None, id="an empty file"),
        pytest.param("\xff\xfe", None, id="bytes"),
    ],
)
def test_a_broken_git_file_is_no_repository(tmp_path: Path, git: str, expected: None) -> None:
    (tmp_path / ".git").write_bytes(git.encode("latin-1"))
    assert repository.found_from(str(tmp_path)) is expected


def test_a_repository_without_a_commit_or_a_head(tmp_path: Path) -> None:
    make_repository(tmp_path, commit="")
    found = repository.found_from(str(tmp_path))
    assert found is not None
    assert repository.branch_and_head(found) == ("main", "")
    (tmp_path / ".git" / "HEAD").unlink()
    assert repository.branch_and_head(found) == ("", "")


def test_one_memory_for_all_worktrees_and_none_for_a_namesake(home: Home) -> None:
    """What is marked in the main checkout is told in a worktree, not in another repository of the same name."""
    make_repository(home.project)
    make_worktree(home.project, home.root / "linked")
    make_repository(home.root / "other" / "project")
    home.mark("constraint", "Never change the signature of total()", "--file", "src/total.py")
    assert "total()" in home.told("SessionStart", "s1", source="startup", cwd=str(home.root / "linked"))
    assert home.told("SessionStart", "s2", source="startup", cwd=str(home.root / "other" / "project")) == ""
    edit = {
        "tool_name": "Edit",
        "tool_use_id": "t",
        "tool_input": {"file_path": str(home.root / "linked/src/total.py")},
    }
    assert "total()" in home.told("PreToolUse", "s3", cwd=str(home.root / "linked"), **edit)
    node = home.json("memory", "list")["nodes"][0]
    assert (node["branch"], node["head"]) == ("main", "1" * 40)
