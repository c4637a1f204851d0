"""A reader of server-sent events over a socket of its own, which can be cut at any moment."""

import json
import socket
import threading
import time
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

PATIENCE_S = 60.0


class Told(NamedTuple):
    """One event: its id as sent, its name (empty for items), and what it says."""

    id: str
    event: str
    data: dict

    @property
    def position(self):
        return self.data.get("position", 0)


def parse(block):
    """The event in a block of lines; None for comments and hints."""
    fields = {}
    for line in block.split("\r\n"):
        name, colon, value = line.partition(": ")
        if colon and name:
            fields[name] = value
    if "data" not in fields:
        return None
    return Told(fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"]))


_open = []


class Listening:
    """A stream read by a thread of its own; `events` are all that have arrived."""

    def __init__(self, client, topics, since=None, **more):
        self.events, self.ended, self.status, self.pings = [], threading.Event(), 0, 0
        self._begun, url = threading.Event(), urlsplit(str(client.base_url))
        headers = {"Host": url.netloc, **({"Last-Event-ID": since} if since else {})}
        if bearer := client.headers.get("Authorization"):
            headers["Authorization"] = bearer
        lines = [f"GET /v1/stream?{urlencode({'topics': topics, **more})} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket = socket.create_connection((url.hostname, url.port), PATIENCE_S)
        try:
            self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        except OSError:
            self.socket.close()
            raise
        _open.append(self)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        assert self._begun.wait(PATIENCE_S)

    def _read(self):
        try:
            with self.socket.makefile("rb") as stream:
                self.status = int(stream.readline().split()[1])
                while stream.readline().strip():
                    pass
                self._begun.set()
                waiting = ""
                while self.status == 200 and (size := int(stream.readline() or b"0", 16)):
                    waiting += stream.read(size).decode()
                    stream.readline()
                    *blocks, waiting = waiting.split("\r\n\r\n")
                    self.pings += blocks.count(": ping")
                    self.events += [told for block in blocks if (told := parse(block))]
        except (OSError, ValueError, IndexError):
            pass  # cut
        finally:
            self._begun.set()
            self.ended.set()

    def close(self):
        """As if the cable was cut: what is under way is lost."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self._thread.join(PATIENCE_S)

    def until(self, reached, what="what was waited for"):
        """The events, as soon as `reached` is true of them."""
        deadline = time.monotonic() + PATIENCE_S
        while not reached(self.events):
            assert time.monotonic() < deadline, f"{what} did not come: {self.events}"
            time.sleep(0.005)
        return self.events

    def items(self):
        return [told for told in self.events if not told.event]

    def kinds(self):
        return [told.data["kind"] for told in self.items()]


def close_all():
    """Those that a test has left open: a server waits for them."""
    while _open:
        _open.pop().close()


def known(site, client, status=200):
    """The client, once its key is known (or revoked: 401) on the read side."""
    site.stage.await_(lambda: client.get("/v1/notifications").status_code == status, "the key")
    return client


def keyed(site, company, scopes=("read", "write", "send")):
    """A client with a key of that company."""
    return known(site, site.client(company.key(scopes)[0]))


def begun(client, topics, since=None, **more):
    """A stream that has begun."""
    listening = Listening(client, topics, since, **more)
    assert listening.status == 200
    listening.until(lambda events: since or events, "the beginning")
    return listening


def told(listening, kind, cause=lambda: None):
    """The first item of that kind."""
    cause()
    events = listening.until(lambda _: kind in listening.kinds(), kind)
    return next(one for one in events if one.data.get("kind") == kind)
