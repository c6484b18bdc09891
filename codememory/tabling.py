"""Compute the tables of a module when its bundle is written: a hook reads the result, and works out none of them.

They are kept as data beside the code. In the code each of their words would be interned, which costs more than to
read it, and words enough make the interpreter's own table of them grow.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from codememory.bundle import PACKAGE

PLAIN = frozenset(("bytes", "dict", "enumerate", "frozenset", "len", "ord", "chr", "range", "set", "sorted", "str",
                   "tuple", "zip"))  # fmt: skip
"""What is computed with these alone is the same in every process."""


class Table(ast.Assign):
    """An assignment of a constant value that is no code."""

    table: Any


def make_tables(tree: ast.Module, module: ModuleType) -> None:
    """Replace the assignments of a module that compute or list constant values by those values."""
    functions = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}
    for at, one in enumerate(tree.body):
        if not isinstance(one, ast.Assign) or isinstance(one.value, ast.Constant) or len(one.targets) != 1:
            continue
        name = one.targets[0].id if isinstance(one.targets[0], ast.Name) else ""
        value = getattr(module, name, None)
        if value and _is_table(value) and _is_of_constants(one.value, module, functions):
            made = Table([ast.Name(name, ast.Store())], ast.Constant(None))
            made.table = _uninterned(value, {})
            tree.body[at] = ast.copy_location(made, one)


def tables_of(statements: Iterable[ast.stmt]) -> dict[str, Any]:
    """Return name → value of the tables among some statements."""
    return {one.targets[0].id: one.table for one in statements if isinstance(one, Table)}  # type: ignore[attr-defined]


def _is_table(value: object) -> bool:
    """Tell whether a value is a collection of constants, or bytes."""
    if isinstance(value, dict):
        return all(_is_table(part) or _is_scalar(part) for both in value.items() for part in both)
    if type(value) in (tuple, frozenset):
        return all(_is_table(part) or _is_scalar(part) for part in value)  # type: ignore[attr-defined]
    return type(value) is bytes


def _is_scalar(value: object) -> bool:
    return value is None or type(value) in (str, int, float, bool)


def _is_of_constants(node: ast.AST, module: ModuleType, functions: dict[str, ast.FunctionDef]) -> bool:
    """Tell whether code uses nothing but constants, what it binds itself, and functions of which the same is true."""
    bound = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
    bound |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
    for one in ast.walk(node):
        if isinstance(one, (ast.Global, ast.Import, ast.ImportFrom, ast.Lambda)):
            return False
        if not isinstance(one, ast.Name) or one.id in bound:
            continue
        value = getattr(module, one.id, None)
        if one.id in functions:
            if functions[one.id] is node or not _is_of_constants(functions[one.id], module, functions):
                return False
        elif isinstance(value, ModuleType):
            if value.__name__.partition(".")[0] != PACKAGE:
                return False
        elif not (_is_table(value) or _is_scalar(value) if value is not None else _is_plain(one.id)):
            return False
    return True


def _is_plain(name: str) -> bool:
    return name in PLAIN and hasattr(builtins, name)


def _uninterned(value: Any, made: dict[Any, Any]) -> Any:
    """Copy a value so that none of its strings is interned, and equal ones are one."""
    if isinstance(value, dict):
        return {_uninterned(key, made): _uninterned(one, made) for key, one in value.items()}
    if isinstance(value, (tuple, frozenset)):
        return type(value)(_uninterned(one, made) for one in value)
    if type(value) is str and len(value) > 1:
        return made.setdefault(value, f"{value} "[:-1])
    return value
