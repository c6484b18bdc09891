"""Certificates of the tests' own making, by openssl."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

NAME = "db.team.test"


class Certificates:
    """An authority with a server's certificate for `NAME`, another one that has expired, and an authority of others."""

    def __init__(self, owner: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="codememory-tls-"))
        self.folder.chmod(0o755)
        self.authority, self.others = self._authority("ours"), self._authority("others")
        self.server, self.expired = self._signed("server", 2), self._signed("expired", 0)
        for path in self.folder.iterdir():
            os.chown(path, owner, -1)
            path.chmod(0o600 if path.suffix == ".key" else 0o644)

    def settings(self, name: str) -> dict[str, str]:
        """Return what a server is started with that uses a certificate."""
        certificate = self.folder / f"{name}.pem"
        return {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(certificate.with_suffix(".key"))}

    def _authority(self, name: str) -> Path:
        made = self.folder / f"{name}.pem"
        self._openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-out", made,
            "-keyout", made.with_suffix(".key"),
        )  # fmt: skip
        return made

    def _signed(self, name: str, days: int) -> Path:
        made, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        asked, names = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        names.write_text(f"subjectAltName=DNS:{NAME}\n")
        self._openssl(
            "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", "-keyout", key, "-out", asked
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", asked, "-CA", self.authority, "-CAkey", self.authority.with_suffix(".key"),
            "-CAcreateserial", "-days", str(days), "-extfile", names, "-out", made,
        )  # fmt: skip
        return made

    @staticmethod
    def _openssl(*words: str | Path) -> None:
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, stdin=subprocess.DEVNULL)
