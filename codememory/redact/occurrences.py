"""Find the places of a text that its marked words point at: most words are used otherwise there."""

from __future__ import annotations

from codememory.redact import marks, rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIND_WORDS_MAX = 64
"""So many different marked words are looked for one after the other; more, in one walk through all words."""

_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+")
_SIGNS = frozenset((":", "=", '"', "'", "`", "\0", "]", ")"))
_ACCOUNT_SIGNS = frozenset((" ", "=", ":", "'", '"', "`", ",", "-", "\n"))
_CODE_SIGNS = frozenset((" ", "_", "-", ":", "=", '"', "'", "\0"))
_FAR = frozenset(map(chr, range(0x80, 0x100)))
_NEXT = {marks.SEAL: "=", marks.CALL: "(", marks.LOGIN: " in "}
"""What comes next to words of these roles where they are worth more than one look, and is looked for with them."""

_FOLLOWING = {
    marks.PLAIN: _SIGNS | {" "},
    marks.SESSION: frozenset(("=", ":", '"', "'", "\t")),
    marks.PATH: frozenset("/."),
    marks.COMMAND: frozenset(" (."),
    marks.ACCOUNT: _ACCOUNT_SIGNS - _TOKEN,
}
"""What may follow words of these roles there."""

_DIGITS = frozenset("0123456789")
MARKER = "[redacted:"
MARKER_CHARS_MAX = 40  # of its kind and its end
MARKER_END = b"same"
_MARKER_BYTES = MARKER.encode()

REPEATED_MAX = 24  # secrets whose other places are looked for
REPEATED_CHARS_MAX = 100_000
CLUSTER_CHARS_MAX = 8_000  # of an object before and behind its kind


def secret_spans(data: bytes, marked: dict[bytes, int]) -> list[tuple[int, int, str]]:
    """Return start, end and kind of every secret at the marked words and at the signs of an address."""
    data = _with_plain_markers(data)
    view = data.decode("latin-1")
    read: Callable[[str, int, int, int], Iterator[tuple[int, int, str]]] | None = None
    found: list[tuple[int, int, str]] = []
    is_blocks_read = False
    done = cluster_end = 0
    for at, end, role in sorted(_occurrences(data, view, marked)):
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
            if read is None:
                from codememory.redact import places

                read = places.read
            found += read(view, at, end, role)
    found += _repeated(view, found)
    if len(data) <= marks.SAID_CHARS_MAX and b" / " in data:
        from codememory.redact.accounts import slashed

        found += slashed(view)
    if b"@" in data:
        from codememory.redact.places import addresses

        found += addresses(view)
    return found


def _with_plain_markers(data: bytes) -> bytes:
    """Return a text of the same length whose markers end in letters: their digits promise no value to any name.

    Without this every name in a text full of secrets is read in vain, once they are replaced, by all ways there are.
    """
    if _MARKER_BYTES not in data:
        return data
    head, *rest = data.split(_MARKER_BYTES)
    for number, part in enumerate(rest):
        close = part.find(b"]", 0, MARKER_CHARS_MAX)
        if close > len(MARKER_END) and part[close - len(MARKER_END) - 1] == ord(":"):
            rest[number] = part[: close - len(MARKER_END)] + MARKER_END + part[close:]
    return _MARKER_BYTES.join((head, *rest))


def _repeated(view: str, found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Return the other places of the secrets that were found: a value is as secret where no name stands beside it."""
    again: list[tuple[int, int, str]] = []
    if found and len(view) <= REPEATED_CHARS_MAX:
        from codememory.redact.weight import MIXED, weigh

        spans = {span[:2] for span in found}
        kinds = {view[at:end]: kind for at, end, kind in found[:REPEATED_MAX]}
        for value, kind in kinds.items():
            if not 6 <= len(value) <= 400 or (weigh(value) < MIXED and not value.isdigit()):
                continue
            at = view.find(value)
            while at >= 0:
                end = at + len(value)
                if (
                    (at, end) not in spans
                    and (at == 0 or view[at - 1] not in _TOKEN)
                    and (end == len(view) or view[end] not in _TOKEN)
                ):
                    again.append((at, end, kind))
                at = view.find(value, end)
    return again


def _occurrences(data: bytes, view: str, marked: dict[bytes, int]) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and role of every place of the marked words."""
    if len(marked) > FIND_WORDS_MAX:
        at = 0
        for word in marks.words_in(data):
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
    is_address_in = None
    for word, role in marked.items():
        if role == marks.PATH:
            if is_address_in is None:
                is_address_in = "://" in view
            if not is_address_in:
                continue
        wanted = word.decode("latin-1") + _NEXT[role] if role in _NEXT else word.decode("latin-1")
        at = view.find(wanted)
        if at < 0:
            continue
        following = _FOLLOWING.get(role)
        signs = _FAR if role == marks.FOREIGN else _TOKEN
        while at >= 0:
            end = at + len(word)
            if following is not None:
                if end < size and view[end] in following and (at == 0 or view[at - 1] not in signs):
                    yield at, end, role
            elif (at == 0 or view[at - 1] not in signs) and (end == size or view[end] not in signs):
                yield at, end, role
            at = view.find(wanted, end)


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
    if role & marks.ACCOUNT and (
        follows not in _ACCOUNT_SIGNS or (view[at - 1 : at] in ("/", ".", "\\") and follows != "=")
    ):
        role &= ~marks.ACCOUNT
    if role & marks.PATH and (follows not in ("/", ".") or "://" not in view[max(at - 120, 0) : at]):
        role &= ~marks.PATH
    if role & marks.COMMAND and follows not in (" ", "(", "."):
        role &= ~marks.COMMAND
    if role & marks.SESSION and follows not in ("=", "\t") and not _is_session_number(view[end + 4 : end + 24]):
        role &= ~marks.SESSION
    if role & marks.SEAL and follows != "=":
        role &= ~marks.SEAL
    if (
        role & marks.PLAIN
        and follows not in _SIGNS
        and view[end : end + 2] not in (" =", " :")
        and view[end : end + 4] not in (" es ", " is ")
        and view[end : end + 2] not in (' "', " '")
        and not (follows == " " and (view[at] == "-" or view[at:end].isupper()))
    ):
        role &= ~marks.PLAIN
    if role & marks.LOGIN and view[end + 1 : end + 4] != "in ":
        role &= ~marks.LOGIN
    if role & marks.CALL and follows not in ("(", " "):
        role &= ~marks.CALL
    if role & marks.CODE and (follows not in _CODE_SIGNS or not _is_code_told(view, at, end)):
        role &= ~marks.CODE
    return role


def _is_session_number(value: str) -> bool:
    """Say whether a value that begins up to four characters before can be a session's, and is no UUID."""
    return not _DIGITS.isdisjoint(value) and value[:7].replace("_", "a").isalnum()


def _is_code_told(view: str, at: int, end: int) -> bool:
    word = view[at:end].lower()
    if word == "code":
        return not _DIGITS.isdisjoint(view[end : end + 8])
    return word in rules.CODE_WORDS or view[end + 1 : end + 4].lower() in ("cod", "pin", "num", "pas", "key", "tok")
