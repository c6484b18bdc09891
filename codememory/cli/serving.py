"""Serve the tools for the model."""

from __future__ import annotations

from typing import Annotated

import typer


def mcp() -> None:
    """Serve the tools for the model; the client starts it.

    They are served over standard input and output.

    Examples:
      claude mcp add codememory -- codememory mcp
      CODEMEMORY_DEBUG_TOOLS_ENABLED=true codememory mcp

    """
    from codememory.mcp.server import main

    main()


def hook(  # only its help: `codememory.faces` sends every other call on
    event: Annotated[str, typer.Argument(metavar="EVENT", help="As the client names it: SessionStart, Stop, …")],
) -> None:
    """Handle one hook of the client.

    JSON on standard input, JSON or nothing on standard output, and exit code 0 whatever happens.

    Examples:
      codememory hook SessionStart < payload.json

    """
