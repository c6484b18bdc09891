"""Look at argv and import one face: a hook pays for the hook, a person for the whole command line."""

import sys

GARBAGE_OBJECTS = 50_000
"""Made and not let go before cycles are looked for: hardly anything here has one, and looking costs a tenth."""


def show() -> None:
    """Import the face that is asked for, and run it."""
    import gc

    gc.set_threshold(GARBAGE_OBJECTS, 10, 10)
    if len(sys.argv) > 1 and sys.argv[1] == "hook" and sys.argv[2:] not in (["--help"], ["-h"]):
        gc.disable()  # a hook is gone before there is anything to collect
        from codememory.hook import main as face
    elif sys.argv[1:] == ["mcp"]:  # the client's first request goes out without the tools of a server that is late
        from codememory.mcp.server import main as face
    else:
        try:
            from codememory.cli.main import process as face
        except KeyboardInterrupt:  # pressed before there is anything that could catch it
            print("Stopped.", file=sys.stderr)
            sys.exit(130)
    face()
