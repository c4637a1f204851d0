"""The address a service listens on: taken before the service starts, refused in one line."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

BACKLOG: Final = 2048
_ABSENT: Final = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_UNBINDABLE: Final = {*_ABSENT, errno.EADDRINUSE, errno.EACCES}


class CannotListen(Exception):
    """The address is not ours to listen on; one line says which settings name it."""


@contextmanager
def bindable(host: str, port: int, setting: str) -> Iterator[None]:
    """Says in words what is wrong with an address; `setting` is where its port comes from."""
    try:
        yield
    except OSError as error:
        if not isinstance(error, socket.gaierror) and error.errno not in _UNBINDABLE:
            raise
        why = (error.strerror or str(error)).partition(" (while")[0]
        raise CannotListen(
            f"cannot listen on {host}:{port}: {why} (BLAZZ_BIND and {setting} say where)"
        ) from error


def sockets(host: str, port: int) -> list[socket.socket]:
    """One for each address of the host that this machine has. OSError if one cannot be had."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    taken: list[socket.socket] = []
    absent: OSError | None = None
    for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
        try:
            taken.append(socket.create_server(address[:2], family=family, backlog=BACKLOG))
        except OSError as error:
            absent = error  # a name may stand for an address of IPv6 where there is none
            if error.errno not in _ABSENT:
                break
    else:
        if taken:
            return taken
    for one in taken:
        one.close()
    raise absent or OSError(errno.EADDRNOTAVAIL, "the host has no address")
