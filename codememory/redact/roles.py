"""Judge a word of a text: does it point at a place that must be read for a secret? Most words do not."""

from __future__ import annotations

from codememory.redact import marks, names, rules
from codememory.redact.commands import COMMANDS
from codememory.redact.lone import is_candidate
from codememory.redact.names import level_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

WORD_CHARS_MAX = 4_096

_STEMS = (
    "pass", "secret", "key", "pw", "cred", "auth", "cookie", "psk", "pin", "otp", "bearer", "jwt", "sig",
    "sess", "sid", "senha", "license", "salt", "dsn", "srf", "wort", "clave", "pat", "tok", "sas", "commun",
    "saml", "heslo", "parola", "mdp", "geheim", "hmac", "pepper", "seed", "2fa", "mfa", "tan", "puk",
    "identif", "pk", "eap", "wachtw", "assertion",
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
        "base64",
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
_LISTED = frozenset(("5432", "5433", "5434", "5439", "6432", "6543", "26257", "PLAIN", "CLEAR", "CLEARTEXT", "plain"))
_CLUSTER_WORDS = frozenset(("Secret", "nSecret"))


def _by_word(*sets: tuple[Iterable[str], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for words, role in sets:
        for word in words:
            found[word] = found.get(word, 0) | role
    return found


_LOWERED = _by_word(
    (COMMANDS, marks.COMMAND),
    (rules.CODE_OWNERS | rules.CODE_WORDS, marks.CODE),
    (rules.PATH_WORDS, marks.PATH),
    (("log", "sign"), marks.LOGIN),
    (rules.ACCOUNT_WORDS, marks.ACCOUNT),
    (_MAKERS, marks.MAKER),
    (("private",), marks.PRIVATE),
    (rules.WHOLE_NAMES, marks.NAME),
)
_WRITTEN = _by_word(
    (_FLAGS, marks.FLAG),
    (_READERS, marks.READER),
    (_BLOCK_WORDS, marks.BLOCK),
    (_LISTED, marks.LISTED),
    (_CLUSTER_WORDS, marks.CLUSTER),
)
_SESSIONS = frozenset(("sessionid", "sessid", "phpsessid", "jsessionid"))
_PHRASE_ENDS = tuple(rules.PHRASE_WORDS)


def roles_of(words: Collection[bytes]) -> list[int]:
    """Return what each word of a text is, of the roles in `marks`; 0 if it points at nothing."""
    joined = b" ".join(words).lower().decode("latin-1")  # most stems are in none of the words: one look tells
    stems = list(filter(joined.__contains__, _STEMS))
    return [_role_of(word, stems) for word in words]


def _role_of(word: bytes, stems: list[str]) -> int:
    """Return what a word is; `stems` are those of a name that may be in it."""
    if len(word) > WORD_CHARS_MAX:
        word = word[:WORD_CHARS_MAX]
    if not word.isascii():
        return _foreign_role(word.decode("latin-1"))
    text = word.decode()
    lowered = text.lower()
    role = _LOWERED.get(lowered, 0) | _WRITTEN.get(text, 0)
    bare = lowered.strip("-")
    if bare.endswith(_PHRASE_ENDS) and bare.replace("-", "_").rpartition("_")[2] in rules.PHRASE_WORDS:
        role |= marks.PHRASE
    for stem in stems:
        if stem in lowered:
            role |= _name_role(text)
            break
    if len(text) > 6 and ("auth" in lowered or (not role and ("user" in lowered or "credential" in lowered))):
        role |= marks.CALL
    if lowered.endswith(("code", "pin")) and lowered.removesuffix("code").removesuffix("pin")[:-1] in rules.CODE_OWNERS:
        role |= marks.NAME
    if len(text) > 4 and not text.isalpha() and not text.isdigit():
        if "BEGIN" in text or ("END" in text and "---" in text):
            role |= marks.BLOCK
        elif text[:2] == "-p" and len(text) > 7:
            role |= marks.FLAG
        if is_candidate(text):
            role |= marks.TOKEN
    return role


def _name_role(text: str) -> int:
    """Return what a word is that has the stem of a name in it."""
    name = text.strip("-+_")
    level = level_of(name) or (name[:1] in "nrt" and level_of(name[1:])) or names.is_pointer(name)
    if not level:
        return 0
    if level == names.SEAL:
        return marks.SESSION if name.lower().replace("_", "") in _SESSIONS else marks.SEAL
    is_plain = name.lower().replace("-", "_").rpartition("_")[2] in rules.PLAIN_NAMES
    return marks.PLAIN if is_plain else marks.NAME


def _foreign_role(text: str) -> int:
    if text in rules.FOREIGN_RUNS:
        return marks.FOREIGN
    for name in (*rules.FOREIGN_NAMES, *rules.FOREIGN_KEYS):
        if name in text:
            return marks.FOREIGN
    return 0
