"""Find what is given to the words for a password in other languages and scripts."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import PASSWORD, is_secret, is_stand_in, is_strong
from codememory.redact_names import first_stop, stop_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD_CHARS_MAX = 512
REACH_BYTES = 60  # how far before a word for a password one may end
BETWEEN_BYTES_MAX = 16
_FAR_BYTES = bytes(range(0xE2, 0xF5))  # first bytes of characters that no password has: CJK, arrows, quotation marks
_STOP_TABLE = stop_table(b" \t\r\n\0\"'`<>|;,)}]" + _FAR_BYTES)


def foreign_spans(text: str, data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find values given to names of other languages."""
    if not any(mark in text for mark in rules.FOREIGN_MARKS):
        return
    for name in rules.FOREIGN_NAMES:
        word = name.encode()
        at = data.find(word)
        while at >= 0:
            begin = at + len(word)
            joint = data[begin : begin + 24].decode("utf-8", "ignore")
            rest = joint.lstrip(rules.FOREIGN_JOINTS)
            for verb in rules.FOREIGN_WORDS:
                rest = rest.removeprefix(verb).lstrip(rules.FOREIGN_JOINTS)
            begin += len(joint.encode()) - len(rest.encode())
            end = first_stop(data, begin, begin + PASSWORD_CHARS_MAX, _STOP_TABLE)
            end = begin + len(data[begin:end].rstrip(b".,:"))
            value = data[begin:end].decode("utf-8", "replace")
            is_told = joint != rest and is_secret(value, PASSWORD, quoted=False)
            if value.isascii() and (is_told or (not is_stand_in(value, quoted=True) and is_strong(value))):
                yield begin, end, "password"
            elif said := _said_before(data, at):
                yield *said, "password"
            elif name in rules.FOREIGN_CODES and joint != rest and value.isdigit() and 4 <= len(value) <= 8:
                yield begin, end, "code"
            at = data.find(word, at + 1)


def _said_before(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the made-up password right before `at`, a few characters of another script between."""
    head = data[max(at - REACH_BYTES, 0) : at]
    plain = head.rstrip(_FAR_BYTES + bytes(range(0x80, 0xC0))).rstrip(b" ")
    word = plain[max(plain.rfind(stop) for stop in (b" ", b"\n", b"\0", b'"', b"\x80", b"\xbc", b"\x9a")) + 1 :]
    text = word.decode("utf-8", "replace")
    if len(head) - len(plain) > BETWEEN_BYTES_MAX or not is_strong(text) or is_stand_in(text, quoted=True):
        return None
    begin = at - len(head) + len(plain) - len(word)
    return begin, begin + len(word)
