"""Sizes nobody expects: a hook's time and memory stay bounded, and no line is lost for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fixtures import measured
from fixtures.homes import START, Home, stored
from fixtures.transcripts import read_again

from codememory import budget, exchange, ingest, long_lines
from codememory.store import transcripts

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))

PEAK_MB_MAX = 120
"""The contract's bound on the resident memory of any hook."""

SECONDS_MAX = budget.HOOK_SECONDS_MAX + 3
"""Machines differ; what is meant is that nothing grows with the size of what comes."""

MEGABYTE = 1_000_000
ODD = "why does total() fail with KeyError 'row1' — 为什么 😀, "


class Measured(NamedTuple):
    """What a hook did and took."""

    out: bytes
    err: bytes
    peak_mb: float
    seconds: float


def run(home: Home, event: str, data: bytes, *words: str) -> Measured:
    """Run a hook that must be harmless, and stay within time and memory."""
    result = home.root / "measured.json"
    given = home.root / "given.json"
    given.write_bytes(data)
    with given.open("rb") as stdin:
        done = subprocess.run(
            [sys.executable, "-I", "-S", measured.__file__, str(result), sys.executable, "-I", "-c",
             f"import gc; gc.disable(); {START}", "hook", event, *words],
            stdin=stdin, capture_output=True, cwd=home.project, env=home.environment, timeout=120, check=True,
        )  # fmt: skip
    found = json.loads(result.read_text())
    assert found["code"] == 0
    assert done.stderr == b""
    if done.stdout and event != "PreCompact":
        assert isinstance(json.loads(done.stdout), dict)
    assert found["peak_mb"] < PEAK_MB_MAX
    assert found["seconds"] < SECONDS_MAX
    return Measured(done.stdout, done.stderr, found["peak_mb"], found["seconds"])


