"""What webhooks report, one value per item, whichever provider it was that told."""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from commands.policies.waha_items import OwnMessage, SessionReport
from domain.call import Step
from domain.identifier import IdentifierKind
from domain.inbound import Received

NOTHING: Final[dict[str, Any]] = {}


class NotAPayload(Exception):
    """The body as a whole is not what the provider sends; the message says why."""


class Person(NamedTuple):
    """The customer an item is about: at least one identifier, the one that counts most first.

    `said` is what the provider said of the person, under its own names.
    """

    identifiers: tuple[tuple[IdentifierKind, str], ...]
    name: str
    said: dict[str, Any]


class MessageItem(NamedTuple):
    """A message. With `echo` the company wrote it to that person, on its phone.

    `moved_to`: the person has that phone number from now on.
    """

    phone_number_id: str
    provider_id: str
    at: datetime
    person: Person
    content: Received
    echo: bool = False
    moved_to: str = ""


class EditItem(NamedTuple):
    """`provider_id` is the edited message's; the edit has an id of its own."""

    phone_number_id: str
    provider_id: str
    at: datetime
    person: Person
    content: Received
    edit_id: str
    echo: bool = False


class RevokeItem(NamedTuple):
    phone_number_id: str
    provider_id: str
    at: datetime
    person: Person
    revoke_id: str
    echo: bool = False


class ReactionItem(NamedTuple):
    """`target` is the provider's id of the message reacted to. No emoji: taken back."""

    phone_number_id: str
    provider_id: str
    at: datetime
    person: Person
    target: str
    emoji: str
    echo: bool = False


class CallItem(NamedTuple):
    phone_number_id: str
    provider_id: str
    at: datetime
    person: Person
    step: Step
    by: Literal["customer", "business"]
    details: dict[str, Any]
    video: bool = False
    seconds: int | None = None


class StatusReport(NamedTuple):
    """What became of a message of ours. `callback` is what we sent along with it.

    `participant`: only that member of a group has come so far with it.
    """

    phone_number_id: str
    callback: str
    wamid: str
    status: str
    at: datetime
    code: int
    reason: str
    details: dict[str, Any] = NOTHING
    participant: str = ""


class TemplateReport(NamedTuple):
    """`report_id` is the same for the same report however often it comes, here and below."""

    waba_id: str
    provider_template_id: str
    name: str
    language: str
    field: str
    event: str
    reason: str
    report_id: str
    at: datetime | None
    details: dict[str, Any]


class Preference(NamedTuple):
    """What a person wants to be sent: `value` is stop or resume, or another wish."""

    phone_number_id: str
    at: datetime
    person: Person
    category: str
    value: str
    details: dict[str, Any]


class NumberReport(NamedTuple):
    """About a number, by its id or as it is displayed, or else about all of an account.

    `pause` is why nothing may be sent any more; `quality` and `tier` are empty where nothing is
    said of them.
    """

    waba_ids: tuple[str, ...]
    phone_number_id: str
    display_phone_number: str
    field: str
    event: str
    report_id: str
    at: datetime | None
    details: dict[str, Any]
    quality: str = ""
    tier: str = ""
    pause: str = ""


class NotUnderstood(NamedTuple):
    """Kept for later: `what` names field and type, or what is wrong with the item."""

    what: str


FromPerson = MessageItem | EditItem | RevokeItem | ReactionItem | CallItem
FromWaha = SessionReport | OwnMessage
Item = (
    FromPerson
    | FromWaha
    | StatusReport
    | TemplateReport
    | Preference
    | NumberReport
    | NotUnderstood
)
