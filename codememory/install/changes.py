"""Plan what installing or uninstalling changes, show it, and do it.

A record beside the log says what was written, so that uninstalling takes out exactly that: a settings file that is as
we left it becomes byte for byte what it was, one that changed since only loses what is ours.
"""

from __future__ import annotations

import difflib
import json
import os
import time
from hashlib import sha256
from typing import Any

from codememory import config
from codememory.install import document, entries
from codememory.install.document import Document, InstallError

RECORD, BACKUPS = "installed.json", "backups"
CREATE, CHANGE, REMOVE = "create", "change", "remove"


class Change:
    """A file, what it holds now (None: there is none) and what it is to hold (None: none)."""

    __slots__ = ("after", "before", "path")

    def __init__(self, path: str, before: bytes | None, after: bytes | None) -> None:
        self.path, self.before, self.after = path, before, after

    @property
    def action(self) -> str:
        """Return what is done: create, change or remove."""
        return CREATE if self.before is None else REMOVE if self.after is None else CHANGE

    def diff(self) -> str:
        """Return the difference, line by line."""
        old, new = ((side or b"").decode("utf-8", "replace").splitlines() for side in (self.before, self.after))
        return "\n".join(difflib.unified_diff(old, new, self.path, self.path, lineterm="", n=2))

    def apply(self) -> None:
        """Do it.

        Raises:
            InstallError: The file is another one by now, or cannot be written.

        """
        if self.after is None:
            document.remove(self.path, self.before)
        else:
            document.write(self.path, self.after, self.before)


class Plan:
    """What is to be done, in order; what stays as it is though it is not as wanted; and the record to leave behind."""

    __slots__ = ("backups", "changes", "kept", "record")

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.kept: list[str] = []
        self.backups: list[str] = []
        self.record: dict[str, Any] = {"documents": {}, "files": {}, "bundle": ""}

    def add(self, path: str, before: bytes | None, after: bytes | None) -> None:
        """Add a change, unless it is none."""
        if before != after:
            self.changes.append(Change(path, before, after))


def folder() -> str:
    """Return the client's config folder."""
    return os.path.abspath(config.config_folder())


def own(name: str) -> str:
    """Return the path of a file of ours in the config folder."""
    return os.path.join(folder(), "codememory", name)


def settings_path() -> str:
    """Return where the client keeps the user's settings."""
    return os.path.join(folder(), "settings.json")


def servers_path() -> str:
    """Return where the client keeps MCP servers: beside a config folder's settings if one is chosen, else at home."""
    chosen = os.environ.get("CLAUDE_CONFIG_DIR")
    return os.path.join(folder() if chosen else os.path.dirname(folder()), ".claude.json")


def planned_install() -> Plan:
    """Return what installing changes.

    Raises:
        InstallError: The plugin is active, or a settings file cannot be used.

    """
    settings, servers = Document(settings_path()), Document(servers_path())
    _refuse_beside_plugin(settings)
    plan, known = Plan(), _record()
    files = entries.packed()["files"]
    for name, text in files.items():
        _plan_file(plan, known, os.path.join(folder(), *name.split("/")), text.encode("utf-8"))
    _plan_leftovers(plan, known, {os.path.join(folder(), *name.split("/")) for name in files})
    named = servers.value.get("mcpServers", {})
    if not isinstance(named, dict):
        raise InstallError(f"mcpServers in {servers.path} is no JSON object: put it right first; nothing was changed.")
    if entries.SERVER in named and not entries.is_own_server(named[entries.SERVER]):
        plan.kept.append(f"{servers.path} has an MCP server called {entries.SERVER} that is not ours: it stays.")
    else:
        _plan_document(
            plan, known, servers, {**servers.value, "mcpServers": {**named, entries.SERVER: entries.server()}}
        )
    _plan_document(plan, known, settings, entries.with_hooks(settings.value, settings.path))
    bundled = entries.bundle_path()
    plan.record["bundle"] = known["bundle"] or ("" if os.path.exists(bundled) else bundled)
    return plan


def planned_uninstall() -> Plan:
    """Return what uninstalling changes.

    Raises:
        InstallError: A settings file cannot be used.

    """
    plan, known = Plan(), _record()
    settings, servers = Document(settings_path()), Document(servers_path())
    _plan_restore(plan, known, settings, entries.without_hooks(settings.value, settings.path))
    named = servers.value.get("mcpServers")
    if isinstance(named, dict) and entries.is_own_server(named.get(entries.SERVER)):
        left = {name: one for name, one in named.items() if name != entries.SERVER}
        bare = {**servers.value, "mcpServers": left}
        if not left:
            del bare["mcpServers"]
        _plan_restore(plan, known, servers, bare)
    _plan_leftovers(plan, known, set())
    for path in (known["bundle"], own(RECORD)):
        if path:
            plan.add(path, document.read(path), None)
    return plan


