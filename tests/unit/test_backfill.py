"""Which files are transcripts to take in: those below the client's folder, through links of its user's too."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from fixtures.homes import Home

from codememory import ahead, backfill, db


def moved(home: Home, link: Path, target: Path) -> Path:
    """Move a folder away, leave a link in its place, and return the folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    link.rename(target)
    link.symlink_to(target, target_is_directory=True)
    return target


@pytest.mark.parametrize("part", [".claude", ".claude/projects", ".claude/projects/-project"])
def test_a_folder_that_was_moved_is_found_through_its_link(home: Home, part: str) -> None:
    made = home.conversation()
    moved(home, home.root / part, home.root / "other disk" / "moved")
    assert backfill.files_of([]) == [str(made.path)]
    assert home.json("backfill")["messages_added"] > 0
    home.told("Stop", made.session)
    assert home.json("watch", "--status")["behind"] == [], "hooks and backfill know it by one name"


def test_links_in_a_circle_end(home: Home) -> None:
    made = home.conversation()
    above = home.folder.parent
    for name, target in {"self": above, "above": home.root, "own": home.folder, "lost": home.root / "gone"}.items():
        (above / name).symlink_to(target, target_is_directory=True)
        (home.folder / name).symlink_to(target, target_is_directory=True)
    assert backfill.files_of([]) == [str(made.path)]


def test_each_file_counts_once_however_many_links_lead_to_it(home: Home) -> None:
    made = home.conversation()
    target = moved(home, home.folder, home.root / "moved")
    (home.folder.parent / "-twice").symlink_to(target, target_is_directory=True)
    (target / "again.jsonl").symlink_to(made.path)
    assert len(backfill.files_of([])) == 1
    assert home.json("backfill")["files"] == 1


def test_a_link_below_a_project_is_not_followed(home: Home) -> None:
    made = home.conversation()
    other = home.transcript()
    other.folder = home.root / "elsewhere"
    other.folder.mkdir()
    other.write()
    (home.folder / "linked").symlink_to(other.folder, target_is_directory=True)
    assert backfill.files_of([]) == [str(made.path)]


def test_what_no_hook_told_of_is_behind_too(home: Home) -> None:
    made = home.conversation()
    size = made.path.stat().st_size
    assert home.json("status")["ingest"]["behind_bytes"] == size
    assert f"{size:,} bytes not yet taken in" in home.run("status").out.decode()
    home.json("backfill")
    assert home.json("status")["ingest"]["behind_bytes"] == 0


def test_a_fault_while_the_log_is_moved_reaches_whoever_imports(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = db.connect(str(home.root / "memory.db"))

    def refuse(*_: object) -> None:
        raise apsw.CorruptError("malformed")

    monkeypatch.setattr(backfill, "WAL_BYTES_MAX", 0)
    monkeypatch.setattr(db, "shorten_wal", refuse)
    with ahead.Ahead([], False) as reading:
        transaction = backfill._Transaction(connection, reading)
        transaction.begin()
        connection.execute("CREATE TABLE one (x)")
        with pytest.raises(apsw.CorruptError):
            transaction.end()
