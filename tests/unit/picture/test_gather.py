"""What fits into a size is kept in the order of its worth, and what does not is counted."""

from __future__ import annotations

import json

import pytest
from fixtures.homes import Home
from fixtures.scenes import shop

from codememory.picture.gather import Picture, Wanted, gather


def plain(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def picture(home: Home, bytes_max: int) -> Picture:
    return gather(home.connect(), Wanted(bytes_max), plain)


def size(found: Picture) -> int:
    return len(plain(str(found.index))) + sum(map(len, found.chunks))


@pytest.mark.parametrize("bytes_max", [3_000, 10_000, 40_000, 80_000, 10_000_000])
def test_what_is_left_out_adds_up(home: Home, bytes_max: int) -> None:
    shop(home, turns=30)
    whole = picture(home, 1 << 30)
    assert set(whole.left_out.values()) == {0}
    found = picture(home, bytes_max)
    kept = [one["kept"] for one in found.index["sessions"]]
    assert sum(map(len, found.chunks)) <= bytes_max
    assert found.left_out["messages"] == sum(one["messages"] for one in whole.index["sessions"]) - sum(kept)
    assert found.left_out["memories"] == len(whole.index["nodes"]) - len(found.index["nodes"])
    assert [one["id"] for one in found.index["sessions"]] == [one["id"] for one in whole.index["sessions"]]
    assert [bool(chunk) for chunk in found.chunks] == [count > 0 for count in kept]
    assert found.kinds == whole.kinds, "what is counted is the store, not the file"


def test_evidence_comes_before_sessions(home: Home) -> None:
    first, second, third = shop(home, turns=120)
    whole = picture(home, 1 << 30)
    room = 2 * len(plain(json.dumps(whole.index))) + 4_000
    found = picture(home, room)
    by_id = {one["id"]: one for one in found.index["sessions"]}
    assert by_id[third.session]["kept"] == by_id[third.session]["messages"], "the newest session is whole"
    assert 0 < by_id[first.session]["kept"] < by_id[first.session]["messages"], "the longest one is its evidence"
    proof = next(node for node in found.index["nodes"] if node.get("verdict", {}).get("state") == "fixed")
    place = next(place for place, one in enumerate(found.index["sessions"]) if one["id"] == first.session)
    check = found.index["calls"][proof["verdict"]["call"]]
    assert check["result"].encode() in found.chunks[place]
    assert second.session in by_id


def test_a_filter_counts_what_it_shows(home: Home) -> None:
    first = shop(home)[0]
    connection = home.connect()
    (session_id,) = connection.execute(
        "SELECT session_id FROM session WHERE client_id = ?", (first.session,)
    ).fetchone()
    found = gather(connection, Wanted(1 << 30, session_id=session_id), plain)
    assert [one["id"] for one in found.index["sessions"]] == [first.session]
    assert sum(sum(one.values()) for one in found.kinds.values()) == len(found.index["nodes"])
    assert set(found.index["calls"]) <= {
        call for (call,) in connection.execute("SELECT tool_use_id FROM tool_call WHERE session_id = ?", (session_id,))
    }
