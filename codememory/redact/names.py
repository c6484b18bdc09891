"""Judge names: which say that what they are given is a secret."""

from __future__ import annotations

from codememory.redact import rules

DOUBTFUL, WEAK, STRONG = 1, 2, 3
"""What a value must be: random beyond doubt; of letters and digits; any unlikely word."""

SEAL = 4
"""A session's or a signature's name: it is given a secret in a cookie and in an address only."""

NAME_CHARS_MAX = 80
LEVELS_MAX = 4_000
_levels: dict[str, int] = {}
_of_codes: dict[str, bool] = {}


def level_of(name: str) -> int:
    """Return STRONG, WEAK or DOUBTFUL for a name that may be given a secret, 0 for any other."""
    level = _levels.get(name)
    if level is None:
        if len(_levels) >= LEVELS_MAX:
            _levels.clear()
        level = _levels[name] = _level(words_of(name)) if len(name) <= NAME_CHARS_MAX else 0
    return level


def tells_code(name: str) -> bool:
    """Say whether a name may be that of a one-time code or a PIN."""
    told = _of_codes.get(name)
    if told is None:
        if len(_of_codes) >= LEVELS_MAX:
            _of_codes.clear()
        told = name.lower().endswith("code") or not rules.CODE_WORDS.isdisjoint(words_of(name))
        _of_codes[name] = told
    return told


def words_of(name: str) -> list[str]:
    """Split a name at separators and at the humps of camel case, in lower case."""
    spaced = []
    previous = ""
    for at, char in enumerate(name):
        if char.isupper() and (
            previous.islower() or previous.isdigit() or (previous.isupper() and name[at + 1 : at + 2].islower())
        ):
            spaced.append(" ")
        spaced.append(char if char.isalnum() else " ")
        previous = char
    return "".join(spaced).lower().split()


def _level(words: list[str]) -> int:
    if "".join(words[-3:]) in rules.STRONG_WORDS:
        return STRONG
    while len(words) > 1 and (words[-1] in rules.TRAILING_WORDS or words[-1].isdigit()):
        words.pop()
    if not words:
        return 0
    last = words[-1]
    pair = words[-2] + last if len(words) > 1 else last
    if last in rules.STRONG_WORDS or pair in rules.STRONG_WORDS or last.endswith(rules.STRONG_ENDS):
        return STRONG
    if last.endswith("pw") and len(last) > 2:
        return STRONG
    if last in ("key", "keys", "token", "pw", "file", "path") and not rules.STRONG_WORDS.isdisjoint(words[:-1]):
        return STRONG if last not in ("file", "path") else 0
    if last in ("key", "keys"):
        if len(words) > 1 and words[-2] in rules.HARMLESS_KEYS:
            return 0
        return WEAK if len(words) > 1 else DOUBTFUL
    if last == "code" and len(words) > 1 and words[-2] in rules.CODE_OWNERS:
        return WEAK
    if last == "tokens" and len(words) > 1:  # mostly a count of a model's
        return WEAK if words[-2] in rules.KEY_WORDS or words[-2] in ("refresh", "bearer", "oauth") else 0
    if last in rules.CODE_WORDS:
        return WEAK
    if last in rules.SEAL_WORDS or pair in rules.SEAL_WORDS:
        return SEAL
    if last in rules.DOUBTFUL_WORDS:
        return DOUBTFUL
    if last in rules.WEAK_WORDS or pair in rules.WEAK_WORDS or last.endswith(("token", "apikey", "accesskey")):
        return WEAK
    return 0


def is_pointer(name: str) -> bool:
    """Say whether a name tells of a file with a secret or of a command that prints one."""
    words = words_of(name)
    return len(words) > 1 and words[-1] in rules.POINTER_WORDS and not rules.STRONG_WORDS.isdisjoint(words[:-1])


def kind_of(name: str) -> str:
    """Return the word for the marker of a secret that was found by its name."""
    lowered = name.lower()
    if "pass" in lowered or "pwd" in lowered or "pw" in lowered:
        return "password"
    if "cookie" in lowered or "sess" in lowered:
        return "cookie"
    if ("auth" in lowered and "token" not in lowered) or "bearer" in lowered:
        return "authorization"
    return "token" if "token" in lowered else "key" if "key" in lowered else "secret"
