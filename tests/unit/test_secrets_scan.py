"""`doctor --scan` finds what was let in without redaction and says only where; `--repair` leaves no byte of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.homes import Home

from codememory import secrets_scan

TOKEN = "gh" + "p_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
PASSWORD = "copper" + "4711lantern"


@pytest.fixture
def careless(home: Home) -> Home:
    """Return a home that took a session in without redaction: in a prompt, a command, a failure, a mark, a summary."""
    home.set(CODEMEMORY_REDACT="false")
    script = home.transcript()
    script.say("user", f"deploy with {TOKEN} please")
    script.tool("Bash", {"command": f"curl -u ops:{PASSWORD} https://x.example.org"}, "x " * 3_000 + f"token: {TOKEN}")
    script.failing(f"API_KEY={TOKEN} pytest", f"E   AssertionError: {TOKEN} was refused\n1 failed")
    for number in range(30):
        script.say("assistant", f"Step {number}: {TOKEN} is in use. " + "We go on with the work. " * 40)
    script.write()
    home.hook("Stop", home.payload("Stop", script.session))
    home.run("mark", "decision", f"sign in with {TOKEN}", "--why", f"password: {PASSWORD}")
    home.run("compact", "--all", "--no-llm")
    home.log.parent.mkdir(parents=True, exist_ok=True)
    home.log.write_text(f"1 hook Stop ValueError: password={PASSWORD} (x.py:1)\n2 fine\n")
    home.set(CODEMEMORY_REDACT="true")
    return home


def kept(home: Home) -> bytes:
    """Return the bytes of the database's own files and the log."""
    files = [home.log, *home.database.parent.glob("codememory.db*")]
    return b"".join(path.read_bytes() for path in files if path.is_file())


def test_scan_tells_where_and_of_what_kind_but_never_what(careless: Home) -> None:
    done = careless.run("doctor", "--scan", "--json")
    assert done.code == 1
    found = {one["name"]: one for one in done.json["checks"]}["secrets"]
    assert not found["ok"]
    assert found["repairable"]
    assert "github-token" in found["detail"]
    assert "msg_" in found["detail"]
    assert TOKEN not in done.out.decode() + done.err
    assert PASSWORD not in done.out.decode() + done.err
    places = secrets_scan.scan(careless.connect())
    wheres = {place.where for place in places}
    assert {"message.blocks", "tool_call.command", "node.content", "node.details", "summary.text"} <= wheres
    assert str(careless.log) in wheres
    assert all(place.kinds for place in places)


def test_without_scan_nothing_is_said_of_secrets(careless: Home) -> None:
    assert "secrets" not in {one["name"] for one in careless.run("doctor", "--json").json["checks"]}


def test_repair_leaves_no_byte_and_says_what_the_backup_holds(careless: Home) -> None:
    assert TOKEN.encode() in kept(careless)
    assert careless.json("grep", TOKEN[6:])["total"] > 0
    done = careless.run("doctor", "--scan", "--repair", "--json")
    assert done.code == 0, done.err
    assert done.json["repaired"][-1] == "secrets"
    assert TOKEN.encode() in Path(done.json["backup"]).read_bytes()
    assert "holds the secrets still" in done.err
    assert f"rm {done.json['backup']}" in done.err
    for value in (TOKEN, PASSWORD):
        assert value.encode() not in kept(careless)
    assert not secrets_scan.scan(careless.connect())
    assert careless.json("grep", TOKEN[6:])["total"] == 0
    assert careless.json("grep", "deploy")["total"] > 0, "the words beside it are found as before"
    assert careless.log.read_text().endswith("2 fine\n")
    assert careless.run("doctor", "--scan").code == 0


def test_a_clean_store_is_told_clean_and_left_alone(home: Home) -> None:
    script = home.conversation()
    home.hook("Stop", home.payload("Stop", script.session))
    found = {one["name"]: one for one in home.run("doctor", "--scan", "--json").json["checks"]}["secrets"]
    assert found["ok"]
    before = home.connect().execute("PRAGMA data_version").fetchall()
    secrets_scan.repair(home.connect())
    assert home.connect().execute("PRAGMA data_version").fetchall() == before


def test_progress_comes_to_its_end(careless: Home) -> None:
    told: list[tuple[int, int]] = []
    secrets_scan.scan(careless.connect(), lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 30
