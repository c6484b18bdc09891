"""Is the database's file whole, private, where it should be, and of a bearable size."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from time import time

import apsw

from codememory import budget, codec, config, db, disk, ingest, long_lines, recovery, salvage, wire
from codememory.health.finding import Finding, megabytes, number
from codememory.store import counters, health, laws, scope, summaries, transcripts
from codememory.store import recovery as rows_of_damaged

WAL_BYTES_MAX = 8_000_000
PAYLOADS_MAX = 20_000
FUTURE_MS = 86_400_000
LATELY_MS, PROBLEMS_LOOKED_AT = 3_600_000, 100
PROBLEMS_MAX = 5
"""What goes wrong so often in one place within an hour is no accident."""


def structure(connection: apsw.Connection) -> Finding:
    """Ask SQLite about the file."""
    wrong = [] if rows_of_damaged.lists_our_tables(connection) else ["its list of tables is damaged"]
    wrong += scope.integrity_check(connection)
    wrong += [f"a text of the table {table} is no UTF-8" for table in rows_of_damaged.garbled(connection)]
    return Finding(not wrong, "; ".join(wrong[:3]) or "SQLite finds the file sound")


def damaged_files(connection: apsw.Connection) -> Finding:
    """Look for databases that were set aside and are not recovered yet."""
    found = salvage.asides(connection.filename)
    if not found:
        return Finding(True, "none was set aside")
    return Finding(False, f"{', '.join(found)}: what is whole in it can be taken over")


def recover(connection: apsw.Connection) -> None:
    """Take over what is whole in the databases that were set aside."""
    for path in salvage.asides(connection.filename):
        recovery.take_over(connection, path)


def links(connection: apsw.Connection) -> Finding:
    """Look for rows that point nowhere."""
    broken = health.broken_links(connection)
    homeless, dangling = scope.count_orphans(connection)
    wrong = [f"{number(count, 'link')} of {table} lead nowhere" for table, count in broken.items()]
    if homeless:
        wrong.append(f"{number(homeless, 'message')} in no session")
    if dangling:
        wrong.append(f"{number(dangling, 'place')} without a message")
    return Finding(not wrong, "; ".join(wrong) or "every row's links lead somewhere")


def mend_links(connection: apsw.Connection) -> None:
    """Take away links that lead nowhere, and put messages of no session into their own again."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for session_id in health.mend_links(connection):
            laws.recount_open(connection, session_id)
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise


def contents(connection: apsw.Connection) -> Finding:
    """Read the newest messages."""
    found = _unreadable(connection)
    if found:
        return Finding(False, f"{number(len(found), 'message')} cannot be read")
    return Finding(True, f"the newest {PAYLOADS_MAX} messages can be read")


def _unreadable(connection: apsw.Connection) -> dict[int, int]:
    found = {}
    for message_id, transcript_id, kind, payload in health.payloads(connection, PAYLOADS_MAX):
        try:
            wire.decoded(codec.unpacked(kind, payload))
        except ValueError:
            found[message_id] = transcript_id
    return found


def read_contents_again(connection: apsw.Connection) -> None:
    """Have the transcripts of unreadable messages read again: the next hook or `backfill` does it."""
    found = _unreadable(connection)
    connection.execute("BEGIN IMMEDIATE")
    health.read_again(connection, sorted(set(found.values())))
    connection.execute("COMMIT")


def dag(connection: apsw.Connection) -> Finding:
    """Look for summaries that break a law of their tree."""
    broken = {law: count for law, count in laws.unsound(connection).items() if count}
    total = summaries.count(connection)
    detail = "; ".join(f"{count} {law}" for law, count in broken.items())
    return Finding(not broken, detail or f"{total} summaries, all sound")


