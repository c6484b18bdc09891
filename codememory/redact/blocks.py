"""Find secrets by the block they stand in: private keys, a cluster's secrets, phrases of words."""

from __future__ import annotations

from codememory.redact.shapes import shape_of
from codememory.redact.weight import is_phrase, is_stand_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

KEY_CHARS_MAX = 20_000
SECRET_CHARS_MAX = 20_000
PHRASE_CHARS_MAX = 400
HEADING_CHARS_MAX = 120  # of the line above a phrase
_JOINING = frozenset("the and for with from into not are was were has have your its per but".split())
WALLET_WORDS = (12, 15, 18, 21, 24)
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"
_HEADERS = ("Proc-Type:", "DEK-Info:", "Version:", "Comment:", "Encryption:", "Hash:")
_PRIVATE = ("PRIVATE", "SECRET", "TOKEN", "CREDENTIAL", "OpenVPN Static", "KEY")


def key_blocks(view: str) -> Iterator[tuple[int, int]]:
    """Yield private key blocks, whole or cut off at either end; only their inside where the label tells no more."""
    at = view.find("----")
    while at >= 0:
        begin = at
        while view[begin - 1 : begin] == "-" and begin > at - 4:
            begin -= 1
        after = at + 4
        while view[after : after + 1] in ("-", " ") and view[after : after + 1]:
            after += 1
        is_end = view.startswith("END ", after)
        close = view.find("----", after, after + 80) if is_end or view[after : after + 5] == "BEGIN" else -1
        label = view[after:close] if close >= 0 else ""
        if label and "\n" not in label and "PUBLIC" not in label and any(word in label for word in _PRIVATE):
            body = close
            while view[body : body + 1] == "-":
                body += 1
            if is_end:
                start = _body_start(view, begin)
                if _is_body(view[start:begin]):
                    yield start, begin
                at = view.find("----", body)
                continue
            end = view.find("END " + label[6:], body, body + KEY_CHARS_MAX)
            inside = end if end >= 0 else _body_end(view, body)
            if _is_body(view[body:inside]):
                end = inside + 8 + len(label) - 6 if end >= 0 else inside
                while end > inside and view[end : end + 1] == "-":
                    end += 1
                yield begin, end
                at = view.find("----", end)
                continue
            after = body
        at = view.find("----", after)
    for label in ("Private-Lines:", "Private-MAC:"):
        at = view.find(label)
        while at >= 0:
            body = at + len(label)
            if label == "Private-Lines:":
                newline = view.find("\n", body, body + 20)
                escaped = view.find("\\n", body, body + 20)
                body = newline + 1 if newline >= 0 else escaped + 2 if escaped >= 0 else body + 2
                end = _body_end(view, body)
            else:
                body += 1
                end = body
                while end < len(view) and view[end] in _BASE64:
                    end += 1
            if end > body and "[redacted:" not in view[body:end]:
                yield body, end
            at = view.find(label, max(end, at + 1))


def _is_body(body: str) -> bool:
    """Say whether there is a key's text between two lines, and not words about it or a marker."""
    longest = max(
        (len(word) for word in body.replace("\\n", " ").replace('"', " ").replace("'", " ").split()), default=0
    )
    return longest >= 16 and "[redacted:" not in body and "0" in shape_of(body).decode("latin-1")


def _body_end(view: str, start: int) -> int:
    """Return where the base64 lines after start end (a key whose end was cut off)."""
    end = start
    limit = min(start + KEY_CHARS_MAX, len(view))
    while end < limit:
        stop = view.find("\n", end, limit)
        stop = limit if stop < 0 else stop
        if not _is_key_line(view[end:stop]) and end > start:
            break
        end = min(stop + 1, limit)
    while end > start and view[end - 1] in "\n\r":
        end -= 1
    return end


def _body_start(view: str, end: int) -> int:
    """Return where the base64 lines before end begin (a key whose beginning was cut off)."""
    start = end
    limit = max(end - KEY_CHARS_MAX, 0)
    while start > limit:
        begin = view.rfind("\n", limit, start - 1) + 1
        begin = max(begin, limit)
        if not _is_key_line(view[begin:start]):
            break
        start = begin
    return start


def _is_key_line(line: str) -> bool:
    text = (
        line.strip().lstrip("0123456789 \t?|>#*+-:\xe2\x86\x92").replace("\\n", "").replace("\\r", "").strip("\"',\\ ")
    )
    if text.startswith(_HEADERS):
        return True
    return not text.strip(_BASE64) and (len(text) >= 40 or not text or text.isalnum() or "=" in text)


