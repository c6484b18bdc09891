"""Cut a message into the sentences its author wrote: no code, no quotation, no log, no pasted document."""

from __future__ import annotations

from codememory.extract.quotation_rules import (
    ANNOUNCING,
    BLOCKS,
    DIFF_STARTS,
    LOG_STARTS,
    MAIL_HEADERS,
    PASTED,
    PASTED_CHINESE,
    PLAN_STARTS,
    RULE_LISTS,
)

TEXT_CHARS_MAX = 60_000
"""What follows is a paste: nobody types that much."""
LINE_CHARS_MAX = 4_000
SENTENCES_MAX = 600
DOCUMENT_CHARS_MIN = 3_000
"""A user's text longer than this with a list in it is a document too; what stands before the list is his."""
HEADINGS_MAX = 1
"""A user's text with more headings is a document; what stands before the first heading is his."""
FENCES = ("```", "~~~")
_BLOCK_STARTS = tuple(BLOCKS)
RULERS = ("---", "===", "***", "___")
STOPS = ".!?。！？；"
ENDED = (*FENCES, ">", '"', "«", "「")
"""What an announced quotation begins with that has an end."""
_STOP_SHAPES = bytes(ord("?" if chr(code) in ".!?" else " ") for code in range(256))
"""What is not in Latin-1 becomes a question mark too: it may be a stop."""
PLAIN = (
    ("\t", " "),
    ("‘", "'"),
    ("’", "'"),
    ("“", '"'),
    ("”", '"'),
    ("\u00a0", " "),
    ("＂", '"'),
    ("＜", "<"),
    ("＞", ">"),
)
UNSEEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad")
ABBREVIATIONS = ("e.g.", "i.e.", "etc.", "vs.", "approx.", "cf.", "no.")


class Sentence:
    """One sentence: where it stands, its words, whether it is a list item, what heads the list, its paragraph."""

    __slots__ = ("end", "item", "paragraph", "rules", "start", "text")

    def __init__(self, start: int, end: int, text: str, item: bool, rules: bool, paragraph: int) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.item = item
        self.rules = rules
        self.paragraph = paragraph


def own_sentences(text: str, *, typed: bool, closely: bool = True) -> list[Sentence]:
    """Give the sentences of a message; `typed` ones come from a person, who pastes.

    Only when read `closely` are those left out that stand in quotation marks or that a document is reported to say.
    """
    if closely:
        from codememory.extract import pasted
        from codememory.extract.reported import Report
    text = text[:TEXT_CHARS_MAX]
    for mark, plain in PLAIN:
        text = text.replace(mark, plain)
    if closely and not text.isascii():
        for mark in UNSEEN:
            text = text.replace(mark, "")
    if text.startswith('"') and '"' not in text[1:].rstrip()[:-1]:  # the whole of it is his who quotes nobody else
        text = text.replace('"', " ")
    head = text.lstrip()[:240].lower()
    if typed and (head.startswith(PLAN_STARTS) or " around line" in head):
        return []
    if typed and closely and pasted.asks_of_above(text):
        return []
    found: list[Sentence] = []
    fenced = ""
    tag = ""
    rules = False
    is_diff = False
    report = Report(typed=typed) if closely else None
    leads = True
    paragraph = 0
    last = len(text)
    if typed and text.count("\n#") + text.startswith("#") > HEADINGS_MAX:
        last = 0 if text.startswith("#") else text.find("\n#")
    for start, end in _joined_lines(text[:last]):
        line = text[start:end]
        bare = line.strip()
        if fenced or bare.startswith(_BLOCK_STARTS):
            fenced = _open_block(bare, fenced)
            continue
        if leads and typed and _is_ruler(bare) and bare in text[end:]:
            fenced = bare
            continue
        leads = bare.endswith((":", "：", "?", "？")) or (leads and not bare)
        if closely and pasted.begins_turn(bare):
            break
        if typed and closely and pasted.is_about_text(bare):
            if text[end : end + 40].lstrip().startswith(ENDED):
                continue
            break
        if tag or bare.startswith("<"):
            tag = _open_tag(bare, tag)
            continue
        if not bare:
            paragraph += 1
            if report is not None:
                report.ends()
            is_diff = is_diff and bool(line)
            continue
        is_diff = is_diff or bare.startswith(DIFF_STARTS)
        if (line[0] == "+" and line[1:2].isalpha()) or (is_diff and line[0] in "+- "):
            continue
        if typed and _is_mail(bare, text[end + 1 : end + 20]):
            break
        if report is not None:
            report.told = report.told or pasted.begins_output(bare)
        if bare.startswith(LOG_STARTS) or len(line) > LINE_CHARS_MAX or _is_stamped(bare):
            continue
        if bare[0] == "#":
            rules = _names(bare, RULE_LISTS)
            paragraph += 1
            continue
        body = bare.lstrip("-*•·+0123456789.)、 ") if bare[0] in "-*•·+0123456789" else bare
        item = body is not bare and len(body) < len(bare) and not bare.startswith("**")
        if item and typed and last > DOCUMENT_CHARS_MIN:
            break
        if line.startswith("    ") and not item:
            continue
        if bare.endswith((":", "：")):
            if _names(bare, RULE_LISTS):
                rules = True
                continue
            if (report is not None and report.tells_on(bare)) or (typed and _announces_paste(bare)):
                if text[end : end + 40].lstrip().startswith(ENDED):
                    continue
                break
        elif not item and rules and found and found[-1].item:
            rules = False
        offset = start + line.find(body)
        if report is None:
            _split(body, offset, item, rules, paragraph, found)
        else:
            own: list[Sentence] = []
            for begin, stop in report.own_parts(body):
                _split(body[begin:stop], offset + begin, item, rules, paragraph, own)
            found += report.own(own)
            if report.follows:
                break
            if typed and pasted.is_work_on_text(bare):
                _drop_after(found, start + len(pasted.before_colon(line) or line))
                break
        if len(found) > SENTENCES_MAX:
            break
    return found


