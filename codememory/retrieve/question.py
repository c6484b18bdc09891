"""Read a search query: words and phrases to look for, what must be there and what must not."""

from __future__ import annotations

from itertools import pairwise

from codememory.retrieve.plan import CHINESE_STOP_PAIRS
from codememory.store import words

TERMS_MAX = 24
TEXT_CHARS_MAX = 8_000

STOP_WORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had has have how i if in into is it its me my no"
    " not of on or our should so than that the their them then there these they this those to was we were what when"
    " where which who why will with would you your".split()
)
"""Grammar only: rarity weighs the rest, and a verb such as `fix` or `test` often tells two sessions apart."""


class Question:
    """What a query asks for.

    `terms` are words and phrases (several words) as the index holds them, in order; one at least should be found.
    `required` are the phrases among them that must be there, `excluded` the words that must not. `neighbours` are
    words that stood side by side.
    """

    __slots__ = ("excluded", "neighbours", "required", "terms")

    def __init__(
        self, terms: list[str], required: list[str], excluded: list[str], neighbours: list[tuple[str, str]]
    ) -> None:
        self.terms, self.required, self.excluded, self.neighbours = terms, required, excluded, neighbours

    @property
    def expression(self) -> str:
        """Return the FTS5 expression for what holds any of the terms, and all that must be there; '' for no term."""
        expression = " OR ".join(f'"{term}"' for term in self.terms)
        for phrase in self.required:
            expression = f'({expression}) AND "{phrase}"'
        return self.without_excluded(expression)

    @property
    def necessary(self) -> str:
        """Return the same where nothing is ranked by it: what must be there is among the terms."""
        return self.without_excluded(" AND ".join(f'"{phrase}"' for phrase in self.required)) or self.expression

    def without_excluded(self, expression: str) -> str:
        """Return an FTS5 expression with what must not be there added to it."""
        if not self.excluded or not expression:
            return expression
        return f"({expression}) NOT (" + " OR ".join(f'"{word}"' for word in self.excluded) + ")"


def asked(query: str) -> Question:
    """Return what a query asks for: "quotes" make a phrase that must be there, -word excludes, the rest is OR-ed."""
    found: list[str] = []
    common: list[str] = []
    required: list[str] = []
    excluded: list[str] = []
    for part, quoted in _parts(query[:TEXT_CHARS_MAX]):
        tokens = tokens_of(part)
        if quoted:
            required.append(" ".join(tokens))
        elif _excludes(part):
            excluded += tokens
        else:
            found += [token for token in tokens if _tells(token)]
            common += tokens
    required = [phrase for phrase in dict.fromkeys(required) if phrase]
    if not found and not required:
        found = common
    terms = list(dict.fromkeys([*required, *found]))[:TERMS_MAX]
    known = set(terms)
    neighbours = [pair for pair in pairwise(found) if pair[0] != pair[1] and known.issuperset(pair)]
    return Question(
        terms, required[:TERMS_MAX], list(dict.fromkeys(excluded))[:TERMS_MAX], list(dict.fromkeys(neighbours))
    )


def tokens_of(text: str) -> list[str]:
    """Return a text's words as the index holds them before stemming, stop words included."""
    return "".join(one if one.isalnum() else " " for one in words.indexable(text).lower()).split()


def _parts(query: str) -> list[tuple[str, bool]]:
    """Cut at quotes into (words, False) and (phrase, True); a quote that is never closed is none."""
    pieces = query.split('"')
    found: list[tuple[str, bool]] = []
    for position, piece in enumerate(pieces):
        if position % 2 and position < len(pieces) - 1:
            found.append((piece, True))
        else:
            found += [(word, False) for word in piece.split()]
    return found


def _excludes(part: str) -> bool:
    """Tell -word from an option such as --force or -n, which is itself searched for."""
    return len(part) > 2 and part[0] == "-" and part[1].isalnum()


def _tells(token: str) -> bool:
    """Tell a word that can tell texts apart from grammar and single letters."""
    if words.is_cjk(token[0]):
        return token not in CHINESE_STOP_PAIRS
    return len(token) > 1 and token not in STOP_WORDS
