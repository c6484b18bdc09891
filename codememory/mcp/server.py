"""The server: `codememory mcp`, started by the client, ended when the client closes its end."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import anyio
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from codememory import __version__, config, db, repository, wire
from codememory.errors import CodeMemoryError, PayloadError
from codememory.mcp.answers import Call
from codememory.mcp.tools import DEBUG_TOOLS, TOOLS, Tool

NAME = "codememory"
TOOL_USE_ID = "claudecode/toolUseId"
"""Where the client names the tool use that a call belongs to (measured)."""


def main() -> None:
    """Serve until the client closes its end, be it in the middle of an answer, or interrupts."""
    try:
        config.checked()
    except CodeMemoryError as error:
        sys.exit(f"codememory: {error}")
    if sys.stdin.isatty():
        print("Serving the tools to whatever speaks MCP on standard input; Ctrl-C ends it.", file=sys.stderr)
    # A client gives 100 ms after its SIGINT, and the thread that reads would hold an orderly end up longer. Nothing is
    # lost: what is written is written in transactions.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        anyio.run(_serve)
    except* (anyio.ClosedResourceError, anyio.BrokenResourceError, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left unwritten goes nowhere


async def _serve() -> None:
    async with stdio_server() as (read, write):
        server = served()
        await server.run(read, write, server.create_initialization_options())


def served() -> Server[Any, Any]:
    """Return the server with the tools that are switched on."""
    server: Server[Any, Any] = Server(NAME, version=__version__)
    tools = {tool.name: tool for tool in offered()}

    @server.list_tools()  # type: ignore[no-untyped-call,untyped-decorator]
    async def listed() -> list[types.Tool]:
        return [
            types.Tool(name=one.name, description=one.description, inputSchema=one.schema) for one in tools.values()
        ]

    @server.call_tool()  # type: ignore[untyped-decorator]
    async def called(name: str, given: dict[str, Any]) -> types.CallToolResult:
        meta = server.request_context.meta
        tool_use_id = (meta.model_extra or {}).get(TOOL_USE_ID) if meta else None
        return answered(tools, name, given, tool_use_id if isinstance(tool_use_id, str) else "")

    return server


def offered() -> tuple[Tool, ...]:
    """Return the tools to offer: none where everything is switched off, which is how a delegated session runs."""
    if not config.setting("ENABLED") or repository.switched_off(folder()):
        return ()
    return TOOLS + DEBUG_TOOLS if config.setting("DEBUG_TOOLS_ENABLED") else TOOLS


def folder() -> str:
    """Return the folder that the client works in."""
    return os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd()


def answered(tools: dict[str, Tool], name: str, given: dict[str, Any], tool_use_id: str) -> types.CallToolResult:
    """Answer one call on a connection of its own; what goes wrong is one sentence for the model.

    Nothing is awaited: calls come one after the other, and a regular expression's time limit needs the main thread.
    """
    try:
        if name not in tools:
            raise PayloadError(f"There is no tool {name!r} here: {', '.join(tools) or 'all is switched off'}.")
        given = wire.storable_value(given)
        connection = db.connect(config.database_path())
        try:
            return _result(tools[name].call(Call(connection, folder(), tool_use_id), given))
        finally:
            connection.close()
    except CodeMemoryError as error:
        return _result(str(error), failed=True)
    except Exception as error:  # the client must get an answer whatever happens
        print(f"codememory mcp: {name}: {type(error).__name__}: {error}", file=sys.stderr)
        return _result(f"codememory could not do this: {type(error).__name__}: {error}.", failed=True)


def _result(text: str, failed: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=wire.storable(text))], isError=failed)
