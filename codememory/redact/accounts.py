"""Find passwords in addresses and beside the names of users."""

from __future__ import annotations

from codememory.redact import rules
from codememory.redact.cutting import REACH_CHARS, STOPS, VALUE_CHARS_MAX, line_end, line_start, words_in
from codememory.redact.weight import MIXED, RANDOM, is_digest, is_generated, is_made_up, is_stand_in, weigh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTING = bytes(32 if byte in b" \t\r\n\0\"'`<>(\\,[" else 33 for byte in range(256))
"""Turns what stands before an address into blanks."""

ACCOUNT_WORDS_MAX = 6  # behind a word for an account
HOST_CHARS_MAX = 320
USER_CHARS_MAX = 40
PASSWORD_CHARS_MAX = 64
GROUPS_CHARS = 19  # of four groups of four letters
LIST_LINES_MAX = 24  # below a heading of accounts
LIST_MISSES_MAX = 1  # lines of another form among them
LIST_HEADING_WORDS = 6  # behind the word for accounts


def address_span(view: str, at: int) -> tuple[int, int, str] | None:
    """Return the password, or the token in the user's place, before the `@` at `at`: user:password@host."""
    begin = max(at - HOST_CHARS_MAX, 0)
    head = view[begin:at]
    head = head[head.encode("latin-1").translate(_PARTING).rfind(b" ") + 1 :]
    begin = at - len(head)
    scheme = head.rfind("://")
    if scheme >= 0:
        begin += scheme + 3
        user, colon, password = view[begin:at].partition(":")
        if "/" in user or "?" in user:
            return None
        if password.partition("/")[0].isdigit() and "/" in password:
            return None  # a port and a path
        if colon and len(password) > 2 and not is_stand_in(password):
            return (begin if weigh(user) >= RANDOM else begin + len(user) + 1), at, "password"
        if not colon and len(user) >= 16 and weigh(user) >= RANDOM:
            return begin, at, "token"
        return None
    if view[at + 1 : at + 3] != "//" and not (view[at + 1 : at + 2].isalnum() or view[at + 1 : at + 2] in "-[$"):
        return None
    for sign in (":", "/"):
        user, parted, password = head.rpartition(sign)
        if not parted:
            continue
        name = user.rpartition("=")[2].rpartition(":")[2] if sign == "/" else user.rpartition("=")[2].rpartition("/")[2]
        weight = weigh(password)
        if (
            name.replace("_", "").replace("-", "").replace(".", "").replace("@", "").isalnum()
            and weight >= MIXED
            and not (is_digest(password) and sign == "/")
            and "/" not in password
            and not view.startswith("sha256", at + 1)
            and (
                sign == ":"
                or any(word in view[max(begin - 40, 0) : at].lower() for word in ("sql", "oracle", "jdbc", "thin"))
            )
        ):
            return at - len(password), at, "password"
    return None


def account_spans(view: str, at: int, stop: int, word: str) -> Iterator[tuple[int, int]]:
    """Yield the password behind a user's name or a word for an account: `bob / …`, `bob:…`, `bob with …`."""
    if word in ("log", "sign") and not view.startswith((" in", "-in"), at):
        return
    previous = at
    is_user_told = word == "@"
    for count, (first, last, quoted) in enumerate(words_in(view, at, stop)):
        if count >= ACCOUNT_WORDS_MAX:
            return
        value = view[first:last]
        if value in ("/", ":", "-", "|", "="):
            continue
        joint = view[previous:first].strip(" \"'`*()")
        previous = last
        if value[:1] == ":":
            joint, first, value = ":", first + 1, value[1:]
            if is_grouped(view, first):
                yield first, first + GROUPS_CHARS
                return
        if not quoted and value.lower() in (
            "with",
            "and",
            "using",
            "pw",
            "pass",
            "password",
            "is",
            "as",
            "in",
            "to",
            "are",
            "on",
            "by",
            "-",
        ):
            is_user_told = is_user_told or value.lower() in ("with", "using", "pw", "pass")
            continue
        if not quoted and not value.startswith("http"):
            user, sign, rest = value.partition(":")
            if not sign:
                user, sign, rest = value.partition("/")
            if sign and _is_login(rest) and user.replace("_", "").replace(".", "").replace("@", "").isalnum():
                yield last - len(rest), last
                return
        if _is_login(value) and (
            joint in ("/", ":", ",", "|", "\xe2\x94\x82") or is_user_told or weigh(value) >= RANDOM
        ):
            yield first, last
            return
        is_user_told = word in ("login", "logins", "cred", "creds", "credentials")


def slashed(view: str) -> Iterator[tuple[int, int, str]]:
    """Yield the password of `… with bob / …`, where the line tells of somebody who lets himself in."""
    at = view.find(" / ")
    while at >= 0:
        begin = at
        limit = max(at - USER_CHARS_MAX, 0)
        while begin > limit and (view[begin - 1].isalnum() or view[begin - 1] in "._-@"):
            begin -= 1
        end = at + 3
        limit = min(end + PASSWORD_CHARS_MAX, len(view))
        while end < limit and view[end] not in STOPS:
            end += 1
        user, value = view[begin:at], view[at + 3 : end].rstrip(".:?")
        if len(value) >= 8 and user[:1].islower() and _is_login(value):
            head = view[line_start(view, begin) : begin].lower()
            if any(word in head for word in rules.ENTRY_WORDS):
                yield at + 3, at + 3 + len(value), "password"
        at = view.find(" / ", at + 3)


