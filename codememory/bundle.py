"""The compiled modules of the hook path in one file: reading one file is cheaper than finding fifty.

An environment that never changes after it was built (the plugin's) gets such a file beside the package (`bundling`
writes it, this module is in it). Everywhere else there is none, and modules are imported as usual. Measured by
`benchmarks/startup.py`.
"""

from __future__ import annotations

import marshal
import posix
import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

    Index = tuple[int, dict[str, int], list[tuple[int, int]], dict[str, tuple[bool, str]]]
    """When the package was installed; the pack that each module is in; where each pack lies; of extension modules
    whether it is a package, and the file. Small numbers, because every hook reads it."""

    Functions = tuple[tuple[str, int, int, bool], ...]
    """Functions left for later: where the code of each lies, and does it name what else was left of its module."""

    Compiled = tuple[str, bool | None, dict[str, Any], CodeType, Functions, tuple[int, int] | None]
    """A module's name; is it a package, None for more of a module that ran; its tables; its code; the functions left
    out of that; where all else lies that was."""

NAME = "codememory.bundle"
PACKAGE = "codememory"


class Bundle:
    """Finds and runs the modules of a bundle file: compiled ones lie in it, of extensions it knows where they are."""

    def __init__(self, site: str, file: int, index: Index) -> None:
        self.site, self.file = site, file
        _, self.pack_of, self.packs, self.extensions = index

    def find_spec(self, name: str, search: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return how to load a module of the bundle, None for any other."""
        if name in self.extensions:
            from _frozen_importlib_external import ExtensionFileLoader

            is_package, path = self.extensions[name]
            spec = ModuleSpec(name, ExtensionFileLoader(name, path), origin=path, is_package=is_package)
            if is_package:
                spec.submodule_search_locations = [path.rpartition("/")[0]]
            return spec
        pack = self.pack_of.get(name)
        if pack is None:
            return None
        if name not in sys.modules:
            self._run_pack(*self.packs[pack])
        spec = ModuleSpec(name, self)  # type: ignore[arg-type]
        spec.submodule_search_locations = getattr(sys.modules[name], "__path__", None)
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module, which ran with its pack."""
        return sys.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Leave the module as it is: it ran with its pack."""

    def _run_pack(self, offset: int, size: int) -> None:
        """Run the modules of a pack, each after those it imports.

        The import system would take eight times as long for each.
        """
        modules = sys.modules
        new_module = type(sys)
        compiled: list[Compiled] = marshal.loads(posix.pread(self.file, size, offset))
        for name, is_package, tables, code, later, rest in compiled:
            if (name in modules) is not (is_package is None):  # it ran; or it did not, so there is no more of it
                continue
            module = modules.get(name) or new_module(name)
            modules[name] = module
            names = module.__dict__
            if is_package:
                names["__path__"] = [f"{self.site}/{name.replace('.', '/')}"]
            names.update(tables)
            for one in later:
                names[one[0]] = Later(self.file, names, *one)
            if rest:
                names["__getattr__"] = Rest(self.file, names, *rest)
            try:
                exec(code, names)
            except BaseException:
                del modules[name]
                raise
            parent, _, own = name.rpartition(".")
            if parent:
                setattr(modules[parent], own, module)


class Later:
    """Stands for a function that ordinary hooks do not call, wherever it was imported to; read when it is called."""

    __slots__ = ("file", "name", "names", "needs_rest", "offset", "size")

    def __init__(self, file: int, names: dict[str, Any], name: str, offset: int, size: int, needs_rest: bool) -> None:
        self.file, self.names, self.name, self.offset, self.size = file, names, name, offset, size
        self.needs_rest = needs_rest

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call the function."""
        function = self.names[self.name]
        if function is self:
            rest = self.names.get("__getattr__")
            if self.needs_rest and type(rest) is Rest:
                rest.read()
            exec(marshal.loads(posix.pread(self.file, self.size, self.offset)), self.names)
            function = self.names[self.name]
        return function(*values, **named)


class Rest:
    """Stands for what of a module no hot function names: read when it is looked for, or a function that may need it."""

    __slots__ = ("file", "names", "offset", "size")

    def __init__(self, file: int, names: dict[str, Any], offset: int, size: int) -> None:
        self.file, self.names, self.offset, self.size = file, names, offset, size

    def __call__(self, name: str) -> Any:
        """Return what a module has under a name; called by the interpreter where it has none."""
        if not name.startswith("__"):
            self.read()
            if name in self.names:
                return self.names[name]
        raise AttributeError(f"module {self.names['__name__']!r} has no attribute {name!r}")

    def read(self) -> None:
        """Complete the module, once."""
        if self.names.pop("__getattr__", None) is self:
            tables, code, functions = marshal.loads(posix.pread(self.file, self.size, self.offset))
            self.names.update(tables)
            for one in functions:
                self.names[one[0]] = Later(self.file, self.names, *one)
            exec(code, self.names)


def install(site: str, file: int, index: Index) -> None:
    """Import from a bundle from now on, if it was written of this very package; its file stays open."""
    if index[0] != installed_at(site):
        return
    sys.setdlopenflags(posix.RTLD_LAZY)  # of what extensions call, a hook calls little
    sys.meta_path.insert(0, Bundle(site, file, index))
    if "os" not in sys.modules:
        lend_os()


def installed_at(site: str) -> int:
    """Return when the package in a folder of packages was installed, in nanoseconds."""
    return posix.stat(f"{site}/{PACKAGE}/__init__.py").st_mtime_ns


def lend_os() -> None:
    """Put the system's own calls in the place of `os`, which costs a tenth of a bare start.

    Without `site` nothing has loaded it yet. At the first look for anything else the module becomes the real one.
    """
    lent = type(sys)("os")
    names = lent.__dict__
    names.update(posix.__dict__, __name__="os", name="posix", __spec__=None, __getattr__=_of_the_real_os)
    code = sys.getfilesystemencoding()
    variables = {
        name.decode(code, "surrogateescape"): value.decode(code, "surrogateescape")
        for name, value in posix.environ.items()
    }
    names["environ"] = type(type.__dict__)(variables)  # to be read only: the real one would not know of a change
    sys.modules["os"] = lent
    import posixpath  # with `os` in place it costs next to nothing

    names["path"] = sys.modules["os.path"] = posixpath


def _of_the_real_os(name: str) -> Any:
    if name.startswith(("__", "O_")):  # asked for by the import system; and flags that only other systems have
        raise AttributeError(name)
    from _frozen_importlib import _exec, _find_spec  # type: ignore[attr-defined]

    lent = sys.modules["os"]
    lent.__dict__.pop("__getattr__", None)
    _exec(_find_spec("os", None), lent)  # as `importlib.reload` does
    return getattr(lent, name)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from codememory.bundling import write

    write(sys.argv[1])
