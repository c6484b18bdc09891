"""A secret planted at every entrance of the program is in no byte that it keeps or prints."""

from __future__ import annotations

import base64
import random
import string
import zlib
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home

from codememory import intake

_random = random.Random(77)


def secret(front: str = "") -> str:
    """Return a made-up token of no known issuer, found by its name, or by the prefix given."""
    while True:
        drawn = "".join(_random.choice(string.ascii_letters + string.digits) for _ in range(36))
        if sum(char.isdigit() for char in drawn) > 4:
            return front + drawn


class Planted:
    """Secrets by the entrance they came in at."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def at(self, entrance: str, front: str = "gh" + "p_") -> str:
        """Return a new secret and remember where it goes in."""
        return self.values.setdefault(entrance, secret(front))

    def named(self, entrance: str) -> str:
        """Return an assignment of a secret to a telling name."""
        return f"DEPLOY_TOKEN={self.at(entrance, '')}"

    def left(self, data: bytes) -> list[str]:
        """Return the entrances whose secret is in data, plain or encoded."""
        return [
            name
            for name, value in self.values.items()
            if value[6:30].encode() in data or base64.b64encode(value.encode())[4:28] in data
        ]


def everything_of(home: Home) -> dict[str, bytes]:
    """Return every byte the program keeps: its files as they are, and each column of each row unpacked."""
    found = {
        str(path): path.read_bytes()
        for path in home.root.rglob("*")
        if path.is_file() and home.folder not in path.parents
    }
    connection = home.connect()
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        try:
            rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
        except apsw.Error:
            continue
        found[table] = b"\0".join(_bytes(value) for row in rows for value in row)
    return found


def _bytes(value: Any) -> bytes:
    """Return a column's bytes, unpacked where they are a payload."""
    if not isinstance(value, bytes):
        return str(value).encode("utf-8", "replace")
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


@pytest.fixture
def planted(home: Home) -> Planted:
    """Return the secrets of a session that had one at every entrance, ingested through hooks as processes."""
    planted = Planted()
    at, named = planted.at, planted.named
    script = home.transcript()
    session = script.session
    big = "\n".join(f"line {number}" for number in range(4_000))
    script.say("user", f"deploy with {named('prompt')} and <private>{at('private')} </PRIVATE > please")
    script.say("user", [{"type": "text", "text": f"key {at('text block')}"}, {"type": "text", "text": "<Private>open"},
                        {"type": "text", "text": f"more {at('private, next block')}"}])  # fmt: skip
    script.say("assistant", [{"type": "thinking", "thinking": f"the key {at('thinking')}", "signature": "abc"}])
    script.say("assistant", f"We will use {at('reply')} because it is the only key. Decision: use it.")
    script.tool("Bash", {"command": f"curl -u ops:{at('command', '')} https://x.example.org"}, f"token: {at('output')}")
    script.tool("Bash", {"command": "cat big"}, f"{big}\n{named('large output')}\n{big}")
    script.tool("Write", {"file_path": str(home.project / "a.env"), "content": named("file content")}, "ok")
    script.tool("Edit", {"file_path": str(home.project / "b.py"), "old_string": named("edit, old"),
                         "new_string": named("edit, new")}, "ok",
                toolUseResult={"structuredPatch": [{"lines": [f"+{named('structured patch')}"]}]})  # fmt: skip
    script.tool("Read", {"file_path": f"/tmp/{at('file path')}/x"}, f"     1\tPASSWORD = '{at('file read', '')}'")
    script.tool("WebFetch", {"url": f"https://u:{at('address', '')}@h.example.org/", "prompt": "x"}, "page")
    script.tool("mcp__db__query", {"dsn": {"password": at("tool input key", "")}}, [{"type": "text", "text": "ok"}])
    script.failing(f"API_KEY={at('failing command', '')} pytest", f"E   AssertionError: {at('failing output')}")
    script.failing(f"API_KEY={at('failing command', '')} pytest", f"E   AssertionError: {at('failing output')}")
    script.say("user", f"from now on always use {named('rule')} for the deployment")
    script.boundary()
    script.line(type="user", message={"role": "user", "content": f"Summary: {at('client summary')}"},
                isCompactSummary=True)  # fmt: skip
    script.write()
    for event, fields in (
        ("SessionStart", {"source": "startup"}),
        ("UserPromptSubmit", {"prompt": f"is {at('hook prompt')} right? {named('hook prompt 2')}"}),
        ("PreToolUse", {"tool_name": "Bash", "tool_use_id": "toolu_pre1",
                        "tool_input": {"command": f"psql postgres://a:{at('hook command', '')}@h/d"}}),
        ("PostToolUse", {"tool_name": "Bash", "tool_use_id": "toolu_pre1", "tool_input": {"command": "psql"},
                         "tool_response": {"stdout": f"FAILED test_a.py::test_b - {at('hook output')}"}}),
        ("PostToolUseFailure", {"tool_name": "Bash", "tool_use_id": "toolu_pre2",
                                "tool_input": {"command": f"run --token {at('hook failed command')}"},
                                "error": f"Exit code 1\nValueError: {at('hook error')}"}),
        ("PreToolUse", {"tool_name": "Edit", "tool_use_id": "toolu_pre3",
                        "tool_input": {"file_path": str(home.project / "c.py"), "old_string": "a",
                                       "new_string": named("hook edit")}}),
        ("PreToolUse", {"tool_name": "Task", "tool_use_id": "toolu_pre4",
                        "tool_input": {"subagent_type": "Explore", "prompt": f"use {at('delegation')}"}}),
        ("SubagentStart", {"agent_id": "a1", "agent_type": "Explore"}),
        ("SubagentStop", {"agent_id": "a1", "agent_type": "Explore",
                          "last_assistant_message": f"found {at('subagent report')}"}),
        ("PreCompact", {"trigger": "manual", "custom_instructions": f"keep {at('instructions')}"}),
        ("PostCompact", {"trigger": "manual", "compact_summary": f"The key is {at('compact summary')}."}),
        ("Stop", {"stop_hook_active": False, "last_assistant_message": f"done {at('last message')}"}),
    ):  # fmt: skip
        done = home.hook(event, home.payload(event, session, **fields))
        assert done.returncode == 0
        assert not planted.left(done.stdout), event
    return planted


