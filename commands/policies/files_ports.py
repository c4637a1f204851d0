"""What fetching files needs of a provider."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from commands.policies.ports import Refused, Unknown
from domain.account import ProviderName


class Whereabouts(NamedTuple):
    """Where a webhook said that a file is: its id at the provider, or an address."""

    provider: ProviderName
    media_id: str
    url: str


class Arriving(NamedTuple):
    """A file on its way: its bytes as they come, and what the provider says of it."""

    chunks: AsyncIterator[bytes]
    """Raises CutOff if they end too soon."""
    mime_type: str = ""
    sha256: str = ""


class CutOff(Exception):
    """The bytes stopped coming before the file was whole; the message says why."""


class Fetcher(Protocol):
    def fetch(
        self, where: Whereabouts
    ) -> AbstractAsyncContextManager[Arriving | Refused | Unknown]:
        """The file, to be read within the block. Our credentials go to the provider itself only,
        and what is not with the provider is refused.
        """
        ...
