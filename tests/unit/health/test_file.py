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
