"""Run `codememory`, out of its bundle where there is one.

The launcher runs this file by its path, so every hook compiles it anew: it is kept short.
"""

import sys

HEAD_BYTES = 32_768
"""What a bundle file begins with: the interpreter that wrote it, how it is read, what is where."""


def main() -> None:
    """Run `codememory`."""
    from codememory.faces import show

    show()


def use_bundle(site: str) -> None:
    """Import from the bundle in a folder of packages, if this very interpreter wrote one for this very package."""
    try:
        import marshal
        import posix  # what `os` is made of, at a tenth of its price

        file = posix.open(site + "/codememory.bundle", posix.O_RDONLY | posix.O_CLOEXEC)
        head = posix.pread(file, HEAD_BYTES, 0)
        writer = sys.version.encode()
        if head.startswith(writer):
            reader, index = marshal.loads(head[len(writer) :])
            exec(reader, names := {"__name__": "codememory.bundle"})
            names["install"](site, file, index)  # type: ignore[operator]
    except (ImportError, OSError, ValueError, EOFError, TypeError):
        return


if __name__ == "__main__":
    if not __package__:  # run by path from the launcher, isolated and without `site`
        folder = __file__.rpartition("/codememory/")[0]
        sys.path[0:0] = [folder]
        use_bundle(folder)
    main()
