"""Look at argv and import one face: a hook pays for the hook, a person for the whole command line.

The launcher runs this file by its path, so every hook compiles it anew: it is kept short.
"""

import sys

BUNDLE_HEAD_BYTES = 32_768
"""What a bundle file begins with: who wrote it, how it is read, what is where."""

GARBAGE_OBJECTS = 50_000
"""Made and not let go before cycles are looked for: hardly anything here has one, and looking costs a tenth."""


def main() -> None:
    """Run `codememory`."""
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


def use_bundle(site: str) -> None:
    """Import from the bundle in a folder of packages, if this very interpreter wrote one for this very package."""
    try:
        import marshal
        import posix  # what `os` is made of, at a tenth of its price

        file = posix.open(f"{site}/codememory.bundle", posix.O_RDONLY | posix.O_CLOEXEC)
        head = posix.pread(file, BUNDLE_HEAD_BYTES, 0)
        writer = bundle_writer(site)
        if head.startswith(writer):
            reader, index = marshal.loads(head[len(writer) :])
            names: dict[str, object] = {"__name__": "codememory.bundle"}
            exec(reader, names)
            names["install"](site, file, index)  # type: ignore[operator]
    except (ImportError, OSError, ValueError, EOFError, TypeError):
        return


def bundle_writer(site: str) -> bytes:
    """Return what makes a bundle valid: the interpreter, and the package as it was installed."""
    import posix

    return f"{sys.version!r} {posix.stat(f'{site}/codememory/__init__.py').st_mtime_ns}\n".encode()


if __name__ == "__main__":
    if not __package__:  # run by path from the launcher, isolated and without `site`
        folder = __file__.rpartition("/codememory/")[0]
        sys.path[0:0] = [folder]
        use_bundle(folder)
    main()
