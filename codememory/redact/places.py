"""Read the places of a text that its marked words point at."""

from __future__ import annotations

from codememory.redact import accounts, codes, commands, cutting, marks, nearby, reading, rules, shapes, values, weight
from codememory.redact.names import DOUBTFUL, SEAL, STRONG, WEAK, kind_of, level_of, tells_code
from codememory.redact.occurrences import CLUSTER_CHARS_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_DIGITS = frozenset("0123456789")


def read(view: str, at: int, end: int, role: int) -> Iterator[tuple[int, int, str]]:
    """Yield the secrets that the word between two positions points at."""
    if role & (marks.NAME | marks.SEAL | marks.SESSION | marks.PLAIN):
        yield from _named(view, at, end, bool(role & marks.SESSION))
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
        if view[end : end + 1] == "=":  # `sonar.login=…`
            first, last, quoted = next(cutting.words_in(view, end + 1, stop), (end, end, False))
            given = values.secret_in(view, first, last, quoted, DOUBTFUL, values.SIGNED, False)
            spans = [given] if given else []
        else:
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


def _named(view: str, at: int, end: int, is_whole_session: bool = False) -> Iterator[tuple[int, int, str]]:
    start = at
    if view[at - 1 : at] == "\\" and view[at] in "nrt" and not level_of(view[at:end].strip("-+_")):
        start = at + 1
    name = view[start:end].strip("-+_")
    level = level_of(name)
    is_session = False
    if level == SEAL:
        level = (
            WEAK if name.lower().startswith("x-amz") and view[end : end + 1] == "=" else _seal_level(view, start, end)
        )
        if not level and is_whole_session:
            is_session, level = True, DOUBTFUL
    if name in ("key", "appid") and view[start - 1 : start] in ("&", "?") and view[end : end + 1] == "=":
        level = WEAK
    elif name.lower() in ("key", "keys") and level:
        word = view[max(start - 20, 0) : start].rstrip(" -_").rpartition(" ")[2].lower().lstrip("\"'`(")
        word = word.rpartition("-")[2]
        if word in rules.HARMLESS_KEYS and word:
            level = 0 if word not in ("a", "the", "this") else level
        elif (word in rules.KEY_WORDS and view[start - 1 : start] in (" ", "-")) or "-server " in view[
            max(start - 60, 0) : start
        ]:
            level = WEAK
    if "<(" in (near := view[end : end + 24]) or "echo " in near or "printf " in near:
        for span in commands.printed_literals(view, end):
            yield *span, kind_of(name)
    if view[end + 1 : end + 3] == "%s" and level == STRONG:
        for span in commands.formatted_spans(view, end + 3):
            yield *span, kind_of(name)
    if name == "random_password" and (made := nearby.stated_result(view, end)):
        yield *made, "password"
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
    if (
        level == STRONG
        or not _DIGITS.isdisjoint(line)
        or shapes.has_humps(line)
        or (line.count("-") > 2 and line.isupper())
    ):
        spans = list(reading.given(view, start, end, name, level))
    if has_digits and not spans and (near.count(",") >= nearby.BYTES_MIN - 1 or "\\x" in near):
        numbers = nearby.number_list(view, end)
        spans = [numbers] if numbers else []
    if not spans and not _DIGITS.isdisjoint(view[max(start - cutting.BEFORE_CHARS, 0) : start]):
        above = nearby.before(view, start, level)
        spans = [above] if above else []
    if not spans and has_digits and tells_code(name):
        spans = list(codes.codes(view, start, end, True))
    if not spans and (has_digits or level == STRONG) and "\n" in near:
        spans = list(nearby.below(view, start, end, level))
    for first, last in spans:
        if is_session and weight.is_digest(view[first:last]) and "-" in view[first:last]:
            continue  # a UUID: most sessions are no more than a number
        yield first, last, weight.kind_by_prefix(view[first:last]) or kind_of(name)


def _is_device_told(view: str, start: int) -> bool:
    """Say whether the line tells a device of a network which server it asks: `tacacs-server host 10.0.0.1 key …`."""
    return "-server " in view[cutting.line_start(view, start) : start]


def _seal_level(view: str, start: int, end: int) -> int:
    """Return WEAK for the name of a session or a signature where it is a cookie's or in an address."""
    if view[end : end + 1] == "\t" and ("\tTRUE\t" in view[max(start - 80, 0) : start]):  # a browser's jar
        return WEAK
    if view[end : end + 1] != "=":
        return 0
    if view[start - 1 : start] in ("&", "?") or view[max(start - 6, 0) : start].lower().endswith("x-amz-"):
        return WEAK
    line = view[max(view.rfind("\n", max(start - 300, 0), start), start - 300, 0) : start]
    return WEAK if "ookie" in line or " -b " in line else 0


def _is_given_sign(view: str, end: int, name: str) -> bool:
    """Say whether "pass" is a name here and not what a test does or a statement."""
    rest = view[end : end + 4].lstrip("\"'`")
    if rest[:1] == ">" and view[end - len(name) - 1 : end - len(name)] in ("<", ":"):
        return True
    if rest[:1] == ":":
        return name == "pass" and rest[1:2] not in ("", "\n")
    if rest.startswith((" is", " : ", " :=")):
        return True
    if rest[:1] == " " and rest[1:2].isalnum():
        word = view[end + 1 : end + 65].split(" ", 1)[0].split("\n", 1)[0].rstrip(".,;")
        return weight.weigh(word) >= weight.MIXED and not weight.is_digest(word) and "(" not in word
    return rest.lstrip(" ")[:1] in ("=", "\0")


def addresses(view: str) -> Iterator[tuple[int, int, str]]:
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
