"""Tell an author's own sentences from those he quotes, and from what he reports a document to say."""

from __future__ import annotations

from codememory.extract import quotation_rules as rules
from codememory.extract.own_words import STOPS, ends_sentence
from codememory.extract.wording import EXTENSIONS, is_chinese

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codememory.extract.own_words import Sentence

PASSAGE_CHARS_MIN = 12
"""A shorter quotation is a value or a name, even with a full stop in it."""
QUOTED_BLANKS_MIN = 3
"""With fewer blanks in it a quotation states nothing."""


class Report:
    """Where the reading of a paragraph stands: what ends the quotation still open, whether a document speaks on."""

    __slots__ = ("follows", "mark", "said", "told", "typed")

    def __init__(self, *, typed: bool) -> None:
        self.typed = typed
        self.follows = False
        self.ends()

    def ends(self) -> None:
        """Begin a paragraph: no quotation goes on in it."""
        self.mark = ""
        self.told = False
        self.said = False

    def tells_on(self, line: str) -> bool:
        """Tell whether a line that ends with a colon passes on what a document says."""
        return _tells_on(line, not self.typed) or (not self.typed and _heads_text(line.lower()))

    def own_parts(self, body: str) -> list[tuple[int, int]]:
        """Give the parts of a line outside the quotations and elements that hold sentences."""
        if self.told:
            return []
        if not self.mark and not any(map(body.__contains__, rules.QUOTING)):
            return [(0, len(body))]
        kept: list[tuple[int, int]] = []
        begin = at = 0
        if self.mark:
            end = _closing(body, 0, self.mark)
            if end < 0:
                return []
            self.mark = ""
            begin = at = end + 1
        unclosed = ""
        while at < len(body):
            end, is_foreign = -1, False
            character = body[at]
            mark = rules.QUOTATIONS.get(character, "")
            if character == "<":
                end = _element_end(body, at)
                is_foreign = end > 0
            elif mark and mark not in unclosed and _opens(body, at):
                end = _closing(body, at + 1, mark)
                if end < 0 and mark not in "'`" and body[at + 1 : at + 2].strip():
                    self.mark = mark
                    return [*kept, (begin, at)]
                if end < 0:
                    unclosed += mark
                is_foreign = end > 0 and _holds_sentence(body[at + 1 : end], character)
            if is_foreign:
                kept.append((begin, at))
                begin = end + 1
            at = max(at, end) + 1
        return [*kept, (begin, len(body))]

    def own(self, sentences: list[Sentence]) -> list[Sentence]:
        """Leave out of a line's sentences what another is reported to say; after a colon that is all the rest.

        A reply that passes on a text goes on doing so until its author speaks of himself.
        """
        kept: list[Sentence] = []
        for sentence in sentences:
            text = sentence.text
            if text.lower().startswith(rules.ATTRIBUTED_AFTER) and _names_text(text.lower()):
                self.follows = not kept
                kept.clear()
            elif not _tells_on(text, not self.typed):
                self.said = self.said and not _is_own(text.lower())
                if not self.said:
                    kept.append(sentence)
                continue
            colon = min((at for mark in ":：" if (at := text.find(mark)) > 0), default=-1)
            if colon > 0 and _tells_on(text[: colon + 1], not self.typed):
                self.told = not self.mark and not text.endswith((":", "："))
                if self.told:
                    break
                continue
            low = text.lower()
            if any(map(low.__contains__, rules.FOLLOWING)):
                self.follows = True
                break
            place = _own_again(low)
            self.said = not self.typed and place < 0
            if place > 0:
                sentence.text = text[place:].lstrip(" ,;，；。").removeprefix("but ")
                sentence.start = sentence.end - len(sentence.text)
                kept.append(sentence)
        return kept


def unquoted(text: str) -> str:
    """Put a single word in the place of each quotation that is long enough for a statement."""
    parts = []
    begin = at = 0
    while at < len(text):
        mark = rules.QUOTATIONS.get(text[at], "")
        end = _closing(text, at + 1, mark) if mark and mark != "`" and _opens(text, at) else -1
        if end > 0 and text.count(" ", at, end) >= QUOTED_BLANKS_MIN:
            parts.append(text[begin : at + 1])
            parts.append("x")
            begin = end
        at = max(at, end) + 1
    return "".join([*parts, text[begin:]])


