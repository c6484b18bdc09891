"""What a plan looks for, as expressions for the index with what a match of each tells."""

from __future__ import annotations

from codememory.retrieve import telling
from codememory.store import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.retrieve.intent import Intent
    from codememory.retrieve.plan import Plan

WORTH_MIN = 0.5
ALIKE = 0.8
"""What another word for the same thing is worth of the word itself."""

CHINESE_BONUS = 0.5
"""A Chinese word met in Chinese tells a little more than the English words it stands for."""

CHINESE_FOREIGN = 0.8
"""Most pairs of Chinese characters are no words."""

KIN = 1.5
BOND = 1.7
FILE, COMMON_FILE, NAME = 6.0, 2.0, 3.0
COMMON_FILES = frozenset(
    "readme.md package.json package-lock.json main.py main.go main.rs index.js index.ts index.html index.tsx app.py"
    " app.tsx __init__.py setup.py pyproject.toml makefile dockerfile requirements.txt cargo.toml go.mod tsconfig.json"
    " utils.py config.py config.yaml conftest.py style.css styles.css test.py tests.py mod.rs lib.rs settings.py"
    " types.ts".split()
)
"""Files that most projects have: to name one tells little."""


class Clue:
    """One thing that is looked for: FTS5 expressions with what a match of each tells, the surest first.

    A `bond` adds to what other clues tell and is none of its own: words that stand side by side, parts of a name.
    `foreign` is what it tells of the prompt's subject if no node holds it.
    """

    __slots__ = ("_stems", "bond", "foreign", "ways")

    def __init__(self, ways: list[tuple[str, float]], *, bond: bool = False, foreign: float = 0.0) -> None:
        self.ways, self.bond, self.foreign = ways, bond, foreign
        self._stems: dict[str, None] | None = None

    @property
    def stems(self) -> dict[str, None]:
        """Return the words that are looked for without their endings, each once."""
        if self._stems is None:
            self._stems = {
                telling.stem_of(word): None
                for expression, _ in self.ways
                for phrase in expression.split(" OR ")
                for word in phrase.strip('"').lower().split()
            }
        return self._stems


def clues_of(plan: Plan, intent: Intent) -> list[Clue]:
    """Return what to look for."""
    split = [(symbol, " ".join(words.indexable(symbol).split()[1:])) for symbol in plan.symbols]
    parts = {part for _, apart in split for part in apart.lower().split()}
    chinese = telling.chinese_words(plan.text) if not plan.text.isascii() else []
    terms = [term for term in plan.terms if term not in parts and not any(term in word for word in chinese)]
    found = [clue for term in terms if (clue := _of_term(term, intent))]
    for one, other in plan.neighbours:
        found.append(Clue([(f'"{one} {other}" OR "{one}{other}"', BOND)], bond=True))
        others = telling.alike(f"{one}-{other}")
        if others:
            found.append(Clue([(_any_of(others), max(telling.telling(others[0]), BOND))], bond=True))
        kin = telling.kin(f"{one}-{other}") if intent.choosing else []
        if kin:
            found.append(Clue([(_any_of(kin), KIN)], bond=True))
    for word in chinese:
        others = telling.alike(word)
        worth = telling.concept(word, others)
        ways = [(_any_of([word]), min(worth + CHINESE_BONUS, telling.PAIR)), (_any_of(others), ALIKE * worth)]
        found.append(Clue(ways, foreign=CHINESE_FOREIGN))
    for file in plan.files:
        common = file.rpartition("/")[2].lower() in COMMON_FILES and "/" not in file
        worth = COMMON_FILE if common else FILE
        found.append(Clue([(_any_of([file]), worth)], foreign=worth))
    for symbol, apart in split:
        if apart or "_" in symbol.strip("_"):
            found.append(Clue([(_any_of([apart or symbol]), NAME)], bond=True))
    return [clue for clue in found if '""' not in clue.ways[0][0]]


def _of_term(term: str, intent: Intent) -> Clue | None:
    worth = telling.telling(term)
    if worth < WORTH_MIN:
        return None
    ways = [(f'"{term}"', worth)]
    others = telling.alike(term)
    if others:
        ways.append((_any_of(others), ALIKE * telling.concept(term, others)))
    kin = telling.kin(term) if intent.choosing else []
    if kin:
        ways.append((_any_of(kin), KIN))
    return Clue(ways, foreign=CHINESE_FOREIGN if words.is_cjk(term[0]) else worth)


def _any_of(texts: list[str]) -> str:
    """Return the expression for any of some texts, each as a phrase."""
    return " OR ".join(f'"{_phrase(one)}"' for one in texts)


def _phrase(text: str) -> str:
    cut = text if text.isascii() else words.indexable(text)
    return " ".join("".join(one if one.isalnum() else " " for one in cut).split())
