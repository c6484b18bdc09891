"""The real client in a scratch home: install it, run sessions, read back what it wrote."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .scripted_api import Block, ScriptedApi

PACKAGE = "@anthropic-ai/claude-code"
VERSION = "2.1.197"
REPOSITORY = Path(__file__).resolve().parents[2]
SESSION_SECONDS = 120
# What a package client needs to reach its registry; nothing else of the caller's environment gets in.
PASSED_ON = (
    "PIP_",
    "UV_",
    "npm_config_",
    "SSL_CERT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def install() -> Path:
    """Install the pinned client from npm into a cache folder, once, and return its executable."""
    cache = Path(os.environ.get("CODEMEMORY_CLIENT_CACHE") or REPOSITORY / ".cache" / "client") / VERSION
    cache.mkdir(parents=True, exist_ok=True)
    executable = cache / "node_modules" / ".bin" / "claude"
    with (cache / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (cache / "installed").exists():
            words = ["npm", "install", "--prefix", str(cache), "--no-audit", "--no-fund", f"{PACKAGE}@{VERSION}"]
            subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=600)
            answer = subprocess.run([executable, "--version"], check=True, capture_output=True, text=True, timeout=60)
            assert VERSION in answer.stdout, answer.stdout
            (cache / "installed").touch()
    return executable


class Client:
    """One scratch home with one project folder, and the client that lives in it."""

    def __init__(self, executable: Path, home: Path, api: ScriptedApi, program: Path | None) -> None:
        """Make the home; `program` becomes CODEMEMORY_BIN, None leaves the launcher to find or build one."""
        self.executable, self.home, self.api = executable, home, api
        self.project = home / "code" / "shop"
        self.project.mkdir(parents=True)
        self.config = home / ".claude"
        self.debug = home / "debug.log"
        passed = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
        self.environment = {
            **passed,
            "HOME": str(home),
            "PATH": os.pathsep.join(self.path_folders()),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
            "ANTHROPIC_API_KEY": "sk-ant-dummy-0000",
            "ANTHROPIC_BASE_URL": api.url,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **({"CODEMEMORY_BIN": str(program)} if program else {}),
        }

    def path_folders(self) -> list[str]:
        """Return the folders of the tools that a session needs, without any that holds a codememory."""
        folders = [
            str(Path(found).parent) for name in ("python3", "git", "node", "sh") if (found := shutil.which(name))
        ]
        return list(dict.fromkeys([*folders, "/usr/local/bin", "/usr/bin", "/bin"]))

    def run(self, *words: str | Path, timeout: float = SESSION_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run the client with these arguments in the project folder."""
        return subprocess.run(
            [self.executable, *words],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def session(
        self,
        prompt: str,
        turns: list[list[Block]],
        *words: str,
        agents: dict[str, list[list[Block]]] | None = None,
        plugin: Path | None = REPOSITORY,
    ) -> list[dict[str, Any]]:
        """Run one `-p` session with a script and return the requests that the model was sent."""
        self.api.play(turns, agents)
        plugin_words = ("--plugin-dir", str(plugin)) if plugin else ()
        tools = "Bash Write Edit Read Skill Agent Task"
        done = self.run(
            "-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", tools, *plugin_words,
            "--debug-file", self.debug, *words,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "hook" not in (done.stdout + done.stderr).lower(), done.stdout + done.stderr
        assert "Hook JSON output validation failed" not in self.debug_text(), self.debug_text()
        return [request for request in self.api.requests if request.get("tools")]

    def debug_text(self) -> str:
        """Return the client's own debug log."""
        return self.debug.read_text("utf-8", "replace") if self.debug.exists() else ""

    def transcripts(self) -> list[Path]:
        """Return every transcript of the home, oldest first, subagents included."""
        return sorted(self.config.glob("projects/**/*.jsonl"), key=lambda path: path.stat().st_mtime)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield every line of every transcript."""
        for path in self.transcripts():
            for line in path.read_text("utf-8").splitlines():
                yield json.loads(line)

    def hook_records(self) -> list[dict[str, Any]]:
        """Return what the client wrote down about hook runs: successes, errors, cancellations, injected texts."""
        found = (line.get("attachment") or {} for line in self.lines() if line.get("type") == "attachment")
        return [attachment for attachment in found if str(attachment.get("type", "")).startswith("hook_")]


def wait_for(what: str, seconds: float, condition: Any) -> None:
    """Poll until `condition()` is true; fail with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {seconds} s"
        time.sleep(0.2)
