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
_ENDS = (*rules.PHRASE_WORDS, "code", "pin")
_CALL_STEMS = ("auth", "user", "credential")


def roles_of(words: Collection[bytes]) -> dict[bytes, int]:
    """Return what those words of a text are, of the roles in `marks`, that point at something."""
    joined = b" ".join([word[:WORD_CHARS_MAX] for word in words])
    lowered = joined.lower().decode("latin-1")
    named, called = _holding(lowered, _STEMS), _holding(lowered, _CALL_STEMS)
    known = _LOWERED.keys() | named | called | _holding(lowered, _ENDS)
    found = {}
    for word, text, low in zip(words, joined.decode("latin-1").split(" "), lowered.split(" "), strict=True):
        if low in known or text in _WRITTEN:
            role = _role_of(text, low, low in named, low in called) | _role_of_odd(text)
        elif word.isalpha() or word.isdigit():  # most of them
            continue
        else:
            role = _role_of_odd(text) if text.isascii() else _foreign_role(text)
        if role:
            found[word] = role
    return found


def _holding(words: str, parts: tuple[str, ...]) -> set[str]:
    """Return those of the words, between which blanks stand, that hold one of the parts: few do."""
    found = set()
    for part in filter(words.__contains__, parts):
        at = words.find(part)
        while at >= 0:
            end = words.find(" ", at)
            end = end if end >= 0 else len(words)
            found.add(words[words.rfind(" ", 0, at) + 1 : end])
            at = words.find(part, end)
    return found


def _role_of(text: str, lowered: str, is_named: bool, is_called: bool) -> int:
    """Return what a word is by its letters, which may hold the stem of a name, or of what takes a user."""
    role = _LOWERED.get(lowered, 0) | _WRITTEN.get(text, 0)
    bare = lowered.strip("-")
    if bare.endswith(_ENDS):
        if bare.replace("-", "_").rpartition("_")[2] in rules.PHRASE_WORDS:
            role |= marks.PHRASE
        if (
            lowered.endswith(("code", "pin"))
            and lowered.removesuffix("code").removesuffix("pin")[:-1] in rules.CODE_OWNERS
        ):
            role |= marks.NAME
    if is_named:
        role |= _name_role(text)
    if is_called and len(text) > 6 and ("auth" in lowered or not role):
        role |= marks.CALL
    return role


def _role_of_odd(text: str) -> int:
    """Return what a word is by the look of it: letters alone, or digits, look like nothing."""
    if len(text) < 5 or text.isalpha() or text.isdigit():
        return 0
    role = 0
    if "BEGIN" in text or ("END" in text and "---" in text):
        role = marks.BLOCK
    elif text[:2] == "-p" and len(text) > 7:
        role = marks.FLAG
    return role | marks.TOKEN if is_candidate(text) else role


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
