"""What a provider can do besides sending where it reaches numbers through sessions."""

from datetime import datetime
from typing import NamedTuple, Protocol

from commands.policies.ports import Provider, Refused, Unknown
from domain.account import SessionAction, SessionStatus
from domain.message import Observed


class Sent(NamedTuple):
    """A message of ours as a chat shows it. `status` is as far as it got, as the provider says."""

    wamid: str
    at: datetime
    text: str
    has_media: bool
    status: Observed | None


class SessionInfo(NamedTuple):
    status: SessionStatus
    reason: str = ""


class Sessions(Provider, Protocol):
    async def carry_out(self, session: str, action: SessionAction) -> Refused | Unknown | None:
        """None when it was taken. Doing it twice does no harm."""

    async def session(self, session: str) -> SessionInfo | Refused | Unknown:
        """How it stands now."""

    async def qr(self, session: str) -> str | Refused | Unknown:
        """What the phone has to scan now."""

    async def sent_to(
        self, session: str, to: str, since: datetime
    ) -> list[Sent] | Refused | Unknown:
        """What left for somebody since then, oldest first."""
