"""Bars add up to what they stand for, and everything that is there can be seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codememory.report import charts
from codememory.store import counters

DAY_MS = 86_400_000
NOON = 1_772_366_400_000


@given(st.lists(st.integers(-10, 4_000).map(lambda day: NOON - day * DAY_MS), max_size=60))
def test_every_session_is_in_one_bar(times: list[int]) -> None:
    found = charts.by_day(times)
    assert sum(bar["count"] for bar in found["bars"]) == len(times)
    assert len(found["bars"]) <= charts.BARS_MAX
    assert all((bar["height"] >= charts.SMALLEST_PERCENT) == (bar["count"] > 0) for bar in found["bars"])
    assert all(bar["height"] <= 100 for bar in found["bars"])


def test_a_time_that_no_calendar_has_is_left_out() -> None:
    assert charts.by_day([0, -5, 10**16])["bars"] == []
    assert sum(bar["count"] for bar in charts.by_day([0, NOON, 10**16])["bars"]) == 1


def test_few_days_are_drawn_as_days() -> None:
    found = charts.by_day([NOON, NOON - 3 * DAY_MS, NOON])
    assert [bar["count"] for bar in found["bars"]] == [0] * (charts.DAYS_MIN - 4) + [1, 0, 0, 2]
    assert found["label"] == "at most 2 in a day"


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 500), min_size=1))
def test_durations_show_every_run_and_mark_the_median(runs: dict[int, int]) -> None:
    rows = [("Stop", bucket, count) for bucket, count in sorted(runs.items())]
    half, passed = sum(runs.values()) / 2, 0
    for bucket in sorted(runs):
        passed += runs[bucket]
        if passed >= half:
            break
    hook = {"p50_ms": round(counters.upper_ms(bucket), 1), "p95_ms": round(counters.upper_ms(max(runs)), 1)}
    bars = charts.durations("Stop", hook, [*rows, ("Other", 3, 9)])["bars"]
    assert sum(bar["count"] for bar in bars) == sum(runs.values())
    assert [bar["count"] for bar in bars if bar["tone"] == "median"] == [runs[bucket]]
