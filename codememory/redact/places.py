"""Read the places of a text that its marked words point at."""

from __future__ import annotations

from codememory.redact import marks, rules, weight
from codememory.redact.names import SEAL, STRONG, WEAK, kind_of, level_of, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CLUSTER_CHARS_MAX = 8_000  # of an object before and behind its kind
FIND_WORDS_MAX = 64
"""So many different marked words are looked for one after the other; more, in one walk through all words."""

_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+")
_SIGNS = frozenset((":", "=", '"', "'", "`", "\0", "]", ")"))
_ACCOUNT_SIGNS = frozenset((" ", ":", "'", '"', "`", ",", "-", "\n"))
_CODE_SIGNS = frozenset((" ", "_", "-", ":", "=", '"', "'", "\0"))
_FAR = frozenset(map(chr, range(0x80, 0x100)))
_NEEDED = {
    marks.SEAL: "=",
    marks.CALL: "(",
    marks.PLAIN: (":", "=", '"', "'", "`", "\0", "]", ")", " =", " :", " es ", " is "),
    marks.LOGIN: (" in ", "-in "),
    marks.PATH: "/.",
    marks.COMMAND: " (.",
    marks.ACCOUNT: " :'\"`,-\n",
}
"""What must follow words of these roles: one look through the text instead of one at each of their places."""

_DIGITS = frozenset("0123456789")
MARKER = "[redacted:"


def secret_spans(data: bytes, words: list[bytes], marked: dict[bytes, int]) -> list[tuple[int, int, str]]:
    """Return start, end and kind of every secret at the marked words and at the signs of an address."""
    view = data.decode("latin-1")
    found: list[tuple[int, int, str]] = []
    is_blocks_read = False
    done = cluster_end = 0
    for at, end, role in sorted(_occurrences(view, words, marked)):
        if view[at - 10 : at] == MARKER or (
            view[end : end + 1] == ":"
            and view.rfind(MARKER, max(at - 30, 0), at) >= 0
            and "]" not in view[max(at - 30, 0) : at].rpartition(MARKER)[2]
        ):
            continue
        if role & marks.BLOCK and not is_blocks_read:
            from codememory.redact.blocks import key_blocks

            is_blocks_read = True
            found += [(first, last, "private-key") for first, last in key_blocks(view)]
        if role & marks.TOKEN and at >= done:
            from codememory.redact.lone import token_span

            span, done = token_span(view, at, end)
            if span:
                found.append(span)
        role = _worth(view, at, end, role)
        if role & marks.CLUSTER:
            if at < cluster_end or "kind" not in view[max(at - 12, 0) : at].lower():
                role &= ~marks.CLUSTER
            else:  # all of its document is read at once
                limit = at + CLUSTER_CHARS_MAX
                place = view.find("\n---", at, limit)
                cluster_end = place if place >= 0 else limit
        if role:
            found += _read(view, at, end, role)
    if b"@" in data:
        found += _addresses(view)
    return found


