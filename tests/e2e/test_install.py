"""`install` in the real client: its hooks, tools and commands work; uninstalled, the settings are what they were."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from .client import REPOSITORY, Client
from .conftest import INSTALLED, MakeClient
from .scripted_api import text, told, tool
from .test_delivered import DECISION, delivered
from .test_tools import PATIENT

SETTINGS = b'{\n    "cleanupPeriodDays": 20,\n    "hooks": {"Notification": []}\n}'
TOOL = "mcp__codememory__codememory_mark_decision"


def ours(client: Client, *words: str) -> Any:
    """Run a command of ours in the client's project and return its document."""
    done = subprocess.run(
        [INSTALLED, *words, "--json"], env=client.environment, cwd=client.project, capture_output=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("chosen", [False, True], ids=["home", "CLAUDE_CONFIG_DIR"])
def test_an_installed_client_is_told_and_uninstalled_it_is_as_before(make_client: MakeClient, chosen: bool) -> None:
    client = make_client("hö me with spaces")
    if chosen:
        client.config = client.home / "cönfig"
        client.environment["CLAUDE_CONFIG_DIR"] = str(client.config)
    client.environment.update(PATIENT)
    client.config.mkdir()
    settings = client.config / "settings.json"
    settings.write_bytes(SETTINGS)
    ours(client, "install", "--yes")

    marked = tool(TOOL, decision=DECISION)
    client.session("Cents?", [[marked], [text("Marked.")]], "--allowedTools", "mcp__codememory", plugin=None)
    session = "5ec04d00-0000-4000-8000-00000000000e"
    requests = client.session("Go on.", [[text("Fine.")]], "--session-id", session, plugin=None)
    assert DECISION in delivered(client, "SessionStart", session, requests)
    assert {one["name"] for one in requests[0]["tools"] if "codememory" in one["name"]} >= {TOOL}
    offered = told(requests[0])
    assert "codememory-mark-decision" in offered
    assert "codememory-query-agent" in offered + json.dumps(requests[0]["tools"])

    client.api.play([[text("Told.")]])
    done = client.run("-p", "/codememory-grep integer cents")
    asked = [request for request in client.api.requests if request.get("tools")]
    assert done.returncode == 0
    assert DECISION in told({"messages": asked[0]["messages"]}).partition("/codememory-grep</command-name>")[2]
    assert {record["exitCode"] for record in client.hook_records() if "exitCode" in record} == {0}

    ours(client, "uninstall", "--yes")
    assert settings.read_bytes() == SETTINGS
    requests = client.session("Go on.", [[text("Fine.")]], plugin=None)
    assert "codememory" not in json.dumps(requests[0]["tools"]) + told(requests[0])


def test_it_refuses_beside_the_plugin(make_client: MakeClient) -> None:
    client = make_client()
    client.run("plugin", "marketplace", "add", REPOSITORY)
    client.run("plugin", "install", "codememory@codememory")
    words = [INSTALLED, "install", "--yes"]
    done = subprocess.run(words, env=client.environment, cwd=client.project, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "claude plugin disable codememory@codememory" in done.stderr
    assert client.run("plugin", "disable", "codememory@codememory").returncode == 0
    assert ours(client, "install", "--yes")["changes"]
