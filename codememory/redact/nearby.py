"""Read what stands around a name, not behind it on its line: before it, below it, a list of numbers."""

from __future__ import annotations

from codememory.redact import rules
from codememory.redact.cutting import (
    BEFORE_CHARS,
    REACH_CHARS,
    VALUE_CHARS_MAX,
    line_end,
    line_start,
    unnumbered,
    words_in,
)
from codememory.redact.names import STRONG, WEAK
from codememory.redact.shapes import has_humps
from codememory.redact.values import is_word_secret, past_user
from codememory.redact.weight import MIXED, NONE, RANDOM, WORD, is_digest, is_stand_in, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

BELOW_LINES_MAX = 40  # of a list or a table below a name
COMMENTED_LINES_MAX = 12  # of a list below a comment
BELOW_CHARS_MAX = 4_000
STATE_CHARS_MAX = 800  # from the type of a state to its values
BYTES_MIN = 8  # numbers in a row that make a key
_ARROW = "\xe2\x86\x92"  # behind the number that a reader put before a line
_NUMBERS = frozenset("0123456789abcdefABCDEFxX, \t\r\n\\" + _ARROW)
_DIGITS = frozenset("0123456789")
_SEPARATORS = ("|", "\xe2\x94\x82", ",", ";", ":", "\t", "  ")
_OPENING = (":", "|", ">", "-", "(", "[", "{", "=")
_COMMENTS = frozenset("#;")
_CODE = frozenset("(){}=;<>\"'")
_PLAIN_CELL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-. /?()") | frozenset(
    map(chr, range(0x80, 0x100))
)
_TOLD_BEFORE = (
    "that's the", "thats the", " is the", " is my", " is our", " is your", " for the", " as the", " as my", " as",
    "is the admin", "is the root", "is the new", "<-", "<--", "\xe2\x86\x90", ">", ">>", "> ~/.", ">~/.", "> .",
    "> ./", "> ~/", "> /",
)  # fmt: skip


def before(view: str, start: int, level: int) -> tuple[int, int] | None:
    """Return the value that stands before a name on its line: `X is the password`, `echo X | … password`."""
    begin = line_start(view, start)
    if begin == start - BEFORE_CHARS:  # a long value stands before it
        wider = line_start(view, start, REACH_CHARS)
        begin = wider if view.startswith(("echo ", "printf "), wider) else begin
    arrow = view.rfind(_ARROW, begin, start)
    begin = arrow + 3 if arrow >= 0 else begin  # behind a line's number
    head = view[begin:start]
    if _DIGITS.isdisjoint(head):
        return None
    tail = head.rstrip()
    printed = max(head.rfind("echo "), head.rfind("printf "))
    pipe = head.find("|", printed) if printed >= 0 else -1
    if 0 < pipe < len(head) - 1:
        head, tail = head[:pipe], head[:pipe] + ">"
    told = tail.endswith(_TOLD_BEFORE) or (
        tail.rpartition(" ")[2].lower() in rules.KEY_WORDS and tail.rpartition(" ")[0].endswith(_TOLD_BEFORE)
    )
    is_printed = printed >= 0 and tail.rfind(">") > printed and " " not in tail[tail.rfind(">") :].replace("> ", ">")
    least = WORD if is_printed else MIXED if told else RANDOM
    if not told and (level < WEAK or not any(len(word) > 8 and not word.isalpha() for word in head.split())):
        return None
    found = None
    for at, end, quoted in words_in(view, begin, begin + len(head)):
        value = view[at:end]
        if "://" in value and level == STRONG and weigh(value.rpartition("/")[2]) >= RANDOM:
            found = at + value.rfind("/") + 1, end  # `https://… // the secret address`
            continue
        if " " in value or (not quoted and any(sign in value for sign in "(=/")) or "://" in value:
            continue
        weight = weigh(value)
        is_given = (told or is_printed) and len(value) >= 16
        if weight < least or (is_digest(value) and not (is_given or "//" in head or "#" in head)):
            continue
        if weight == WORD and not (("-" in value or quoted) and is_word_secret(value, True, False)):
            continue
        found = at, end
    return found


def below(view: str, start: int, end: int, level: int) -> Iterator[tuple[int, int]]:
    """Yield the values in the lines below a name: the next line, a list, the column of a table."""
    line_stop = view.find("\n", end, end + REACH_CHARS)
    if line_stop < 0:
        return
    begin = line_start(view, start, REACH_CHARS * 2)
    tail = view[end:line_stop].strip(" \t\r\"'`*_\\|")
    if (
        not _CODE.isdisjoint(tail)
        and not tail.endswith((":", "{", "[", "("))
        and tail != ">"
        and not tail.endswith((">-", "|-", ": >", ">+"))
        and tail[:3].strip("<>\"'") != "/"
        and "</" not in tail[:4]
        and "VALUES" not in tail.upper()
        and not is_prompted(view, begin)
    ):
        return
    # Most names stand in the middle of a line that is no heading and opens nothing: no look at the lines below.
    body = view[begin:start].rpartition("\x92")[2].lstrip() + tail
    is_heading = (
        view[begin : begin + 1] in _COMMENTS
        or not tail
        or tail.endswith(_OPENING)
        or any(sign in body for sign in _SEPARATORS)
    )
    if not is_heading and not is_prompted(view, begin):
        return
    following = unnumbered(view[line_stop : line_stop + REACH_CHARS])
    if _DIGITS.isdisjoint(following) and not (level == STRONG and has_humps(following)):
        return
    yield from _below(view, begin, start, line_stop, tail, level)