def test_no_entrance_lets_a_secret_in(home: Home, planted: Planted) -> None:
    home.run("mark", "decision", f"use {planted.at('mark')}", "--why", f"because {planted.at('why')}",
             "--rejected", f"{planted.at('rejected')}", "--details", planted.named("details"),
             "--file", f"{planted.at('marked file')}.py")  # fmt: skip
    given = f'{{"requirement": "keep {planted.at("payload")}"}}'.encode()
    home.run("mark", "constraint", "--stdin", stdin=given)
    node = home.json("memory", "list")["nodes"][0]["id"]
    home.run("memory", "resolve", node, "--reason", f"see {planted.at('reason')}")
    home.run("memory", "quarantine", node, "--reason", f"see {planted.at('reason of a quarantine')}")
    home.run("compact", "--all", "--no-llm")
    assert home.connect().execute("SELECT count(*) FROM message").fetchone()[0] > 10
    for place, data in everything_of(home).items():
        assert not planted.left(data), place
    printed = b"".join(
        home.run(*words).out
        for words in (("export",), ("status", "--json"), ("memory", "list", "--json"), ("doctor", "--json"),
                      ("grep", "token", "--json"), ("ask", "which key is used", "--json"))
    )  # fmt: skip
    assert not planted.left(printed)


def test_exports_views_and_imports_hold_none(home: Home, planted: Planted, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    view = tmp_path / "view.html"
    assert home.run("export", "--output", out).code == 0
    assert home.run("view", "--output", view).code == 0
    for path in (out, view):
        assert path.stat().st_size > 1_000
        assert not planted.left(path.read_bytes()), path.name
    poisoned = tmp_path / "poisoned.jsonl"
    text = out.read_text()
    assert "for the deployment" in text
    poisoned.write_text(text.replace("for the deployment", f"for the deployment {planted.at('import')}"))
    home.run("import", poisoned)
    for place, data in everything_of(home).items():
        assert not planted.left(data.replace(poisoned.read_bytes(), b"")), place


def test_errors_tell_no_secret(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Planted()

    def stumble(*_: object) -> None:
        raise RuntimeError(f"cannot read {planted.named('error')}")

    monkeypatch.setattr(intake.Intake, "take", stumble)
    home.told("Stop", home.conversation(turns=1).session)
    assert any("cannot read" in sentence for sentence in home.problems())
    assert home.log.read_text().count("cannot read") == 1
    for place, data in everything_of(home).items():
        assert not planted.left(data), place
