"""The single file runs in a clean home, on a Python that has none of our packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("dist") / "codememory"
    subprocess.run([sys.executable, str(ROOT / ".ci" / "dist.py"), str(output)], check=True, capture_output=True)
    return output


def run(built: Path, home: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the file with nothing but a home and the tools of the system, and this Python's own folder."""
    tools = home / "tools"
    tools.mkdir(exist_ok=True)
    link = tools / f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not link.exists():
        link.symlink_to(os.path.realpath(sys.executable))
    environment = {"HOME": str(home), "PATH": f"{tools}:/usr/bin:/bin", "LANG": "C.UTF-8", "CI": "1"}
    return subprocess.run(
        [str(built), *words], env=environment, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_answers_in_a_clean_home_and_unpacks_once(built: Path, tmp_path: Path) -> None:
    assert run(built, tmp_path, "--version").stdout.startswith("codememory ")
    (unpacked,) = (tmp_path / ".cache" / "codememory").iterdir()
    before = (unpacked / "ready").stat().st_mtime_ns
    assert (unpacked / "site" / "codememory.bundle").exists()
    status = run(built, tmp_path, "status", "--json")
    assert json.loads(status.stdout)["counts"]["messages"] == 0
    payload = {"session_id": "s", "cwd": str(tmp_path), "prompt": "hello", "hook_event_name": "UserPromptSubmit"}
    hook = run(built, tmp_path, "hook", "UserPromptSubmit", stdin=json.dumps(payload))
    assert (hook.returncode, hook.stdout, hook.stderr) == (0, "", "")
    assert json.loads(run(built, tmp_path, "status", "--json").stdout)["hooks"]["UserPromptSubmit"]["errors"] == 0
    assert (unpacked / "ready").stat().st_mtime_ns == before


def test_a_hook_of_a_file_that_cannot_be_unpacked_is_silent(built: Path, tmp_path: Path) -> None:
    short = tmp_path / "codememory"
    short.write_bytes(built.read_bytes()[:20_000])
    short.chmod(0o755)
    hook = run(short, tmp_path, "hook", "Stop", stdin="{}")
    assert (hook.returncode, hook.stdout, hook.stderr) == (0, "", "")
    command = run(short, tmp_path, "status")
    assert command.returncode == 1
    assert "could not be unpacked" in command.stderr
