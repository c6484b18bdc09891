"""The replay is honest: it looks at nothing from later, fires what the client fired, and repeats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.transcripts import Names, Transcript

from benchmarks import replay

COMMAND = "python check_total.py"
OUTPUT = "Traceback (most recent call last):\n  File \"total.py\", line 3, in total\nKeyError: 'net'"
CWD = "/srv/replayed"


class Days(Transcript):
    """A transcript of a given day."""

    day = 1

    def moment(self, seconds: int) -> str:  # type: ignore[override]
        """Return a time on this day."""
        return f"2026-03-{self.day:02d}T10:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000Z"


def session(folder: Path, names: Names, day: int) -> Days:
    made = Days(folder, CWD, names)
    made.day = day
    return made


def repaired(made: Days) -> None:
    made.failing(COMMAND, OUTPUT)
    made.tool("Edit", {"file_path": f"{CWD}/total.py", "old_string": "net", "new_string": "net_amount"}, "Updated.")
    made.tool("Bash", {"command": COMMAND}, "ok")


@pytest.fixture
def folder(tmp_path: Path, home: Home) -> Path:
    made = tmp_path / "transcripts"
    made.mkdir()
    return made


def without_times(report: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name != "milliseconds"}


def test_a_remedy_is_told_in_a_later_session_only(folder: Path, names: Names) -> None:
    first, second = session(folder, names, 1), session(folder, names, 2)
    repaired(first)
    second.failing(COMMAND, OUTPUT)
    first.write()
    second.write()
    found = replay.replayed(folder)
    assert (found["failing_calls"], found["confirmed_remedy_said"]) == (2, 0.5)
    assert found["known_from_an_earlier_session"] == 0.5
    assert found["commands"] == 3
    assert found["remedies_that_are_failing_commands"] == 0


def test_what_comes_later_is_not_known(folder: Path, names: Names) -> None:
    first, second = session(folder, names, 2), session(folder, names, 1)
    repaired(first)
    second.failing(COMMAND, OUTPUT)
    first.write()
    second.write()
    assert replay.replayed(folder)["confirmed_remedy_said"] == 0.0


def test_the_end_of_a_session_does_not_change_what_was_said_before(folder: Path, names: Names, tmp_path: Path) -> None:
    made = session(folder, names, 1)
    for _ in range(3):
        made.failing(COMMAND, OUTPUT)
    whole = made.data
    made.path.write_bytes(b"".join(line + b"\n" for line in made.lines[:-1]))
    cut = replay.replayed(folder)["guard"]
    made.path.write_bytes(whole)
    assert replay.replayed(folder)["guard"]["acted"] == 1
    assert cut["acted"] == 0, "its last run never ended, so it is not judged"


def test_the_guard_is_judged_by_what_followed(folder: Path, names: Names) -> None:
    made = session(folder, names, 1)
    made.failing(COMMAND, OUTPUT)
    made.failing(COMMAND, OUTPUT)
    made.tool("Bash", {"command": COMMAND}, "ok")
    made.write()
    assert replay.replayed(folder)["guard"] == {"acted": 1, "precision": 0.0, "false_per_1000_commands": 333.333}


def test_a_fork_fires_no_hook_for_what_it_copied(folder: Path, names: Names) -> None:
    made = session(folder, names, 1)
    repaired(made)
    made.write()
    alone = replay.replayed(folder)
    made.fork(cwd=CWD).write()
    forked = replay.replayed(folder)
    assert forked["commands"] == alone["commands"] == 2
    assert forked["hooks_fired"] == alone["hooks_fired"]


def test_a_call_that_the_client_refused_fires_no_hook(folder: Path, names: Names) -> None:
    made = session(folder, names, 1)
    made.tool("Edit", {"file_path": f"{CWD}/a.py", "old_string": "a", "new_string": "b"},
              "<tool_use_error>String to replace not found in file.</tool_use_error>", error=True)  # fmt: skip
    made.write()
    assert replay.replayed(folder)["hooks_fired"] == 1, "only that of the session's start"


def test_files_of_today_are_not_looked_at(folder: Path, names: Names, home: Home) -> None:
    (home.project / "total.py").write_text("today = 1\n")
    made = Days(folder, str(home.project), names)
    made.failing(COMMAND, OUTPUT)
    made.write()
    played = replay.Replay(folder)
    with replay._without_files_of_today():
        played.run(replay.steps_of(folder))
    assert played.connection.execute("SELECT contents FROM failure").get == "{}"


def test_it_repeats(folder: Path, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEMEMORY_GUARD", "off")
    for day in (1, 2, 3):
        made = session(folder, names, day)
        repaired(made)
        for _ in range(3):
            made.failing(COMMAND, OUTPUT)
        made.write()
    first = replay.replayed(folder)
    assert first["guard"]["acted"] > 0, "default settings, whatever the environment says"
    assert without_times(replay.replayed(folder)) == without_times(first)


def test_the_command_prints_json(folder: Path, names: Names, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    made = session(folder, names, 1)
    repaired(made)
    made.write()
    monkeypatch.setattr("sys.argv", ["replay", str(folder)])
    replay.main()
    found = json.loads(capsys.readouterr().out)
    assert {"warning", "guard", "base_rate_of_failing", "tokens_said_per_session", "milliseconds"} <= set(found)


def test_what_is_said_twice_is_seen_in_the_texts_themselves() -> None:
    once = "Rules:\n- Never round [mem_a, by the user, 3d ago]\n- `make` failed once, last 1h ago: “x” [mem_b]"
    later = "- Never round [mem_a, by the user, 4d ago]\n- `make` failed 2 times, last 3h ago: “x” [mem_b]"
    assert replay.memories_in(once) == replay.memories_in(later)
    assert len(replay.memories_in(once)) == 2
    fixed = "- `make` failed once, last 1h ago: “x”. Fixed 1h ago: “y” [mem_b]"
    assert replay.memories_in(fixed) != replay.memories_in(once)[1:], "a remedy is news"


def test_a_session_is_told_nothing_twice_until_the_client_compacts(folder: Path, names: Names) -> None:
    first = session(folder, names, 1)
    first.say("user", "Never edit ledger.py by hand, always run the generator of the ledger.")
    first.write()
    second = session(folder, names, 2)
    edit = ("Edit", {"file_path": f"{CWD}/ledger.py", "old_string": "a", "new_string": "b"}, "Updated.")
    second.say("user", "edit the ledger")
    second.tool(*edit)
    second.tool(*edit)
    second.boundary()
    second.summary("so far")
    second.tool(*edit)
    second.write()
    found = replay.replayed(folder)
    assert found["said_twice_between_compactions"] == 0
    assert found["memories_said"] == 2
