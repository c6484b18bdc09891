"""What hooks did and cost, as `status` tells it."""

from __future__ import annotations

import apsw
import pytest
from fixtures.homes import Home
from hypothesis import given
from hypothesis import strategies as st

from codememory import hook
from codememory.store import counters

STEP = 2 ** (1 / counters.STEPS_PER_DOUBLING)


def counted(connection: apsw.Connection, times: list[float], event: str = "Stop") -> dict[str, float | int]:
    for number, milliseconds in enumerate(times):
        counters.count_hook(connection, event, milliseconds, number % 10 == 0, 1_000 + number)
    return counters.hooks(connection)[event]


@pytest.mark.parametrize(
    ("times", "p50", "p95"),
    [([10.0] * 100, 10, 10), ([10.0] * 94 + [80.0] * 6, 10, 80), ([5.0] * 50 + [40.0] * 50, 5, 40), ([30.0], 30, 30)],
    ids=["all alike", "a slow tail", "halves", "one run"],
)
def test_percentiles_are_known_within_their_class(
    connection: apsw.Connection, times: list[float], p50: float, p95: float
) -> None:
    found = counted(connection, times)
    assert p50 <= found["p50_ms"] <= p50 * STEP + 0.1
    assert p95 <= found["p95_ms"] <= p95 * STEP + 0.1


def test_counts_errors_and_the_last_time(connection: apsw.Connection) -> None:
    found = counted(connection, [float(number) for number in range(1, 31)])
    assert (found["count"], found["errors"], found["last_at"]) == (30, 3, 1_029)
    counted(connection, [1.0], "SessionStart")
    assert {event: one["count"] for event, one in counters.hooks(connection).items()} == {"Stop": 30, "SessionStart": 1}


@given(st.floats(0, 1e7))
def test_a_duration_is_in_its_class(milliseconds: float) -> None:
    bucket = counters.bucket_of(milliseconds)
    assert bucket == 80 or milliseconds <= counters.upper_ms(bucket)
    assert bucket == 0 or milliseconds > counters.upper_ms(bucket - 1) * 0.999


def test_a_hook_that_failed_in_part_is_an_error_in_status(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.told("Stop", "s1")
    monkeypatch.setattr(hook, "told", lambda moment, deadline: 1 / 0)
    home.told("Stop", "s1")
    found = home.json("status")
    assert (found["hooks"]["Stop"]["count"], found["hooks"]["Stop"]["errors"]) == (2, 1)
    assert found["problems"][0]["place"] == "Stop"
    assert found["hooks"]["Stop"]["last_at"] >= found["problems"][0]["at"][:19]
