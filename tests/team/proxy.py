"""A TCP proxy on loopback that keeps what passes, and can cut the line after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from .server import free_port


class Proxy:
    """Everything between a client and the server: `seen` in both directions, `sent` by the client."""

    def __init__(self, port_behind: int) -> None:
        self.port_behind, self.port = port_behind, free_port()
        self.seen, self.sent = bytearray(), bytearray()
        self.cut_after: int | None = None
        self.listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port_behind))
            for one, other, counted in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=(one, other, counted), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        sent = 0
        with contextlib.suppress(OSError):
            while data := one.recv(4_096):
                if counted and self.cut_after is not None and sent + len(data) > self.cut_after:
                    other.sendall(data[: self.cut_after - sent])
                    break
                sent += len(data)
                self.seen += data
                if counted:
                    self.sent += data
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextlib.contextmanager
def proxied(port_behind: int) -> Iterator[Proxy]:
    """Yield a proxy before a port."""
    made = Proxy(port_behind)
    try:
        yield made
    finally:
        made.listening.close()
