"""Real stores, without a server: events arrive in any order, twice and in pieces, and leave the same."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from fixtures.homes import Home
from hypothesis import given, settings
from hypothesis import strategies as st
from team.machines import Machine, assert_equal
from team.test_convergence import live

from codememory.errors import TeamError
from codememory.store import projects
from codememory.store import team as store
from codememory.team import clock, joining, sharing, taking
from codememory.team.server import log

NOW = 1_760_000_900_000
SHARED = b"s" * 16


def machines(root: Path, count: int) -> list[Machine]:
    """Return machines that share a project and trust each other."""
    made = []
    for number in range(count):
        one = Machine(root, f"m{number}", "")
        author = f"author{number % 2}"
        row = one.place.project_id, SHARED, "shop", "shop", author, bytes([number + 1]) * 16, 0, 0, ""
        store.join(one.connection, store.Shared(row))
        for other in range(2):
            one.trust(f"author{other}")
        made.append(one)
    return made


def say(one: Machine, now: int = NOW) -> None:
    """Write down as events what is new on a machine."""
    shared = one.shared
    made = sharing.collected(one.connection, shared, now).made
    store.append(one.connection, shared.project_id, [tuple(each) for each in made])
    taking.take(one.connection, shared, {each.node for each in made}, now)
    store.note_progress(one.connection, shared)


def take(one: Machine, rows: list[tuple[object, ...]]) -> None:
    """Take events in, as one delivery."""
    store.append(one.connection, one.place.project_id, rows)
    taking.take(
        one.connection, one.shared, taking.with_waiting(one.connection, one.shared, {row[5] for row in rows}), NOW
    )


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_any_order_twice_and_in_pieces(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        writers = machines(Path(folder) / "w", 3)
        for step in range(30):
            one = chance.choice(writers)
            live(one, chance, step)
            if chance.random() < 0.3:
                say(one, NOW + step)
            if chance.random() < 0.2:
                take(one, chance.choice(writers).log())
        for one in writers:
            say(one, NOW + 100)
        everything = [row for one in writers for row in one.log()]
        for _ in range(2):  # a step here may say something new there
            for one in writers:
                chance.shuffle(everything)
                take(one, everything)
                say(one, NOW + 200)
            everything = [row for one in writers for row in one.log()]
        for one in writers:
            take(one, everything)
        assert_equal(writers)
        (reader,) = machines(Path(folder) / "r", 1)
        left = list(dict.fromkeys(everything))
        while left:
            chance.shuffle(left)
            piece = left[: chance.randrange(1, 8)]
            take(reader, piece)
            left = [row for row in left if row not in piece or chance.random() < 0.1]
        take(reader, everything[:5])
        assert_equal([writers[0], reader])


def test_a_project_that_did_not_join_says_nothing(tmp_path: Path) -> None:
    (one,) = machines(tmp_path, 1)
    store.leave(one.connection, one.place.project_id)
    one.state("decision", "Nothing of this")
    assert store.joined(one.connection) == []


REMOTE, COMMIT = ("remote", "host/shop"), ("commit", "c1")
KNOWN = [
    log.Project(b"1" * 16, "shop", "t", [REMOTE, COMMIT]),
    log.Project(b"2" * 16, "fork", "t", [("remote", "host/fork"), COMMIT]),
    log.Project(b"3" * 16, "plain", "t", [("commit", "c3")]),
]
MATCHES = {
    "the same remote": ([REMOTE], "x", "shop"),
    "the remote before the commit": ([("remote", "host/fork"), COMMIT], "x", "fork"),
    "only the first commit": ([("commit", "c3")], "x", "plain"),
    "nothing known": ([("remote", "host/new"), ("commit", "c9")], "x", None),
    "a commit of two": ([COMMIT], "x", "unclear"),
    "another remote of the same beginning": ([("remote", "host/third"), COMMIT], "x", "unclear"),
    "only the name": ([], "shop", "unclear"),
}


@pytest.mark.parametrize("case", MATCHES)
def test_a_project_is_found_by_names_that_every_machine_has(case: str) -> None:
    aliases, name, expected = MATCHES[case]
    if expected == "unclear":
        with pytest.raises(TeamError, match="--project"):
            joining.match(KNOWN, aliases, name)
        return
    found = joining.match(KNOWN, aliases, name)
    assert (found.name if found else None) == expected


def test_a_stamp_far_ahead_moves_no_clock(home: Home) -> None:
    connection, now = home.connect(), 10**12
    project_id = projects.place_of(connection, str(home.project), now).project_id
    near, far = clock.after(0, now), clock.after(0, now + 2 * clock.DRIFT_MS_MAX)
    for number, stamp in enumerate((near, far), 1):
        store.append(connection, project_id, [(b"m" * 16, number, stamp, "ann", "step", b"n" * 16, b"", "{}")])
    assert store.newest_stamp(connection, project_id, (now + clock.DRIFT_MS_MAX) << clock.COUNTER_BITS) == near
    assert store.newest_stamp(connection, project_id, 2**62) == far
