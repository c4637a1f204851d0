"""The chat reads that people wait for most, by one client, four and sixteen at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from tests.bench.figure import Figure
from tests.bench.reading import measure
from tests.bench.scale_talks import APART
from tests.bench.scale_world import Company
from tests.bench.screens import SCREENS, Screen

AT_ONCE: Final = (1, 4, 16)
PAGE_MS, MESSAGES_MS, CONTACTS_MS = 9.0, 25.0, 20.0


def _searched(name: str, path: str, third_ms: float, *words: str) -> Screen:
    return Screen(f"{path}{name}", lambda _c, n: f"{path}={words[n % len(words)]}", third_ms)


_PAGES: Final = ("/v1/conversations", "/v1/conversations/{conversation_id}/messages")
_MESSAGES: Final = "/v1/messages/search?q"
_CONTACTS: Final = "/v1/contacts?search"
WAITED_FOR: Final[Sequence[Screen]] = (
    *(screen._replace(third_ms=PAGE_MS) for screen in SCREENS if screen.name in _PAGES),
    _searched("&one", _MESSAGES, MESSAGES_MS, "invoice", "halo", "ord", "terima"),
    _searched("&two", _MESSAGES, MESSAGES_MS, "halo+selamat", "invoice+wrong", "banyak+9"),
    _searched("&apart", _MESSAGES, MESSAGES_MS, APART),
    _searched("&one", _CONTACTS, CONTACTS_MS, "siti", "wij", "8", "62"),
    _searched("&two", _CONTACTS, CONTACTS_MS, "siti+wijaya", "budi+san", "eko+utami+9"),
    _searched("&apart", _CONTACTS, CONTACTS_MS, "siti+budi"),
)


def by_clients(
    read_url: str, port: int, companies: Sequence[Company], requests: int
) -> Iterator[Figure]:
    """A figure for each of them and each number of clients."""
    for clients in AT_ONCE:
        taken = measure(read_url, port, companies, requests, {}, WAITED_FOR, clients)
        for figure in taken:
            yield replace(figure, name=f"clients_{clients}{figure.name.removeprefix('read')}")
