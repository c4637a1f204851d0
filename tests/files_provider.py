"""A provider's media by hand, so that it may say and do what no good one would."""

import json
import threading
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Medium(NamedTuple):
    """What is said of it, and what comes: `length` None ends with the connection."""

    data: bytes
    sha256: str
    url: str
    status: int = 200
    length: int | None = None
    location: str = ""


class Provider:
    """Media by id. `asked` has each path with what it was asked with."""

    def __init__(self, port):
        self.url, self.media, self.asked = f"http://127.0.0.1:{port}", {}, []
        self.refusal = None
        self.gate = threading.Event()
        self.gate.set()
        self.under_way, self.most = 0, 0

    def has(self, id_, data, **changed):
        medium = Medium(data, sha256(data).hexdigest(), f"{self.url}/bytes/{id_}")
        length = changed.pop("length", len(data))
        self.media[id_] = medium._replace(length=length, **changed)

    def paths(self):
        return [path for path, _ in self.asked]

    def answer(self, handler):
        self.asked.append((handler.path, dict(handler.headers)))
        where, _, id_ = handler.path.rpartition("/")
        medium = self.media.get(id_)
        if self.refusal is not None and where == "/v23.0":
            return self._say(handler, *self.refusal)
        if medium is None:
            missing = {"error": {"code": 100, "message": "Unsupported get request."}}
            return self._say(handler, 400, missing)
        if where == "/v23.0":
            said = {"url": medium.url, "mime_type": "image/png", "sha256": medium.sha256}
            return self._say(handler, 200, said)
        return self._give(handler, medium)

    def _say(self, handler, status, content):
        body = json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _give(self, handler, medium):
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        handler.send_response(medium.status)
        if medium.length is not None:
            handler.send_header("Content-Length", str(medium.length))
        if medium.location:
            handler.send_header("Location", medium.location)
        handler.end_headers()
        self.gate.wait(60)
        self.under_way -= 1
        handler.wfile.write(medium.data)


@contextmanager
def provider():
    """One that runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            try:
                running.answer(self)
            except ConnectionError:
                return  # whoever asked has heard enough

        def log_message(self, *_): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Provider(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield running
    running.gate.set()
    server.shutdown()
    server.server_close()
    thread.join()
