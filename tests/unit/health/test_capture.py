"""Is what `doctor` says about capture true: compared with transcripts and the client's records."""

from __future__ import annotations

import errno
import json
import os
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript

from codememory import backfill, mishap, trouble
from codememory.health import capture
from codememory.install import entries

DAY = 86_400


def checks(home: Home) -> dict[str, Any]:
    """Return the checks of doctor by name."""
    return {one["name"]: one for one in home.run("doctor", "--json").json["checks"]}


def settings(home: Home, **given: Any) -> None:
    """Write the client's settings."""
    (home.root / ".claude" / "settings.json").write_text(json.dumps(given))


def aged(made: Transcript, days: float) -> None:
    """Make a transcript so old."""
    at = time.time() - days * DAY
    os.utime(made.path, (at, at))


@pytest.mark.parametrize(
    ("days", "given", "ok"),
    [
        pytest.param(1, {}, True, id="new"),
        pytest.param(22, {}, True, id="a week and a day left"),
        pytest.param(24, {}, False, id="six days left"),
        pytest.param(24, {"cleanupPeriodDays": 90}, True, id="kept longer"),
        pytest.param(5, {"cleanupPeriodDays": 10}, False, id="kept shorter"),
        pytest.param(500, {"cleanupPeriodDays": 0}, True, id="never cleaned"),
        pytest.param(24, {"cleanupPeriodDays": "soon"}, False, id="no number"),
    ],
)
def test_a_word_before_the_client_deletes_what_is_not_taken_in(
    home: Home, days: int, given: dict[str, Any], ok: bool
) -> None:
    settings(home, **given)
    aged(home.conversation(), days)
    found = checks(home)["ingest"]
    assert found["ok"] is ok
    assert ("codememory backfill" in found["detail"]) is not ok
    if not ok:
        assert "ingest" in home.run("doctor", "--repair", "--json").json["repaired"]
        assert checks(home)["ingest"]["ok"] is True
        assert home.json("status")["counts"]["messages"] > 0


def test_what_is_taken_in_may_be_deleted(home: Home) -> None:
    made = home.conversation()
    home.json("backfill", "--quiet")
    aged(made, 29)
    home.json("backfill", "--quiet")
    assert checks(home)["ingest"]["ok"] is True


def test_transcripts_that_nobody_read_are_counted(home: Home) -> None:
    made = home.conversation()
    assert f"{len(made.data)} bytes not yet taken in, in 1 file" in checks(home)["ingest"]["detail"]


def test_events_that_never_fire_are_named(home: Home) -> None:
    made = home.conversation()
    home.told("Stop", made.session)
    found = checks(home)["hooks"]
    assert found["ok"] is True, "a single run says little"
    for _ in range(capture.RUNS_MIN):
        home.told("Stop", made.session)
    found = checks(home)["hooks"]
    assert found["ok"] is False
    assert "never fired: SessionStart, UserPromptSubmit, PreToolUse, PostToolUse" in found["detail"]
    for event in capture.EXPECTED_EVENTS:
        home.told(event, made.session, source="startup", tool_name="Read", tool_use_id="t")
    assert checks(home)["hooks"]["ok"] is True


def begun(home: Home) -> None:
    """Make the database as old as the transcripts of the tests."""
    home.connect().execute("UPDATE project SET created_at = (SELECT min(started_at) FROM session)")


def test_failing_commands_of_which_no_hook_told(home: Home) -> None:
    made = home.transcript()
    for number in range(capture.FAILED_MIN):
        made.tool("Bash", {"command": "true"}, "")
        made.failing(f"false {number}", "boom")
    made.write()
    for event in capture.EXPECTED_EVENTS:
        for _ in range(capture.FAILED_MIN):
            home.told(event, made.session, source="startup", tool_name="Read", tool_use_id="t")
    assert checks(home)["hooks"]["ok"] is True, "they may be older than the hooks"
    begun(home)
    found = checks(home)["hooks"]
    assert (found["ok"], "never fired: PostToolUseFailure" in found["detail"]) == (False, True)
    home.told("PostToolUseFailure", made.session, tool_name="Read", tool_use_id="t")
    assert checks(home)["hooks"]["ok"] is True


@pytest.mark.parametrize(("prompts", "ok"), [(capture.PROMPTS_MIN - 1, True), (capture.PROMPTS_MIN, False)])
def test_prompts_of_which_no_hook_told(home: Home, prompts: int, ok: bool) -> None:
    made = home.transcript()
    for number in range(prompts):
        made.say("user", f"question {number}")
    made.write()
    for _ in range(capture.PROMPTS_MIN):
        home.told("Stop", made.session)
    begun(home)
    assert checks(home)["hooks"]["ok"] is ok


