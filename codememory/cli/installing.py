"""Wire the hooks into the client's settings, and take them out again."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Annotated, Any

import typer

from codememory.cli import context, show
from codememory.install import changes, entries


def install(yes: context.Yes = False, dry_run: context.DryRun = False, as_json: context.Json = False) -> None:
    """Wire CodeMemory into the client's own settings.

    Hooks, tools, slash commands, skills and agents; for Windows, and where the plugin cannot be installed: never
    beside it. Shows every change to the settings first and keeps a backup of them. Running it again brings it up to
    date, or changes nothing.

    Examples:
      codememory install --dry-run
      codememory install --yes

    """
    plan = changes.planned_install()
    notes = [*plan.kept, *_advice()]
    _show(plan, as_json, "CodeMemory is installed already, nothing is to be changed.")
    if plan.changes and not dry_run:
        context.agreed(f"To be written: {show.counted(len(plan.changes), 'file')}.", yes)
        changes.apply(plan)
    if not dry_run:
        _write_bundle()
    if as_json:
        context.print_json(_document(plan, notes, dry_run))
        return
    for note in notes:
        context.talk(note)
    if plan.changes and not dry_run:
        show.lines(
            "Installed. Start a new session of the client; `codememory backfill` takes in those you already had."
        )


def uninstall(
    purge: Annotated[bool, typer.Option("--purge", help="Also remove everything that is remembered.")] = False,
    yes: context.Yes = False,
    dry_run: context.DryRun = False,
    as_json: context.Json = False,
) -> None:
    """Take out of the client's settings what `install` put in.

    Exactly that: what is remembered stays. A settings file that nobody else changed becomes what it was, byte for byte.

    Examples:
      codememory uninstall --dry-run
      codememory uninstall --purge

    """
    from codememory.install import purge as purging

    plan = changes.planned_uninstall()
    doomed = purging.data_files() if purge else []
    plugin = changes.active_plugin()
    if plugin:
        plan.kept.append(f"The plugin stays: `claude plugin uninstall {plugin}` takes it out.")
    _show(plan, as_json, "`codememory install` has put nothing into the client's settings.")
    if not dry_run:
        if plan.changes:
            context.agreed(f"To be changed or removed: {show.counted(len(plan.changes), 'file')}.", yes)
            changes.apply(plan)
        if doomed:
            context.agreed(f"Everything that is remembered is removed for good: {', '.join(doomed)}.", yes)
            purging.purge(doomed)
    if as_json:
        context.print_json({**_document(plan, plan.kept, dry_run), "purged": doomed})
        return
    for note in plan.kept:
        context.talk(note)
    for path in doomed if dry_run else ():
        show.lines(f"remove  {path}")
    if not dry_run and (plan.changes or doomed):
        show.lines("Uninstalled." + (" What was remembered is gone." if doomed else " What is remembered is kept."))


def _show(plan: changes.Plan, as_json: bool, nothing: str) -> None:
    """Show the settings line by line, and the other files by name."""
    if as_json:
        return
    if not plan.changes:
        show.lines(nothing)
    shown = (changes.settings_path(), changes.servers_path())
    for change in plan.changes:
        if change.path in map(os.path.realpath, shown):
            show.lines(change.diff())
    for change in plan.changes:
        show.lines(f"{change.action}  {change.path}")


def _document(plan: changes.Plan, notes: list[str], dry_run: bool) -> dict[str, Any]:
    return {
        "changes": [{"path": one.path, "action": one.action} for one in plan.changes],
        "backups": plan.backups,
        "notes": notes,
        "dry_run": dry_run,
    }


def _advice() -> list[str]:
    if shutil.which("codememory"):
        return []
    return ["`codememory` is not on PATH: the slash commands and skills call it, so put its folder there."]


def _write_bundle() -> None:
    """Put the hook path's modules into one file beside the package, where a hook starts from there."""
    if entries.bundle_path():
        import subprocess

        writer = os.path.join(entries.site(), "codememory", "bundle.py")
        words = [sys.executable, "-I", "-X", "no_debug_ranges", writer, entries.site()]
        subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # it is slower without