def _below(view: str, begin: int, start: int, line_stop: int, tail: str, level: int) -> Iterator[tuple[int, int]]:
    """Yield the values below the line from `begin` on in which a name begins at `start` and `tail` is behind it."""
    head = unnumbered(view[begin:line_stop])
    limit = min(line_stop + BELOW_CHARS_MAX, len(view))
    separator = next(
        (sign for sign in _SEPARATORS if head.count(sign) >= 1 and _is_header(head, sign)),
        "",
    )
    if separator and (head.count(separator) >= 2 or separator in ("|", "\xe2\x94\x82", "\t", ",", "  ")):
        yield from _column(view, head, start - begin, line_stop, limit, separator, level)
        return
    if head[:1] in _COMMENTS and not separator and level == STRONG:
        fields = list(_field(view, head[: start - begin].lstrip("#; ").count(" "), line_stop, limit))
        yield from fields
        if fields:
            return
    if is_prompted(view, begin) and (made := made_below(view, line_stop)):
        yield made
        return
    if len(tail) > 40 or (tail and not tail.endswith(_OPENING)):
        return
    least = (
        MIXED if (level == STRONG and (not tail or tail[-1] in ":{>-|")) or (level == WEAK and tail == ":") else RANDOM
    )
    misses = 0
    is_block = tail[-1:] in ("{", ">", ":")
    at = line_stop + 1
    for _ in range(BELOW_LINES_MAX):
        stop = view.find("\n", at, limit)
        stop = stop if stop >= 0 else limit
        line = unnumbered(view[at : min(stop, at + REACH_CHARS)])
        if not line.strip():
            misses += 1
        else:
            hits, count = _hits(line, at, least, level)
            if not hits and is_block and misses < 1 and count <= 4:
                misses += 1  # `type = string` before `default = "…"`
                is_block = False
            elif not hits or count > 6 or len(hits) * 4 < count:
                return
            yield from hits
        if stop >= limit or misses > 1:
            return
        at = stop + 1


def _hits(line: str, at: int, least: int, level: int) -> tuple[list[tuple[int, int]], int]:
    """Return the words that weigh enough of a line that begins at `at`, and how many words it has."""
    items = list(words_in(line, 0, len(line)))
    hits = []
    for first, last, _ in items[:8]:
        first += past_user(line[first:last]) if level == STRONG else 0
        value = line[first:last]
        is_hash = is_digest(value) and level != STRONG and len(value) < 20
        if weigh(value) >= least and "/" not in value and not is_hash:
            hits.append((at + first, at + last))
    return hits, len(items)


def is_prompted(view: str, begin: int) -> bool:
    """Say whether a line is a command as a terminal shows it."""
    while view[begin : begin + 1] in (" ", "\t") and view[begin : begin + 1]:
        begin += 1
    return view[begin : begin + 2] in ("$ ", "% ", "> ", "# ", "+ ") or "$ " in view[begin : begin + 40]


def made_below(view: str, line_stop: int) -> tuple[int, int] | None:
    """Return the one word of the line below a command that prints a secret."""
    stop = line_end(view, line_stop + 1, REACH_CHARS)
    value = view[line_stop + 1 : stop].strip()
    first = view.find(value, line_stop + 1) if value else -1
    if (
        first < 0
        or " " in value
        or weigh(value) < MIXED
        or (is_digest(value) and len(value) < 16)
        or value.endswith((":", "{"))
    ):
        return None
    return first, first + len(value)


def _is_header(head: str, separator: str) -> bool:
    cells = [cell.strip(" \t*`\"'#()") for cell in head.split(separator)]
    cells = [cell for cell in cells if cell]
    return len(cells) >= 2 and not any(
        len(cell) > 40 or len(cell.split()) > 4 or (at and not _PLAIN_CELL.issuperset(cell))
        for at, cell in enumerate(cells)
    )


