"""Identity and time: how things are named and dated everywhere in the store."""

from __future__ import annotations

from _blake2 import blake2b

KEY_BYTES = 16
SHORT_HEX = 10
"""Digits of an id shown to people and models; any unique prefix is accepted back."""

MILLISECONDS_MAX = 10**16
"""No time is later: what claims to be is no time, and would not fit a column."""

DAYS_KEPT_MAX = 1_000
"""Of the lines of a transcript nearly all are of one day or two."""

_days: dict[str, int] = {}

MESSAGE, NODE, SUMMARY = "msg", "mem", "sum"

NODE_KINDS = ("task", "constraint", "decision", "failure", "fix_attempt", "summary")
NODE_STATUSES = ("active", "resolved", "superseded", "stale")


def key_of(*parts: str) -> bytes:
    """Return 16 bytes that are the same for the same parts, on every machine."""
    joined = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def uuid_bytes(text: object) -> bytes | None:
    """Return the 16 bytes of a real UUID, None for anything else."""
    if not isinstance(text, str) or len(text) != 36:
        return None
    if not (text[8] == text[13] == text[18] == text[23] == "-") or " " in text:
        return None
    try:
        found = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        return None
    return found if len(found) == KEY_BYTES else None


def uuid_text(key: bytes) -> str:
    """Return the canonical text of a UUID's bytes."""
    digits = key.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def id_of(prefix: str, key: bytes) -> str:
    """Return the whole id of a message, node or summary."""
    return f"{prefix}_{key.hex()}"


def short_id(prefix: str, key: bytes) -> str:
    """Return the id as shown to people and models."""
    return f"{prefix}_{key.hex()[:SHORT_HEX]}"


def milliseconds(timestamp: object) -> int | None:
    """Return UTC milliseconds for an ISO 8601 text or a number of seconds or milliseconds; None if it is neither."""
    if isinstance(timestamp, bool) or timestamp is None:
        return None
    if isinstance(timestamp, (int, float)):
        if not 0 < timestamp < MILLISECONDS_MAX:
            return None
        return int(timestamp if timestamp > 1e11 else timestamp * 1000)
    if not isinstance(timestamp, str) or len(timestamp) < 10:
        return None
    try:
        found = _iso_milliseconds(timestamp)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < MILLISECONDS_MAX else None


def _iso_milliseconds(text: str) -> int:
    day = _days.get(text[:10])
    if day is None:
        day = _day_of(text)
    clock, offset_minutes = text[11:], 0
    zone = clock.lstrip("0123456789:.")
    if zone == "Z":
        clock = clock[:-1]
    elif zone:
        place = min([at for sign in "Zz+-" if (at := clock.find(sign)) >= 0], default=len(clock))
        offset_minutes = _offset_minutes(clock[place:])
        clock = clock[:place]
    fields = clock.split(":") if clock else ["0"]
    hours = int(fields[0])
    minutes = int(fields[1]) if len(fields) > 1 else 0
    seconds = float(fields[2]) if len(fields) > 2 else 0.0
    return (day * 1440 + hours * 60 + minutes - offset_minutes) * 60_000 + round(seconds * 1000)


def _day_of(text: str) -> int:
    """Return the day that a time begins with."""
    year, month, day = int(text[0:4]), int(text[5:7]), int(text[8:10])
    if text[4] != "-" or text[7] != "-" or not 1 <= month <= 12 or not 1 <= day <= 31:
        raise ValueError(text)
    if len(_days) >= DAYS_KEPT_MAX:
        _days.clear()
    found = _days[text[:10]] = _days_since_epoch(year, month, day)
    return found


def _offset_minutes(zone: str) -> int:
    if zone[:1] in "Zz":  # or none
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + (int(digits[2:4]) if len(digits) >= 4 else 0)
    return -minutes if zone[0] == "-" else minutes


def _days_since_epoch(year: int, month: int, day: int) -> int:
    """Count days in the proleptic Gregorian calendar (Hinnant, days_from_civil)."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def age(milliseconds_ago: int) -> str:
    """Return how long ago in one short word: 40s, 5m, 3h, 2d, 6w."""
    seconds = max(0, milliseconds_ago // 1000)
    for unit, size in (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size * (2 if unit == "w" else 1):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
