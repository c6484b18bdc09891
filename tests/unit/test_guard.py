"""When the guard speaks, when it stays silent, and that it does so once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fixtures.homes import Home
from fixtures.stories import Story

from codememory import guard, repository

COMMAND = "python check_total.py"
OUTPUT = (
    'Traceback (most recent call last):\n  File "check_total.py", line 3, in <module>\n    assert found == 4\n'
    "AssertionError: total is 3"
)
IN_A_ROW = "times in a row with the same error"


def twice(home: Home, command: str = COMMAND, output: str = OUTPUT, by: str = "hooks") -> Story:
    story = Story(home, by=by)
    story.fail(command, output)
    story.fail(command, output)
    return story


def speaks(story: Story, command: str = COMMAND, output: str = OUTPUT) -> bool:
    """Tell whether the guard speaks before one more run, whatever its mode."""
    before = len(story.decisions)
    return IN_A_ROW in story.fail(command, output) or len(story.decisions) > before


@pytest.mark.parametrize("by", ["hooks", "both", "late"])
def test_it_warns_at_the_third_run_and_not_at_the_second(home: Home, by: str) -> None:
    story = Story(home, by=by)
    assert [speaks(story) for _ in range(3)] == [False, False, True]
    assert story.decisions == []


@pytest.mark.parametrize(("mode", "decisions"), [("off", []), ("warn", []), ("ask", ["ask"]), ("deny", ["deny"])])
def test_each_mode_acts_once_in_a_streak(home: Home, mode: str, decisions: list[str]) -> None:
    home.set(CODEMEMORY_GUARD=mode)
    story = Story(home)
    said = [speaks(story) for _ in range(6)]
    assert [decision for decision, _ in story.decisions] == decisions
    assert said == [False, False, mode != "off", False, False, False]


def test_a_denial_names_the_evidence_and_the_remedy(home: Home) -> None:
    first = Story(home)
    first.fail(COMMAND, OUTPUT)
    first.edit("total.py", "return 3", "return 4")
    first.run(COMMAND)
    home.set(CODEMEMORY_GUARD="deny")
    story = Story(home, day=1)
    for _ in range(3):
        story.fail(COMMAND, OUTPUT)
    ((decision, reason),) = story.decisions
    assert decision == "deny"
    assert "failed 2 times in a row" in reason
    assert "total is 3" in reason
    assert "return 4" in reason
    assert "let through" in reason


def test_a_new_streak_is_spoken_of_again(home: Home) -> None:
    story = twice(home)
    assert speaks(story)
    story.edit("total.py", "return 3", "return 5")
    story.run(COMMAND)
    assert [speaks(story) for _ in range(3)] == [False, False, True]


def change_nothing(story: Story) -> None:
    story.run("cat total.py", "def total")
    story.run("git status --short", "")
    story.call("Read", {"file_path": f"{story.cwd}/total.py"}, "1 def total")


CHANGES: dict[str, Callable[[Story], object]] = {
    "an edit": lambda story: story.edit("total.py", "a", "b"),
    "an edit of another file": lambda story: story.edit("docs/notes.md", "a", "b"),
    "a file written": lambda story: story.write("total.py", "x = 1"),
    "a changing command": lambda story: story.run("pip install -e ."),
    "a building command": lambda story: story.run("npm run build"),
    "an unknown command": lambda story: story.run("./bin/tool --reset"),
    "a failing unknown command": lambda story: story.fail("python seed.py", "Traceback\nValueError: x"),
    "sed in place": lambda story: story.run("sed -i s/a/b/ total.py"),
    "a commit": lambda story: story.run("git commit -am x"),
    "the user's word": lambda story: (story.says("I started the database, try again"), story.catch_up()),
}


def test_looking_changes_nothing(home: Home) -> None:
    story = twice(home)
    change_nothing(story)
    assert speaks(story)


def test_a_refused_edit_changes_nothing(home: Home) -> None:
    story = twice(home)
    story.refused_edit("total.py")
    story.catch_up()
    assert speaks(story)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("mode", ["warn", "deny"])
def test_never_after_a_change(home: Home, change: Callable[[Story], object], mode: str) -> None:
    home.set(CODEMEMORY_GUARD=mode)
    story = twice(home)
    change(story)
    assert not speaks(story)


def test_never_when_the_failures_differ(home: Home) -> None:
    story = Story(home)
    story.fail(COMMAND, OUTPUT)
    story.fail(COMMAND, OUTPUT.replace("AssertionError: total is 3", "KeyError: 'rows'"))
    assert not speaks(story)


def test_never_when_it_passed_between(home: Home) -> None:
    story = Story(home)
    story.fail(COMMAND, OUTPUT)
    story.run(COMMAND)
    story.fail(COMMAND, OUTPUT)
    assert not speaks(story)


@pytest.mark.parametrize(
    "command",
    ["curl -f http://localhost:3000/health", "gh run watch 12", "docker compose up --wait", "docker exec db pg_isready",
     "kubectl get pod x", "sleep 5 && ./probe", "timeout 5 wget http://x", "sudo ssh host true",
     "until nc -z localhost 5432; do sleep 1; done", "terraform apply", "redis-cli ping"],
)  # fmt: skip
def test_never_of_a_command_that_waits_for_something_outside(home: Home, command: str) -> None:
    assert guard.waits(command)
    story = twice(home, command, "Error: something is not there yet\nfatal: no answer")
    assert not speaks(story, command, "Error: something is not there yet\nfatal: no answer")


@pytest.mark.parametrize("command", ["pytest -q", "npm test", "cargo build", "python wait_list.py", "make docker-lint"])
def test_checks_do_not_wait(command: str) -> None:
    assert not guard.waits(command)


@pytest.mark.parametrize(
    "output",
    ["npm ERR! code ETIMEDOUT\nnpm ERR! network request to https://registry failed, reason: connect ETIMEDOUT",
     "error: Could not connect: Connection refused", "fatal: Unable to create '.git/index.lock': File exists.",
     "Error: listen EADDRINUSE: address already in use :::3000", "sqlite3.OperationalError: database is locked",
     "curl: (6) Could not resolve host: example.test", "ERROR: 429 Too Many Requests"],
)  # fmt: skip
def test_never_of_a_fleeting_failure(home: Home, output: str) -> None:
    assert not speaks(twice(home, "npm test", output), "npm test", output)


@pytest.mark.parametrize("name", ["FileNotFoundError", "ModuleNotFoundError"])
def test_what_is_not_found_stays_so(home: Home, name: str) -> None:
    """These names hold the letters of ENOTFOUND, which is the network's."""
    output = (
        f"Exit code 1\nTraceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n{name}: 'staging.toml'"
    )
    assert speaks(twice(home, "python3 publish.py", output), "python3 publish.py", output)


