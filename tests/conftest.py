"""What every test has: a home of its own, and a guard over the real one."""

from __future__ import annotations

import os
import pwd
import signal
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from fixtures.claude import FakeClaude
from fixtures.homes import Home
from fixtures.transcripts import Names
from hypothesis import HealthCheck, settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started behind a shell's `&`: a child would not hear of Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

REAL_HOMES = {Path(os.path.expanduser("~")), Path(pwd.getpwuid(os.getuid()).pw_dir)}
REAL_FOLDERS = [home / ".claude" for home in REAL_HOMES]

settings.register_profile(
    "codememory",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("codememory")


def _ours() -> list[str]:
    """Return what the program may have left in the real home."""
    names = ("codememory.db", "codememory.db-wal", "codememory-memory.db", "codememory/codememory.log")
    return [str(folder / name) for folder in REAL_FOLDERS for name in names if (folder / name).exists()]


def _refuse_real_home(connection: apsw.Connection) -> None:
    for folder in REAL_FOLDERS:
        assert not connection.filename.startswith(f"{folder}/"), f"a test opened {connection.filename}"


@pytest.fixture(autouse=True)
def real_home_untouched(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give every test another HOME, refuse databases in the real one, and look afterwards that nothing was made there.

    A database that was there before is the developer's own, and their own client may be at it.
    """
    before = _ours()
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp() / "no-home"))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    monkeypatch.setattr(apsw, "connection_hooks", [*apsw.connection_hooks, _refuse_real_home])
    yield
    made = [path for path in _ours() if path not in before]
    assert not made, f"the test wrote into the real home: {made}"


@pytest.fixture
def claude(home: Home) -> FakeClaude:
    """Return the stand-in for the client, which may be asked often, in a home where nothing is too fresh for a leaf."""
    home.set(CODEMEMORY_LLM_CALLS_PER_HOUR="50", CODEMEMORY_COMPACTION_FRESH_TAIL_COUNT="0")
    return FakeClaude(home)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a scratch home."""
    return Home(tmp_path / "home", monkeypatch)


@pytest.fixture
def connection(home: Home) -> apsw.Connection:
    """Return the open database of the scratch home."""
    return home.connect()


@pytest.fixture
def names() -> Names:
    """Return a source of repeatable names."""
    return Names()
