"""Plan a search: the words that carry meaning and the files and identifiers a text names, English and Chinese."""

from __future__ import annotations

from codememory.store import words

TERMS_MAX = 24
TEXT_CHARS_MAX = 8_000
TERM_CHARS_MIN = 3

STOP_WORDS = frozenset(
    """a about above actually after again all already also always am an and another any anything are as ask at away back
    be because been before being best better between both but by call came can cannot case change check code could did
    different do does doing done dont down each easy either else end even ever every everything example few file files
    find first five fix for found four from full function further get gets getting give given gives go goes going good
    got had happen happens has have having he hello help her here hey hi him his how however i if in instead into is
    isnt it its itself just keep know last later less let lets like line little long look looks lot made make makes
    making many may maybe me mean means might mind more most much must my name need needs never new next nice no none
    not nothing now of off ok okay on once one only onto or other our out over own part per perhaps place please
    possible problem put quite rather read really right run same say says see seem seems set several shall she should
    show simple since so some something soon still such sure take tell test tests than thank thanks that thats the their
    them then there these they thing things think this those though three through time to together too tried try trying
    turn two under until up upon us use used uses using very want wants was way we well went were what when where
    whether which while who whole why will with within without wont work working works would write wrong yes yet you
    your yours""".split()
)
"""Words that say nothing about the subject, the common verbs of asking and of programming among them."""

HALF_NAMES = frozenset(
    "case change check code default file first full last line list next process read set test time".split()
)
"""Those that beside another word may be half of a name: test split, line length, full text."""

CHINESE_STOP_PAIRS = frozenset(
    "我们 你们 他们 这个 那个 一个 什么 怎么 如何 可以 需要 请问 帮我 一下 现在 然后 因为 所以 但是 如果 就是"
    " 还是 没有 不是 的话 这里 那里 时候 为什 为何 哪些 哪个 是否 能否 应该 使用 进行 问题 代码 文件".split()
)


class Plan:
    """What to look for: `terms` in order of appearance, and the `files` and `symbols` named outright.

    `text` is what was asked, `length` how many different terms it holds, those beyond `terms` among them.
    """

    __slots__ = ("files", "length", "neighbours", "symbols", "terms", "text")

    def __init__(
        self, terms: list[str], files: list[str], symbols: list[str], text: str = "", length: int = 0,
        neighbours: list[tuple[str, str]] | None = None,
    ) -> None:  # fmt: skip
        self.terms, self.files, self.symbols, self.text = terms, files, symbols, text
        self.length, self.neighbours = length or len(terms), neighbours or []


EDGES = "`'\"“”‘’()[]{}<>,;:!?。，；：！？（）【】「」*…"


def planned(text: str) -> Plan:
    """Return the plan for a prompt or question."""
    terms: dict[str, None] = {}
    files: dict[str, None] = {}
    symbols: dict[str, None] = {}
    neighbours: dict[tuple[str, str], None] = {}
    last = ""
    for raw in text[:TEXT_CHARS_MAX].split():
        word = raw.strip(EDGES)
        if not word:
            continue
        bare = word.rstrip(".")
        bare = bare if bare.endswith("()") else bare.partition("(")[0]
        if _is_file(bare):
            files[bare.removeprefix("./").partition(":")[0]] = None
        elif _is_symbol(bare):
            symbols[bare.removesuffix("()").rpartition(".")[2]] = None
        found = terms_of(word)
        if len(found) == 1 and last and found[0].isascii():
            neighbours[(last, found[0])] = None
        elif not found and last and word.lower() in HALF_NAMES and last not in HALF_NAMES:
            neighbours[(last, word.lower())] = None
        half = word.lower() if word.lower() in HALF_NAMES else ""
        last = (found[-1] if found else half) if word == raw.rstrip("'\"`") else ""
        terms.update(dict.fromkeys(found))
    return Plan(
        list(terms)[:TERMS_MAX], list(files)[:TERMS_MAX], list(symbols)[:TERMS_MAX], text[:TEXT_CHARS_MAX],
        len(terms) - sum(words.is_cjk(term[0]) for term in terms) // 2, list(neighbours)[:TERMS_MAX],
    )  # fmt: skip


def terms_of(text: str) -> list[str]:
    """Return the searchable terms of a text, lower-cased, without stop words."""
    found = []
    for piece in _pieces(words.indexable(text)):
        term = piece.lower()
        if words.is_cjk(term[0]):
            if len(term) > 1 and term not in CHINESE_STOP_PAIRS:
                found.append(term)
        elif len(term) >= TERM_CHARS_MIN and term not in STOP_WORDS:
            found.append(term)
    return found


def _pieces(text: str) -> list[str]:
    """Cut at everything that is no letter or digit, as the index's tokenizer does."""
    if text.isalnum():
        return [text]
    return "".join(character if character.isalnum() else " " for character in text).split()


def _is_file(word: str) -> bool:
    if "://" in word or len(word) > 200:
        return False
    stem, dot, extension = word.partition(":")[0].rpartition(".")
    named = bool(dot) and bool(stem) and 1 <= len(extension) <= 6 and extension.isalnum() and not extension.isdigit()
    return named and (stem[-1:].isalnum() or "/" in stem or stem.startswith("_"))


def _is_symbol(word: str) -> bool:
    if word.endswith("()"):
        return True
    inner = word.strip("_")
    return ("_" in inner and inner.replace("_", "").isalnum()) or (
        inner.isalnum() and not inner.isupper() and inner[1:] != inner[1:].lower()
    )


def any_of(terms: list[str]) -> str:
    """Return the FTS5 expression that matches any of the terms."""
    return " OR ".join(f'"{term}"' for term in terms)


def all_of(terms: list[str]) -> str:
    """Return the FTS5 expression that matches all of the terms."""
    return " AND ".join(f'"{term}"' for term in terms)
