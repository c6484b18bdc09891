"""Transcript lines: what is a message, what it is called, who said it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fixtures import strategies
from hypothesis import given
from hypothesis import strategies as st

from codememory import transcript

UUID = strategies.UUIDS[1]
FILE_SESSION = "f11e5e55-3333-4333-8333-333333333333"


def line(**fields: Any) -> transcript.Line | None:
    """Return the conversation line of a user's text, with some fields changed."""
    value = {"type": "user", "uuid": UUID, "message": {"role": "user", "content": "hello"}, **fields}
    return transcript.conversation_line(value, FILE_SESSION, "", 0, 100)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        pytest.param({}, "prompt", id="the user's words"),
        pytest.param({"isMeta": True}, "meta", id="meta"),
        pytest.param({"isCompactSummary": True}, "summary", id="the client's summary"),
        pytest.param({"isCompactSummary": True, "isMeta": True}, "summary", id="both"),
        pytest.param({"isVisibleInTranscriptOnly": True}, "meta", id="only to be seen"),
        pytest.param({"isCompactSummary": True, "isVisibleInTranscriptOnly": True}, "summary", id="a summary, seen"),
        pytest.param({"type": "assistant", "isApiErrorMessage": True}, "meta", id="an error of the service"),
        pytest.param({"origin": {"kind": "task-notification"}}, "meta", id="a task's notice"),
        pytest.param({"origin": {"kind": "human"}}, "prompt", id="typed"),
        pytest.param({"origin": ["odd"]}, "prompt", id="an origin that is a list"),
        pytest.param({"isSidechain": True}, "task", id="a subagent's task"),
        pytest.param(
            {"message": {"content": [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]}},
            "result",
            id="result",
        ),
        pytest.param({"type": "assistant"}, "reply", id="reply"),
        pytest.param(
            {"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "t"}]}}, "call", id="call"
        ),
        pytest.param(
            {"type": "assistant", "message": {"content": [{"type": ["odd"]}]}}, "reply", id="a type that is a list"
        ),
        pytest.param({"message": {"content": [{"type": {}}]}}, "prompt", id="a type that is an object"),
    ],
)
def test_what_a_line_is(fields: dict[str, Any], kind: str) -> None:
    found = line(**fields)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"type": "attachment"}, id="a hook's attachment"),
        pytest.param({"type": "system"}, id="system"),
        pytest.param({"type": "summary"}, id="title"),
        pytest.param({"type": "a later release's"}, id="unknown type"),
        pytest.param({"type": None}, id="no type"),
        pytest.param({"type": ["user"]}, id="a type that is a list"),
        pytest.param({"uuid": None}, id="no uuid"),
        pytest.param({"uuid": ""}, id="empty uuid"),
        pytest.param({"message": None}, id="no message"),
    ],
)
def test_what_is_no_message(fields: dict[str, Any]) -> None:
    try:
        assert line(**fields) is None
    except TypeError:
        pytest.fail("an odd type is no error")


@pytest.mark.parametrize(
    ("content", "blocks"),
    [
        pytest.param("hi", [{"type": "text", "text": "hi"}], id="a string is one text block"),
        pytest.param(
            [{"type": "text", "text": "hi", "more": [1]}],
            [{"type": "text", "text": "hi", "more": [1]}],
            id="a list as it came",
        ),
        pytest.param(None, [], id="nothing"),
        pytest.param([], [], id="an empty list"),
        pytest.param("", [{"type": "text", "text": ""}], id="an empty string"),
        pytest.param({"a": 1}, [{"type": "text", "text": '{"a":1}'}], id="an object"),
        pytest.param([7, None, "x"], [7, None, "x"], id="a list of anything"),
    ],
)
def test_blocks_are_the_content_as_it_came(content: Any, blocks: list[Any]) -> None:
    found = line(message={"role": "user", "content": content})
    assert found is not None
    assert found.blocks == blocks


def test_identity_is_the_uuid_alone() -> None:
    one, other = line(), line(sessionId=strategies.SESSIONS[0], message={"content": "other words"}, cwd="/elsewhere")
    assert one is not None and other is not None
    assert one.key == other.key
    assert one.session == FILE_SESSION
    assert other.session == strategies.SESSIONS[0]


def test_without_a_real_uuid_session_uuid_and_content_are_the_identity() -> None:
    def key(**fields: Any) -> bytes:
        found = line(**{"uuid": "agent-1", **fields})
        assert found is not None
        assert found.odd_uuid is not None
        return found.key

    assert key() == key()
    assert len({key(), key(uuid="agent-2"), key(sessionId="s"), key(message={"content": "other"})}) == 4


