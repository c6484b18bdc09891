"""Find secrets in addresses: scheme://user:password@host, and user:password@host without a scheme."""

from __future__ import annotations

from codememory import redact_rules as rules
from codememory.redact_judge import is_placeholder, is_random, is_stand_in
from codememory.redact_names import first_stop, stop_table
from codememory.redact_places import is_telling
from codememory.redact_tokens import RUN_CHARS_MIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HOST_CHARS_MAX = 320
USER_CHARS_MAX = 80
_HOST_TABLE = stop_table(b" \t\r\n\0\"'`<>/?\\")
_BEFORE_USER = (b" ", b'"', b"'", b"\n", b"=", b"`", b"/", b"\0", b"<", b"(")


def address_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find passwords in scheme://user:password@host, and tokens in the user's place."""
    at = data.find(b"://")
    while at >= 0:
        begin = at + 3
        end = first_stop(data, begin, begin + HOST_CHARS_MAX, _HOST_TABLE)
        host = data.rfind(b"@", begin, end)
        if host > begin:
            user, colon, password = data[begin:host].partition(b":")
            if user.startswith(b"["):
                pass  # a marker
            elif colon and len(password) > 2 and not is_stand_in(password.decode("utf-8", "replace"), quoted=True):
                named = len(user) >= RUN_CHARS_MIN and is_random(user)
                yield begin if named else begin + len(user) + 1, host, "password"
            elif len(user) >= RUN_CHARS_MIN and is_random(user) and not is_placeholder(user):
                yield begin, begin + len(user), "token"
        at = data.find(b"://", begin)


def bare_address_spans(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Find passwords in user:password@host; only those that would be taken for one in any place."""
    at = data.find(b"@")
    while at >= 0:
        head = data[max(at - USER_CHARS_MAX, 0) : at]
        begin = max(head.rfind(stop) for stop in _BEFORE_USER) + 1
        user, sign, password = head[begin:].partition(b":")
        if not sign and head[begin - 1 : begin] == b"/" and any(program in head for program in rules.SLASHED):
            user, sign, password = b"user", b"/", user.rpartition(b"/")[2]
        if sign and user.replace(b"_", b"").isalnum() and not data.startswith(b"sha256", at + 1):
            text = password.decode("utf-8", "replace")
            if not is_stand_in(text, quoted=True) and (user == b"user" or is_telling(password, digits_min=2)):
                yield at - len(password), at, "password"
        at = data.find(b"@", at + 1)
