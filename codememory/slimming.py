"""What a bundle keeps of a module: what ordinary hooks run of it, and nothing that only type checkers read."""

from __future__ import annotations
import __future__

import ast
from collections.abc import Callable, Iterable
from inspect import CO_VARARGS, CO_VARKEYWORDS
from pathlib import Path
from types import CodeType
from typing import Any

from codememory.bundle import PACKAGE
from codememory.tabling import Table, tables_of

Functions = tuple[tuple[str, int, int, bool], ...]
"""Functions left for later: where the code of each lies, and does it name what else was left of its module."""

Names = dict[str, frozenset[str]]
"""Module → some of its functions."""


def compiled_source(path: str) -> CodeType:
    """Compile a module that is read by itself."""
    return compiled(_slim(Path(path).read_text("utf-8"), path), path)


def compiled(tree: ast.Module, path: str) -> CodeType:
    """Compile statements without docstrings and assertions."""
    flags = __future__.annotations.compiler_flag
    return _renamed(compile(tree, path, "exec", flags, dont_inherit=True, optimize=2))


def _renamed(code: CodeType) -> CodeType:
    """Give variables of functions, but for what they are called with, names that all share: each name takes time."""
    parts = tuple(_renamed(one) if isinstance(one, CodeType) else one for one in code.co_consts)
    given = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS)
    given += bool(code.co_flags & CO_VARKEYWORDS)
    names = code.co_varnames[:given]
    return code.replace(
        co_consts=parts, co_varnames=names + tuple(f"v{number}" for number in range(given, code.co_nlocals))
    )


class Compiled:
    """A module of the package, and the names of the modules it may import: at its top, and later.

    `left` are the statements that do not run with it, `named` the names that the others may look up; of a module that
    `looks_up` by itself what it does not have, nothing is left.
    """

    def __init__(self, path: str, is_package: bool) -> None:
        self.path, self.is_package = path, is_package
        self.tree = _slim(Path(path).read_text("utf-8"), path)
        self.later = _imported(ast.walk(self.tree))
        functions = [one.name for one in self.tree.body if isinstance(one, ast.FunctionDef)]
        self.looks_up = "__getattr__" in functions or (is_package and not functions)
        self.left: set[ast.stmt] = set()
        self.named: set[str] = set()

    @property
    def top(self) -> list[str]:
        """Return the modules that are to run before this one."""
        return _imported(one for one in self.tree.body if one not in self.left)

    def split(
        self, put: Callable[[Any], tuple[int, int]]
    ) -> tuple[dict[str, Any], CodeType, Functions, tuple[int, int] | None]:
        """Return the module's tables and code, the functions left for later that are named, and where all else lies."""
        left = [one for one in self.tree.body if one in self.left]
        functions = [one for one in left if isinstance(one, ast.FunctionDef)]
        unnamed = {one.name for one in functions} - self.named
        unnamed = unnamed.union(*(_defined(one) for one in left))
        later = [(one.name, *put(self._code([one])), not unnamed.isdisjoint(_names_in(one))) for one in functions]
        rest = [one for one in left if one not in functions]
        named = tuple(one for one in later if one[0] in self.named)
        others = tuple(one for one in later if one not in named)
        kept = [one for one in self.tree.body if one not in self.left]
        more = put((tables_of(rest), self._code(rest), others)) if left else None
        return tables_of(kept), self._code(kept), named, more

    def functions(self, names: frozenset[str]) -> CodeType:
        """Return the code of some functions that were left."""
        return self._code([one for one in self.tree.body if one in self.left and _is_function(one, names)])

    def _code(self, statements: list[ast.stmt]) -> CodeType:
        return compiled(ast.Module([one for one in statements if not isinstance(one, Table)], []), self.path)


def _names_in(statement: ast.stmt) -> set[str]:
    """Return every name that a statement could look up."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name)
    return found


def _is_function(statement: ast.stmt, names: frozenset[str]) -> bool:
    return isinstance(statement, ast.FunctionDef) and statement.name in names


def _may_wait(statement: ast.stmt, hot: frozenset[str]) -> bool:
    """Tell whether a statement does nothing but give names a meaning, and is no function that ordinary hooks call."""
    if isinstance(statement, ast.FunctionDef):
        return not statement.decorator_list and not _is_function(statement, hot)
    return bool(_defined(statement))


def _defined(statement: ast.stmt) -> set[str]:
    """Return the names that a class, an import or a plain assignment gives a meaning."""
    if isinstance(statement, ast.ClassDef):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    parts = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return names if len(names) == len(parts) else set()


def leave_for_later(found: dict[str, Compiled], hot: Names, warm: Iterable[tuple[str, frozenset[str]]] = ()) -> None:
    """Keep of modules what hot and warm functions name, directly or by way of what these name.

    Only names are compared, whatever they belong to: what is kept needlessly costs little, and what was left is read
    when it is looked for.
    """
    named: set[str] = set()
    for name, more in warm:
        if name in found:
            named = named.union(*(_names_in(one) for one in found[name].tree.body if _is_function(one, more)))
    waiting: list[tuple[Compiled, ast.stmt]] = []
    for name, one in found.items():
        for statement in one.tree.body:
            if not one.looks_up and _may_wait(statement, hot.get(name, frozenset())):
                waiting.append((one, statement))
            else:
                named |= _names_in(statement)
    while True:
        wanted = [both for both in waiting if not named.isdisjoint(_defined(both[1]))]
        if not wanted:
            break
        waiting = [both for both in waiting if both not in wanted]
        named = named.union(*(_names_in(statement) for _, statement in wanted))
    for one in found.values():
        one.left, one.named = {statement for owner, statement in waiting if owner is one}, named


def _imported(nodes: Iterable[ast.AST]) -> list[str]:
    """Return the modules of this package that these statements may name, in their order."""
    found = []
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == PACKAGE:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


def _slim(source: str, path: str) -> ast.Module:
    """Return a module without what no run of it needs: annotations, and what is for type checkers only."""

    class Slim(ast.NodeTransformer):
        def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
            if node.module == "__future__":
                return None
            return [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]

        def visit_If(self, node: ast.If) -> Any:
            if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                return [self.visit(one) for one in node.orelse]
            return self.generic_visit(node)

        def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
            made_of_annotations = node.bases or node.decorator_list
            return node if made_of_annotations else self.generic_visit(node)

        def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
            target = node.targets[0]
            return None if isinstance(target, ast.Name) and target.id == "TYPE_CHECKING" else self.generic_visit(node)

        def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
            plain = ast.Assign([node.target], self.visit(node.value)) if node.value else ast.Pass()
            return ast.copy_location(plain, node)

        def visit_arg(self, node: ast.arg) -> ast.AST:
            node.annotation = None
            return node

        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
            node.returns = None
            return self.generic_visit(node)

    slim: ast.Module = ast.fix_missing_locations(Slim().visit(ast.parse(source, path)))
    return slim
