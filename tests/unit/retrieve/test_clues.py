"""What is looked for: whole identifiers and their parts, half-names, Chinese words; and what a prompt wants."""

from __future__ import annotations

import pytest

from codememory.retrieve import clues, fit
from codememory.retrieve import plan as planning
from codememory.retrieve.intent import Intent


def expressions(prompt: str) -> dict[str, clues.Clue]:
    """Return the clues of a prompt by their first expression."""
    found = clues.clues_of(planning.planned(prompt), Intent(prompt))
    return {clue.ways[0][0]: clue for clue in found}


@pytest.mark.parametrize(
    ("prompt", "expression", "bond"),
    [
        pytest.param("can we try FreeRTOS", '"freertos"', False, id="an identifier stays a word of its own"),
        pytest.param("evaluate on the test split", '"test split" OR "testsplit"', True, id="a common word in a name"),
        pytest.param("支付失败", '"支付"', False, id="a known Chinese word is one clue"),
    ],
)
def test_it_is_looked_for(prompt: str, expression: str, bond: bool) -> None:
    assert expressions(prompt)[expression].bond is bond


def test_the_parts_of_an_identifier_are_no_clues_of_their_own() -> None:
    assert '"rtos"' not in expressions("can we try FreeRTOS")


@pytest.mark.parametrize(
    ("prompt", "failing"),
    [
        pytest.param("change the header", False, id="hang within change"),
        pytest.param("trace the request", False, id="race within trace"),
        pytest.param("it hangs at start", True, id="hangs"),
        pytest.param("there is a race in the worker", True, id="race"),
    ],
)
def test_words_of_failing_are_words(prompt: str, failing: bool) -> None:
    assert Intent(prompt).failing is failing


@pytest.mark.parametrize(
    ("fits", "told"),
    [
        pytest.param({1: -0.1}, [], id="nothing fits"),
        pytest.param(
            {1: 2.0, 2: fit.BESIDE + 0.5, 3: fit.BESIDE - 0.5}, [1, 2], id="less is asked beside one that fits"
        ),
        pytest.param(dict.fromkeys(range(1, 30), 0.5), [], id="as many as fit alike are no answer"),
    ],
)
def test_what_stands_out(fits: dict[int, float], told: list[int]) -> None:
    assert fit.standing_out(fits) == told
