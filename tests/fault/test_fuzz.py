"""Anything at all in transcripts, payloads, tool output and command lines; long runs with CODEMEMORY_TORTURE=1.

What a run finds is kept as a case in `KEPT`.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from fixtures import strategies
from fixtures.homes import Home, stored
from fixtures.transcripts import read_again
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codememory import db, hook, ingest, wire
from codememory.extract.command import normalised_command
from codememory.hook import EVENTS

EXAMPLES = 1_000 if os.environ.get("CODEMEMORY_TORTURE") else 60

PARTS = """\
FAILED tests/test_a.py::test_b - KeyError: 'x'
Traceback (most recent call last):
  File "a.py", line 3, in f
    raise ValueError(x)
ValueError: bad
1 failed, 2 passed in 0.1s
error[E0308]: mismatched types
 --> src/a.rs:3:5
npm ERR! code 1
  \u2715 adds (3 ms)
Exit code 1
make: *** [all] Error 2
a.c:3:5: error: x
panic: boom
\x1b[31mred\x1b[0m
<codememory>
</system-reminder>
0 failed
ok 1 - a
not ok 2 - b
=====================================""".split("\n")

outputs = st.text(max_size=200) | st.lists(st.sampled_from(PARTS) | st.text(max_size=20), max_size=12).map("\n".join)
"""Tool output: parts that readers know, in any order and cut anywhere, and anything else."""

SHELL = """pytest -q tests/a.py && || | ; & ( ) { } $( ` ' " \\ << EOF >file 2>&1 cd sudo env X=1 if then fi for do done
xargs git commit npm run ! # * ~ $HOME""".split()

commands = st.text(max_size=60) | st.lists(st.sampled_from(SHELL) | st.text(max_size=6), max_size=12).map(" ".join)
"""Shell commands: words and quotes in any order."""

KEPT_PAYLOADS: list[tuple[str, dict[str, Any]]] = [
    ("PreToolUse", {"session_id": "a", "tool_name": "Bash", "tool_input": {"command": "\ud800"}}),
    ("PostToolUse", {"session_id": "a", "tool_name": "Bash", "tool_use_id": "", "tool_response": {"stdout": "\0"}}),
]


@settings(max_examples=EXAMPLES)
@given(event=st.sampled_from(sorted(EVENTS)), output=outputs, command=commands, data=st.data())
def test_any_output_of_any_command(home: Home, event: str, output: str, command: str, data: st.DataObject) -> None:
    """Payloads of the right shape with anything in them: no part of a hook fails, what is printed has its one shape."""
    tool = data.draw(st.sampled_from(["Bash", "Edit", "Write", "Task", "Read", "NotebookEdit", "mcp__x__y"]))
    texts = {"command": command, "file_path": command, "old_string": output, "new_string": command}
    payload = json.loads(home.payload(event, "5e550000-2222-4222-8222-000000000000")) | {
        "source": "startup", "prompt": output, "tool_name": tool, "tool_use_id": data.draw(st.sampled_from("ab")),
        "tool_input": {**texts, "prompt": output}, "tool_response": {"stdout": output, "stderr": command},
        "error": output,
        "agent_type": "Explore", "agent_id": data.draw(st.sampled_from(["", "a"])), "compact_summary": output,
    }  # fmt: skip
    handled(home, event, payload)


@pytest.mark.parametrize(("event", "payload"), KEPT_PAYLOADS)
def test_payloads_once_found(home: Home, event: str, payload: dict[str, Any]) -> None:
    handled(home, event, payload)


def handled(home: Home, event: str, payload: dict[str, Any]) -> None:
    """Handle a payload inside this process; nothing may go wrong."""
    printed: list[str] = []
    home.monkeypatch.setattr(hook, "_print", printed.append)
    hook.answer(event, [], json.dumps(payload).encode(), 0.0)
    for text in printed:
        assert len(text) < 10_000
        if event != "PreCompact":
            assert set(json.loads(text)) <= {"hookSpecificOutput", "systemMessage"}
    assert home.problems() == []


@settings(max_examples=EXAMPLES)
@given(lines=st.lists(strategies.raw_lines, max_size=8), cuts=st.lists(st.integers(0, 3_000), max_size=4))
@example(lines=[b"\xef\xbb\xbf{}"], cuts=[1])
@example(lines=[b"{}{}", b"", b"\r", b"null"], cuts=[])
def test_any_transcript_in_any_pieces(home: Home, lines: list[bytes], cuts: list[int]) -> None:
    """However it is cut, the reader comes to its end, each conversation line is there once, and nothing raises."""
    data = b"".join(line + b"\n" for line in lines)
    path = home.folder / "5e550001-2222-4222-8222-000000000000.jsonl"
    for database in home.root.glob("fuzz.db*"):
        database.unlink()
    connection = db.connect(str(home.root / "fuzz.db"))
    home.monkeypatch.setenv("CODEMEMORY_REDACT", "false")
    path.unlink(missing_ok=True)
    for size in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
        with path.open("ab") as file:
            file.write(data[path.stat().st_size : size])
        ingest.ingest(connection, str(path), 1)
    found = connection.execute("SELECT byte_offset FROM transcript").get
    assert found in (len(data), None) or not data
    assert stored(connection).keys() == read_again(path).keys()
    connection.close()


@settings(max_examples=EXAMPLES * 3)
@given(command=commands)
def test_any_command_is_normalised(command: str) -> None:
    """It never raises, and blanks around a command make no other of it."""
    command = wire.storable(command)
    assert normalised_command(f" {command} ") == normalised_command(command)


LINE = """status grep describe expand ask check signature mark memory backfill compact doctor why list show resolve
project --json --limit --all --all-projects --project --mode regex --since --before --role --file --kind --session
decision constraint -1 0 99999999999999999999 1e9 msg_ mem_ sum_ / . .. ~ '' -- -h""".split()

WORDS = st.lists(st.sampled_from(LINE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=5)

NEVER = tuple("mcp watch hook --follow -f install uninstall view team --output -o export backup".split())


@settings(max_examples=EXAMPLES)
@given(words=WORDS)
def test_any_command_line(home: Home, words: list[str]) -> None:
    """Exit code 0, 1 or 2 and a sentence; never a traceback, and with --json one document."""
    if any(word.startswith(NEVER) or "\0" in word for word in words):
        return
    done = home.run(*words)
    assert done.code in (0, 1, 2), (words, done.err)
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    if done.code == 0 and "--json" in words and done.out and "-h" not in words:
        assert json.loads(done.out) is not None
