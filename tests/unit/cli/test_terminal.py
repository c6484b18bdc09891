"""What `status` and `describe` show a person: whole in a pipe, inside the window on a terminal, and harmless."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
from select import select
from struct import pack

import pytest
from fixtures.homes import SOURCE, START, Home
from fixtures.scenes import COMMAND, shop
from fixtures.stories import Story
from hypothesis import given
from hypothesis import strategies as st

from codememory.cli import show

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
TREE = {"CODEMEMORY_LEAF_CHUNK_TOKENS": "1000", "CODEMEMORY_LEAF_TARGET_TOKENS": "100"}


def screen(home: Home, columns: int, *words: str, **environment: str) -> list[str]:
    """Return the lines of a command on a terminal of this width."""
    import fcntl

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, pack("HHHH", 40, columns, 0, 0))
    start = f"import sys; sys.path[:0] = [{str(SOURCE)!r}]; from codememory.__main__ import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", start, *words],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=home.project,
        env={**home.environment, "TERM": "xterm-256color", **environment},
    )  # fmt: skip
    parts = []
    while (
        select([ours], [], [], 0.02)[0] or process.poll() is None
    ):  # some systems drop what is unread as theirs closes
        if select([ours], [], [], 0)[0]:
            parts.append(os.read(ours, 65536))
    os.close(theirs)
    os.close(ours)
    assert process.wait(60) == 0
    return b"".join(parts).decode().replace("\r\n", "\n").splitlines()


@pytest.fixture
def told(home: Home) -> list[Story]:
    """Return the sessions of a store with a bit of everything."""
    home.set(**TREE, CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="2")
    return shop(home, turns=30)


def ids(home: Home, told: list[Story]) -> list[str]:
    """Return one id of each sort."""
    described = home.json("describe", told[0].session)
    nodes = home.json("memory", "list", "--all-projects")["nodes"]
    return [told[0].session, described["roots"][0], told[0].transcript.uuids[0], *(one["id"] for one in nodes)]


@pytest.mark.parametrize("columns", [60, 200])
def test_no_line_is_wider_than_the_terminal(home: Home, told: list[Story], columns: int) -> None:
    words = [
        ["status"],
        ["describe", told[0].session],
        ["describe", ids(home, told)[3]],
        ["memory", "list"],
        ["project", "list"],
        ["doctor"],
    ]
    for one in words:
        for line in screen(home, columns, *one):
            assert len(ESCAPE.sub("", line).rstrip()) <= columns, line


@pytest.mark.parametrize("columns", [30, 60, 200])
def test_a_table_keeps_its_ids_whole_and_its_last_column_readable(home: Home, told: list[Story], columns: int) -> None:
    nodes = home.json("memory", "list")["nodes"]
    shown = [ESCAPE.sub("", line) for line in screen(home, columns, "memory", "list")]
    begun = [line.split()[0] for line in shown if line.startswith("mem_")]
    assert begun == [show.short(one["id"]) for one in nodes]
    projects = "\n".join(ESCAPE.sub("", line) for line in screen(home, columns, "project", "list"))
    assert home.project.name in projects.replace("\n", "").replace(" ", "")
    assert len(projects.splitlines()) <= 12


LISTING = [
    ["status"],
    ["grep", "invoice", "--all-projects"],
    ["memory", "list"],
    ["project", "list"],
    ["doctor"],
    ["describe", "SESSION"],
    ["expand", "SESSION"],
    ["export"],
]


@pytest.mark.parametrize("words", LISTING, ids=" ".join)
def test_a_pipe_closed_early_is_no_error(home: Home, told: list[Story], words: list[str]) -> None:
    typed = [told[0].session if word == "SESSION" else word for word in words]
    with subprocess.Popen(
        [sys.executable, "-I", "-c", START, *typed], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL, env=home.environment, cwd=home.project,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 0, errors
    assert b"Traceback" not in errors


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_code_page_that_lacks_a_sign_is_no_error(home: Home, told: list[Story], encoding: str) -> None:
    for words in (["status"], ["describe", told[0].session], ["expand", told[0].session]):
        done = subprocess.run(
            [sys.executable, "-c", START, *words], capture_output=True, timeout=60, check=False, cwd=home.project,
            env={**home.environment, "PYTHONIOENCODING": encoding},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@given(st.integers(0, 10**7))
def test_a_count_reads_as_people_say_it(count: int) -> None:
    assert show.counted(count, "memory") == f"{count:,} {'memory' if count == 1 else 'memories'}"
    assert show.counted(count, "line") == f"{count:,} line{'' if count == 1 else 's'}"


def test_no_colour_is_no_colour(home: Home, told: list[Story]) -> None:
    failure = home.json("memory", "list", "--kind", "failure", "--status", "resolved", "--all-projects")["nodes"][0][
        "id"
    ]
    colours = re.compile(r"\x1b\[[0-9;]*\b(?:3[0-7]|38;5;\d+|9[0-7])m")
    assert colours.search("\n".join(screen(home, 80, "describe", failure)))
    assert not colours.search("\n".join(screen(home, 80, "describe", failure, NO_COLOR="1")))


def test_a_pipe_gets_plain_whole_lines(home: Home, told: list[Story]) -> None:
    for words in (["status"], *(["describe", one] for one in ids(home, told))):
        done = home.run(*words)
        assert done.code == 0, done.err
        text = done.out.decode()
        assert "\x1b" not in text
        assert words[0] != "status" or all(line == line.rstrip() for line in text.splitlines())


def test_a_failure_says_why_it_counts_as_fixed(home: Home, told: list[Story]) -> None:
    failure = home.json("memory", "list", "--kind", "failure", "--status", "resolved", "--all-projects")["nodes"][0][
        "id"
    ]
    text = home.run("describe", failure).out.decode()
    assert "Considered fixed because the same command that had failed passed" in text
    assert "+ return round(sum(rows), 2)" in text
    assert f"checked by `{COMMAND}`" in text


def test_a_session_shows_its_summaries_as_a_tree(home: Home, told: list[Story]) -> None:
    described = home.json("describe", told[0].session)
    text = home.run("describe", told[0].session).out.decode()
    places = [text.index(show.short(one)) for one in described["roots"]]
    assert places == sorted(places)
    shown = [one for one in described["summaries"] if show.short(one) in text]
    assert len(shown) == len(described["summaries"])


def test_hostile_text_moves_no_cursor(home: Home) -> None:
    story = Story(home, by="transcript")
    story.says("look \x1b[2J\x1b]0;title\x07 [bold red]here[/] \x9b31m")
    node = home.mark("decision", "Never [link=x]print[/link] \x1b[31mred\x9b", "--why", "\x1b[2J it moves")
    for words in (["describe", node], ["describe", story.transcript.uuids[0]], ["describe", story.session], ["status"]):
        for text in ("\n".join(screen(home, 80, *words)), home.run(*words).out.decode()):
            assert not set(ESCAPE.sub("", text)) & {"\x1b", "\x07", "\x9b"}
    assert "[link=x]print[/link]" in home.run("describe", node).out.decode()


@given(st.lists(st.integers(0, 10**6), max_size=40))
def test_a_bar_for_each_something(values: list[int]) -> None:
    bars = show.spark(values, "·")
    assert len(bars) == len(values)
    assert [bar == "·" for bar in bars] == [value == 0 for value in values]
    for one, other in zip(
        sorted(zip(values, bars, strict=True)), sorted(zip(values, bars, strict=True))[1:], strict=False
    ):
        assert one[0] == 0 or show.BARS.index(one[1]) <= show.BARS.index(other[1])


def test_status_names_the_settings_that_were_changed(home: Home) -> None:
    home.set(CODEMEMORY_GUARD="ask", CODEMEMORY_QUERY_PLANNER_ENABLED="1", CODEMEMORY_REDACT="true")
    (line,) = [one for one in home.run("status").out.decode().splitlines() if one.startswith("settings")]
    assert "CODEMEMORY_GUARD=ask" in line
    assert "CODEMEMORY_QUERY_PLANNER_ENABLED=true" in line
    assert "REDACT" not in line, "what is as ever is not named"


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [(1, "day", "1 day"), (9, "day", "9 days"), (2, "memory", "2 memories"), (0, "reply", "0 replies")],
)
def test_things_are_counted_in_words(count: int, noun: str, said: str) -> None:
    assert show.counted(count, noun) == said


@pytest.mark.parametrize(("words", "is_shown"), [(["--scan"], True), (["--scan", "--json"], True), ([], False),
                                                 (["--scan", "--quiet"], False)])  # fmt: skip
def test_a_long_look_for_secrets_shows_how_far_it_is(home: Home, words: list[str], is_shown: bool) -> None:
    home.told("Stop", home.conversation().session)
    assert any("looking for secrets" in line for line in screen(home, 100, "doctor", *words)) is is_shown


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_status_cuts_no_figure(home: Home, told: list[Story], columns: int) -> None:
    lines = screen(home, columns, "status")
    assert not any("…" in line for line in lines)
    assert all(len(ESCAPE.sub("", line)) <= columns for line in lines)


@pytest.mark.parametrize("words", [["import"], ["backfill"], ["backup", "--output"], ["describe"], ["memory", "show"]])
def test_an_error_that_quotes_a_name_says_nothing_to_a_terminal(home: Home, words: list[str]) -> None:
    done = home.run(*words, "nowhere/\x1b]0;title\x07\u202ex")
    assert done.code == 1
    assert "nowhere/" in done.err and done.err.replace("\n", "").isprintable()