def test_what_is_no_file_among_the_transcripts_costs_only_itself(home: Home) -> None:
    made = home.conversation()
    os.mkfifo(made.path.with_name("11111111-1111-4111-8111-111111111111.jsonl"))
    loop = made.path.with_name("22222222-2222-4222-8222-222222222222.jsonl")
    loop.symlink_to(loop.name)
    made.path.with_name("33333333-3333-4333-8333-333333333333.jsonl").mkdir()
    assert backfill.files_of([]) == [str(made.path)], "or reading the pipe never ends"
    assert checks(home)["hooks"]["ok"] is True
    home.json("backfill", "--quiet")
    assert home.json("status")["counts"]["messages"] > 0


def test_runs_that_the_client_recorded_and_we_did_not_count(home: Home) -> None:
    made = home.conversation()
    for _ in range(3):
        made.attachment("hook_success", hookEvent="PreToolUse", exitCode=0, stdout="<codememory>…", command="x")
    made.attachment("hook_success", hookEvent="Stop", exitCode=0, stdout="somebody else's")
    made.write()
    found = checks(home)["hooks"]
    assert found["ok"] is False
    assert "more runs than were counted at PreToolUse" in found["detail"]
    for _ in range(3):
        home.told("PreToolUse", made.session, tool_name="Read", tool_use_id="t")
    assert checks(home)["hooks"]["ok"] is True


def test_the_session_in_which_the_program_was_still_being_built_is_no_loss(home: Home) -> None:
    made = home.conversation()
    word = '{"systemMessage": "CodeMemory is building its Python environment"}'
    made.attachment("hook_success", hookEvent="SessionStart", exitCode=0, stdout=word, command="bin/codememory hook")
    made.write()
    home.told("Stop", made.session)
    assert checks(home)["hooks"]["ok"] is True


def test_errors_that_the_client_recorded(home: Home) -> None:
    made = home.conversation()
    made.attachment(
        "hook_non_blocking_error", hookEvent="Stop", exitCode=1, stderr="x", command="bin/codememory hook Stop"
    )
    made.write()
    found = checks(home)["hooks"]
    assert found["ok"] is False
    assert "errors of our hooks at Stop" in found["detail"]


def recorded_now(made: Transcript, kind: str, event: str, seconds_ago: int = 0) -> None:
    """Add a record that the client made of one of our hooks so long ago."""
    made.attachment(kind, hookEvent=event, stderr="x", command=f"bin/codememory hook {event}")
    line = json.loads(made.lines[-1])
    line["timestamp"] = datetime.fromtimestamp(time.time() - seconds_ago, UTC).isoformat()
    made.lines[-1] = json.dumps(line).encode()
    made.write()


def test_records_older_than_the_database_say_nothing_of_it(home: Home) -> None:
    made = home.conversation()
    for _ in range(9):
        recorded_now(made, "hook_success", "SessionStart", 86_400)
        recorded_now(made, "hook_non_blocking_error", "Stop", 86_400)
    home.told("SessionStart", made.session, source="startup")
    assert checks(home)["hooks"]["ok"] is True
    for _ in range(2):
        recorded_now(made, "hook_success", "SessionStart")
    assert "more runs than were counted at SessionStart" in checks(home)["hooks"]["detail"]


def test_a_record_that_a_fork_holds_too_is_one_run(home: Home) -> None:
    made = home.conversation()
    home.told("SessionStart", made.session, source="startup")
    recorded_now(made, "hook_success", "SessionStart")
    made.fork().write()
    assert checks(home)["hooks"]["ok"] is True


def test_an_error_is_over_when_the_hook_runs_again(home: Home) -> None:
    made = home.conversation()
    home.told("Stop", made.session)
    recorded_now(made, "hook_non_blocking_error", "Stop")
    assert checks(home)["hooks"]["ok"] is False
    home.told("Stop", made.session)
    found = checks(home)["hooks"]
    assert found["ok"] is True and "errors of our hooks at Stop, the latest at" in found["detail"]


def test_errors_that_come_again_and_again_are_not_over(home: Home) -> None:
    made = home.conversation()
    home.told("Stop", made.session)
    for _ in range(capture.ERRORS_MAX):
        recorded_now(made, "hook_cancelled", "Stop")
    home.told("Stop", made.session)
    assert checks(home)["hooks"]["ok"] is False


@pytest.mark.parametrize("broken", ["[]", "{", "7", '{"hooks": 7, "enabledPlugins": "x", "cleanupPeriodDays": -3}'])
def test_settings_that_make_no_sense_are_survived(home: Home, broken: str) -> None:
    (home.root / ".claude" / "settings.json").write_text(broken)
    found = checks(home)
    assert found["wiring"]["ok"] is True
    assert found["ingest"]["ok"] is True


HOOKS = {"Stop": [{"hooks": [{"type": "command", "command": "/x/bin/codememory hook Stop"}]}]}
EXEC_FORM = {"Stop": [{"hooks": [{"type": "command", "command": "/x/bin/codememory", "args": ["hook", "Stop"]}]}]}


