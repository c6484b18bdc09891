"""What docs/SECURITY.md says of files, and no other test shows."""

from __future__ import annotations

import ast
import re
import stat
from pathlib import Path

import pytest
from fixtures.homes import SOURCE, Home

from codememory import budget, hook, trouble
from codememory.hook import EVENTS

SECURITY = (SOURCE / "docs" / "SECURITY.md").read_text("utf-8")
PLACES = SECURITY.partition("## Places")[2].partition("\n## ")[0]


def lived(home: Home) -> str:
    """Run every hook and every note there is, and return the session."""
    made = home.conversation(turns=3)
    for event in sorted(EVENTS):
        home.told(event, made.session, source="startup", prompt="total()", tool_name="Bash", tool_use_id="t")
    return made.session


def of_transcripts(home: Home) -> dict[str, tuple[bytes, int]]:
    """Return path → (content, time last written) of the client's own files."""
    files = (path for path in home.folder.parent.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_the_clients_transcripts_are_never_changed(home: Home) -> None:
    home.set(CODEMEMORY_REDACT="false")
    made = home.transcript()
    made.say("user", "the key is ghp_" + "a8Kd93kfLs02Mdk39fJd82kSl10QpWz4xY7b")
    made.write()
    session = lived(home)
    before = of_transcripts(home)
    home.set(CODEMEMORY_REDACT="true")
    mark = home.mark("decision", "Sum the rows once")
    for words in (
        ["backfill"], ["compact", "--all", "--no-llm"], ["doctor", "--scan", "--repair"], ["memory", "forget", mark],
        ["memory", "forget", session, "--yes"], ["prune", "--older-than", "1", "--yes"], ["watch", "--once"],
        ["uninstall", "--yes", "--purge"],
    ):  # fmt: skip
        assert home.run(*words).code in (0, 1), words
    assert of_transcripts(home) == before


def test_every_file_of_ours_is_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    lived(home)
    budget.tire()
    trouble.announce("a word")
    for _ in range(trouble.FAILURES_MAX):
        trouble.fail("a failure")
    assert trouble.word()
    trouble.announce("another word")
    with monkeypatch.context() as broken:
        broken.setattr(hook, "told", lambda moment, deadline: 1 / 0)
        broken.setattr(hook, "_word", lambda event, stored: "")
        home.told("Stop", "s1")
    folder = home.root / ".claude"
    found = {path.name for path in (*folder.iterdir(), *(folder / "codememory").iterdir())}
    assert found >= {"codememory.db", "codememory.log", "failing", "said", "tired", "word"}
    named = set(re.findall(r"`([^`]+)`", PLACES)) | {"codememory", "projects"}
    named |= {f"codememory.db{name}" for name in named if name.startswith("-")}
    assert found <= named, found - named


@pytest.mark.parametrize(
    "words",
    [["export", "--output"], ["backup", "--output"], ["view", "--output"]],
    ids=lambda words: words[0],
)
def test_what_is_written_for_the_user_is_the_users_alone(home: Home, tmp_path: Path, words: list[str]) -> None:
    lived(home)
    path = tmp_path / "written"
    assert home.run(*words, path).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_redaction_uses_no_regular_expression() -> None:
    for path in sorted((SOURCE / "codememory" / "redact").glob("*.py")):
        for one in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [name.name for name in one.names] if isinstance(one, ast.Import) else []
            names += [one.module or ""] if isinstance(one, ast.ImportFrom) else []
            assert {"re", "regex"}.isdisjoint(names), f"{path.name} imports {names}"
