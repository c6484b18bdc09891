"""The server's tables: a step that was released is never edited."""

from __future__ import annotations

from hashlib import sha256

from codememory.team.server import schema

RELEASED = (
    "ff47bfc627bf4dd7",
    "852350528dbde6de",
)


def test_released_steps_are_as_they_were() -> None:
    assert tuple(sha256(step.encode()).hexdigest()[:16] for step in schema.STEPS) == RELEASED