@pytest.mark.parametrize(
    ("given", "ok", "said"),
    [
        ({"enabledPlugins": {"codememory@codememory": True}}, True, "by the plugin"),
        ({"hooks": HOOKS}, True, "by the settings"),
        ({"hooks": HOOKS, "enabledPlugins": {"codememory@codememory": True}}, False, "twice"),
        ({"hooks": HOOKS, "enabledPlugins": {"codememory@codememory": False}}, True, "by the settings"),
        ({"hooks": {"Stop": [{"hooks": [{"command": "other"}]}]}}, True, "neither"),
        ({"hooks": EXEC_FORM}, True, "by the settings"),
        ({"hooks": EXEC_FORM, "enabledPlugins": {"codememory@codememory": True}}, False, "twice"),
        ({"hooks": entries.hooks()}, True, "by the settings"),
        ({"hooks": entries.hooks(), "enabledPlugins": {"codememory@codememory": True}}, False, "twice"),
        ({"hooks": {"Stop": [7, {"hooks": 7}, {"hooks": [7, {"args": 7}]}]}}, True, "neither"),
    ],
)
def test_hooks_that_are_wired_twice(home: Home, given: dict[str, Any], ok: bool, said: str) -> None:
    settings(home, **given)
    found = checks(home)["wiring"]
    assert (found["ok"], said in found["detail"]) == (ok, True)


def test_hooks_that_run_and_store_nothing(home: Home) -> None:
    """Hooks ran just now, the transcript grew, and the newest that is stored is old."""
    made = home.conversation()
    home.told("Stop", made.session)
    assert checks(home)["storing"]["ok"] is True
    home.connect().execute("UPDATE transcript SET modified_at = modified_at - 7200000000000")
    made.say("user", "and on")
    made.write()
    found = checks(home)["storing"]
    assert found["ok"] is False
    assert "nothing was stored since" in found["detail"]
    assert any("nothing was stored since" in one for one in home.json("status")["warnings"])
    assert "nothing was stored since" in home.run("status").out.decode()
    home.json("backfill", "--quiet")
    assert checks(home)["storing"]["ok"] is True
    assert home.json("status")["warnings"] == []


def test_a_capture_that_fails_three_times_is_said_once(home: Home) -> None:
    for number in range(trouble.FAILURES_MAX):
        assert trouble.word() == ""
        trouble.fail(f"BusyError: {number}")
    said = trouble.word()
    assert "last 3 hooks" in said
    assert "BusyError: 2" in said
    assert trouble.word() == "", "once"
    trouble.fail("BusyError: again")
    assert trouble.word() == ""
    assert "BusyError: again" in checks(home)["storing"]["detail"]
    trouble.work()
    assert trouble.failing() == []
    for number in range(trouble.FAILURES_MAX):
        trouble.fail(f"FullError: {number}")
    assert "FullError: 2" in trouble.word(), "a new trouble is a new word"


def test_notes_are_bounded(home: Home) -> None:
    for _ in range(1_000):
        trouble.fail("x" * 300)
    folder = home.root / ".claude" / "codememory"
    assert (folder / "failing").stat().st_size < 2 * trouble.BYTES_MAX


def full(*_: Any, **__: Any) -> Any:
    """Do as a disk without a free block does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_only(*_: Any, **__: Any) -> Any:
    """Do as a disk that is mounted read-only does."""
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_failures_are_counted_on_a_full_disk(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        for _ in range(trouble.FAILURES_MAX):
            assert trouble.word() == ""
            assert trouble.fail("FullError: x") is True
        assert "last 3 hooks" in trouble.word()
        assert trouble.word() == "", "once"
    assert checks(home)["storing"]["ok"] is False
    trouble.fail("BusyError: and then")
    assert trouble.failing() == [trouble.NO_ROOM] * 3 + ["BusyError: and then"]
    trouble.work()
    assert trouble.failing() == []
    assert checks(home)["storing"]["ok"] is True
    for _ in range(trouble.FAILURES_MAX):
        trouble.fail("FullError: again")
    assert "FullError: again" in trouble.word(), "a new trouble is a new word"


def test_a_line_that_is_cut_short_by_a_full_disk_is_one_failure(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda file, data: write(file, data[:4]))
        trouble.fail("FullError: x")
    trouble.fail("FullError: y")
    assert trouble.failing() == ["Full", "FullError: y"]


def test_a_failure_that_cannot_be_counted_is_said_at_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    error = OSError(errno.EROFS, "Read-only file system")
    monkeypatch.setattr(os, "open", read_only)
    assert mishap.word_on("Stop", error) == ""
    said = mishap.word_on("SessionStart", error)
    assert "cannot store anything (A file cannot be used" in said
    assert "read-only" in said


@pytest.mark.parametrize("broken", [full, read_only])
def test_a_folder_that_takes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch, broken: Any) -> None:
    home.told("Stop", home.conversation().session)
    monkeypatch.setattr(capture, "TemporaryFile", broken)
    found = checks(home)["storing"]
    assert (found["ok"], "cannot write in" in found["detail"]) == (False, True)
    assert any("cannot write in" in one for one in home.json("status")["warnings"])
