"""Write the file that `bundle` reads: the modules of the hook path, compiled, without what no run of them needs."""

from __future__ import annotations

import ast
import marshal
import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.machinery import ExtensionFileLoader
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from codememory.__main__ import HEAD_BYTES
from codememory.bundle import NAME, PACKAGE, installed_at
from codememory.slimming import Compiled, Names, compiled, compiled_source, leave_for_later
from codememory.tabling import make_tables

READER = "codememory.bundle"
PACKS = (
    "faces hook config repository wire",
    "db moment moments ingest outcomes retrieve.render store.counters store.transcripts"
    " extract.command extract.effects extract.signature redact.roles moments.tool store.attempts",
    "extract.outcome extract.reading extract.general extract.diagnostics extract.shells extract.error_rules",
    "remedy",
    "repair",
    "moments.prompt retrieve.search",
    "moments.session_start renames store.provisional",
    "guard",
)
"""What is wanted together is read and run together, with all that it imports at its top, but for what an earlier pack
has: names are half of what there is to read, and so they are read once and not for every module. SQLite is loaded
between the first and the second. Every other module is a pack of its own."""

OTHER_FACES = (f"{PACKAGE}.cli", f"{PACKAGE}.mcp")
"""No hook imports these."""

HOT = "hot_functions.txt"
"""Beside this module: the functions that ordinary hooks call, written by `python -m benchmarks.hot_functions`. Those
that few call, but most of those which want a certain pack, are read with that pack. The others of a module are read
when one of them is called, and so is all that only they name: imports, classes, tables."""

EXTENSIONS = ("apsw", "_json", "_blake2", "math", "zlib")
"""Found by their place, these spare a hook the listing of three large folders."""


def write(site: str) -> None:
    """Compile what hooks import, directly or by way of others, in a folder of packages into its bundle."""
    hot, warm = hot_functions(f"{site}/{PACKAGE}/{HOT}")
    found: dict[str, Compiled] = {}
    pack_of: dict[str, int] = {}
    packs: list[tuple[int, int]] = []
    codes = bytearray()

    def put(value: Any) -> tuple[int, int]:
        data = marshal.dumps(value)
        codes.extend(data)
        return HEAD_BYTES + len(codes) - len(data), len(data)

    def put_pack(names: list[str]) -> None:
        pack_of.update(dict.fromkeys(names, len(packs)))
        parts = _parts(names, found, put)
        for name, more in (one for lead in names for one in warm.get(lead, {}).items()):
            if name not in names and name in pack_of:
                parts.append((name, None, {}, found[name].functions(more), (), None))
        packs.append(put(parts))

    whole: dict[str, Compiled] = {}
    if hot:
        for name in [f"{PACKAGE}.{name}" for pack in PACKS for name in pack.split()] + list(hot):
            _collect(site, name, whole, {})
        for name, one in whole.items():
            make_tables(one.tree, import_module(name))
        leave_for_later(whole, hot, [more for modules in warm.values() for more in modules.items()])
    for pack in PACKS:
        for name in pack.split():
            _collect(site, f"{PACKAGE}.{name}", found, whole)
        put_pack([name for name in found if name not in pack_of])
    wanted = [f"{PACKAGE}.moments.{path.stem}" for path in sorted(Path(site, PACKAGE, "moments").glob("*.py"))]
    wanted += [later for one in found.values() for later in one.later]
    while wanted:
        before = len(found)
        module = wanted.pop()
        if module.startswith(OTHER_FACES):
            continue
        _collect(site, module, found, whole)
        for name in list(found)[before:]:
            put_pack([name])
            wanted += found[name].later
    extensions = {name: place for name in EXTENSIONS if (place := _extension(name))}
    reader = compiled_source(f"{site}/{PACKAGE}/bundle.py")
    head = sys.version.encode() + marshal.dumps((reader, (installed_at(site), pack_of, packs, extensions)))
    if len(head) > HEAD_BYTES:
        raise ValueError("the head of the bundle is too long")
    target = os.path.join(site, NAME)
    with open(target + ".new", "wb") as file:
        file.write(head.ljust(HEAD_BYTES, b"\0") + codes)
    os.replace(target + ".new", target)


def hot_functions(path: str) -> tuple[Names, dict[str, Names]]:
    """Return the functions that ordinary hooks call, and those wanted with a certain module: module → module → names.

    Without the list nothing is left for later.
    """
    hot: Names = {}
    warm: dict[str, Names] = {}
    for line in Path(path).read_text("utf-8").splitlines() if os.path.exists(path) else []:
        module, _, names = line.partition(":")
        lead, plus, module = module.rpartition(" + ")
        wanted = warm.setdefault(f"{PACKAGE}.{lead}", {}) if plus else hot
        wanted[f"{PACKAGE}.{module}"] = frozenset(names.split())
    return hot, warm


def _extension(name: str) -> tuple[bool, str] | None:
    """Return whether an extension module is a package, and its file; None for one that is built in or not there."""
    spec = find_spec(name)
    if spec is None or not isinstance(spec.loader, ExtensionFileLoader) or spec.origin is None:
        return None
    return spec.submodule_search_locations is not None, spec.origin


def _collect(
    site: str, module: str, found: dict[str, Compiled], known: dict[str, Compiled], begun: frozenset[str] = frozenset()
) -> None:
    """Compile a module after the modules it imports at its top, in the order in which they run.

    A package that imports its own modules runs after these (see `_parts`).
    """
    path = f"{site}/{module.replace('.', '/')}"
    is_package = os.path.isdir(path)
    path += "/__init__.py" if is_package else ".py"
    if module in begun or module == READER or module.endswith(".__init__") or not os.path.exists(path):
        return
    if "." in module:
        _collect(site, module.rpartition(".")[0], found, known, begun)
    if module in found:
        return
    one = known.get(module) or Compiled(path, is_package)
    for name in one.top:
        _collect(site, name, found, known, begun | {module})
    found[module] = one


def _parts(names: list[str], found: dict[str, Compiled], put: Callable[[Any], tuple[int, int]]) -> list[Any]:
    """Return the modules of a pack as they are run: a package that runs after its own modules is made before them."""
    made: list[Any] = []
    parts: list[Any] = []
    for at, name in enumerate(names):
        one = found[name]
        is_made = any(other.startswith(f"{name}.") for other in names[:at])
        if is_made:
            made.append((name, True, {}, compiled(ast.Module([], []), one.path), (), None))
        parts.append((name, None if is_made else one.is_package, *one.split(put)))
    return made + parts