def cluster_secrets(view: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield every value of the `data` and `stringData` of an object of kind Secret around `at`, in YAML and JSON."""
    begin = max(view.rfind("\n---", max(at - SECRET_CHARS_MAX, 0), at), at - SECRET_CHARS_MAX, 0)
    end = view.find("\n---", at, at + SECRET_CHARS_MAX)
    end = end if end >= 0 else min(at + SECRET_CHARS_MAX, len(view))
    for name in ("data", "stringData"):
        place = view.find(name, begin, end)
        while place >= 0:
            colon = place + len(name)
            while view[colon : colon + 1] in ('"', "'", "\\", " ") and colon < end:
                colon += 1
            if view[colon : colon + 1] == ":" and not view[place - 1 : place].isalpha():
                opening = view[colon + 1 : colon + 13].lstrip(" \\n\t\r\n")[:1]
                stop = view.find("}", colon, end) if opening == "{" else _indented_end(view, colon + 1, end)
                stop = end if stop < 0 else stop
                yield from _values_within(view, colon + 1, stop)
                colon = max(colon, stop)
            place = view.find(name, colon, end)


def _values_within(view: str, at: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the values of the mapping that stands between two positions."""
    while (colon := view.find(":", at, stop)) >= 0:
        begin = colon + 1
        while begin < stop and view[begin] in " \t\"'\\|":
            begin += 1
        finish = begin
        while finish < stop and view[finish] not in "\"'\\\r\n,}":
            finish += 1
        value = view[begin:finish].strip()
        if len(value) >= 4 and not is_stand_in(value):
            yield begin, begin + len(view[begin:finish].rstrip())
        at = max(finish, colon + 1)


def _indented_end(view: str, at: int, end: int) -> int:
    """Return where the lines indented deeper than the line before `at` end."""
    line = view.rfind("\n", 0, at) + 1
    front = view[line:at]
    depth = len(front) - len(front.lstrip(" "))
    at = view.find("\n", at, end)
    while 0 <= at < end - 1:
        following = view[at + 1 : min(at + 64, end)]
        if following[:1] != "\n" and len(following) - len(following.lstrip(" ")) <= depth:
            return at
        at = view.find("\n", at + 1, end)
    return end


def phrase_span(view: str, end: int) -> tuple[int, int] | None:
    """Return the words of a wallet's mnemonic or recovery phrase behind the name that ends at `end`."""
    begin = end
    while begin < len(view) and begin - end < 40 and view[begin] in " \t\r\n:=\"'`(\\[0123456789.-":
        begin += 1
    for filler in ("is ", "are ", "words: ", "phrase: ", "phrase is ", "phrase "):
        if view.startswith(filler, begin):
            begin += len(filler)
    while view[begin : begin + 1] in (" ", ":", '"', "'", "`", "\n") and begin - end < 60 and begin < len(view):
        begin += 1
    newline = view.find("\n", end, end + HEADING_CHARS_MAX)
    for start in (begin, newline + 1) if newline >= 0 else (begin,):
        if span := _wallet_words(view, start):
            return span
    return None


def _wallet_words(view: str, begin: int) -> tuple[int, int] | None:
    while view[begin : begin + 1] in (" ", "\n", '"', "'", "`") and begin < len(view):
        begin += 1
    finish = begin
    limit = min(begin + PHRASE_CHARS_MAX, len(view))
    while finish < limit and ((view[finish].islower() and view[finish].isascii()) or view[finish] in " \n,"):
        finish += 1
    # Other words of the text may follow: on the next line, or behind a word that no phrase has.
    for part in (view[begin:finish], view[begin:finish].split("\n", 1)[0], _before_joining(view[begin:finish])):
        words = part.replace(",", " ").split()
        count = len(words)
        is_wallet = count in WALLET_WORDS and all(3 <= len(word) <= 8 for word in words) and _JOINING.isdisjoint(words)
        if is_wallet or (count >= 9 and is_phrase(" ".join(words), 9)):
            return begin, begin + len(part.rstrip(" \n,"))
    return None


def _before_joining(text: str) -> str:
    """Return the part of a text before the first of the words that join others."""
    at = 0
    while at < len(text):
        end = text.find(" ", at)
        end = end if end >= 0 else len(text)
        if text[at:end] in _JOINING:
            return text[:at]
        at = end + 1
    return text
