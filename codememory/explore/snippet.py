"""The part of a text that shows best why it was found."""

from __future__ import annotations

from collections.abc import Iterator

SNIPPET_CHARS = 240
PLACES_MAX = 200
"""Places of one word in one text that a snippet is chosen from."""


def best_place(text: str, terms: list[str]) -> int:
    """Return the place of the first term around which the most different terms stand."""
    lowered = text.lower()
    places = sorted((place, word) for word in map(stem, terms) for place in _places(lowered, word))
    best, most, end = 0, 0, 0
    inside: dict[str, int] = {}
    for place, word in places:
        while end < len(places) and places[end][0] < place + SNIPPET_CHARS // 2:
            inside[places[end][1]] = inside.get(places[end][1], 0) + 1
            end += 1
        if len(inside) > most:
            best, most = place, len(inside)
        inside[word] -= 1
        if not inside[word]:
            del inside[word]
    return best


def _places(lowered: str, word: str) -> Iterator[int]:
    """Yield where a text holds a term, the first few hundred."""
    at = lowered.find(word)
    for _ in range(PLACES_MAX):
        if at < 0:
            return
        yield at
        at = lowered.find(word, at + 1)


def stem(term: str) -> str:
    """Return what forms of a word have in common, nearly: the index stems, a text does not."""
    return term if len(term) < 6 or " " in term else term[: max(5, len(term) - 3)]


def window(text: str, at: int) -> str:
    """Return the text around a place, on one line."""
    start = max(0, at - SNIPPET_CHARS // 3)
    piece = " ".join(text[start : start + SNIPPET_CHARS].split())
    return ("…" if start else "") + piece + ("…" if start + SNIPPET_CHARS < len(text) else "")