def test_never_on_changed_content(home: Home) -> None:
    (home.project / "check_total.py").write_text("assert 3 == 4\n")
    story = twice(home)
    (home.project / "check_total.py").write_text("assert 4 == 4\n")  # by hand, outside of the session
    assert not speaks(story)


def test_never_on_another_commit(home: Home) -> None:
    git = home.project / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs" / "heads" / "main").write_text("a" * 40 + "\n")
    story = twice(home)
    (git / "refs" / "heads" / "main").write_text("b" * 40 + "\n")
    assert not speaks(story)


def test_another_session_starts_afresh(home: Home) -> None:
    twice(home)
    assert not speaks(Story(home, day=1))


def test_it_fails_open(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.set(CODEMEMORY_GUARD="deny")
    story = twice(home)
    monkeypatch.setattr(guard, "verdict", lambda *_: 1 / 0)
    done = home.told(
        "PreToolUse", story.session, tool_name="Bash", tool_input={"command": COMMAND}, tool_use_id="toolu_open"
    )
    assert done == ""
    assert any("ZeroDivisionError" in problem for problem in home.problems())


def test_its_precision_is_read_from_what_followed(home: Home) -> None:
    from codememory.store import guards

    story = twice(home)
    speaks(story)
    assert guards.record(story.connection) == (1, 1, 1)


def test_blob_hash_is_gits(home: Home) -> None:
    path = home.project / "x"
    path.write_bytes(b"hello\n")
    assert repository.blob_hash(str(path)) == "ce013625030ba8dba906f756967f9e9ca394464a"