def test_a_uuid_in_capitals_is_the_same_message_and_keeps_its_letters() -> None:
    small, large = line(uuid="7c9e6679-7425-40de-944b-e07fc1f90ae7"), line(uuid="7C9E6679-7425-40DE-944B-E07FC1F90AE7")
    assert small is not None and large is not None
    assert small.key == large.key
    assert small.odd_uuid is None
    assert large.odd_uuid == "7C9E6679-7425-40DE-944B-E07FC1F90AE7"


@pytest.mark.parametrize(
    ("path_agent", "fields", "thread"),
    [
        pytest.param("", {}, "", id="main"),
        pytest.param("a1", {"isSidechain": True, "agentId": "a2"}, "a1", id="the file's subagent"),
        pytest.param("", {"isSidechain": True, "agentId": "a2"}, "a2", id="the line's subagent"),
        pytest.param("", {"isSidechain": True}, "sidechain", id="an unnamed one"),
        pytest.param("", {"agentId": "a2"}, "", id="named, but not beside"),
    ],
)
def test_threads(path_agent: str, fields: dict[str, Any], thread: str) -> None:
    value = {"type": "user", "uuid": UUID, "message": {"content": "x"}, **fields}
    found = transcript.conversation_line(value, FILE_SESSION, path_agent, 0, 1)
    assert found is not None
    assert found.thread == thread


def test_of_a_tool_use_result_only_what_the_result_does_not_say() -> None:
    block = {"type": "tool_result", "tool_use_id": "t", "content": "shown output"}
    result = {
        "stdout": "shown output",
        "stderr": "hidden warning",
        "interrupted": True,
        "isImage": False,
        "structuredPatch": [{"lines": ["+a"]}],
        "returnCodeInterpretation": "No matches found",
        "originalFile": "x" * 9,
    }
    found = line(message={"content": [block]}, toolUseResult=result)
    assert found is not None
    assert found.extra == {
        "stderr": "hidden warning",
        "interrupted": True,
        "structuredPatch": [{"lines": ["+a"]}],
        "returnCodeInterpretation": "No matches found",
    }


@given(st.binary(max_size=200), st.integers(0, 1000))
def test_lines_cover_their_bytes(data: bytes, start: int) -> None:
    found = list(transcript.complete_lines(data, start))
    assert b"".join(raw + (b"\n" if ended else b"") for _, raw, ended in found) == data
    assert all(data[offset - start :].startswith(raw) for offset, raw, _ in found)
    assert all(ended for _, _, ended in found[:-1])


@given(strategies.raw_lines)
def test_reading_a_line_never_raises_anything_but_an_error_of_value(raw: bytes) -> None:
    try:
        values = transcript.decoded(raw)
    except ValueError:
        return
    for value in values:
        if isinstance(value, dict):
            transcript.is_boundary(value)
            transcript.conversation_line(value, FILE_SESSION, "", 0, len(raw))


@given(strategies.lines)
def test_any_line_is_a_message_or_none(value: dict[str, Any]) -> None:
    value = json.loads(json.dumps(value))
    found = transcript.conversation_line(value, FILE_SESSION, "", 0, 1)
    wanted = value.get("type") in (["user"], ["assistant"]) or isinstance(value.get("type"), str)
    if found is not None:
        assert wanted
        assert found.role in ("user", "assistant")
        assert isinstance(found.blocks, list)
        assert found.kind in ("prompt", "reply", "call", "result", "task", "meta", "summary")
        for text in (found.session, found.thread, found.cwd, found.branch):
            text.encode("utf-8")


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        pytest.param(b"", 0, id="blank"),
        pytest.param(b"  \t\r", 0, id="blanks"),
        pytest.param(b'{"a":1}{"b":2}', 2, id="two objects"),
        pytest.param(b'{"a":1} {"b":2}\r', 2, id="two objects and a carriage return"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', 1, id="a byte order mark"),
        pytest.param(b'{"a":"\xff\xfe"}', 1, id="no UTF-8"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', 1, id="a surrogate encoded"),
        pytest.param(b'{"a":"\\ud800"}', 1, id="a surrogate escaped"),
        pytest.param(b'{"a":"\\u0000"}', 1, id="NUL escaped"),
    ],
)
def test_values_of_a_line(raw: bytes, count: int) -> None:
    assert len(transcript.decoded(raw)) == count


@pytest.mark.parametrize("raw", [b"{", b'{"a":1}x', b"\x00" * 40, b'{"a":"\x00"}', b"<html>", b'{"a":1}{"b":'])
def test_a_broken_line_is_an_error_of_value(raw: bytes) -> None:
    with pytest.raises(ValueError):
        transcript.decoded(raw)
