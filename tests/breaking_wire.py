"""A wire to a server that breaks when told to: before or after a certain request arrives."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Self


class BreakingWire:
    """Passes bytes on between the clients of `port` and a server."""

    def __init__(self, host, port):
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.broken = 0
        self.once_broken: Callable[[], object] = lambda: None
        self._at: bytes | None = None
        self._delivered = self._for_good = self._down = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listening.close()

    def break_at(self, request, *, delivered, for_good=False):
        """Break once, when `request` passes; if `delivered`, only after it was answered."""
        self._at, self._delivered, self._for_good = request, delivered, for_good

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self._down:
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client, server):
        answered, muted = threading.Event(), threading.Event()
        back = threading.Thread(
            target=_pass_back, args=(server, client, muted, answered), daemon=True
        )
        back.start()
        with contextlib.suppress(OSError), client, server:
            while data := client.recv(1 << 20):
                if self._at is not None and self._at in data:
                    self._at, self._down = None, self._for_good
                    muted.set()
                    if self._delivered:
                        server.sendall(data)
                        answered.wait(10)
                        time.sleep(0.1)  # the answers to several statements may come one by one
                    server.shutdown(socket.SHUT_RDWR)
                    self.broken += 1
                    self.once_broken()
                    client.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)


def _pass_back(server, client, muted, answered):
    with contextlib.suppress(OSError):
        while data := server.recv(1 << 20):
            if muted.is_set():
                answered.set()
            else:
                client.sendall(data)