def _occurrences(view: str, words: list[bytes], marked: dict[bytes, int]) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and role of every place of the marked words."""
    if len(marked) > FIND_WORDS_MAX:
        at = 0
        for word in words:
            role = marked.get(word)
            if role:
                text = word.decode("latin-1")
                if role & marks.FOREIGN and at < len(view) and view.find(text, at) < 0:
                    at = 0  # words of other scripts come after all others
                at = _place(view, text, at)
                yield at, at + len(text), role
                at += len(text)
        return
    size = len(view)
    for word, role in marked.items():
        text = word.decode("latin-1")
        needed = _NEEDED.get(role)
        if needed is not None and not any(text + sign in view for sign in needed):
            continue
        signs = _FAR if role == marks.FOREIGN else _TOKEN
        at = view.find(text)
        while at >= 0:
            end = at + len(text)
            if (at == 0 or view[at - 1] not in signs) and (end == size or view[end] not in signs):
                yield at, end, role
            at = view.find(text, end)


def _place(view: str, word: str, at: int) -> int:
    """Return where a word stands as a whole from `at` on, -1 if it does not."""
    signs = _TOKEN if word[0] in _TOKEN else _FAR
    at = view.find(word, at)
    while at >= 0:
        end = at + len(word)
        if (at == 0 or view[at - 1] not in signs) and (end >= len(view) or view[end] not in signs):
            return at
        at = view.find(word, at + 1)
    return -1


def _worth(view: str, at: int, end: int, role: int) -> int:
    """Return those roles of a word that one look at the next character leaves: most words are used otherwise."""
    follows = view[end : end + 1]
    role &= ~(marks.TOKEN | marks.BLOCK)
    if role & marks.ACCOUNT and (follows not in _ACCOUNT_SIGNS or view[at - 1 : at] in ("/", ".", "\\")):
        role &= ~marks.ACCOUNT
    if role & marks.PATH and (follows not in ("/", ".") or "://" not in view[max(at - 120, 0) : at]):
        role &= ~marks.PATH
    if role & marks.COMMAND and follows not in (" ", "(", "."):
        role &= ~marks.COMMAND
    if role & marks.SEAL and follows != "=":
        role &= ~marks.SEAL
    if (
        role & marks.PLAIN
        and follows not in _SIGNS
        and view[end : end + 2] not in (" =", " :")
        and (view[end : end + 4] not in (" es ", " is "))
    ):
        role &= ~marks.PLAIN
    if role & marks.LOGIN and view[end + 1 : end + 4] != "in ":
        role &= ~marks.LOGIN
    if role & marks.CALL and follows not in ("(", " "):
        role &= ~marks.CALL
    if role & marks.CODE and (follows not in _CODE_SIGNS or not _is_code_told(view, at, end)):
        role &= ~marks.CODE
    return role


def _is_code_told(view: str, at: int, end: int) -> bool:
    word = view[at:end].lower()
    if word == "code":
        return not _DIGITS.isdisjoint(view[end : end + 4])
    return word in rules.CODE_WORDS or view[end + 1 : end + 4].lower() in ("cod", "pin", "num", "pas", "key", "tok")


def _read(view: str, at: int, end: int, role: int) -> Iterator[tuple[int, int, str]]:
    """Yield the secrets that the word between two positions points at."""
    from codememory.redact import accounts, codes, commands, cutting, nearby

    if role & (marks.NAME | marks.SEAL | marks.PLAIN):
        yield from _named(view, at, end)
    if role & marks.COMMAND:
        for span in commands.command_spans(view, at, view[at:end].lower()):
            yield *span, "password"
    if role & marks.FLAG:
        if end - at > 4:
            if weight.weigh(view[at + 2 : end]) >= weight.MIXED and not weight.is_digest(view[at + 2 : end]):
                yield at + 2, end, "password"
        else:
            for span in commands.flag_spans(view, at, view[at:end]):
                yield *span, "password"
    if role & marks.CALL:
        for span in commands.call_spans(view, end, 1):
            yield *span, "password"
    if role & marks.READER:
        for span in commands.printed_spans(view, at, end):
            yield *span, "password"
        if view[end : end + 1] == ":":
            for span in accounts.listed_accounts(view, end, cutting.line_end(view, end)):
                yield *span, "password"
    if role & marks.CODE:
        for span in codes.codes(view, at, end):
            yield *span, "code"
    if role & marks.PHRASE:
        from codememory.redact.blocks import phrase_span

        if phrase := phrase_span(view, end):
            yield *phrase, "recovery-phrase"
    if role & marks.FOREIGN:
        for first, last in codes.told_in_script(view, at, end):
            yield first, last, "password"
    if role & marks.PATH and (part := accounts.path_part(view, at, end)):
        yield *part, "webhook"
    if role & (marks.ACCOUNT | marks.LOGIN):
        stop = cutting.line_end(view, end)
        word = view[at:end].lower()
        spans = list(accounts.account_spans(view, end, stop, word))
        if not spans and word.endswith("s") and view[stop : stop + 1] == "\n":
            spans = list(accounts.listed_accounts(view, end, stop))
        for span in spans:
            yield *span, "password"
    if (
        role & marks.MAKER
        and (newline := view.find("\n", end, end + 120)) > 0
        and (made := nearby.made_below(view, newline))
    ):
        yield *made, "key"
    if role & marks.LISTED and (listed := nearby.schemed(view, at, end) or nearby.listed_password(view, at)):
        yield *listed, "password"
    if role & marks.CLUSTER:
        from codememory.redact.blocks import cluster_secrets

        base = max(at - CLUSTER_CHARS_MAX, 0)
        window = cutting.unnumbered(view[base : at + CLUSTER_CHARS_MAX])
        for first, last in cluster_secrets(window, at - base):
            yield first + base, last + base, "secret"


def _named(view: str, at: int, end: int) -> Iterator[tuple[int, int, str]]:
    from codememory.redact import codes, commands, cutting, nearby, reading

    start = at
    if view[at - 1 : at] == "\\" and view[at] in "nrt" and not level_of(view[at:end].strip("-+_")):
        start = at + 1
    name = view[start:end].strip("-+_")
    level = level_of(name)
    if level == SEAL:
        level = (
            WEAK if name.lower().startswith("x-amz") and view[end : end + 1] == "=" else _seal_level(view, start, end)
        )
    if name == "key" and view[start - 1 : start] in ("&", "?") and view[end : end + 1] == "=":
        level = WEAK
    elif name.lower() in ("key", "keys") and level:
        word = view[max(start - 20, 0) : start].rstrip(" -_").rpartition(" ")[2].lower().lstrip("\"'`(")
        word = word.rpartition("-")[2]
        if word in rules.HARMLESS_KEYS and word:
            level = 0 if word not in ("a", "the", "this") else level
        elif word in rules.KEY_WORDS and view[start - 1 : start] in (" ", "-"):
            level = WEAK
    if "<(" in (near := view[end : end + 24]) or "echo " in near or "printf " in near:
        for span in commands.printed_literals(view, end):
            yield *span, kind_of(name)
    if name == "pass" and nearby.is_shown(view, start) and (shown := nearby.made_below(view, view.find("\n", end))):
        yield *shown, "password"
    if name.lower() == "key" and view[end + 1 : end + 9].lower() in ("content ", "material"):
        end, level = view.find(" ", end + 2), WEAK
    if name.lower() == "pass" and view[end : end + 7].lower() == " phrase":
        end += 7
    if not level or (name in ("pass", "PASS", "Pass") and view[at] != "-" and not _is_given_sign(view, end, name)):
        return
    near = view[end : end + cutting.REACH_CHARS]
    has_digits = not _DIGITS.isdisjoint(near)
    spans: list[tuple[int, int]] = []
    line = view[end : cutting.line_end(view, end)]
    if level == STRONG or not _DIGITS.isdisjoint(line) or weight.has_humps(line):
        spans = list(reading.given(view, start, end, name, level))
    if has_digits and not spans and (near.count(",") >= nearby.BYTES_MIN - 1 or "\\x" in near):
        numbers = nearby.number_list(view, end)
        spans = [numbers] if numbers else []
    if not spans and not _DIGITS.isdisjoint(view[max(start - cutting.BEFORE_CHARS, 0) : start]):
        above = nearby.before(view, start, level)
        spans = [above] if above else []
    if not spans and has_digits and (name.lower().endswith("code") or not rules.CODE_WORDS.isdisjoint(words_of(name))):
        spans = list(codes.codes(view, start, end, True))
    if not spans and (has_digits or level == STRONG) and "\n" in near:
        spans = list(nearby.below(view, start, end, level))
    for first, last in spans:
        yield first, last, weight.kind_by_prefix(view[first:last]) or kind_of(name)


def _seal_level(view: str, start: int, end: int) -> int:
    """Return WEAK for the name of a session or a signature where it is a cookie's or in an address."""
    if view[end : end + 1] != "=":
        return 0
    if view[start - 1 : start] in ("&", "?") or view[max(start - 6, 0) : start].lower().endswith("x-amz-"):
        return WEAK
    line = view[max(view.rfind("\n", max(start - 300, 0), start), start - 300, 0) : start]
    return WEAK if "ookie" in line or " -b " in line else 0