def _column(
    view: str, head: str, place: int, at: int, limit: int, separator: str, level: int
) -> Iterator[tuple[int, int]]:
    """Yield the values below a name that is a column's."""
    opening = head.rfind("(", 0, place) if separator == "," else -1  # INSERT INTO t (a, b) VALUES
    front = head[opening + 1 : place]
    column = front.count(separator) if separator != "  " else -1
    count = head.count(separator)
    least = MIXED if level == STRONG else RANDOM
    for number in range(BELOW_LINES_MAX):
        stop = view.find("\n", at + 1, limit)
        stop = stop if stop >= 0 else limit
        line = unnumbered(view[at + 1 : stop])
        if not line.strip():
            return
        offset = at + 1
        if column >= 0:
            parts = line.split(separator)
            if len(parts) != count + 1 and (separator not in ("|", "\xe2\x94\x82") or len(parts) <= column):
                if number > 1:
                    return
            else:
                offset += sum(len(part) + len(separator) for part in parts[:column])
                cell = parts[column]
                lead = len(cell) - len(cell.lstrip(" \t\"'`(*"))
                value = cell.strip(" \t\r\"'`(*);")
                if value and (
                    weigh(value) >= least
                    or (
                        level == STRONG and number >= 1 and weigh(value) == WORD and is_word_secret(value, False, False)
                    )
                ):
                    yield offset + lead, offset + lead + len(value)
        else:
            for first, last, _ in words_in(line, 0, min(len(line), REACH_CHARS)):
                if weigh(line[first:last]) >= least and abs(first - place) <= 8:
                    yield offset + first, offset + last
        if stop >= limit:
            return
        at = stop


def _field(view: str, column: int, at: int, limit: int) -> Iterator[tuple[int, int]]:
    """Yield the words in one column of the lines below a comment that names the columns: `# client server secret`."""
    for _ in range(COMMENTED_LINES_MAX):
        if view[at + 1 : at + 2] in _COMMENTS:
            return
        stop = view.find("\n", at + 1, limit)
        stop = stop if stop >= 0 else limit
        fields = list(words_in(view, at + 1, stop)) if stop - at < REACH_CHARS else []
        if len(fields) <= column or len(fields) > column + 4:
            return
        first, last, _ = fields[column]
        if weigh(view[first:last]) >= MIXED:
            yield first, last
        if stop >= limit:
            return
        at = stop


def number_list(view: str, at: int) -> tuple[int, int] | None:
    """Return the numbers of a key that is written byte by byte in the rest of the line."""
    stop = line_end(view, at, 120)
    while at < stop:
        if view[at] not in "{[(\"'":
            at += 1
            continue
        begin = at + 1
        while view[begin : begin + 1] and view[begin] in " \t\r\n":
            begin += 1
        end = begin
        limit = min(begin + VALUE_CHARS_MAX, len(view))
        while end < limit and view[end] in _NUMBERS:
            end += 1
        body = view[begin:end]
        if body.rstrip().endswith(_ARROW):
            body = body[: body.rfind("\n")]
        count = body.count("\\x") or sum(part.strip()[:1].isdigit() for part in body.split(","))
        if count >= BYTES_MIN:
            return begin, begin + len(body.rstrip(", \t\r\n\\"))
        at += 1
    return None


def stated_result(view: str, end: int) -> tuple[int, int] | None:
    """Return the result in the state of a generated password."""
    at = view.find('"result":', end, end + STATE_CHARS_MAX)
    begin = view.find('"', at + 9, at + 14) + 1 if at >= 0 else 0
    close = view.find('"', begin, begin + 260) if begin else -1
    return (begin, close) if close - begin >= 4 and not is_stand_in(view[begin:close]) else None


def schemed(view: str, at: int, end: int) -> tuple[int, int] | None:
    """Return what stands behind the scheme of a stored password: `{PLAIN}…`."""
    if view[at - 1 : at] != "{" or view[end : end + 1] != "}":
        return None
    stop = end + 1
    limit = min(stop + REACH_CHARS, len(view))
    while stop < limit and view[stop] not in " \t\r\n:\"'\0":
        stop += 1
    return (end + 1, stop) if weigh(view[end + 1 : stop]) >= WORD else None


def is_shown(view: str, start: int) -> bool:
    """Say whether a terminal's line calls the password store of this name."""
    begin = line_start(view, start)
    return view[start - 2 : start] == "$ " and start - begin < 60


def listed_password(view: str, at: int) -> tuple[int, int] | None:
    """Return the password at the end of `host:port:database:user:…`, a line of a password file."""
    begin = line_start(view, at, REACH_CHARS)
    stop = line_end(view, at)
    line = view[begin:stop].rstrip()
    parts = line.split(":", 4)
    if len(parts) == 5 and (ends := [place for sign in " \"'" if (place := parts[4].find(sign)) >= 0]):
        line = line[: len(line) - len(parts[4]) + min(ends)]  # as a command writes it
        parts = line.split(":", 4)
    if len(parts) != 5 or view[at - 1 : at] != ":" or " " in ":".join(parts[1:4]) or len(parts[4]) < 4:
        return None
    return None if weigh(parts[4]) == NONE else (begin + len(line) - len(parts[4]), begin + len(line))
