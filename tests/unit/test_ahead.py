"""What is read ahead, in another process or not, is what a hook would have read, and its loss costs nothing."""

from __future__ import annotations

import json
import os
from collections import deque
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import apsw
import pytest
from fixtures.homes import Home, stored
from fixtures.transcripts import read_again
from hypothesis import given
from hypothesis import strategies as st

from codememory import ahead, backfill, db, delta, ingest, transcript
from codememory.extract import statements
from codememory.intake import may_state
from codememory.store import messages

NOW = 1_790_000_000_000
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(alphabet=st.characters(codec=None), max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)
ODD_LINES = (
    b'{"a":1}{"b":2}',
    b'{"a":NaN,"b":-Infinity,"c":1e999}',
    b'{"a":"\\ud800"}',
    b'{"a":"\xff"}',
    b'\xef\xbb\xbf{"a":1}',
    b'{"a":123456789012345678901234567890,"b":1.0,"c":-0,"d":1E5}',
    b'{"a":1,"a":2}',
    b"  ",
    b"",
    b'{"a":',
    b'{"a":"tab\there"}',
    b"[" * 5_000,
    b"1 2 3",
)


def either(decode: Any, raw: bytes) -> object:
    """Return what a decoder makes of a line, as text: NaN is no equal of itself."""
    try:
        return repr(decode(raw))
    except ValueError:
        return ValueError


@pytest.mark.parametrize("raw", ODD_LINES)
def test_the_bulk_decoder_is_the_hooks_decoder_on_odd_lines(raw: bytes) -> None:
    assert either(ahead.Json().decoded, raw) == either(transcript.decoded, raw)


@given(VALUES, st.booleans(), st.booleans())
def test_the_bulk_decoder_is_the_hooks_decoder(value: Any, escaped: bool, cut: bool) -> None:
    raw = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    raw = raw[:-1] if cut else raw
    assert either(ahead.Json().decoded, raw) == either(transcript.decoded, raw)


@given(VALUES, st.booleans())
def test_what_the_bulk_encoder_writes_is_what_the_hooks_writes(value: Any, escaped: bool) -> None:
    json_ = ahead.Json()
    raw = json.dumps({"message": value}, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert [json_.written(one) for one in json_.decoded(raw)] == [delta.written(one) for one in transcript.decoded(raw)]


@pytest.mark.parametrize("raw", ODD_LINES)
def test_what_the_bulk_encoder_writes_of_odd_lines_is_what_the_hooks_writes(raw: bytes) -> None:
    json_ = ahead.Json()
    try:
        values = json_.decoded(raw)
    except ValueError:
        return
    assert [json_.written(one) for one in values] == [delta.written(one) for one in transcript.decoded(raw)]


@given(st.lists(st.integers(0, 120), max_size=12), st.integers(1, 150), st.booleans())
def test_every_line_is_in_one_stretch(tmp_path_factory: Any, sizes: list[int], stretch: int, ended: bool) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    lines = [b"%d" % number + b"x" * size for number, size in enumerate(sizes)]
    data = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    path.write_bytes(data)
    found = []
    at = 0
    for start in range(0, len(data), stretch):
        one = ahead.Stretch(str(path), "s", "", start, min(start + stretch, len(data)), start > 0)
        begins, part = ahead._lines_beginning(one)
        if part:
            assert begins == at
            at += len(part)
            found.append(part)
    assert b"".join(found) == data


def test_a_delta_comes_through_as_it_went_in(home: Home) -> None:
    made = home.conversation()
    made.boundary()
    made.summary("so far")
    path = str(made.write())
    whole = ahead.stretches_of(path, made.session, "", 0, os.stat(path).st_size)
    assert len(whole) == 1
    sent = ahead.read(whole[0], True)
    got = ahead.unpacked(ahead.packed(sent))
    assert sent is not None and got is not None
    assert (got.start, got.size, got.lines) == (0, len(made.data), sent.lines)
    assert [state(item) for item in got.items] == [state(item) for item in sent.items]


def state(item: Any) -> object:
    """Return all that is handed on of a line."""
    return item if isinstance(item, dict) else ahead._row(item)


def test_a_delta_is_what_the_hook_reads(home: Home) -> None:
    made = home.conversation()
    path = str(made.path)
    bulk = ahead.read(ahead.Stretch(path, made.session, "", 0, len(made.data), False), False)
    hook = delta.read(made.data, 0, made.session, "")
    assert bulk is not None
    for item in hook.items:
        if not isinstance(item, dict):
            item.prepared = delta.prepare(item)
            if may_state(item):
                words = messages.text_of(item.readable)
                item.prepared.statements = statements.statements_in(words, role=item.role)
    assert [state(item) for item in bulk.items] == [state(item) for item in hook.items]


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let small files be worth other processes."""
    monkeypatch.setattr(ahead, "STRETCH_BYTES", 700)
    monkeypatch.setattr(ahead, "WORTH_BYTES", 1)
    monkeypatch.setattr(ahead, "processes", lambda: 1)


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


def test_help_reads_what_nobody_has_begun_with_unless_the_others_are_ahead(home: Home) -> None:
    made = home.conversation(turns=4)
    stretches = ahead.stretches_of(str(made.path), made.session, "", 0, len(made.data))
    reading = ahead.Ahead(stretches, False)
    assert not reading.help()
    waiting: list[Future[bytes]] = [Future() for _ in range(ahead.AHEAD_MAX)]
    reading.window = deque((stretches[0], future) for future in waiting)
    assert reading.help()
    assert isinstance(reading.window[-1][1], delta.Delta)
    for future in waiting[: ahead.AHEAD_MAX // 2]:
        future.set_result(b"")
    assert not reading.help()


class Dying:
    """A pool whose process dies at its second piece of work."""

    def __init__(self, *_: object) -> None:
        self.given = 0

    def submit(self, *_: object) -> Future[bytes]:
        self.given += 1
        if self.given > 4:
            raise BrokenProcessPool("gone")
        future: Future[bytes] = Future()
        future.set_running_or_notify_cancel()
        future.set_exception(BrokenProcessPool("gone"))
        return future

    def shutdown(self, **_: object) -> None:
        return


def test_a_process_that_dies_costs_time_only(home: Home, tiny: None, monkeypatch: pytest.MonkeyPatch) -> None:
    home.set(CODEMEMORY_REDACT="false")
    monkeypatch.setattr(ahead, "ProcessPoolExecutor", Dying)
    made = home.conversation(turns=6)
    connection = home.connect()
    backfill.backfill(connection, [str(made.path)])
    assert stored(connection) == read_again(made.path)


def test_a_file_that_changes_after_it_was_read_is_read_anew(home: Home, connection: Any) -> None:
    home.set(CODEMEMORY_REDACT="false")
    made = home.conversation()
    path = str(made.path)
    early = ahead.read(ahead.Stretch(path, made.session, "", 0, len(made.data), False), False)
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
