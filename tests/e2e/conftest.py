"""The real client for the end-to-end tests: without npm they are skipped, or fail where they are required."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .client import Client, install
from .scripted_api import ScriptedApi, serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as end-to-end."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def executable() -> Path:
    """Return the pinned real client."""
    if not shutil.which("npm"):
        reason = "npm is not installed: the real client cannot be fetched"
        if os.environ.get("CODEMEMORY_E2E_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    return install()


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    """Return a scripted Messages API."""
    with serving() as server:
        yield server


MakeClient = Callable[..., Client]
INSTALLED = Path(sys.executable).with_name("codememory")


@pytest.fixture
def make_client(executable: Path, api: ScriptedApi, tmp_path: Path) -> MakeClient:
    """Return a maker of clients in scratch homes, whose plugin uses the program of this interpreter's environment."""

    def make(home: str = "home", *, program: Path | None = INSTALLED) -> Client:
        return Client(executable, tmp_path / home, api, program)

    return make
