"""The files that exports are written to and read from: by name, compressed or not, or a standard stream."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from codememory.errors import TransferError

STANDARD = "-"


@contextmanager
def written(output: str, force: bool) -> Iterator[IO[bytes]]:
    """Open what is written to; a file gets its name once it is whole, and only its owner can read it."""
    if output == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = os.path.abspath(os.path.expanduser(output))
    if os.path.lexists(path) and not force:
        raise TransferError(f"{output} exists: choose another name, or add --force to replace it.")
    unfinished = ""
    try:
        import tempfile

        # A name that nobody can have put a link at, or be writing to; made with mode 0600.
        handle, unfinished = tempfile.mkstemp(prefix=".codememory-export-", dir=os.path.dirname(path))
        with os.fdopen(handle, "wb") as raw:
            if path.endswith(".gz"):
                import gzip

                with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
                    yield packed  # type: ignore[misc]
            else:
                yield raw
        os.replace(unfinished, path)
    except FileNotFoundError as error:
        raise TransferError(f"{output} cannot be written: there is no folder {os.path.dirname(path)}.") from error
    except OSError as error:
        raise TransferError(f"{output} cannot be written: {error.strerror or error}.") from error
    finally:
        if unfinished and os.path.lexists(unfinished):
            os.unlink(unfinished)


@contextmanager
def read(name: str) -> Iterator[tuple[IO[bytes], int | None]]:
    """Open an export and tell its size, None where that is not known."""
    if name == STANDARD:
        yield sys.stdin.buffer, None
        return
    path = os.path.expanduser(name)
    try:
        if name.endswith(".gz"):
            import gzip

            with gzip.open(path) as packed:
                yield packed, None  # type: ignore[misc]
        else:
            with open(path, "rb") as file:
                yield file, os.fstat(file.fileno()).st_size
    except (OSError, EOFError) as error:
        raise TransferError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
