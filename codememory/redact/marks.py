"""The roles of words that point at a place to be read for a secret, and what parts a text into words."""

from __future__ import annotations

HARMLESS_MAX = 200_000
KNOWN_MAX = 20_000
SAID_CHARS_MAX = 4_000  # of a text that a person may have typed

# What a word is, bits of one number.
TOKEN = 1 << 0  # random by itself
NAME = 1 << 1  # of what is given a secret
COMMAND = 1 << 2  # or a call, that takes a password
FLAG = 1 << 3  # that mostly gives a password
READER = 1 << 4  # of a secret that is printed into it
CODE = 1 << 5  # or the owner of one
BLOCK = 1 << 6  # a part of the first or last line of a private key
PHRASE = 1 << 7  # a word for a phrase of words
FOREIGN = 1 << 8  # a name in another script
PATH = 1 << 9  # a part of an address behind which the rest is a secret
ACCOUNT = 1 << 10  # a word for an account
CLUSTER = 1 << 11  # the kind of a cluster's object that holds secrets
MAKER = 1 << 12  # a command that prints a new secret
LISTED = 1 << 13  # the port in a line of a password file, or the scheme of a password
CALL = 1 << 14  # perhaps of what takes a user and a password
SEAL = 1 << 15  # the name of a session or a signature
PRIVATE = 1 << 16  # the tag of a private section
LOGIN = 1 << 17  # the verb of "log in" and "sign in"
SESSION = 1 << 19  # the whole name of a session
PLAIN = 1 << 18  # a name that is a word of any text, too

_TOKEN_CHARS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+"
WORD_TABLE = bytes(byte if byte in _TOKEN_CHARS else 32 for byte in range(256))
"""Turns everything that parts words into blanks."""

FOREIGN_TABLE = b" " * 128 + bytes(range(128, 256))
"""Turns everything but other scripts into blanks."""

LETTER_TABLE = bytes(0xC3 <= byte <= 0xED and byte != 0xE2 for byte in range(256))
"""Tells by the first byte of a character whether it may be of a name in another script: most are arrows and lines."""


def words_in(data: bytes) -> list[bytes]:
    """Return the words of a text in their order; those of other scripts come after all others."""
    words = data.translate(WORD_TABLE).split()
    if not data.isascii() and 1 in data.translate(LETTER_TABLE):
        words += data.translate(FOREIGN_TABLE).split()
    return words
