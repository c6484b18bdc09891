"""Bad input gets one clear sentence and exit 1, a wrong use 2; nothing is lost and nothing is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fixtures.homes import Home

BAD = b"\xff".decode("utf-8", "surrogateescape")
"""What Python makes of an argument that is no UTF-8."""

EXPECTED: list[tuple[list[str], str]] = [
    (["describe", "mem_ffffffffff"], "mem_ffffffffff"),
    (["describe", "no-such-id"], "no-such-id"),
    (["describe", ""], ""),
    (["describe", " "], ""),
    (["describe", "msg_"], "msg_"),
    (["describe", "msg_xyz"], "msg_xyz"),
    (["describe", f"x{BAD}"], "x?"),
    (["expand", "sum_00"], "sum_00"),
    (["expand", "{session}", "--cursor", "x"], "cursor"),
    (["expand", "{session}", "--cursor", "-1"], "cursor"),
    (["memory", "show", "{session}"], "no memory"),
    (["memory", "list", "--session", "nobody"], "nobody"),
    (["grep", "x", "--session", "nobody"], "nobody"),
    (["grep", "x", "--since", "yesterday"], "yesterday"),
    (["grep", "x", "--since", "99d99"], "99d99"),
    (["grep", "x", "--project", "/nowhere/at/all"], "/nowhere/at/all"),
    (["grep", "x", "--project", f"/{BAD}"], ""),
    (["grep", "(", "--mode", "regex"], "expression"),
    (["grep", "a{2,1}", "--mode", "regex"], "expression"),
    (["grep", "(?P<a>x)(?P<a>y)", "--mode", "regex"], "expression"),
    (["grep", "a{99999999999}", "--mode", "regex"], "expression"),
    (["mark", "decision", "x", "--supersedes", "mem_ff"], "mem_ff"),
    (["mark", "decision", "x", "--supersedes", "{session}"], "{session}"),
    (["mark", "decision", "   "], "empty"),
    (["backfill", "/nowhere.jsonl"], "/nowhere.jsonl"),
    (["backfill", "{text}"], "no transcript"),
    (["backfill", "{binary}"], "no transcript"),
    (["backfill", "/dev/null"], "/dev/null"),
    (["backfill", "{pipe}"], "{pipe}"),
]


@pytest.fixture
def known(home: Home) -> dict[str, str]:
    """Return names of things that stand in `EXPECTED` in braces."""
    made = home.conversation()
    home.json("backfill", made.path)
    (home.root / "text.jsonl").write_text("just\nsome text\n")
    (home.root / "binary.jsonl").write_bytes(bytes(range(256)) * 50)
    os.mkfifo(home.root / "pipe.jsonl")
    return {
        "session": made.session,
        "text": str(home.root / "text.jsonl"),
        "binary": str(home.root / "binary.jsonl"),
        "pipe": str(home.root / "pipe.jsonl"),
    }


@pytest.mark.parametrize(
    ("words", "named"),
    [pytest.param(*one, id=" ".join(one[0]).encode("ascii", "replace").decode()) for one in EXPECTED],
)
def test_an_expected_error_is_one_sentence(home: Home, known: dict[str, str], words: list[str], named: str) -> None:
    before = home.json("status")["counts"]
    done = home.run(
        *[
            word.format(**known) if "{s" in word or "{t" in word or "{b" in word or "{p" in word else word
            for word in words
        ]
    )
    assert done.code == 1, (done.out, done.err)
    assert done.out == b""
    sentence = done.err.strip()
    assert sentence.startswith("codememory: ")
    assert "\n" not in sentence
    assert named.format(**known) in sentence if "{" in named else named in sentence
    assert "Traceback" not in sentence
    assert "internal" not in sentence
    assert home.json("status")["counts"] == before


def test_an_ambiguous_prefix_names_the_candidates(home: Home) -> None:
    ids = [home.mark("task", f"task {number}") for number in range(40)]
    first = next(one[:5] for one in ids if sum(other.startswith(one[:5]) for other in ids) > 1)
    done = home.run("describe", first)
    assert done.code == 1
    assert "not unique" in done.err
    assert all(word.rstrip(",.").startswith(first) for word in done.err.split() if word.startswith("mem_"))
    same = [one for one in ids if one.startswith(first)]
    shortest = next(length for length in range(6, 40) if sum(one.startswith(same[0][:length]) for one in ids) == 1)
    assert home.json("describe", same[0][:shortest])["id"] == same[0]
    assert home.json("describe", same[0])["id"] == same[0]


def test_a_whole_id_of_a_session_wins_over_the_beginning_of_a_messages(home: Home) -> None:
    made = home.transcript("5e55")
    made.say("user", "hello", uuid="5e550000-1111-4111-8111-000000000001")
    home.json("backfill", made.write())
    assert home.json("describe", "5e55")["type"] == "session"
    assert home.json("describe", "5e550")["type"] == "message"
    assert home.json("describe", "5E550000")["type"] == "message"


def test_a_session_that_begins_like_another_is_found_by_its_whole_id(home: Home) -> None:
    for session in ("5e55", "5e556", "5e5567"):
        home.mark("task", f"of {session}", "--session", session)
    assert home.json("describe", "5e55")["id"] == "5e55"
    assert home.json("describe", "5e5567")["id"] == "5e5567"
    assert home.run("describe", "5e5").code == 1


@pytest.mark.parametrize(
    "words",
    [
        ["grep"],
        ["nonsense"],
        ["grep", "x", "--mode", "fuzzy"],
        ["grep", "x", "--limit", "0"],
        ["grep", "x", "--limit", "many"],
        ["mark", "rule", "x"],
        ["mark", "decision"],
        ["memory"],
        ["memory", "list", "--kind", "idea"],
        ["expand", "x", "--token-budget", "-1"],
        ["describe"],
        ["status", "--nonsense"],
        [],
    ],
    ids=" ".join,
)
def test_a_wrong_use_is_exit_2(home: Home, words: list[str]) -> None:
    done = home.run(*words)
    assert done.code == 2 or (words in ([], ["memory"]) and b"Usage" in done.out)
    assert "Traceback" not in done.err
    assert not home.database.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMPACTION_TOKEN_THRESHOLD", "lots"),
        ("HOOK_BUDGET_MS", "-1"),
        ("HOOK_BUDGET_MS", "--5"),
        ("HOOK_BUDGET_MS", "1.5"),
        ("HOOK_BUDGET_MS", "99999999999999999999"),
        ("MAX_EXPAND_TOKENS", ""),
        ("REDACT", "perhaps"),
        ("ENABLED", "2"),
    ],
)
def test_a_bad_environment_value_is_named(home: Home, name: str, value: str) -> None:
    home.set(**{f"CODEMEMORY_{name}": value})
    done = home.run("status")
    if value == "":
        assert done.code == 0, "an empty variable is unset"
        return
    assert done.code == 1
    assert f"CODEMEMORY_{name}" in done.err
    assert repr(value) in done.err
    assert done.err.count("\n") == 1
    assert not home.database.exists()


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"7", b'{"decision": 7}', b'{"requirement": ""}', b"\xff", b'{"files": "x"}']
)
def test_a_bad_payload_is_an_expected_error(home: Home, payload: bytes) -> None:
    done = home.run("mark", "constraint", "--stdin", stdin=payload)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert not home.database.exists() or home.json("memory", "list")["nodes"] == []


@pytest.mark.parametrize("line", [b"{", b"[]", b"text"])
def test_a_bad_line_of_signatures_is_an_expected_error(home: Home, line: bytes) -> None:
    done = home.run("signature", "--jsonl", stdin=line + b"\n")
    assert done.code == 1
    assert "no JSON object" in done.err


def test_arguments_that_are_no_utf_8_are_remembered_as_well_as_they_can(home: Home) -> None:
    node = home.json(
        "memory",
        "show",
        home.mark("decision", f"caf{BAD}", "--why", f"{BAD}", "--file", f"{BAD}.py", "--session", f"s{BAD}"),
    )
    assert node["content"] in ("caf?", "caf�")
    assert home.run("grep", f"{BAD} caf", "--scope", "all", "--json").code == 0
    assert home.run("check", "--file", f"{BAD}.py", "--json").code == 0
    assert home.run("memory", "list", "--file", f"{BAD}.py", "--json").code == 0


def test_a_folder_whose_name_is_no_utf_8(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home.root / f"caf{BAD}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system wants UTF-8")
    monkeypatch.chdir(folder)
    home.mark("task", "Port the importer")
    assert len(home.json("memory", "list")["nodes"]) == 1
    transcript = folder / f"{home.names.uuid()}{BAD}.jsonl"
    made = home.conversation(turns=1)
    transcript.write_bytes(made.data)
    done = home.run("backfill", folder, "--json")
    assert done.code == 1
    assert "does not exist" in done.err
    assert home.json("backfill", home.root)["messages_added"] > 0, "one such file does not stop the others"


def test_a_database_that_cannot_be_used_is_an_expected_error(home: Home) -> None:
    for path in ("/proc/nowhere/x.db", str(home.root)):
        home.set(CODEMEMORY_DATABASE_PATH=path)
        done = home.run("status")
        assert done.code == 1
        assert path in done.err
    garbage = home.root / "garbage.db"
    garbage.write_bytes(b"not a database " * 400)
    home.set(CODEMEMORY_DATABASE_PATH=str(garbage))
    done = home.run("status")
    assert done.code == 1
    assert "no SQLite database" in done.err
    assert garbage.read_bytes() == b"not a database " * 400


def test_what_is_unexpected_is_exit_3_with_the_traceback_in_the_log(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codememory import overview

    monkeypatch.setattr(overview, "overview", lambda *_: 1 / 0)
    done = home.run("status")
    assert done.code == 3
    assert "ZeroDivisionError" in done.err
    assert "Traceback" not in done.err
    assert "Traceback" in home.log.read_text()
    os.mkfifo(home.root / "pipe")  # nobody reads it
    for path in ("/proc/nowhere/log", str(home.root / "pipe")):
        home.set(CODEMEMORY_LOG_PATH=path)
        assert home.run("status").code == 3


def test_no_home_is_an_expected_error(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def nobody(*_: object) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    done = home.run("status")
    assert done.code == 1
    assert "HOME" in done.err
    assert list(home.project.iterdir()) == []


def test_a_broken_pipe_is_no_error(home: Home, tmp_path: Path) -> None:
    """`codememory … | head` ends quietly."""
    import subprocess
    import sys

    from fixtures.homes import START

    made = home.conversation(turns=30)
    home.json("backfill", made.path)
    command = [sys.executable, "-I", "-c", START, "expand", made.session, "--token-budget", "0", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=home.environment, cwd=home.project
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 0, errors
    assert b"Traceback" not in errors
