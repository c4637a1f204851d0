"""How often one address may come: a bucket each, refilled steadily, in the memory of this process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Final

from starlette.requests import Request

from domain.access import Problem

REMEMBERED: Final = 10_000
"""Of more than these, those are forgotten that have not come for longest."""
_HOME: Final = 64
"""Whoever has an IPv6 address usually has all that share so many bits with it."""


class Limit:
    """At most `most` at once, and as many in every `seconds`."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._each_s, self._clock = most, seconds / most, clock
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> None:
        """Counts one of `who`. Problem 429 if it is too many, with the seconds to wait."""
        now = self._clock()
        used, at = self._used.pop(who, (0.0, now))
        used = max(0.0, used - (now - at) / self._each_s)
        fits = used + 1 <= self._most
        self._used[who] = (used + fits, now)
        if len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
        if not fits:
            raise too_many(ceil((used + 1 - self._most) * self._each_s))


def too_many(wait_s: int) -> Problem:
    """Problem 429."""
    detail = f"too many attempts; the next one is looked at in {wait_s} s"
    return Problem(429, "too_many_requests", detail, headers={"Retry-After": str(max(1, wait_s))})


def address_of(request: Request) -> str:
    """Where a request comes from: an IPv4 address, or the network of an IPv6 one."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, _HOME), strict=False))
    return str(address)
