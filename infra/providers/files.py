"""The files of every provider as one: each is asked for at its number's own."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from commands.policies.files_ports import Arriving, Fetcher, Whereabouts
from commands.policies.ports import Refused, Unknown
from domain.account import ProviderName


class ProviderFiles:
    """`connects` opens a provider for one file."""

    def __init__(
        self, connects: Mapping[ProviderName, Callable[[], AbstractAsyncContextManager[Fetcher]]]
    ) -> None:
        self._connects = connects

    @asynccontextmanager
    async def fetch(self, where: Whereabouts) -> AsyncIterator[Arriving | Refused | Unknown]:
        async with self._connects[where.provider]() as provider, provider.fetch(where) as found:
            yield found
