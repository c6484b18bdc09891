"""Measure sharing with a team against a real PostgreSQL server: a full log, many machines, and what hooks notice of it.

    .venv/bin/python -m benchmarks.team [--events 1000000] [--machines 200] [--pairs 40] [--partitioned]

Everything happens in a scratch folder with a server of its own on loopback. Times are wall clock of this machine.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))

from team.machines import Machine  # type: ignore[import-not-found]  # noqa: E402
from team.proxy import Proxy, proxied  # type: ignore[import-not-found]  # noqa: E402
from team.server import Server, binaries, partitioning  # type: ignore[import-not-found]  # noqa: E402

from codememory import wire  # noqa: E402
from codememory.extract.signature import failures_in  # noqa: E402
from codememory.store import team as store  # noqa: E402
from codememory.team.server import schema  # noqa: E402

NEW, LITTLE = 1_000, 20
SYNCS_A_DAY = 200
EVENTS_A_DAY = 40
"""Of one machine: exchanges, and what it says."""

EVENTS_OF_A_MEMORY = 4
ERROR = """Exit code 1
Traceback (most recent call last):
  File "total.py", line 3, in <module>
    assert found
AssertionError: the total is wrong"""
START = "from codememory.__main__ import main; main()"


def fill(server: Server, database: str, events: int, machines: int) -> None:
    """Put a log of so many events of so many machines into the project that there is."""
    said = {
        "kind": "decision", "content": "Totals are rounded once, at the end of the invoice. " * 4,
        "details": {"rationale": "cents were lost row by row"}, "origin": "user", "confidence": 1.0, "created_at": 1,
        "tags": [["file", "src/invoice.py", 1.0], ["symbol", "total_of", 0.5]],
    }  # fmt: skip
    payload = wire.encoded(said).replace("'", "''")
    each = events // machines
    server.execute(
        database,
        "INSERT INTO codememory.machine (project, machine, team_id, author, last)"
        f" SELECT project, md5('m' || m)::uuid, team_id, 'bob', {each} FROM codememory.project,"
        f" generate_series(1, {machines}) m",
    )
    server.execute(
        database,
        "INSERT INTO codememory.event (project, machine, number, team_id, author, stamp, kind, node, other, payload)"
        f" SELECT project, md5('m' || m)::uuid, n, team_id, 'bob', (1760000000000::bigint + n) << 16, 'statement',"
        f" decode(md5(m || ' ' || n / {EVENTS_OF_A_MEMORY}), 'hex'), '', '{payload}'"
        f" FROM codememory.project, generate_series(1, {machines}) m, generate_series(1, {each}) n",
    )
    server.execute(database, "VACUUM ANALYZE codememory.event")


def copy_log(server: Server, database: str, one: Machine) -> None:
    """Let a machine know the whole log, as if it had pulled it long ago."""
    project_id = one.place.project_id
    with psycopg.connect(server.dsn("admin", database)) as connection, connection.cursor("all") as cursor:
        cursor.itersize = 20_000
        cursor.execute("SELECT machine, number, stamp, author, kind, node, other, payload FROM codememory.event"
                       " ORDER BY machine, number")  # fmt: skip
        one.connection.execute("BEGIN")
        batch = []
        for machine, *rest in cursor:
            batch.append((machine.bytes, *rest))
            if len(batch) == 20_000:
                store.append(one.connection, project_id, batch)
                batch = []
        store.append(one.connection, project_id, batch)
        one.connection.execute("COMMIT")


def cpu_of(server: Server) -> float:
    """Return the CPU seconds that the server's processes have taken, ended ones included."""
    assert server.process is not None
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == server.process.pid:
            ticks += int(fields[11]) + int(fields[12])
        elif int(stat.parent.name) == server.process.pid:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def exchanged(
    one: Machine, proxy: Proxy, server: Server, times: int = 1, before: Callable[[], object] = bool
) -> dict[str, Any]:
    """Exchange so often and return what one exchange took on average, without what goes on before each."""
    took = cpu = 0.0
    size, written = 0, 0
    for _ in range(times):
        before()
        wal = server.execute("team", "SELECT pg_current_wal_insert_lsn()")[0][0]
        time.sleep(0.1)  # for the process of the last connection to end
        seen, ticks, began = len(proxy.seen), cpu_of(server), time.perf_counter()
        done = one.sync()
        took += time.perf_counter() - began
        time.sleep(0.1)
        cpu += cpu_of(server) - ticks
        size += len(proxy.seen) - seen
        written += int(server.execute("team", f"SELECT pg_current_wal_insert_lsn() - '{wal}'")[0][0])
    return {
        "seconds": round(took / times, 4), "server_cpu_ms": round(cpu * 1000 / times, 2), "bytes": size // times,
        "wal_bytes": written // times, "pulled": done.pulled, "pushed": done.pushed,
    }  # fmt: skip


def set_up(server: Server, partitioned: bool) -> None:
    """Make the team, in one table or in those that docs/TEAM splits it into."""
    for role in ("ann", "bob"):
        server.execute("postgres", f"CREATE ROLE {role} LOGIN")
    server.execute("postgres", "CREATE DATABASE team")
    with psycopg.connect(server.dsn("admin", "team")) as connection:
        schema.bring_up_to_date(connection)
        if partitioned:
            connection.execute(partitioning().encode())
        schema.add_team(connection, "shop", ["ann", "bob"])


