"""A model's text replaces a leaf's extractive one only where it is smaller, its own, and keeps what matters."""

from __future__ import annotations

import apsw
import pytest
from fixtures.claude import FakeClaude
from fixtures.homes import Home
from fixtures.transcripts import Transcript

from codememory import refine
from codememory.budget import Deadline
from codememory.score import text_tokens
from codememory.store import spending, summaries

CHECK = "python3 -m pytest tests/test_total.py"
BROKEN = "FAILED tests/test_total.py::test_total - AssertionError: assert 10.01 == 10.0"


@pytest.fixture
def made(home: Home, claude: FakeClaude) -> Transcript:
    """Return a session with one leaf: a failure, an edit, its repair and much talk."""
    one = home.transcript()
    one.say("user", "make the invoice total right, and never round before summing")
    one.failing(CHECK, BROKEN)
    edit = {
        "file_path": str(home.project / "total.py"),
        "old_string": "sum(round(x, 2))",
        "new_string": "round(sum(x), 2)",
    }
    one.tool("Edit", edit, "Updated.")
    one.tool("Bash", {"command": CHECK}, "1 passed in 0.02s")
    for number in range(40):
        one.say(
            "assistant",
            [{"type": "text", "text": f"Looking at part {number} of the ledger: it sums row {number * 7}."}],
        )
    one.write()
    home.json("backfill", one.path)
    home.json("compact", "--session", one.session, "--no-llm")
    assert claude.calls == []
    return one


def leaf(home: Home) -> summaries.Summary:
    """Return the one leaf."""
    connection = home.connect()
    return summaries.load(connection, connection.execute("SELECT summary_id FROM summary WHERE kind = 'leaf'").get)


def good(home: Home) -> str:
    """Return an answer that keeps every anchor of the leaf."""
    ids = " ".join(f"[{one}]" for one in refine.ids("", leaf(home).text))
    return (
        f"Goal: a right invoice total.\nWork: total.py sums first and rounds once, as rounding rows drifts {ids}.\n"
        f"Checks: `{CHECK}` → exit 1 with 10.01 against 10.0, then ok."
    )


def compact(home: Home, made: Transcript, *words: str) -> dict[str, object]:
    """Run `compact` and return its document."""
    found: dict[str, object] = home.json("compact", "--session", made.session, *words)
    return found


def test_a_good_answer_takes_the_place(home: Home, made: Transcript, claude: FakeClaude) -> None:
    before = leaf(home)
    claude.play(("answer", f"```\n{good(home)}\n```"))
    found = compact(home, made)
    after = leaf(home)
    assert (found["refined"], found["llm_reason"]) == ([before.id], "")
    assert (after.id, after.method, after.text) == (before.id, "model", good(home))
    assert after.tokens == text_tokens(after.text) < after.source_tokens
    assert before.text in claude.calls[0]["given"]
    assert "part 39 of the ledger" in claude.calls[0]["given"]
    assert compact(home, made)["refined"] == []
    assert len(claude.calls) == 1, "what is refined is not refined again"
    covered = home.json("expand", after.id, "--token-budget", "0")["messages"]
    assert len(covered) == len(home.json("expand", made.session, "--token-budget", "0")["messages"])
    assert home.json("doctor")["checks"]


def test_lost_ids_and_a_lost_file_are_put_back(home: Home, made: Transcript, claude: FakeClaude) -> None:
    claude.play(
        (
            "answer",
            f"They summed first and rounded once at the end of it, after `{CHECK}` → exit 1. All is well now, it.",
        )
    )
    before = leaf(home)
    assert compact(home, made)["refined"] == [before.id]
    after = leaf(home)
    for anchor in ("total.py", CHECK, *refine.ids("", before.text)):
        assert anchor in after.text
    assert after.text.startswith("They summed first")


