"""What is read ahead, in another process or not, is taken in as a hook would have, and its loss costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home, stored
from fixtures.transcripts import read_again

from codememory import ahead, backfill, db, ingest, packing, reader, stretch

NOW = 1_790_000_000_000


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small files be worth other processes."""
    monkeypatch.setattr(stretch, "STRETCH_BYTES", 700)
    monkeypatch.setattr(reader, "WORTH_BYTES", 1)
    monkeypatch.setattr(reader, "processes", lambda: 1)


def test_with_another_process_everything_is_stored_as_without(home: Home, tiny: None) -> None:
    home.set(CODEMEMORY_REDACT="false")
    made = [home.conversation(turns=4) for _ in range(4)]
    connection = home.connect()
    total, problems = backfill.backfill(connection, [str(one.path) for one in made])
    expected: dict[Any, Any] = {}
    for one in made:
        expected |= read_again(one.path)
    assert problems == []
    assert stored(connection) == expected
    assert total.bytes == sum(len(one.data) for one in made)
    assert backfill.behind(connection, [str(one.path) for one in made]) == []


def rows_of(connection: apsw.Connection) -> dict[str, list[str]]:
    """Return all that a store holds, but for what the index notes of the transactions that filled it."""
    found = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_index%' ESCAPE '\\'"
    )
    rows = {str(name): sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for (name,) in found.fetchall()}
    connection.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, message_index, 'instance')")
    rows["word"] = list(map(repr, connection.execute("SELECT * FROM temp.word")))
    return rows


def test_the_whole_store_is_as_hooks_make_it(
    home: Home, tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [home.conversation(turns=4) for _ in range(3)]
    for one in made:
        one.say("user", "From now on always use ruff, never flake8.")
        one.say("assistant", "We decided to keep SQLite because one file is easy to copy \u2192 no server.")
        one.write()
    paths = [str(one.path) for one in made]
    monkeypatch.setattr(backfill, "time", lambda: NOW / 1000)
    bulk, hooks = home.connect(), db.connect(str(tmp_path / "hooks.db"))
    backfill.backfill(bulk, paths)
    for path in paths:
        ingest.ingest(hooks, path, NOW)
    expected = rows_of(hooks)
    assert rows_of(bulk) == expected
    assert len(expected["node"]) > 1


class Still:
    """A process that begins with what it is told, and is ready when it is said to be."""

    def __init__(self, orders_max: int = 3, dies: bool = False) -> None:
        self.orders: list[stretch.Stretch] = []
        self.orders_max, self.ready, self.dies = orders_max, False, dies

    def order(self, one: stretch.Stretch, redacting: bool) -> bool:
        assert not redacting
        if len(self.orders) >= self.orders_max:
            return False
        self.orders.append(one)
        return True

    def is_ready(self) -> bool:
        return self.ready or self.dies

    def answer(self) -> bytes | None:
        one = self.orders.pop(0)
        if self.dies:
            self.orders_max = 0
        return None if self.dies else packing.packed(stretch.read(one, False))

    def end(self) -> None:
        return


def cut(made: Any, bytes_: int = 700) -> list[stretch.Stretch]:
    """Return the stretches of a transcript, small ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretch, "STRETCH_BYTES", bytes_)
        return stretch.stretches_of(str(made.path), made.session, "", 0, len(made.data))


def test_what_nobody_has_begun_with_is_read_here_until_enough_is(home: Home) -> None:
    stretches = cut(home.conversation(turns=20))[: ahead.AHEAD_MAX]
    assert len(stretches) == ahead.AHEAD_MAX
    reading = ahead.Ahead(stretches, False)
    still = Still(orders_max=2)
    reading.readers = [still]  # type: ignore[list-item]
    assert not reading.is_ready()
    enough = ahead.AHEAD_MAX // 2 + 1
    assert [reading.help() for _ in range(enough + 1)] == [True] * enough + [False]
    assert [one.is_read for one in reading.window] == [False] * (ahead.AHEAD_MAX - enough) + [True] * enough
    assert still.orders == stretches[:2]
    still.ready = True
    assert reading.is_ready()


def test_stretches_come_in_order_whoever_read_them(home: Home) -> None:
    made = home.conversation(turns=20)
    stretches = cut(made)
    reading = ahead.Ahead(stretches, False)
    reading.readers = [Still(), Still()]  # type: ignore[list-item]
    taken = 0
    for one in stretches:
        found = reading.next_of(one.path, taken)
        assert found is not None and (found.start, found.size) == (one.start, one.end - one.start)
        taken += found.size
    assert reading.next_of(made.path, taken) is None


def test_an_answer_that_comes_while_it_is_looked_for_is_to_the_oldest_order(home: Home) -> None:
    made = [home.conversation(turns=turns) for turns in (1, 2, 3)]
    stretches = [one for each in made for one in cut(each, 1_000_000)]
    reading = ahead.Ahead(stretches, False)
    still = Still()
    reading.readers = [still]  # type: ignore[list-item]
    reading._fill()
    looks = iter([False, True])
    still.is_ready = lambda: next(looks, False)  # type: ignore[method-assign]
    reading._fill()
    still.is_ready = lambda: True  # type: ignore[method-assign]
    for one in stretches:
        found = reading.next_of(one.path, 0)
        assert found is not None and found.size == one.end - one.start


def test_a_stretch_whose_turn_has_not_come_is_kept_and_one_passed_by_is_not(home: Home) -> None:
    first, second, third, *_ = cut(home.conversation(turns=20))
    reading = ahead.Ahead([first, second, third], False)
    reading.readers = [Still()]  # type: ignore[list-item]
    assert reading.next_of(first.path, first.end) is not None  # the first was taken in otherwise
    assert reading.next_of(first.path, second.end - 1) is None
    found = reading.next_of(first.path, third.start)
    assert found is not None and found.start == third.start


def test_a_process_that_dies_costs_time_only(home: Home, tiny: None, monkeypatch: pytest.MonkeyPatch) -> None:
    home.set(CODEMEMORY_REDACT="false")
    monkeypatch.setattr(reader, "Reader", lambda: Still(dies=True))
    made = home.conversation(turns=6)
    connection = home.connect()
    backfill.backfill(connection, [str(made.path)])
    assert stored(connection) == read_again(made.path)


def test_without_another_process_everything_is_read_here(
    home: Home, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.set(CODEMEMORY_REDACT="false")

    def none() -> None:
        raise OSError("no room for one more")

    monkeypatch.setattr(reader, "Reader", none)
    made = home.conversation(turns=6)
    connection = home.connect()
    backfill.backfill(connection, [str(made.path)])
    assert stored(connection) == read_again(made.path)


def test_a_file_that_changes_after_it_was_read_is_read_anew(home: Home, connection: Any) -> None:
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation()
    path = str(made.path)
    early = stretch.read(stretch.Stretch(path, made.session, "", 0, len(made.data)), False)
    ingest.ingest(connection, path, 1)
    made.say("user", "one more")
    made.write()
    total = ingest.Progress()
    while not ingest.step(connection, path, 2, total, ahead=early):
        pass
    assert total.messages_added == 1
    assert stored(connection) == read_again(made.path)


def test_an_interrupt_keeps_what_was_taken_in(home: Home, tiny: None) -> None:
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation(turns=8)
    connection = home.connect()

    def stop(_path: str, _size: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backfill.backfill(connection, [str(made.path)], stop)
    assert connection.in_transaction is False
    backfill.backfill(connection, [str(made.path)])
    assert stored(connection) == read_again(made.path)