def measure(events: int, machines: int, root: Path, server: Server) -> dict[str, Any]:
    """Return the readings of pushes, pulls and exchanges with nothing new."""
    with proxied(server.port) as proxy:
        ann = Machine(root, "ann", server.dsn("ann", "team", proxy.port)).join(new=True)
        fill(server, "team", events, machines)
        bob = Machine(root, "bob", server.dsn("bob", "team", proxy.port)).join(project="shop")
        for one in (ann, bob):
            copy_log(server, "team", one)
            one.sync()
        bob.connection.execute("BEGIN")
        for number in range(NEW):
            bob.state("decision", f"Decision {number}: totals are rounded once, at the end of the invoice")
        bob.connection.execute("COMMIT")
        pushed = exchanged(bob, proxy, server)
        pulled = exchanged(ann, proxy, server)
        assert (pushed["pushed"], pulled["pulled"]) == (NEW, NEW), (pushed, pulled)
        idle = exchanged(ann, proxy, server, LITTLE)
        more = (f"One more: {number}" for number in itertools.count())
        little = (
            exchanged(bob, proxy, server, LITTLE, lambda: bob.state("decision", next(more))),
            exchanged(ann, proxy, server, LITTLE, lambda: (bob.state("decision", next(more)), bob.sync())),
        )
    others = EVENTS_A_DAY * (machines - 1)
    day_bytes = SYNCS_A_DAY * idle["bytes"] + EVENTS_A_DAY * (little[0]["bytes"] - idle["bytes"])
    day_bytes += others * pulled["bytes"] // NEW
    day_cpu = SYNCS_A_DAY * idle["server_cpu_ms"] + EVENTS_A_DAY * little[0]["server_cpu_ms"]
    day_cpu += others * pulled["server_cpu_ms"] / NEW
    (size,) = server.execute(
        "team",
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'event%'"
        " AND relnamespace = 'codememory'::regnamespace",
    )[0]
    return {
        "events": events, "machines": machines, "push_1000": pushed, "pull_1000": pulled, "nothing_new": idle,
        "push_1": little[0], "pull_1": little[1], "bytes_per_machine_a_day": day_bytes,
        "server_cpu_s_per_machine_a_day": round(day_cpu / 1000, 2), "server_bytes_per_event": int(size) // events,
    }  # fmt: skip


def hooks(root: Path, pairs: int) -> dict[str, Any]:
    """Return the ratio of hook times of a store that is shared, with a log, to the same store that is not."""
    times: dict[str, list[float]] = {"alone": [], "joined": []}
    homes = {}
    for name in times:
        one = Machine(root, f"hooks-{name}", "")
        for number in range(200):
            one.fail(f"failure {number}", fixed_by=f"-{number}\n+x")
        (met,) = failures_in(ERROR, tool="Bash", command="make check", cwd=str(one.folder), is_error=True)
        one.fail(met.signature, fixed_by="-found\n+found or total")
        if name == "joined":
            row = one.place.project_id, b"s" * 16, "shop", "shop", "ann", b"m" * 16, 0, 0, ""
            store.join(one.connection, store.Shared(row))
            said = [(bytes([n % 200]) * 16, n // 200 + 1, n + 1, "bob", "step", n.to_bytes(16, "big"), b"", "{}")
                    for n in range(20_000)]  # fmt: skip
            store.append(one.connection, one.place.project_id, said)
        homes[name] = one
    for number in range(pairs * 2):
        name = ("alone", "joined", "joined", "alone")[number % 4]
        one = homes[name]
        payload = {
            "session_id": f"session {number}", "transcript_path": str(root / "none.jsonl"), "cwd": str(one.folder),
            "hook_event_name": "PostToolUseFailure", "tool_name": "Bash", "tool_use_id": f"call {number}",
            "tool_input": {"command": "make check"}, "error": ERROR,
        }  # fmt: skip
        environment = {**os.environ, "CODEMEMORY_DATABASE_PATH": one.connection.filename, "HOME": str(root)}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", START, "hook", "PostToolUseFailure"], input=json.dumps(payload).encode(), check=True,
            env=environment, capture_output=True, cwd=one.folder,
        )  # fmt: skip
        assert b"edit total.py" in done.stdout, "the hook says what is known"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    alone, joined = (statistics.median(times[name]) for name in ("alone", "joined"))
    return {"alone_ms": round(alone * 1000, 2), "joined_ms": round(joined * 1000, 2), "ratio": round(joined / alone, 4)}


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--machines", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--partitioned", action="store_true")
    given = parser.parse_args()
    programs = binaries()
    if programs is None:
        sys.exit("benchmarks.team: no PostgreSQL server is installed (apt-get install postgresql).")
    os.environ["CODEMEMORY_TEAM_DSN"] = ""
    root, server = Path(tempfile.mkdtemp(prefix="codememory-bench-")), Server(programs)
    try:
        set_up(server, given.partitioned)
        found = {"hooks": hooks(root, given.pairs), **measure(given.events, given.machines, root, server)}
    finally:
        server.remove()
        shutil.rmtree(root, ignore_errors=True)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