def _is_given_sign(view: str, end: int, name: str) -> bool:
    """Say whether "pass" is a name here and not what a test does or a statement."""
    rest = view[end : end + 4].lstrip("\"'`")
    if rest[:1] == ":":
        return name == "pass" and rest[1:2] not in ("", "\n")
    if rest.startswith((" is", " : ", " :=")):
        return True
    if rest[:1] == " " and rest[1:2].isalnum():
        word = view[end + 1 : end + 65].split(" ", 1)[0].split("\n", 1)[0].rstrip(".,;")
        return weight.weigh(word) >= weight.MIXED and not weight.is_digest(word) and "(" not in word
    return rest.lstrip(" ")[:1] in ("=", "\0")


def _addresses(view: str) -> Iterator[tuple[int, int, str]]:
    from codememory.redact import accounts, cutting

    at = view.find("@")
    while at >= 0:
        if span := accounts.address_span(view, at):
            yield span
        elif view[at - 1 : at].isalnum() and view[at + 1 : at + 2].isalnum():
            host = at + 1
            while host < len(view) and (view[host].isalnum() or view[host] in "-."):
                host += 1
            if "." not in view[at:host] or not view[host - 1].isalpha():
                at = view.find("@", at + 1)
                continue
            for first, last in accounts.account_spans(view, host, cutting.line_end(view, host), "@"):
                yield first, last, "password"
        at = view.find("@", at + 1)
