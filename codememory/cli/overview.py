"""Health at a glance: `status`."""

from __future__ import annotations

from codememory import config
from codememory.cli import context


def status(
    as_json: context.Json = False,
    fenced: context.Fenced = False,
) -> None:
    """Show health at a glance: what is stored, done and said.

    Examples:
      codememory status
      codememory status --json

    """
    from codememory.overview import overview

    settings = config.checked()
    connection = context.opened()
    found = overview(connection, settings, context.project_scope(connection, False, None))
    if as_json:
        context.print_json(found)
        return
    from codememory.cli import glance

    glance.shown(connection, found)
