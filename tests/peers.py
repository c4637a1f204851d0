"""A provider that answers exactly what a test tells it to, over real HTTP."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Server(ThreadingHTTPServer):
    request_queue_size = 256  # a sender opens all its connections at once

    def handle_error(self, *_):
        """Whoever asked may hang up first: that is what some tests are about."""


class Peer:
    """Answers with `status` and `body`; `broken` closes the connection, `held` never answers."""

    def __init__(self):
        self.asked: list[Asked] = []
        self.answers: list[tuple[int, bytes | dict]] = []
        self.broken = False
        self.held = threading.Event()
        self.held.set()
        self._server = Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self):
        self.held.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(peer):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = json.loads(raw) if raw else None
            peer.asked.append(Asked(self.command, self.path, headers, body))
            peer.held.wait(20)
            if peer.broken:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            status, content = peer.answers.pop(0) if peer.answers else (200, b"{}")
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if status in {301, 302, 307}:
                self.send_header("location", f"{peer.url}/elsewhere")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = answer  # noqa: N815 - the name http.server calls
        do_POST = answer  # noqa: N815
        do_PUT = answer  # noqa: N815

        def log_message(self, *_): ...

    return Handler


def graph_error(code, status=400, **more):
    error = {"message": f"(#{code}) words", "code": code, "error_data": {"details": "why"}} | more
    return (status, {"error": error})
