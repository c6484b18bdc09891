"""The plugin as the client manages it: validate, add and install from a clone, build, update, load from a checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import codememory

from .client import REPOSITORY, Client, wait_for
from .conftest import MakeClient
from .scripted_api import text, told, tool

BUILD_SECONDS = 300
VERSION = codememory.__version__
NEXT = "99.0.1"
MARK = "Prices include the tax everywhere"


def git(folder: Path, *words: str) -> None:
    """Run git in a folder with a fixed identity."""
    identity = ("-c", "user.name=e2e", "-c", "user.email=e2e@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a repository that holds what a checkout of this one would: the tracked and the not ignored files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    root = tmp_path / "clone"
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, root / name)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "the plugin")
    return root


def pointed(client: Client) -> str:
    """Return the first line of the pointer file; '' while there is none."""
    pointer = client.config / "codememory" / "env"
    return pointer.read_text("utf-8").partition("\n")[0] if pointer.exists() else ""


def built(client: Client, version: str) -> None:
    """Wait until the pointer names a finished environment of a version."""
    log = client.config / "codememory" / "build.log"
    try:
        wait_for(f"environment of {version}", BUILD_SECONDS, lambda: f"/{version}-cp3" in pointed(client))
    except AssertionError:
        pytest.fail(log.read_text("utf-8", "replace")[-4000:] if log.exists() else "the build was never started")
    assert (Path(pointed(client)) / "ready").exists()


def manage(client: Client, *words: str | Path) -> str:
    """Run `claude plugin …` and return what it says."""
    done = client.run("plugin", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def bump(root: Path, version: str) -> None:
    """Give a clone another version, and a command output that shows it, as a release does."""
    for name, pattern in [
        ("codememory/__init__.py", r'(?m)^__version__ = ".*"$'),
        ("bin/codememory", r"(?m)^version=.*$"),
        (".claude-plugin/plugin.json", r'"version": ".*"'),
    ]:
        path = root / name
        kept = path.read_text("utf-8")
        changed = re.sub(pattern, lambda found: found.group(0).replace(VERSION, version), kept)
        assert changed != kept, name
        path.write_text(changed, "utf-8")
    git(root, "commit", "--quiet", "--all", "--message", f"version {version}")


@pytest.mark.parametrize("path", [".", ".claude-plugin/plugin.json"], ids=["marketplace", "plugin"])
def test_the_manifest_is_valid(make_client: MakeClient, path: str) -> None:
    said = manage(make_client(), "validate", "--strict", REPOSITORY / path)
    assert "passed" in said


def test_install_builds_its_environment_and_an_update_takes_effect(make_client: MakeClient, clone: Path) -> None:
    client = make_client("hö me with spaces", program=None)
    manage(client, "marketplace", "add", clone)
    manage(client, "install", "codememory@codememory")
    assert "codememory" in manage(client, "list")

    client.session("Hello.", [[text("Hello.")]], plugin=None)
    built(client, VERSION)
    assert client.home in Path(pointed(client)).parents

    script = [[tool("Bash", command=f"codememory mark decision '{MARK}'", description="mark")], [text("Marked.")]]
    client.session("Prices?", script, plugin=None)
    requests = client.session("Go on.", [[text("Fine.")]], plugin=None)
    assert MARK in told(requests[0])

    bump(clone, NEXT)
    manage(client, "marketplace", "update", "codememory")
    manage(client, "update", "codememory@codememory")
    client.session("Hello again.", [[text("Hello.")]], plugin=None)
    built(client, NEXT)
    script = [[tool("Bash", command="codememory --version", description="ask")], [text("Seen.")]]
    requests = client.session("Which version?", script, plugin=None)
    assert NEXT in told(requests[-1])
    assert MARK in told(requests[0]), "the memory survives the update"
    assert {record["exitCode"] for record in client.hook_records() if "exitCode" in record} == {0}


def test_a_checkout_works_with_plugin_dir(make_client: MakeClient, clone: Path) -> None:
    client = make_client(program=None)
    client.session("Hello.", [[text("Hello.")]], plugin=clone)
    built(client, VERSION)
    script = [[tool("Bash", command=f"codememory mark constraint '{MARK}'", description="mark")], [text("Marked.")]]
    client.session("Prices?", script, plugin=clone)
    requests = client.session("Go on.", [[text("Fine.")]], plugin=clone)
    assert MARK in told(requests[0])


@pytest.mark.parametrize("kind", ["decision", "constraint", "task"])
def test_what_a_skill_shows_runs_under_its_own_rule(make_client: MakeClient, kind: str) -> None:
    """The client asks the user about some shell forms (a here-document of JSON) whatever is allowed."""
    client = make_client()
    skill = REPOSITORY / "plugin" / "skills" / f"codememory-mark-{kind}" / "SKILL.md"
    (allowed,) = re.findall(r"(?m)^allowed-tools: (.*)$", skill.read_text("utf-8"))
    commands = re.findall(r"```sh\n(.*?)\n```", skill.read_text("utf-8"), re.DOTALL)
    assert len(commands) == 2
    client.api.play([*([tool("Bash", command=command, description="mark")] for command in commands), [text("Done.")]])
    done = client.run("-p", "Go on.", "--plugin-dir", REPOSITORY, "--allowedTools", allowed)
    assert done.returncode == 0, done.stdout + done.stderr
    last = [request for request in client.api.requests if request.get("tools")][-1]
    results = [
        block
        for message in last["messages"]
        for block in message["content"]
        if isinstance(block, dict) and block["type"] == "tool_result"
    ]
    assert [block.get("is_error", False) for block in results] == [False, False], results


@pytest.mark.parametrize("name", ["context-skill", "summarization-skill"])
def test_what_a_skill_looks_up_runs_under_its_own_rules(make_client: MakeClient, name: str) -> None:
    client = make_client()
    skill = (REPOSITORY / "plugin" / "skills" / f"codememory-{name}" / "SKILL.md").read_text("utf-8")
    (allowed,) = re.findall(r"(?m)^allowed-tools: (.*)$", skill)
    commands = "\n".join(re.findall(r"```sh\n(.*?)\n```", skill, re.DOTALL)).splitlines()
    assert len(commands) >= 3
    client.api.play([*([tool("Bash", command=command, description="look")] for command in commands), [text("Done.")]])
    done = client.run("-p", "Go on.", "--plugin-dir", REPOSITORY, "--allowedTools", allowed)
    assert done.returncode == 0, done.stdout + done.stderr
    said = told({"messages": [request for request in client.api.requests if request.get("tools")][-1]["messages"]})
    assert "approval" not in said, said
    assert "command not found" not in said


def test_nothing_is_built_while_ci_is_set(make_client: MakeClient) -> None:
    client = make_client(program=None)
    client.environment["CI"] = "true"
    client.session("Hello.", [[text("Hello.")]])
    assert not pointed(client)
    assert not (client.config / "plugins" / "data" / "codememory-inline" / "env").exists()
