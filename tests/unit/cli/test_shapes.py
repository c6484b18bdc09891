"""The JSON shapes of DESIGN section 4, and what the commands do."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.transcripts import Transcript, read_again

SENTENCE = "We decided to round once, after summing, because rounding each row drifts by a cent."


@pytest.fixture
def made(home: Home) -> Transcript:
    """Return a transcript with a failure, its repair and a decision, imported verbatim."""
    home.set(CODEMEMORY_REDACT="false")
    one = home.transcript()
    one.say("user", "make the invoice total right, and never round before summing 不要提前四舍五入")
    one.failing(
        "python3 -m pytest tests/test_total.py",
        "FAILED tests/test_total.py::test_total - AssertionError: assert 10.01 == 10.0",
    )
    one.tool(
        "Edit",
        {
            "file_path": str(home.project / "total.py"),
            "old_string": "sum(round(x, 2))",
            "new_string": "round(sum(x), 2)",
        },
        "Updated.",
    )
    one.tool("Bash", {"command": "python3 -m pytest tests/test_total.py"}, "1 passed in 0.02s")
    one.tool("Bash", {"command": "cat long.log"}, "".join(f"line {number} of the log\n" for number in range(3000)))
    one.say("assistant", [{"type": "text", "text": SENTENCE}])
    one.write()
    home.json("backfill", one.path)
    return one


def keys(found: dict[str, Any], wanted: str) -> None:
    """Assert that a document has these fields."""
    assert set(wanted.split()) <= set(found)


def test_status(home: Home, made: Transcript) -> None:
    home.told("Stop", made.session)
    found = home.json("status")
    keys(found, "version database counts ingest hooks injected session configuration")
    keys(found["database"], "path bytes schema_version foreign")
    keys(found["counts"], "sessions messages summaries nodes")
    keys(found["ingest"], "transcripts behind_bytes broken_lines")
    keys(found["hooks"]["Stop"], "count p50_ms p95_ms last_at errors")
    keys(found["injected"], "count tokens repeats again confirmed unconfirmed")
    assert found["counts"]["messages"] == len(read_again(made.path)) == 10
    assert found["counts"]["sessions"] == 1
    assert sum(found["counts"]["nodes"]["failure"].values()) == 1
    assert found["session"] == made.session
    assert found["database"]["path"] == str(home.database)
    parts = found["database"]["bytes_by"]
    assert set(parts) == {"messages", "index", "memories", "other"}
    assert min(parts["messages"], parts["index"], parts["memories"]) > 0
    assert 0 <= sum(parts.values()) - found["database"]["bytes"] <= found["database"]["wal_bytes"]
    assert found["configuration"]["CODEMEMORY_REDACT"] is False
    made.say("user", "more")
    made.write()
    assert home.json("status")["ingest"]["behind_bytes"] == len(made.lines[-1]) + 1


def test_backfill(home: Home, made: Transcript) -> None:
    again = home.json("backfill", home.folder)
    keys(again, "files lines messages_added failures_added bytes seconds")
    assert (again["files"], again["messages_added"], again["failures_added"], again["bytes"]) == (1, 0, 0, 0)
    other = home.conversation(turns=1)
    size = other.path.stat().st_size
    dry = home.json("backfill", "--dry-run")
    assert (dry["files"], dry["bytes"], dry["messages_added"]) == (1, size, 0)
    found = home.json("backfill")
    assert found["messages_added"] == len(read_again(other.path))
    assert found["bytes"] == size
    assert found["lines"] == len(other.lines)


def test_backfill_says_where_it_found_nothing(home: Home) -> None:
    assert home.run("backfill").out.decode() == f"There is no transcript in {home.folder.parent}.\n"
    assert home.json("backfill")["files"] == 0


def test_backfill_of_many_folders_takes_the_oldest_first(home: Home) -> None:
    """History arrives in its own order, whatever the files are called; a broken one does not stop the others."""
    import os

    old, new = home.conversation(turns=1), home.conversation(turns=1)
    deep = home.root / ".claude" / "projects" / "-other" / f"{home.names.uuid()}.jsonl"
    deep.parent.mkdir()
    deep.write_bytes(home.conversation(turns=1).data)
    (home.folder / "broken.jsonl").write_bytes(b"\x00\x01 nothing\n")
    os.utime(new.path, (1000, 1000))
    os.utime(old.path, (2000, 2000))
    found = home.json("backfill")
    assert found["files"] == 5
    order = [name for (name,) in home.connect().execute("SELECT client_id FROM session ORDER BY session_id")]
    assert order[:2] == [new.session, old.session]
    assert home.json("backfill")["bytes"] == 0


def test_grep(home: Home, made: Transcript) -> None:
    found = home.json("grep", "why do we round once after summing?")
    keys(found, "query mode hits total note")
    keys(found["hits"][0], "id type session project role kind created_at score snippet")
    assert found["hits"][0]["snippet"] == SENTENCE
    assert found["hits"][0]["session"] == made.session
    assert found["hits"][0]["project"] == str(home.project)
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        pytest.param(["summing"], 3, id="a word and its forms"),
        pytest.param(["summing", "--role", "assistant"], 2, id="of one role"),
        pytest.param(["summing", "--limit", "1"], 1, id="limited"),
        pytest.param(["summing", "--by", "session"], 1, id="sessions"),
        pytest.param(['"rounding each row"'], 1, id="a phrase"),
        pytest.param(['"each rounding row"'], 0, id="a phrase out of order"),
        pytest.param(["summing -drifts"], 2, id="a word left out"),
        pytest.param(["四舍五入"], 1, id="Chinese"),
        pytest.param(["rounding.*drifts", "--mode", "regex"], 1, id="an expression"),
        pytest.param(["ROUNDING.*drifts", "--mode", "regex"], 0, id="an expression minds case"),
        pytest.param(["(?i)ROUNDING.*drifts", "--mode", "regex"], 1, id="unless told not to"),
        pytest.param(["line 2999 of", "--mode", "regex"], 1, id="an expression reads whole outputs"),
        pytest.param(["assert 10.01", "--mode", "regex", "--scope", "nodes"], 1, id="nodes by expression"),
        pytest.param(["test_total", "--scope", "nodes", "--limit", "1"], 1, id="nodes"),
        pytest.param(["summing", "--scope", "summaries"], 0, id="summaries"),
        pytest.param(["summing", "--since", "2026-03-02"], 0, id="later"),
        pytest.param(["summing", "--before", "2026-03-02"], 3, id="earlier"),
        pytest.param(["round", "--file", "total.py"], 1, id="of a file"),
        pytest.param(["round", "--file", "./other.py"], 0, id="of another file"),
        pytest.param(["zyzzyva"], 0, id="nothing"),
        pytest.param(["summing", "--project", "/"], None, id="an unknown project"),
        pytest.param(["the of and"], None, id="stop words only"),
        pytest.param(["!!! ???"], 0, id="no word"),
        pytest.param([""], 0, id="an empty query"),
        pytest.param(['" AND NEAR( * ^'], 0, id="signs of the query language"),
    ],
)
def test_grep_finds(home: Home, made: Transcript, words: list[str], hits: int | None) -> None:
    done = home.run("grep", *words, "--json")
    if hits is None:
        assert done.code in (0, 1)
        return
    assert done.code == 0
    assert len(done.json["hits"]) == hits
    assert bool(done.json["note"]) == (hits == 0)


def test_grep_looks_at_this_project_unless_told_otherwise(
    home: Home, made: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = home.root / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    nothing = home.json("grep", "summing")
    assert nothing["hits"] == []
    assert "--all-projects" in nothing["note"]
    assert len(home.json("grep", "summing", "--all-projects")["hits"]) == 3
    assert len(home.json("grep", "summing", "--project", home.project)["hits"]) == 3
    assert home.json("describe", made.uuids[0])["text"], "an id resolves anywhere"


@pytest.mark.parametrize("form", ["id", "short", "uuid", "part of the uuid"])
def test_describe_a_message(home: Home, made: Transcript, form: str) -> None:
    uuid = made.uuids[2]
    whole = home.json("describe", uuid)
    wanted = {"id": whole["id"], "short": whole["id"][:14], "uuid": uuid, "part of the uuid": uuid[:8]}[form]
    found = home.json("describe", wanted)
    assert found == whole
    keys(found, "type id uuid seq session role kind tier tags text blocks sessions transcript nodes expand_tokens")
    assert found["uuid"] == uuid
    assert found["kind"] == "result"
    assert found["transcript"]["path"] == str(made.path)
    start = found["transcript"]["offset"]
    line = made.data[start : start + found["transcript"]["bytes"]]
    assert json.loads(line)["uuid"] == uuid


def test_describe_a_session(home: Home, made: Transcript) -> None:
    found = home.json("describe", made.session)
    keys(found, "type id project started_at last_at messages roots summaries tail expand_tokens threads")
    assert len(found["tail"]) == found["messages"] == 10
    assert home.json("describe", found["tail"][0])["uuid"] == made.uuids[0]


def test_expand_gives_everything_back_verbatim(home: Home, made: Transcript) -> None:
    found = home.json("expand", made.session, "--token-budget", "0")
    keys(found, "id summaries messages truncated next_cursor")
    keys(found["messages"][0], "id uuid seq role text blocks")
    assert found["truncated"] is False
    expected = read_again(made.path)
    assert {(message["uuid"], "", ""): message["blocks"] for message in found["messages"]} == expected
    assert [message["uuid"] for message in found["messages"]] == made.uuids
    assert found["messages"][-1]["text"] == SENTENCE


@pytest.mark.parametrize("budget", ["1", "50", "2000", "1000000"])
def test_pages_of_an_expansion_hold_each_message_once(home: Home, made: Transcript, budget: str) -> None:
    uuids: list[str] = []
    cursor: list[str] = []
    while True:
        page = home.json("expand", made.session, "--token-budget", budget, *cursor)
        assert page["messages"], "each page goes on"
        uuids += [message["uuid"] for message in page["messages"]]
        assert page["truncated"] == (page["next_cursor"] is not None)
        if not page["truncated"]:
            break
        cursor = ["--cursor", page["next_cursor"]]
    assert uuids == made.uuids


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a \ud800 lone surrogate", id="surrogate"),
        pytest.param("NUL \0 and \x1b[31m colour \u2028", id="control characters"),
        pytest.param(
            [{"type": "text", "text": "x", "citations": None, "n": 1.50, "big": 10**30}],
            id="unknown fields and numbers",
        ),
        pytest.param([{"type": "image", "source": {"type": "base64", "data": "QUJD" * 5000}}], id="an image"),
        pytest.param(
            [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [{"type": "text", "text": "a\r\nb"}, {"type": "tool_reference"}],
                }
            ],
            id="parts",
        ),
        pytest.param([], id="nothing"),
        pytest.param("", id="an empty text"),
        pytest.param("𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🙂 " * 500, id="beyond the first plane"),
    ],
)
def test_any_content_comes_back_exactly(home: Home, content: Any) -> None:
    home.set(CODEMEMORY_REDACT="false")
    one = home.transcript()
    uuid = one.say("user", content)
    one.write()
    home.json("backfill", one.path)
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    assert home.json("describe", uuid)["blocks"] == blocks
    assert home.json("expand", uuid, "--token-budget", "0")["messages"][0]["blocks"] == blocks
    assert home.run("describe", uuid).code == 0
    assert home.run("expand", uuid).code == 0


def test_check(home: Home, made: Transcript) -> None:
    for words in (
        ["--command", "python3 -m pytest tests/test_total.py"],
        ["--file", "tests/test_total.py"],
        ["--symbol", "test_total"],
    ):
        found = home.json("check", *words)["failures"]
        if words[0] == "--symbol" and not found:
            continue
        keys(found[0], "id type signature file command symbol occurrences last_at status confidence fix")
        keys(found[0]["fix"], "state summary id")
        assert found[0]["occurrences"] == 1
        assert found[0]["fix"]["state"] in ("confirmed", "unconfirmed", "none")
    error = b"Exit code 1\nFAILED tests/test_total.py::test_total - AssertionError: assert 10.01 == 10.0"
    assert home.json("check", "--error", "-", "--command", "python3 -m pytest tests/test_total.py", stdin=error)[
        "failures"
    ]
    assert home.json("check", "--command", "make")["failures"] == []
    assert home.json("check", "--file", "nothing.py")["failures"] == []


def test_check_finds_an_error_by_its_last_line_alone(home: Home) -> None:
    made = home.transcript()
    made.failing("python3 load.py", "Traceback (most recent call last):\n  File \"load.py\", line 3\nKeyError: 'row 7'")
    made.write()
    home.json("backfill")
    said = home.json("memory", "list", "--kind", "failure")["nodes"][0]["content"]
    assert len(home.json("check", "--error", said)["failures"]) == 1
    assert home.json("check", "--error", "-", stdin=f"all is well\n{said}\n".encode())["failures"]
    assert home.json("check", "--error", said.replace("row", "column"))["failures"] == []
    assert home.json("check", "--error", "?!\n\n")["failures"] == []


def test_signature(home: Home) -> None:
    output = (
        b"Exit code 1\nTraceback (most recent call last):\n"
        b'  File "/a/b.py", line 3, in <module>\n    go()\nValueError: bad rate\n'
    )
    words = ["signature", "--tool", "Bash", "--command", "python3 a.py", "--exit-code", "1"]
    found = home.json(*words, stdin=output)["failures"]
    keys(found[0], "signature type symbol files lines")
    other = home.json(*words, stdin=output.replace(b"/a/", b"/z/").replace(b"line 3", b"line 44"))["failures"]
    assert other[0]["signature"] == found[0]["signature"]
    assert home.json("signature", "--exit-code", "0", stdin=b"12 passed, 0 failed\n")["failures"] == []
    lines = b"".join(
        json.dumps({"output": output.decode(), "bug": bug, "exit_code": 1}).encode() + b"\n" for bug in range(3)
    )
    many = [json.loads(line) for line in home.run("signature", "--jsonl", stdin=lines).out.splitlines()]
    assert [one["bug"] for one in many] == [0, 1, 2]
    assert all(one["failures"] for one in many)


def test_mark_twice_is_one_node(home: Home) -> None:
    first = home.json("mark", "decision", "Keep amounts in cents", "--why", "floats drift", "--session", "s1")
    keys(first, "id kind status created superseded")
    assert first["created"] is True
    for again in ("Keep amounts in cents", "  keep AMOUNTS\n in cents. "):
        second = home.json("mark", "decision", again, "--session", "s1")
        assert (second["id"], second["created"]) == (first["id"], False)
    assert home.json("mark", "decision", "Keep amounts in cents", "--session", "s2")["id"] != first["id"]
    assert home.json("mark", "constraint", "Keep amounts in cents", "--session", "s1")["id"] != first["id"]
    assert len(home.json("memory", "list")["nodes"]) == 3


def test_mark_by_tool_use_is_one_node_whatever_it_says(home: Home) -> None:
    first = home.mark("task", "Port the importer", "--tool-use-id", "toolu_1")
    assert home.mark("task", "Port the old importer", "--tool-use-id", "toolu_1") == first
    assert home.mark("task", "Port the importer", "--tool-use-id", "toolu_2") != first
    node = home.json("memory", "show", first)
    assert node["content"] == "Port the importer"
    assert node["evidence"] == ["toolu_1"]


def test_mark_supersedes_once(home: Home) -> None:
    old = home.mark("decision", "Keep amounts as floats")
    new = home.json("mark", "decision", "Keep amounts in cents", "--supersedes", old[:12])
    assert new["superseded"] == [old]
    again = home.json("mark", "decision", "Keep amounts in cents", "--supersedes", old)
    assert again["superseded"] == [old]
    nodes = {node["id"]: node for node in home.json("memory", "list", "--kind", "decision")["nodes"]}
    assert nodes[old]["status"] == "superseded"
    assert nodes[new["id"]]["status"] == "active"
    assert [(one["kind"], one["direction"], one["id"]) for one in nodes[new["id"]]["relations"]] == [
        ("supersedes", "out", old)
    ]
    life = [step["verb"] for step in home.json("memory", "show", old)["lifecycle"]]
    assert life == ["created", "superseded"]
    assert old[:10] not in home.told("SessionStart", "s9", source="startup")


def test_mark_from_standard_input(home: Home) -> None:
    payload = {
        "requirement": "Public API stays",
        "details": "clients",
        "acceptance_criteria": ["old tests pass"],
        "sourceToolUseId": "toolu_x",
    }
    first = home.json("mark", "constraint", "--stdin", stdin=json.dumps(payload).encode())
    assert home.json("mark", "constraint", "--stdin", stdin=json.dumps(payload).encode())["id"] == first["id"]
    node = home.json("memory", "show", first["id"])
    assert node["details"] == {"details": "clients", "acceptance_criteria": ["old tests pass"]}
    decision = {
        "decision": "Cents",
        "rationale": "drift",
        "alternatives_rejected": "floats",
        "supersedesNodeId": first["id"],
    }
    second = home.json("mark", "decision", "--stdin", stdin=json.dumps(decision).encode())
    assert second["superseded"] == [first["id"]]


def test_who_marked_is_known(home: Home) -> None:
    by_hand = home.json("memory", "show", home.mark("task", "one"))
    home.set(CLAUDE_CODE_SESSION_ID="s1")
    by_model = home.json("memory", "show", home.mark("task", "two"))
    assert (by_hand["origin"], by_hand["session"], by_hand["trust"]) == ("user", None, "stated")
    assert (by_model["origin"], by_model["session"], by_model["trust"]) == ("model", "s1", "stated")


def test_a_secret_in_a_mark_is_not_stored(home: Home) -> None:
    secret = "ghp_" + "R7kQ2mZx9LpT4vYb8NcW3sJd6HfG1aEu5KoX"
    home.mark("decision", f"Use the token {secret}", "--why", f"it is {secret}", "--rejected", secret)
    home.connect().wal_checkpoint()
    for path in home.database.parent.glob("codememory.db*"):
        assert secret.encode() not in path.read_bytes()


def test_memory_list(home: Home, made: Transcript) -> None:
    home.mark("constraint", "Keep total() public", "--file", "total.py", "--glob", "src/**", "--session", made.session)
    home.mark("task", "Port the importer")
    node = home.json("memory", "list", "--kind", "constraint")["nodes"][0]
    keys(node, "id kind status content confidence origin project session created_at updated_at tags relations evidence")
    assert node["session"] == made.session
    assert {(tag["kind"], tag["value"]) for tag in node["tags"]} >= {("file", "total.py"), ("glob", "src/**")}
    count = {
        name: len(home.json("memory", "list", *words)["nodes"])
        for name, words in {
            "all": [],
            "task": ["--kind", "task"],
            "file": ["--file", str(home.project / "total.py"), "--kind", "constraint"],
            "resolved": ["--status", "superseded"],
            "session": ["--session", made.session, "--kind", "constraint"],
            "limit": ["--limit", "1"],
        }.items()
    }
    assert count["all"] >= 3
    assert (count["task"], count["file"], count["resolved"], count["session"], count["limit"]) == (1, 1, 0, 1, 1)


def test_doctor(home: Home, made: Transcript) -> None:
    done = home.run("doctor", "--json")
    assert done.code == 0, done.json
    keys(done.json, "ok checks")
    for check in done.json["checks"]:
        keys(check, "name ok detail repairable")
    connection = home.connect()
    connection.execute("DELETE FROM membership WHERE place = 3")
    done = home.run("doctor", "--json")
    assert done.code == 1
    assert [check["name"] for check in done.json["checks"] if not check["ok"]] == ["links"]
    home.database.chmod(0o644)
    failed = [check["name"] for check in home.run("doctor", "--json").json["checks"] if not check["ok"]]
    assert "permissions" in failed


def test_a_regular_expression_that_explodes_is_stopped(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from codememory.explore import expressions

    home.set(CODEMEMORY_REDACT="false")
    one = home.transcript()
    one.say("user", "a" * 60 + "!")
    one.write()
    home.json("backfill", one.path)
    monkeypatch.setattr(expressions, "SECONDS_MAX", 0.2)
    started = time.monotonic()
    done = home.run("grep", "(a+)+$", "--mode", "regex")
    assert time.monotonic() - started < 20
    assert done.code == 1
    assert "takes too long" in done.err


COMMANDS = [
    ["status"],
    ["backfill"],
    ["grep", "summing"],
    ["grep", "zyzzyva"],
    ["check", "--file", "total.py"],
    ["signature"],
    ["mark", "task", "x"],
    ["memory", "list"],
    ["doctor"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_json_is_one_document_and_talk_goes_elsewhere(home: Home, made: Transcript, words: list[str]) -> None:
    done = home.run(*words, "--json")
    assert done.code == 0, done.err
    assert isinstance(done.json, dict)
    assert done.out.endswith(b"\n")
    plain = home.run(*words)
    assert plain.code == 0, plain.err
    assert b"Traceback" not in plain.out


def test_every_command_has_help_and_the_program_a_version(home: Home) -> None:
    from codememory import __version__

    assert home.run("--version").out.decode().strip() == f"codememory {__version__}"
    for words in (
        ["--help"],
        ["status", "--help"],
        ["memory", "--help"],
        ["memory", "list", "--help"],
        ["hook", "--help"],
    ):
        done = home.run(*words)
        if words[0] != "hook":
            assert done.code == 0
            assert b"Usage" in done.out