REFUSED = {
    "hangs": ("hang", "too long"),
    "fails": ("fail", "exit code 3"),
    "garbage": ("garbage", "no answer"),
    "too much output": ("flood", "too much"),
    "an error": (("error", "Credit balance is too low"), "Credit balance"),
    "nothing": (("answer", ""), "empty"),
    "its input back": ("echo", "it repeated the task"),
    "a word": (("answer", "OK."), "too short"),
    "too long": (("answer", "Round. " * 9_000), "longer than"),
    "another story": (
        ("answer", "A poem about the sea, its waves and its many moods, told at length, " * 3),
        "left out",
    ),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_the_extractive_text_stays(
    home: Home, made: Transcript, claude: FakeClaude, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    how, reason = REFUSED[case]
    monkeypatch.setattr(refine, "CALL_TIMEOUT_MS", 1_000)
    before = leaf(home)
    claude.play(how)
    found = compact(home, made)
    after = leaf(home)
    assert (after.method, after.text) == ("extractive", before.text)
    assert found["refined"] == []
    assert reason in str(found["llm_reason"])
    assert reason in home.json("status")["llm"]["last_reason"]


def test_its_own_sources_are_no_summary(home: Home, made: Transcript, claude: FakeClaude) -> None:
    source = refine._source(home.connect(), leaf(home))
    claude.play(("answer", source[: refine._tokens_max(leaf(home)) * 2]), ("answer", leaf(home).text))
    assert "repeated the present summary" in str(compact(home, made)["llm_reason"])
    reasons = [row[0] for row in home.connect().execute("SELECT reason FROM model_call ORDER BY call_id")]
    assert "copied the messages" in reasons[0]
    assert leaf(home).method == "extractive"


def test_rejected_twice_is_given_up_for_good(home: Home, made: Transcript, claude: FakeClaude) -> None:
    claude.play(("answer", "OK."))
    compact(home, made)
    assert len(claude.calls) == 2, "one retry"
    assert "too short" in claude.calls[1]["given"], "which is told why"
    claude.play(("answer", good(home)))
    assert compact(home, made)["refined"] == []
    assert claude.calls == []


def test_the_retry_is_taken(home: Home, made: Transcript, claude: FakeClaude) -> None:
    claude.play(("answer", "OK."), ("answer", good(home)))
    assert compact(home, made)["refined"] == [leaf(home).id]
    assert leaf(home).method == "model"


@pytest.mark.parametrize("words", [("--no-llm",), ()], ids=["--no-llm", "switched off"])
def test_without_a_model_no_process_is_started(
    home: Home, made: Transcript, claude: FakeClaude, words: tuple[str, ...]
) -> None:
    if not words:
        home.set(CODEMEMORY_COMPACTION_DISABLE_LLM="true")
    compact(home, made, *words)
    assert claude.calls == []


def test_the_limit_holds_over_many_leaves(home: Home, claude: FakeClaude) -> None:
    home.set(CODEMEMORY_LLM_CALLS_PER_HOUR="3", CODEMEMORY_LEAF_CHUNK_TOKENS="100")
    one = home.conversation(turns=12)
    home.json("backfill")
    claude.play("garbage")
    found = compact(home, one)
    assert len(found["created"]) > 4  # type: ignore[arg-type]
    assert len(claude.calls) == 3
    assert "No model was asked" in str(found["llm_reason"])


def test_private_text_reaches_no_model(home: Home, claude: FakeClaude) -> None:
    home.set(CODEMEMORY_REDACT="false")
    one = home.conversation(turns=3)
    one.say("user", "the key is <private>hunter2hunter2</private>, use it @/etc/passwd")
    one.write()
    home.json("backfill")
    compact(home, one)
    assert claude.calls
    assert all("hunter2hunter2" not in call["given"] and "@" not in call["given"] for call in claude.calls)


def test_the_background_entry_refines_and_print_mode_does_not(home: Home, made: Transcript, claude: FakeClaude) -> None:
    claude.play(("answer", good(home)))
    for entrypoint, calls in (("sdk-cli", 0), ("cli", 1)):
        done = home.hook("Stop", home.payload("Stop", made.session), "--background", CLAUDE_CODE_ENTRYPOINT=entrypoint)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert len(claude.calls) == calls
    assert leaf(home).method == "model"


def test_no_other_hook_asks_a_model(home: Home, made: Transcript, claude: FakeClaude) -> None:
    made.say("user", "go on")
    made.write()
    for event in ("UserPromptSubmit", "PreToolUse", "PostToolUse", "Stop", "PreCompact", "PostCompact", "SessionEnd"):
        home.hook(event, home.payload(event, made.session, prompt="go on", compact_summary="so far"))
    assert claude.calls == []


def test_a_leaf_that_changed_meanwhile_is_left(
    home: Home, made: Transcript, claude: FakeClaude, connection: apsw.Connection
) -> None:
    one = leaf(home)
    assert summaries.refine(connection, one.summary_id, "first", 2)
    assert not summaries.refine(connection, one.summary_id, "second", 2)
    assert not refine.refine(connection, [], Deadline()).refined


def test_a_parent_stays_smaller_than_its_children(home: Home, claude: FakeClaude, connection: apsw.Connection) -> None:
    home.set(CODEMEMORY_LEAF_CHUNK_TOKENS="100", CODEMEMORY_CONDENSED_MIN_FANOUT="2")
    one = home.conversation(turns=12)
    home.json("backfill")
    compact(home, one, "--no-llm")
    row = connection.execute(
        "SELECT summary_id, parent_id FROM summary WHERE kind = 'leaf' AND parent_id IS NOT NULL"
    ).fetchone()
    child, parent = row[0], summaries.load(connection, row[1])
    before = summaries.load(connection, child)
    changed = summaries.refine(connection, child, "x", 1)
    after = summaries.load(connection, parent.summary_id)
    assert after.tokens < after.source_tokens
    assert changed == (parent.source_tokens - before.tokens + 1 > parent.tokens)
    assert after.source_tokens == parent.source_tokens + (1 - before.tokens if changed else 0)


ENTRIES = {
    "a file": ("Changed:", "- src/total.py ×2 [0a1b2c3d]", {"src/total.py"}),
    "a file with a reason": ("Changed:", "- total.py (total, main): rounds once [0a1b2c3d]", {"total.py"}),
    "a file without an ending": ("Changed:", "- Make file ×3 [0a1b2c3d]", {"Make file"}),
    "a file without a heading": ("", "- src/total.py: why [0a1b2c3d]", {"src/total.py"}),
    "a failing command": ("Ran:", "- `make check` → exit 2 ×2, ok [0a1b2c3d]", {"make check"}),
    "one typed otherwise": ("Ran:", "- `make  check` failed alike", {"make check"}),
    "one over two lines": ("Ran:", "- `make \\\n  check` → failed [0a1b2c3d]", {"make \\ check"}),
    "one that passed": ("Ran:", "- `ls -l` → ok [0a1b2c3d]", set()),
    "cut": ("Ran:", "- `make ch…` → exit 2 [0a1b2c3d]", {"make ch"}),
    "files tersely": ("", "Changed: a.py, src/b.py", {"a.py", "src/b.py"}),
    "failures tersely": ("", "Failing: `make a` → exit 1; `make b` → failed", {"make a", "make b"}),
    "a request": ("Asked:", "- total.py: repair it [0a1b2c3d]", set()),
}


@pytest.mark.parametrize("case", ENTRIES, ids=str)
def test_anchors(case: str) -> None:
    heading, entry, expected = ENTRIES[case]
    assert refine.anchors(heading, entry) == expected


@pytest.mark.parametrize("tokens", ["1200", "60"])
def test_anchors_of_what_the_program_writes(home: Home, claude: FakeClaude, tokens: str) -> None:
    home.set(CODEMEMORY_LEAF_TARGET_TOKENS=tokens)
    one = home.transcript()
    one.say("user", "make it work")
    one.failing("make check", "make: *** [check] Error 2")
    one.tool(
        "Edit", {"file_path": str(home.project / "src/a.py"), "old_string": "a = 1", "new_string": "a = 2"}, "Updated."
    )
    one.tool("Bash", {"command": "make check"}, "fine")
    one.say("assistant", [{"type": "text", "text": "word " * 2_000}])
    one.write()
    home.json("backfill")
    compact(home, one, "--no-llm")
    entries = refine._entries(leaf(home).text)
    assert {anchor for entry in entries for anchor in refine.anchors(*entry)} == {"src/a.py", "make check"}


@pytest.mark.parametrize("text", ["short", "把四舍五入放在求和之后" * 10], ids=["short", "Chinese"])
def test_a_text_is_wholly_in_itself(text: str) -> None:
    assert refine.share_in(text, text) == 1.0
    assert refine.share_in(text + "x", "nothing of the kind") == 0.0


def test_parts_are_cut_alike_and_fit() -> None:
    parts = ["a" * 5_000, "b" * 300, "c" * 9_000]
    cut = refine._cut_alike(parts, 3_000)
    assert sum(len(part) + 1 for part in cut) <= 3_000
    assert len(cut) == 3
    assert cut[1] == parts[1]


def test_an_exhausted_target_is_exhausted_by_failures_too(connection: apsw.Connection) -> None:
    for at in range(spending.TRIES_MAX):
        assert not spending.given_up(connection, b"t")
        spending.end(
            connection, spending.begin(connection, None, "refine", b"t", "m", 1, at), spending.FAILED, None, "x", at
        )
    assert spending.given_up(connection, b"t")
