"""Two projects become one: nothing of either is lost, and what both knew is known once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript

COMMAND = "python3 -m pytest tests/test_total.py"
OUTPUT = "FAILED tests/test_total.py::test_total - AssertionError: assert 10.01 == 10.0"


def lived(home: Home, folder: Path, *, fixed: bool = False, times: int = 1, month: int = 3) -> Transcript:
    """Let a session fail in a folder, and repair it if wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    one = home.transcript(cwd=folder)
    one.start = one.start.replace(month=month)
    one.say("user", f"work in {folder.name}")
    for _ in range(times):
        one.failing(COMMAND, OUTPUT)
    if fixed:
        edit = {"file_path": str(folder / "total.py"), "old_string": "a", "new_string": "b"}
        one.tool("Edit", edit, "Updated.")
        one.tool("Bash", {"command": COMMAND}, "1 passed in 0.02s")
    one.write()
    home.json("backfill", one.path)
    return one


def mark(home: Home, folder: Path, text: str) -> str:
    """Mark a decision from a folder."""
    with home.monkeypatch.context() as patch:
        patch.chdir(folder)
        return home.mark("decision", text)


@pytest.fixture
def moved(home: Home) -> tuple[Path, Path]:
    """Return an old folder and a new one that failed alike, each with decisions."""
    old, new = home.root / "old" / "shop", home.root / "new" / "shop"
    lived(home, old, fixed=True, times=2)
    lived(home, new)
    for folder, texts in ((old, ["Cents", "Only here"]), (new, ["cents"])):
        for text in texts:
            mark(home, folder, text)
    return old, new


def listed(home: Home) -> dict[str, Any]:
    """Return root → project."""
    return {one["root"]: one for one in home.json("project", "list")["projects"]}


def totals(connection: apsw.Connection) -> dict[str, int]:
    """Return how many rows each table that is only moved holds."""
    tables = ("session", "message", "membership", "tool_call", "occurrence", "attempt", "summary", "transcript")
    return {one: connection.execute(f"SELECT count(*) FROM {one}").get for one in tables}


def test_list_tells_names_and_counts(home: Home, moved: tuple[Path, Path]) -> None:
    old, new = moved
    found = listed(home)
    assert found.keys() == {str(old), str(new)}
    one = found[str(old)]
    assert (one["sessions"], one["messages"], one["memories"], one["current"]) == (1, 9, 4, False)
    assert one["aliases"] == [{"kind": "folder", "value": str(old)}]
    assert one["id"].startswith("prj_")
    assert one["last_at"]
    home.monkeypatch.chdir(new)
    assert listed(home)[str(new)]["current"]
    shutil.rmtree(old)
    said = home.run("project", "list").out.decode()
    assert f"{old} (gone)" in said
    assert f"{new} (this one)" in said
    assert len(home.json("project", "list", "--limit", "1")["projects"]) == 1


def test_link_moves_everything_and_merges_what_both_knew(home: Home, moved: tuple[Path, Path]) -> None:
    old, new = moved
    connection = home.connect()
    before, failures = totals(connection), home.json("memory", "list", "--all-projects", "--kind", "failure")["nodes"]
    found = home.json("project", "link", old, new, "--yes")
    assert (found["failures_merged"], found["statements_superseded"], found["dry_run"]) == (1, 1, False)
    assert totals(connection) == before
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    (project,) = home.json("project", "list")["projects"]
    assert project["root"] == str(new)
    assert {one["value"] for one in project["aliases"] if one["kind"] == "folder"} == {str(old), str(new)}
    (failure,) = home.json("memory", "list", "--project", new, "--kind", "failure")["nodes"]
    shown = home.json("describe", failure["id"])
    assert shown["failure"]["occurrences"] == 3
    assert shown["fix"]["state"] == "confirmed", "the fix that only the old project knew"
    step = shown["lifecycle"][-1]
    gone = next(one["id"] for one in failures if one["id"] != failure["id"])
    assert (step["verb"], step["detail"]) == ("merged", {"id": gone, "project": str(old)})
    assert home.json("describe", gone)["id"] == failure["id"], "its old id still leads there"
    decisions = home.json("memory", "list", "--project", new, "--kind", "decision")["nodes"]
    assert sorted((one["content"], one["status"]) for one in decisions) == [
        ("Cents", "superseded"),
        ("Only here", "active"),
        ("cents", "active"),
    ]


