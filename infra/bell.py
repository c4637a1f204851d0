"""Tells other processes on this machine that something new stands in a database, so that they need
not keep looking. A hint and no more: nobody may be there, and from other machines none is heard, so
whoever listens looks by itself, too, and often while there is news of which nobody told.
"""

import select
import socket
import time
from contextlib import suppress
from hashlib import sha256
from math import inf
from typing import Final, Literal

from sqlalchemy import URL

About = Literal["facts", "inbox"]

UNTOLD_S: Final = 10.0
"""For so long after news of which nobody told there may be more of that kind."""
TOLD_WITHIN_S: Final = 0.02
"""After the commit, that is: news may be seen before it is told of."""
AT_ONCE: Final = 64


class Bell:
    """Rung after a commit. Costs a few microseconds and never fails."""

    def __init__(self, url: URL, about: About) -> None:
        self._address = _address(url, about)
        self._socket = _socket()

    def ring(self) -> None:
        """Who listens looks now."""
        if self._socket is not None:
            # Nobody is there, or has not yet heard what was told before.
            with suppress(OSError):
                self._socket.sendto(b"!", self._address)

    def __del__(self) -> None:
        if self._socket is not None:
            self._socket.close()


class Ear:
    """Hears one bell, if it is the first on this machine to want to; used by one thread.

    `often_s` and `seldom_s` are the pauses between two looks without and with such a bell.
    """

    def __init__(self, url: URL, about: About, often_s: float, seldom_s: float) -> None:
        self._often_s, self._seldom_s = often_s, seldom_s
        self._socket = _bound(_address(url, about))
        self._told = True
        self._owed_at = inf
        self._untold_until = 0.0

    def wait(self, within_s: float) -> None:
        """Until it is time to look: the bell was rung, or nobody did for a while."""
        within_s = min(within_s, self._pause_s())
        if self._socket is None:
            time.sleep(within_s)
            return
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.poll(within_s * 1000)

    def begin(self) -> None:
        """Called before a look: what was told until now is answered by it."""
        now, self._told = time.monotonic(), self._heard()
        if self._told:
            self._owed_at = inf
        elif now - self._owed_at > TOLD_WITHIN_S:
            self._untold_until, self._owed_at = now + UNTOLD_S, inf

    def found(self) -> None:
        """Called after a look at which there was something."""
        if not self._told and self._owed_at == inf:
            self._owed_at = time.monotonic()

    def _heard(self) -> bool:
        heard = False
        if self._socket is not None:
            with suppress(OSError):
                for _ in range(AT_ONCE):
                    self._socket.recv(1)
                    heard = True
        return heard

    def close(self) -> None:
        """Another may listen."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _pause_s(self) -> float:
        alone = self._socket is None or time.monotonic() < self._untold_until
        return self._often_s if alone else self._seldom_s

    def __del__(self) -> None:
        self.close()


def _address(url: URL, about: About) -> bytes:
    """In Linux's space of names that are no files: gone with who has it."""
    place = f"{url.host}:{url.port}/{url.database}"
    return b"\0blazz." + about.encode() + b"." + sha256(place.encode()).hexdigest()[:32].encode()


def _socket() -> socket.socket | None:
    try:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    except (OSError, AttributeError):
        return None
    made.setblocking(False)
    return made


def _bound(address: bytes) -> socket.socket | None:
    made = _socket()
    if made is not None:
        try:
            made.bind(address)
        except OSError:  # another listens, or the system has no such names
            made.close()
            return None
    return made
