"""A PostgreSQL server of the distribution's package: on loopback, in a folder of its own, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "off", "max_connections": "120", "shared_buffers": "128MB",
    "log_min_messages": "fatal", "logging_collector": "off",
}  # fmt: skip


def binaries() -> Path | None:
    """Return the folder of the server's programs, None where it is not installed; CODEMEMORY_PG_BIN names another."""
    if named := os.environ.get("CODEMEMORY_PG_BIN"):
        return Path(named)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def partitioning() -> str:
    """Return the statements by which docs/TEAM splits a log by project."""
    document = Path(__file__).resolve().parents[2] / "docs" / "TEAM.md"
    return document.read_text("utf-8").partition("```sql\n")[2].partition("```")[0]


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One server; roles are let in without a password, because it listens on loopback only."""

    def __init__(self, programs: Path, settings: dict[str, str] | None = None, behind: Server | None = None) -> None:
        """Make and start one, with settings of its own; `behind` is the server that it is a replica of."""
        self.programs, self.port, self.settings = programs, free_port(), {**SETTINGS, **(settings or {})}
        self.root = Path(tempfile.mkdtemp(prefix="codememory-team-"))
        self.owner = self.owner_of()
        if os.getuid() == 0:
            os.chown(self.root, self.owner.pw_uid, self.owner.pw_gid)
        self.data = self.root / "data"
        self.process: subprocess.Popen[bytes] | None = None
        if behind is None:
            words = ("-U", "admin", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
            self.program("initdb", "-D", self.data, *words)
        else:
            words = ("-U", "admin", "-h", "127.0.0.1", "-p", str(behind.port), "-R", "-c", "fast", "--no-sync")
            self.program("pg_basebackup", "-D", self.data, *words)
        self.start()

    @staticmethod
    def owner_of() -> pwd.struct_passwd:
        """Return whom a server runs as: never root."""
        if os.getuid():
            return pwd.getpwuid(os.getuid())
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            return pwd.getpwnam("nobody")

    def words(self, name: str, *words: Any) -> list[str]:
        """Return the command line of one of the server's programs, as its owner."""
        known = [str(self.programs / name), *map(str, words)]
        if os.getuid() == 0:
            user = ["setpriv", f"--reuid={self.owner.pw_uid}", f"--regid={self.owner.pw_gid}", "--clear-groups"]
            return [*user, *known]
        return known

    def program(self, name: str, *words: Any) -> bytes:
        """Run one of the server's programs and return its output."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root), "LC_ALL": "C"}
        done = subprocess.run(
            self.words(name, *words), capture_output=True, cwd=self.root, env=environment, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        words = self.words("postgres", "-D", self.data, "-p", self.port, "-k", self.root, *settings)
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(words, cwd=self.root, stdout=subprocess.DEVNULL, stderr=log)
        for _ in range(200):
            try:
                psycopg.connect(self.dsn("admin", "postgres")).close()
            except psycopg.OperationalError:
                import time

                time.sleep(0.05)
            else:
                return
        raise AssertionError("PostgreSQL does not start")

    def stop(self, *, kill: bool = False) -> None:
        """End it: in order, or as a power cut does."""
        if self.process is not None:
            self.program("pg_ctl", "stop", "-D", self.data, "-m", "immediate" if kill else "fast", "-w")
            self.process.wait(30)
            self.process = None

    def remove(self) -> None:
        """End it and take its folder away."""
        self.stop(kill=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def dsn(self, role: str, database: str, port: int = 0) -> str:
        """Return how a role reaches a database."""
        return f"host=127.0.0.1 port={port or self.port} user={role} dbname={database}"

    def execute(self, database: str, statement: str, role: str = "admin") -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        with psycopg.connect(self.dsn(role, database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def dump(self, database: str) -> bytes:
        """Back a database up."""
        return self.program("pg_dump", "-h", "127.0.0.1", "-p", self.port, "-U", "admin", "-Fc", database)

    def restore(self, database: str, backup: bytes) -> None:
        """Put a backup in the place of a database."""
        file = self.root / "backup"
        file.write_bytes(backup)
        file.chmod(0o644)
        self.execute("postgres", f"DROP DATABASE {database} WITH (FORCE)")
        self.execute("postgres", f"CREATE DATABASE {database}")
        self.program("pg_restore", "-h", "127.0.0.1", "-p", self.port, "-U", "admin", "-d", database, file)
