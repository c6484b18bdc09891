"""One version for the package, the plugin, the launcher and the changelog; one set of packages in both lock files."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import codememory

REPOSITORY = Path(__file__).resolve().parents[2]


def first(pattern: str, name: str) -> str:
    """Return the first match of a pattern's group in a file of the repository."""
    found = re.search(pattern, (REPOSITORY / name).read_text("utf-8"), re.MULTILINE)
    assert found, f"{name} has no {pattern}"
    return found.group(1)


def manifest(name: str) -> dict[str, object]:
    """Return a manifest of the plugin."""
    found: dict[str, object] = json.loads((REPOSITORY / ".claude-plugin" / name).read_text("utf-8"))
    return found


def pinned(name: str) -> dict[str, str]:
    """Return the packages that a lock file pins."""
    text = (REPOSITORY / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def test_every_place_names_the_same_version() -> None:
    version = codememory.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", version), "the launcher looks for exactly this form"
    assert manifest("plugin.json")["version"] == version
    assert first(r"^version=(\S+)$", "bin/codememory") == version
    assert first(r"^## (\d\S+)", "CHANGELOG.md") == version


def test_plugin_and_marketplace_have_one_name() -> None:
    marketplace = manifest("marketplace.json")
    assert marketplace["name"] == manifest("plugin.json")["name"] == "codememory"
    assert [plugin["name"] for plugin in marketplace["plugins"]] == ["codememory"]  # type: ignore[attr-defined]


def test_every_package_is_locked_with_its_hashes() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    names = {re.split(r"[ <>=!~\[]", requirement)[0].replace("_", "-") for requirement in wanted}
    assert names <= set(pinned("requirements.lock"))
    for requirement in (REPOSITORY / "requirements.lock").read_text("utf-8").replace("\\\n", " ").splitlines():
        assert "--hash=sha256:" in requirement, requirement


def test_development_uses_the_packages_that_users_get() -> None:
    assert pinned("requirements.lock").items() <= pinned("requirements-dev.lock").items()


def test_what_the_manifest_names_exists() -> None:
    plugin = manifest("plugin.json")
    for key in ("commands", "skills"):
        assert any((REPOSITORY / str(plugin[key])).iterdir()), key
    assert "hooks" not in plugin, "the client loads hooks/hooks.json by itself and refuses it twice"
