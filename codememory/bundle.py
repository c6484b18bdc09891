"""The compiled modules of the hook path in one file: reading one file is cheaper than finding fifty.

An environment that never changes after it was built (the plugin's) gets such a file beside the package. Everywhere
else there is none, and modules are imported as usual. Measured by `benchmarks/startup.py`.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib import ModuleSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

NAME = "codememory.bundle"
PACKAGE = "codememory"
SIZE_BYTES = 8
HEAD_BYTES = 16_384
"""Read at once; a longer index is read again whole."""
LEFT_OUT = frozenset(
    "cli explore __main__.py bootstrap.py bundle.py backfill.py doctor.py overview.py marking.py migrations.py"
    " ask.py evidence.py".split()
)
"""What no hook imports, or hardly ever: it is found as usual."""


class Bundle:
    """Finds and loads the modules of a bundle file: an index, then compiled modules, each read when wanted."""

    def __init__(self, site: str, file: int, start: int, index: dict[str, tuple[bool, int, int]]) -> None:
        self.site, self.file, self.start, self.index = site, file, start, index

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return how to load a module of the bundle, None for any other."""
        part = self.index.get(name)
        if part is None:
            return None
        spec = ModuleSpec(name, self, is_package=part[0])  # type: ignore[arg-type]
        if part[0]:
            spec.submodule_search_locations = [f"{self.site}/{name.replace('.', '/')}"]
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system make the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's code."""
        _, offset, size = self.index[module.__name__]
        exec(marshal.loads(os.pread(self.file, size, self.start + offset)), module.__dict__)


def install(site: str) -> None:
    """Import from the bundle in a folder of packages, if this interpreter wrote one there; the file stays open."""
    try:
        file = os.open(f"{site}/{NAME}", os.O_RDONLY)
        head = os.pread(file, HEAD_BYTES, 0)
        size = int.from_bytes(head[:SIZE_BYTES], "little")
        if size > HEAD_BYTES - SIZE_BYTES:
            head = os.pread(file, SIZE_BYTES + size, 0)
        writer, index = marshal.loads(head[SIZE_BYTES : SIZE_BYTES + size])
    except (OSError, ValueError, EOFError, TypeError, AttributeError):
        return
    if writer == _writer(site):
        sys.meta_path.insert(0, Bundle(site, file, SIZE_BYTES + size, index))


def _writer(site: str) -> tuple[str, int]:
    """Return what makes a bundle valid: the interpreter, and the package as it was installed."""
    return sys.version, os.stat(f"{site}/{PACKAGE}/__init__.py").st_mtime_ns


def write(site: str) -> None:
    """Compile the hook path's modules in a folder of packages into its bundle; docstrings are left out."""
    index: dict[str, tuple[bool, int, int]] = {}
    codes = bytearray()
    for folder, folders, names in os.walk(os.path.join(site, PACKAGE)):
        folders[:] = [one for one in folders if one not in LEFT_OUT and one != "__pycache__"]
        for name in sorted(names):
            if not name.endswith(".py") or name in LEFT_OUT:
                continue
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as source:
                code = compile(source.read(), path, "exec", dont_inherit=True, optimize=2)
            module = os.path.relpath(path, site)[:-3].replace(os.sep, ".")
            is_package = name == "__init__.py"
            data = marshal.dumps(code)
            index[module.removesuffix(".__init__")] = (is_package, len(codes), len(data))
            codes += data
    target = os.path.join(site, NAME)
    with open(target + ".new", "wb") as file:
        head = marshal.dumps((_writer(site), index))
        file.write(len(head).to_bytes(SIZE_BYTES, "little") + head + codes)
    os.replace(target + ".new", target)


if __name__ == "__main__":
    write(sys.argv[1])
