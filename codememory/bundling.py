"""Write the file that `bundle` reads: the modules of the hook path, compiled, without what no run of them needs."""

from __future__ import annotations
import __future__

import ast
import marshal
import os
from collections.abc import Callable, Iterable
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any

from codememory.__main__ import BUNDLE_HEAD_BYTES, bundle_writer
from codememory.bundle import NAME, PACKAGE

READER = "codememory.bundle"
PACKS = (
    "hook config repository wire",
    "db moment moments ingest outcomes retrieve.render store.counters store.transcripts"
    " extract.command extract.effects extract.signature",
    "moments.tool",
    "extract.outcome extract.reading extract.general extract.diagnostics extract.shells extract.error_rules"
    " store.attempts",
    "remedy",
    "repair",
    "moments.prompt retrieve.search",
    "moments.session_start renames guard",
)
"""What is wanted together is read and run together, with all that it imports at its top, but for what an earlier pack
has: names are half of what there is to read, and so they are read once and not for every module. SQLite is loaded
between the first and the second. Every other module is a pack of its own."""

HOT = "hot_functions.txt"
"""Beside this module: the functions that ordinary hooks call, written by `python -m benchmarks.hot_functions`. The
others of a module are left out of its code and read when one of them is called."""

EXTENSIONS = ("apsw", "_json", "_blake2", "zlib")
"""Found by their place, these spare a hook the listing of three large folders."""


def write(site: str) -> None:
    """Compile what hooks import, directly or by way of others, in a folder of packages into its bundle."""
    hot = hot_functions(f"{site}/{PACKAGE}/{HOT}")
    found: dict[str, Compiled] = {}
    pack_of: dict[str, int] = {}
    packs: list[tuple[int, int]] = []
    codes = bytearray()

    def put(value: Any) -> tuple[int, int]:
        data = marshal.dumps(value)
        codes.extend(data)
        return BUNDLE_HEAD_BYTES + len(codes) - len(data), len(data)

    def put_pack(names: list[str], unnamed: frozenset[str] | None = None) -> None:
        parts = [(name, found[name].is_package, *found[name].split(hot.get(name, unnamed), put)) for name in names]
        pack_of.update(dict.fromkeys(names, len(packs)))
        packs.append(put(parts))

    for pack in PACKS:
        for name in pack.split():
            _collect(site, f"{PACKAGE}.{name}", found)
        put_pack([name for name in found if name not in pack_of], frozenset() if hot else None)
    wanted = [f"{PACKAGE}.moments.{path.stem}" for path in sorted(Path(site, PACKAGE, "moments").glob("*.py"))]
    wanted += [later for one in found.values() for later in one.later]
    while wanted:
        before = len(found)
        _collect(site, wanted.pop(), found)
        for name in list(found)[before:]:
            put_pack([name])
            wanted += found[name].later
    extensions = {name: place for name in EXTENSIONS if (place := _extension(name))}
    reader = compiled_source(f"{site}/{PACKAGE}/bundle.py")
    head = bundle_writer(site) + marshal.dumps((reader, (pack_of, packs, extensions)))
    if len(head) > BUNDLE_HEAD_BYTES:
        raise ValueError("the head of the bundle is too long")
    target = os.path.join(site, NAME)
    with open(target + ".new", "wb") as file:
        file.write(head.ljust(BUNDLE_HEAD_BYTES, b"\0") + codes)
    os.replace(target + ".new", target)


def hot_functions(path: str) -> dict[str, frozenset[str]]:
    """Return module → its functions that ordinary hooks call; without the list nothing is left for later."""
    lines = Path(path).read_text("utf-8").splitlines() if os.path.exists(path) else []
    return {
        f"{PACKAGE}.{module}": frozenset(names.split()) for module, _, names in (one.partition(":") for one in lines)
    }


def _extension(name: str) -> tuple[bool, str] | None:
    """Return whether an extension module is a package, and its file; None for one that is built in or not there."""
    spec = find_spec(name)
    if spec is None or not isinstance(spec.loader, ExtensionFileLoader) or spec.origin is None:
        return None
    return spec.submodule_search_locations is not None, spec.origin


def compiled_source(path: str) -> CodeType:
    """Compile a module that is read by itself."""
    return _compiled(_slim(Path(path).read_text("utf-8"), path), path)


def _compiled(tree: ast.Module, path: str) -> CodeType:
    flags = __future__.annotations.compiler_flag
    code: CodeType = compile(tree, path, "exec", flags, dont_inherit=True, optimize=2)
    return code


class Compiled:
    """A module of the package, and the names of the modules it may import: at its top, and later."""

    def __init__(self, path: str, is_package: bool) -> None:
        self.path, self.is_package = path, is_package
        self.tree = _slim(Path(path).read_text("utf-8"), path)
        self.top = _imported(self.tree.body)
        self.later = _imported(ast.walk(self.tree))

    def split(
        self, hot: frozenset[str] | None, put: Callable[[Any], tuple[int, int]]
    ) -> tuple[CodeType, tuple[tuple[str, int, int], ...]]:
        """Return the module's code without the functions left for later, these, and where each one was put."""
        left: list[ast.FunctionDef] = []
        if hot is not None:
            functions = [one for one in self.tree.body if isinstance(one, ast.FunctionDef)]
            left = [one for one in functions if not one.decorator_list and one.name not in hot]
        code = _compiled(ast.Module([one for one in self.tree.body if one not in left], []), self.path)
        return code, tuple((one.name, *put(_compiled(ast.Module([one], []), self.path))) for one in left)


def _collect(site: str, module: str, found: dict[str, Compiled]) -> None:
    """Compile a module after the modules it imports at its top, in the order in which they run."""
    path = f"{site}/{module.replace('.', '/')}"
    is_package = os.path.isdir(path)
    path += "/__init__.py" if is_package else ".py"
    if module in found or module == READER or module.endswith(".__init__") or not os.path.exists(path):
        return
    if "." in module:
        _collect(site, module.rpartition(".")[0], found)
    one = Compiled(path, is_package)
    for name in one.top:
        _collect(site, name, found)
    found[module] = one


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
        def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
            return None if node.module == "__future__" else node

        def visit_If(self, node: ast.If) -> Any:
            if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                return [self.visit(one) for one in node.orelse]
            return self.generic_visit(node)

        def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
            made_of_annotations = node.bases or node.decorator_list
            return node if made_of_annotations else self.generic_visit(node)

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
