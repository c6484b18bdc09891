"""A failure repaired in one session is told with its remedy in the next; the guard denies once, never after an edit."""

from __future__ import annotations

from typing import Any

from .client import Client
from .conftest import MakeClient
from .scripted_api import Block, text, told, tool
from .test_delivered import SECOND, bash, delivered

WRONG = "def total(rows):\n    return sum(round(row, 2) for row in rows)\n"
WRONG_LINE = "sum(round(row, 2) for row in rows)"
RIGHT_LINE = "round(sum(rows), 2)"
CHECK = "python3 check_total.py"
CHECK_SOURCE = (
    "from total import total\n"
    "found = total([0.004, 0.004, 0.004])\n"
    "assert found == 0.01, f'total is {found}'\n"
    "print('1 passed')\n"
)


def write_project(client: Client) -> None:
    """Put the broken program and its check into the project."""
    (client.project / "total.py").write_text(WRONG)
    (client.project / "check_total.py").write_text(CHECK_SOURCE)


def edit(client: Client, old: str, new: str) -> list[list[Block]]:
    """Return the turns that read and edit total.py."""
    path = str(client.project / "total.py")
    return [[tool("Read", file_path=path)], [tool("Edit", file_path=path, old_string=old, new_string=new)]]


def test_the_confirmed_remedy_is_told_at_the_failing_command(make_client: MakeClient) -> None:
    client = make_client()
    write_project(client)
    client.session(
        "Make the check pass.",
        [[bash(CHECK)], *edit(client, WRONG_LINE, RIGHT_LINE), [bash(CHECK)], [text("It passes.")]],
    )
    write_project(client)  # somebody brings the bug back
    requests = client.session("Run the check.", [[bash(CHECK)], [text("It fails.")]], "--session-id", SECOND)
    said = delivered(client, "PostToolUseFailure", SECOND, requests)
    assert "confirmed" in said
    assert "total.py" in said
    assert RIGHT_LINE in said
    assert WRONG_LINE in said
    assert "back now" in said, "it was fixed before"


def denials(requests: list[dict[str, Any]]) -> int:
    """Count the denials in the last request, which holds the whole conversation."""
    return told(requests[-1]).count("times in a row with the same error")


def test_the_guard_denies_the_third_run_once(make_client: MakeClient) -> None:
    client = make_client()
    client.environment["CODEMEMORY_GUARD"] = "deny"
    write_project(client)
    requests = client.session(
        "Run the check.", [[bash(CHECK)], [bash(CHECK)], [bash(CHECK)], [bash(CHECK)], [text("It fails.")]]
    )
    assert denials(requests) == 1
    assert denials(requests[:3]) == 0, "the second run is let through"
    assert denials(requests[:4]) == 1, "the third run is denied"
    assert told(requests[-1]).count("AssertionError: total is 0.0") >= 3, "the fourth run is let through"


def test_the_guard_never_acts_after_an_edit(make_client: MakeClient) -> None:
    client = make_client()
    client.environment["CODEMEMORY_GUARD"] = "deny"
    write_project(client)
    turns = [[bash(CHECK)], [bash(CHECK)], *edit(client, WRONG_LINE, "sum(rows)"), [bash(CHECK)], [text("Still.")]]
    assert denials(client.session("Run the check.", turns)) == 0