def test_what_happens_later_under_either_name_is_of_the_one_project(home: Home, moved: tuple[Path, Path]) -> None:
    old, new = moved
    home.json("project", "link", old, new, "--yes")
    lived(home, old)
    (project,) = home.json("project", "list")["projects"]
    assert project["sessions"] == 3
    home.monkeypatch.chdir(old)
    (failure,) = home.json("check", "--command", COMMAND)["failures"]
    assert failure["occurrences"] == 4
    assert [hit["type"] for hit in home.json("grep", "Only here", "--scope", "nodes")["hits"]] == ["node"]


@pytest.mark.parametrize(("month", "status"), [(2, "active"), (4, "resolved")])
def test_where_a_failure_happened_last_tells_where_it_stands(home: Home, month: int, status: str) -> None:
    old, new = home.root / "old", home.root / "new"
    lived(home, new)
    lived(home, old, fixed=True, month=month)
    home.json("project", "link", old, new, "--yes")
    (failure,) = home.json("memory", "list", "--project", new, "--kind", "failure")["nodes"]
    assert failure["status"] == status


def test_a_folder_that_is_gone_becomes_part_of_one_that_is_not_known_yet(home: Home) -> None:
    old, new = home.root / "old", home.root / "new"
    (old / ".git").mkdir(parents=True)
    (old / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    lived(home, old)
    old.rename(new)
    home.monkeypatch.chdir(new)
    found = home.json("project", "link", old, "--yes")
    assert (found["moved"]["root"], found["kept"]["root"]) == (str(old), str(new))
    (project,) = home.json("project", "list")["projects"]
    assert (project["root"], project["sessions"], project["current"]) == (str(new), 1, True)


def test_a_dry_run_says_the_same_and_changes_nothing(home: Home, moved: tuple[Path, Path]) -> None:
    before = home.json("project", "list")
    planned = home.json("project", "link", *moved, "--dry-run")
    assert home.json("project", "list") == before
    done = home.json("project", "link", *moved, "--yes")
    assert {**planned, "dry_run": False} == done


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_nobody_to_ask_changes_nothing(home: Home, moved: tuple[Path, Path], words: list[str]) -> None:
    before = home.json("project", "list")
    done = home.run("project", "link", *moved, *words)
    assert done.code == 1
    assert "--yes" in done.err
    assert home.json("project", "list") == before


@pytest.mark.parametrize(
    ("said", "links"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)], ids=repr
)
def test_a_person_is_asked(home: Home, moved: tuple[Path, Path], said: str, links: bool) -> None:
    from codememory.cli import context

    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return said

    with home.monkeypatch.context() as patch:
        patch.setattr(context, "sys", type("sys", (), {"stdin": Terminal(), "stderr": None, "stdout": None}))
        if links:
            context.agreed("really?", False)
        else:
            import typer

            with pytest.raises(typer.Exit):
                context.agreed("really?", False)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["/nowhere", "."], "/nowhere"),
        (["{old}", "{old}"], "one project already"),
        (["shop", "{new}"], "fits 2 projects"),
        (["prj_ffff", "{new}"], "prj_ffff"),
        (["{old}", "/nowhere/else"], "/nowhere/else"),
    ],
)
def test_a_project_that_is_not_clear_is_one_sentence(
    home: Home, moved: tuple[Path, Path], words: list[str], named: str
) -> None:
    old, new = moved
    before = home.json("project", "list")
    done = home.run("project", "link", *[word.format(old=old, new=new) for word in words], "--yes")
    assert done.code == 1
    assert named in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert home.json("project", "list") == before


def test_an_id_and_a_name_are_projects_too(home: Home, moved: tuple[Path, Path]) -> None:
    other = home.root / "third"
    lived(home, other)
    ids = {root: one["id"] for root, one in listed(home).items()}
    home.json("project", "link", "third", ids[str(moved[1])][:12], "--yes")
    assert str(other) not in listed(home)


def test_every_column_that_names_a_project_or_a_node_is_moved(connection: apsw.Connection) -> None:
    """Tables are found by their definition, so that one that comes later is not forgotten."""
    from codememory.store import linking

    projects = dict(linking._columns_naming(connection, "project"))
    assert {"project_alias", "session", "node", "node_tag", "failure"} <= projects.keys()
    nodes = linking._columns_naming(connection, "node")
    assert {
        ("relation", "node_id"), ("relation", "other_id"), ("attempt", "failure_id"), ("occurrence", "node_id"),
        ("injection", "node_id"), ("evidence", "node_id"), ("node_event", "node_id"), ("pending_update", "node_id"),
        ("guard_act", "node_id"), ("node_tag", "node_id"),
    } <= set(nodes)  # fmt: skip
    text = connection.execute("SELECT group_concat(sql, ' ') FROM sqlite_schema WHERE type = 'table'").get
    assert text.count("REFERENCES project") == len(projects)
    assert text.count("REFERENCES node") <= len(nodes)
