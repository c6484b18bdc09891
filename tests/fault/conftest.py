"""Every fault test ends in a bounded time, and a long run says what it did."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from fixtures import totals

TORTURE = bool(os.environ.get("CODEMEMORY_TORTURE"))
SECONDS_MAX = 600 if TORTURE else 120


@pytest.fixture(autouse=True)
def ends(request: pytest.FixtureRequest) -> Iterator[None]:
    """Interrupt a test that takes too long; hooks have a clock of their own, so this is another signal than theirs."""

    def interrupt(_number: int, _frame: object) -> None:
        raise TimeoutError(f"{request.node.name} took longer than {SECONDS_MAX} s")

    main = threading.main_thread().ident
    assert main is not None
    previous = signal.signal(signal.SIGUSR1, interrupt)
    watch = threading.Timer(SECONDS_MAX, signal.pthread_kill, (main, signal.SIGUSR1))
    watch.daemon = True
    watch.start()
    yield
    watch.cancel()
    signal.signal(signal.SIGUSR1, previous)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was done, and what each file of tests took."""
    if not TORTURE:
        return
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for one in reports:
            if hasattr(one, "duration"):
                seconds[one.nodeid.partition("::")[0].rpartition("/")[2]] += one.duration
    terminalreporter.section("torture")
    for what, count in totals.COUNTS.items():
        terminalreporter.write_line(f"{count:7,} {what}")
    for name, took in sorted(seconds.items()):
        terminalreporter.write_line(f"{took:7.0f} s {name}")
    terminalreporter.write_line(f"{seconds.total():7.0f} s in all")
