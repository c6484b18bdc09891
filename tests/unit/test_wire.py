"""JSON at the edge: the results of the standard library, without its imports."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fixtures import strategies
from hypothesis import given
from hypothesis import strategies as st

from codememory import codec, wire


def same(one: Any, other: Any) -> bool:
    """Compare with NaN equal to itself, and 1 different from True and 1.0."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


@given(strategies.values)
def test_encoding_and_decoding_give_the_value_back(value: object) -> None:
    assert same(wire.decoded(wire.encoded(value)), value)


@given(strategies.values, st.booleans())
def test_decoding_agrees_with_the_standard_library(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert same(wire.decoded(text), json.loads(text))
    assert same(json.loads(wire.encoded(value)), value)


@given(
    st.lists(strategies.values.filter(lambda value: isinstance(value, (dict, list, str))), max_size=3),
    st.text(" \t\r\n", max_size=3),
)
def test_values_one_behind_the_other(values: list[object], blank: str) -> None:
    text = blank + blank.join(wire.encoded(value) for value in values) + blank
    assert len(wire.decoded_all(text)) == len(values)
    assert all(map(same, wire.decoded_all(text), values))


@pytest.mark.parametrize(
    "text", ["", "  ", "{", "{}{}", "[1,]", "{'a':1}", "nul", '"a', "[" * 100_000, '{"a":' * 100_000, "1" * 5_000]
)
def test_what_is_not_one_value_is_an_error_of_value(text: str) -> None:
    with pytest.raises(ValueError):
        wire.decoded(text)


@given(st.text())
def test_any_text_is_a_value_or_an_error_of_value(text: str) -> None:
    with contextlib.suppress(ValueError):
        wire.decoded_all(text)


@given(st.text(st.characters()))
def test_text_survives_storage(text: str) -> None:
    assert wire.from_bytes(wire.to_bytes(text)) == text
    assert codec.unpacked(*codec.packed(text)) == text
    assert codec.unpacked(*codec.packed(text * 200)) == text * 200


@given(st.text(st.characters()))
def test_storable_text_has_no_surrogate_and_no_nul(text: str) -> None:
    stored = wire.storable(text)
    assert "\0" not in stored
    stored.encode("utf-8")
    if "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text):
        assert stored == text


@given(st.binary())
def test_any_bytes_become_text(data: bytes) -> None:
    wire.to_bytes(wire.from_bytes(data))


@given(st.text(alphabet=st.one_of(st.characters(codec=None), st.sampled_from("\0\\u0\ud800\x1b한"))))
def test_what_is_written_and_holds_nothing_unstorable_is_storable(text: str) -> None:
    written = wire.to_bytes(wire.encoded({"text": text}))
    assert wire.holds_unstorable(written) or wire.storable(text) == text


def test_large_payloads_are_compressed_and_small_ones_are_not() -> None:
    assert codec.packed("x" * 10) == (codec.RAW, b"x" * 10)
    kind, payload = codec.packed("x" * 10_000)
    assert kind == codec.ZLIB
    assert len(payload) < 200


@pytest.mark.parametrize(("kind", "payload"), [(codec.ZLIB, b"no"), (9, b"later version's")])
def test_a_payload_that_cannot_be_read_is_an_error_of_value(kind: int, payload: bytes) -> None:
    with pytest.raises(ValueError):
        codec.unpacked(kind, payload)


@pytest.mark.parametrize("text", ['{"a":"half writ', '{"a":tru', '{"a" 1}', '"\\ud8'])
def test_a_broken_text_is_a_value_error_where_nothing_else_loaded_json(text: str) -> None:
    """As in a hook: there the scanner of Python 3.11 does not find the class of its own error."""
    script = (
        f"import sys; sys.path.insert(0, {str(Path(wire.__file__).parents[1])!r})\n"
        "from codememory import wire\n"
        "assert 'json' not in sys.modules\n"
        "try: wire.decoded(sys.argv[1])\n"
        "except ValueError: print('told')"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script, text], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"told\n", b"")
