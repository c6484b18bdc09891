"""Does `doctor` see that lines of a transcript were never met, and is it content where all were."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.homes import Home, stored
from fixtures.transcripts import read_again

from codememory import ingest, stretch


def found(home: Home) -> dict[str, Any]:
    """Return what doctor says of the lines."""
    return next(one for one in home.run("doctor", "--json").json["checks"] if one["name"] == "lines")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(b"", id="plain"),
        pytest.param(b"\n \n\r\n", id="blank lines"),
        pytest.param(b"no json\n", id="a broken line"),
        pytest.param(b'{"type":"system"}', id="no end of the last line"),
        pytest.param(b'{"type":"system"} {"type":"system"}\n', id="two values in a line"),
        pytest.param(b"\xef\xbb\xbf\n", id="a byte order mark"),
    ],
)
@pytest.mark.parametrize("by", ["backfill", "pieces"])
def test_every_line_was_met(home: Home, connection: Any, more: bytes, by: str) -> None:
    made = home.conversation()
    data = made.path.read_bytes()
    made.path.write_bytes(data + more)
    if by == "backfill":
        home.json("backfill")
    else:
        ended = False
        while not ended:
            ended = ingest.step(connection, str(made.path), 1, ingest.Progress(), bytes_max=300)
    assert found(home)["ok"] is True


def test_lines_that_were_counted_twice_are_no_loss(home: Home, connection: Any) -> None:
    home.conversation()
    home.json("backfill")
    connection.execute("UPDATE transcript SET byte_offset = 0")
    home.json("backfill")
    assert found(home)["ok"] is True
    connection.execute("UPDATE transcript SET lines = lines - 1")
    assert found(home)["ok"] is False


def test_what_has_grown_is_no_loss(home: Home) -> None:
    made = home.conversation()
    home.json("backfill")
    made.say("user", "one more")
    made.write()
    assert found(home)["ok"] is True


def test_a_transcript_that_was_taken_for_another_is_read_again(home: Home, connection: Any) -> None:
    home.set(CODEMEMORY_REDACT="false")
    made, other = home.conversation(turns=4), home.conversation(turns=2)
    wrong = stretch.read(stretch.Stretch(str(other.path), other.session, "", 0, len(other.data)), False)
    ingest.step(connection, str(made.path), 1, ingest.Progress(), ahead=wrong)
    home.json("backfill")
    expected = read_again(made.path) | read_again(other.path)
    assert stored(connection) != expected
    assert found(home)["ok"] is False
    assert str(made.path) in found(home)["detail"]
    assert "lines" in home.run("doctor", "--repair", "--json").json["repaired"]
    assert found(home)["ok"] is True
    assert stored(connection) == expected
    assert home.run("doctor", "--repair", "--json").json["repaired"] == []
