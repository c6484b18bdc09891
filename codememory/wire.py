"""JSON at the edge of the program, without what `import json` costs.

The standard `json` package imports `re` and `enum` (measured: half a bare interpreter start) to reach the C scanner
and encoder that do the work. Here these are taken directly; the grammar and the results are those of `json.loads`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
BLANK = " \t\n\r"


class _Dialect:
    """What the C scanner asks for; the defaults of `json.JSONDecoder`."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = CONSTANTS.__getitem__
    memo: dict[str, str] = {}  # noqa: RUF012 - the C scanner's own attribute


try:
    from _json import encode_basestring, make_encoder, make_scanner

    _scan: Any = make_scanner(_Dialect)  # type: ignore[arg-type]
    _chunks: Any = make_encoder(None, str, encode_basestring, None, ":", ",", False, False, True)
except (ImportError, TypeError, AttributeError):  # another implementation of Python: the same, slower
    import json

    _scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
    _encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, default=str)

    def _whole(value: Any, _indent: int) -> list[str]:
        return [_encoder.encode(value)]

    _chunks = _whole


def decoded(text: str) -> Any:
    """Return the one JSON value that `text` holds.

    Raises:
        ValueError: It holds none, or something behind it, or nests too deep.

    """
    values = decoded_all(text)
    if len(values) != 1:
        raise ValueError(f"{len(values)} JSON values where one was expected")
    return values[0]


def decoded_all(text: str) -> list[Any]:
    """Return the JSON values that stand in `text` one behind the other: a transcript line holds two at times.

    Raises:
        ValueError: A part of the text is no JSON, or nests too deep.

    """
    found: list[Any] = []
    position, end = 0, len(text)
    try:
        while True:
            while position < end and text[position] in BLANK:
                position += 1
            if position >= end:
                return found
            value, position = _scan(text, position)
            found.append(value)
    except (StopIteration, SystemError):  # Python 3.11's scanner looks for the name of its error in `json.decoder` only
        raise ValueError(f"no JSON at character {position}") from None
    except RecursionError:
        raise ValueError("nested too deep") from None


def leading_fields(text: str) -> dict[str, Any]:
    """Return the fields that stand whole at the beginning of a JSON object which may be cut off."""
    found: dict[str, Any] = {}
    position = text.find("{") + 1
    try:
        while position:
            name, position = _scan(text, _behind_blanks(text, position))
            position = text.index(":", position) + 1
            found[name], position = _scan(text, _behind_blanks(text, position))
            position = text.index(",", position) + 1
    except (StopIteration, SystemError, ValueError, RecursionError, IndexError, TypeError):  # see `decoded_all`
        pass
    return found


def _behind_blanks(text: str, position: int) -> int:
    while text[position] in BLANK:
        position += 1
    return position


def encoded(value: Any) -> str:
    """Return compact JSON; characters stay as they are, so a lone surrogate stays one (see `to_bytes`).

    Raises:
        ValueError: The value nests too deep.

    """
    try:
        return "".join(_chunks(value, 0))
    except RecursionError:
        raise ValueError("nested too deep") from None


def to_bytes(text: str) -> bytes:
    """Encode as UTF-8; lone surrogates, which JSON allows, survive."""
    return text.encode("utf-8", "surrogatepass")


def from_bytes(data: bytes) -> str:
    """Decode UTF-8 as the client wrote it; bytes that are none become the replacement character."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def storable(text: str) -> str:
    """Return text that SQLite can hold: without lone surrogates, and without NUL, where a text column would end."""
    if text.isascii():
        return text.replace("\0", "\ufffd") if "\0" in text else text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def storable_value(value: Any) -> Any:
    """Return a decoded value with every text in it storable; names of fields stay as they are.

    Raises:
        RecursionError: The value nests too deep.

    """
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [storable_value(one) for one in value]
    if isinstance(value, dict):
        return {name: storable_value(one) for name, one in value.items()}
    return value


def may_hold_unstorable(data: bytes) -> bool:
    """Tell whether encoded JSON can hold a lone surrogate or NUL: escaped, or a surrogate's own bytes."""
    return b"\\u" in data or b"\xed" in data


def holds_unstorable(written: bytes) -> bool:
    """Tell the same of JSON that was written here: of the two, only NUL is escaped in it."""
    return b"\\u0000" in written or b"\xed" in written