def _joined_lines(text: str) -> list[tuple[int, int]]:
    """Give the lines of a text, one that goes on in small letters after a long line as part of it."""
    spans: list[tuple[int, int]] = []
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        if end < 0:
            end = len(text)
        if (
            spans
            and 50 < spans[-1][1] - spans[-1][0] < LINE_CHARS_MAX
            and text[start : start + 1].islower()
            and text[spans[-1][1] - 1] not in ".!?:;`"
        ):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        start = end + 1
    return spans


def _open_block(bare: str, ending: str) -> str:
    """Follow a block from line to line: what ends it after this one, empty if nothing is open."""
    if ending:
        closes = bare.startswith(ending) if ending in FENCES or _is_ruler(ending) else ending in bare
        return "" if closes else ending
    begin = next(mark for mark in BLOCKS if bare.startswith(mark))
    return "" if BLOCKS[begin] in bare[len(begin) :] else BLOCKS[begin]


def _is_ruler(bare: str) -> bool:
    return bare.startswith(RULERS) and not bare.strip(bare[0])


def _drop_after(found: list[Sentence], place: int) -> None:
    """Take away the sentences that end behind a place."""
    while found and found[-1].end > place:
        found.pop()


def _open_tag(bare: str, tag: str) -> str:
    """Follow a block of markup from line to line: the name of the tag still open after this one."""
    if not tag:
        name = bare[1:].partition(">")[0].partition(" ")[0]
        if not name[:1].isalpha():
            return ""
        return "" if "</" + name in bare else name
    return "" if "</" + tag in bare else tag


def _is_stamped(bare: str) -> bool:
    """Tell a log line by the date, the time or the kind of error it begins with."""
    if bare.partition(" ")[0].endswith(("Error:", "Exception:", "Warning:")):
        return True
    head = bare[:20].lstrip("[(")
    if not head[:2].isdigit():
        return False
    digits = sum(map(str.isdigit, head))
    return (head[4:5] in ("-", "/") and digits > 5) or (head[2:3] == ":" and digits > 3)


def _names(line: str, words: tuple[str, ...]) -> bool:
    low = line.lower()
    plain = low.strip(" :：*#").replace(",", " ").split()
    return len(plain) < 16 and any(word in plain or (not word.isascii() and word in low) for word in words)


def _announces_paste(line: str) -> bool:
    low = line.lower()
    if not line.isascii() and len(line) < 40 and any(word in low for word in PASTED_CHINESE):
        return True
    words = low.strip(" :*").replace(",", " ").split()
    if not any(word.strip("'\"`()") in PASTED for word in words[-14:]):
        return False
    return any(cue in low for cue in ANNOUNCING)


def _is_mail(bare: str, following: str) -> bool:
    return bare.lower().startswith(MAIL_HEADERS) and following.lower().startswith(MAIL_HEADERS)


def _split(body: str, offset: int, item: bool, rules: bool, paragraph: int, found: list[Sentence]) -> None:
    """Cut a line after each full stop that a blank or nothing follows; after Chinese stops at once."""
    start = 0
    size = len(body)
    shape = body.encode("latin-1", "replace").translate(_STOP_SHAPES)
    at = shape.find(b"?")
    while at >= 0:
        if ends_sentence(body, at):
            end = at + 1
            while end < size and body[end] in "\"')*”’":
                end += 1
            _keep(body, start, end, offset, item, rules, paragraph, found)
            start = end
        at = shape.find(b"?", at + 1)
    _keep(body, start, size, offset, item, rules, paragraph, found)


def ends_sentence(body: str, at: int) -> bool:
    character = body[at]
    if character not in STOPS:
        return False
    if character not in ".!?":
        return True
    if at + 1 < len(body) and body[at + 1] not in " \"')*":
        return False
    return character != "." or not body[max(0, at - 6) : at + 1].lower().endswith(ABBREVIATIONS)


def _keep(
    body: str, start: int, end: int, offset: int, item: bool, rules: bool, paragraph: int, found: list[Sentence]
) -> None:
    raw = body[start:end]
    text = raw.strip(" *")
    if len(text) < 4:
        return
    begin = offset + start + raw.find(text)
    if "\n" in text:
        text = " ".join(text.split())
    if "**" in text:
        text = text.replace("**", "")
    found.append(Sentence(begin, offset + end, text, item, rules, paragraph))
