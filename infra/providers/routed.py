"""Every provider of an installation as one: each message leaves through its number's, or not at
all. What one of them refuses is never tried with another.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Final, Self

from commands.policies.ports import (
    Answer,
    Heard,
    NumberInfo,
    Outbound,
    Provider,
    Refused,
    Registered,
    Submission,
    Unknown,
)
from domain.account import SESSION_NAME, ProviderName

Connect = Callable[[], AbstractAsyncContextManager[Provider]]
UNREACHABLE: Final = 0


class Routed:
    """`connects` opens each provider in the event loop it is used in."""

    def __init__(self, connects: Mapping[ProviderName, Connect]) -> None:
        self._connects, self._stack = connects, AsyncExitStack()
        self._providers: dict[ProviderName, Provider] = {}

    async def __aenter__(self) -> Self:
        for name, connect in self._connects.items():
            self._providers[name] = await self._stack.enter_async_context(connect())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._providers.clear()
        await self._stack.aclose()

    async def send(self, outbound: Outbound) -> Answer:
        provider = self._providers.get(outbound.provider)
        if provider is None:
            return _nobody(outbound.provider)
        return await provider.send(outbound)

    async def hand_over(self, outbound: Outbound) -> str | Refused | Unknown:
        provider = self._providers.get(outbound.provider)
        if provider is None:
            return _nobody(outbound.provider)
        return await provider.hand_over(outbound)

    async def submit_template(self, submission: Submission) -> Registered | Refused | Unknown:
        provider = self._providers.get(submission.provider)
        if provider is None:
            return _nobody(submission.provider)
        return await provider.submit_template(submission)

    async def number(self, phone_number_id: str) -> NumberInfo | Refused | Unknown:
        """The name of a session begins with a letter, the Cloud API's id is digits."""
        name: ProviderName = "waha" if SESSION_NAME.fullmatch(phone_number_id) else "cloud_api"
        provider = self._providers.get(name)
        return _nobody(name) if provider is None else await provider.number(phone_number_id)

    async def mark_read(self, heard: Heard) -> Refused | Unknown | None:
        provider = self._providers.get(heard.provider)
        return _nobody(heard.provider) if provider is None else await provider.mark_read(heard)

    async def show_typing(self, heard: Heard) -> Refused | Unknown | None:
        provider = self._providers.get(heard.provider)
        return _nobody(heard.provider) if provider is None else await provider.show_typing(heard)

    async def hide_typing(self, heard: Heard) -> Refused | Unknown | None:
        provider = self._providers.get(heard.provider)
        return _nobody(heard.provider) if provider is None else await provider.hide_typing(heard)


def _nobody(name: str) -> Refused:
    return Refused("A", UNREACHABLE, f"this installation has no provider {name}")
