"""Is what `doctor` says of the file and of what went wrong true, and over when it is over."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fixtures.homes import Home

from codememory import hook
from codememory.health import file


def problems(home: Home) -> dict[str, Any]:
    """Return what doctor says went wrong."""
    return next(one for one in home.run("doctor", "--json").json["checks"] if one["name"] == "problems")


def test_what_goes_wrong_again_and_again_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.told("Stop", "s1")
    assert problems(home) == {"name": "problems", "ok": True, "detail": "nothing went wrong", "repairable": False}
    with monkeypatch.context() as broken:
        broken.setattr(hook, "told", lambda moment, deadline: 1 / 0)
        for _ in range(file.PROBLEMS_MAX - 1):
            home.told("Stop", "s1")
        assert problems(home)["ok"] is True
        home.told("Stop", "s1")
    found = problems(home)
    assert found["ok"] is False
    assert found["detail"].startswith(f"{file.PROBLEMS_MAX} times within an hour, last at ")
    assert "in Stop: ZeroDivisionError" in found["detail"]


def test_it_is_over_an_hour_later(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "told", lambda moment, deadline: 1 / 0)
    for _ in range(file.PROBLEMS_MAX):
        home.told("Stop", "s1")
    assert problems(home)["ok"] is False
    later = time.time() + file.LATELY_MS / 1000
    monkeypatch.setattr(file, "time", lambda: later)
    assert problems(home)["ok"] is True


def links(home: Home) -> dict[str, Any]:
    """Return what doctor says of rows and what they belong to."""
    return next(one for one in home.run("doctor", "--json").json["checks"] if one["name"] == "links")


BROKEN_LINKS = {
    "messages in no session": "DELETE FROM membership WHERE place IN (1, 3)",
    "a place without a message": "DELETE FROM message WHERE message_id = 2",
    "a tag of no memory": "INSERT INTO node_tag (project_id, kind, value, node_id, weight)"
    " VALUES (1, 'file', 'a', 99, 1)",
    "a call of no message": "UPDATE tool_call SET message_id = 9999",
}


@pytest.mark.parametrize("broken", BROKEN_LINKS.values(), ids=BROKEN_LINKS)
def test_links_that_lead_nowhere_are_mended(home: Home, broken: str) -> None:
    made = home.conversation()
    home.told("Stop", made.session)
    connection = home.connect()
    connection.execute(broken)
    assert connection.changes() > 0
    found = links(home)
    assert (found["ok"], found["repairable"]) == (False, True)
    there = connection.execute("SELECT count(*) FROM message").get
    assert "links" in home.json("doctor", "--repair")["repaired"]
    assert links(home)["ok"] is True
    assert home.json("doctor")["ok"] is True, "nothing else is wrong for it"
    assert connection.execute("SELECT count(*) FROM message").get == there
    assert len(home.json("expand", made.session, "--token-budget", "0")["messages"]) == there


def test_a_message_of_a_lost_session_is_kept_and_told(home: Home) -> None:
    home.told("Stop", home.conversation().session)
    connection = home.connect()
    connection.execute("UPDATE message SET session_id = 99 WHERE message_id = 2")
    home.run("doctor", "--repair")
    assert "of message lead nowhere" in links(home)["detail"]
    assert connection.execute("SELECT count(*) FROM message WHERE message_id = 2").get == 1
