"""A rule follows its file through a rename, and the client's own records confirm that it was told."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from .client import Client
from .conftest import INSTALLED, MakeClient
from .scripted_api import Block, text, told, tool

RULE = "Totals are rounded only when they are printed"
MOVE = (
    "mkdir -p lib && git mv src/a.py lib/b.py && git -c user.name=A -c user.email=a@example.org commit -qm moved"
    " && git log --oneline"
)


def bash(command: str) -> Block:
    """Return a call of the Bash tool."""
    return tool("Bash", command=command, description="run a command")


def ours(client: Client, *words: str) -> Any:
    """Return what a command of ours says."""
    done = subprocess.run(
        [INSTALLED, *words, "--json"], cwd=client.project, env=client.environment, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def git(client: Client, *words: str) -> None:
    """Run git in the client's project."""
    named = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *words]
    subprocess.run(named, cwd=client.project, env=client.environment, capture_output=True, check=True)


def bound(client: Client) -> set[str]:
    """Return the files that the one rule is bound to."""
    (node,) = ours(client, "memory", "list", "--kind", "constraint")["nodes"]
    return {tag["value"] for tag in node["tags"] if tag["kind"] == "file"}


def edits(client: Client, session: str, file: str) -> str:
    """Let the model edit a file in a session of its own, and return all it was told in it."""
    path = str(client.project / file)
    turns = [
        [tool("Read", file_path=path)],
        [tool("Edit", file_path=path, old_string="return 1", new_string="return 2")],
        [bash("python3 --version")],
        [text("Done.")],
    ]
    return told(client.session("Go on.", turns, "--session-id", session)[-1])


def test_a_rule_follows_its_file_and_its_delivery_is_confirmed(make_client: MakeClient) -> None:
    client = make_client()
    git(client, "init", "-q")
    (client.project / "src").mkdir()
    (client.project / "src/a.py").write_text("def total():\n    return 1\n")
    git(client, "add", "-A")
    git(client, "commit", "-qm", "first")
    mark = f"codememory mark constraint '{RULE}' --file src/a.py"
    client.session("Move it.", [[bash(mark)], [bash(MOVE)], [text("Moved.")]])
    assert "lib/b.py" in bound(client), "heard from the model's own command"
    assert RULE in edits(client, "5ec04d00-0000-4000-8000-000000000002", "lib/b.py")

    git(client, "mv", "lib/b.py", "lib/c.py")  # by hand, while no session runs
    git(client, "commit", "-qm", "moved again")
    (client.project / "lib/c.py").write_text("def total():\n    return 1\n")
    assert RULE in edits(client, "5ec04d00-0000-4000-8000-000000000003", "lib/c.py")
    assert "lib/c.py" in bound(client), "told by git at the session's start"

    ours(client, "backfill")
    (node,) = ours(client, "memory", "list", "--kind", "constraint")["nodes"]
    injected = ours(client, "status")["injected"]
    assert injected["confirmed"] == injected["count"] >= 2
    assert (injected["unconfirmed"], injected["repeats"]) == (0, 0)
    said = ours(client, "why", node["id"])["said"]
    assert all(one["confirmed_at"] for one in said)
    assert any(str(one["next"]).startswith(("Read", "Bash")) for one in said)
