"""The JSON objects of a file of lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from codememory import transcript

if TYPE_CHECKING:
    from collections.abc import Iterator


def objects_of(path: Path) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield (number of its line, the line, object); what is no JSON is passed over, as ingest does."""
    for number, raw in enumerate(path.read_bytes().split(b"\n"), 1):
        try:
            values = transcript.decoded(raw)
        except ValueError:
            continue
        for value in values:
            if isinstance(value, dict):
                yield number, raw, value
