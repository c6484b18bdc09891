"""A statement follows the file it is bound to, by the session's own `mv` and by what git knows."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import Home

from codememory import git, repository

RULE = "Totals are rounded only when they are printed"


class Repo:
    """A real repository in a home's project."""

    def __init__(self, home: Home) -> None:
        self.home, self.root = home, home.project
        self.git("init", "-q", "-b", "main")
        for name, value in (("user.email", "a@example.org"), ("user.name", "A"), ("commit.gpgsign", "false")):
            self.git("config", name, value)

    def git(self, *words: str) -> str:
        """Run git, without anything of this machine's configuration."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home.root), "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run(
            ["git", *words], cwd=self.root, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def write(self, *names: str) -> None:
        """Write files, each with lines of its own."""
        for name in names:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{name} {number}\n" for number in range(20)))

    def commit(self, words: str = "work") -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-qm", words)

    def move(self, old: str, new: str) -> None:
        """Let git move a path."""
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        self.git("mv", old, new)


@pytest.fixture
def repo(home: Home) -> Repo:
    made = Repo(home)
    made.write("src/a.py", "src/other.py", "README.md")
    made.commit("first")
    return made


def edited(home: Home, file: str) -> str:
    """Return what a new session is told when it edits a file."""
    session = home.names.uuid()
    given = {"file_path": str(home.project / file), "old_string": "1", "new_string": "2"}
    return home.told("PreToolUse", session, tool_name="Edit", tool_input=given, tool_use_id=home.names.tool_use())


def stop(home: Home, session: str = "") -> None:
    """Run what happens behind a turn."""
    session = session or home.names.uuid()
    home.told("Stop", session)
    home.told("Stop", session, "--background")


def lifecycle(home: Home, node: str) -> list[dict[str, Any]]:
    return [step for step in home.json("memory", "events", node)["events"] if step["verb"] == "moved"]


def test_told_before_the_edit_of_the_new_file(home: Home, repo: Repo) -> None:
    node = home.mark("constraint", RULE, "--file", "src/a.py")
    assert RULE in edited(home, "src/a.py")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    assert edited(home, "lib/b.py") == ""
    stop(home)
    assert RULE in edited(home, "lib/b.py")
    (step,) = lifecycle(home, node)
    assert step["detail"] == {"from": "src/a.py", "to": "lib/b.py", "by": repo.git("rev-parse", "HEAD").strip()}


def test_told_by_a_hook_of_its_own_process(home: Home, repo: Repo) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    home.hook("SessionStart", home.payload("SessionStart", home.names.uuid(), source="startup"))
    given = {"file_path": str(home.project / "lib/b.py"), "old_string": "1", "new_string": "2"}
    session = home.names.uuid()
    done = home.hook(
        "PreToolUse",
        home.payload("PreToolUse", session, tool_name="Edit", tool_input=given, tool_use_id="toolu_1"),
    )
    assert RULE in done.stdout.decode()


def test_a_chain_and_its_words_are_found(home: Home, repo: Repo) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    for old, new in (("src/a.py", "src/b.py"), ("src/b.py", "lib/invoices.py")):
        repo.move(old, new)
        repo.commit()
    stop(home)
    assert RULE in edited(home, "lib/invoices.py")
    found = home.json("grep", "invoices", "--scope", "nodes")["hits"]
    assert [hit["kind"] for hit in found] == ["constraint"]


def test_staged_and_not_committed(home: Home, repo: Repo) -> None:
    node = home.mark("decision", RULE, "--why", "cents", "--file", "src/a.py")
    repo.move("src/a.py", "lib/b.py")
    stop(home)
    assert RULE in edited(home, "lib/b.py")
    assert lifecycle(home, node)[0]["detail"]["by"] == "git index"


def test_a_folder_that_went_as_a_whole(home: Home, repo: Repo) -> None:
    repo.write("src/api/v1/x.py", "src/api/v1/y.py")
    repo.commit()
    home.mark("constraint", RULE, "--glob", "src/api/**")
    repo.move("src/api", "server/api")
    repo.commit()
    stop(home)
    assert RULE in edited(home, "server/api/v1/new.py")


def test_a_folder_that_stays_keeps_its_glob(home: Home, repo: Repo) -> None:
    home.mark("constraint", RULE, "--glob", "src/*.py")
    repo.move("src/a.py", "lib/a.py")
    repo.commit()
    stop(home)
    assert edited(home, "lib/a.py") == ""
    assert RULE in edited(home, "src/other.py")


def test_a_new_file_of_the_old_name_is_another_file(home: Home, repo: Repo) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    stop(home)
    repo.write("src/a.py")
    repo.commit()
    stop(home)
    assert edited(home, "src/a.py") == ""
    assert RULE in edited(home, "lib/b.py")


def test_a_statement_on_the_new_owner_stays_with_it(home: Home, repo: Repo) -> None:
    repo.move("src/a.py", "lib/b.py")
    repo.write("src/a.py")
    repo.commit()
    os.utime(repo.root / ".git/index")
    home.mark("constraint", "The first rule", "--file", "README.md")
    stop(home)
    home.mark("constraint", RULE, "--file", "src/a.py")
    repo.write("another.py")
    repo.commit()
    stop(home)
    assert RULE in edited(home, "src/a.py")
    assert edited(home, "lib/b.py") == ""


def test_pulled_commits_are_older_than_the_statement(home: Home, repo: Repo) -> None:
    repo.git("checkout", "-qb", "colleague")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    repo.git("checkout", "-q", "main")
    home.mark("constraint", RULE, "--file", "src/a.py")
    stop(home)
    repo.git("merge", "-q", "--no-edit", "colleague")
    stop(home)
    assert RULE in edited(home, "lib/b.py")


def test_the_old_name_still_binds_on_another_branch(home: Home, repo: Repo) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    repo.git("checkout", "-qb", "moved")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    stop(home)
    repo.git("checkout", "-q", "main")
    stop(home)
    assert RULE in edited(home, "src/a.py")


@pytest.mark.parametrize("command", ["git mv src/a.py src/b.py", "mv src/a.py src/b.py && ls"])
def test_a_move_in_the_session_is_heard_at_once(home: Home, repo: Repo, command: str) -> None:
    node = home.mark("constraint", RULE, "--file", "src/a.py")
    subprocess.run(command, shell=True, cwd=repo.root, check=True, capture_output=True)
    session, call = home.names.uuid(), home.names.tool_use()
    fields = {"tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": call}
    home.told("PostToolUse", session, tool_response={"stdout": ""}, **fields)
    assert RULE in edited(home, "src/b.py")
    assert lifecycle(home, node)[0]["detail"]["by"] == call


def test_a_move_that_failed_is_none(home: Home, repo: Repo) -> None:
    node = home.mark("constraint", RULE, "--file", "src/a.py")
    fields = {"tool_name": "Bash", "tool_input": {"command": "git mv src/a.py lib/b.py"}, "tool_use_id": "toolu_9"}
    error = "Exit code 128\nfatal: renaming 'src/a.py' failed: No such file or directory"
    home.told("PostToolUseFailure", home.names.uuid(), error=error, **fields)
    assert lifecycle(home, node) == []


def test_a_statement_that_is_ingested_late_follows_too(home: Home, repo: Repo) -> None:
    made = home.transcript()
    made.start = made.start.replace(year=2020)
    made.say("user", "Never edit src/a.py by hand, always run the generator.")
    home.mark("constraint", "Keep the readme short", "--file", "README.md")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    stop(home)
    made.write()
    assert home.run("backfill", made.path).code == 0
    assert "generator" in edited(home, "lib/b.py")


def test_maintain_and_backfill_ask_git(home: Home, repo: Repo) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    assert home.json("memory", "maintain")["renames"] == 1
    assert home.json("memory", "maintain")["renames"] == 0
    repo.move("lib/b.py", "lib/c.py")
    repo.commit()
    assert home.run("backfill", home.conversation().path).code == 0
    assert RULE in edited(home, "lib/c.py")


class Counted:
    """How often git was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        real = git.renames

        def asked(*words: Any) -> Any:
            self.count += 1
            return real(*words)

        monkeypatch.setattr(git, "renames", asked)


