"""What is ours in the client's settings: how it is written, and how it is known again."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from codememory.install.document import InstallError

FILES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "client_files.json")
"""The plugin's hooks, commands, skills and agents, packed: a wheel holds nothing outside the package."""

BUNDLE = "codememory.bundle"
"""The hook path's modules in one file, beside the package."""

SERVER = "codememory"
PLUGIN = "codememory@"
MARK = "codememory.__main__"
"""By which an entry is known again, whatever version wrote it."""

START = "from codememory.__main__ import main, use_bundle"

GUARDED = """try:
 import sys; sys.path[:0] = [{site}]
 {start}
 use_bundle({site})
except Exception:
 raise SystemExit(0)
main()"""
"""Starts a hook, and exits 0 where the package is gone: python's own exit code for that would block every prompt."""


def packed() -> dict[str, Any]:
    """Return `{hooks, files}` as the plugin has them."""
    with open(FILES, encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def site() -> str:
    """Return the folder that the package lies in."""
    return os.path.dirname(os.path.dirname(FILES))


def bundle_path() -> str:
    """Return where the hook path's modules stand in one file, '' where they cannot."""
    folder = site()
    usable = hasattr(os, "pread") and is_whole(folder) and os.access(folder, os.W_OK)
    return os.path.join(folder, BUNDLE) if usable else ""


def is_whole(folder: str) -> bool:
    """Tell whether a folder of packages holds what a hook needs, so that python need not look for more."""
    return os.path.isdir(os.path.join(folder, "apsw"))


def hook_command() -> tuple[str, list[str]]:
    """Return the program and its first arguments for a hook: isolated, and without `site` where that is possible."""
    folder = site().replace("\\", "/")
    flags = ["-I", "-S"] if is_whole(folder) else ["-I"]
    # One line and pure ASCII: it passes any system's way of handing over arguments.
    return sys.executable, [*flags, "-c", f"exec({GUARDED.format(site=ascii(folder), start=START)!a})"]


def hooks() -> dict[str, list[dict[str, Any]]]:
    """Return the hook entries: the plugin's own, started by this interpreter."""
    program, words = hook_command()
    found: dict[str, list[dict[str, Any]]] = {}
    for event, groups in packed()["hooks"].items():
        found[event] = [
            {**group, "hooks": [{**one, "command": program, "args": [*words, *one["args"]]} for one in group["hooks"]]}
            for group in groups
        ]
    return found


def server() -> dict[str, Any]:
    """Return the entry of the MCP server."""
    return {"type": "stdio", "command": sys.executable, "args": ["-I", "-m", "codememory", "mcp"]}


def is_own_hook(entry: Any) -> bool:
    """Tell whether a hook entry is one that `install` writes, by whichever interpreter and version."""
    words = entry.get("args") if isinstance(entry, dict) else None
    return isinstance(words, list) and "hook" in words and any(isinstance(one, str) and MARK in one for one in words)


def is_own_server(entry: Any) -> bool:
    """Tell whether an MCP server's entry is one that `install` writes."""
    words = entry.get("args") if isinstance(entry, dict) else None
    return isinstance(words, list) and words[-3:] == ["-m", "codememory", "mcp"]


def without_hooks(settings: dict[str, Any], path: str) -> dict[str, Any]:
    """Return settings without our hooks, and without what only held them.

    Raises:
        InstallError: The hooks in it do not have the client's form.

    """
    events = settings.get("hooks", {})
    if not isinstance(events, dict) or not all(isinstance(groups, list) for groups in events.values()):
        raise InstallError(f"The hooks in {path} do not have the form the client reads: put them right first.")
    kept = {}
    for event, groups in events.items():
        left = [kept for group in groups for kept in _foreign(group)]
        if left or not groups:
            kept[event] = left
    if kept or not events:
        return {**settings, "hooks": kept} if "hooks" in settings else settings
    return {name: value for name, value in settings.items() if name != "hooks"}


def _foreign(group: Any) -> list[Any]:
    """Return a group without our entries, as the one thing in a list; an empty list if it held nothing else."""
    listed = group.get("hooks") if isinstance(group, dict) else None
    if not isinstance(listed, list):
        return [group]
    left = [one for one in listed if not is_own_hook(one)]
    if len(left) == len(listed):
        return [group]
    return [{**group, "hooks": left}] if left else []


def own_hooks(settings: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the groups of the settings that hold nothing but our hooks, by event."""
    events = settings.get("hooks", {}).items()
    found = {event: [group for group in groups if not _foreign(group)] for event, groups in events}
    return {event: groups for event, groups in found.items() if groups}


def with_hooks(settings: dict[str, Any], path: str) -> dict[str, Any]:
    """Return settings with our hooks, behind those that are there; unchanged where they are in it as they should be.

    Raises:
        InstallError: The hooks in it do not have the client's form.

    """
    bare, wanted = without_hooks(settings, path), hooks()
    if own_hooks(settings) == wanted and _count(settings) == _count(bare) + _count({"hooks": wanted}):
        return settings
    events = {event: list(groups) for event, groups in bare.get("hooks", {}).items()}
    for event, groups in wanted.items():
        events[event] = [*events.get(event, []), *groups]
    return {**bare, "hooks": events}


def _count(settings: dict[str, Any]) -> int:
    return sum(len(groups) for groups in settings.get("hooks", {}).values())


def active_plugin(settings: list[dict[str, Any]], registry: dict[str, Any]) -> str:
    """Return the name of our plugin if the client has it switched on, '' otherwise.

    The settings are the user's and the project's; what is only in the registry of installed plugins counts unless a
    setting switches it off.
    """
    said: dict[str, bool] = {}
    for one in settings:
        enabled = one.get("enabledPlugins")
        for name, value in enabled.items() if isinstance(enabled, dict) else ():
            if name.startswith(PLUGIN):
                said[name] = said.get(name, False) or bool(value)
    listed = registry.get("plugins")
    for name in listed if isinstance(listed, dict) else ():
        if name.startswith(PLUGIN):
            said.setdefault(name, True)
    return next((name for name, on in said.items() if on), "")
