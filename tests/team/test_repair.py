"""What a restored server lost and its author never sends again is given back by who pulled it, as its author's."""

from __future__ import annotations

from pathlib import Path

import pytest

from codememory.errors import TeamError
from codememory.team import repairing
from codememory.team.server import log

from .machines import Machine, assert_equal, repaired, settled
from .server import Server


@pytest.fixture
def lost(team: list[Machine], server: Server, database: str) -> list[Machine]:
    """Return who pulled what a server has lost since, and a third who did not; its author is gone."""
    ann, bob = team
    ann.state("decision", "In the backup")
    ann.sync()
    backup = server.dump(database)
    ann.state("decision", "After the backup")
    zebra = ann.state("decision", "We buy the zebra company")
    settled(team)
    ann.forget(zebra)
    settled(team)
    server.restore(database, backup)
    cat = Machine(Path(ann.folder).parents[1], "cat", server.dsn("cat", database)).join(project="shop")
    return [bob, cat]


def test_what_is_lost_is_given_back_once(lost: list[Machine], server: Server, database: str) -> None:
    bob, cat = lost
    settled(lost)
    assert bob.sync().lacking == 3
    assert cat.find("After the backup") is None
    admin = server.dsn("admin", database)
    planned = repaired(bob, admin, dry_run=True)
    assert repaired(bob, admin, dry_run=True) == planned, "it was only shown"
    assert [(one.author, one.events, one.why) for one in planned] == [("ann", 3, "")]
    assert repaired(bob, admin) == planned
    assert repaired(bob, admin) == []
    settled(lost)
    assert_equal(lost)
    assert bob.sync().lacking == 0
    node = cat.find("After the backup")
    assert node is not None
    assert (node.origin, node.details["team"]["author"]) == ("team", "ann")
    assert cat.find("We buy the zebra company") is None
    assert b"zebra" not in server.dump(database)


def test_the_author_who_comes_back_later_sends_nothing_twice(
    lost: list[Machine], team: list[Machine], server: Server, database: str
) -> None:
    ann, bob = team
    repaired(bob, server.dsn("admin", database))
    ann.state("decision", "Back again")
    everybody = [*lost, ann]
    settled(everybody)
    assert_equal(everybody)
    assert lost[1].find("Back again")


def test_no_member_writes_as_another(lost: list[Machine], server: Server, database: str) -> None:
    bob, cat = lost
    for one in (bob, cat):
        with pytest.raises(TeamError, match="team init"):
            repaired(one, one.dsn)
    settled(lost)
    assert bob.sync().lacking == 3


def test_what_was_forgotten_here_another_store_gives_back(
    lost: list[Machine], team: list[Machine], server: Server, database: str
) -> None:
    ann, bob = team
    node = bob.find("After the backup")
    assert node is not None
    bob.forget(node.node_id)
    given = repaired(bob, server.dsn("admin", database))
    assert [(one.events, one.why) for one in given] == [(0, repairing.FORGOTTEN)]
    assert repaired(ann, server.dsn("admin", database))[0].events == 3


def test_what_the_author_wrote_anew_is_not_overwritten(lost: list[Machine], server: Server, database: str) -> None:
    """Its store was restored too, and other events have these numbers now."""
    bob, _ = lost
    server.execute(
        database,
        "INSERT INTO codememory.event (project, machine, number, team_id, author, stamp, kind, node, other, payload)"
        " SELECT project, machine, 2, team_id, author, stamp + 5, kind, node, other, payload FROM codememory.event"
        " WHERE number = 1; UPDATE codememory.machine SET last = 2 WHERE last = 1",
    )
    given = repaired(bob, server.dsn("admin", database))
    assert [(one.events, one.why) for one in given] == [(0, repairing.DIFFERENT)]


def test_a_project_that_was_lost_comes_back(team: list[Machine], server: Server, database: str) -> None:
    ann, bob = team
    ann.state("decision", "Totals are rounded once")
    settled(team)
    for table in ("event", "machine", "project_alias", "project"):
        server.execute(database, f"DELETE FROM codememory.{table}")
    with pytest.raises(TeamError, match="shows no project"):
        bob.sync()
    repaired(bob, server.dsn("admin", database))
    settled(team)
    assert_equal(team)
    assert server.execute(database, "SELECT name FROM codememory.project") == [("shop",)]


def test_one_s_own_machine_is_not_told_of() -> None:
    listed = [log.Machine(b"a", "ann", 3, 0), log.Machine(b"b", "bob", 9, 0)]
    assert repairing.lacking(listed, {b"a": 5, b"b": 9, b"c": 2, b"own": 7}, b"own") == [
        repairing.Lack(b"a", 2), repairing.Lack(b"c", 2),
    ]  # fmt: skip
