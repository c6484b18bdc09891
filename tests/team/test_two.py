"""Two machines: what one learns the other knows, as the other's, and nothing more than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from codememory import remedy
from codememory.errors import TeamError
from codememory.retrieve import render
from codememory.store import failures, memories, pending

from .machines import Machine, assert_equal, named_in, rows_of, settled
from .server import Server

NOW = 1_760_000_900_000


def test_a_failure_arrives_with_its_remedy_and_author(team: list[Machine]) -> None:
    ann, bob = team
    ann.fail("boom", fixed_by="-a\n+b")
    settled(team)
    assert_equal(team)
    node = bob.find("AssertionError: boom")
    assert node is not None
    seen = failures.seen(bob.connection, node.node_id)
    line = render.failure(node, seen, remedy.of_failure(bob.connection, node), NOW).line
    assert "for ann" in line
    assert "by ann of the team, confirmed by the same check passing" in line
    assert "-a / +b" in line
    assert node.status == "resolved"


def test_exchanging_twice_sends_and_takes_nothing(team: list[Machine]) -> None:
    ann, bob = team
    ann.fail("boom", fixed_by="-a\n+b")
    ann.state("constraint", "Never push on Fridays")
    bob.state("decision", "Totals are rounded once", rationale="cents")
    settled(team)
    logged = ann.log()
    for one in team:
        done = one.sync()
        assert (done.pulled, done.pushed) == (0, 0)
    assert ann.log() == logged
    assert_equal(team)
    assert rows_of(bob.connection, "message") == 0


def test_a_foreign_rule_is_not_in_force_until_trusted(team: list[Machine]) -> None:
    ann, bob = team
    ann.state("constraint", "Never push on Fridays")
    settled(team)
    node = bob.find("Never push on Fridays")
    assert node is not None
    assert (node.origin, node.trust) == ("team", "observed")
    assert node.confidence < 1
    entry = render.statement(node, NOW)
    assert entry.group == "team"
    assert "ann" in entry.line
    assert "“Never push on Fridays”" in entry.line
    bob.trust("ann")
    from codememory.team import taking

    taking.take(bob.connection, bob.shared, named_in(bob), NOW)
    node = memories.load(bob.connection, node.node_id)
    assert (node.trust, node.confidence) == ("stated", 1.0)
    entry = render.statement(node, NOW)
    assert entry.group == "constraint"
    assert "from ann, trusted here" in entry.line


def test_a_foreign_word_against_an_own_rule_is_a_proposal(team: list[Machine]) -> None:
    ann, bob = team
    own = ann.state("constraint", "Never push on Fridays")
    settled(team)
    theirs = bob.find("Never push on Fridays")
    assert theirs is not None
    bob.move(theirs.node_id, "superseded", "superseded")
    settled(team)
    assert memories.load(ann.connection, own).status == "active"
    assert [one.reason for one in pending.listed(ann.connection, None, "open", 10)] == ["bob of the team says so"]
    ann.trust("bob")
    bob.move(theirs.node_id, "active", "reopened")
    bob.move(theirs.node_id, "superseded", "superseded")
    settled(team)
    assert memories.load(ann.connection, own).status == "superseded"


def test_the_same_failure_on_both_machines_is_one(team: list[Machine]) -> None:
    ann, bob = team
    ann.fail("boom", fixed_by="-a\n+b")
    bob.fail("boom", fixed_by="-c\n+d", outcome="failed")
    settled(team)
    assert_equal(team)
    for one in team:
        (count,) = one.connection.execute("SELECT count(*) FROM failure").fetchone()
        assert count == 1
        node = one.find("AssertionError: boom")
        assert node is not None
        assert node.origin == "extracted"
        known = remedy.of_failure(one.connection, node)
        assert (known.state, known.tried) == ("confirmed", ["edit total.py: -c / +d"])


def test_a_failure_met_here_becomes_ones_own(team: list[Machine]) -> None:
    ann, bob = team
    ann.fail("boom", fixed_by="-a\n+b")
    settled(team)
    node_id = bob.fail("boom")
    settled(team)
    node = memories.load(bob.connection, node_id)
    assert node.origin == "extracted"
    assert "team" not in node.details
    told = bob.told()
    assert [one.authors for one in told.values() if one and one.statement["kind"] == "failure"] == [("ann", "bob")]
    assert_equal(team)


@pytest.mark.parametrize("how", ["forget", "keep_private"])
def test_what_is_withdrawn_goes_everywhere(team: list[Machine], server: Server, database: str, how: str) -> None:
    ann, bob = team
    node_id = ann.state("decision", "We buy the zebra company")
    kept = ann.state("decision", "We keep the shop")
    settled(team)
    assert bob.find("We buy the zebra company")
    getattr(ann, how)(node_id)
    settled(team)
    assert bob.find("We buy the zebra company") is None
    assert bob.find("We keep the shop")
    assert memories.load(ann.connection, kept).status == "active"
    for one in team:
        assert not any("zebra" in row[7] for row in one.log())
    (count,) = server.execute(database, "SELECT count(*) FROM codememory.event WHERE payload LIKE '%zebra%'")[0]
    assert count == 0
    assert_equal(team)


def test_what_is_said_after_something_was_forgotten_is_shared(team: list[Machine]) -> None:
    """The number of a step that is gone is given to the next one."""
    ann, bob = team
    node_id = ann.state("decision", "We buy the zebra company")
    settled(team)
    ann.forget(node_id)
    ann.state("decision", "We keep the shop")
    settled(team)
    assert bob.find("We keep the shop")


def test_nobody_withdraws_what_another_stated(team: list[Machine]) -> None:
    ann, bob = team
    ann.state("decision", "We keep the shop")
    settled(team)
    theirs = bob.find("We keep the shop")
    assert theirs is not None
    bob.forget(theirs.node_id)
    settled(team)
    assert ann.find("We keep the shop")
    assert bob.find("We keep the shop") is None, "it stays forgotten here"


def test_a_role_that_was_taken_out_is_told_so(team: list[Machine], server: Server, database: str) -> None:
    ann, _ = team
    server.execute(database, "REVOKE codememory_shop FROM ann")
    try:
        with pytest.raises(TeamError):
            ann.sync()
    finally:
        server.execute(database, "GRANT codememory_shop TO ann")


def test_a_wrong_clock_turns_nothing_round(team: list[Machine]) -> None:
    """What came to pass after something else comes after it, whatever the clocks say."""
    ann, bob = team
    for one in team:
        for author in ("ann", "bob"):
            one.trust(author)
    ann.clock += 5_000_000
    own = ann.state("task", "Write the report")
    settled(team)
    theirs = bob.find("Write the report")
    assert theirs is not None
    bob.move(theirs.node_id, "resolved", "resolved")
    settled(team)
    assert memories.load(ann.connection, own).status == "resolved"
    assert_equal(team)


def cloned(root: Path, name: str, dsn: str, remote: str, folder: str) -> Machine:
    """Return a machine with a clone of a remote."""
    git = root / name / folder / ".git"
    git.mkdir(parents=True)
    (git / "config").write_text(f'[remote "origin"]\n\turl = {remote}\n')
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    return Machine(root, name, dsn, folder)


def test_clones_of_one_remote_are_one_project(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEMEMORY_TEAM_DSN", "")
    ann = cloned(tmp_path, "ann", server.dsn("ann", database), "git@example.com:team/shop.git", "shop").join()
    bob = cloned(tmp_path, "bob", server.dsn("bob", database), "https://example.com/team/shop", "elsewhere").join()
    cat = cloned(tmp_path, "cat", server.dsn("cat", database), "https://example.com/team/other", "other").join()
    assert ann.shared.shared == bob.shared.shared != cat.shared.shared
    ann.state("decision", "Totals are rounded once")
    settled([ann, bob, cat])
    assert bob.find("Totals are rounded once")
    assert cat.find("Totals are rounded once") is None
    other = Machine(tmp_path, "dan", server.dsn("dan", database))
    with pytest.raises(TeamError, match="not clear"):  # the same name says nothing
        other.join()
    assert other.join(project="shop").shared.shared == ann.shared.shared


def test_many_of_others_hide_none_of_ones_own(team: list[Machine]) -> None:
    """What was said here comes first, however much newer there is of others."""
    ann, bob = team
    bob.state("constraint", "Never push on Fridays")
    for number in range(80):
        ann.state("constraint", f"Rule {number} of ann")
    settled(team)
    found = memories.newest_own_first(bob.connection, bob.place.project_id, "constraint", "active", 32)
    assert found[0].content == "Never push on Fridays"
    assert len(found) > 1
