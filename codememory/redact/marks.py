"""Judge a word of a text: does it point at a place that must be read for a secret? Most words do not."""

from __future__ import annotations

from codememory.redact import names, rules
from codememory.redact.names import level_of

HARMLESS_MAX = 200_000
KNOWN_MAX = 20_000
WORD_CHARS_MAX = 4_096

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
PLAIN = 1 << 18  # a name that is a word of any text, too

_TOKEN_CHARS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+"
WORD_TABLE = bytes(byte if byte in _TOKEN_CHARS else 32 for byte in range(256))
"""Turns everything that parts words into blanks."""

FOREIGN_TABLE = b" " * 128 + bytes(range(128, 256))
"""Turns everything but other scripts into blanks."""

_STEMS = (
    "pass", "secret", "token", "key", "pw", "cred", "auth", "cookie", "psk", "pin", "otp", "bearer", "jwt", "sig",
    "sess", "sid", "passe", "senha", "license", "salt", "dsn", "csrf", "wort", "clave", "pat", "tok", "sas", "commun",
    "saml", "heslo", "parola", "mdp", "geheim", "hmac", "xsrf", "pepper", "seed", "2fa", "mfa", "tan", "puk",
    "identif", "pk", "eap", "xauth",
    "sandi", "sifre", "wachtw", "salasana", "losenord", "adgang", "jeton", "ficha", "assertion",
)  # fmt: skip
_FLAGS = frozenset(("-p", "-P", "-w", "-pw", "-password", "-u", "-a", "--user", "--auth", "-t", "-k", "-K", "-s", "-T"))
_READERS = frozenset(
    (
        "--password-stdin",
        "chpasswd",
        "--with-token",
        "--stdin",
        "-S",
        "--pass-stdin",
        "--passphrase-fd",
        "cryptsetup",
        "kinit",
        "send",
    )
)
_BLOCK_WORDS = frozenset(("PRIVATE", "Private-Lines", "Private-MAC", "nPrivate-Lines", "nPrivate-MAC"))
_MAKERS = frozenset(
    "rand pwgen genkey genpsk token_hex token_urlsafe token_bytes makepasswd mkpasswd apg "
    "print-access-token get-access-token print-identity-token get-login-password find-generic-password "
    "get-secret-value --reveal --with-decryption secret-tool gopass --show-secrets --show-password "
    "print-refresh-token print-id-token get-secret show-secret --decrypt".split()
)
_LISTED = frozenset(("5432", "PLAIN", "CLEAR", "CLEARTEXT", "plain"))
_CLUSTER_WORDS = frozenset(("Secret", "nSecret"))


def role_of(word: bytes) -> int:
    """Return what a word of a text is, of the roles above; 0 if it points at nothing."""
    if len(word) > WORD_CHARS_MAX:
        word = word[:WORD_CHARS_MAX]
    if not word.isascii():
        return _foreign_role(word.decode("latin-1"))
    text = word.decode()
    lowered = text.lower()
    role = _exact_role(text, lowered)
    for stem in _STEMS:
        if stem in lowered:
            name = text.strip("-+_")
            level = level_of(name) or (name[:1] in "nrt" and level_of(name[1:])) or names.is_pointer(name)
            if level:
                is_plain = name.lower().replace("-", "_").rpartition("_")[2] in rules.PLAIN_NAMES
                role |= SEAL if level == names.SEAL else PLAIN if is_plain else NAME
            break
    if ("auth" in lowered or (not role and ("user" in lowered or "credential" in lowered))) and len(text) > 6:
        role |= CALL
    if lowered.endswith(("code", "pin")) and lowered.removesuffix("code").removesuffix("pin")[:-1] in rules.CODE_OWNERS:
        role |= NAME
    if not text.isalpha() and len(text) > 4 and not text.isdigit():
        if "BEGIN" in text or ("END" in text and "---" in text):
            role |= BLOCK
        elif text[:2] == "-p" and len(text) > 7:
            role |= FLAG
        if _has_token(text):
            role |= TOKEN
    return role


def _exact_role(text: str, lowered: str) -> int:
    from codememory.redact.commands import COMMANDS

    role = 0
    if lowered in COMMANDS:
        role |= COMMAND
    if text in _FLAGS:
        role |= FLAG
    if text in _READERS:
        role |= READER
    if lowered in rules.CODE_OWNERS or lowered in rules.CODE_WORDS:
        role |= CODE
    if text in _BLOCK_WORDS:
        role |= BLOCK
    if lowered.strip("-").replace("-", "_").rpartition("_")[2] in rules.PHRASE_WORDS:
        role |= PHRASE
    if lowered in rules.PATH_WORDS:
        role |= PATH
    if lowered in ("log", "sign"):
        role |= LOGIN
    elif lowered in rules.ACCOUNT_WORDS:
        role |= ACCOUNT
    if lowered in _MAKERS:
        role |= MAKER
    if lowered == "private":
        role |= PRIVATE
    if text in _LISTED:
        role |= LISTED
    if text in _CLUSTER_WORDS:
        role |= CLUSTER
    return role


def _has_token(text: str) -> bool:
    from codememory.redact.lone import is_candidate

    return is_candidate(text)


def _foreign_role(text: str) -> int:
    if text in rules.FOREIGN_RUNS:
        return FOREIGN
    for name in rules.FOREIGN_NAMES:
        if name in text:
            return FOREIGN
    return 0
