"""What is read in bulk is what a hook would have read, and every line is in one stretch."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import Home
from hypothesis import given
from hypothesis import strategies as st

from codememory import delta, packing, stretch, transcript
from codememory.intake import make_ready
from codememory.stretch import Json, Stretch, stretches_of

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(alphabet=st.characters(codec=None), max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)
NAMES = [*stretch.Value.__annotations__, "requestId", "data"]
LINES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
RESULTS = st.dictionaries(st.sampled_from([*stretch.Result.__annotations__, "content", "filenames"]), VALUES)
ODD_LINES = (
    b'{"a":1}{"b":2}',
    b'{"a":NaN,"cwd":-Infinity,"uuid":1e999}',
    b'{"cwd":"\\ud800"}',
    b'{"cwd":"\xff","data":"\xff"}',
    b'\xef\xbb\xbf{"cwd":1}',
    b'{"uuid":123456789012345678901234567890,"cwd":1.0,"type":-0,"timestamp":1E5}',
    b'{"type":1,"type":2}',
    b"  ",
    b"",
    b'{"data":',
    b'{"data":"tab\there"}',
    b'{"data":"\\x"}',
    b'{"data":"\\u12g4"}',
    b'{"data":01}',
    b'{"data":[1,]}',
    b'{"message":"said","toolUseResult":"Error: no"}',
    b'{"message":[1],"toolUseResult":[{"type":"text"}],"attachment":null}',
    b"[" * 5_000,
    b'{"data":' + b"[" * 5_000,
    b"1 2 3",
)


def read_of(value: object) -> object:
    """Return of an object only the fields that are read, as the fast decoder does."""
    if not isinstance(value, dict):
        return value
    found = {name: value[name] for name in value if name in stretch.Value.__annotations__}
    for name, kind in (
        ("message", stretch.Message), ("toolUseResult", stretch.Result), ("attachment", stretch.Attachment)
    ):  # fmt: skip
        if isinstance(found.get(name), dict):
            found[name] = {part: found[name][part] for part in found[name] if part in kind.__annotations__}
    return found


def either(decode: Any, raw: bytes) -> object:
    """Return what a decoder makes of a line, as text: NaN is no equal of itself."""
    try:
        return repr([read_of(value) for value in decode(raw)])
    except ValueError:
        return ValueError


@pytest.mark.parametrize("raw", ODD_LINES)
def test_the_bulk_decoder_is_the_hooks_decoder_on_odd_lines(raw: bytes) -> None:
    assert either(Json().decoded, raw) == either(transcript.decoded, raw)


@given(LINES, RESULTS, st.booleans(), st.booleans())
def test_the_bulk_decoder_is_the_hooks_decoder(
    value: dict[str, Any], result: dict[str, Any], escaped: bool, cut: bool
) -> None:
    raw = json.dumps({**value, "toolUseResult": result}, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    raw = raw[:-1] if cut else raw
    assert either(Json().decoded, raw) == either(transcript.decoded, raw)


@given(LINES, st.randoms(use_true_random=False))
def test_a_line_that_is_broken_anywhere_is_broken_for_both(value: dict[str, Any], chance: random.Random) -> None:
    """Over most of a line the fast decoder only passes; it is as strict there."""
    raw = bytearray(json.dumps(value).encode())
    at = chance.randrange(len(raw))
    raw[at : at + chance.randrange(2)] = chance.choice([b"", b"\\", b'"', b"{", b"]", b",", b":", b"0", b"\x01", b"u"])
    assert either(Json().decoded, bytes(raw)) == either(transcript.decoded, bytes(raw))


@given(VALUES, st.booleans())
def test_what_the_bulk_encoder_writes_is_what_the_hooks_writes(value: Any, escaped: bool) -> None:
    json_ = Json()
    raw = json.dumps({"message": {"content": value}}, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert [json_.written(one) for one in json_.decoded(raw)] == [delta.written(one) for one in transcript.decoded(raw)]


@pytest.mark.parametrize("raw", ODD_LINES)
def test_what_the_bulk_encoder_writes_of_odd_lines_is_what_the_hooks_writes(raw: bytes) -> None:
    json_ = Json()
    try:
        values = json_.decoded(raw)
    except ValueError:
        return
    slow = transcript.decoded(raw)
    assert [json_.written(read_of(one)) for one in values] == [delta.written(read_of(one)) for one in slow]


@given(
    st.lists(st.integers(0, 120), max_size=12),
    st.integers(1, 150),
    st.booleans(),
    st.integers(min_value=0, max_value=3),
)
def test_every_line_is_in_one_stretch(
    tmp_path_factory: Any, sizes: list[int], bytes_: int, ended: bool, by: int
) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    lines = [b"%d" % number + b"x" * size for number, size in enumerate(sizes)]
    data = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    path.write_bytes(data)
    start = len(b"".join(line + b"\n" for line in lines[:by])) if by < len(lines) else 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretch, "STRETCH_BYTES", bytes_)
        found = stretches_of(str(path), "s", "", start, len(data))
    ends = [one.end for one in found]
    assert [one.start for one in found] == ([start, *ends[:-1]] if found else [])
    assert ends[-1:] == ([len(data)] if start < len(data) else [])
    assert all(data[end - 1 : end] == b"\n" for end in ends[:-1])
    assert all(one.end - one.start <= bytes_ + max(map(len, lines)) for one in found)


def test_a_delta_is_what_the_hook_reads(home: Home) -> None:
    made = home.conversation()
    path = str(made.path)
    bulk = stretch.read(Stretch(path, made.session, "", 0, len(made.data)), False)
    hook = delta.read(made.data, 0, made.session, "")
    assert bulk is not None
    for item in hook.items:
        if not isinstance(item, dict):
            make_ready(item, False)
    assert packing.packed(bulk) == packing.packed(hook)


def test_a_stretch_too_long_is_left_to_who_can_take_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "LINE_BYTES_MAX", 100)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"type":"summary"}\n' + b'"' + b"x" * stretch.STRETCH_BYTES * 2 + b'"\n{}\n')
    found = stretches_of(str(path), "s", "", 0, os.stat(path).st_size)
    assert [stretch.read(one, False) is None for one in found] == [True, False]


def test_a_file_that_is_gone_is_read_by_nobody(tmp_path: Path) -> None:
    assert stretch.read(Stretch(str(tmp_path / "none.jsonl"), "s", "", 0, 10), False) is None


def ordinary_lines() -> list[dict[str, Any]]:
    """Return lines of every kind that a client writes, some with what is taken out of them."""
    secret = "password = " + "Wrzkvo" + "@371#x"
    listing = "     1→import os\n     2→token = load_token()\n     3→def runFast(userName): pass"
    coloured = [{"type": "text", "text": "\x1b[31mFAILED\x1b[0m a.py"}]
    image = {"type": "image", "source": {"type": "base64", "data": "iVBORw0K"}}
    change = {"file_path": "/a/b.py", "old_string": "a\n", "new_string": "b\n"}
    user: list[Any] = [
        "Always run the tests before a commit, please. " + secret,
        [{"type": "text", "text": "中文：以后一律使用 pnpm"}, image],
        [{"type": "tool_result", "tool_use_id": "t1", "content": listing}],
        [{"type": "tool_result", "tool_use_id": "t2", "content": coloured, "is_error": True}],
        [{"type": "tool_result", "tool_use_id": "t3"}],
        "<private>not this</private> but this",
        "nul \0 and half a pair \ud83d",
        "",
    ]
    assistant: list[Any] = [
        [{"type": "text", "text": "We decided to use SQLite instead of files because it is one write.\n\n| a | b |"}],
        [{"type": "thinking", "thinking": "the cookie session=" + "9f3c1e77ab20d4", "signature": "EqQB"}],
        [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "cd /a && make test | tail -5"}}],
        [{"type": "tool_use", "id": "t2", "name": "Edit", "input": change}],
        [{"type": "tool_use", "id": "t3", "name": "Task", "input": {"subagent_type": "x", "prompt": "look", "n": 1.5}}],
    ]
    results: list[Any] = ["Error: no", {"stdout": "other words", "interrupted": True}, [{"type": "text"}], {}]
    common = {"sessionId": "s", "cwd": "/a", "gitBranch": "main", "timestamp": "2026-01-02T03:04:05.678Z"}
    said = [("user", one) for one in user] + [("assistant", one) for one in assistant]
    lines: list[dict[str, Any]] = [
        {
            **common,
            "type": role,
            "uuid": f"00000000-0000-4000-8000-{at:012d}",
            "message": {"role": role, "content": content},
            "isSidechain": at % 5 == 4,
            "toolUseResult": results[at % 4],
        }
        for at, (role, content) in enumerate(said)
    ]
    return [
        *lines,
        {**lines[0], "uuid": "odd", "isMeta": True},
        {**lines[0], "uuid": "00000000-0000-4000-8000-0000000000ff", "isCompactSummary": True},
        {"type": "system", "subtype": "compact_boundary"},
        {"type": "attachment", "attachment": {"type": "hook_additional_context", "hookEvent": "Stop", "content": "a"}},
        {"type": "summary", "summary": "a"},
        {"type": "progress", "data": {"n": 1.25}},
    ]


@pytest.mark.parametrize("redacting", [True, False])
def test_no_ordinary_line_makes_a_stretch_odd(tmp_path: Path, redacting: bool) -> None:
    """What is odd is read anew by who writes: nobody is told, and it takes a third longer."""
    data = b"".join(json.dumps(line).encode() + b"\n" for line in ordinary_lines()) * 2
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    bulk = stretch.read(Stretch(str(path), "s", "", 0, len(data)), redacting)
    assert bulk is not None
    hook = delta.read(data, 0, "s", "")
    for item in hook.items:
        if not isinstance(item, dict):
            make_ready(item, redacting)
    assert packing.packed(bulk) == packing.packed(hook) != b""
