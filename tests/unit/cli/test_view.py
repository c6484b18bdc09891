"""`view` writes one page: whole or not at all, for its owner only, and no larger than was asked for."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from fixtures.homes import Home
from fixtures.hostile import RAN, TEXTS
from fixtures.scenes import WORDS, shop
from fixtures.stories import Story


def document(path: Path, name: str) -> Any:
    """Return a JSON document of a small page."""
    found = re.search(
        rf'<script type="application/json" id="{name}">(.*?)</script>', path.read_text("utf-8"), re.DOTALL
    )
    assert found
    return json.loads(found[1])


def test_what_it_prints(home: Home, tmp_path: Path) -> None:
    shop(home)
    path = tmp_path / "page.html"
    found = home.json("view", "--output", path)
    assert found["path"] == str(path)
    assert found["bytes"] == path.stat().st_size
    assert (found["sessions"], found["messages"]) == (3, home.json("status")["counts"]["messages"])
    assert found["memories"] == len(home.json("memory", "list", "--all-projects")["nodes"])
    assert found["left_out"] == {"memories": 0, "sessions": 0, "messages": 0, "characters": 0}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    plain = home.run("view", "--output", path)
    assert plain.out.decode().strip() == str(path)
    assert "kB" in plain.err
    assert list(tmp_path.glob(".codememory-view-*")) == []


def test_it_is_written_where_no_repository_takes_it_in(home: Home) -> None:
    shop(home)
    found = home.json("view")
    assert found["path"] == str(home.root / ".claude" / "codememory" / "view.html")
    assert not list(home.project.glob("*.html"))


def test_the_page_names_no_other_place(home: Home, tmp_path: Path) -> None:
    shop(home)
    path = tmp_path / "page.html"
    home.json("view", "--output", path)
    text = path.read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    assert (
        re.findall(
            r"(?:src|href)=[\"']?(?!#|data:,)[^\"'{$ >]+", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
        )
        == []
    )


def test_everything_stored_is_in_it_verbatim(home: Home, tmp_path: Path) -> None:
    stories = shop(home)
    path = tmp_path / "page.html"
    home.json("view", "--output", path)
    index = document(path, "index")
    assert [one["id"] for one in index["sessions"]] == [story.session for story in reversed(stories)]
    for place, story in enumerate(reversed(stories)):
        whole = home.json("expand", story.session, "--token-budget", "0")["messages"]
        shown = document(path, f"s{place}")["messages"]
        assert [one["blocks"] for one in shown] == [one["blocks"] for one in whole]
        assert [one["id"] for one in shown] == [one["id"][:16] for one in whole]
    listed = {one["id"]: one for one in home.json("memory", "list", "--all-projects")["nodes"]}
    for node in index["nodes"]:
        for name in ("kind", "status", "content", "details", "confidence", "origin", "trust", "session", "branch"):
            assert node[name] == listed[node["id"]][name]
    failure = next(one for one in index["nodes"] if one["kind"] == "failure" and one["status"] == "resolved")
    told = home.json("memory", "show", failure["id"])
    assert failure["fix"] == told["fix"]
    assert [one["id"] for one in failure["attempts"]] == [one["id"] for one in told["attempts"]]
    assert failure["verdict"]["state"] == "fixed"


@pytest.mark.parametrize(
    ("words", "sessions"),
    [
        pytest.param(["--since", "2026-03-02"], [2, 1], id="since"),
        pytest.param(["--since", "2026-03-03"], [2], id="since later"),
        pytest.param(["--project", "."], [2, 1, 0], id="this project"),
    ],
)
def test_filters(home: Home, tmp_path: Path, words: list[str], sessions: list[int]) -> None:
    stories = shop(home)
    path = tmp_path / "page.html"
    home.json("view", "--output", path, *words)
    assert [one["id"] for one in document(path, "index")["sessions"]] == [stories[place].session for place in sessions]
    text = path.read_text("utf-8")
    assert [word in text for word in WORDS] == [place in sessions for place in range(3)]


def test_a_session_comes_with_what_it_wrote_met_and_was_told(home: Home, tmp_path: Path) -> None:
    first, second, _ = shop(home)
    path = tmp_path / "page.html"
    home.json("view", "--output", path, "--session", second.session[:8])
    nodes = {one["id"] for one in document(path, "index")["nodes"]}
    said = {one["node"] for one in _told_to(home, second.session)}
    written = {one["id"] for one in home.json("memory", "list", "--session", second.session, "--all-projects")["nodes"]}
    assert said
    assert nodes >= said | written
    assert first.session not in [one["id"] for one in document(path, "index")["sessions"]]


def _told_to(home: Home, session: str) -> list[dict[str, Any]]:
    rows = home.connect().execute(
        "SELECT 'mem_' || lower(hex(uid)) FROM injection i JOIN node n USING (node_id) JOIN session s"
        " ON s.session_id = i.session_id WHERE client_id = ?",
        (session,),
    )
    return [{"node": node} for (node,) in rows]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["--session", "nothing-like-it"], "nothing-like-it", id="an unknown session"),
        pytest.param(["--project", "/nowhere"], "/nowhere", id="an unknown project"),
        pytest.param(["--since", "soon"], "is no time", id="no time"),
        pytest.param(["--output", "/nowhere/at/all/x.html"], "there is no folder /nowhere/at/all", id="no folder"),
        pytest.param(["--output", "."], "is a folder", id="a folder"),
    ],
)
def test_mistakes_are_named(home: Home, words: list[str], sentence: str) -> None:
    shop(home)
    done = home.run("view", *words)
    assert done.code == 1
    assert sentence in done.err
    assert "Traceback" not in done.err


def test_an_older_page_stays_where_a_new_one_cannot_be_written(home: Home, tmp_path: Path) -> None:
    shop(home)
    folder = tmp_path / "locked"
    folder.mkdir()
    path = folder / "page.html"
    path.write_text("older")
    home.monkeypatch.setattr(os, "replace", _refuse)
    assert home.run("view", "--output", path).code == 1
    assert path.read_text() == "older"
    assert [one.name for one in folder.iterdir()] == ["page.html"]


def _refuse(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_open_asks_the_browser_for_the_file(home: Home, tmp_path: Path) -> None:
    import webbrowser

    shop(home)
    asked: list[str] = []
    home.monkeypatch.setattr(webbrowser, "open", lambda address: asked.append(address) or False)
    done = home.run("view", "--open", "--output", tmp_path / "a page.html")
    assert asked == [(tmp_path / "a page.html").as_uri()]
    assert "open the file yourself" in done.err


def test_no_stored_text_closes_an_element(home: Home, tmp_path: Path) -> None:
    """What the browser's own tests show, seen from the markup: `<` of stored texts is escaped everywhere."""
    home.set(CODEMEMORY_REDACT="false")
    story = Story(home, by="transcript")
    for text in TEXTS:
        story.says(text)
        story.fail(f"check {text}", f"ValueError: {text}")
    story.catch_up()
    path = tmp_path / "page.html"
    home.json("view", "--output", path)
    text = path.read_bytes().decode("utf-8")
    assert text.count("<script") == text.count("</script>") == 2 + 2
    data = "".join(re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL))
    assert "<" not in data
    assert RAN in data
    markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    assert re.search(r"<(img|iframe|base|math|template)\b", markup) is None
    assert re.search(rf"<[^>]*on\w+=[^>]*{RAN}", markup) is None


@pytest.mark.parametrize(
    "payload", [b"not JSON", b"[1, NaN, Infinity]", b'[{"type": "text", "text": "\\ud800"}]'], ids=repr
)
def test_an_odd_payload_is_no_reason_to_fail(home: Home, tmp_path: Path, payload: bytes) -> None:
    shop(home)
    home.connect().execute("UPDATE message SET blocks_codec = 0, blocks = ? WHERE message_id = 1", (payload,))
    path = tmp_path / "page.html"
    home.json("view", "--output", path)
    json.dumps(document(path, "s2"), allow_nan=False)


def test_what_is_said_of_everything_adds_up(home: Home, tmp_path: Path) -> None:
    shop(home)
    path = tmp_path / "page.html"
    home.json("view", "--output", path)
    index = document(path, "index")
    told = [one for node in index["nodes"] for one in node["said"]] + [
        one for quote in index["quoted"] for one in quote["said"]
    ]
    status = home.json("status")["injected"]
    assert len(told) == status["count"] > 0
    assert sum(one["tokens"] for one in told) == status["tokens"]
