"""The system's Chromium for the tests of the page: where none is, they are skipped, or fail where they are required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures.browsing import Opened, OpenView
from fixtures.homes import Home
from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        reason = f"none of {', '.join(BROWSERS)} is on PATH: the page cannot be opened"
        if os.environ.get("CODEMEMORY_E2E_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = playwright.chromium.launch(executable_path=found, args=sandbox)
        yield opened
        opened.close()


@pytest.fixture
def open_view(browser: Browser, home: Home, tmp_path: Path) -> Iterator[OpenView]:
    """Return what writes the view of the scratch home and opens it in a window of some width and colours."""
    contexts = []

    def opened(*words: str, width: int = 1280, colours: str = "light") -> Opened:
        path = tmp_path / f"view-{len(contexts)}.html"
        home.json("view", "--output", path, *words)
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colours)  # type: ignore[arg-type]
        contexts.append(context)
        return Opened(context.new_page(), path)

    yield opened
    for context in contexts:
        context.close()