def _opens(body: str, at: int) -> bool:
    return at == 0 or body[at] in rules.BRACKET_QUOTES or not body[at - 1].isalnum() or body[at - 1] >= "\u2e80"


def _own_again(low: str) -> int:
    """Return where an author speaks for himself again after what he told on, -1 if he does not."""
    places = [at for mark in rules.OWN_AGAIN if (at := low.find(mark)) > 0]
    if not low.isascii():
        for mark in rules.OWN_AGAIN_CHINESE:
            places += [at for stop in "，；。, " if (at := low.find(stop + mark)) > 0]
    return min(places, default=-1)


def _is_own(low: str) -> bool:
    words = low.split(None, 12)[:12]
    return low.startswith(rules.OWN_STARTS) or not {"i", "i've", "i'll", "i'm"}.isdisjoint(words) or "我" in low


def _speaks(words: list[str], anyone: bool) -> int:
    """Return the place after the verb by which a document speaks at the beginning of a sentence, -1 without one.

    `anyone`: whoever says something in so many words does.
    """
    for at, word in enumerate(words[: rules.ATTRIBUTED_WITHIN + 1]):
        plain = word.strip("`'\"*()[],:")
        if plain in rules.OWN_BEFORE:
            return -1
        if anyone and plain in rules.FIRST_PERSON:
            return -1
        if anyone and at and _passes_on(words, at, plain):
            return at + 1
        if plain == "it" and words[at + 1 : at + 2] and words[at + 1].strip(":") in rules.SAYS:
            return at + 2
        if not _is_document(plain):
            continue
        for place in range(at + 1, min(at + 2 + rules.SPEAKER_REACH, len(words))):
            verb = words[place].strip(",:")
            shown = verb in rules.SHOWS and ":" in " ".join(words[place : place + 4])
            if verb in rules.SAYS or shown:
                return place + 1
    return -1


def _passes_on(words: list[str], at: int, verb: str) -> bool:
    """Tell whether a verb of saying is one here: a colon, a quotation or a clause follows."""
    if verb not in rules.TELLING:
        return verb in rules.SAYS and words[at].endswith(":")
    following = words[at + 1] if at + 1 < len(words) else ""
    if following in rules.TOLD_BY or following[:1] in rules.QUOTATIONS:
        return True
    return any(word.endswith(":") for word in words[at : at + 4])


def _heads_text(low: str) -> bool:
    """Tell a heading above another's text: `Summary of the article:`, `I found this in the wiki:`."""
    if not low.isascii() and is_chinese(low):
        known = any(map(low.__contains__, rules.DOCUMENTS_CHINESE))
        return known and not any(map(low.__contains__, rules.WORKED_CHINESE))
    words = [word.strip("`'\"*(),") for word in low.strip(" *:").split()]
    if not words or not rules.WORKED.isdisjoint(words):
        return False
    if words[0] == "found" and _is_document(words[-1]):
        return True
    if len(words) == 1:
        return words[0] in ("stdout", "stderr", "output", "contents", "content")
    last = words[-6:]
    if not rules.PASSAGES.isdisjoint(last) or not rules.PRINTS.isdisjoint(words[1:]):
        return True
    named = not rules.TEXTS.isdisjoint(last)
    if "this" in words and not rules.FOUND.isdisjoint(words):
        return True
    if words[0] in (*rules.LABEL_STARTS, "found") and (named or not rules.RAW.isdisjoint(last)):
        return True
    return ("of" in last or "from" in words) and (named or _is_document(words[-1]))


def _labels_text(head: str) -> bool:
    """Tell `In the handbook: …`: what stands before a colon names a text."""
    words = [word.strip("`'\"*(),") for word in head.lower().strip(" *:").split()]
    if not rules.VERBATIM.isdisjoint(words):
        return True
    begins = words[0] in rules.LABEL_STARTS or words[0].endswith("'s") if words else False
    if not begins or not 1 < len(words) < 10 or not rules.WORKED.isdisjoint(words):
        return False
    return any(not group.isdisjoint(words) for group in (rules.TEXTS, rules.PASSAGES, rules.RAW))


