"""Tells other processes on this machine that something new stands in a database, so that they need
not keep looking. A hint and no more: nobody may be there, and from other machines none is heard, so
whoever listens looks by itself, too, and often while there is news of which nobody told.
"""

import select
import socket
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from hashlib import sha256
from math import inf
from typing import Final, Literal

from sqlalchemy import URL

About = Literal["facts", "inbox", "rows"]

LISTENERS: Final[dict[About, int]] = {"facts": 1, "inbox": 1, "rows": 8}
"""So many on one machine are told; each place costs who rings three microseconds."""
UNTOLD_S: Final = 10.0
"""For so long after news of which nobody told there may be more of that kind."""
TOLD_WITHIN_S: Final = 0.1
"""After the commit, that is: news may be seen before it is told of, by far on a busy machine."""
AT_ONCE: Final = 64
BYTE: Final = 256


class Bell:
    """Rung after a commit. Costs a few microseconds and never fails."""

    def __init__(self, url: URL, about: About) -> None:
        self._addresses = _addresses(url, about)
        self._socket = _socket()

    def ring(self, parts: Iterable[int] = ()) -> None:
        """Who listens looks now, and need not if only other parts of the database have news."""
        if self._socket is not None:
            told = bytes(part % BYTE for part in parts)
            for address in self._addresses:
                # Nobody is there, or has not yet heard what was told before.
                with suppress(OSError):
                    self._socket.sendto(told, address)

    def __del__(self) -> None:
        if self._socket is not None:
            self._socket.close()


class Ear:
    """Hears one bell, if there is a place left for it on this machine; used by one thread.

    `often_s` and `seldom_s` are the longest that `wait` takes without and with such a bell.
    """

    def __init__(self, url: URL, about: About, often_s: float = 0.0, seldom_s: float = 0.0) -> None:
        self._often_s, self._seldom_s = often_s, seldom_s
        self._socket = _bound(_addresses(url, about))
        self._told, self._heard = True, False
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

    def begin(self, parts: Collection[int] | None = None) -> None:
        """Called before a look: what was told until now is answered by it."""
        self.hear(parts)
        now, self._told, self._heard = time.monotonic(), self._heard, False
        if self._told:
            self._owed_at = inf
        elif now - self._owed_at > TOLD_WITHIN_S:
            self._untold_until, self._owed_at = now + UNTOLD_S, inf

    def found(self) -> None:
        """Called after a look at which there was something."""
        if not self._told and self._owed_at == inf:
            self._owed_at = time.monotonic()

    def hear(self, parts: Collection[int] | None = None) -> bool:
        """Whether it was rung for one of these parts, or for any; does not wait."""
        if self._socket is not None:
            with suppress(OSError):
                for _ in range(AT_ONCE):
                    told = self._socket.recv(BYTE)
                    if parts is None or any(part % BYTE in told for part in parts):
                        self._heard = True
        return self._heard

    def fileno(self) -> int | None:
        """What an event loop waits at until there is something to hear; None: never."""
        return None if self._socket is None else self._socket.fileno()

    @property
    def alone(self) -> bool:
        """Not everything there is news of is told of."""
        return self._socket is None or time.monotonic() < self._untold_until

    def close(self) -> None:
        """Another may listen."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _pause_s(self) -> float:
        return self._often_s if self.alone else self._seldom_s

    def __del__(self) -> None:
        self.close()


def _addresses(url: URL, about: About) -> list[bytes]:
    """In Linux's space of names that are no files: gone with who has them."""
    place = sha256(f"{url.host}:{url.port}/{url.database}".encode()).hexdigest()[:32]
    return [f"\0blazz.{about}.{place}.{n}".encode() for n in range(LISTENERS[about])]


def _socket() -> socket.socket | None:
    try:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    except (OSError, AttributeError):
        return None
    made.setblocking(False)
    return made


def _bound(addresses: Iterable[bytes]) -> socket.socket | None:
    made = _socket()
    if made is not None:
        for address in addresses:
            with suppress(OSError):  # another listens there, or the system has no such names
                made.bind(address)
                return made
        made.close()
    return None