def text_of(size: int) -> str:
    """Return a text of so many bytes that no encoding makes smaller."""
    return (ODD * (size // len(ODD.encode()) + 1)).encode()[:size].decode("utf-8", "ignore")


def payload(home: Home, event: str, session: str, ascii_only: bool = False, **fields: Any) -> bytes:
    """Return a payload as the client writes it, or with every other character escaped."""
    whole = json.loads(home.payload(event, session)) | fields
    return json.dumps(whole, ensure_ascii=ascii_only).encode()


def bash(**more: Any) -> dict[str, Any]:
    """Return the fields of a shell call."""
    return {"tool_name": "Bash", "tool_use_id": "t", "tool_input": {"command": "pytest"}, **more}


def tool(name: str, **given: Any) -> dict[str, Any]:
    """Return the fields of a call."""
    return {"tool_name": name, "tool_use_id": "t", "tool_input": given}


def changed(text: str) -> dict[str, Any]:
    """Return the fields of an edit that replaces half of a text by the other."""
    return tool("Edit", file_path="/x", old_string=text[::2], new_string=text[1::2].replace(" ", "\n"))


LARGE: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "prompt": ("UserPromptSubmit", lambda text: {"prompt": text}),
    "command": ("PreToolUse", lambda text: tool("Bash", command=text)),
    "content": ("PreToolUse", lambda text: tool("Write", file_path="/x", content=text)),
    "edit": ("PreToolUse", changed),
    "task": ("PreToolUse", lambda text: tool("Task", prompt=text, subagent_type="x")),
    "output": ("PostToolUse", lambda text: bash(tool_response={"stdout": text})),
    "error": ("PostToolUseFailure", lambda text: bash(error="Exit code 1\n" + text.replace(", ", "\nTypeError: x\n"))),
    "summary": ("PostCompact", lambda text: {"compact_summary": text}),
    "many small": ("PreToolUse", lambda text: tool("x", a=["b"] * (len(text) // 5))),
    "many empty": ("PreToolUse", lambda text: tool("x", a=[[]] * (len(text) // 4))),
}


@pytest.mark.parametrize("ascii_only", [False, True], ids=["as it is", "escaped"])
@pytest.mark.parametrize("what", LARGE)
def test_ten_megabytes_of_anything(home: Home, what: str, ascii_only: bool) -> None:
    made = home.conversation()
    event, fields = LARGE[what]
    run(home, event, payload(home, event, made.session, ascii_only, **fields(text_of(10 * MEGABYTE))))
    assert stored(home.connect()).keys() == read_again(made.path).keys(), "the transcript is taken in all the same"
    assert home.problems() == []


def test_a_prompt_of_ten_megabytes_is_understood(home: Home) -> None:
    home.mark("constraint", "Never change the signature of total()")
    made = home.conversation()
    text = "does the signature of total() stay? " + "x" * (10 * MEGABYTE)
    assert (
        b"signature of total()" in run(home, "UserPromptSubmit", payload(home, "Stop", made.session, prompt=text)).out
    )


@pytest.mark.parametrize("size", [budget.PAYLOAD_BYTES_MAX + MEGABYTE, 64 * MEGABYTE])
def test_more_than_a_hook_reads(home: Home, size: int) -> None:
    """Of the rest only whose and where it is; the client's end is read to its end, so it sees no broken pipe."""
    made = home.conversation()
    run(home, "PostToolUse", payload(home, "PostToolUse", made.session, tool_response={"stdout": "x" * size}))
    assert stored(home.connect()).keys() == read_again(made.path).keys()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"[" * 100_000, id="open lists"),
        pytest.param(b"[" * 5_000 + b"]" * 5_000, id="lists"),
        pytest.param(b'{"a":' * 5_000 + b"1" + b"}" * 5_000, id="objects"),
        pytest.param(b"9" * MEGABYTE, id="a long number"),
        pytest.param(b"1e" + b"9" * MEGABYTE, id="a large number"),
        pytest.param(b'"' + b"\\u0000" * 200_000 + b'"', id="escapes"),
        pytest.param(b'"' + b"\\ud800" * 200_000 + b'"', id="half characters"),
    ],
)
def test_json_made_to_hurt(home: Home, value: bytes) -> None:
    made = home.conversation()
    data = payload(home, "PreToolUse", made.session, tool_name="Bash", tool_use_id="t", tool_input=0)
    run(home, "PreToolUse", data.replace(b'"tool_input": 0', b'"tool_input": ' + value))
    with made.path.open("ab") as file:
        file.write(b'{"type":"user","uuid":"x","message":{"content":' + value + b"}}\n")
    run(home, "Stop", home.payload("Stop", made.session))
    made.say("user", "and on")
    with made.path.open("ab") as file:
        file.write(made.lines[-1] + b"\n")
    run(home, "Stop", home.payload("Stop", made.session))
    position = transcripts.position_of(home.connect(), str(made.path))
    assert position is not None
    assert position[0] == made.path.stat().st_size


LINES = [ingest.LINE_BYTES_MAX - MEGABYTE, ingest.LINE_BYTES_MAX + MEGABYTE] + [100 * MEGABYTE] * TORTURE


def with_a_line_of(home: Home, size: int) -> tuple[Path, str]:
    """Return a transcript with one line of so many bytes between two others, and its session."""
    made = home.transcript()
    made.say("user", "before")
    made.say("assistant", [{"type": "text", "text": ""}])
    long = made.lines[-1].replace(b'"text": ""', b'"text": "' + b"a word and " * (size // 11) + b'"')
    made.say("user", "after")
    made.lines[1] = long
    made.write()
    return made.path, made.session


@pytest.mark.parametrize("size", LINES)
def test_a_long_line(home: Home, size: int) -> None:
    """What is too long for a hook is passed over, said, and taken in by a backfill: once."""
    home.set(CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0")
    path, session = with_a_line_of(home, size)
    for _ in range(10):
        run(home, "Stop", home.payload("Stop", session))
    connection = home.connect()
    waiting = transcripts.all_long_lines(connection)
    assert [length > size for _, length in waiting] == ([True] if size > ingest.LINE_BYTES_MAX else [])
    assert connection.execute("SELECT count(*) FROM message").get == 3 - len(waiting)
    checks = {one["name"]: one for one in home.run("doctor", "--json").json["checks"]}
    assert checks["limits"]["ok"] == (not waiting)
    assert home.json("backfill", "--quiet")["messages_added"] == len(waiting)
    assert home.json("backfill", "--quiet")["messages_added"] == 0
    assert transcripts.all_long_lines(home.connect()) == []
    assert stored(home.connect()).keys() == read_again(path).keys()
    for event in ("PreCompact", "UserPromptSubmit", "SessionStart", "Stop"):
        run(home, event, home.payload(event, session, prompt="a word and before", source="compact"))
    assert [one["ok"] for one in home.run("doctor", "--json").json["checks"] if one["name"] == "limits"] == [True]


def test_a_long_line_that_is_still_written(home: Home) -> None:
    """Its end comes later; what follows it is no part of it; a rewritten file begins anew."""
    path, session = with_a_line_of(home, 6 * MEGABYTE)
    whole = path.read_bytes()
    for size in (3 * MEGABYTE, 5 * MEGABYTE, 5 * MEGABYTE + 10, len(whole) - 300, len(whole)):
        path.write_bytes(whole[:size])
        run(home, "Stop", home.payload("Stop", session))
    run(home, "Stop", home.payload("Stop", session))
    assert [ended for _, _, ended in transcripts.long_lines(home.connect(), 1)] == [1]
    assert home.connect().execute("SELECT count(*) FROM message").get == 2
    path.write_bytes(whole.splitlines(keepends=True)[2])
    run(home, "Stop", home.payload("Stop", session))
    assert transcripts.all_long_lines(home.connect()) == []
    path.write_bytes(whole)
    assert home.json("backfill", "--quiet")["messages_added"] == 1
    assert stored(home.connect()).keys() == read_again(path).keys()


def test_two_gigabytes_without_an_end(home: Home) -> None:
    """A file of one endless line: each hook looks at a stretch of it, and none at the same again."""
    path = home.folder / "endless.jsonl"
    size = 2_000 * MEGABYTE if TORTURE else 300 * MEGABYTE
    with path.open("wb") as file:
        file.truncate(size)
    for _ in range(200):
        run(home, "Stop", home.payload("Stop", "endless"))
        if transcripts.position_of(home.connect(), str(path))[0] == size:  # type: ignore[index]
            break
    else:
        pytest.fail("the hooks never come to the end")
    with path.open("ab") as file:
        file.write(b"\n")
    made = home.transcript("endless")
    made.say("user", "after it")
    with path.open("ab") as file:
        file.write(made.lines[0] + b"\n")
    run(home, "Stop", home.payload("Stop", "endless"))
    run(home, "Stop", home.payload("Stop", "endless"))
    assert home.connect().execute("SELECT count(*) FROM message").get == 1
    if size > long_lines.BYTES_MAX:
        detail = {one["name"]: one["detail"] for one in home.run("doctor", "--json").json["checks"]}["limits"]
        assert "too long for anything" in detail


@pytest.mark.skipif(not TORTURE, reason="writes 2 GB")
def test_a_transcript_of_two_gigabytes(home: Home) -> None:
    """Ordinary lines, more than any session has: each hook takes in a stretch, and none takes longer for the rest."""
    made = home.transcript()
    made.tool("Bash", {"command": "cat log"}, text_of(20_000))
    call, result = (line + b"\n" for line in made.lines)
    with made.path.open("wb") as file:
        for number in range(2_000 * MEGABYTE // (len(call) + len(result))):
            for line, uuid in zip((call, result), made.uuids, strict=True):
                file.write(line.replace(uuid.encode(), b"%08x-0000-4000-8000-%s" % (number, uuid[-12:].encode())))
    taken = [0]
    for event in ("SessionStart", "Stop", "UserPromptSubmit", "PreCompact", "PostToolUse") * 4:
        run(home, event, payload(home, event, made.session, source="startup", prompt="what of the log", **bash()))
        taken.append(transcripts.position_of(home.connect(), str(made.path))[0])  # type: ignore[index]
    assert taken == sorted(set(taken)), "each goes on where the one before stopped"
    assert home.problems() == []
    detail = {one["name"]: one["detail"] for one in home.run("doctor", "--json").json["checks"]}
    assert "not yet taken in" in detail["ingest"]


def test_a_delta_of_many_lines(home: Home) -> None:
    """Hooks take a stretch each, within their budget; the rest is taken in bulk."""
    made = home.transcript()
    made.say("user", "a short message")
    line = made.lines[0] + b"\n"
    uuid = made.uuids[0].encode()
    lines = 1_000_000 if TORTURE else 15_000
    with made.path.open("wb") as file:
        for number in range(lines):
            file.write(line.replace(uuid, b"%08x-0000-4000-8000-%012x" % (number, number)))
    for event in ("SessionStart", "Stop", "UserPromptSubmit"):
        run(home, event, home.payload(event, made.session, source="startup", prompt="a short message"))
    taken = home.connect().execute("SELECT count(*) FROM message").get
    assert 0 < taken < lines
    assert home.json("backfill", "--quiet")["messages_added"] == lines - taken
    for event in ("PreCompact", "SessionStart", "UserPromptSubmit"):
        run(home, event, home.payload(event, made.session, source="startup", prompt="a short message"))


def test_a_hundred_thousand_tags(home: Home) -> None:
    """One file that 100,000 memories are about, and one memory about 100,000 files."""
    count = 100_000 if TORTURE else 20_000
    node = home.mark("constraint", "Never change the signature of total()", "--file", "invoice_1.py")
    connection = home.connect()
    project, node_id = connection.execute("SELECT project_id, node_id FROM node").fetchone()
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO node_tag VALUES (?, 'file', ?, ?, 1.0)", [(project, f"file_{n}.py", node_id) for n in range(count)]
    )
    connection.executemany(
        "INSERT INTO node (node_id, uid, kind, status, project_id, content, confidence, origin, trust, created_at,"
        " updated_at) VALUES (?, randomblob(16), 'constraint', 'active', ?, 'Keep ' || ?, 0.9, 'user', 'stated', 1, 1)",
        [(node_id + n + 1, project, n) for n in range(count)],
    )
    connection.executemany(
        "INSERT INTO node_tag VALUES (?, 'file', 'invoice_1.py', ?, 1.0)",
        [(project, node_id + n + 1) for n in range(count)],
    )
    connection.execute("COMMIT")
    made = home.conversation()
    for event in ("SessionStart", "UserPromptSubmit", "PreToolUse", "PreCompact", "SubagentStart"):
        given = tool("Edit", file_path=str(home.project / "invoice_1.py"), old_string="a")
        words = {"source": "startup", "prompt": "what of invoice_1.py and total()"}
        done = run(home, event, payload(home, event, made.session, **words, **given))
        assert len(done.out) < 10_000
    assert home.json("memory", "show", node)


EXPLODING = [r"(a+)+$", r"(a|aa)+$", r"(.*a){20}b", r"(?:a?){30}a{30}", r"(x+x+)+y"]


@pytest.mark.parametrize("expression", EXPLODING if TORTURE else EXPLODING[3:4])
def test_an_expression_made_to_explode(home: Home, expression: str) -> None:
    made = home.transcript()
    for _ in range(20):
        made.say("user", "a" * 5_000 + "x" * 5_000 + "!")
    made.write()
    home.json("backfill", "--quiet")
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-I", "-c", START, "grep", expression, "--mode", "regex", "--json"],
        capture_output=True, cwd=home.project, env=home.environment, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert time.monotonic() - started < 30


def test_a_client_that_never_closes_its_end(home: Home) -> None:
    process = home.start("Stop")
    assert process.stdin is not None
    process.stdin.write(b'{"session_id": "a')
    process.stdin.flush()
    started = time.monotonic()
    assert process.wait(timeout=60) == 0
    assert time.monotonic() - started < SECONDS_MAX
    assert process.stderr is not None and process.stderr.read() == b""
    process.communicate()


def test_a_hook_that_is_held_up_ends_by_itself(home: Home) -> None:
    """Whatever it is that does not come back, a disk for example: the next hook works, and nothing is half done."""
    made = home.conversation()
    slow = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "import codememory.ingest as i, time\n"
        "i.step = lambda *_, **__: time.sleep(60)\n"
    )
    started = time.monotonic()
    done = home.hook("Stop", home.payload("Stop", made.session), prelude=slow)
    assert (done.returncode, done.stderr) == (0, b"")
    assert time.monotonic() - started < SECONDS_MAX
    run(home, "Stop", home.payload("Stop", made.session))
    assert stored(home.connect()).keys() == read_again(made.path).keys()


@pytest.mark.parametrize("event", ["Stop", "SessionStart"])
def test_a_line_that_no_hook_can_finish_is_left_to_backfill(home: Home, event: str) -> None:
    """One hook runs out of time over it; the next ones take in what is before and behind it."""
    path, session = with_a_line_of(home, 2 * MEGABYTE)
    slow = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "import codememory.delta as d, time\n"
        "real = d.redact_line\n"
        "d.redact_line = lambda line: time.sleep(60) if line.bytes > 1_000_000 else real(line)\n"
        "import codememory.hook as h\n"
        "h.HOOK_SECONDS_MAX = 0.5\n"
    )
    asking = session if event == "Stop" else home.names.uuid()
    for _ in range(4):
        done = home.hook(event, home.payload(event, asking, source="startup"), prelude=slow)
        assert (done.returncode, done.stderr) == (0, b"")
    assert home.connect().execute("SELECT count(*) FROM message").get == 2
    assert [length > 2 * MEGABYTE for _, length in transcripts.all_long_lines(home.connect())] == [True]
    assert "wait for `codememory backfill`" in json.dumps(home.run("doctor", "--json").json["checks"])
    assert home.json("backfill", "--quiet")["messages_added"] == 1
    assert stored(home.connect()).keys() == read_again(path).keys()


def test_what_hooks_had_no_time_for_is_taken_in_behind_the_answer(home: Home) -> None:
    path, session = with_a_line_of(home, 2 * MEGABYTE)
    home.hook("UserPromptSubmit", home.payload("UserPromptSubmit", session, prompt="x"))
    budget.tire()
    made = home.transcript()
    made.say("user", "short")
    made.say("user", "a word and " * 10_000)
    made.write()
    home.told("Stop", made.session)
    assert len(transcripts.all_long_lines(home.connect())) == 1
    home.hook("Stop", home.payload("Stop", made.session), "--background")
    assert transcripts.all_long_lines(home.connect()) == []
    assert stored(home.connect()).keys() == {**read_again(path), **read_again(made.path)}.keys()


def test_patience_comes_back(home: Home) -> None:
    assert ingest.pace() == (ingest.STEP_BYTES, ingest.LINE_BYTES_MAX)
    budget.tire()
    assert ingest.pace() == (ingest.TIRED_BYTES, ingest.TIRED_BYTES)
    tired = home.log.parent / "tired"
    os.utime(tired, (0, time.time() - budget.TIRED_SECONDS - 1))
    assert ingest.pace() == (ingest.STEP_BYTES, ingest.LINE_BYTES_MAX)
    os.utime(tired, (0, time.time() + 1_000))
    assert ingest.pace() == (ingest.STEP_BYTES, ingest.LINE_BYTES_MAX), "the clock was wrong then"


def test_the_limits_are_said(home: Home) -> None:
    detail = {one["name"]: one["detail"] for one in home.run("doctor", "--json").json["checks"]}["limits"]
    for said in (budget.HOOK_SECONDS_MAX, budget.PAYLOAD_BYTES_MAX // MEGABYTE, ingest.LINE_BYTES_MAX // MEGABYTE):
        assert str(said) in detail
    assert exchange.PARTS_MAX
