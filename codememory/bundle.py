"""The compiled modules of the hook path in one file: reading one file is cheaper than finding fifty.

An environment that never changes after it was built (the plugin's) gets such a file beside the package (`bundling`
writes it, this module is in it). Everywhere else there is none, and modules are imported as usual. Measured by
`benchmarks/startup.py`.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

    Index = tuple[dict[str, int], list[tuple[int, int]], dict[str, tuple[bool, str]]]
    """The pack that each module is in; where each pack lies; of extension modules whether it is a package, and the
    file. Small numbers, because every hook reads it."""

    Compiled = tuple[str, bool, CodeType, tuple[tuple[str, int, int], ...]]
    """A module's name; is it a package; its code; the functions left out of that, and where each one's code lies."""

NAME = "codememory.bundle"
PACKAGE = "codememory"


class Bundle:
    """Finds and runs the modules of a bundle file: compiled ones lie in it, of extensions it knows where they are."""

    def __init__(self, site: str, file: int, index: Index) -> None:
        self.site, self.file = site, file
        self.pack_of, self.packs, self.extensions = index

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
        compiled: list[Compiled] = marshal.loads(os.pread(self.file, size, offset))
        for name, is_package, code, later in compiled:
            if name in modules:
                continue
            modules[name] = module = new_module(name)
            names = module.__dict__
            if is_package:
                names["__path__"] = [f"{self.site}/{name.replace('.', '/')}"]
            for one in later:
                names[one[0]] = Later(self.file, names, *one)
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

    __slots__ = ("file", "name", "names", "offset", "size")

    def __init__(self, file: int, names: dict[str, Any], name: str, offset: int, size: int) -> None:
        self.file, self.names, self.name, self.offset, self.size = file, names, name, offset, size

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call the function."""
        function = self.names[self.name]
        if function is self:
            exec(marshal.loads(os.pread(self.file, self.size, self.offset)), self.names)
            function = self.names[self.name]
        return function(*values, **named)


def install(site: str, file: int, index: Index) -> None:
    """Import from a bundle from now on; its file stays open."""
    sys.meta_path.insert(0, Bundle(site, file, index))


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    from codememory.bundling import write

    write(sys.argv[1])
