"""Serve the tools for the model."""

from __future__ import annotations


def mcp() -> None:
    """Serve the tools for the model; the client starts it.

    They are served over standard input and output.

    Examples:
      claude mcp add codememory -- codememory mcp
      CODEMEMORY_DEBUG_TOOLS_ENABLED=true codememory mcp

    """
    from codememory.mcp.server import main

    main()


def hook(event: str) -> None:
    """Handle one hook of the client.

    JSON on standard input, JSON or nothing on standard output.

    Reached only through `--help`: see `codememory.__main__`.

    Examples:
      codememory hook SessionStart < payload.json

    """