def drop_unsound(connection: apsw.Connection) -> None:
    """Take away the summaries of each session that breaks a law: they are made anew, and no message is lost."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for session_id in laws.unsound_sessions(connection):
            laws.drop(connection, session_id)
        connection.execute("COMMIT")
    except BaseException:
        db.roll_back(connection)
        raise


def _private(connection: apsw.Connection) -> Iterator[tuple[str, int]]:
    """Yield (path, mode) of what is ours and others may look into."""
    if os.name != "posix":
        return
    folder, name = os.path.split(connection.filename)
    stem = os.path.splitext(name)[0]
    ours = os.path.join(config.config_folder(), "codememory")
    places = [os.path.join(folder, one) for one in os.listdir(folder) if one.startswith(stem)]
    places += [config.log_path(), ours]
    places += [os.path.join(ours, one) for one in (os.listdir(ours) if os.path.isdir(ours) else [])]
    for path in dict.fromkeys(places):
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            continue
        if stat.S_IMODE(mode) & 0o077 and (stat.S_ISREG(mode) or path == ours):
            yield path, stat.S_IMODE(mode)


def permissions(connection: apsw.Connection) -> Finding:
    """Look whether others may read what is remembered."""
    found = [path for path, _ in _private(connection)]
    return Finding(not found, "only you can read the files" if not found else f"others can read {', '.join(found)}")


def make_private(connection: apsw.Connection) -> None:
    """Take every right from others."""
    for path, mode in _private(connection):
        os.chmod(path, mode & 0o700)


def wal(connection: apsw.Connection) -> Finding:
    """Look at the write-ahead log."""
    size = db.wal_bytes(connection.filename)
    return Finding(size <= WAL_BYTES_MAX, f"the write-ahead log holds {size} bytes of at most {WAL_BYTES_MAX}")


def shorten_wal(connection: apsw.Connection) -> None:
    """Move the log into the database."""
    db.shorten_wal(connection, 0)


def place(connection: apsw.Connection) -> Finding:
    """Tell on what kind of disk the file lies, and whether other machines share it."""
    folder = os.path.dirname(connection.filename)
    kind = disk.kind_of(folder) or "a disk of unknown kind"
    if connection.pragma("journal_mode") != "wal":
        return Finding(False, f"{connection.filename} lies on {kind}, which cannot carry a write-ahead log: it is slow")
    if disk.is_shared(folder):
        return Finding(True, f"{kind} can be shared by machines: {connection.filename} is this one's own file")
    return Finding(True, f"{connection.filename} lies on {kind}")


def limits(connection: apsw.Connection) -> Finding:
    """Compare sizes with their limits, and say the limits."""
    waiting = transcripts.all_long_lines(connection)
    never = [size for _, size in waiting if size > long_lines.BYTES_MAX]
    said = (
        f"database {megabytes(os.stat(connection.filename).st_size)}, log {megabytes(_size(config.log_path()))} of"
        f" {megabytes(budget.LOG_BYTES_MAX)}; a hook takes at most {budget.HOOK_SECONDS_MAX} s, payloads to"
        f" {megabytes(budget.PAYLOAD_BYTES_MAX)} and lines to {megabytes(ingest.LINE_BYTES_MAX)} (`backfill`:"
        f" {megabytes(long_lines.BYTES_MAX)})"
    )
    if len(waiting) > len(never):
        return Finding(
            False, f"{number(len(waiting) - len(never), 'longer line')} wait for `codememory backfill`; {said}"
        )
    if never:
        said = f"{number(len(never), 'line')} too long for anything left out; {said}"
    return Finding(True, said)


def take_long_lines(connection: apsw.Connection) -> None:
    """Take in the lines that were too long for a hook."""
    total = ingest.Progress()
    for path in sorted({path for path, _ in transcripts.all_long_lines(connection)}):
        if os.path.isfile(path):
            long_lines.take(connection, path, int(time() * 1000), total)


def clock(connection: apsw.Connection) -> Finding:
    """Look for messages from the future: a clock was wrong then, or is now."""
    found = health.count_future(connection, int(time() * 1000) + FUTURE_MS)
    return Finding(True, f"{number(found, 'message')} from the future" if found else "no message is from the future")


def problems(connection: apsw.Connection) -> Finding:
    """Tell the latest thing that went wrong, and whether it does so again and again."""
    latest = counters.problems(connection, PROBLEMS_LOOKED_AT)
    if not latest:
        return Finding(True, "nothing went wrong")
    from codememory.explore import shapes

    at, where, sentence = latest[0]
    lately = sum(1 for one in latest if one[1] == where and one[0] > time() * 1000 - LATELY_MS)
    goes_on = lately >= PROBLEMS_MAX
    often = f"{number(lately, 'time')} within an hour, " if goes_on else ""
    return Finding(not goes_on, f"{often}last at {shapes.moment(at)} in {where}: {sentence}")


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