def test_git_is_asked_only_when_something_changed(home: Home, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Counted(monkeypatch)
    stop(home)
    assert asked.count == 0, "nothing is bound to a path"
    home.mark("constraint", RULE, "--file", "src/a.py")
    stop(home)
    stop(home)
    home.told("SessionStart", home.names.uuid(), source="startup")
    assert asked.count == 1
    repo.write("src/c.py")
    repo.commit()
    home.told("UserPromptSubmit", home.names.uuid(), prompt="What about the rounding of totals?")
    edited(home, "src/a.py")
    assert asked.count == 1, "never on the way of a prompt or a tool"
    home.told("SessionStart", home.names.uuid(), source="startup")
    assert asked.count == 2


def test_a_switched_off_project_is_left_alone(home: Home, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    (repo.root / repository.IGNORE_FILE).touch()
    asked = Counted(monkeypatch)
    stop(home)
    home.run("memory", "maintain", "--all-projects")
    assert asked.count == 0


def test_without_git_nothing_breaks(home: Home, repo: Repo, tmp_path: Path) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    path = os.environ["PATH"]
    home.set(PATH=str(tmp_path / "empty"))
    stop(home)
    home.told("SessionStart", home.names.uuid(), source="startup")
    assert home.problems() == []
    assert edited(home, "lib/b.py") == ""
    home.set(PATH=path)
    stop(home)
    assert RULE in edited(home, "lib/b.py"), "asked again as soon as there is a git"


def test_a_git_that_hangs_costs_its_limit_and_no_more(home: Home, repo: Repo, tmp_path: Path) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (folder / "git").chmod(0o755)
    home.set(PATH=f"{folder}:{os.environ['PATH']}")
    home.told("SessionStart", home.names.uuid(), source="startup")
    assert home.problems() == []


def test_what_a_repository_configures_is_not_run(home: Home, repo: Repo) -> None:
    marker = home.root / "ran"
    script = home.root / "script"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external", "core.pager", "gpg.program", "diff.py.textconv"):
        repo.git("config", name, str(script))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "color.ui", "always")
    home.mark("constraint", RULE, "--file", "src/a.py")
    (repo.root / ".gitattributes").write_text("*.py diff=py\n")
    (repo.root / "lib").mkdir()
    (repo.root / "src/a.py").rename(repo.root / "lib/b.py")
    repo.git("-c", "core.fsmonitor=false", "add", "-A")
    repo.git("-c", "core.fsmonitor=false", "commit", "-qm", "moved")
    marker.unlink(missing_ok=True)
    stop(home)
    assert RULE in edited(home, "lib/b.py")
    assert not marker.exists()


def test_a_commit_that_is_gone_is_no_obstacle(home: Home, repo: Repo) -> None:
    home.mark("constraint", RULE, "--file", "src/a.py")
    stop(home)
    home.connect().execute("UPDATE rename_scan SET head = ?", ("f" * 40,))
    repo.move("src/a.py", "lib/b.py")
    repo.commit()
    stop(home)
    assert RULE in edited(home, "lib/b.py")


def test_a_bare_name_in_the_users_words_follows(home: Home, repo: Repo) -> None:
    made = home.transcript()
    made.start = made.start.replace(year=2020)
    made.say("user", "Never edit other.py by hand, always run the generator.")
    made.write()
    home.run("backfill", made.path)
    assert "generator" in edited(home, "src/other.py")
    repo.move("src/other.py", "lib/made.py")
    repo.commit()
    stop(home)
    assert "generator" in edited(home, "lib/made.py")


def test_a_folder_in_the_users_words_binds_what_is_below(home: Home, repo: Repo) -> None:
    made = home.transcript()
    made.say("user", "never touch the files under vendor/, they are synced from upstream")
    made.write()
    home.run("backfill", made.path)
    assert "synced" in edited(home, "vendor/lib/x.c")
    assert edited(home, "src/a.py") == ""