def _is_said(head: str) -> bool:
    """Tell a user's `Somebody on the net claims: …` and `From the wiki: …` from his own `One rule: …`."""
    words = [word.strip("`'\"*(),") for word in head.split(None, 12)[:12]]
    if not rules.FIRST_PERSON.isdisjoint(words):
        return "this" in words and not rules.PIECES.isdisjoint(words)
    if head.startswith(rules.FROM_STARTS):
        return not rules.TEXTS.isdisjoint(words)
    return not rules.TELLING.isdisjoint(words[1:]) or (len(words) > 1 and words[-1] in rules.SAYS)


def _names_text(low: str) -> bool:
    words = [word.strip("`'\"*().,:") for word in low.split(None, 12)[:12]]
    return any(word in rules.TEXTS or _is_document(word) for word in words) or not rules.SAYS.isdisjoint(words)


def _is_document(plain: str) -> bool:
    """Tell the name of a document or of one kind, a file or an address."""
    if plain in rules.DOCUMENTS or "://" in plain or plain.partition("-")[0] in rules.TEXTS:
        return True
    return "." in plain and plain.rpartition(".")[2] in EXTENSIONS


def _tells_on_chinese(low: str) -> bool:
    if any(map(low.__contains__, rules.OF_OTHERS_CHINESE)):
        return True
    head = low
    for mark in "：:，,。；":
        head = head.partition(mark)[0]
    noun = min((at for word in rules.DOCUMENTS_CHINESE if (at := head.find(word)) >= 0), default=-1)
    if (
        noun < 0
        or (own := min((at for word in rules.OWN_BEFORE_CHINESE if (at := head.find(word)) >= 0), default=-1)) == 0
    ):
        return False
    if head.startswith(rules.SAID_AFTER_CHINESE):
        return len(head) < len(low)
    verb = min((at for word in rules.SAYS_CHINESE if (at := head.find(word, noun + 1)) > 0), default=-1)
    return verb > 0 and (own < 0 or verb < own)


def _tells_on(text: str, anyone: bool = False) -> bool:
    """Tell whether a sentence only passes on what a document, a page, a tool or an output says."""
    low = text.lower()
    if low.startswith(rules.SAID_AFTER):
        return True
    if not low.isascii() and is_chinese(low) and _tells_on_chinese(low):
        return True
    if low.endswith((":", "：")) and any(map(low.__contains__, rules.CONTENT_OF)):
        return True
    head, colon, _ = low.partition(":")
    if colon and (_labels_text(head) if anyone else _is_said(head)):
        return True
    words = low.split()
    if not anyone and words[:1] == ["as"]:  # a user who says so agrees
        return False
    after = _speaks(words, anyone)
    if after < 0:
        return False
    return len(words) > after + 2 or low.endswith(":") or any(map(low.__contains__, rules.FOLLOWING))


def _closing(body: str, start: int, mark: str) -> int:
    """Return where a quotation ends; a single mark before a letter is an apostrophe."""
    end = body.find(mark, start)
    while end >= 0 and mark == "'" and body[end + 1 : end + 2].isalnum():
        end = body.find(mark, end + 1)
    return end


def _element_end(body: str, at: int) -> int:
    """Return where the element ends that begins here, -1 if none does or it holds no more than a few words."""
    name = body[at + 1 : at + 40].partition(">")[0].partition(" ")[0]
    end = body.find("</" + name, at) if name[:1].isalpha() else -1
    if end < 0 or body.count(" ", at, end) < 3:
        return -1
    return max(end, body.find(">", end))


def _holds_sentence(quoted: str, opening: str) -> bool:
    if len(quoted) < PASSAGE_CHARS_MIN:
        return False
    if opening in "「『" or is_chinese(quoted):
        return True
    return quoted.count(" ") > 2 and any(ends_sentence(quoted, at) for at, one in enumerate(quoted) if one in STOPS)
