"""Read backwards from a value: which name it is given to, and what joins the two."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import PASSWORD, RANDOM, name_level

CONTEXT_CHARS = 96  # how far before a value its name is looked for
SENTENCE_CHARS_MAX = 64
BLANKS = b" \t"
NAME_CHARS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-$"
_QUOTES = b"\"'`\\"
_OPENING = _QUOTES + BLANKS + b"([{"
_CLOSING = _QUOTES + BLANKS + b")]}*"
_TYPE_CHARS = NAME_CHARS + b"&<>[]?*"
_LITERALS = tuple(joint + sign for joint in (b" ", b"=", b"(", b":") for sign in (b"b", b"r", b"f", b"u"))


def stop_table(stops: bytes) -> bytes:
    """Return the table for `first_stop` that finds one of these bytes."""
    table = bytearray(b"a" * 256)
    for byte in stops:
        table[byte] = 0
    return bytes(table)


def mark_table(*classes: tuple[bytes, bytes]) -> bytes:
    """Return the table that turns the bytes of each class into its mark, and all others into blanks."""
    table = bytearray(b" " * 256)
    for members, mark in classes:
        for byte in members:
            table[byte] = mark[0]
    return bytes(table)


def first_stop(data: bytes, at: int, limit: int, table: bytes) -> int:
    """Return the position of the first stop of the table from `at` on, at most the limit or the end of data."""
    piece = data[at:limit]
    place = piece.translate(table).find(b"\0")
    return at + (place if place >= 0 else len(piece))


def name_before(window: bytes) -> tuple[bytes, bytes]:
    """Return the name that a value right after window is given to and what joins them; empty if there is none.

    The joint is `is` for a sentence or a setter, and a blank where the name stands right before the value.
    """
    rest = window.rstrip(_OPENING)
    if window[-1:] in (b"'", b'"') and rest[-2:] in _LITERALS:
        rest = rest[:-1].rstrip(_OPENING)
    for joint in rules.WIDE_JOINTS:
        if rest.endswith(joint):
            rest = rest[: -len(joint)].rstrip(_OPENING) + b":"
    if rest[-2:] in (b" -", b"\n-"):  # an item of a list in YAML
        rest = rest[:-1].rstrip(_OPENING + b"\r\n")
    rest, escaped = _without_escape(rest)
    joint = b"=" if escaped else rest[-1:]
    if joint == b"|" and rest[-2:-1] != b"|" and rest.count(b"|") > 1:
        return _cell_before(rest)
    if joint and joint in b":=>\0,|?":
        name, before = _word_at_end(_without_escape(rest.rstrip(b":=>\0,|?" + BLANKS))[0].rstrip(_CLOSING))
        if joint == b"=" and (name.lower().decode("latin-1") in rules.TYPE_WORDS or before.endswith((b" &", b":&"))):
            name, before = _word_at_end(before.rstrip(_TYPE_CHARS).rstrip(b": \t&"))
        if name.lower().decode("latin-1") in rules.VALUE_WORDS:
            name, before = _word_at_end(before.rstrip(_CLOSING + b"{,;\n\r-<>:="))
        if name.lower().decode("latin-1") in rules.PROSE_JOINTS and before[-1:] == b" ":
            return _name_in_sentence(before), b"is"
        label = name.decode("latin-1")
        if joint == b":" and before[-1:] == b" " and label.isalpha() and label.islower() and not name_level(label):
            return (b"" if label.endswith(rules.HARMLESS_NAMES) else _name_in_sentence(before)) or name, joint
        if name.isdigit():
            name, before = _word_at_end(before.rstrip(BLANKS))
        if name.lower() in (b"key", b"keys") and before[-1:] == b" ":
            word, _ = _word_at_end(before[:-1])
            name = word + b"_" + name if word.lower().decode("latin-1") in rules.KEY_WORDS else name
        if joint == b"," and not (rest[-2:-1] in (b'"', b"'") and before.endswith((b'"', b"'"))):
            return b"", joint
        return (b"", joint) if name == b"PASS" and joint == b":" else (name, joint)
    return _name_beside(window, rest)


def _name_beside(window: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """Return the name of a value that no sign joins to it."""
    if rest.endswith(b"[]byte"):
        return name_before(rest.removesuffix(b"[]byte"))
    if window[-1:] == b"(" or window[-2:] in (b'("', b"('"):
        return _word_at_end(rest)[0], b"("
    if not window[-1:] or window[-1:] not in b" \t\"'`\n":
        return b"", b""
    name, before = _word_at_end(rest)
    word = name.lower().decode("latin-1")
    head = before.rstrip()
    previous = head[len(head.rstrip(NAME_CHARS + _QUOTES + b"*")) :].strip(_QUOTES + b"*")
    if word in rules.PROSE_JOINTS:
        known = name_level(previous.decode("latin-1")) and previous.lower() != b"pass"
        return (previous if known else _name_in_sentence(head)), b"is"
    if name in (b"--body", b"-b") and b" secret set " in rest:
        return b"secret", b" "
    if name.startswith(b"--"):
        return name.lstrip(b"-") + b"_token" * name.endswith(b"key"), b" "
    if word in rules.SCHEMES or (name.startswith(b"-") and name_level(word[1:])):
        return name.lstrip(b"-"), b" "
    if previous.decode("latin-1").endswith(rules.SETTERS) or (window[-1:] == b"`" and len(name) < 12):
        return name, b"is"
    if word in rules.BESIDE_WORDS or (b"_" in name and name_level(name.decode("latin-1")) in (RANDOM, PASSWORD)):
        return name, b" "
    if word == "key" and previous.lower().decode("latin-1") in rules.KEY_WORDS:
        return b"api_key", b" "
    if name.isupper() and b"_" in name and (window.endswith((b"  ", b"\t"))):
        return name, b"is"
    return b"", b""


def _name_in_sentence(head: bytes) -> bytes:
    """Return the secret-looking name a sentence is about: "the API key for the weather service (is …)"."""
    words = head[-SENTENCE_CHARS_MAX:].rsplit(b"\0", 1)[-1].lower().split()
    for at in range(len(words) - 1, -1, -1):
        if words[at].endswith((b".", b":", b";", b"?")):
            return b""
        if words[at] in (b"token", b"secret", b"password") or (
            at and words[at] == b"key" and words[at - 1].decode("latin-1") not in rules.HARMLESS_KEYS
        ):
            return b"sentence_key" if words[at] == b"key" else b"sentence_token"
    return b""


def _word_at_end(rest: bytes) -> tuple[bytes, bytes]:
    """Return the name at the end of rest, and what stands before it."""
    cut = len(rest.rstrip(NAME_CHARS))
    return rest[cut:], rest[:cut]


def _cell_before(rest: bytes) -> tuple[bytes, bytes]:
    """Return the name in the table cell before the one that rest opens."""
    cell = rest.rstrip(b"|").rstrip(_CLOSING)
    return _word_at_end(cell)[0], b"|"


def _without_escape(rest: bytes) -> tuple[bytes, bool]:
    """Return rest without the escaped signs at its end (`%3D`, `\\u0022`), and whether there was one."""
    escaped = False
    while rest[-3:].lower() in rules.ESCAPED_SIGNS or rest[-5:].lower() in rules.ESCAPED_SIGNS:
        rest = rest[:-3] if rest[-3:].lower() in rules.ESCAPED_SIGNS else rest[:-5].rstrip(b"\\")
        rest = rest.rstrip(b':=\\" ')
        escaped = True
    return rest, escaped
