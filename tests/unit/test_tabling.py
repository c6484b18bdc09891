"""What a bundle keeps as data: tables that are the same in every process, as the module itself makes them."""

from __future__ import annotations

import ast
import marshal
import sys
from types import ModuleType
from typing import Any

import pytest

from codememory import slimming, tabling

SOURCE = """
import os, sys
from codememory import records

WORDS = frozenset(("alpha", "beta"))
BOTH = WORDS | frozenset("gamma delta".split())
SIZES = {word: len(word) for word in sorted(BOTH)}
LISTED = ("one", ("two", 3, None, 1.5, True))
BYTES = bytes(byte if byte in b"ab" else 32 for byte in range(256))
KINDS = tuple(kind + "s" for kind in records.NODE_KINDS)

def _numbered(words, start=1):
    return {word: start + at for at, word in enumerate(words)}

NUMBERED = _numbered(LISTED[:1])

def _place(words):
    return tuple(os.path.join(sys.prefix, word) for word in words)

PLACES = _place(("a", "b"))
HOME = (os.environ.get("HOME", "x"),)
CACHE = {}
CHANGING = ["one"]
TEXT, NUMBER = "text", 3
SINGLE = "single"
FUNCTIONS = {"place": _place}
LATE = tuple(map(str, WORDS))
"""
TABLES = {"WORDS", "BOTH", "SIZES", "LISTED", "BYTES", "KINDS", "NUMBERED"}


@pytest.fixture
def module() -> ModuleType:
    """Return the module as it runs without a bundle."""
    found = ModuleType("made")
    exec(SOURCE, found.__dict__)
    return found


def made(module: ModuleType) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tables, and the names of a module that is made of them and the code that is left."""
    tree = ast.parse(SOURCE)
    tabling.make_tables(tree, module)
    tables: dict[str, Any] = marshal.loads(marshal.dumps(tabling.tables_of(tree.body)))
    rest = [one for one in tree.body if not isinstance(one, tabling.Table)]
    names = dict(tables)
    exec(slimming.compiled(ast.Module(rest, []), "made"), names)
    return tables, names


def test_tables_are_what_is_computed_of_constants_alone(module: ModuleType) -> None:
    assert set(made(module)[0]) == TABLES


def test_a_module_has_the_same_values_with_its_tables_as_without(module: ModuleType) -> None:
    _, names = made(module)
    for name, value in vars(module).items():
        if name.isupper():
            assert type(names[name]) is type(value)
            assert name == "FUNCTIONS" or names[name] == value, name


def test_no_string_of_a_table_is_interned(module: ModuleType) -> None:
    tables, _ = made(module)
    word = next(one for one in tables["WORDS"] if one == "alpha")
    assert word is not sys.intern("".join(("al", "pha")))


def test_variables_of_functions_have_names_that_all_share() -> None:
    source = (
        "def outer(given, *more, named=1, **others):\n    inner = given + named\n    kept = [inner]\n"
        "    def within():\n        return kept[0] + sum(part for part in more) + len(others)\n    return within()\n"
    )
    names: dict[str, Any] = {}
    exec(slimming.compiled(ast.parse(source), "made"), names)
    assert names["outer"](1, 2, 3, named=4, other=5) == 11
    assert {"inner"}.isdisjoint(names["outer"].__code__.co_varnames)
    assert names["outer"].__code__.co_varnames[:4] == ("given", "named", "more", "others")
