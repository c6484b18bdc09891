"""Find what an id means: any unique prefix of a message's, node's, summary's or session's id, or a message's uuid."""

from __future__ import annotations

from codememory import db, records
from codememory.errors import AmbiguousIdError, UnknownIdError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import apsw

SESSION = "session"
HEX_DIGITS = frozenset("0123456789abcdef")
AMBIGUOUS_SHOWN = 5

TELLING_CHARS = 8
"""What is the beginning of an id by so many characters is no message's own name by chance; for that all are read."""


def resolve(connection: apsw.Connection, text: str) -> tuple[str, int]:
    """Return (`msg`, `mem`, `sum` or `session`; row id).

    Raises:
        UnknownIdError: Nothing has this id.
        AmbiguousIdError: It is the beginning of several ids.

    """
    wanted = text.strip()
    if not wanted:
        raise UnknownIdError("An id is needed: a message's, memory's, summary's or session's, or its beginning.")
    found = _prefixed(connection, wanted) if "_" in wanted else _bare(connection, wanted)
    if not found:
        raise UnknownIdError(f"No message, memory, summary or session has the id {text!r}.")
    if len(found) > 1:
        shown = ", ".join(one[2] for one in found[:AMBIGUOUS_SHOWN])
        raise AmbiguousIdError(f"The id {text!r} is not unique: it fits {shown}. Give more of it.")
    return found[0][0], found[0][1]


def _prefixed(connection: apsw.Connection, wanted: str) -> list[tuple[str, int, str]]:
    prefix, _, digits = wanted.partition("_")
    bounds = key_range(digits)
    if bounds is None or prefix not in (records.MESSAGE, records.NODE, records.SUMMARY):
        return _odd_messages(connection, wanted) + _sessions(connection, wanted)
    if prefix == records.MESSAGE:
        rows = db.rows(connection, "SELECT message_id, key FROM message WHERE key >= ? AND key <= ? LIMIT 20", bounds)
    elif prefix == records.NODE:
        rows = db.rows(
            connection,
            "SELECT node_id, uid FROM node WHERE uid BETWEEN :low AND :high"
            " UNION ALL SELECT node_id, uid FROM node_alias WHERE uid BETWEEN :low AND :high LIMIT 20",
            {"low": bounds[0], "high": bounds[1]},
        )
    else:
        rows = db.rows(connection, "SELECT summary_id, uid FROM summary WHERE uid >= ? AND uid <= ? LIMIT 20", bounds)
    return [(prefix, row_id, records.id_of(prefix, key)) for row_id, key in rows]


def _bare(connection: apsw.Connection, wanted: str) -> list[tuple[str, int, str]]:
    """Sessions and messages share the form of a UUID: a whole id of either wins over prefixes of others."""
    found = _sessions(connection, wanted)
    bounds = key_range(wanted.replace("-", "").lower())
    if bounds is not None and len(wanted) >= 4:
        found += [
            (records.MESSAGE, row_id, records.uuid_text(key))
            for row_id, key in connection.execute(
                "SELECT message_id, key FROM message WHERE key >= ? AND key <= ? LIMIT 20", bounds
            )
        ]
    if not found or len(wanted) < TELLING_CHARS:
        found += _odd_messages(connection, wanted)
    exact = [one for one in found if one[2].lower() == wanted.lower()]
    return exact or found


def _sessions(connection: apsw.Connection, wanted: str) -> list[tuple[str, int, str]]:
    rows = connection.execute(
        "SELECT session_id, client_id FROM session WHERE client_id >= ? AND client_id < ? ORDER BY client_id LIMIT 20",
        (wanted, wanted + "\U0010ffff"),
    )
    found = [(SESSION, session_id, client_id) for session_id, client_id in rows]
    return [one for one in found if one[2] == wanted] or found


def _odd_messages(connection: apsw.Connection, wanted: str) -> list[tuple[str, int, str]]:
    rows = connection.execute("SELECT message_id, uuid FROM message WHERE uuid = ? LIMIT 20", (wanted,))
    return [(records.MESSAGE, message_id, uuid) for message_id, uuid in rows]


def key_range(digits: str) -> tuple[bytes, bytes] | None:
    """Return the smallest and largest key that begin with these hexadecimal digits, None if they are none."""
    digits = digits.lower()
    if not digits or len(digits) > 2 * records.KEY_BYTES or not HEX_DIGITS.issuperset(digits):
        return None
    width = 2 * records.KEY_BYTES
    return bytes.fromhex(digits.ljust(width, "0")), bytes.fromhex(digits.ljust(width, "f"))