def listed_accounts(view: str, end: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the passwords in the lines below a heading of accounts: `- bob: …`, `1. bob / …`."""
    if view[end:stop].strip(" :*#`").count(" ") > LIST_HEADING_WORDS:
        return
    misses = 0
    unsigned: list[tuple[int, int]] = []
    for _ in range(LIST_LINES_MAX):
        if view[stop : stop + 1] != "\n":
            break
        begin, stop = stop + 1, line_end(view, stop + 1)
        parted = _user_and_password(view, begin, stop)
        if parted:
            yield parted
            misses = 0
        elif beside := _user_beside_password(view, begin, stop):
            unsigned.append(beside)
        else:
            misses += 1
            if misses > LIST_MISSES_MAX:
                break
    if len(unsigned) > 1:
        yield from unsigned


def _user_beside_password(view: str, begin: int, stop: int) -> tuple[int, int] | None:
    """Return the second word of a line that has no other, if it can be the password of the first."""
    words = view[begin:stop].strip(" \t\r-*+").split()
    if len(words) != 2 or not words[0].replace(".", "").replace("_", "").isalnum() or not _is_login(words[1]):
        return None
    end = begin + len(view[begin:stop].rstrip())
    return end - len(words[1]), end


def _user_and_password(view: str, begin: int, stop: int) -> tuple[int, int] | None:
    """Return the password of a line that holds nothing but a user's name, a sign and a password."""
    number, arrow, _ = view[begin:stop].partition("\xe2\x86\x92")
    if arrow and number.strip().isdigit():  # a reader's number of the line
        begin += len(number) + len(arrow)
    line = view[begin:stop].rstrip()
    items = line.strip(" \t\r-*+|").split()
    if items and items[0].rstrip(".)").isdigit() and len(items) > 2:
        del items[0]
    if len(items) == 3 and items[1] in ("-", ":", "/", "|", "=", "=>", "->", "\xe2\x80\x93", "\xe2\x86\x92"):
        user, value = items[0], items[2]
    elif len(items) == 2 and items[0][-1] in ":,;=|/":
        user, value = items[0][:-1], items[1]
    elif len(items) == 1:
        sign = next((sign for sign in ":/,;|" if sign in items[0]), "")
        user, _, value = items[0].partition(sign) if sign else ("", "", "")
    else:
        return None
    value = value.strip("\"'`,*")
    name = user.strip("\"'`*")
    for sign in "@._-":
        name = name.replace(sign, "")
    if not name.isalnum() or not (_is_login(value) or weigh(value) >= RANDOM) or is_digest(value):
        return None
    first = begin + line.rfind(value)
    return first, first + len(value)


def is_grouped(view: str, at: int) -> bool:
    """Say whether the four groups of four letters begin here that a mail provider makes for one application."""
    groups = view[at : at + GROUPS_CHARS].split(" ")
    return (
        len(groups) == 4
        and not view[at + GROUPS_CHARS : at + GROUPS_CHARS + 1].strip("\r\n\0\"'")
        and all(len(group) == 4 and group.isalpha() and group.islower() for group in groups)
        and rules.PLAIN_WORDS.isdisjoint(groups)
    )


def _is_login(value: str) -> bool:
    """Say whether a word beside a user's name can be that user's password."""
    return (
        weigh(value) >= MIXED
        and not is_digest(value)
        and (is_generated(value) or not any(sign in value for sign in "/=<>(%"))
        and ("@" not in value or weigh(value) >= RANDOM)
        and value.replace("-", "_").split("_")[0] not in rules.ID_WORDS
        and not value.endswith(("ms", "kB", "MB"))
        and not is_file(value)
        and not value.replace(".", "").replace(":", "").isdigit()
    )


def is_file(value: str) -> bool:
    end = value.rpartition(".")[2]
    return "." in value and len(end) <= 6 and end.isalpha() and end.islower()


def made_up_span(view: str, at: int, end: int) -> tuple[int, int] | None:
    """Return the word around a part that is itself no word, if nothing but a generated password looks so."""
    begin = at
    limit = max(at - 64, 0)
    while begin > limit and view[begin - 1] not in " \t\r\n\0\"'`(":
        begin -= 1
    limit = min(end + 64, len(view))
    while end < limit and view[end] not in " \t\r\n\0\"'`)":
        end += 1
    while end > begin and view[end - 1] in ".,;:\\":
        end -= 1
    return (begin, end) if is_made_up(view[begin:end]) else None


def path_part(view: str, at: int, end: int) -> tuple[int, int] | None:
    """Return the random parts of an address behind a word such as `reset` or `hooks`."""
    if view[end : end + 1] not in ("/", "=", "."):
        return None
    begin = line_start(view, at, REACH_CHARS)
    if "://" not in view[begin:at] and "." not in view[begin:at].rpartition(" ")[2]:
        return None
    stop = end
    limit = min(end + VALUE_CHARS_MAX, len(view))
    while stop < limit and view[stop] not in STOPS and view[stop] not in "?#\\":
        stop += 1
    first = last = -1
    place = end + 1
    for part in view[end + 1 : stop].split("/"):
        if not part.isdigit() and (weigh(part) >= RANDOM or (weigh(part) == MIXED and part.isalnum())):
            first = place if first < 0 else first
            last = place + len(part)
        place += len(part) + 1
    return (first, last) if first >= 0 else None
