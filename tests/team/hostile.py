"""Servers that mean ill: some are none, some are one in between that answers for the real one."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], object]


def message(kind: bytes, body: bytes) -> bytes:
    """Return a message of PostgreSQL's protocol."""
    return kind + struct.pack("!i", len(body) + 4) + body


def columns(*types: int) -> bytes:
    """Return that a statement was understood, and the description of its rows: types by their numbers, in binary."""
    each = b"".join(b"c\0" + struct.pack("!ihihih", 0, 0, one, -1, -1, 1) for one in types)
    return message(b"1", b"") + message(b"2", b"") + message(b"T", struct.pack("!h", len(types)) + each)


def row(*values: bytes) -> bytes:
    """Return a row of a result."""
    cells = b"".join(struct.pack("!i", len(value)) + value for value in values)
    return message(b"D", struct.pack("!h", len(values)) + cells)


UUID, BIGINT, TEXT, BYTEA = 2950, 20, 25, 17
EVENT = columns(UUID, BIGINT, BIGINT, TEXT, TEXT, BYTEA, BYTEA, TEXT)
SAID = row(b"m" * 16, b"\0" * 8, b"\0" * 8, b"bob", b"statement", b"n" * 16, b"", b"x" * 8_000)
DONE = message(b"C", b"SELECT 1\0") + message(b"Z", b"T")


def endless_rows(near: socket.socket) -> None:
    """Send rows until nobody listens."""
    near.sendall(EVENT)
    while True:
        near.sendall(SAID * 50)


def huge_row(near: socket.socket) -> None:
    """Send one row of two gigabytes."""
    near.sendall(EVENT + b"D" + struct.pack("!ihi", 2_147_483_000, 8, 2_147_000_000))
    while True:
        near.sendall(b"\0" * 1_000_000)


def drip(near: socket.socket) -> None:
    """Send an answer byte by byte."""
    for byte in EVENT + SAID + DONE:
        near.sendall(bytes([byte]))
        time.sleep(0.1)


def other_columns(near: socket.socket) -> None:
    """Send rows that have not the columns that were asked for."""
    near.sendall(columns(TEXT, TEXT) + row(b"a", b"b") + DONE)


def other_types(near: socket.socket) -> None:
    """Send rows whose columns are of other types."""
    near.sendall(columns(*[TEXT] * 8) + row(*[b"a"] * 8) + DONE)


def notices(near: socket.socket) -> None:
    """Send nothing but notices."""
    while True:
        near.sendall(message(b"N", b"SNOTICE\0Mx\0\0") * 500)


def silence(near: socket.socket) -> None:
    """Say nothing."""
    near.recv(1)


def rubbish(near: socket.socket) -> None:
    """Send what is no message."""
    near.sendall(b"\x00\xff" * 5_000)


def hang_up(near: socket.socket) -> None:
    """End the connection."""


ANSWERS: dict[str, Answer] = {
    "endless rows": endless_rows, "a huge row": huge_row, "byte by byte": drip, "other columns": other_columns,
    "other types": other_types, "endless notices": notices, "silence": silence, "rubbish": rubbish,
    "hanging up": hang_up,
}  # fmt: skip


@contextlib.contextmanager
def between(port_behind: int, asked: bytes, answer: Answer) -> Iterator[int]:
    """Yield the port of one in between, who answers for the server as soon as something is asked."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(near: socket.socket) -> None:
        with contextlib.suppress(OSError), near, socket.create_connection(("127.0.0.1", port_behind)) as far:
            threading.Thread(target=back, args=(near, far), daemon=True).start()
            while data := near.recv(65_536):
                if asked in data:
                    far.shutdown(socket.SHUT_RDWR)
                    answer(near)
                    return
                far.sendall(data)

    def back(near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65_536):
                near.sendall(data)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listening.accept()
                threading.Thread(target=serve, args=(near,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()
