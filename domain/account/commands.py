"""What may be asked of a number."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from domain.account.events import ProviderName, Quality, SessionAction, SessionStatus
from domain.kernel import Command


class ConnectNumber(Command):
    """0 for `pace_ms` and `messages_per_day`: as is usual for the provider."""

    account_id: UUID
    phone_number_id: str
    waba_id: str
    display_phone_number: str
    name: str = ""
    messages_per_second: int = 80
    provider: ProviderName = "cloud_api"
    pace_ms: int = 0
    messages_per_day: int = 0


class DisconnectNumber(Command):
    account_id: UUID
    reason: str = ""


class ReportNumber(Command):
    """`report_id` is the same each time it comes. Empty `quality` and `tier`: not told.

    `pause` is why nothing may be sent any more; empty where it may.
    """

    account_id: UUID
    report_id: str
    field: str
    event: str
    details: dict[str, Any]
    at: datetime | None = None
    quality: Quality | Literal[""] = ""
    tier: str = ""
    pause: str = ""


class PauseNumber(Command):
    """With `tell`, people are told: nobody of the workspace has asked for the pause."""

    account_id: UUID
    reason: str
    tell: bool = False


class ResumeNumber(Command):
    account_id: UUID


class AllowCampaigns(Command):
    account_id: UUID


class ForbidCampaigns(Command):
    account_id: UUID


class SwitchReadReceipts(Command):
    account_id: UUID
    on: bool


class AskSession(Command):
    account_id: UUID
    action: SessionAction


class AnswerSession(Command):
    """What the provider said to an ask; an answer to any but the last one is old news."""

    account_id: UUID
    ask: int
    taken: bool
    reason: str = ""


class ReportSession(Command):
    """How the session stands. Without `at` the provider was asked just now, so it is so."""

    account_id: UUID
    status: SessionStatus
    at: datetime | None = None
    reason: str = ""


class ShowQr(Command):
    account_id: UUID
    qr: str
    expires_at: datetime


AccountCommand = (
    ConnectNumber
    | DisconnectNumber
    | ReportNumber
    | PauseNumber
    | ResumeNumber
    | AllowCampaigns
    | ForbidCampaigns
    | SwitchReadReceipts
    | AskSession
    | AnswerSession
    | ReportSession
    | ShowQr
)
