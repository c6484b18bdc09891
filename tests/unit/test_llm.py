"""A model is asked safely: the exact command, nothing secret in it, nothing left of it, never beyond a limit."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import apsw
import pytest
from fixtures.claude import FakeClaude, is_gone
from fixtures.homes import Home

from codememory import llm
from codememory.store import spending

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
HOUR_MS = 3_600_000


@pytest.fixture
def claude(home: Home) -> FakeClaude:
    """Return the stand-in for the client."""
    return FakeClaude(home)


def ask(connection: apsw.Connection, prompt: str = "Sum it up.", **fields: object) -> llm.Reply:
    given = {"timeout_ms": 10_000, **fields}
    return llm.asked(connection, llm.Question("refine", "haiku", prompt, **given))  # type: ignore[arg-type]


def test_the_command_is_the_one_that_was_measured(home: Home, connection: apsw.Connection, claude: FakeClaude) -> None:
    home.set(CLAUDECODE="1", CLAUDE_CODE_SESSION_ID="s", CLAUDE_PLUGIN_ROOT="/p", CLAUDE_CODE_OAUTH_TOKEN="kept")
    assert ask(connection).text == "Hello."
    (call,) = claude.calls
    assert call["words"] == [
        "-p", "--setting-sources", "", "--strict-mcp-config", "--tools", "", "--disable-slash-commands",
        "--no-session-persistence", "--output-format", "json", "--model", "haiku",
    ]  # fmt: skip
    assert call["given"] == "Sum it up."
    assert call["environment"]["CODEMEMORY_ENABLED"] == "false"
    assert call["environment"]["CLAUDE_CODE_OAUTH_TOKEN"] == "kept"
    assert {"CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CLAUDE_PLUGIN_ROOT"}.isdisjoint(call["environment"])
    assert call["group"] == call["pid"], "a process group of its own"
    assert call["cwd"] == str(home.log.parent), "no project's notes are read"


def test_a_file_is_not_chosen_by_what_is_stored_and_secrets_stay(
    home: Home, connection: apsw.Connection, claude: FakeClaude
) -> None:
    home.set(CODEMEMORY_REDACT="false")
    claude.play("echo")
    reply = ask(connection, f"look at @/etc/passwd, {SECRET} <private>mine</private>")
    (call,) = claude.calls
    assert "@" not in call["given"]
    assert SECRET not in call["given"]
    assert "mine" not in call["given"]
    assert "@/etc/passwd" in reply.text, "what comes back reads as before"


ENDINGS = {
    "hangs": ("hang", 400, "too long"),
    "hangs behind a closed output": ("flood", 10_000, "too much"),
    "fails": ("fail", 10_000, "exit code 3"),
    "prints garbage": ("garbage", 10_000, "no answer"),
    "answers with an error": (("error", "Invalid API key"), 10_000, "Invalid API key"),
    "answers nothing": (("answer", " "), 10_000, "empty"),
}


@pytest.mark.parametrize("case", ENDINGS, ids=str)
def test_a_call_that_ends_badly_is_a_reason(connection: apsw.Connection, claude: FakeClaude, case: str) -> None:
    how, timeout_ms, reason = ENDINGS[case]
    claude.play(how)
    started = time.monotonic()
    reply = ask(connection, timeout_ms=timeout_ms)
    assert reply.text == ""
    assert reason in reply.reason
    assert time.monotonic() - started < 5
    assert reason in spending.totals(connection)["last_reason"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
@pytest.mark.parametrize("how", ["hang", "hang and hide"])
def test_nothing_of_its_group_is_left(connection: apsw.Connection, claude: FakeClaude, how: str) -> None:
    claude.play((how, "Said before it hid."))
    reply = ask(connection, timeout_ms=1_500)
    (call,) = claude.calls
    assert is_gone(call["pid"])
    assert is_gone(call["child"])
    assert bool(reply.text) == (how == "hang and hide"), "what the client itself answered counts"


def test_a_client_that_cannot_be_started_is_a_reason(
    home: Home, connection: apsw.Connection, claude: FakeClaude
) -> None:
    claude.path.write_bytes(b"\x7fELF no program")
    reply = ask(connection)
    assert "cannot be started" in reply.reason


SWITCHES = {
    "CI": ({"CI": "true"}, "CI is set"),
    "switched off": ({"CODEMEMORY_COMPACTION_DISABLE_LLM": "true"}, "DISABLE_LLM"),
    "inside a call of ours": ({"CODEMEMORY_ENABLED": "false"}, "ENABLED"),
    "no client": ({"CODEMEMORY_CLAUDE_BIN": "/nowhere/claude"}, "CLAUDE_BIN"),
    "no client on PATH": ({"CODEMEMORY_CLAUDE_BIN": "", "PATH": "/nowhere"}, "PATH"),
}


@pytest.mark.parametrize("case", SWITCHES, ids=str)
def test_switched_off_never_starts_a_process(
    home: Home, connection: apsw.Connection, claude: FakeClaude, case: str
) -> None:
    variables, reason = SWITCHES[case]
    home.set(**variables)
    with pytest.raises(llm.NoModelError, match=reason):
        ask(connection)
    assert claude.calls == []
    assert spending.totals(connection)["calls"] == 0


def test_a_call_is_counted_before_it_begins_and_outside_a_transaction(
    home: Home, connection: apsw.Connection, claude: FakeClaude
) -> None:
    claude.play("hang")
    other = home.connect()
    found: list[tuple[object, ...]] = []

    def look() -> None:
        time.sleep(0.3)
        other.execute("BEGIN IMMEDIATE")  # would wait if the call were made inside a transaction
        found.extend(other.execute("SELECT outcome, input_tokens FROM model_call").fetchall())
        other.execute("COMMIT")

    looking = threading.Thread(target=look)
    looking.start()
    ask(connection, "x" * 400, timeout_ms=1_000)
    looking.join()
    assert found == [("running", 100)]
    assert connection.execute("SELECT outcome FROM model_call").get == "failed"


def test_the_limit_of_an_hour_holds(home: Home, connection: apsw.Connection, claude: FakeClaude) -> None:
    for _ in range(4):
        ask(connection)
    with pytest.raises(llm.NoModelError, match="per hour"):
        ask(connection)
    assert len(claude.calls) == 4
    assert home.json("status")["llm"] == {
        "calls": 4, "tokens": 440, "refused": 1, "last_reason": "hour", "breaker": "closed",
    }  # fmt: skip
    connection.execute("UPDATE model_call SET begun_at = begun_at - ?", (HOUR_MS,))
    assert ask(connection).text


def test_the_limit_of_a_session_holds(home: Home, connection: apsw.Connection, claude: FakeClaude) -> None:
    home.set(CODEMEMORY_LLM_CALLS_PER_HOUR="100", CODEMEMORY_LLM_CALLS_PER_SESSION="2")
    made = [home.conversation(turns=1), home.conversation(turns=1)]
    home.json("backfill")
    first, second = (row[0] for row in connection.execute("SELECT session_id FROM session ORDER BY 1").fetchall())
    assert len(made) == 2
    for _ in range(2):
        ask(connection, session_id=first)
    with pytest.raises(llm.NoModelError, match="this session"):
        ask(connection, session_id=first)
    assert ask(connection, session_id=second).text


def test_two_processes_together_do_not_exceed_the_limit(
    home: Home, connection: apsw.Connection, claude: FakeClaude
) -> None:
    refused: list[str] = []

    def several() -> None:
        own = home.connect()
        for _ in range(4):
            try:
                ask(own)
            except llm.NoModelError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=several) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 4
    assert connection.execute("SELECT count(*) FROM model_call").get == 4


def test_failures_open_the_breaker_and_an_hour_closes_it(
    home: Home, connection: apsw.Connection, claude: FakeClaude
) -> None:
    home.set(CODEMEMORY_LLM_CALLS_PER_HOUR="100")
    claude.play("fail")
    for _ in range(spending.BREAKER_FAILURES):
        assert not ask(connection).text
    with pytest.raises(llm.NoModelError, match="last calls failed"):
        ask(connection)
    assert home.json("status")["llm"]["breaker"] == "open"
    connection.execute(
        "UPDATE model_call SET begun_at = begun_at - :h, ended_at = ended_at - :h", {"h": HOUR_MS + 1000}
    )
    assert home.json("status")["llm"]["breaker"] == "closed"
    assert not ask(connection).text, "one call is let through"
    with pytest.raises(llm.NoModelError, match="last calls failed"):
        ask(connection)
    connection.execute(
        "UPDATE model_call SET begun_at = begun_at - :h, ended_at = ended_at - :h", {"h": HOUR_MS + 1000}
    )
    claude.play(("answer", "Well again."))
    assert ask(connection).text
    assert ask(connection).text


def test_a_call_whose_process_was_killed_counts_as_failed(connection: apsw.Connection) -> None:
    now = 10 * HOUR_MS
    for _ in range(spending.BREAKER_FAILURES):
        spending.begin(connection, None, "refine", None, "haiku", 10, now - spending.LOST_MS - 1)
    assert spending.refusal(connection, None, 100, 100, now) == spending.BY_BREAKER


def test_one_that_still_runs_does_not(connection: apsw.Connection) -> None:
    now = 10 * HOUR_MS
    for _ in range(spending.BREAKER_FAILURES):
        spending.begin(connection, None, "refine", None, "haiku", 10, now - 1000)
    assert spending.refusal(connection, None, 100, 100, now) is None


def test_calls_are_kept_up_to_a_limit(connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "CALLS_MAX", 3)
    for at in range(10):
        spending.begin(connection, None, "refine", None, "haiku", 1, at)
    assert connection.execute("SELECT count(*) FROM model_call").get == 3


def test_a_long_prompt_reaches_a_slow_reader_whole(connection: apsw.Connection, claude: FakeClaude) -> None:
    ask(connection, "wörd " * 60_000)
    assert claude.calls[0]["given"] == "wörd " * 60_000


def test_it_is_found_on_path(home: Home, connection: apsw.Connection, claude: FakeClaude) -> None:
    home.set(CODEMEMORY_CLAUDE_BIN="", PATH=str(Path(claude.path).parent))
    assert ask(connection).text == "Hello."
