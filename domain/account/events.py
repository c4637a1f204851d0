"""What can become of a number, and of the session that reaches it where there is one."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from domain.kernel import Event, PersonalText, personal
from domain.notification import NotificationRaised

Quality = Literal["GREEN", "YELLOW", "RED", "UNKNOWN"]

ProviderName = Literal["cloud_api", "waha"]
"""How a number is reached. It never changes while the number is connected."""

SessionStatus = Literal["connecting", "scan_qr", "working", "failed", "stopped"]

SessionAction = Literal["start", "stop", "restart", "logout"]


class NumberConnected(Event):
    """`phone_number_id` is the provider's name of it: for WAHA, that of the session.

    With `pace_ms` messages leave at least so far apart; with `messages_per_day` campaigns send no
    more than that in a day of UTC.
    """

    account_id: UUID
    provider: ProviderName
    phone_number_id: str
    waba_id: str
    display_phone_number: str
    name: str
    messages_per_second: int
    pace_ms: int = 0
    messages_per_day: int = 0


class NumberDisconnected(Event):
    account_id: UUID
    reason: str
    provider: ProviderName = "cloud_api"


class NumberQualityChanged(Event):
    account_id: UUID
    quality: Quality
    tier: str


class NumberPaused(Event):
    account_id: UUID
    reason: str


class NumberResumed(Event):
    account_id: UUID


class NumberReported(Event):
    """The provider told something of the number or its account; `details` is all of it.

    `field` and `event` are its own words for what it is about, `at` is when it sent that.
    """

    account_id: UUID
    report_id: str
    field: str
    event: str
    details: Annotated[dict[str, Any], personal]
    at: datetime | None = None


class CampaignsAllowed(Event):
    """The workspace takes the risk of campaigns from a number that otherwise only answers."""

    account_id: UUID


class CampaignsForbidden(Event):
    account_id: UUID


class ReadReceiptsSwitched(Event):
    """Whether customers who write to the number are told that a user has read it."""

    account_id: UUID
    on: bool


class SessionAsked(Event):
    """The provider is to do this to the session; `ask` counts from 1."""

    account_id: UUID
    action: SessionAction
    ask: int


class SessionAnswered(Event):
    """The provider took that ask, or refused it for the `reason`. Not yet what became of it."""

    account_id: UUID
    ask: int
    taken: bool
    reason: str = ""


class SessionChanged(Event):
    """How the session stands now. `at` is the provider's clock; none where we asked ourselves."""

    account_id: UUID
    status: SessionStatus
    was: SessionStatus
    reason: str = ""
    at: datetime | None = None


class SessionQrShown(Event):
    """To be scanned with the phone before `expires_at`; the next one replaces it."""

    account_id: UUID
    qr: PersonalText
    expires_at: datetime


AccountEvent = (
    NumberConnected
    | NumberDisconnected
    | NumberQualityChanged
    | NumberPaused
    | NumberResumed
    | NumberReported
    | CampaignsAllowed
    | CampaignsForbidden
    | ReadReceiptsSwitched
    | SessionAsked
    | SessionAnswered
    | SessionChanged
    | SessionQrShown
    | NotificationRaised
)
