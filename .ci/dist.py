"""Make one executable file of the program and its packages, as they are installed beside this interpreter.

usage: python .ci/dist.py OUTPUT

Nothing is fetched: what the lock file names is taken from the running environment. The file fits this Python's version
and this system only, because some packages hold compiled code.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = Path(__file__).with_name("dist-head.sh")
LEFT_OUT = ("tests", "test", "__pycache__")
BUILD_ONLY = ("flit-core", "flit_core")


def locked(path: Path) -> Iterator[str]:
    """Yield the names of the packages in a lock file."""
    for line in path.read_text().splitlines():
        name, equals, _ = line.partition("==")
        if equals and not line.startswith((" ", "#")) and name not in BUILD_ONLY:
            yield name.strip()


def files() -> Iterator[tuple[str, Path]]:
    """Yield (name in the archive, file) of the program and of every installed package it needs."""
    for path in sorted((ROOT / "codememory").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(ROOT)), path
    for name in locked(ROOT / "requirements.lock"):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # of another system
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if not file.parts[0].startswith("..") and not set(file.parts) & set(LEFT_OUT) and path.is_file():
                yield str(file), path


def archive() -> bytes:
    """Return everything, packed so that the same files give the same bytes."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, path in sorted(files()):
            info = tarfile.TarInfo(f"site/{name}")
            data = path.read_bytes()
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def main() -> None:
    """Write the file and say how large it is."""
    output = Path(sys.argv[1])
    data = archive()
    head = HEAD.read_text()
    values = {
        "BUILD": hashlib.sha256(data).hexdigest()[:16],
        "PYTHON": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "LINES": str(head.count("\n") + 1),
    }
    for name, value in values.items():
        head = head.replace(f"@{name}@", value)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(head.encode() + data)
    output.chmod(0o755)
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB, for {values['PYTHON']}")


if __name__ == "__main__":
    main()
