"""Identity and time."""

from __future__ import annotations

from datetime import datetime

import pytest
from fixtures import strategies
from hypothesis import given
from hypothesis import strategies as st

from codememory import records


@pytest.mark.parametrize(
    ("text", "real"),
    [
        pytest.param("7c9e6679-7425-40de-944b-e07fc1f90ae7", True, id="small letters"),
        pytest.param("7C9E6679-7425-40DE-944B-E07FC1F90AE7", True, id="capitals"),
        pytest.param("7c9e6679742540de944be07fc1f90ae7", False, id="no dashes"),
        pytest.param("7c9e6679-7425-40de-944b-e07fc1f90aeg", False, id="no digit"),
        pytest.param("7c9e6679-7425-40de-944b-e07fc1f90ae\n", False, id="a newline in it"),
        pytest.param("7c9e6679-7425-40de-944b-e07fc1f90a  ", False, id="blanks in it"),
        pytest.param("7c9e6679-7425-40de-944b-e07fc1f90-e7", False, id="one dash too many"),
        pytest.param("٧c9e6679-7425-40de-944b-e07fc1f90ae7", False, id="another script's digit"),
        pytest.param("msg_01", False, id="the API's own id"),
        pytest.param("", False, id="empty"),
        pytest.param(7, False, id="a number"),
        pytest.param(None, False, id="nothing"),
    ],
)
def test_only_a_real_uuid_is_a_key(text: object, real: bool) -> None:
    found = records.uuid_bytes(text)
    assert (found is not None) == real
    if found is not None:
        assert records.uuid_text(found) == str(text).lower()


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9999, 1, 1)))
def test_iso_times_agree_with_the_standard_library(moment: datetime) -> None:
    text = moment.isoformat(timespec="milliseconds") + "Z"
    expected = round((datetime.fromisoformat(text[:-1]) - datetime(1970, 1, 1)).total_seconds() * 1000)
    assert records.milliseconds(text) == expected


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        pytest.param("2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z", id="east"),
        pytest.param("2026-03-01T04:30:00-0530", "2026-03-01T10:00:00Z", id="west, no colon"),
        pytest.param("2026-03-01", "2026-03-01T00:00:00Z", id="a day"),
        pytest.param("2026-03-01 10:00", "2026-03-01T10:00:00Z", id="a blank, no seconds"),
    ],
)
def test_zones_and_short_forms(text: str, same_as: str) -> None:
    assert records.milliseconds(text) == records.milliseconds(same_as)


@pytest.mark.parametrize(
    "text", ["2026-03-01T10:00:inf", "2026-03-01T10:00:nan", "2026-13-01", "yesterday", "", True, None, {}]
)
def test_what_is_no_time_has_none(text: object) -> None:
    assert records.milliseconds(text) is None


@given(strategies.moments)
def test_a_time_is_never_an_error_and_fits_the_column(value: object) -> None:
    found = records.milliseconds(value)
    assert found is None or -(2**63) <= found < 2**63


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_key_is_the_same_for_the_same_parts(parts: list[str]) -> None:
    assert records.key_of(*parts) == records.key_of(*parts)
    assert len(records.key_of(*parts)) == records.KEY_BYTES
    assert records.key_of(*parts) != records.key_of(*parts, "")


@pytest.mark.parametrize(
    ("milliseconds", "word"),
    [
        (-5, "0s"),
        (59_999, "59s"),
        (60_000, "1m"),
        (3_600_000, "1h"),
        (86_400_000, "1d"),
        (8 * 86_400_000, "8d"),
        (14 * 86_400_000, "2w"),
    ],
)
def test_age(milliseconds: int, word: str) -> None:
    assert records.age(milliseconds) == word
