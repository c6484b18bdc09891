"""Read the line behind a name: the values it is given, in whatever language, format or sentence.

Signs and filling words join a name to a value, and the further a value stands from the name the more it must look like
a secret.
"""

from __future__ import annotations

from codememory.redact.cutting import QUOTES, STOPS, line_end, words_in
from codememory.redact.names import STRONG
from codememory.redact.values import BESIDE, LOOSE, SIGNED, TOLD, secret_in
from codememory.redact.weight import is_generated, is_phrase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS_MAX = 12
BLANKS = " \t"
COPULAS = frozenset(
    "is was are be as = == := => : -> equals es est ist son sind lautet lauten sei er \xc3\xa8 \xc3\xa9 e "
    "to est: is: was: now: becomes reads being to".split()
)
FILLERS = frozenset(
    "the a an my our your this that these new now just set into value default current temporary temp "
    "still following below called literally simply string for me by please use using with bearer basic "
    "token digest apikey only el la le les der die das il lo o os de du del des und and or called named "
    "api d'api dell'api da say try md5 sha sha1 sha256 ascii plain cipher aes 0 1 2 5 6 7 8 9".split()
)
_TYPE_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.&<>[]?*' ")


def given(view: str, start: int, end: int, name: str, level: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of every value that the name between start and end is given on its line."""
    stop = line_end(view, end)
    joint, at = _joint(view, start, end, stop)
    is_spaced = joint == SIGNED and view[at - 1 : at] == " " and "=" in view[end:at]
    is_value_list = False
    if joint == SIGNED and view[at : at + 1] not in ("", '"', "'", "`") and (drawn := _drawn(view, at, stop)):
        yield drawn
        return
    if level == STRONG and (phrase := _phrase_told(view, at, stop, name, joint)):
        yield phrase
        return
    for count, (begin, finish, quoted) in enumerate(words_in(view, at, stop)):
        value = view[begin:finish]
        if value.startswith("redacted:") and view[begin - 1] == "[":  # a marker
            if is_value_list or count >= ITEMS_MAX:
                return
            joint = LOOSE
            continue
        lowered = value.lower()
        if not quoted and lowered in COPULAS:
            joint = TOLD if joint != SIGNED else SIGNED
            continue
        if not quoted and lowered in FILLERS and (joint != LOOSE or lowered in ("and", "or")):
            continue
        if count >= ITEMS_MAX:
            return
        found = secret_in(view, begin, finish, quoted, level, joint, is_spaced)
        if found:
            yield found
            is_value_list = True
            if view[finish : finish + 1] not in (",", " ", "/", '"', "'"):
                return
            joint = max(joint, BESIDE)
            continue
        if is_value_list:
            return
        if value[:2] == "%s":  # of a format whose arguments follow
            continue
        if (
            quoted
            and joint == SIGNED
            and view[finish + 1 : finish + 4].lstrip(" ,")[:1] in ("'", '"')
            and "," in view[finish + 1 : finish + 3]
        ):
            continue  # the first of a pair
        if lowered.rstrip("=:") in ("value", "default", "content"):
            joint = TOLD
            continue
        joint = TOLD if view[finish : finish + 2] in (": ", "= ") or view[finish : finish + 3] == " = " else LOOSE


def _drawn(view: str, at: int, stop: int) -> tuple[int, int] | None:
    """Return the run to the next blank or quote if any signs are in it that otherwise end a word."""
    run = view[at:stop].split(" ", 1)[0].rstrip("\r,;")
    for quote in QUOTES:
        run = run.split(quote, 1)[0]
    return (at, at + len(run)) if not STOPS.isdisjoint(run) and is_generated(run) else None


def _phrase_told(view: str, at: int, stop: int, name: str, joint: int) -> tuple[int, int] | None:
    """Return the words of a phrase to the end of the line, or the four groups that a mail provider makes."""
    if joint == SIGNED:
        from codememory.redact.accounts import GROUPS_CHARS, is_grouped

        if is_grouped(view, at):
            return at, at + GROUPS_CHARS
    if not name.lower().endswith("phrase"):
        words = view[at:stop].rstrip(" .\r")
        if joint != SIGNED and words[:3] == "is ":
            at, words = at + 3, words[3:]
            return (at, at + len(words)) if is_phrase(words, 4, 6) and min(map(len, words.split())) > 3 else None
        return (at, at + len(words)) if joint == SIGNED and is_phrase(words, 4, 6) else None
    rest = view[at:stop]
    for lead in ("is ", "for ", "to ", ", use ", " use "):
        place = rest.rfind(": ") if lead == "for " else -1
        if rest.startswith(lead):
            skip = place + 2 if place > 0 else len(lead)
            at, rest = at + skip, rest[skip:]
    opening = rest.find('"')
    if opening >= 0:
        at, rest = at + opening + 1, rest[opening + 1 :]
    words = rest.split('"')[0].split("'")[0].rstrip(" .")
    return (at, at + len(words)) if is_phrase(words, 3 if opening >= 0 else 4) else None


def _joint(view: str, start: int, end: int, stop: int) -> tuple[int, int]:
    """Return how what follows a name is joined to it, and where it begins."""
    at = end
    while at < stop and view[at] in "\"'`\\)]}*":
        at += 1
    at = _past_escape(view, at)
    closed = at
    while at < stop and view[at] in BLANKS:
        at += 1
    if (
        at < stop
        and view[at] == "("
        and (close := view.find(")", at, at + 40)) > 0
        and view[close + 1 : close + 2] == ":"
    ):
        at = close + 1
    signs = at
    while at < stop and view[at] in ":=>|\0-~" and at - signs < 3:
        if view[at] in "-~" and view[at + 1 : at + 2] != ">" and not (view[at + 1 : at + 2] == " " and at > closed):
            break
        if view[at] == "=" and at > signs and view[at - 1] == "=" and view[at + 1 : at + 2] != " ":
            break
        at += 1
    if at > signs:
        sign = view[signs:at]
        if sign == "|" or sign == "-":
            joint = BESIDE
        elif sign == ">" and view[start - 1 : start] not in ("<", ":") and closed == end:
            joint = LOOSE
        else:
            joint = SIGNED
    elif view[at : at + 1] in ("(", "{") and view[at + 1 : at + 3].lstrip("brfu@")[:1] in ('"', "'"):
        joint, at = TOLD, at + 1
    elif view[at : at + 1] == "," and closed > end:
        joint, at = BESIDE, at + 1
    elif view[start : start + 1] == "-" or view[start - 1 : start] == "-":
        joint = SIGNED if at > closed or closed > end else LOOSE
    elif view[at : at + 1] in ("/", "\\"):
        joint = LOOSE
    else:
        joint = BESIDE
    while at < stop and view[at] in BLANKS:
        at += 1
    at = _past_escape(view, at)
    if view[at : at + 1] in ("*", "_", "`") and joint == SIGNED:  # `**Password:** …`
        closed = at
        while view[closed : closed + 1] in ("*", "_") and view[closed : closed + 1]:
            closed += 1
        if view[closed : closed + 1] == " ":
            at = closed + 1
    if joint == SIGNED:
        at = _past_type(view, at, stop)
    return joint, at


def _past_escape(view: str, at: int) -> int:
    """Return the position after signs that are written as `%3D` or `\\u0022`."""
    while True:
        if view[at : at + 1] == "%" and view[at + 1 : at + 3].lower() in ("3d", "3a", "22", "27", "20"):
            at += 3
        elif (
            view[at : at + 1] == "u"
            and view[at - 1 : at] == "\\"
            and view[at + 1 : at + 5].lower() in ("0022", "003d", "003a", "0027")
        ):
            at += 5
        elif view[at : at + 2] == "\\u" and view[at + 2 : at + 6].lower() in ("0022", "003d", "003a", "0027", "003e"):
            at += 6
        else:
            return at


def _past_type(view: str, at: int, stop: int) -> int:
    """Return the position of the value behind a type and an equals sign (`: &str = "…"`), or behind what opens it."""
    equal = view.find("=", at, min(at + 32, stop))
    if (
        equal > at
        and view[at] not in "\"'"
        and view[equal - 1] in " >]"
        and view[equal + 1 : equal + 2] != "="
        and all(char in _TYPE_CHARS for char in view[at:equal])
    ):
        at = equal + 1
    while at < stop:
        if view[at] in " \t([{":
            at += 1
            continue
        for opening in (
            "[]byte",
            "new byte[]",
            "<![CDATA[",
            "string(",
            "bytes(",
            "bytes.fromhex(",
            "<(echo ",
            "echo ",
            "Bearer ",
            "Basic ",
            "Token ",
            "bearer ",
        ):
            if view.startswith(opening, at):
                at += len(opening)
                break
        else:
            break
    return at