def _plan_file(plan: Plan, known: dict[str, Any], path: str, data: bytes) -> None:
    before = document.read(path)
    if before not in (None, data) and _hash(before) != known["files"].get(path):
        plan.kept.append(f"{path} is not ours, or was changed: it stays.")
        return
    plan.record["files"][path] = _hash(data)
    plan.add(path, before, data)


def _plan_leftovers(plan: Plan, known: dict[str, Any], wanted: set[str]) -> None:
    """Plan to remove the files that were written once and are not wanted any more."""
    for path, digest in known["files"].items():
        if path in wanted:
            continue
        before = document.read(path)
        if before is not None and _hash(before) != digest:
            plan.kept.append(f"{path} was changed: it stays.")
        else:
            plan.add(path, before, None)


def _plan_document(plan: Plan, known: dict[str, Any], found: Document, value: dict[str, Any]) -> None:
    """Plan a settings file; the record keeps where the bytes are that it had before the first of our changes."""
    before = known["documents"].get(found.path)
    as_left = before is not None and _hash(found.raw) == before["after"]
    if value == found.value and found.raw is not None:
        if before is not None:
            plan.record["documents"][found.path] = before
        return
    after = found.written(value)
    if as_left:
        plan.record["documents"][found.path] = {**before, "after": _hash(after)}
    else:
        backup = own(os.path.join(BACKUPS, f"{os.path.basename(found.path)}.{time.time_ns() // 1_000_000}"))
        if found.raw is not None:
            plan.backups.append(backup)
            plan.add(backup, None, found.raw)
        untouched = before is None and not _holds_ours(found.value)
        restored = {"restore": backup if found.raw is not None else ""} if untouched else {}
        plan.record["documents"][found.path] = {**restored, "after": _hash(after)}
    plan.add(found.path, found.raw, after)


def _holds_ours(value: dict[str, Any]) -> bool:
    named = value.get("mcpServers")
    server = named.get(entries.SERVER) if isinstance(named, dict) else None
    return bool(entries.own_hooks(value)) or entries.is_own_server(server)


def _plan_restore(plan: Plan, known: dict[str, Any], found: Document, bare: dict[str, Any]) -> None:
    """Plan to take our part out of a settings file: to its old bytes if nobody else changed it."""
    before = known["documents"].get(found.path, {})
    if found.raw is not None and _hash(found.raw) == before.get("after") and "restore" in before:
        old = document.read(before["restore"]) if before["restore"] else None
        if old is not None or not before["restore"]:
            plan.add(found.path, found.raw, old)
            return
    if bare != found.value:
        created = before.get("restore") == "" and not bare
        plan.add(found.path, found.raw, None if created else found.written(bare))


def apply(plan: Plan) -> None:
    """Do what is planned; the record is written before the settings, so that an interrupted one can be undone.

    Raises:
        InstallError: A file is another one by now, or cannot be written; what was done until then stays.

    """
    if plan.record["documents"] and plan.changes:
        path = own(RECORD)
        data = json.dumps(plan.record, indent=2).encode() + b"\n"
        Change(path, document.read(path), data).apply()
    for change in plan.changes:
        change.apply()
        if change.action == REMOVE:
            _remove_empty(os.path.dirname(change.path))


def _remove_empty(path: str) -> None:
    """Remove a skill's folder, and the folder it stood in, where nothing is left in them."""
    own_folders = tuple(os.path.join(folder(), name) for name in ("commands", "skills", "agents"))
    while path.startswith(own_folders):
        try:
            os.rmdir(path)
        except OSError:
            return
        path = os.path.dirname(path)


def active_plugin() -> str:
    """Return the name of the plugin where the client has it switched on, '' where it has not."""
    return _active_plugin(Document(settings_path()))


def _active_plugin(settings: Document) -> str:
    places = [os.path.join(os.getcwd(), ".claude", name) for name in ("settings.json", "settings.local.json")]
    others = [Document(path).value for path in places if os.path.realpath(path) != settings.path]
    registry = Document(os.path.join(folder(), "plugins", "installed_plugins.json")).value
    return entries.active_plugin([settings.value, *others], registry)


def _refuse_beside_plugin(settings: Document) -> None:
    name = _active_plugin(settings)
    if name:
        raise InstallError(
            f"The plugin {name} is active: both together would run every hook twice. Keep the plugin, or first run"
            f" `claude plugin disable {name}`."
        )


def _record() -> dict[str, Any]:
    """Return what an earlier install wrote; nothing where there is no such record."""
    path = own(RECORD)
    try:
        found = Document(path).value
    except InstallError:
        found = {}
    known = {name: found[name] if isinstance(found.get(name), dict) else {} for name in ("documents", "files")}
    return {**known, "bundle": found["bundle"] if isinstance(found.get("bundle"), str) else ""}


def _hash(data: bytes | None) -> str:
    return sha256(data).hexdigest() if data is not None else ""
