"""Find one-time codes, PINs and lists of recovery codes; and what is given to a name in another script."""

from __future__ import annotations

from codememory.redact import rules
from codememory.redact.cutting import REACH_CHARS, STOPS, TRAILING, line_end, line_start, words_in
from codememory.redact.nearby import BELOW_LINES_MAX
from codememory.redact.reading import COPULAS
from codememory.redact.values import is_word_secret
from codememory.redact.weight import MIXED, RANDOM, WORD, is_digest, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CODE_REACH_CHARS = 60
_HARMLESS_CODES = frozenset("error exit status zip postal country area return source response http reason".split())
_UNITS = frozenset((":", "/", "%", ".", "("))
_CODE_NOUNS = ("code", "codes", "pin", "pins", "number", "passcode", "key", "keys", "token", "tokens")


def codes(view: str, at: int, end: int, is_code: bool = False) -> Iterator[tuple[int, int]]:
    """Yield the digits of a one-time code or a PIN behind or before its name, and the lines of a list of codes."""
    word = view[at:end].lower()
    after = end
    if word not in rules.CODE_WORDS and not is_code:
        gap = view[after : after + 1]
        noun_end = after + 1
        while noun_end < len(view) and view[noun_end].isalpha():
            noun_end += 1
        noun = view[after + 1 : noun_end].lower()
        if gap not in (" ", "_", "-") or noun not in _CODE_NOUNS:
            return
        after = noun_end
        if noun.endswith("s"):
            yield from _listed_codes(view, at, after)
            return
        if noun in ("key", "token", "number"):
            return
    stop = line_end(view, after, CODE_REACH_CHARS)
    first = next(words_in(view, after, stop), None)
    if word == "code":
        if first and view[first[0] : first[1]] == "is":
            first = next(words_in(view, first[1], stop), None)
        if (
            first
            and view[first[0] : first[1]].isdigit()
            and first[1] - first[0] == 6
            and view[max(at - 12, 0) : at].rstrip().rpartition(" ")[2].lower() not in _HARMLESS_CODES
        ):
            yield first[:2]
        return
    if (
        first
        and word not in rules.CODE_WORDS
        and not is_code
        and weigh(view[first[0] : first[1]]) >= MIXED
        and first[1] - first[0] <= 24
        and not is_digest(view[first[0] : first[1]])
    ):
        yield first[:2]
        return
    joined = (
        view[after : after + 1] in (":", "=", "\0")
        or view[after : after + 2] in ('":', "':")
        or (view[after : after + 1] == " " and view[after + 1 : after + 5].isdigit())
    )
    for begin, finish, _ in words_in(view, after + (view[after : after + 1] in (":", "=")), stop):
        value = view[begin:finish].strip("=: ")
        if value.replace("-", "").isdigit() and 4 <= len(value.replace("-", "")) <= 8 and joined:
            if not (begin == after + 1 and ("-" in value or view[finish : finish + 2].strip(" ")[:1] in _UNITS)):
                yield begin, finish
            return
        joined = value.lower() in COPULAS or not value or view[finish : finish + 1] in (":", "=")
    begin = line_start(view, at, CODE_REACH_CHARS)
    place = view.find(" is ", begin, at)
    if (
        place >= 0
        and view[place + 4 : at].lstrip().lower().startswith(("your", "the", "my", "our", "a ", "an "))
        and view.count(" ", place + 4, at) <= 4
    ):
        value = view[begin:place].rpartition(" ")[2].strip("\"'`(")
        value = value.rpartition("-")[2] if not value.replace("-", "").isdigit() else value
        if value.isdigit() and 4 <= len(value) <= 8:
            said = view.rfind(value, begin, place)
            yield said, said + len(value)


def _listed_codes(view: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the codes behind a heading: on its line, and on the lines below."""
    stop = line_end(view, end)
    previous = -1, -1
    for first, last, _ in words_in(view, end, stop):
        if view[first:last].isdigit() and 3 <= last - first <= 5:
            if first - previous[1] == 1:  # `1234 5678`
                yield previous[0], last
            previous = first, last
        if _is_one_code(view[first:last]) and any(char.isdigit() for char in view[first:last]):
            yield first, last
    at = view.find("\n", end, end + REACH_CHARS)
    found: list[tuple[int, int]] = []
    for _ in range(BELOW_LINES_MAX if at >= 0 else 0):
        stop = line_end(view, at + 1)
        items = [(first, last) for first, last, _ in words_in(view, at + 1, stop) if last - first > 2]
        if 2 <= len(items) <= 4 and all(view[first:last].isdigit() and last - first <= 5 for first, last in items):
            found.append((items[0][0], items[-1][1]))  # `1234 5678`
        elif not all(_is_one_code(view[first:last]) for first, last in items):
            break
        else:
            found += items
        if view[stop : stop + 1] != "\n":
            break
        at = stop
    if any(char.isdigit() for first, last in found for char in view[first:last]):
        yield from found


def _is_one_code(word: str) -> bool:
    plain = word.replace("-", "")
    return 6 <= len(plain) <= 32 and plain.isalnum() and (not plain.isalpha() or "-" in word)


def told_in_script(view: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is given to a name in another script or with letters of another language: behind it or before it."""
    while view[at - 1 : at].isalpha() and at > 0 and end - at < 64:
        at -= 1
    while end < len(view) and (ord(view[end]) >= 0x80 or view[end].isalpha()) and end - at < 1000:
        end += 1
    word = view[at:end]
    for name in rules.FOREIGN_NAMES:
        place = word.find(name)
        while place >= 0:
            begin = at + place + len(name)
            yield from _behind(view, begin)
            yield from _ahead(view, at + place)
            place = word.find(name, place + len(name))
    for name in rules.FOREIGN_KEYS:
        place = word.rfind(name)
        if place >= 0:
            for first, last in _behind(view, at + place + len(name)):
                if weigh(view[first:last]) >= RANDOM or (last - first >= 16 and weigh(view[first:last]) >= MIXED):
                    yield first, last


def _behind(view: str, begin: int) -> Iterator[tuple[int, int]]:
    stop = line_end(view, begin, 80)
    at = begin
    signed = False
    for _ in range(8):
        while at < stop and (ord(view[at]) >= 0x80 or view[at] in " \t:=\"'`(*-"):
            signed = signed or view[at] in ":=" or view[at : at + 3] in ("\xef\xbc\x9a", "\xef\xbc\x9d", "\xe6\x98\xaf")
            at += 1
        finish = at
        while finish < stop and view[finish] not in STOPS and ord(view[finish]) < 0xC4:
            finish += 1
        while (
            finish > at
            and view[finish - 1] in TRAILING
            and not (view[finish - 1] in "!?" and view[finish - 2].isdigit())
        ):
            finish -= 1
        if finish == at:
            return
        value = view[at:finish]
        weight = weigh(value)
        if weight >= MIXED or (signed and weight == WORD and is_word_secret(value, False, False)):
            yield at, finish
            return
        if value.isdigit() and 4 <= len(value) <= 8:
            yield at, finish
            return
        at = finish


def _ahead(view: str, at: int) -> Iterator[tuple[int, int]]:
    end = at
    while end > 0 and at - end < 24 and (ord(view[end - 1]) >= 0x80 or view[end - 1] in " `\"'"):
        end -= 1
    begin = end
    while begin > 0 and end - begin < 64 and view[begin - 1] not in STOPS and ord(view[begin - 1]) < 0x80:
        begin -= 1
    value = view[begin:end]
    if at - end < 24 and weigh(value) >= RANDOM and not is_digest(value) and "/" not in value:
        yield begin, end
