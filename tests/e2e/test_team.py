"""A failure fixed on one machine is told, with its remedy and author, at the failing command on another."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from team.conftest import database, server
from team.server import Server

from .client import Client
from .conftest import INSTALLED, MakeClient
from .scripted_api import text
from .test_delivered import SECOND, bash, delivered
from .test_failures import CHECK, RIGHT_LINE, WRONG_LINE, edit, write_project

__all__ = ["database", "server"]


def run(client: Client, role: str, dsn: str, *words: str) -> Any:
    """Run a command as a member of the team and return its document."""
    environment = {**client.environment, "CODEMEMORY_TEAM_DSN": dsn, "USER": role}
    done = subprocess.run(
        [INSTALLED, *words, "--json"], cwd=client.project, env=environment, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_one_engineers_lesson_reaches_the_next(
    make_client: MakeClient,
    server: Server,
    database: str,
) -> None:
    ann, bob = make_client("ann"), make_client("bob")
    write_project(ann)
    ann.session(
        "Make the check pass. It must print 1 passed.",
        [[bash(CHECK)], *edit(ann, WRONG_LINE, RIGHT_LINE), [bash(CHECK)], [text("It passes.")]],
    )
    run(ann, "ann", server.dsn("ann", database), "team", "join", "--new")
    planned = run(ann, "ann", server.dsn("ann", database), "team", "push", "--dry-run")
    assert str(ann.home) not in json.dumps(planned)
    assert run(ann, "ann", server.dsn("ann", database), "team", "sync")["projects"][0]["pushed"]
    write_project(bob)
    run(bob, "bob", server.dsn("bob", database), "team", "join", "--project", "shop")
    assert run(bob, "bob", server.dsn("bob", database), "team", "sync")["projects"][0]["pulled"]
    requests = bob.session("Run the check.", [[bash(CHECK)], [text("It fails.")]], "--session-id", SECOND)
    said = delivered(bob, "PostToolUseFailure", SECOND, requests)
    assert "by ann of the team, confirmed" in said
    assert "total.py" in said
    assert RIGHT_LINE in said
