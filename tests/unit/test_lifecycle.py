"""A memory's life by the user's word, by changed content, by a person's hand and by age."""

from __future__ import annotations

import pytest
from fixtures.homes import Home
from fixtures.stories import Story

from codememory import lifecycle
from codememory.errors import AmbiguousIdError, PayloadError, UnknownIdError
from codememory.store import memories, pending

FIRST = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'net'"
SECOND = 'Traceback (most recent call last):\n  File "b.py", line 1, in <module>\nValueError: bad date'
DAY = 86_400_000


def failing(home: Home, *, both: bool = False, edited: bool = True, by: str = "transcript") -> Story:
    story = Story(home, by=by)
    story.fail("python a.py", FIRST)
    if both:
        story.fail("python b.py", SECOND)
    if edited:
        story.edit("a.py", "x", "y")
    return story


def statuses(story: Story) -> list[str]:
    rows = story.connection.execute("SELECT status FROM node WHERE kind = 'failure' ORDER BY node_id")
    return [status for (status,) in rows]


def waiting(story: Story) -> list[pending.Pending]:
    return pending.listed(story.connection, None, pending.OPEN, 10)


@pytest.mark.parametrize("words", ["works now", "great, it works!", "好了", "现在解决了，谢谢"])
@pytest.mark.parametrize("by", ["transcript", "both"])
def test_the_users_word_resolves_the_one_target(home: Home, words: str, by: str) -> None:
    story = failing(home, by=by)
    story.says(words)
    story.catch_up()
    assert statuses(story) == ["resolved"]
    verb, actor = story.connection.execute("SELECT verb, actor FROM node_event ORDER BY event_id DESC LIMIT 1").get
    assert (verb, actor) == ("resolved", "user")


def test_the_users_word_is_pending_where_several_could_be_meant(home: Home) -> None:
    story = failing(home, both=True)
    story.says("works now")
    story.catch_up()
    assert statuses(story) == ["active", "active"]
    assert [one.status for one in waiting(story)] == ["resolved", "resolved"]
    story.catch_up()
    assert len(waiting(story)) == 2, "ingested again, proposed once"


@pytest.mark.parametrize(
    "words",
    [
        "it works if I restart",
        "does it work now?",
        "it still doesn't work",
        "make sure it works now",
        "好了吗",
        "还没好",
    ],
)
def test_other_words_resolve_nothing(home: Home, words: str) -> None:
    story = failing(home)
    story.says(words)
    assert statuses(story) == ["active"]
    assert waiting(story) == []


def test_words_before_any_change_resolve_nothing(home: Home) -> None:
    story = failing(home, edited=False)
    story.says("works now")
    assert statuses(story) == ["active"]


def test_words_about_another_session_resolve_nothing(home: Home) -> None:
    failing(home)
    other = Story(home, by="transcript", day=1)
    other.edit("z.py", "a", "b")
    other.says("works now")
    assert statuses(other) == ["active"]


def test_what_the_client_wrote_is_not_the_users_word(home: Home) -> None:
    story = failing(home)
    story.transcript.say("user", "works now", isMeta=True)
    story.transcript.boundary()
    story.transcript.summary("works now")
    story.catch_up()
    assert statuses(story) == ["active"]


def test_a_pending_update_is_decided_once(home: Home) -> None:
    story = failing(home, both=True)
    story.says("works now")
    first, second = waiting(story)
    connection = story.connection
    assert lifecycle.decide(connection, first, True, 1)
    assert not lifecycle.decide(connection, lifecycle.find_pending(connection, first.id), False, 2)
    assert lifecycle.decide(connection, second, False, 3)
    assert sorted(statuses(story)) == ["active", "resolved"]
    assert waiting(story) == []


def test_a_pending_update_is_found_by_the_beginning_of_its_id(home: Home) -> None:
    story = failing(home, both=True)
    story.says("works now")
    one = waiting(story)[0]
    assert lifecycle.find_pending(story.connection, one.id[:14]).pending_id == one.pending_id
    with pytest.raises(UnknownIdError):
        lifecycle.find_pending(story.connection, "pen_zz")
    with pytest.raises((AmbiguousIdError, UnknownIdError)):
        lifecycle.find_pending(story.connection, "pen_")


def test_a_step_by_hand_is_an_event_and_idempotent(home: Home) -> None:
    story = failing(home)
    node = memories.load(story.connection, story.connection.execute("SELECT node_id FROM failure").get)
    assert lifecycle.move(story.connection, node, memories.RESOLVED, "resolved", 5, "by hand")
    node = memories.load(story.connection, node.node_id)
    assert not lifecycle.move(story.connection, node, memories.RESOLVED, "resolved", 6, "again")
    assert lifecycle.move(story.connection, node, memories.ACTIVE, "reopened", 7, "")
    verbs = [verb for verb, _, _, _ in memories.events_of(story.connection, node.node_id)]
    assert sorted(verbs) == ["created", "reopened", "resolved"]


def test_a_memory_is_not_superseded_by_itself_or_another_kind(home: Home) -> None:
    story = failing(home)
    node = memories.load(story.connection, story.connection.execute("SELECT node_id FROM failure").get)
    with pytest.raises(PayloadError):
        lifecycle.supersede(story.connection, node, node, 1)


def test_maintenance_lets_only_old_failures_without_a_remedy_go(home: Home) -> None:
    story = failing(home, both=True)
    story.run("python a.py", "ok")
    now = story.now
    connection = story.connection
    assert lifecycle.maintain(connection, None, now) == []
    assert lifecycle.maintain(connection, None, now + lifecycle.STALE_AGE_MS - DAY) == []
    gone = lifecycle.maintain(connection, None, now + lifecycle.STALE_AGE_MS + DAY)
    assert [node.content for node in gone] == ["ValueError: bad date"]
    assert statuses(story) == ["resolved", "stale"]
    assert lifecycle.maintain(connection, None, now + lifecycle.STALE_AGE_MS + DAY) == []


def test_a_stale_failure_that_recurs_is_active_again(home: Home) -> None:
    story = failing(home)
    node = memories.load(story.connection, story.connection.execute("SELECT node_id FROM failure").get)
    lifecycle.go_stale(story.connection, node, story.now)
    later = Story(home, by="hooks", day=1)
    later.fail("python a.py", FIRST)
    assert statuses(later) == ["active"]
