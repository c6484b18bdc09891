"""The client compacts its context: its own summary is told what to keep, and the evidence comes back afterwards."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from .client import Client
from .conftest import INSTALLED, MakeClient
from .scripted_api import text, told, tool
from .test_delivered import BROKEN, CONSTRAINT, PROGRAM, bash

SESSION = "c0317ac7-0000-4000-8000-00000000000c"
KEEP = "Keep these verbatim in the summary"
CHECKED = "python3 -m compileall -q ledger.py"


def live(client: Client) -> None:
    """Let a session go on long enough that the client agrees to compact it."""
    (client.project / "reconcile.py").write_text(PROGRAM)
    (client.project / "ledger.py").write_text("balance = 1\n")
    path = str(client.project / "ledger.py")
    mark = bash(f"codememory mark constraint '{CONSTRAINT}' --file ledger.py")
    client.session("Set up the ledger.", [[mark], [bash(BROKEN)], [text("It fails.")]], "--session-id", SESSION)
    edit = tool("Edit", file_path=path, old_string="balance = 1", new_string="balance = 2")
    turns = [[tool("Read", file_path=path)], [edit], [bash(CHECKED)], [text("Edited.")]]
    client.session("Raise the balance.", turns, "--resume", SESSION)
    for prompt in ("Go on.", "And on."):
        client.session(prompt, [[text("Yes.")]], "--resume", SESSION)


def compacted(client: Client) -> str:
    """Run /compact and return what the client's own summary request was told."""
    client.session("/compact", [[text("<summary>They set up a ledger.</summary>")]], "--resume", SESSION)
    return "\n".join(map(told, client.api.requests))


def fences(request: dict[str, Any], event: str) -> list[str]:
    """Return the fenced texts of an event in a request."""
    parts = told(request).split(f'<codememory source="codememory {event}">')
    return [part.partition("</codememory>")[0] for part in parts[1:]]


def test_the_evidence_survives_the_clients_compaction(make_client: MakeClient) -> None:
    client = make_client()
    live(client)
    asked = compacted(client)
    kept = asked.partition(KEEP)[2]
    assert kept, "PreCompact's lines stand in the client's own compaction request"
    assert CONSTRAINT in kept
    assert BROKEN in kept
    assert "opening_balance" in kept

    client.session("Where were we?", [[text("At the ledger.")]], "--resume", SESSION)
    packets = fences(client.api.requests[-1], "SessionStart")
    assert len(packets) == 1, "the packet follows the compaction, once"
    for expected in (CONSTRAINT, BROKEN, "exit 1", CHECKED, "exit 0", "ledger.py", "opening_balance", "And on."):
        assert expected in packets[0], expected
    assert len(packets[0]) <= 4_000

    words = [INSTALLED, "status", "--json"]
    status = subprocess.run(words, env=client.environment, cwd=client.project, capture_output=True, check=True)
    assert json.loads(status.stdout)["counts"]["summaries"] >= 1, "the client's summary is kept"


def test_a_second_compaction_tells_it_again_and_nothing_twice(make_client: MakeClient) -> None:
    client = make_client()
    live(client)
    compacted(client)
    for prompt in ("On we go.", "Still here.", "More.", "Last one."):
        client.session(prompt, [[bash("echo fine")], [text("Fine.")]], "--resume", SESSION)
    between = "\n".join(fences(client.api.requests[-1], "SessionStart"))
    assert between.count(CONSTRAINT) == 1
    compacted(client)
    client.session("Where were we?", [[text("At the ledger.")]], "--resume", SESSION)
    last = client.api.requests[-1]
    assert "\n".join(fences(last, "SessionStart")).count(CONSTRAINT) == 1
    assert not fences(last, "UserPromptSubmit"), "the packet was delivered, so no prompt repeats it"
