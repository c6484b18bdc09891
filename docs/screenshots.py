"""Make the README's pictures of the view from the demonstration's two sessions, in light, dark and narrow.

    .venv/bin/python -m docs.screenshots [FOLDER]

Needs a Chromium on PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from docs.generate import REPOSITORY

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
IMAGES = REPOSITORY / "docs" / "images"
HEIGHT, WIDE, NARROW = 860, 1200, 390
SHOTS = (("view-overview", "light", WIDE), ("view-failure", "dark", WIDE), ("view-narrow", "light", NARROW))


def page_of(home: Path) -> tuple[Path, str]:
    """Replay the demonstration in a home; return its view and the id of the failure that was fixed and came back."""
    sys.path.insert(0, str(REPOSITORY / "tests"))
    import demo

    stage = demo.Stage(home)
    demo.first_session(stage)
    demo.second_session(stage)
    if stage.wrong:
        sys.exit("\n".join(stage.wrong))
    program = str(demo.PROGRAM)
    path = home / "view.html"
    stage.run([program, "view", "--output", str(path)])
    path.write_text(path.read_text("utf-8").replace(str(home), "~"), "utf-8")
    listed = json.loads(stage.run([program, "memory", "list", "--kind", "failure", "--json"]).stdout)["nodes"]
    return path, next(node["id"] for node in listed if "the books say" in node["content"])


def shoot(browser: Browser, address: str, picture: Path, colours: str, width: int) -> None:
    """Write the picture of one page."""
    page = browser.new_page(viewport={"width": width, "height": HEIGHT}, color_scheme=colours)  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_selector("#main[data-ready]")
    page.screenshot(path=picture)
    page.close()


def main() -> None:
    """Make every picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        sys.exit(f"docs.screenshots: none of {', '.join(BROWSERS)} is on PATH.")
    with tempfile.TemporaryDirectory(prefix="codememory-view-") as home, sync_playwright() as playwright:
        path, failure = page_of(Path(home).resolve())
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=found, args=sandbox)
        for name, colours, width in SHOTS:
            place = "#overview" if name == "view-overview" else f"#node/{failure}"
            shoot(browser, f"{path.as_uri()}{place}", folder / f"{name}.png", colours, width)
            print(f"{folder / name}.png")
        browser.close()


if __name__ == "__main__":
    main()
