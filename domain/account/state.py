"""What is known of one number."""

from datetime import datetime
from typing import Final, Literal, assert_never

import msgspec
from msgspec.structs import replace

from domain.account.events import (
    AccountEvent,
    CampaignsAllowed,
    CampaignsForbidden,
    NumberConnected,
    NumberDisconnected,
    NumberPaused,
    NumberQualityChanged,
    NumberReported,
    NumberResumed,
    Quality,
    ReadReceiptsSwitched,
    SessionAction,
    SessionAnswered,
    SessionAsked,
    SessionChanged,
    SessionQrShown,
    SessionStatus,
)
from domain.notification import NotificationRaised

REMEMBERED: Final = 200
"""So many reports are known again; a provider repeats them for some days at most."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Of a number that is reached through one. `asked` is what the provider has not answered yet,
    `codes` were shown since it last changed.
    """

    status: SessionStatus = "stopped"
    at: datetime | None = None
    asked: SessionAction | None = None
    asks: int = 0
    answered: int = 0
    qr: str = ""
    codes: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    status: Literal["absent", "connected", "disconnected", "paused"] = "absent"
    number: NumberConnected | None = None
    quality: Quality = "UNKNOWN"
    tier: str = ""
    pause_reason: str = ""
    reports: tuple[str, ...] = ()
    """The last ones, by id."""
    campaigns_allowed: bool = False
    read_receipts: bool = True
    session: Session = Session()

    @property
    def is_waha(self) -> bool:
        return self.number is not None and self.number.provider == "waha"

    @property
    def takes_links(self) -> bool:
        """Whether files may be named by an address: WAHA fetches from within our own network."""
        return not self.is_waha

    @property
    def may_campaign(self) -> bool:
        """Where the provider is of the riskier kind, only if the workspace wants it so."""
        return not self.is_waha or self.campaigns_allowed


def evolve(account: Account, event: AccountEvent) -> Account:
    """The account after that fact."""
    match event:
        case NumberConnected():
            return replace(
                account, status="connected", number=event, pause_reason="", campaigns_allowed=False
            )
        case NumberDisconnected():
            return replace(account, status="disconnected", pause_reason="")
        case NumberQualityChanged():
            return replace(account, quality=event.quality, tier=event.tier)
        case NumberPaused():
            return replace(account, status="paused", pause_reason=event.reason)
        case NumberResumed():
            return replace(account, status="connected", pause_reason="")
        case NumberReported():
            reports = (*account.reports, event.report_id)[-REMEMBERED:]
            return replace(account, reports=reports)
        case CampaignsAllowed():
            return replace(account, campaigns_allowed=True)
        case CampaignsForbidden():
            return replace(account, campaigns_allowed=False)
        case ReadReceiptsSwitched():
            return replace(account, read_receipts=event.on)
        case SessionAsked() | SessionAnswered() | SessionChanged() | SessionQrShown():
            return replace(account, session=_session(account.session, event))
        case NotificationRaised():
            return account
        case _:
            assert_never(event)


def _session(
    session: Session, event: SessionAsked | SessionAnswered | SessionChanged | SessionQrShown
) -> Session:
    match event:
        case SessionAsked():
            return replace(session, asks=event.ask, asked=event.action)
        case SessionAnswered():
            return replace(session, answered=event.ask, asked=None)
        case SessionChanged():
            at = event.at or session.at
            return replace(session, status=event.status, at=at, qr="", codes=0)
        case SessionQrShown():
            return replace(session, qr=event.qr, codes=session.codes + 1)
